"""What the crosshair stands on, in numbers and words, and the card that shows it on the emptier side."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from workbench.gui import words
from workbench.gui.curves.inks import CIRCLE, Inks
from workbench.gui.curves.shown import Shown, heights

if TYPE_CHECKING:
    from workbench.gui.curves.lane import Frame

_AWAY = 14.0
_PAD = 11.0


@dataclass(frozen=True)
class Values:
    """The numbers at the crosshair; NaN where there is none."""

    epoch: int
    step: int
    training: float
    validation: float
    above_best: float
    training_accuracy: float
    validation_accuracy: float
    rate: float
    #: what penalties on the weights add to the loss
    penalty: float = math.nan


def values_at(shown: Shown) -> Values | None:
    """What is known where the crosshair stands; None without a crosshair or without steps."""
    curves, cursor = shown.curves, shown.cursor
    if curves is None or cursor is None or not (curves.steps or len(curves.epochs)):
        return None
    ends = curves.epochs.step.view
    if cursor.epoch is not None:
        row = int(np.searchsorted(curves.epochs.number.view, cursor.epoch))
    else:
        row = int(np.searchsorted(ends, cursor.place + 1, side="right")) - 1
    known = 0 <= row < len(ends)
    place = min(cursor.place, curves.steps - 1)
    smooth = float(curves.smooth_loss.at([place])[0]) if place >= 0 else math.nan
    if math.isnan(smooth) and place >= 0:
        smooth = float(curves.loss.values[place])
    validation = float(curves.epochs.metric("val_loss")[row]) if known else math.nan
    best = curves.best
    return Values(
        epoch=cursor.epoch or int(cursor.place / (curves.steps_per_epoch or 1)) + 1,
        step=cursor.place + 1,
        training=smooth,
        validation=validation,
        above_best=validation - best.value if best is not None and known and best.metric == "val_loss" else math.nan,
        training_accuracy=float(curves.smooth_accuracy.at([place])[0]) if place >= 0 else math.nan,
        validation_accuracy=float(curves.epochs.metric("val_accuracy")[row]) if known else math.nan,
        rate=float(curves.learning_rate.values[place]) if place >= 0 else math.nan,
        penalty=float(curves.penalty.values[place]) if place >= 0 and curves.penalized else math.nan,
    )


def spoken(shown: Shown) -> str:
    """The crosshair in a sentence: epoch, training, validation."""
    at = values_at(shown)
    if at is None:
        return ""
    parts = [f"Epoch {at.epoch}, step {at.step}.", f"Training {words.loss(at.training)}."]
    if math.isfinite(at.validation):
        parts.append(f"Validation {words.loss(at.validation)}.")
    return " ".join(parts)


def paint(painter: QPainter, shown: Shown, frame: Frame, labels: list[QRectF]) -> None:
    """Dots on the curves and the card beside the crosshair."""
    at, x = values_at(shown), shown.cursor_x()
    if at is None or x is None or not -1 <= frame.px1(x) <= frame.width + 1:
        return
    inks, pixel = shown.inks, frame.px1(x)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(inks.text, 1.4))
    for value, colour in ((at.training, inks.training), (at.validation, inks.validation)):
        height = frame.py1(float(heights(np.array([value]), log=shown.log)[0]))
        if math.isfinite(height) and 0 <= height <= frame.height:
            painter.setBrush(colour)
            painter.drawEllipse(QPointF(pixel, height), 5.2, 5.2)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    _Card(inks, at).paint(painter, shown, frame, pixel, labels)


def card_rect(shown: Shown, frame: Frame, labels: list[QRectF]) -> QRectF | None:
    """Where the card stands now; None when there is none."""
    at, x = values_at(shown), shown.cursor_x()
    if at is None or x is None:
        return None
    return _Card(shown.inks, at).place(shown, frame, frame.px1(x), labels)


class _Card:
    def __init__(self, inks: Inks, at: Values) -> None:
        self._inks, self._at = inks, at
        self._rows: list[tuple[str, str, QColor | None]] = [("Training", words.loss(at.training), inks.training)]
        if not math.isnan(at.validation):
            self._rows.append(("Validation", words.loss(at.validation), inks.validation))
        if math.isfinite(at.penalty):
            self._rows.append(("Penalty", words.loss(at.penalty), None))
        if math.isfinite(at.above_best):
            self._rows.append(("Above best", words.signed(at.above_best), None))
        theme = inks.theme
        self._row = float(theme.px(20))
        self.width = float(theme.px(172))
        self.height = self._row * (len(self._rows) + 1) + 14

    def place(self, shown: Shown, frame: Frame, pixel: float, labels: list[QRectF]) -> QRectF:
        """Beside the line, where least is drawn; it never covers the dots, which stand on the line."""
        best, chosen = math.inf, QRectF()
        lowest = max(10.0, frame.height - self.height - 10)
        for top in (10.0, lowest, (10.0 + lowest) / 2):
            for left in (pixel - _AWAY - self.width, pixel + _AWAY):
                rect = QRectF(round(left), round(top), self.width, self.height)
                outside = max(0.0, 4 - rect.left()) + max(0.0, rect.right() - frame.width + 4)
                covered = sum(200.0 for label in labels if label.intersects(rect))
                cost = outside * 1000 + covered + drawn_under(shown, frame, rect)
                if cost < best:
                    best, chosen = cost, rect
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
        for name, value, colour in self._rows:
            line.translate(0, self._row)
            indent = 0.0
            if colour is not None:
                indent = 27.0
                paint_sample(painter, inks, QRectF(line.left(), line.top(), 20, self._row), training=name == "Training")
            painter.setFont(inks.secondary)
            painter.setPen(inks.text2)
            painter.drawText(line.adjusted(indent, 0, 0, 0), left, name)
            painter.setFont(inks.secondary_strong)
            painter.setPen(inks.text)
            painter.drawText(line, right, value)


def drawn_under(shown: Shown, frame: Frame, rect: QRectF) -> float:
    """How much of the curves lies under a rectangle: points of the raw line and of validation."""
    curves, axis = shown.curves, shown.axis
    assert curves is not None
    low, high = frame.x_at(rect.left()), frame.x_at(rect.right())
    seen = curves.loss.see(curves.place_of_x(axis, low), curves.place_of_x(axis, high), 40)
    x = curves.x_of_epochs(axis)
    values = curves.epochs.metric("val_loss")[(x >= low) & (x <= high)]
    total = 0.0
    for part, weight in ((seen.values, 1.0), (values, 4.0)):
        y = frame.py(heights(part, log=shown.log))
        total += weight * float(np.count_nonzero((y >= rect.top()) & (y <= rect.bottom())))
    return total


def paint_sample(painter: QPainter, inks: Inks, rect: QRectF, *, training: bool) -> None:
    """The line as it is in the plot: raw under smoothed, or a line with its hollow circle."""
    middle = rect.center().y()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if training:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.setPen(inks.raw)
        for number, reach in enumerate((3, 5, 2, 4, 6, 3, 5, 2, 4, 3)):
            x = round(rect.left() + 1 + number * (rect.width() - 2) / 9)
            painter.drawLine(QPointF(x, middle - reach), QPointF(x, middle + reach))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(inks.smooth)
    else:
        painter.setPen(inks.line)
    painter.drawLine(QPointF(rect.left() + 1, middle), QPointF(rect.right() - 1, middle))
    if not training:
        painter.setPen(inks.circle)
        painter.setBrush(inks.card)
        painter.drawEllipse(rect.center(), CIRCLE / 2, CIRCLE / 2)
        painter.setBrush(Qt.BrushStyle.NoBrush)
