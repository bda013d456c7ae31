"""A small curve with a dot at its best point, for tables and cards."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.gui.theme import Theme


def paint_sparkline(
    painter: QPainter, rect: QRect, theme: Theme, values: Sequence[float], best: int | None = None
) -> None:
    """Paint `values` over the width of `rect`; `best` is the index that gets the dot. NaN leaves a gap."""
    known = [value for value in values if math.isfinite(value)]
    if not known:
        return
    low, high = min(known), max(known)
    area = rect.adjusted(3, 4, -4, -4)
    span, last = (high - low) or 1.0, max(1, len(values) - 1)

    def place(index: int) -> QPointF:
        share = (values[index] - low) / span if high > low else 0.5
        return QPointF(area.left() + area.width() * index / last, area.bottom() - area.height() * share)

    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.colour("text2"), 1.3))
    piece: list[QPointF] = []
    for index, value in enumerate(values):
        if math.isfinite(value):
            piece.append(place(index))
        else:
            painter.drawPolyline(QPolygonF(piece))
            piece = []
    painter.drawPolyline(QPolygonF(piece))
    if best is not None and 0 <= best < len(values) and math.isfinite(values[best]):
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.series("validation"))
        painter.drawEllipse(place(best), 2.8, 2.8)
    painter.restore()


class Sparkline(QWidget):
    """The small curve as a widget."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._values: Sequence[float] = ()
        self._best: int | None = None
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Validation loss by epoch")
        theme.changed.connect(self.update)

    def set_values(self, values: Sequence[float], best: int | None = None) -> None:
        self._values, self._best = values, best
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(90, self._theme.px(22))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_sparkline(painter, self.rect(), self._theme, self._values, self._best)
        painter.end()
