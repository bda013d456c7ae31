"""What a comparison comes to, in one sentence on a tint. It shows the words it is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from workbench.gui.text import Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.paint import box

#: ok: clearly better; warn: clearly worse; muted: not to be told apart.
Tone = Literal["ok", "warn", "muted"]
_ICONS: dict[Tone, str] = {"ok": "ok", "warn": "warning", "muted": "info"}


@dataclass(frozen=True)
class Verdict:
    """Whether a gap is more than chance."""

    title: str
    sentence: str
    tone: Tone = "muted"


class VerdictCard(QWidget):
    """Icon, title and sentence."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("verdictCard")
        self._theme = theme
        self._verdict = Verdict("", "")
        self._icon = QLabel()
        self.title = Text(theme, "", "secondary", weight=600, wrap=True)
        self.sentence = Text(theme, "", "secondary", "text2", wrap=True)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(self.title)
        column.addWidget(self.sentence)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(8)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, 1)
        theme.changed.connect(self._dress)
        self.show_verdict(None)

    def show_verdict(self, verdict: Verdict | None) -> None:
        """Show a verdict; without one there is no card."""
        self.setVisible(verdict is not None)
        if verdict is not None:
            self._verdict = verdict
            self.title.say(verdict.title)
            self.sentence.say(verdict.sentence)
            self.setAccessibleName(f"{verdict.title}. {verdict.sentence}")
            self._dress()

    def _dress(self) -> None:
        tone = self._verdict.tone
        self._icon.setPixmap(self._theme.pixmap(_ICONS[tone], "text2" if tone == "muted" else tone, 16))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box(painter, QRectF(self.rect()), self._theme.colour(f"{self._verdict.tone}_tint"), None, radius=8)
        painter.end()
