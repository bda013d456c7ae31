"""What a lane is put together from: its left axis, and the layers that paint into its plot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyqtgraph
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

if TYPE_CHECKING:
    from workbench.gui.curves.lane import Lane


class TickAxis(pyqtgraph.AxisItem):  # type: ignore[misc] # pyqtgraph has no types
    """The left axis: words beside the plot, nothing else (pyqtgraph draws ticks of length 0 as dots)."""

    def __init__(self, lane: Lane) -> None:
        super().__init__("left")
        self._lane = lane
        # Ticks would reach into the plot, and every curve painted would have the words painted too.
        self.setStyle(tickLength=0)
        # It has no label whose unit would have to follow the range.
        self.enableAutoSIPrefix(enable=False)

    def paint(self, painter: QPainter, _option: object, _widget: object) -> None:
        lane, inks = self._lane, self._lane.shown.inks
        frame = lane.frame()
        painter.setFont(inks.caption)
        painter.setPen(inks.text3)
        height = inks.metrics.height()
        right = self.size().width() - 6
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        taken = lane.paint_axis_extra(painter, right)
        for tick in lane.ticks():
            middle = min(max(frame.py1(tick.value), height / 2 - 2), frame.height - height / 2 + 2)
            if middle - height / 2 >= taken:
                painter.drawText(QRectF(0, middle - height / 2, right, height), flags, tick.text)


class Layer(QGraphicsItem):
    """The painted part of a lane: below the curves, above (`over`) what follows the crosshair."""

    def __init__(self, lane: Lane, parent: QGraphicsItem, *, over: bool) -> None:
        super().__init__(parent)
        self._lane, self._over = lane, over
        self._rect = QRectF()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self.setZValue(20 if over else 10)

    def resize(self, rect: QRectF) -> None:
        self.prepareGeometryChange()
        self._rect = rect

    def boundingRect(self) -> QRectF:
        return self._rect

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        frame = self._lane.frame(QRectF(option.exposedRect))
        if self._over:
            self._lane.paint_over(painter, frame)
        else:
            self._lane.paint_lane(painter, frame)
