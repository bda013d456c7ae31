"""The generalisation gap: validation minus training at each epoch's end, of the loss (line) and of accuracy (dashed).

The two have a common zero line and a scale each: the loss has the ticks, accuracy says its last value at the line's end.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from workbench.curves import gap
from workbench.curves.axes import Doubles
from workbench.gui import words
from workbench.gui.curves.choices import Strip
from workbench.gui.curves.frame import Frame
from workbench.gui.curves.named_lane import Named, NamedLane
from workbench.gui.curves.scales import Range, Tick, settled, value_ticks
from workbench.gui.curves.shown import Shown
from workbench.gui.curves.strokes import polyline
from workbench.gui.curves.values import Values


def points(share: float) -> str:
    """A difference of accuracies: −2.1 points."""
    return f"{words.signed(share * 100, 1)} points"


class GapLane(NamedLane):
    """See the module."""

    def __init__(self, shown: Shown) -> None:
        super().__init__(shown, "gapPlot")

    def title(self) -> str:
        curves = self.shown.curves
        if curves is None or not len(curves.epochs) or gap.remeasured(curves.epochs):
            return Strip.GAP.words
        return f"{Strip.GAP.words} (training not re-measured)"

    def _gaps(self, name: str) -> Doubles:
        return gap.gaps(self.shown.curves.epochs, name) if self.shown.curves is not None else np.empty(0)

    def wanted_y(self) -> Range:
        values = self._gaps("loss")
        values = values[np.isfinite(values)]
        if not len(values):
            return (-0.1, 0.3)
        low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
        room = (high - low) or 0.1
        behind = self._gaps("accuracy")
        if (behind[np.isfinite(behind)] < 0).any():  # its line goes below zero and wants some room there
            low = min(low, -0.5 * room)
        return settled(self.y_range, (low - 0.15 * room, high + 0.45 * room), kept=0.6)

    def own_past(self) -> tuple[object, ...]:
        """Accuracy's scale follows its greatest value; and the names at the ends move with each epoch."""
        return (self._factor(), len(self._gaps("loss")))

    def _factor(self) -> float:
        """What a difference of accuracies is multiplied by, to stand on the loss's scale."""
        values = self._gaps("accuracy")
        values = values[np.isfinite(values)]
        below, above = -float(values.min(initial=0.0)), float(values.max(initial=0.0))
        factors = [
            room / most for room, most in ((-0.8 * self.y_range[0], below), (0.7 * self.y_range[1], above)) if most
        ]
        return min((factor for factor in factors if factor > 0), default=1.0)

    def ticks(self) -> Sequence[Tick]:
        if self.shown.empty:
            return []
        low, high = self.y_range
        ticks = value_ticks(low, high, self.most_ticks())
        return [tick for tick in ticks if tick.value < high - 0.25 * (high - low)]

    def paint_curves(self, painter: QPainter, frame: Frame) -> None:
        curves, inks = self.shown.curves, self.shown.inks
        assert curves is not None
        zero = round(frame.py1(0.0))
        painter.setPen(inks.zero)
        painter.drawLine(QPointF(frame.exposed.left(), zero), QPointF(frame.exposed.right(), zero))
        x = frame.px(curves.axes.x_of_epochs(self.shown.axis))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for name, pen, factor in (
            ("accuracy", inks.strip_second, self._factor()),
            ("loss", inks.small_line, 1.0),
        ):
            values = self._gaps(name)
            y = frame.py(values * factor)
            painter.setPen(pen)
            polyline(painter, x, y)
            if name == "accuracy" and len(values) and math.isfinite(values[-1]):
                self._paint_end(painter, frame, float(x[-1]), float(y[-1]), points(float(values[-1])))

    def _paint_end(self, painter: QPainter, frame: Frame, x: float, y: float, text: str) -> None:
        inks = self.shown.inks
        width, height = inks.metrics.horizontalAdvance(text), inks.metrics.height()
        beside = x + 6 + width <= frame.width
        left = x + 6 if beside else x - width - 6
        # Without room beside its end it stands over the line, or under it.
        top = y - height / 2 if beside else y - height - 1 if y > height + 2 else y + 2
        top = min(max(0.0, top), frame.height - height)
        painter.setFont(inks.caption)
        painter.setPen(inks.text3)
        painter.drawText(
            QRectF(left, top, width + 2, height), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text
        )

    def told(self, at: Values) -> Sequence[Named]:
        inks = self.shown.inks
        found = [(words.signed(at.gap), inks.validation_text)] if math.isfinite(at.gap) else []
        return [*found, *([(points(at.accuracy_gap), inks.text3)] if math.isfinite(at.accuracy_gap) else [])]
