"""A label in one of the theme's roles and colours; always plain text, as names may come from files."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics, QPalette, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from workbench.gui.theme import Role, Theme


def plain_tip(words: str) -> str:
    """A tooltip that shows these words as they are: Qt guesses whether one is rich text, and names may look like it."""
    if "<" not in words:
        return words
    import html  # noqa: PLC0415 - its tables of names take a while, and hardly any text needs it

    return f'<p style="white-space: pre-wrap">{html.escape(words)}</p>'


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
    """One line (or so many) that ends in … where it does not fit; the whole of it is in the tooltip."""

    def __init__(
        self, theme: Theme, words: str = "", role: Role = "body", colour: str = "text", *, weight: int | None = None,
        lines: int = 1,
    ) -> None:  # fmt: skip
        self._whole, self._lines = words, lines
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

    def _dress(self) -> None:
        super()._dress()
        if self._lines > 1:  # words that happen to be short take the same room
            self.setFixedHeight(self._lines * self.fontMetrics().lineSpacing())
        self._fit()

    def _fit(self) -> None:
        shown = broken(self._whole, self.fontMetrics(), max(self.width() - 1, 0), self._lines)
        self.setAccessibleName(self._whole)
        self.setToolTip("" if " ".join(shown) == self._whole else plain_tip(self._whole))
        if "\n".join(shown) != self.text():
            self.setText("\n".join(shown))


def broken(words: str, metrics: QFontMetrics, width: int, lines: int) -> list[str]:
    """Words in so many lines of a width; what the last one has no room for ends in …."""
    done: list[str] = []
    rest = words
    while len(done) < lines - 1 and metrics.horizontalAdvance(rest) > width:
        fits = 0
        for place in (at for at, letter in enumerate(rest) if letter == " "):
            if metrics.horizontalAdvance(rest[:place]) > width:
                break
            fits = place
        if not fits:
            break
        done.append(rest[:fits])
        rest = rest[fits + 1 :]
    return [*done, metrics.elidedText(rest, Qt.TextElideMode.ElideRight, width)]
