"""The progress bar of a run: rounded, in the tone of its state, with the part after the best epoch dimmed."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QProgressBar, QWidget

from workbench.gui.theme import Theme

#: The bar's finest step.
STEPS = 1000


class RunBar(QProgressBar):
    """Shows a share of 0 to 1, or that it cannot be known."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._tone = "accent"
        self._best: float | None = None
        self._shown: tuple[int | None, str, float | None] | None = None
        self.setTextVisible(False)
        self.setRange(0, STEPS)
        theme.changed.connect(self.update)

    def show_share(self, share: float | None, tone: str = "accent", best: float | None = None) -> None:
        """`share` done; None: busy without a known end. What comes after `best` is dimmed."""
        value = None if share is None else round(min(max(share, 0.0), 1.0) * STEPS)
        shown = (value, tone, best)
        if shown == self._shown:
            return
        self._shown = shown
        if value is None:
            self.setRange(0, 0)
        else:
            # Qt would paint the bar at once, and again when the window is painted.
            self.setUpdatesEnabled(False)
            self.setRange(0, STEPS)
            self.setValue(value)
            self.setUpdatesEnabled(True)
        self._tone, self._best = tone, best
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(80, 6)

    def minimumSizeHint(self) -> QSize:
        return QSize(24, 6)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        height = min(self.height(), 6)
        area = QRectF(0, (self.height() - height) / 2, self.width(), height)
        shape = QPainterPath()
        shape.addRoundedRect(area, height / 2, height / 2)
        painter.setClipPath(shape)
        painter.fillRect(area, self._theme.colour("line"))
        colour = self._theme.colour(self._tone)
        if self.maximum() == 0:
            painter.fillRect(area, colour if self._theme.dark else colour.lighter(150))
            painter.fillRect(area, Qt.BrushStyle.BDiagPattern)
        else:
            done = area.width() * self.value() / STEPS
            painter.fillRect(QRectF(0, area.top(), done, height), colour)
            if self._best is not None and self._best * area.width() < done:
                painter.setOpacity(0.5)
                at = self._best * area.width()
                painter.fillRect(QRectF(at, area.top(), done - at, height), self._theme.colour("card"))
        painter.end()
