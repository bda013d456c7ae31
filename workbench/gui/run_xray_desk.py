"""The X-rays that the run in focus has kept, epoch by epoch, in the Model tab; the newest one until somebody looks back.

It reads only what is looked at: with the X-ray of a run in view, and when there is something new.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from workbench.errors import RecipeError
from workbench.events import DataReady, State, Warned
from workbench.gui.model_presenter import TAB
from workbench.gui.session import Session
from workbench.gui.signal_reader import Found, SignalReader, Wish
from workbench.journal import Run, Said

if TYPE_CHECKING:
    from workbench.gui.model.rows import Told
    from workbench.gui.window import Window


class RunXRayDesk(QObject):
    """One window's side of it."""

    def __init__(self, window: Window, session: Session) -> None:
        super().__init__(window)
        self._window, self._session, self._page = window, session, window.model
        self._reader = SignalReader(session.workspace, self)
        #: the run that was looked at last, and the epoch that is wanted of it; None for the newest
        self._run_id = ""
        self._epoch: int | None = None
        #: what was asked of the reader last, and of which state of the run
        self._asked: tuple[Any, ...] = ()
        #: so many times it has said something that changes what can be shown
        self._news = 0
        #: the network and the title that are shown
        self._shown: tuple[Told, str] | None = None
        self._connect()
        self.look()

    def _connect(self) -> None:
        session, page, panel = self._session, self._page, self._window.recipe
        # runs and where one looks
        session.focus_changed.connect(self.look)
        session.rows_changed.connect(self.look)
        session.run_said.connect(self._hear)
        self._window.tabs.turned.connect(self.look)
        page.turned.connect(self.look)
        # what is pressed
        page.epoch_wanted.connect(self._want)
        page.each_epoch_wanted.connect(self._turn_each_epoch)
        # the recipe
        panel.recipe_changed.connect(self._show_recipe)
        panel.problems_changed.connect(self._show_recipe)
        # what was read
        self._reader.found.connect(self._take)
        self._reader.failed.connect(self._take_problem)

    def close(self) -> None:
        """End the thread."""
        self._reader.stop()

    # --- what is wanted -----------------------------------------------------------------------------------

    @property
    def _run(self) -> Run | None:
        return self._session.run(self._session.focus)

    @property
    def _looking(self) -> bool:
        return self._window.tabs.name == TAB and self._page.shows_run

    def look(self) -> None:
        """Have read what is new, if anybody looks."""
        run = self._run
        if run is None and self._session.focus:
            return  # it was just created, and the watch has not seen it yet
        self._page.offer_run(run.name if run is not None else None)
        if run is None or not self._looking:
            self._asked, self._shown = (), None
            return
        self._show_recipe()
        if run.id != self._run_id:
            self._run_id, self._epoch, self._asked, self._shown = run.id, None, (), None
        if not self._asked:
            self._page.show_no_epoch("Reading")
        asked = run.id, run.name, run.epochs, run.state, self._epoch, self._news
        if asked != self._asked:
            self._asked = asked
            self._reader.look(Wish(run, self._epoch))

    def _hear(self, run: Run, said: Sequence[Said]) -> None:
        """Its pictures were read, or there is an X-ray less than it was asked for."""
        if run.id == self._run_id and any(isinstance(each.event, DataReady | Warned) for each in said):
            self._news += 1
            self.look()

    def _want(self, epoch: int | None) -> None:
        self._epoch = epoch
        self.look()

    def _turn_each_epoch(self, on: object) -> None:
        self._window.recipe.set_value("training.xray", bool(on))
        said = "takes an X-ray at each epoch's end" if on else "takes no X-rays"
        self._window.status.say(f"The next run {said}. Undo takes that back.")

    # --- what is shown ----------------------------------------------------------------------------------------

    def _show_recipe(self) -> None:
        """What the form says: whether the next run takes X-rays, and whether it has the network that is shown."""
        recipe = self._window.recipe.recipe
        self._page.show_each_epoch(recipe.training.xray if recipe is not None else None)
        run = self._run
        if self._looking and self._shown is not None and run is not None:
            self._show_network(run, self._shown[0])

    def _take(self, found: Found) -> None:
        from workbench.gui.model import epoch_xray  # noqa: PLC0415 - the thread that read has it

        run = self._run
        if run is None or not self._looking or found.wish.run.id != run.id or found.wish.epoch != self._epoch:
            return
        if found.told is None:
            self._say_none(run, epoch_xray.why_no_network(run))
            return
        self._show_network(run, found.told)
        if found.now is None or found.first is None:
            self._page.show_no_epoch(epoch_xray.why_none(run, asked=_asks(run), warned=found.warned))
            return
        alive = run.state is not State.ENDED
        self._page.show_epochs(found.epochs, found.epoch, run.epochs_planned, alive=alive)
        self._page.show_xray(epoch_xray.shown(run.name, found.now, found.first))

    def _take_problem(self, wish: Wish, sentence: str) -> None:
        run = self._run
        if run is not None and self._looking and wish.run.id == run.id:
            self._say_none(run, sentence)

    def _say_none(self, run: Run, sentence: str) -> None:
        self._shown = None
        self._page.show_sentence(sentence, title=f"Network of {run.name}")
        self._page.show_no_epoch("")

    def _show_network(self, run: Run, told: Told) -> None:
        from workbench.gui.model.epoch_xray import network_title  # noqa: PLC0415 - the thread that read has it
        from workbench.gui.recipe.network import network  # noqa: PLC0415 - as above

        recipe = self._window.recipe.recipe
        plan = network(recipe).plan if recipe is not None else None
        title = network_title(told.title, run.name, other=plan is not None and plan.layers != told.plan.layers)
        if self._shown != (told, title):
            self._shown = told, title
            self._page.show_network(told, title=title)


def _asks(run: Run) -> bool:
    try:
        return run.recipe.training.xray
    except RecipeError:
        return False
