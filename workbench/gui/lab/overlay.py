"""What is painted over a pyqtgraph view in pixels, so that it has the same size on screen whatever the scale."""

from __future__ import annotations

import pyqtgraph
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QTransform
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget


class Overlay(pyqtgraph.GraphicsObject):  # type: ignore[misc] # pyqtgraph has no types
    """Covers its view; who inherits it paints by `paint_pixels`."""

    def paint_pixels(self, painter: QPainter, to_pixels: QTransform, seen: QRectF) -> None:
        """Paint in pixels: `to_pixels` maps the view's own units to them, `seen` is the view."""
        raise NotImplementedError

    def boundingRect(self) -> QRectF:
        box = self.getViewBox()
        return box.viewRect() if box is not None else QRectF()

    def viewRangeChanged(self) -> None:
        self.prepareGeometryChange()
        self.update()

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        to_pixels = painter.transform()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint_pixels(painter, to_pixels, to_pixels.mapRect(self.boundingRect()))
        painter.setTransform(to_pixels)
