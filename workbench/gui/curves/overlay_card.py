"""The card at the crosshair of several runs: each run's line sample, name, and value or why it has none."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from workbench.gui import words
from workbench.gui.curves.overlaid import Overlaid, Reading
from workbench.gui.curves.overlay import View
from workbench.gui.widgets.sample import paint_sample

_AWAY = 11.0
_PAD = 12.0
_SAMPLE = 22
#: A long name is cut rather than that the card covers the plot.
_NAME_MOST = 150

#: How much is drawn under a rectangle.
Covered = Callable[[QRectF], float]


class Card:
    """The readout of one moment."""

    def __init__(self, shown: Overlaid, view: View) -> None:
        inks = view.inks.inks
        self._shown, self._inks, self._view = shown, inks, view
        self._row = float(inks.theme.px(20))
        self._rows, self._more = self._chosen_rows(shown.readings())
        names = [inks.secondary_metrics.horizontalAdvance(row.run.run.name) for row in self._rows]
        self._name = min(float(inks.theme.px(_NAME_MOST)), max(names, default=0.0) + 2)
        values = [inks.secondary_metrics.horizontalAdvance(row.words) for row in self._rows]
        self.width = math.ceil(2 * _PAD + _SAMPLE + 10 + self._name + 14 + max(values, default=0.0))
        self.height = self._row * (1 + len(self._rows) + bool(self._more)) + 16

    def _chosen_rows(self, readings: list[Reading]) -> tuple[list[Reading], int]:
        """As many as there is room for: all in order, or else the chosen run and the best ones."""
        room = max(2, int((self._view.height - 36) / self._row) - 2)
        if len(readings) <= room:
            return readings, 0
        sign = -1.0 if self._shown.share else 1.0

        def rank(reading: Reading) -> tuple[bool, bool, float]:
            value = reading.value
            known = value is not None and math.isfinite(value)
            return reading.run.run.id != self._shown.chosen, not known, sign * value if known and value else 0.0

        return sorted(readings, key=rank)[:room], len(readings) - room

    def place(self, covered: Covered) -> QRectF:
        """Beside the line, where least is drawn; it never covers the dots, which stand on the line."""
        at = self._shown.at
        assert at is not None
        pixel, frame = self._view.frame.px1(at), self._view
        best, chosen = math.inf, QRectF()
        lowest = max(10.0, frame.height - self.height - 10)
        for top in (10.0, lowest, (10.0 + lowest) / 2):
            for left in (pixel - _AWAY - self.width, pixel + _AWAY):
                rect = QRectF(round(left), round(top), self.width, self.height)
                outside = max(0.0, 4 - rect.left()) + max(0.0, rect.right() - frame.width + 4)
                cost = outside * 1000 + covered(rect)
                if cost < best:
                    best, chosen = cost, rect
        return chosen

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        inks = self._inks
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(inks.edge)
        painter.setBrush(inks.card)
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        line = QRectF(rect.left() + _PAD, rect.top() + 8, rect.width() - 2 * _PAD, self._row)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.setFont(inks.secondary_strong)
        painter.setPen(inks.text)
        painter.drawText(line, left, self._shown.heading())
        for row in self._rows:
            line.translate(0, self._row)
            self._paint_row(painter, line, row)
        if self._more:
            line.translate(0, self._row)
            painter.setFont(inks.secondary)
            painter.setPen(inks.text3)
            painter.drawText(line, left, f"and {words.count(self._more)} more")

    def _paint_row(self, painter: QPainter, line: QRectF, row: Reading) -> None:
        inks = self._inks
        sample = QRect(QPoint(round(line.left()), round(line.top())), QSize(_SAMPLE, round(line.height())))
        paint_sample(painter, sample, inks.theme, row.run.slot)
        chosen = row.run.run.id == self._shown.chosen
        font = inks.secondary_strong if chosen else inks.secondary
        painter.setFont(font)
        painter.setPen(inks.text if chosen else inks.text2)
        name = QFontMetricsF(font).elidedText(row.run.run.name, Qt.TextElideMode.ElideRight, self._name)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(line.adjusted(_SAMPLE + 10, 0, 0, 0), Qt.AlignmentFlag.AlignLeft | middle, name)
        painter.setFont(inks.secondary_strong if row.value is not None else inks.secondary)
        painter.setPen(inks.text if row.value is not None else inks.text3)
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | middle, row.words)
