"""Has memory and time measured when the footer asks, and shows what was found for as long as the recipe is that one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from workbench.gui import words
from workbench.gui.probes import Progress
from workbench.spec import Recipe

if TYPE_CHECKING:
    from workbench.gui.window import Window
    from workbench.probing.preflight import Preflight


class PreflightDesk(QObject):
    """The pre-flight's side of one window."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window, self._inquiry, self._footer = window, window.probes.preflight, window.recipe.footer
        #: what was measured last, of which recipe, and what else was going on
        self._found: tuple[Recipe, Preflight, str] | None = None
        self._beside = ""
        # what is pressed
        self._footer.measure_asked.connect(self.measure_or_cancel)
        self._footer.batch_chosen.connect(self._use_batch)
        # the recipe
        window.recipe.recipe_changed.connect(self._look)
        window.recipe.problems_changed.connect(self._look)
        # the probe
        self._inquiry.progressed.connect(self._footer.show_measuring)
        self._inquiry.answered.connect(self._answered)
        self._inquiry.failed.connect(self._failed)
        self._inquiry.cancelled.connect(self._over)
        # the verdict
        self._footer.verdict_changed.connect(window.toolbar.show_fit)

    def measure_or_cancel(self) -> None:
        """Measure the form's recipe; while that goes on, do without it."""
        if self._inquiry.running:
            self._inquiry.cancel()
            return
        panel = self._window.recipe
        recipe = panel.recipe
        if recipe is None:
            self._window.presenter.show_problem(f"Not measured. {panel.explain_problems()}")
            panel.focus_problem()
            return
        self._beside = self._at_work()
        self._footer.show_measuring(Progress(0, 0, "Starting an engine for it"))
        self._inquiry.ask(recipe)

    def _use_batch(self, pictures: int) -> None:
        self._window.recipe.set_value("training.batch_size", pictures)
        self._window.status.say(f"The batch size is {words.count(pictures)} now; Undo brings the former one back")

    def _at_work(self) -> str:
        """A run that shares the machine with what is measured: its times are longer then, and less memory is free."""
        run = next((run for run in self._window.session.unended if run.state.alive), None)
        return f"beside {run.name}" if run is not None else ""

    def _look(self) -> None:
        """The recipe changed: what was measured holds for its own only."""
        recipe = self._window.recipe.recipe
        if self._inquiry.running and self._inquiry.recipe != recipe:
            self._inquiry.cancel()
        if self._found is not None and self._found[0] == recipe:
            self._footer.show_measured(*self._found[1:])
        else:
            self._footer.show_measured(None)

    def _answered(self, recipe: Recipe, answer: dict[str, Any]) -> None:
        from workbench.probing.preflight import Preflight  # noqa: PLC0415 - once it is asked for

        self._found = recipe, Preflight.from_tree(answer), self._beside or self._at_work()
        self._over()
        self._look()
        self._window.status.say(self._found[1].sentence)

    def _failed(self, sentence: str) -> None:
        self._over()
        self._footer.show_trouble(sentence)
        self._window.presenter.show_problem(f"Not measured. {sentence}")

    def _over(self) -> None:
        self._footer.show_measuring(None)
