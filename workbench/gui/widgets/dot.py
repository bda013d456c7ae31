"""The accent dot that says «changed»; its tooltip and its name tell the saved value."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.gui.theme import Theme


class ChangedDot(QWidget):
    """A dot of 6 px; hidden while nothing changed."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setVisible(False)
        theme.changed.connect(self.update)

    def set_changed(self, saved: str | None) -> None:
        """Show the dot with the saved value in words, or hide it (None)."""
        if saved is not None:
            self.setToolTip(f"Changed. Saved value: {saved}")
            self.setAccessibleName(f"changed, saved value {saved}")
        self.setVisible(saved is not None)

    def sizeHint(self) -> QSize:
        return QSize(10, self._theme.px(16))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("accent"))
        painter.drawEllipse(QPointF(self.width() / 2, self.height() / 2), 3, 3)
        painter.end()
