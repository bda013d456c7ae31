"""The line sample of a run: its colour, dash and marker, as they are in the plot."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.gui import tokens
from workbench.gui.theme import Theme

_COUNT = len(tokens.RUN_MARKERS)


def run_pen(colour: QColor, slot: int, width: float = 2.0) -> QPen:
    """The pen of a run's line: `slot` counts from 0 and keeps for the life of the run."""
    pen = QPen(colour, width)
    dash = tokens.RUN_DASHES[slot % _COUNT]
    if dash:
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        pen.setDashPattern([length / width for length in dash])
    return pen


def marker_shape(marker: str, centre: QPointF, radius: float) -> QPolygonF:
    """The outline of a marker; a circle as a polygon of many sides, a cross as two strokes in one."""
    if marker == "cross":
        r = radius
        ends = [(-r, -r), (0.0, 0.0), (r, r), (0.0, 0.0), (-r, r), (0.0, 0.0), (r, -r), (0.0, 0.0)]
        return QPolygonF([centre + QPointF(x, y) for x, y in ends])
    if marker == "square":
        r = radius * 0.88
        return QPolygonF(QRectF(centre.x() - r, centre.y() - r, 2 * r, 2 * r))
    corners, inner = {"circle": (24, 1.0), "triangle": (3, 1.0), "diamond": (4, 1.0), "star": (10, 0.45)}[marker]
    points = []
    for corner in range(corners):
        reach = radius * 1.15 * (inner if corner % 2 else 1.0)
        angle = -math.pi / 2 + 2 * math.pi * corner / corners
        points.append(centre + QPointF(reach * math.cos(angle), reach * math.sin(angle)))
    return QPolygonF(points)


def paint_sample(painter: QPainter, rect: QRect, theme: Theme, slot: int, *, shown: bool = True) -> None:
    """Paint the sample of run colour `slot` (from 0); grey when the run is hidden. Past 6, markers are hollow."""
    colour = theme.series(f"run{slot % _COUNT + 1}") if shown else theme.colour("text3")
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(run_pen(colour, slot))
    middle = QPointF(rect.center().x() + 0.5, rect.center().y() + 0.5)
    painter.drawLine(QPointF(rect.left(), middle.y()), QPointF(rect.right(), middle.y()))
    marker = tokens.RUN_MARKERS[slot % _COUNT]
    painter.setPen(QPen(colour, 1.6))
    painter.setBrush(theme.colour("panel") if slot >= _COUNT else colour)
    painter.drawPolygon(marker_shape(marker, middle, 3.4))
    painter.restore()


class RunSample(QWidget):
    """The line sample as a widget."""

    def __init__(self, theme: Theme, slot: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._slot, self._shown = slot, True
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def set_run(self, slot: int, *, shown: bool = True) -> None:
        self._slot, self._shown = slot, shown
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(28, self._theme.px(16))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_sample(painter, self.rect(), self._theme, self._slot, shown=self._shown)
        painter.end()
