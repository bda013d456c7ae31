"""Lines of the racers within a pyqtgraph view: each in its colour, dash and marker, painted in pixels and cut to the view.

pyqtgraph's own dashed lines of 2 px take far too long, and a path that runs away would be dashed for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from workbench.descent.surfaces import Floats
from workbench.gui import tokens
from workbench.gui.curves import dashes
from workbench.gui.widgets.sample import marker_shape

#: A marker is left out where it would come nearer than so many pixels to the one before.
_APART = 11.0
_WIDTH = 1.8
#: Lines are cut a little outside of the view, so that a thick one ends out of sight.
_RIM = 4.0
#: Pixels; what is farther away breaks a line.
_FAR = 1e9


@dataclass(frozen=True)
class Stroke:
    """One line: x and y in the view's own units, broken where they are no numbers."""

    x: Floats
    y: Floats
    colour: QColor
    dash: tuple[float, ...] = ()
    marker: str = ""
    hollow: bool = False
    width: float = _WIDTH


class Strokes(pyqtgraph.GraphicsObject):  # type: ignore[misc] # pyqtgraph has no types
    """See the module."""

    def __init__(self, ground: QColor) -> None:
        super().__init__()
        self._strokes: tuple[Stroke, ...] = ()
        self._ground = ground
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)

    def show(self, strokes: Sequence[Stroke], ground: QColor) -> None:
        """Draw these, the first lowest."""
        self._strokes, self._ground = tuple(strokes), ground
        self.update()

    def boundingRect(self) -> QRectF:
        box = self.getViewBox()
        return box.viewRect() if box is not None else QRectF()

    def viewRangeChanged(self) -> None:
        self.prepareGeometryChange()
        self.update()

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        to_pixels = painter.transform()
        seen = to_pixels.mapRect(self.boundingRect()).adjusted(-_RIM, -_RIM, _RIM, _RIM)
        painter.resetTransform()
        lines = [_mapped(to_pixels, stroke) for stroke in self._strokes]
        cut = dashes.strokes(
            lines, [stroke.dash for stroke in self._strokes], (seen.left(), seen.right()), (seen.top(), seen.bottom())
        )
        for stroke, pieces, line in zip(self._strokes, cut, lines, strict=True):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(stroke.colour, stroke.width))
            dashes.draw(painter, pieces)
            if stroke.marker:
                self._mark(painter, stroke, line, seen)
        painter.setTransform(to_pixels)

    def _mark(self, painter: QPainter, stroke: Stroke, line: tuple[Floats, Floats], seen: QRectF) -> None:
        painter.setPen(QPen(stroke.colour if stroke.hollow else self._ground, 1.2))
        painter.setBrush(self._ground if stroke.hollow else stroke.colour)
        if stroke.marker == "cross":
            painter.setPen(QPen(stroke.colour, 1.8))
        last: tuple[float, float] | None = None
        for x, y in zip(line[0].tolist(), line[1].tolist(), strict=True):
            if not seen.contains(QPointF(x, y)) or (last and abs(x - last[0]) + abs(y - last[1]) < _APART):
                continue
            last = (x, y)
            painter.drawPolygon(marker_shape(stroke.marker, QPointF(x, y), 3.6))


def _mapped(to_pixels: QTransform, stroke: Stroke) -> tuple[Floats, Floats]:
    """The line in pixels; the views are never turned. What is no number, or too far for one, breaks it."""
    with np.errstate(all="ignore"):
        x = stroke.x * to_pixels.m11() + to_pixels.dx()
        y = stroke.y * to_pixels.m22() + to_pixels.dy()
        lost = ~(np.isfinite(x) & np.isfinite(y) & (np.abs(x) < _FAR) & (np.abs(y) < _FAR))
    return np.where(lost, 0.0, x), np.where(lost, np.nan, y)


def racer_look(slot: int) -> tuple[tuple[float, ...], str, bool]:
    """Dash, marker and whether it is hollow, for a racer's place on the list: as a run's line has them."""
    count = len(tokens.RUN_MARKERS)
    return tokens.RUN_DASHES[slot % count], tokens.RUN_MARKERS[slot % count], slot >= count
