"""The run strip: the run card in one row above the plot, where the window is too narrow for the card."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from workbench.events import Ending, State
from workbench.gui import words
from workbench.gui.followers import Story
from workbench.gui.runs import facts
from workbench.gui.runs.bar import RunBar
from workbench.gui.runs.card import Rule
from workbench.gui.text import Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.paint import box
from workbench.gui.widgets.pill import StatePill, pill_tone
from workbench.gui.widgets.plateau import PlateauCells

HEIGHT = 36


class RunStrip(QWidget):
    """One row about the run in focus."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._waits = False
        self._theme = theme
        self.setAccessibleName("Run")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._pill = StatePill(theme, small=True)
        self._name = Text(theme, "", "strong")
        self._headline = Text(theme, "", "body", weight=500)
        self._bar = RunBar(theme)
        self._left = Text(theme, "", "body", "text2")
        self._best_name, self._best = Text(theme, "Best", "body", "text2"), Text(theme, "", "strong", "validation_text")
        self._last_name, self._last = Text(theme, "Last", "body", "text2"), Text(theme, "", "strong")
        self._plateau, self._cells = Text(theme, "", "strong"), PlateauCells(theme)
        self._has_plateau = False
        self._rules = [Rule(theme, upright=True) for _ in range(3)]
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 10, 0)
        row.setSpacing(8)
        parts: tuple[QWidget, ...] = (
            self._pill, self._name, self._rules[0], self._headline, self._bar, self._left, self._rules[1],
            self._best_name, self._best, self._last_name, self._last, self._rules[2], self._plateau, self._cells,
        )  # fmt: skip
        for part in parts:
            row.addWidget(part)
        row.addStretch(1)
        self._bar.setFixedWidth(60)
        theme.changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        self.setFixedHeight(self._theme.px(HEIGHT))
        for rule in self._rules:
            rule.setFixedHeight(self._theme.px(16))
        self.update()

    def show_frame(self, story: Story) -> None:
        run = story.run
        tone = "accent" if run.state is not State.ENDED else pill_tone(run.state, run.ending)
        self._bar.show_share(
            facts.progress(run, story.live, waits=self._waits).share, "text3" if tone == "muted" else tone
        )

    def show_words(self, story: Story, state: State) -> None:
        run = story.run
        if self._waits != (state is State.QUEUED):
            self._waits = state is State.QUEUED
            self.show_frame(story)
        self._pill.set_state(state, run.ending)
        self._name.say(self._name.fontMetrics().elidedText(run.name, Qt.TextElideMode.ElideRight, self._theme.px(130)))
        self._headline.say(facts.progress(run, story.live, waits=self._waits).headline.replace(" of ", "/"))
        left, _ = facts.time_left(run, story.live)
        self._left.say(left[:1].lower() + left[1:].removesuffix(" left") if left else "")
        best, last = facts.best_loss(run), facts.last_loss(run)
        self._best.say("" if best is None else words.loss(best))
        self._last.say("" if last is None else words.loss(last))
        counted = facts.plateau(story.said)
        if counted:
            self._plateau.say(f"Plateau {counted[0]}/{counted[1]}")
            self._cells.set_plateau(*counted, stopped=run.ending is Ending.EARLY_STOPPED)
        else:
            self._plateau.say("")
        self._has_plateau = counted is not None
        self.setAccessibleDescription(f"{run.name}, {words.state(state, run.ending)}. {self._headline.text()}")
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Leave out what does not fit, the least important first; the card in the panel has all of it."""
        best, last = bool(self._best.text()), bool(self._last.text())
        groups: list[tuple[bool, tuple[QWidget, ...]]] = [
            (self._has_plateau, (self._cells,)),
            (bool(self._left.text()), (self._left,)),
            (self._has_plateau, (self._rules[2], self._plateau)),
            (last, (self._last_name, self._last)),
            (best, (self._rules[1], self._best_name, self._best)),
            (True, (self._bar,)),
        ]
        always: tuple[QWidget, ...] = (self._pill, self._name, self._rules[0], self._headline)
        room = self.width() - 28 - sum(_width(part) for part in always)
        for wanted, parts in reversed(groups):
            needed = sum(_width(part) for part in parts)
            fits = wanted and needed <= room
            room -= needed if fits else 0
            for part in parts:
                part.setVisible(fits)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box(painter, self.rect().toRectF(), self._theme.colour("card"), self._theme.colour("line"), radius=8)
        painter.end()


def _width(part: QWidget) -> int:
    """The room a part takes in the row, with the gap after it."""
    fixed = part.minimumWidth() if part.minimumWidth() == part.maximumWidth() else part.sizeHint().width()
    return fixed + 8
