"""The error card: what went wrong, what was seen, what is safe, ways out and what to try; the trace only behind Details."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QPlainTextEdit, QScrollArea, QVBoxLayout, QWidget

from workbench.errors import ErrorCard, Way, WayKind
from workbench.gui.text import Text
from workbench.gui.theme import Theme
from workbench.gui.ways_view import VERBS, WaysView
from workbench.gui.widgets.button import Button, FlatButton, PrimaryButton
from workbench.gui.widgets.paint import box

WIDTH = 716
ICON = 40


def report(name: str, card: ErrorCard) -> str:
    """A card as text, for a mail or an issue."""
    parts = [f"{name}: {card.title}" if name else card.title, card.what_happened]
    if card.evidence:
        parts.append("Seen:\n" + "\n".join(f"- {line}" for line in card.evidence))
    if card.ways:
        parts.append("Ways out:\n" + "\n".join(f"- {way.title}. {way.note}".rstrip() for way in card.ways))
    if card.what_to_try:
        parts.append("To try:\n" + "\n".join(f"- {line}" for line in card.what_to_try))
    if card.what_is_safe:
        parts.append(f"Safe: {card.what_is_safe}")
    if card.details:
        parts.append(f"Details:\n{card.details}")
    return "\n\n".join(part for part in parts if part)


class _Octagon(QLabel):
    """The icon on its tint."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        theme.changed.connect(self.update)
        self.setFixedSize(QSize(ICON, ICON))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box(painter, self.rect().toRectF(), self._theme.colour("err_tint"), None, radius=ICON / 2)
        side = self._theme.px(20)
        painter.drawPixmap((ICON - side) // 2, (ICON - side) // 2, self._theme.pixmap("failed", "err", 20))
        painter.end()


class _Body(QWidget):
    """The card's ground."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box(painter, self.rect().toRectF(), self._theme.colour("card"), self._theme.colour("line"), radius=8)
        painter.end()


class ErrorCardView(QScrollArea):
    """Shows one error card in the middle of the tab."""

    #: The person wants to change the recipe.
    recipe_asked = Signal()
    #: The person takes a way out (the Way).
    way_taken = Signal(object)
    #: Another way is chosen, and not taken yet (the Way).
    way_chosen = Signal(object)
    #: The person wants to see the curves up to the failure.
    curves_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._name, self._card = "", ErrorCard("", "")
        self.setObjectName("errorCard")
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self._title = Text(theme, "", "dialog", wrap=True, selectable=True)
        self._happened = Text(theme, "", "body", "text2", wrap=True, selectable=True)
        self._safe = Text(theme, "", "body", "text2", wrap=True, selectable=True)
        self._lists = QVBoxLayout()
        self._lists.setSpacing(6)
        #: what else to try stands under the buttons where there are ways out: those come first
        self._tries = QVBoxLayout()
        self._tries.setSpacing(6)
        self.ways = WaysView(theme)
        self._leads = Text(theme, "", "secondary", "text2", wrap=True)
        self.details = FlatButton(theme, "Details", "chevron-right")
        self.copy = FlatButton(theme, "Copy report", "copy")
        self.curves = Button(theme, "Show the curves", height=34)
        self.recipe = Button(theme, "Change the recipe", kind="tonal", height=34)
        self.apply = PrimaryButton(theme, "", height=34)
        self.apply.setObjectName("applyWayButton")
        self._buttons = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._trace = QPlainTextEdit(readOnly=True)
        self._trace.setAccessibleName("Details of the failure")
        self._trace.setMinimumHeight(theme.px(150))
        self._arrange()
        self.details.clicked.connect(self._fold)
        self.copy.clicked.connect(self._copy)
        self.curves.clicked.connect(self.curves_asked)
        self.recipe.clicked.connect(self.recipe_asked)
        self.ways.changed.connect(self._choose)
        self.apply.clicked.connect(self._take)

    def _arrange(self) -> None:
        body = _Body(self._theme)
        body.setMaximumWidth(self._theme.px(WIDTH))
        column = QVBoxLayout(body)
        column.setContentsMargins(26, 22, 26, 18)
        column.setSpacing(12)
        head = QHBoxLayout()
        head.setSpacing(14)
        head.addWidget(_Octagon(self._theme), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(4)
        for part in (self._title, self._happened, self._safe):
            words.addWidget(part)
        head.addLayout(words, 1)
        column.addLayout(head)
        column.addLayout(self._lists)
        column.addWidget(self.ways)
        column.addWidget(self._leads)
        asides, deeds = QHBoxLayout(), QHBoxLayout()
        asides.addWidget(self.details)
        asides.addWidget(self.copy)
        asides.addStretch(1)
        deeds.addStretch(1)
        for button in (self.curves, self.recipe, self.apply):
            deeds.addWidget(button)
        self._buttons.addLayout(asides, 1)
        self._buttons.addLayout(deeds)
        column.addLayout(self._buttons)
        column.addLayout(self._tries)
        column.addWidget(self._trace)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(body, 20)
        middle.addStretch(1)
        ground = QWidget()
        whole = QVBoxLayout(ground)
        whole.setContentsMargins(24, 26, 24, 24)
        whole.addLayout(middle)
        whole.addStretch(1)
        self.setWidget(ground)
        self.viewport().setAutoFillBackground(False)
        ground.setAutoFillBackground(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        # Where they do not fit beside each other, what is done comes first.
        narrow = self.viewport().width() < self._theme.px(WIDTH)
        beside = QBoxLayout.Direction.LeftToRight
        self._buttons.setDirection(QBoxLayout.Direction.BottomToTop if narrow else beside)
        super().resizeEvent(event)

    @property
    def title(self) -> str:
        return self._title.text()

    @property
    def way(self) -> Way | None:
        """The way that is chosen."""
        return self.ways.chosen

    def say_where(self, words: str) -> None:
        """Where the chosen way leads: what is begun, and from where it goes on."""
        self._leads.say(words)
        self._leads.setVisible(bool(words))

    def show_card(self, name: str, card: ErrorCard, *, curves: bool) -> None:
        """Show a run's card; `curves`: there is something to be seen of it."""
        if (name, card) == (self._name, self._card):
            self.curves.setVisible(curves)
            return
        self._name, self._card = name, card
        self._title.say(card.title)
        self._happened.say(card.what_happened)
        self._safe.say(card.what_is_safe)
        self._safe.setVisible(bool(card.what_is_safe))
        for lines in (self._lists, self._tries):
            while (item := lines.takeAt(0)) is not None:
                line = item.widget()
                assert line is not None
                line.hide()
                line.deleteLater()
        self._list(self._lists, "What was seen", card.evidence)
        if card.ways:
            self._list(self._tries, "What else to try", card.what_to_try)
        else:
            self._list(self._lists, "What to try", card.what_to_try)
        self.say_where("")
        self.ways.show_ways(card.ways)
        self.apply.setVisible(bool(card.ways))
        self._choose()
        self._trace.setPlainText(card.details)
        self.details.setVisible(bool(card.details))
        self._trace.hide()
        self.details.set_icon("chevron-right")
        self.curves.setVisible(curves)
        self.setAccessibleName(f"{name} failed: {card.title}")

    def _list(self, column: QVBoxLayout, heading: str, lines: tuple[str, ...]) -> None:
        if lines:
            column.addWidget(Text(self._theme, heading, "strong", "text2"))
        for line in lines:
            column.addWidget(Text(self._theme, f"•  {line}", "body", wrap=True, selectable=True))

    def _choose(self) -> None:
        way = self.way
        changes = way is not None and way.kind is WayKind.CHANGE
        self.recipe.setText("Change recipe only" if changes else "Change the recipe")
        self.recipe.set_kind("plain" if way is not None else "tonal")
        if way is not None:
            self.apply.setText(VERBS[way.kind])
            self.way_chosen.emit(way)

    def _take(self) -> None:
        if self.way is not None:
            self.way_taken.emit(self.way)

    def _fold(self) -> None:
        opened = not self._trace.isVisible()
        self._trace.setVisible(opened)
        self.details.set_icon("chevron-down" if opened else "chevron-right")

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(report(self._name, self._card))
