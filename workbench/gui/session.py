"""The window's side of the workspace: all runs, the one in focus, and what is asked of them.

It holds the window's own connection to the journal, the watch over all runs, the threads that follow runs and
the warm engine. It has no widget; the window shows what it says. What it says of a run comes from the journal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from workbench.errors import Way, WorkbenchError
from workbench.events import Command, Ending, State
from workbench.gui import verbs
from workbench.gui.compared import Compared
from workbench.gui.comparing import Comparing
from workbench.gui.followers import Followers, Story
from workbench.gui.runs import facts
from workbench.gui.runs.watch import Row, RunsWatch
from workbench.gui.warm import WarmSeat
from workbench.journal import Journal, Run
from workbench.journal.queue import QueueSettings, queue_settings
from workbench.journal.shown import Shown
from workbench.paths import Workspace
from workbench.spec import Recipe

#: Run time after which the engine for the next run is warmed up, when the run has not ended before.
SUCCESSOR_SECONDS = 15.0


class Session(QObject):
    """Everything the window knows of runs."""

    #: Runs came, went or changed (a tuple of Row, newest first).
    rows_changed = Signal(object)
    #: Another run is in focus (its id; empty when none is).
    focus_changed = Signal(str)
    #: The story of the run in focus is there or has grown.
    story_changed = Signal()
    #: A run at work said something (the Run, a tuple of Said).
    run_said = Signal(object, object)
    #: `compared` is another, or a run in it has got further.
    compared_changed = Signal()
    #: An eye was opened or closed, or the baseline is another (a Shown).
    shown_changed = Signal(object)
    #: Something that was asked for could not be done (a sentence).
    failed = Signal(str)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self.journal = Journal(workspace)
        self.rows: tuple[Row, ...] | None = None
        self.queue = QueueSettings()
        self.focus: str | None = None
        self.followers = Followers(workspace, self)
        self._comparing = Comparing(workspace, self.followers, self)
        self._watch = RunsWatch(workspace, self)
        self._warm = WarmSeat(workspace, self)
        self._chosen = False
        self._closed = False
        self._connect()

    def _connect(self) -> None:
        self._watch.rows_changed.connect(self._take_rows)
        self._watch.failed.connect(self.failed)
        self._watch.shown_changed.connect(self._look_at_shown)
        self._comparing.changed.connect(self.compared_changed)
        self._comparing.shown_changed.connect(self.shown_changed)
        self._comparing.failed.connect(self.failed)
        self.followers.story_loaded.connect(self._story_loaded)
        self.followers.story_grew.connect(self._story_grew)
        self.followers.run_ended.connect(self._run_ended)
        self.followers.failed.connect(self._follower_failed)

    def open(self) -> None:
        """Begin to watch the workspace."""
        self._watch.start()

    def warm_up(self, backend: str) -> None:
        """Have an engine ready for the next run."""
        self._warm.start_soon(backend)

    def close(self) -> None:
        """End every thread and the idle engine; trainings go on."""
        self._closed = True
        self._watch.stop()
        self._comparing.close()
        self.followers.close()
        self._warm.close()
        self.journal.close()

    # --- what there is ---------------------------------------------------------------------------------

    @property
    def story(self) -> Story | None:
        """The story of the run in focus, once it was read."""
        return self.followers.story(self.focus)

    @property
    def unended(self) -> Sequence[Run]:
        """Runs that are queued or at work, oldest first."""
        return [row.run for row in reversed(self.rows or ()) if row.run.state is not State.ENDED]

    @property
    def at_work(self) -> Run | None:
        """The run that Stop acts on: the one in focus if it has not ended, else the one at work, else the next in line."""
        runs = self.unended
        focused = next((run for run in runs if run.id == self.focus), None)
        return focused or next((run for run in runs if run.state.alive), None) or next(iter(runs), None)

    def run(self, run: str | None) -> Run | None:
        return next((row.run for row in self.rows or () if row.run.id == run), None)

    def shown_state(self, run: Run) -> State:
        return facts.shown_state(run, self.unended, moves=not self.queue.paused)

    @property
    def shown(self) -> Shown:
        """Whose eye is open, in which colour, and which run is the baseline."""
        return self._comparing.shown

    @property
    def compared(self) -> tuple[Compared, ...]:
        """The runs whose eye is open, pinned ones first, then the newest."""
        return self._comparing.compared

    # --- what is asked for -------------------------------------------------------------------------------

    def start(self, recipe: Recipe, preset: str, name: str = "") -> Run | None:
        """Train a recipe: at once when nothing else is at work, else after the runs before it; None when that failed, which was told."""
        busy = bool(self.journal.unended())
        warm = None if busy else self._warm.take_for(recipe)
        try:
            run = verbs.create_run(self.journal, recipe, preset, name, for_warm_engine=warm is not None)
        except WorkbenchError as error:
            if warm is not None:
                self._warm.give_back(warm)
            self.failed.emit(str(error))
            return None
        self.followers.expect(run)
        self.followers.follow(run.id, start=True, warm=warm)
        if not busy:
            self.show_run(run.id)
        self._watch.look()
        return run

    def stop(self, run: Run | None = None) -> None:
        self._ask(verbs.stop, run)

    def stop_now(self, run: Run | None = None) -> None:
        self._ask(verbs.stop_now, run)

    def look(self) -> None:
        """Read the runs again soon."""
        self._watch.look()

    def ask(self, command: Command, run: Run, value: float | None = None) -> None:
        """Ask something of a run at work; its engine hears it between two chunks."""
        try:
            self.journal.ask(run.id, command, value)
        except WorkbenchError as error:
            self.failed.emit(str(error))

    def take_up(self, run: Run, epochs: int | None = None) -> str:
        """Train an ended run on, from its newest checkpoint; why that cannot be, as a sentence."""
        from workbench.journal import taking_up  # noqa: PLC0415 - imports NumPy: not before the first paint

        try:
            queued = taking_up.requeue(self.journal, run, epochs)
        except WorkbenchError as error:
            self.failed.emit(str(error))
            return str(error)
        self.followers.drop(queued.id)
        self.followers.follow(queued.id, start=True)
        self._watch.look()
        return ""

    def take_way(self, run: Run, way: Way, pictures: str = "") -> Run | None:
        """Begin the run, or take up the one, to which a way out of a trouble leads; it comes into focus."""
        from workbench.launch.way_out import begin  # noqa: PLC0415 - not before the first paint

        try:
            begun = begin(self.journal, run, way, pictures=pictures)
        except WorkbenchError as error:
            self.failed.emit(str(error))
            return None
        if begun.id == run.id:
            self.followers.drop(begun.id)
        else:
            self.followers.expect(begun)
        self.followers.follow(begun.id, start=True)
        self.show_run(begun.id)
        self._watch.look()
        return begun

    def grow(self, parent: Run, recipe: Recipe, epoch: int | None) -> Run:
        """A new run that grows from a kept epoch of another. Raises WorkbenchError with the reason when it cannot."""
        from workbench.launch.fork import fork  # noqa: PLC0415 - not before the first paint

        child = fork(self.journal, parent, recipe, epoch=epoch)
        self.followers.expect(child)
        self.followers.follow(child.id, start=True)
        self._watch.look()
        return child

    def discard(self, run: Run) -> None:
        """Take a run away: a live one is stopped first, an ended one deleted."""
        try:
            if run.state is State.ENDED:
                verbs.delete(self.journal, run)
            else:
                verbs.discard(self.journal, run.id)
        except WorkbenchError as error:
            self.failed.emit(str(error))
        self._watch.look()

    def rename(self, run: str, name: str) -> None:
        self.change(lambda journal: verbs.rename(journal, run, name))

    def change(self, deed: Callable[[Journal], object]) -> bool:
        """Have something written about runs, which shows as soon as the watch has seen it; False when it could not be."""
        try:
            deed(self.journal)
        except WorkbenchError as error:
            self.failed.emit(str(error))
            return False
        self._watch.look()
        return True

    def show_in_plots(self, runs: Sequence[str], *, shown: bool) -> None:
        """Open or close the eyes of runs."""
        verb = verbs.show_in_plots if shown else verbs.hide_in_plots
        self._arrange(lambda journal: verb(journal, runs))

    def show_seeds(self, run: str) -> None:
        """Open the eyes of all runs that differ from this one in nothing but the seed."""
        kin = next((row.kin for row in self.rows or () if row.run.id == run), "")
        self.show_in_plots([row.run.id for row in reversed(self.rows or ()) if kin and row.kin == kin], shown=True)

    def compare(self, runs: Sequence[str]) -> None:
        """Open the eyes of these runs and close all others."""
        self._arrange(lambda journal: verbs.compare(journal, runs))

    def set_baseline(self, run: str) -> None:
        """Measure the others against this run; against none when it is empty."""
        self._arrange(lambda journal: verbs.set_baseline(journal, run))

    def _arrange(self, deed: Callable[[Journal], None]) -> None:
        """Change what is shown; it is seen at once, while the table's chips follow by the watch."""
        try:
            deed(self.journal)
        except WorkbenchError as error:
            self.failed.emit(str(error))
        self._look_at_shown()

    def _look_at_shown(self) -> None:
        if self._closed:
            return
        try:
            self._comparing.look(self.journal)
        except WorkbenchError as error:
            self.failed.emit(str(error))
        self._forget_others()

    def _ask(self, verb: Callable[[Journal, str], None], run: Run | None) -> None:
        wanted = run or self.at_work
        if wanted is None:
            return
        try:
            verb(self.journal, wanted.id)
        except WorkbenchError as error:
            self.failed.emit(str(error))

    def show_run(self, run: str | None) -> None:
        """Put a run in focus; its curves are read, and followed while it lives."""
        self._chosen = True
        self._set_focus(run)

    def _set_focus(self, run: str | None) -> None:
        if run == self.focus:
            return
        self.focus = run
        if run is not None and self.followers.story(run) is None:
            self.followers.follow(run)
        self._forget_others()
        self.focus_changed.emit(run or "")
        if self.story is not None:
            self.story_changed.emit()

    def _forget_others(self) -> None:
        needed = {run.id for run in self.unended}
        needed |= {run for run in self.followers.living() if run not in {row.run.id for row in self.rows or ()}}
        needed |= self.shown.runs
        if self.focus:
            needed.add(self.focus)
        self.followers.keep_only(needed)

    # --- what came ----------------------------------------------------------------------------------------

    def _take_rows(self, rows: tuple[Row, ...]) -> None:
        if self._closed:  # what the watch had said before it ended must not begin new threads
            return
        seen = {row.run.id for row in self.rows or ()}
        self.rows = rows
        try:
            self.queue = queue_settings(self.journal)
        except WorkbenchError as error:
            self.failed.emit(str(error))
        for run in self.unended:
            if not self.followers.following(run.id):
                self.followers.drop(run.id)  # an ended story that lives again is read from its beginning
                self.followers.follow(run.id)
        self._refresh_story()
        self._comparing.take_rows(rows)
        self.rows_changed.emit(rows)
        known = {row.run.id for row in rows}
        # A run just created is in focus before the watch has seen it: only one that was seen can be gone.
        gone = self.focus not in known and (self.focus in seen or not self.followers.following(self.focus or ""))
        if self.focus is None or gone:
            working = self.at_work if self.unended else None
            self._set_focus(working.id if working else rows[0].run.id if rows else None)
        elif not self._chosen and self.unended and self.run(self.focus) is not None:
            self._follow_the_work()
        self.story_changed.emit()

    def _refresh_story(self) -> None:
        """Nobody follows an ended run any more; its name, tags and note may have changed all the same."""
        story, run = self.story, self.run(self.focus)
        if story is not None and run is not None and story.run.state is run.state is State.ENDED:
            story.run = run

    def _follow_the_work(self) -> None:
        """Until a run was chosen by hand, the one at work is shown, whoever started it."""
        focused = self.run(self.focus)
        working = next((run for run in self.unended if run.state.alive), None)
        if focused is not None and focused.state is State.ENDED and working is not None:
            self._set_focus(working.id)

    def _story_loaded(self, run: str) -> None:
        if run == self.focus:
            self.story_changed.emit()

    def _story_grew(self, run: str, said: object) -> None:
        story = self.followers.story(run)
        if story is None:
            return
        if said:
            self.run_said.emit(story.run, said)
        if run == self.focus:
            self.story_changed.emit()
        if not story.warmed and story.curves.steps and _leaves_room(story):
            story.warmed = True
            self._warm.start_soon(story.run.recipe.training.backend)

    def _run_ended(self, run: str) -> None:
        story = self.followers.story(run)
        if story is not None and story.run.ending is Ending.DISCARDED:
            self.followers.drop(run)
        self._watch.look()

    def _follower_failed(self, _run: str, sentence: str) -> None:
        self.failed.emit(sentence)


def _leaves_room(story: Story) -> bool:
    """Whether a successor of the run's engine may be warmed up: importing Keras would slow a short run by a tenth or more."""
    return story.run.state is State.ENDED or (story.live is not None and story.live.seconds >= SUCCESSOR_SECONDS)
