"""A label in one of the theme's roles and colours; always plain text, as names may come from files."""

from __future__ import annotations

import html

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QPalette, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from workbench.gui.theme import Role, Theme


def plain_tip(words: str) -> str:
    """A tooltip that shows these words as they are: Qt guesses whether one is rich text, and names may look like it."""
    return f'<p style="white-space: pre-wrap">{html.escape(words)}</p>' if "<" in words else words


class Text(QLabel):
    """Words on a panel; follows the theme."""

    def __init__(
        self, theme: Theme, words: str = "", role: Role = "body", colour: str = "text", *, wrap: bool = False,
        weight: int | None = None, selectable: bool = False, parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._theme, self._role, self._colour, self._weight = theme, role, colour, weight
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        if wrap:
            policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
            policy.setHeightForWidth(True)
            self.setSizePolicy(policy)
        if selectable:
            self.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
        self.setText(words)
        theme.changed.connect(self._dress)
        self._dress()

    def set_token(self, colour: str) -> None:
        if colour != self._colour:
            self._colour = colour
            self._dress()

    def say(self, words: str) -> None:
        """Show other words; nothing is laid out again when they are the same."""
        if words != self.text():
            self.setText(words)

    def showEvent(self, event: QShowEvent) -> None:
        # While it was hidden the style sheet may have put back the palette of another theme.
        self._dress()
        super().showEvent(event)

    def _dress(self) -> None:
        font: QFont = self._theme.font(self._role, self._weight)
        self.setFont(font)
        palette = self.palette()
        shade = (
            self._theme.series(self._colour) if self._colour == "validation_text" else self._theme.colour(self._colour)
        )
        palette.setColor(QPalette.ColorRole.WindowText, shade)
        self.setPalette(palette)


class Elided(Text):
    """One line that ends in … where it does not fit; the whole of it is in the tooltip."""

    def __init__(
        self, theme: Theme, words: str = "", role: Role = "body", colour: str = "text", *, weight: int | None = None
    ) -> None:
        self._whole = words
        super().__init__(theme, words, role, colour, weight=weight)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def say(self, words: str) -> None:
        if words != self._whole:
            self._whole = words
            self._fit()

    @property
    def whole(self) -> str:
        return self._whole

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        shown = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, max(self.width() - 1, 0))
        self.setAccessibleName(self._whole)
        self.setToolTip("" if shown == self._whole else plain_tip(self._whole))
        if shown != self.text():
            self.setText(shown)
