"""The card at the crosshair: every visible curve's value, on the emptier side; and dots on the curves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPen

from workbench.gui import words
from workbench.gui.curves.beside import beside, value_at
from workbench.gui.curves.samples import Line, paint_sample
from workbench.gui.curves.shown import Shown, heights
from workbench.gui.curves.values import Values, values_at
from workbench.gui.widgets.sample import paint_sample as paint_run_sample

if TYPE_CHECKING:
    from workbench.gui.curves.frame import Frame

_AWAY = 14.0
_PAD = 11.0
#: In the lowest lanes the card's rows stand in so many columns.
_MOST_COLUMNS = 4
#: Rows of other runs in the card.
_MOST_OTHERS = 6


def paint(painter: QPainter, shown: Shown, frame: Frame, labels: list[QRectF]) -> None:
    """Dots on the curves and the card beside the crosshair."""
    at, x = values_at(shown), shown.cursor_x()
    if at is None or x is None or not -1 <= frame.px1(x) <= frame.width + 1:
        return
    inks, pixel = shown.inks, frame.px1(x)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(inks.text, 1.4))
    dots = ((at.training, inks.training), (at.remeasured, inks.ground), (at.validation, inks.validation))
    for value, colour in dots:
        height = frame.py1(float(heights(np.array([value]), log=shown.log)[0]))
        if math.isfinite(height) and 0 <= height <= frame.height:
            painter.setBrush(colour)
            painter.drawEllipse(QPointF(pixel, height), 5.2, 5.2)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    _Card(shown, at, frame.height).paint(painter, shown, frame, pixel, labels)


def card_rect(shown: Shown, frame: Frame, labels: list[QRectF]) -> QRectF | None:
    """Where the card stands now; None when there is none."""
    at, x = values_at(shown), shown.cursor_x()
    if at is None or x is None:
        return None
    return _Card(shown, at, frame.height).place(shown, frame, frame.px1(x), labels)


class _Card:
    def __init__(self, shown: Shown, at: Values, room: float = math.inf) -> None:
        """`room`: how high the lane is; in a low one rows are closer, in a very low one they stand in columns."""
        inks = shown.inks
        self._inks, self._at = inks, at
        rows: list[tuple[str, str, Line | int | None]] = [
            ("Training", words.loss(at.training), Line.TRAINING),
            ("This step", words.loss(at.own), Line.RAW),
        ]
        if not math.isnan(at.validation):
            rows.append(("Validation", words.loss(at.validation), Line.VALIDATION))
        if not math.isnan(at.remeasured):
            rows.append(("Re-measured", words.loss(at.remeasured), Line.REMEASURED))
        if not math.isnan(at.mean):
            rows.append(("Epoch mean", words.loss(at.mean), Line.MEAN))
        if not math.isnan(at.penalty):
            rows.append(("Penalty", words.loss(at.penalty), Line.PENALTY))
        if math.isfinite(at.above_best):
            rows.append(("Above best", words.signed(at.above_best), None))
        rows += _others(shown, at.epoch)
        self._rows = rows
        theme = inks.theme
        self._row = float(theme.px(20))
        widest = max(inks.secondary_metrics.horizontalAdvance(name + value) for name, value, _ in rows)
        self._column = max(theme.px(172) - 2 * _PAD, widest + 27 + 14)
        self._lines = len(rows)
        for columns in range(2, _MOST_COLUMNS + 1):
            if (room - 22) / (self._lines + 1) >= inks.secondary_metrics.height():
                break
            self._column, self._lines = widest + 27 + 14, -(-len(rows) // columns)
        self._row = min(self._row, (room - 22) / (self._lines + 1))
        columns = -(-len(rows) // self._lines)
        self.width = columns * self._column + (columns + 1) * _PAD
        self.height = self._row * (self._lines + 1) + 14

    def place(self, shown: Shown, frame: Frame, pixel: float, labels: list[QRectF]) -> QRectF:
        """Beside the line, where least is drawn; it never covers the dots, which stand on the line."""
        best, chosen = math.inf, QRectF()
        highest = min(10.0, max(0.0, (frame.height - self.height) / 2))
        lowest = max(highest, frame.height - self.height - 10)
        for top in (highest, lowest, (highest + lowest) / 2):
            for left in (pixel - _AWAY - self.width, pixel + _AWAY):
                rect = QRectF(round(left), round(top), self.width, self.height)
                outside = max(0.0, 4 - rect.left()) + max(0.0, rect.right() - frame.width + 4)
                covered = sum(200.0 for label in labels if label.intersects(rect))
                cost = outside * 1000 + covered + drawn_under(shown, frame, rect)
                if cost < best:
                    best, chosen = cost, rect
        if (
            chosen.right() > frame.width or chosen.left() < 0
        ):  # wider than either side: better over the line than cut off
            chosen.moveLeft(max(0.0, min(chosen.left(), frame.width - chosen.width())))
        return chosen

    def paint(self, painter: QPainter, shown: Shown, frame: Frame, pixel: float, labels: list[QRectF]) -> None:
        inks = self._inks
        rect = self.place(shown, frame, pixel, labels)
        painter.setPen(inks.edge)
        painter.setBrush(inks.card)
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        line = QRectF(rect.left() + _PAD, rect.top() + 7, rect.width() - 2 * _PAD, self._row)
        left, right = (
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
        )
        painter.setFont(inks.secondary_strong)
        painter.setPen(inks.text)
        painter.drawText(line, left, f"Epoch {words.count(self._at.epoch)}")
        painter.setFont(inks.caption)
        painter.setPen(inks.text2)
        painter.drawText(line, right, f"step {words.count(self._at.step)}")
        for each, (name, value, sample) in enumerate(self._rows):
            column, number = divmod(each, self._lines)
            corner = rect.topLeft() + QPointF(_PAD + column * (self._column + _PAD), 7 + (number + 1) * self._row)
            line = QRectF(corner, QSizeF(self._column, self._row))
            indent = 0.0
            if sample is not None:
                indent = 27.0
                place = QRectF(line.left(), line.top(), 20, self._row)
                if isinstance(sample, Line):
                    paint_sample(painter, inks, place, sample)
                else:
                    paint_run_sample(painter, place.toAlignedRect(), inks.theme, sample)
            painter.setFont(inks.secondary)
            painter.setPen(inks.text2)
            painter.drawText(line.adjusted(indent, 0, 0, 0), left, name)
            painter.setFont(inks.secondary_strong)
            painter.setPen(inks.text)
            painter.drawText(line, right, value)


def _others(shown: Shown, epoch: int) -> list[tuple[str, str, Line | int | None]]:
    """The validation loss of each other run that is shown, at the same epoch; as many as there is room for."""
    runs = beside(shown)
    rows: list[tuple[str, str, Line | int | None]] = []
    for run in runs[:_MOST_OTHERS]:
        value = value_at(run, "val_loss", epoch)
        told = (
            words.loss(value) if value is not None else f"ended at {run.run.epochs}" if run.run.epochs < epoch else "–"
        )
        rows.append((run.run.name, told, run.slot))
    if len(runs) > _MOST_OTHERS:
        rows.append((f"and {words.count(len(runs) - _MOST_OTHERS)} more", "", None))
    return rows


def drawn_under(shown: Shown, frame: Frame, rect: QRectF) -> float:
    """How much of the curves lies under a rectangle: points of the raw line and of validation."""
    curves, axis = shown.curves, shown.axis
    assert curves is not None
    low, high = frame.x_at(rect.left()), frame.x_at(rect.right())
    seen = curves.loss.see(curves.axes.place_of_x(axis, low), curves.axes.place_of_x(axis, high), 40)
    x = curves.axes.x_of_epochs(axis)
    values = curves.epochs.metric("val_loss")[(x >= low) & (x <= high)]
    total = 0.0
    for part, weight in ((seen.values, 1.0), (values, 4.0)):
        y = frame.py(heights(part, log=shown.log))
        total += weight * float(np.count_nonzero((y >= rect.top()) & (y <= rect.bottom())))
    return total
