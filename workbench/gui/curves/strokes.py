"""Quick painting in pixels: lines from arrays without a path, circles, the star, labels. Knows no run."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pyqtgraph
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPixmap, QPolygonF

from workbench.gui.curves.inks import Inks

Doubles = npt.NDArray[np.floating]
Exact = npt.NDArray[np.float64]
#: Pixels past the edge beyond which a coordinate may be cut without the eye noticing; keeps Qt's arithmetic exact.
_FAR = 20_000.0
PAD = 6.0


def polyline(painter: QPainter, x: Doubles, y: Doubles) -> None:
    """A line through pixels; where y is NaN it is broken."""
    good = np.isfinite(y)
    if good.all():
        _stretch(painter, x, y)
        return
    edges = np.flatnonzero(np.diff(np.concatenate(([False], good, [False])).astype(np.int8)))
    for begin, end in edges.reshape(-1, 2):
        _stretch(painter, x[begin:end], y[begin:end])


def envelope(x: Doubles, y: Doubles) -> tuple[Doubles, Doubles]:
    """A dense zigzag as one stroke a pixel column, from its least to its greatest; down and up in turn.

    It looks the same and costs a fraction: strokes that paint the same pixels again are what is slow. Columns are
    those of the plot, so that a strip painted later meets what stands there.
    """
    columns = np.floor(x)
    starts = np.concatenate(([0], np.flatnonzero(columns[1:] != columns[:-1]) + 1))
    if 2 * len(starts) >= len(x):
        return x, y
    high, low = np.fmax.reduceat(y, starts), np.fmin.reduceat(y, starts)
    down = columns[starts] % 2 == 0
    strokes = np.empty(2 * len(starts))
    strokes[0::2], strokes[1::2] = np.where(down, low, high), np.where(down, high, low)
    return np.repeat(columns[starts] + 0.5, 2), strokes


def in_direction(y: Exact, places: Exact) -> Exact:
    """Least and greatest of each bucket (two values at one place), in the direction in which the line goes."""
    if len(y) < 4 or places[0] != places[1]:  # noqa: PLR2004 - two buckets make a direction
        return y
    pairs = y.reshape(-1, 2)
    middles = pairs.mean(axis=1)
    falling = np.diff(middles, prepend=2 * middles[0] - middles[1]) < 0
    return np.where(falling[:, None], pairs[:, ::-1], pairs).reshape(-1)


def _stretch(painter: QPainter, x: Doubles, y: Doubles) -> None:
    if len(x) == 1:
        painter.drawPoint(QPointF(float(x[0]), float(y[0])))
    elif len(x):
        points = pyqtgraph.functions.create_qpolygonf(len(x))
        memory = pyqtgraph.functions.ndarray_from_qpolygonf(points)
        memory[:, 0] = x
        np.clip(y, -_FAR, _FAR, out=memory[:, 1])
        painter.drawPolyline(points)


def circles(painter: QPainter, inks: Inks, x: Doubles, y: Doubles, diameter: float) -> None:
    """Hollow circles, filled with the plot's ground."""
    painter.setPen(inks.circle)
    painter.setBrush(inks.ground)
    radius = diameter / 2
    for place, height in zip(x.tolist(), y.tolist(), strict=True):
        if math.isfinite(height):
            painter.drawEllipse(QPointF(place, height), radius, radius)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def star(centre: QPointF, radius: float) -> QPolygonF:
    """A five-pointed star."""
    points = []
    for corner in range(10):
        reach = radius * (0.45 if corner % 2 else 1.0)
        angle = -math.pi / 2 + math.pi * corner / 5
        points.append(centre + QPointF(reach * math.cos(angle), reach * math.sin(angle)))
    return QPolygonF(points)


class Label:
    """A boxed line or two of text, with an icon or a star before it; it can be measured before it is painted."""

    def __init__(
        self, inks: Inks, lines: list[str], colour: QColor, *, pixmap: QPixmap | None = None, star: bool = False,
        font: QFont | None = None,
    ) -> None:  # fmt: skip
        self._inks, self.lines, self._colour, self._pixmap, self._star = inks, lines, colour, pixmap, star
        self._font = font or inks.caption_strong
        metrics = QFontMetricsF(font) if font is not None else inks.strong_metrics
        self._line_height = metrics.height()
        self._lead = 16.0 if star else (pixmap.deviceIndependentSize().width() + 5 if pixmap is not None else 0.0)
        self.width = max(metrics.horizontalAdvance(line) for line in lines) + self._lead + 2 * PAD + 2
        self.height = self._line_height * len(lines) + 5

    def at(self, x: float, y: float) -> QRectF:
        return QRectF(round(x), round(y), math.ceil(self.width), math.ceil(self.height))

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._inks.edge)
        painter.setBrush(self._inks.card)
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        middle = rect.center().y()
        if self._star:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._inks.validation)
            painter.drawPolygon(star(QPointF(rect.left() + PAD + 6, middle), 6.2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
        elif self._pixmap is not None:
            height = self._pixmap.deviceIndependentSize().height()
            painter.drawPixmap(QPointF(rect.left() + PAD, round(middle - height / 2)), self._pixmap)
        painter.setFont(self._font)
        painter.setPen(self._colour)
        for number, line in enumerate(self.lines):
            top = middle - self._line_height * len(self.lines) / 2 + number * self._line_height
            box = QRectF(rect.left() + PAD + self._lead, top, rect.width(), self._line_height)
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, line)
