"""A verdict as a word on a tint, with an icon where there is room for one."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.gui.theme import Theme

_ICONS = {"ok": "ok", "warn": "warning", "err": "failed", "muted": "info"}


class Badge(QWidget):
    """A word with its tone: ok, warn, err or muted."""

    def __init__(
        self, theme: Theme, word: str = "", tone: str = "muted", *, icon: bool = True, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme, self._icon = theme, icon
        self.word, self.tone = word, tone
        self._word_shown = True
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._dress)

    def show_verdict(self, word: str, tone: str) -> None:
        if (word, tone) != (self.word, self.tone):
            self.word, self.tone = word, tone
            self._dress()

    def _dress(self) -> None:
        self.setAccessibleName(self.word)
        self.updateGeometry()
        self.update()

    def show_word(self, shown: bool) -> None:  # noqa: FBT001 - reads like Qt's own setters
        """Narrow places have room for the icon only; their shapes differ."""
        if shown != self._word_shown:
            self._word_shown = shown
            self._dress()

    @property
    def _shown(self) -> str:
        return self.word if self._word_shown else ""

    @property
    def _lead(self) -> int:
        """Room for the icon."""
        return self._theme.px(12) + (5 if self._shown else 0) if self._icon else 0

    def sizeHint(self) -> QSize:
        theme = self._theme
        width = QFontMetrics(theme.font("caption", 600)).horizontalAdvance(self._shown)
        return QSize(width + self._lead + 16, theme.px(20))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, side = self._theme, self._theme.px(12)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(f"{self.tone}_tint"))
        painter.drawRoundedRect(area, area.height() / 2, area.height() / 2)
        token = "text2" if self.tone == "muted" else self.tone
        if self._icon:
            painter.drawPixmap(8, round((area.height() - side) / 2), theme.pixmap(_ICONS[self.tone], token, 12))
        painter.setPen(theme.colour(token))
        painter.setFont(theme.font("caption", 600))
        text = area.adjusted(8 + self._lead, 0, 0, 0)
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._shown)
        painter.end()
