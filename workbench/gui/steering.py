"""What the window does when a run is to pause, go on, be kept, trained longer or forked: it asks, then has it done."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from workbench.errors import RecipeError, WorkbenchError
from workbench.events import Command, State
from workbench.gui import dialogs
from workbench.gui.runs import facts
from workbench.gui.session import Session
from workbench.journal import Run
from workbench.spec import Recipe
from workbench.spec.recipe import changed

if TYPE_CHECKING:
    from workbench.gui.window import Window


class Steering(QObject):
    """The commands that steer a run, of one window."""

    def __init__(self, window: Window, session: Session) -> None:
        super().__init__(window)
        self._window = window
        self._session = session

    def by_command(self) -> dict[str, Callable[..., object]]:
        """What each row of the table of commands does."""
        return {
            "pause": self.pause_or_continue, "save_checkpoint": self.save_checkpoint, "set_rate": self.set_rate,
            "resume": self.resume, "longer": self.train_longer, "fork": self.fork,
        }  # fmt: skip

    # --- a run at work --------------------------------------------------------------------------------

    def pause_or_continue(self) -> None:
        """What the button says: the journal's state decides, not the last click."""
        run = self._session.at_work
        if run is not None:
            self._session.ask(Command.CONTINUE if run.state is State.PAUSED else Command.PAUSE, run)

    def save_checkpoint(self) -> None:
        run = self._session.at_work
        if run is not None:
            self._session.ask(Command.SAVE, run)
            self._window.status.say(f"{run.name} is saved after the steps it is at.", "save", "text2")

    def set_rate(self) -> None:
        """Ask for another learning rate and have it set."""
        from workbench.gui.steering_dialogs import RateDialog  # noqa: PLC0415 - once it is asked for

        run = self._session.at_work
        if run is None:
            return
        dialog = RateDialog(self._window.theme, run, self._rate_of(run), self._window)

        def agree() -> None:
            value = dialog.rate.value
            if value is None or not 0 < value <= 1000:  # noqa: PLR2004 - as in the recipe
                dialog.refuse("The learning rate must be more than 0 and at most 1000.")
                return
            self._session.ask(Command.SET_RATE, run, float(value))
            dialog.accept()

        dialog.agreed.connect(agree)
        dialog.open()

    def _rate_of(self, run: Run) -> float:
        story = self._session.followers.story(run.id)
        if story is None or not len(story.curves.learning_rate):
            return run.recipe.optimizer.learning_rate
        return float(story.curves.learning_rate.values[-1])

    # --- a run that has ended -------------------------------------------------------------------------

    def _ended(self) -> Run | None:
        run = self._session.run(self._session.focus)
        return run if run is not None and run.state is State.ENDED else None

    def resume(self) -> None:
        """Take the run in focus up again; one that is done is trained longer, after asking how long."""
        run = self._ended()
        if run is None:
            return
        if facts.broken_off(run):
            self._session.take_up(run)
        else:
            self.train_longer()

    def resume_run(self, key: str) -> None:
        """The same of a run in the table, which comes into focus."""
        self._session.show_run(key)
        self.resume()

    def train_longer(self) -> None:
        from workbench.gui.steering_dialogs import LongerDialog  # noqa: PLC0415 - once it is asked for

        run = self._ended()
        if run is None:
            return
        dialog = LongerDialog(self._window.theme, run, self._window)

        def agree() -> None:
            problem = self._session.take_up(run, int(dialog.epochs.value or 0))
            if problem:
                dialog.refuse(problem)
            else:
                dialog.accept()

        dialog.agreed.connect(agree)
        dialog.open()

    def fork(self) -> None:
        """Ask from where the run in focus is to be forked and how, and start the new run."""
        self.fork_after(None)

    def fork_after(self, epoch: int | None) -> None:
        """The same, from this epoch or the nearest one that was kept."""
        from workbench.gui.steering_dialogs import ForkDialog  # noqa: PLC0415 - once it is asked for
        from workbench.launch.fork import kept  # noqa: PLC0415 - not before the first paint

        run = self._session.run(self._session.focus)
        if run is None:
            return
        found = kept(self._session.journal, run)
        if not found:
            sentence = "It has kept no checkpoint to grow from. A checkpoint is written at the end of each epoch."
            dialogs.tell(self._window, f"{run.name} cannot be forked yet", sentence)
            return
        try:
            dialog = ForkDialog(self._window.theme, run, found, self._form_words(run), self._window, epoch=epoch)
        except RecipeError as error:
            dialogs.tell(self._window, f"The recipe of {run.name} cannot be used", str(error))
            return

        def agree() -> None:
            wish = dialog.wish()
            form = self._window.recipe.recipe
            recipe = form if wish.from_form and form is not None else run.recipe
            try:
                recipe = changed(recipe, "training.epochs", wish.epochs)
                recipe = changed(recipe, "optimizer.learning_rate", wish.rate)
                child = self._session.grow(run, recipe, wish.epoch)
            except WorkbenchError as error:
                dialog.refuse(_sentences(error))
                return
            self._session.show_run(child.id)
            dialog.accept()

        dialog.agreed.connect(agree)
        dialog.open()

    def _form_words(self, run: Run) -> str:
        from workbench.spec.recipe import differences  # noqa: PLC0415 - the form has it loaded by now

        form: Recipe | None = self._window.recipe.recipe
        if form is None:
            return "As in the form (it has problems)"
        count = len(list(differences(form, run.recipe)))
        return f"As in the form ({count} {'setting differs' if count == 1 else 'settings differ'})"


def _sentences(error: WorkbenchError) -> str:
    if isinstance(error, RecipeError):
        return "\n".join(str(problem) for problem in error.problems)
    return str(error)
