"""Grounds and tiles that the parts of the Results tab stand on."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from workbench.gui.text import Elided, Text, plain_tip
from workbench.gui.theme import Theme
from workbench.gui.widgets.paint import box


class Card(QWidget):
    """A ground with a border, and a column to put parts into; its heading may have controls at the right."""

    def __init__(self, theme: Theme, title: str = "") -> None:
        super().__init__()
        self._theme = theme
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(14, 10, 14, 12)
        self.column.setSpacing(8)
        self.heading = QHBoxLayout()
        self.heading.setSpacing(8)
        self.title = Elided(theme, title, "strong")
        self.heading.addWidget(self.title, 1)
        self.column.addLayout(self.heading)
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box(painter, QRectF(self.rect()), self._theme.colour("card"), self._theme.colour("line"), radius=8)
        painter.end()


class Tile(QWidget):
    """One figure with what it is and what it is of."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self.setObjectName(name)
        self.label = Elided(theme, "", "caption", "text2")
        self.figure = Text(theme, "", "figure")
        self.note = Elided(theme, "", "secondary", "text2")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.figure)
        row.addWidget(self.note, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 8, 12, 8)
        column.setSpacing(2)
        column.addWidget(self.label)
        column.addLayout(row)
        theme.changed.connect(self.update)

    def show_figure(self, label: str, figure: str, note: str) -> None:
        self.label.say(label)
        self.figure.say(figure)
        self.note.say(note)
        self.setAccessibleName(f"{label}: {figure} {note}".strip())
        self.setToolTip(plain_tip(note))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """A note that would be cut stays in the tooltip; the figure is what matters."""
        room = self.width() - self.figure.sizeHint().width() - 36
        self.note.setVisible(room >= self.note.fontMetrics().horizontalAdvance(self.note.whole))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box(painter, QRectF(self.rect()), self._theme.colour("card"), self._theme.colour("line"), radius=8)
        painter.end()
