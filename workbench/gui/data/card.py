"""Grounds of the Data tab: a card with a border, and a view that scrolls where there is no room for all of a page."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from workbench.gui.theme import Theme
from workbench.gui.widgets.paint import box


class Card(QWidget):
    """A ground with a border, and a column of parts."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(14, 12, 14, 12)
        self.column.setSpacing(10)
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._theme
        box(painter, QRectF(self.rect()), theme.colour("card"), theme.colour("line"), radius=8)
        painter.end()


def scrolled(ground: QWidget, name: str) -> QScrollArea:
    """A page that is as large as its room, or scrolls where that is less than it needs."""
    area = QScrollArea()
    area.setObjectName(name)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidgetResizable(True)
    area.setWidget(ground)
    for each in (area.viewport(), ground):
        each.setAutoFillBackground(False)
    return area
