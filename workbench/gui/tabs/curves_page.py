"""The Curves tab: the first launch, the curves of the run in focus, or the card of its failure.

The plots are put in after the window's first paint; until then an empty plot ground stands there.
"""

from __future__ import annotations

from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from workbench.errors import ErrorCard
from workbench.events import Ending, State
from workbench.gui.error_card import ErrorCardView
from workbench.gui.followers import Story
from workbench.gui.runs.strip import RunStrip
from workbench.gui.start_page import SHORT, StartPage
from workbench.gui.text import Text
from workbench.gui.theme import Theme

MARGIN = 12


class _Ground(QWidget):
    """Where the plots will be, or why there are none."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.words = Text(theme, "", "body", "text2", wrap=True)
        column = QVBoxLayout(self)
        column.addStretch(1)
        column.addWidget(self.words)
        column.addStretch(1)
        self.words.setAlignment(self.words.alignment().AlignCenter)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._theme.colour("line"))
        painter.setBrush(self._theme.colour("card"))
        painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        painter.end()


class CurvesPage(QWidget):
    """What the Curves tab shows."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName("Curves")
        self.start = StartPage(theme)
        self.strip = RunStrip(theme)
        self.failure = ErrorCardView(theme)
        self._ground = _Ground(theme)
        self._curves: QWidget = self._ground
        self._run: str | None = None
        self._curves_wanted = False
        self._hang: tuple[str, ErrorCard | None] = ("", None)
        self._strip_wanted = False
        self._middle = QStackedWidget()
        self._middle.addWidget(self._ground)
        self._middle.addWidget(self.failure)
        self._focus = QWidget()
        column = QVBoxLayout(self._focus)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.setSpacing(MARGIN)
        column.addWidget(self.strip)
        column.addWidget(self._middle, 1)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._focus)
        self._pages.addWidget(self.start)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._pages)
        self.strip.hide()
        self.failure.curves_asked.connect(self._want_curves)

    @property
    def shows_start(self) -> bool:
        return self._pages.currentWidget() is self.start

    def put_curves(self, view: QWidget) -> None:
        """The plots are ready; they take the place of the empty ground."""
        self._middle.addWidget(view)
        if self._middle.currentWidget() is self._curves:
            self._middle.setCurrentWidget(view)
        self._curves = view

    def set_strip(self, shown: bool) -> None:  # noqa: FBT001 - reads like Qt's own setters
        """Whether the run's strip stands above the plot."""
        self._strip_wanted = shown
        self.strip.setVisible(shown and self._run is not None)

    def show_start(self) -> None:
        self._pages.setCurrentWidget(self.start)

    def show_nothing(self, sentence: str = "") -> None:
        """A run is being read, or there is nothing to show yet."""
        self._run = None
        self._ground.words.say(sentence)
        self.strip.hide()
        self._middle.setCurrentWidget(self._ground)
        self._pages.setCurrentWidget(self._focus)

    def show_story(self, story: Story) -> None:
        """Show the curves of a run, or the card of its failure."""
        if story.run.id != self._run:
            self._curves_wanted = False
        self._run = story.run.id
        self._pages.setCurrentWidget(self._focus)
        self.strip.setVisible(self._strip_wanted)
        card = self._card_of(story)
        if card is not None and not self._curves_wanted:
            self.failure.show_card(story.run.name, card, curves=story.curves.steps > 0)
            self._middle.setCurrentWidget(self.failure)
        else:
            self._middle.setCurrentWidget(self._curves)

    def _card_of(self, story: Story) -> ErrorCard | None:
        """What is to be told of a run instead of its curves: why it failed, or that it seems to hang."""
        if story.run.state is not State.ENDED:
            key, card = self._hang
            return card if key == story.run.id else None
        if story.failure is not None and story.run.ending in {Ending.FAILED, Ending.INTERRUPTED}:
            return story.failure.card
        return ErrorCard("The run failed", story.run.reason) if story.run.ending is Ending.FAILED else None

    @property
    def shows_ways(self) -> bool:
        """Whether a card stands there with ways out, and so with the filled button."""
        shown = self._pages.currentWidget() is self._focus and self._middle.currentWidget() is self.failure
        return shown and self.failure.way is not None

    def set_hang(self, run: str, card: ErrorCard | None) -> bool:
        """A run seems to hang, or none does any more; whether that is news."""
        if self._hang == (run, card):
            return False
        self._hang = (run, card)
        self._curves_wanted = False
        return True

    def _want_curves(self) -> None:
        self._curves_wanted = True
        self._middle.setCurrentWidget(self._curves)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.start.set_short(self.height() < self._theme.px(SHORT))
