"""The bottom of the form: whether a run would fit in memory, and what it consists of."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from workbench.gui import words
from workbench.gui.recipe.estimate import Estimate, Fit
from workbench.gui.text import Elided, Text
from workbench.gui.theme import Theme

_WORDS: dict[Fit, tuple[str, str, str]] = {
    "fits": ("Fits in memory", "ok", "ok"),
    "tight": ("Tight", "warning", "warn"),
    "too_big": ("Will not fit", "failed", "err"),
}


class _Bar(QWidget):
    """The share of what is free that a run would take."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._share, self._token = 0.0, "ok"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_share(self, share: float, token: str) -> None:
        self._share, self._token = min(1.0, share), token
        self.setAccessibleName(f"Memory, {round(share * 100)} percent of what is free")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(100, 5)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        rect = QRectF(self.rect())
        painter.setBrush(self._theme.colour("line2"))
        painter.drawRoundedRect(rect, 2.5, 2.5)
        rect.setWidth(max(5.0, rect.width() * self._share) if self._share else 0)
        painter.setBrush(self._theme.colour(self._token))
        painter.drawRoundedRect(rect, 2.5, 2.5)
        painter.end()


class Footer(QWidget):
    """The estimate."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._estimate = Estimate()
        self._sign = QLabel(self)
        self._verdict = Text(theme, "", "body", weight=500)
        self._verdict.setObjectName("estimateVerdict")
        self._size = Elided(theme, "", "secondary", "text2")
        self._size.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._bar = _Bar(theme, self)
        self._details = Elided(theme, "", "caption", "text2")
        self._details.setObjectName("estimateDetails")
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self._sign)
        top.addWidget(self._verdict)
        top.addWidget(self._size, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 9, 14, 9)
        column.setSpacing(6)
        column.addLayout(top)
        column.addWidget(self._bar)
        column.addWidget(self._details)
        theme.changed.connect(self._dress)
        self.show_estimate(Estimate())

    def show_estimate(self, estimate: Estimate) -> None:
        self._estimate = estimate
        fit = estimate.fit
        self._verdict.say(_WORDS[fit][0] if fit else "Memory not known yet")
        known = estimate.parameters
        self._size.say(f"{words.short_count(known)} parameters" if known is not None else "")
        share = estimate.memory / estimate.available if estimate.memory is not None and estimate.available else 0.0
        self._bar.show_share(share, _WORDS[fit][2] if fit else "ok")
        self._details.say(_details(estimate))
        self._dress()

    def _dress(self) -> None:
        fit = self._estimate.fit
        name, token = _WORDS[fit][1:] if fit else ("info", "text3")
        self._sign.setPixmap(self._theme.pixmap(name, token, 16))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(0, 0, self.width(), 1, self._theme.colour("line"))
        painter.end()


def _details(estimate: Estimate) -> str:
    if estimate.problems:
        return "Put the marked settings right first"
    if estimate.memory is None or estimate.available is None:
        return "Known once the pictures are read"
    steps = f" · {words.plural(estimate.steps, 'step', 'steps')} an epoch" if estimate.steps else ""
    return f"about {words.size(estimate.memory)} of {words.size(estimate.available)} free{steps}"
