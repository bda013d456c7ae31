"""Strokes that several widgets share: rounded boxes and the focus ring."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from workbench.gui.theme import Theme

#: The ring is 2 px wide and stands 2 px off what has the focus.
RING = 2.0
GAP = 2.0


def box(
    painter: QPainter,
    rect: QRectF,
    fill: QColor | None,
    edge: QColor | None,
    radius: float = 6.0,
    *,
    width: float = 1.0,
) -> None:
    """A rounded box whose border lies inside `rect`."""
    painter.setBrush(fill if fill is not None else Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(edge, width) if edge is not None else Qt.PenStyle.NoPen)
    inset = width / 2 if edge is not None else 0.0
    painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), radius, radius)


def ring(painter: QPainter, rect: QRectF, theme: Theme, radius: float = 8.0) -> None:
    """The focus ring along the inside of `rect`."""
    box(painter, rect, None, theme.colour("accent"), radius=radius, width=RING)
