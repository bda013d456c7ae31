"""The run card: state, name, progress, time left, best and last loss, plateau, device; ended, the reason instead.

It shows one run's story and asks by signals; it reads no journal.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from workbench.errors import RecipeError
from workbench.events import Ending, State
from workbench.gui import words
from workbench.gui.followers import Story
from workbench.gui.runs import facts
from workbench.gui.runs.bar import RunBar
from workbench.gui.text import Elided, Text, plain_tip
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button, FlatButton
from workbench.gui.widgets.paint import box
from workbench.gui.widgets.pill import StatePill, pill_tone
from workbench.gui.widgets.plateau import PlateauCells
from workbench.journal import Run


class Rule(QWidget):
    """A line between two parts of a card."""

    def __init__(self, theme: Theme, *, upright: bool = False) -> None:
        super().__init__()
        self._theme = theme
        if upright:
            self.setFixedWidth(1)
        else:
            self.setFixedHeight(1)
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("line"))
        painter.end()


class Figure(QWidget):
    """A number with its name above and a note below."""

    def __init__(self, theme: Theme, name: str, *, large: bool, colour: str = "text") -> None:
        super().__init__()
        self.name = Text(theme, name, "caption", "text2")
        self.value = Text(theme, "–", "figure" if large else "title", colour)
        self.note = Text(theme, "", "caption", "text3")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        for part in (self.name, self.value, self.note):
            column.addWidget(part)
        self.note.setVisible(large)

    def say(self, value: str, note: str = "") -> None:
        self.value.say(value)
        self.value.setAccessibleName(f"{self.name.text()}: {value}")
        self.note.say(note)


class RunCard(QWidget):
    """Everything about the run in focus that fits on a card."""

    #: The person asks to fill the form with this run's recipe.
    recipe_asked = Signal()
    #: The person asks to see this run's folder.
    folder_asked = Signal()
    #: The person wants to give the run another name.
    rename_asked = Signal()
    #: The person wants to delete the run, or discard it while it lives.
    delete_asked = Signal()
    #: The person wants an ended run to go on; a new run that grows from this one.
    resume_asked = Signal()
    fork_asked = Signal()
    #: The person wants a checkpoint now; another learning rate.
    save_asked = Signal()
    rate_asked = Signal()
    #: The person wants to change the run's tags.
    tags_asked = Signal()
    #: The person wants to write a note on the run.
    note_asked = Signal()
    #: The person wants to read the rest of the reason.
    details_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._run_id = ""
        self._waits = False
        self.setObjectName("runCard")
        self.setAccessibleName("Run")
        self.pill = StatePill(theme)
        self.pill.setObjectName("statePill")
        self.folder = FlatButton(theme, "", "folder")
        self.folder.setAccessibleName("Show the folder of this run")
        self.folder.setToolTip("Show the folder of this run")
        self.more = FlatButton(theme, "", "more")
        self.more.setAccessibleName("More about this run")
        self.more.setToolTip("More about this run")
        self.name = Elided(theme, "", "title")
        self.line = Text(theme, "", "secondary", "text2", wrap=True)
        self.tags = Text(theme, "", "secondary", "text2", wrap=True)
        self.note = Text(theme, "", "secondary", "text", wrap=True)
        self.headline = Text(theme, "", "strong")
        self.share = Text(theme, "", "body", "text2")
        self.bar = RunBar(theme)
        self.bar.setObjectName("progressBar")
        self.bar.setAccessibleName("Progress of the run")
        self.left = Text(theme, "", "secondary", "text2", wrap=True)
        self.until = Text(theme, "", "secondary", "text2")
        self.best = Figure(theme, "Best validation loss", large=True, colour="validation_text")
        self.last = Figure(theme, "Last", large=True)
        self.accuracy = Figure(theme, "Validation accuracy", large=False)
        self.speed = Figure(theme, "Images per second", large=False)
        self.beside = {name: Figure(theme, title, large=False) for name, title in facts.BESIDE_ACCURACY.items()}
        self.plateau = Text(theme, "", "strong")
        self.cells = PlateauCells(theme)
        self.plateau_note = Text(theme, "", "caption", "text2", wrap=True)
        self.device = Elided(theme, "", "strong")
        self.details = FlatButton(theme, "Details…")
        self.resume = Button(theme, "Resume", "play", "tonal")
        self.resume.setObjectName("resumeButton")
        self.fork = Button(theme, "Fork…", "fork")
        self.fork.setObjectName("forkButton")
        self.use_recipe = Button(theme, "Use its recipe", "import")
        self._arrange()
        self._connect()

    def _arrange(self) -> None:
        whole = QVBoxLayout(self)
        whole.setContentsMargins(14, 12, 14, 14)
        whole.setSpacing(10)
        top = QHBoxLayout()
        top.setSpacing(0)
        top.addWidget(self.pill)
        top.addStretch(1)
        top.addWidget(self.folder)
        top.addWidget(self.more)
        names = QVBoxLayout()
        names.setSpacing(2)
        names.addWidget(self.name)
        names.addWidget(self.line)
        names.addWidget(self.tags)
        names.addWidget(self.note)
        for part in (top, names, self._progress_part()):
            whole.addLayout(part)
        self._figures_rule, self._plateau_rule, self._device_rule = (Rule(self._theme) for _ in range(3))
        whole.addWidget(self._figures_rule)
        whole.addWidget(self._figures_part())
        whole.addWidget(self._plateau_rule)
        whole.addWidget(self._plateau_part())
        whole.addWidget(self._device_rule)
        whole.addWidget(self.device)
        on = QHBoxLayout()
        on.setSpacing(8)
        on.addWidget(self.resume, 1)
        on.addWidget(self.fork, 1)
        whole.addLayout(on)
        whole.addWidget(self.use_recipe)

    def _progress_part(self) -> QVBoxLayout:
        part = QVBoxLayout()
        part.setSpacing(6)
        first = QHBoxLayout()
        first.addWidget(self.headline)
        first.addStretch(1)
        first.addWidget(self.share)
        second = QHBoxLayout()
        second.addWidget(self.left, 1)
        second.addWidget(self.until, 0, Qt.AlignmentFlag.AlignTop)
        part.addLayout(first)
        part.addWidget(self.bar)
        part.addLayout(second)
        part.addWidget(self.details, 0, Qt.AlignmentFlag.AlignLeft)
        return part

    def _figures_part(self) -> QWidget:
        self._figures = QWidget()
        grid = QGridLayout(self._figures)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(10)
        for place, figure in enumerate((self.best, self.last, self.accuracy, self.speed)):
            grid.addWidget(figure, place // 2, place % 2)
            grid.setColumnStretch(place % 2, 1)
        self._grid, self._beside_shown = grid, tuple[str, ...]()
        for figure in self.beside.values():
            figure.hide()
        return self._figures

    def _plateau_part(self) -> QWidget:
        self._plateau = QWidget()
        part = QVBoxLayout(self._plateau)
        part.setContentsMargins(0, 0, 0, 0)
        part.setSpacing(4)
        row = QHBoxLayout()
        row.addWidget(self.plateau)
        row.addStretch(1)
        row.addWidget(self.cells)
        part.addLayout(row)
        part.addWidget(self.plateau_note)
        return self._plateau

    def _connect(self) -> None:
        self.folder.clicked.connect(self.folder_asked)
        self.use_recipe.clicked.connect(self.recipe_asked)
        self.resume.clicked.connect(self.resume_asked)
        self.fork.clicked.connect(self.fork_asked)
        self.details.clicked.connect(self.details_asked)
        self.more.clicked.connect(self._show_menu)
        self._theme.changed.connect(self.update)

    # --- showing -----------------------------------------------------------------------------------

    def show_frame(self, story: Story) -> None:
        """What moves with every frame: the bar."""
        run = story.run
        done = facts.progress(run, story.live, waits=self._waits)
        tone = "accent" if run.state is not State.ENDED else pill_tone(run.state, run.ending)
        best = None
        if run.ending is Ending.EARLY_STOPPED and run.best_epoch:
            best = run.best_epoch / run.epochs_planned
        self.bar.show_share(done.share, "text3" if tone == "muted" else tone, best)

    def show_words(self, story: Story, state: State) -> None:
        """Everything else, at most twice a second. `state` is the one to show on the pill."""
        run = story.run
        if self._waits != (state is State.QUEUED):
            self._waits = state is State.QUEUED
            self.show_frame(story)
        self.pill.set_state(state, run.ending)
        self.name.say(run.name)
        if run.id != self._run_id:
            self._run_id = run.id
            self.line.say(_line(story))
            self.line.setVisible(bool(self.line.text()))
        self._show_labels(run)
        self._show_progress(story)
        self._show_figures(story)
        self._show_plateau(story)
        self.device.say(facts.device_words(run))
        self.device.setVisible(bool(run.device))
        self._device_rule.setVisible(bool(run.device))
        ended = run.state is State.ENDED
        for button in (self.use_recipe, self.resume, self.fork):
            button.setVisible(ended)
        self.resume.setText("Resume" if facts.broken_off(run) else "Train longer…")

    def _show_labels(self, run: Run) -> None:
        self.tags.say(" ".join(f"#{tag}" for tag in run.tags))
        self.tags.setVisible(bool(run.tags))
        self.note.say(facts.note_on_card(run))
        self.note.setToolTip(plain_tip(run.note) if self.note.text() != run.note else "")
        self.note.setVisible(bool(run.note))

    def _show_progress(self, story: Story) -> None:
        run = story.run
        done = facts.progress(run, story.live, waits=self._waits)
        ended = run.state is State.ENDED
        self.headline.say(done.headline)
        if ended:
            self.share.say(words.duration(run.seconds) if run.seconds else "")
            self.left.say(facts.reason(run))
            self.until.say("")
        else:
            self.share.say("" if done.share is None else words.percent(done.share, 0))
            left, until = facts.time_left(run, story.live)
            self.left.say(done.note or left)
            self.until.say("" if done.note else until)
        self.bar.setAccessibleDescription(f"{done.headline}. {self.left.text()}")
        self.left.setVisible(bool(self.left.text()))
        self.details.setVisible(ended and bool(facts.reason_details(run)))

    def _show_figures(self, story: Story) -> None:
        run = story.run
        best, last = facts.best_loss(run), facts.last_loss(run)
        shown = last is not None
        self._figures.setVisible(shown)
        self._figures_rule.setVisible(shown)
        if last is None:
            return
        judged = "val_loss" in run.last
        self.best.name.say("Best validation loss" if judged else "Best loss")
        self.best.say(words.loss(best), f"epoch {run.best_epoch}" if run.best_epoch else "")
        self.last.say(
            words.loss(last), "the best" if last == best else words.signed(last - best) if best is not None else ""
        )
        self.accuracy.name.say("Validation accuracy" if judged else "Accuracy")
        self.accuracy.say(words.percent(facts.accuracy(run)))
        live = story.live.images_per_second if story.live else 0.0
        self.speed.say(words.count(live or run.images_per_second))
        self._show_beside(facts.beside_accuracy(run))

    def _show_beside(self, values: Mapping[str, float]) -> None:
        """What was measured beside accuracy, two a row; rows that a run does not have leave no gap."""
        for name, value in values.items():
            self.beside[name].say(words.percent(value))
        if self._beside_shown == tuple(values):
            return
        self._beside_shown = tuple(values)
        for figure in self.beside.values():
            self._grid.removeWidget(figure)
        for place, name in enumerate(values, start=4):
            self._grid.addWidget(self.beside[name], place // 2, place % 2)
        for name, figure in self.beside.items():
            figure.setVisible(name in values)

    def _show_plateau(self, story: Story) -> None:
        counted = facts.plateau(story.said)
        self._plateau.setVisible(counted is not None)
        self._plateau_rule.setVisible(counted is not None)
        if counted is None:
            return
        waited, patience = counted
        self.plateau.say(f"Plateau {waited}/{patience}")
        self.cells.set_plateau(waited, patience, stopped=story.run.ending is Ending.EARLY_STOPPED)
        self.plateau_note.say(facts.plateau_sentence(story.run, waited, patience))
        self.plateau_note.setVisible(bool(self.plateau_note.text()))

    def _show_menu(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Use its recipe", self.recipe_asked.emit)
        if not self.use_recipe.isVisible():
            menu.addAction("Save checkpoint now", self.save_asked.emit)
            menu.addAction("Change learning rate…", self.rate_asked.emit)
            menu.addAction("Fork…", self.fork_asked.emit)
        menu.addAction("Rename…", self.rename_asked.emit)
        menu.addAction("Tags…", self.tags_asked.emit)
        menu.addAction("Note…", self.note_asked.emit)
        menu.addAction("Show its folder", self.folder_asked.emit)
        menu.addSeparator()
        menu.addAction("Delete…" if self.use_recipe.isVisible() else "Stop and discard…", self.delete_asked.emit)
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box(painter, self.rect().toRectF(), self._theme.colour("card"), self._theme.colour("line"), radius=8)
        painter.end()


def _line(story: Story) -> str:
    try:
        return facts.one_line(story.run.recipe)
    except RecipeError:
        return "Its recipe cannot be read by this version."
