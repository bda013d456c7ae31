"""Puts what the session knows into the window's widgets: buttons, card, strip, rail, table, plots, status line.

Everything shown of a run comes from the journal by way of the session; nothing here remembers a click.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from workbench.events import AttemptEnded, State
from workbench.gui import announce
from workbench.gui.runs import facts
from workbench.gui.runs.watch import Row
from workbench.gui.session import Session
from workbench.gui.widgets.pill import pill_icon, pill_tone
from workbench.journal import Run, Said
from workbench.journal.rows import Fork, forks_of

if TYPE_CHECKING:
    from workbench.gui.curves.view import CurvesView
    from workbench.gui.window import Window


class Presenter(QObject):
    """Shows runs in the window."""

    def __init__(self, window: Window, session: Session) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._curves: CurvesView | None = None
        self._shown: Run | None = None
        session.compared_changed.connect(self.show_others)

    # --- runs -------------------------------------------------------------------------------------------

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Runs came, went or changed."""
        window = self._window
        window.table.model.queue_moves = not self._session.queue.paused
        window.table.set_rows(rows)
        window.table.focus_run(self._session.focus)
        empty = not rows and self._session.focus is None
        window.regions.set_empty(empty)
        if empty:
            window.page.show_start()
        if self._curves is not None and self._shown is not None:
            self._curves.set_forks(self._forks(self._shown))
        self.show_panels()
        self.show_buttons()

    def show_focus(self, run: str) -> None:
        """Another run is in focus, or none."""
        self._shown = None
        window = self._window
        window.table.focus_run(run or None)
        window.regions.set_empty(not run and not self._session.rows)
        if not run:
            window.page.show_start()
        elif self._session.story is None:
            window.page.show_nothing()
        if self._session.story is not None:
            self.show_frame()
        self.show_panels()
        self.show_buttons()

    def show_frame(self) -> None:
        """What moves: bars and curves; at most 30 times a second."""
        story = self._session.story
        if story is None:
            return
        window = self._window
        first = self._shown is None or self._shown.id != story.run.id
        other = story.run != self._shown
        turned = self._shown is not None and self._shown.state is not story.run.state
        self._shown = story.run
        window.page.show_story(story)
        window.card.show_frame(story)
        if window.regions.narrow:
            window.page.strip.show_frame(story)
        if self._curves is not None:
            if other:
                self._curves.show_run(story.run, story.curves)
                self._curves.set_forks(self._forks(story.run))
            else:
                self._curves.refresh()
        if first or turned:
            self.show_words()

    def _forks(self, run: Run) -> tuple[Fork, ...]:
        """The runs that grew from this one, and after which of its epochs."""
        return forks_of(run, (row.run for row in self._session.rows or ()))

    def show_others(self) -> None:
        """Eyes were opened or closed, or a run that is shown got further."""
        if self._curves is not None:
            self._curves.set_others(self._session.compared)

    def show_words(self) -> None:
        """What is read: at most twice a second."""
        story = self._session.story
        if story is not None:
            state = self._session.shown_state(story.run)
            self._window.card.show_words(story, state)
            if self._window.regions.narrow:
                self._window.page.strip.show_words(story, state)
            self._window.rail.show_state(story.run.name, state, story.run.ending)
        self.show_panels()
        self.show_buttons()

    def put_curves(self, view: CurvesView) -> None:
        """The plots are ready."""
        self._curves = view
        self._shown = None
        self._window.page.put_curves(view)
        self.show_others()
        self.show_frame()

    def show_said(self, run: Run, said: Sequence[Said]) -> None:
        """The last thing a run said goes to the status line; a change of state shows at once."""
        for each in said:
            sentence = announce.sentence(run, each.event)
            if not sentence:
                continue
            if isinstance(each.event, AttemptEnded):
                ending = each.event.ending
                self._say(sentence, pill_icon(State.ENDED, ending), pill_tone(State.ENDED, ending))
            else:
                self._say(sentence, "completed", "ok")
        if any(isinstance(each.event, AttemptEnded) for each in said) and run.id == self._session.focus:
            self.show_words()

    def _say(self, sentence: str, icon: str, tone: str) -> None:
        self._window.status.say(sentence, icon, "text2" if tone == "muted" else tone)

    def show_problem(self, sentence: str) -> None:
        """Something that was asked for could not be done."""
        self._window.status.say(sentence, "error", "err")
        announce.say(self._window, sentence)

    # --- buttons and panels -------------------------------------------------------------------------------

    def show_recipe(self) -> None:
        """The form's recipe has changed."""
        recipe = self._window.recipe.recipe
        if recipe is not None:
            self._window.toolbar.device.show_recipe(recipe)
        self.show_buttons()

    def show_buttons(self) -> None:
        """Start, Stop and the menus, as the journal and the form have it."""
        window, session = self._window, self._session
        busy = bool(session.unended)
        blocked = ""
        if window.recipe.recipe is None:
            blocked = window.recipe.explain_problems()
        window.toolbar.show_start(
            busy=busy, blocked=blocked, primary=not (window.page.shows_start or window.page.shows_ways)
        )
        commands = window.commands
        commands["start"].setText("Add to queue" if busy else "Start")
        run = session.at_work
        window.toolbar.show_stop(run.name if run else "", stopping=run is not None and run.state is State.STOPPING)
        paused = run is not None and run.state is State.PAUSED
        can_pause = run is not None and run.state in {State.PREPARING, State.RUNNING, State.PAUSED}
        window.toolbar.show_pause(run.name if run and can_pause else "", paused=paused)
        commands["pause"].setText("Continue" if paused else "Pause")
        for name in ("pause", "save_checkpoint", "set_rate"):
            commands[name].setEnabled(can_pause)
        commands["stop"].setEnabled(run is not None and run.state is not State.STOPPING)
        for name in ("stop_now", "discard"):
            commands[name].setEnabled(run is not None)
        focused = session.run(session.focus)
        focus = focused is not None
        ended = focused is not None and focused.state is State.ENDED
        commands["resume"].setEnabled(focused is not None and facts.broken_off(focused))
        commands["longer"].setEnabled(ended)
        commands["fork"].setEnabled(focus)
        for name in (
            "use_recipe",
            "rename",
            "tags",
            "note",
            "pin",
            "export_report",
            "export_script",
            "export_notebook",
            "export_model",
            "open_tensorboard",
            "open_folder",
            "delete",
            "summary",
            "eye",
            "baseline",
        ):
            commands[name].setEnabled(focus)
        focused = session.run(session.focus)
        commands["pin"].setChecked(focused is not None and focused.pinned)
        commands["eye"].setChecked(session.focus in session.shown.runs)
        commands["baseline"].setChecked(focus and session.focus == session.shown.baseline)
        window.recipe.set_running(busy)
        window.queue.show()

    def show_panels(self) -> None:
        """The panel switches and the empty parts."""
        window, panels = self._window, self._window.regions.panels
        commands = window.commands
        commands["left_panel"].setChecked(panels.left)
        commands["run_table"].setChecked(panels.table)
        commands["right_panel"].setChecked(window.regions.right_open)
        commands[f"theme_{window.theme.mode}"].setChecked(True)
        window.card.setVisible(self._session.story is not None)
        if self._session.story is None:
            window.rail.show_state("", None, None)
