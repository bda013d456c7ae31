"""One picture as large as there is room, its pixels kept apart, and what the network looked at laid over it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.gui.theme import Theme
from workbench.gui.widgets.paint import box


class SeenPicture(QWidget):
    """See the module."""

    def __init__(self, theme: Theme, name: str, least: int, most: int) -> None:
        """`least` and `most` bound its side."""
        super().__init__()
        self.setObjectName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._theme, self._least, self._most = theme, least, most
        self._picture: QImage | None = None
        self._heat: QImage | None = None
        theme.changed.connect(self.update)

    def show_picture(self, picture: QImage | None, words: str) -> None:
        """Show another one, with nothing over it; `words` say what it is."""
        self._picture, self._heat = picture, None
        self.setAccessibleName(words)
        self.update()

    def lay_over(self, heat: QImage | None) -> None:
        self._heat = heat
        self.update()

    @property
    def covered(self) -> bool:
        """Whether something lies over the picture."""
        return self._heat is not None

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(self._most), self._theme.px(self._most))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(self._least), self._theme.px(self._least))

    def field(self) -> QRectF:
        """Where the picture stands: a whole number of times as large as it is, or as small as it must be."""
        assert self._picture is not None
        wide, high = self._picture.width(), self._picture.height()
        scale = min(self.width() / wide, self.height() / high)
        scale = float(int(scale)) if scale >= 1 else scale
        return QRectF((self.width() - wide * scale) / 2, (self.height() - high * scale) / 2, wide * scale, high * scale)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._picture is None:
            return
        field = self.field()
        painter = QPainter(self)
        smaller = field.width() < self._picture.width()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smaller)
        painter.drawImage(field, self._picture)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self._heat is not None:
            painter.drawImage(field, self._heat)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box(painter, field, None, self._theme.colour("line2"), radius=2)
        painter.end()
