"""The words under the lanes: the one x axis they share."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.curves.axes import Axis
from workbench.gui.curves.scales import Tick, time_ticks, whole_ticks
from workbench.gui.curves.shown import Shown

#: Room a tick and its words need at least, in pixels of the body size.
_TICK_ROOM = 58


def x_ticks(shown: Shown, width: float) -> tuple[Tick, ...]:
    """The ticks for the present range, as many as fit."""
    most = max(2, int(width / shown.inks.theme.px(_TICK_ROOM)))
    if shown.axis is Axis.TIME:
        return tuple(tick for tick in time_ticks(*shown.x, most) if tick.value)
    return whole_ticks(*shown.x, most)


class XAxis(QWidget):
    """The strip under the last lane: ticks' words and the axis' name at the right."""

    def __init__(self, shown: Shown) -> None:
        super().__init__()
        self._shown = shown
        self._left = 50
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(200, self._shown.inks.theme.px(24))

    def set_left(self, left: int) -> None:
        """Where the plots begin."""
        self._left = left
        self.updateGeometry()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        shown, inks = self._shown, self._shown.inks
        width = self.width() - self._left
        painter = QPainter(self)
        painter.setFont(inks.caption)
        painter.setPen(inks.text3)
        name = shown.axis.value
        name_left = self.width() - inks.metrics.horizontalAdvance(name) - 2
        height = self.height()
        painter.drawText(QRectF(name_left, 0, 200, height), Qt.AlignmentFlag.AlignVCenter, name)
        low, high = shown.x
        for tick in x_ticks(shown, width):
            room = inks.metrics.horizontalAdvance(tick.text) + 8
            middle = self._left + (tick.value - low) * width / (high - low)
            if middle + room / 2 < name_left:
                box = QRectF(middle - room / 2, 0, room, height)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, tick.text)
        painter.end()
