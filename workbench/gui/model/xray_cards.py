"""Under the X-ray: what it says, and a card for each line with its verdict; an initializer is offered to be used."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from workbench.gui.model.xray import USUAL, VERDICTS, Line, Shown
from workbench.gui.model.xray_painter import XRayPainter
from workbench.gui.text import Elided, Text, plain_tip
from workbench.gui.theme import Theme
from workbench.gui.widgets.badge import Badge
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.paint import box

#: A card is at least so wide; as many stand beside each other as there is room for.
_LEAST = 172
_GAP = 6


class _Sample(QWidget):
    """A line's marker."""

    def __init__(self, theme: Theme, line: Line) -> None:
        super().__init__()
        self._theme, self._painter, self._line, self._stale = theme, XRayPainter(theme), line, False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_line(self, line: Line, *, stale: bool) -> None:
        self._line, self._stale = line, stale
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(12, self._theme.px(14))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = QPointF(self.width() / 2, self.height() / 2)
        self._painter.sample(painter, middle, self._line, stale=self._stale)
        painter.end()


class SchemeCard(QWidget):
    """One line: its marker, name, verdict, what becomes of the signal, and of an initializer Use."""

    #: This initializer is to be the recipe's (its kind).
    use_asked = Signal(str)

    def __init__(self, theme: Theme, line: Line) -> None:
        super().__init__()
        self._theme, self.line = theme, line
        self._sample = _Sample(theme, line)
        self.title = Elided(theme, "", "secondary", weight=600)
        self.badge = Badge(theme, icon=False)
        self.words = Elided(theme, "", "caption", "text2")
        self.use = Button(theme, "Use", kind="link", height=24)
        self.use.setObjectName("useInitializerButton")
        self.in_use = Text(theme, "In use", "caption", "accent", weight=600)
        self._first, self._second = first, second = QHBoxLayout(), QHBoxLayout()
        for row, parts in (
            (first, (self._sample, self.title, self.badge)),
            (second, (self.words, self.use, self.in_use)),
        ):
            row.setSpacing(6)
            for part in parts:
                row.addWidget(part, 1 if isinstance(part, Elided) else 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 5, 8, 3)
        column.setSpacing(0)
        column.addLayout(first)
        column.addLayout(second)
        self.use.clicked.connect(self._ask)
        theme.changed.connect(self.update)
        self._used = False

    def show_line(self, line: Line, *, stale: bool, in_use: str | None) -> None:
        """Show another line, or the same anew. `in_use`: the recipe's initializer; None where there is nothing to use."""
        used = line.scheme.kind == in_use
        self.line, self._used = line, used
        scheme = line.scheme
        word, tone = VERDICTS[scheme.verdict]
        self._sample.show_line(line, stale=stale)
        self.title.say(scheme.title)
        self.badge.show_verdict(word, "muted" if stale else tone)
        self.words.say(scheme.short)
        self.use.setVisible(in_use is not None and not used)
        self.use.setAccessibleName(f"Use {scheme.title}")
        self.in_use.setVisible(used)
        said = f"{scheme.title}, {word.lower()}. {scheme.sentence}"
        self.setAccessibleName(f"{said} In use" if used else said)
        self.setToolTip(plain_tip(scheme.sentence))
        self.update()

    def set_low(self, low: bool) -> None:  # noqa: FBT001 - reads like Qt's own setters
        """A low page has room for one line; the rest is in the tooltip."""
        if low is self.words.isHidden():
            return
        self.words.setHidden(low)
        before, after = (self._second, self._first) if low else (self._first, self._second)
        for part in (self.use, self.in_use):
            before.removeWidget(part)
            after.addWidget(part)

    def _ask(self) -> None:
        self.use_asked.emit(self.line.scheme.kind)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = self._theme.colour("accent" if self._used else "line")
        box(painter, QRectF(self.rect()), self._theme.colour("card"), edge, radius=8)
        painter.end()


class XRayCards(QWidget):
    """The sentence and the cards."""

    #: An initializer is to be the recipe's (its kind).
    use_asked = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("xrayCards")
        self._theme = theme
        self.sentence = Elided(theme, "", "secondary")
        self.sentence.setObjectName("xraySentence")
        self.change = Elided(theme, "", "secondary", "text2")
        self.change.setObjectName("xrayChange")
        self.method = Elided(theme, "", "caption", "text3")
        self.cards: list[SchemeCard] = []
        self._grid = QGridLayout()
        self._grid.setSpacing(_GAP)
        self._columns, self._awaited = 0, 0
        self._low = self._lowest = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for said in (self.sentence, self.change, self.method):
            column.addWidget(said)
        column.addLayout(self._grid)
        theme.changed.connect(self._arrange)

    def show_xray(self, shown: Shown | None) -> None:
        """Show what an X-ray says; without one there are no cards."""
        lines = shown.lines if shown is not None else ()
        while len(self.cards) > len(lines):
            card = self.cards.pop()
            self._grid.removeWidget(card)
            card.hide()
            card.deleteLater()
        for place, line in enumerate(lines):
            if place == len(self.cards):
                self.cards.append(SchemeCard(self._theme, line))
                self.cards[-1].use_asked.connect(self.use_asked)
            assert shown is not None
            self.cards[place].show_line(line, stale=shown.stale, in_use=shown.in_use)
        self.method.say(shown.method if shown is not None else "")
        self.change.say(shown.change if shown is not None else "")
        self._awaited = USUAL if shown is not None and shown.partial else 0
        self._show_lines()
        self._columns = 0
        self._arrange()

    def set_low(self, low: bool, *, lowest: bool = False) -> None:  # noqa: FBT001 - reads like Qt's own setters
        """A low page keeps its height for the network; the lowest has room for the sentences only."""
        self._low, self._lowest = low, lowest
        self._show_lines()

    def _show_lines(self) -> None:
        self.method.setVisible(bool(self.method.whole) and not self._low)
        self.change.setVisible(bool(self.change.whole))
        for card in self.cards:
            card.set_low(self._low)
            card.setHidden(self._lowest)

    def say(self, sentence: str, token: str = "text") -> None:  # noqa: S107 - the name of a colour
        """The line above the cards."""
        self.sentence.say(sentence)
        self.sentence.set_token(token)
        self.sentence.setVisible(bool(sentence))

    def _arrange(self) -> None:
        """In rows of equal length, as few as there is room for; those that are about to come have their room."""
        count = max(len(self.cards), self._awaited)
        most = max(1, (self.width() + _GAP) // (self._theme.px(_LEAST) + _GAP))
        rows = math.ceil(count / most) if count else 0
        columns = math.ceil(count / rows) if rows else 0
        for row in range(max(rows, self._grid.rowCount())):
            height = self.cards[0].sizeHint().height() if self._awaited and self.cards and row < rows else 0
            self._grid.setRowMinimumHeight(row, height)
        if columns == self._columns:
            return
        for place in range(max(columns, self._grid.columnCount())):
            self._grid.setColumnStretch(place, 1 if place < columns else 0)
        self._columns = columns
        for place, card in enumerate(self.cards):
            self._grid.addWidget(card, place // columns, place % columns)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()
