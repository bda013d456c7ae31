"""A slider in the theme's colours: the way so far in the accent, a round knob."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSlider

from workbench.gui.theme import Theme
from workbench.gui.widgets.paint import box, ring

_KNOB = 7.0


class Slider(QSlider):
    """See the module."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._theme = theme

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, middle = self._theme, self.height() / 2
        span = self.maximum() - self.minimum()
        share = (self.value() - self.minimum()) / span if span else 0.0
        knob = QPointF(_KNOB + share * (self.width() - 2 * _KNOB), middle)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus():
            ring(painter, QRectF(self.rect()), theme, 6)
        for left, right, token in ((_KNOB, self.width() - _KNOB, "line2"), (_KNOB, knob.x(), "accent")):
            box(painter, QRectF(left, middle - 2, right - left, 4), theme.colour(token), None, radius=2)
        painter.setBrush(theme.colour("text"))
        painter.setPen(QPen(theme.colour("plot"), 1))
        painter.drawEllipse(knob, _KNOB - 1.5, _KNOB - 1.5)
        painter.end()
