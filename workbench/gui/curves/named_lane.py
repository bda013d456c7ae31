"""A small lane with its name inside, and the values at the crosshair beside it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from workbench.gui.curves.frame import Frame
from workbench.gui.curves.lane import Lane
from workbench.gui.curves.values import Values, values_at

TICK_ROOM = 24
#: A lane's name and its values at the crosshair take no more than this, in pixels at 100 %.
_NAME_ROOM = 320

#: A value in words and its colour.
Named = tuple[str, QColor]


class NamedLane(Lane):
    """A lane under the loss; subclasses say their name and what stands beside it."""

    def title(self) -> str:
        return ""

    def told(self, _at: Values) -> Sequence[Named]:
        """The values at the crosshair."""
        return ()

    def forget_range(self) -> None:
        """Take the range that suits best, whatever was there before."""
        self.y_range, self.y_free = (0.0, -1.0), False
        self.set_y(self.wanted_y())

    def most_ticks(self) -> int:
        return max(1, int(self.frame().height / self.shown.inks.theme.px(TICK_ROOM)))

    def cursor_area(self) -> list[QRectF]:
        width, height = self.shown.inks.theme.px(_NAME_ROOM), self.shown.inks.strong_metrics.height()
        return [*super().cursor_area(), QRectF(0, 0, width, height + 8)]

    def paint_over(self, painter: QPainter, frame: Frame) -> None:
        super().paint_over(painter, frame)
        at = values_at(self.shown)
        self._paint_name(painter, frame, self.told(at) if at is not None else ())

    def _paint_name(self, painter: QPainter, frame: Frame, values: Sequence[Named]) -> None:
        """On the plot's ground, so that it stays readable."""
        inks = self.shown.inks
        if frame.exposed.left() > inks.theme.px(_NAME_ROOM):
            return
        gap, name = 10.0, self.title()
        width = inks.strong_metrics.horizontalAdvance(name) + sum(
            inks.strong_metrics.horizontalAdvance(text) + gap for text, _ in values
        )
        height = inks.strong_metrics.height()
        painter.fillRect(QRectF(4, 4, width + 6, height + 2), inks.ground)
        painter.setFont(inks.caption_strong)
        left = 7.0
        for text, colour in ((name, inks.text2), *values):
            painter.setPen(colour)
            painter.drawText(
                QRectF(left, 5, width, height), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text
            )
            left += inks.strong_metrics.horizontalAdvance(text) + gap
