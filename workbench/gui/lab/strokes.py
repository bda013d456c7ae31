"""Lines of the racers within a pyqtgraph view: each in its colour, dash and marker, painted in pixels and cut to the view.

pyqtgraph's own dashed lines of 2 px take far too long, and a path that runs away would be dashed for ever.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap, QTransform
from PySide6.QtWidgets import QGraphicsItem

from workbench.descent.surfaces import Floats
from workbench.gui import tokens
from workbench.gui.curves import dashes
from workbench.gui.lab.overlay import Overlay
from workbench.gui.theme import Theme
from workbench.gui.widgets.sample import marker_shape

#: A marker is left out where it would come nearer than so many pixels to the one before.
_APART = 11.0
_WIDTH = 1.8
#: The side of a marker's picture.
_STAMP = 14
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


class Strokes(Overlay):
    """See the module."""

    def __init__(self, ground: QColor) -> None:
        super().__init__()
        self._strokes: tuple[Stroke, ...] = ()
        self._ground = ground
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)

    def draw(self, strokes: Sequence[Stroke], ground: QColor) -> None:
        """Draw these, the first lowest."""
        self._strokes, self._ground = tuple(strokes), ground
        self.update()

    def paint_pixels(self, painter: QPainter, to_pixels: QTransform, seen: QRectF) -> None:
        seen = seen.adjusted(-_RIM, -_RIM, _RIM, _RIM)
        lines = [_mapped(to_pixels, stroke) for stroke in self._strokes]
        cut = dashes.strokes(
            lines, [stroke.dash for stroke in self._strokes], (seen.left(), seen.right()), (seen.top(), seen.bottom())
        )
        for stroke, pieces, line in zip(self._strokes, cut, lines, strict=True):
            painter.setPen(QPen(stroke.colour, stroke.width))
            dashes.draw(painter, pieces)
            if stroke.marker:
                self._mark(painter, stroke, line, seen)

    def _mark(self, painter: QPainter, stroke: Stroke, line: tuple[Floats, Floats], seen: QRectF) -> None:
        """Markers along the line: copies of one picture, as an outline each takes ten times as long."""
        ratio = painter.device().devicePixelRatio()
        key = (stroke.colour.rgba(), self._ground.rgba(), stroke.marker, stroke.hollow, ratio)
        dashes.draw_copies(painter, _stamp(*key), _marked(*line, seen))


def _marked(x: Floats, y: Floats, seen: QRectF) -> Floats:
    """Which points in view have a marker: those at which the line has gone far enough since the last. Rows of x, y."""
    good = np.isfinite(y)
    good &= (x >= seen.left()) & (x <= seen.right()) & (y >= seen.top()) & (y <= seen.bottom())
    x, y = x[good], y[good]
    if not len(x):
        return np.empty((0, 2))
    way = np.concatenate(([0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y))))) // _APART
    far = np.concatenate(([True], way[1:] > way[:-1]))
    return np.stack([x[far], y[far]], axis=1)


@functools.lru_cache(maxsize=64)
def _stamp(colour: int, ground: int, marker: str, hollow: bool, ratio: float) -> QPixmap:  # noqa: FBT001 - a key of the cache
    """The picture of a marker in a colour, with a rim of the ground."""
    picture = QPixmap(round(_STAMP * ratio), round(_STAMP * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    ink, under = QColor.fromRgba(colour), QColor.fromRgba(ground)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(ink if hollow or marker == "cross" else under, 1.8 if marker == "cross" else 1.2))
    painter.setBrush(under if hollow else ink)
    painter.drawPolygon(marker_shape(marker, QPointF(_STAMP / 2, _STAMP / 2), 3.6))
    painter.end()
    return picture


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


def racer_colour(theme: Theme, slot: int) -> QColor:
    """The colour of a racer's place on the list."""
    return theme.series(f"run{slot % len(tokens.RUN_MARKERS) + 1}")
