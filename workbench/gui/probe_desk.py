"""Has the learning rate searched and the overfit check made, each in a dialog that follows it, and uses what was proposed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from workbench.gui import announce, words
from workbench.gui.probes import Inquiry, Progress
from workbench.spec import Recipe

if TYPE_CHECKING:
    from workbench.gui.probe_dialogs import OverfitDialog, RateSearchDialog
    from workbench.gui.window import Window


class _Talk(QObject):
    """One kind of dialog with its inquiry: what one says the other hears, as long as the dialog is open."""

    def __init__(self, window: Window, inquiry: Inquiry) -> None:
        super().__init__(window)
        self._window, self._inquiry = window, inquiry
        self.dialog: RateSearchDialog | OverfitDialog | None = None
        inquiry.progressed.connect(self._progressed)
        inquiry.partly_found.connect(self._found)
        inquiry.answered.connect(self._answered)
        inquiry.failed.connect(self._failed)

    def open(self) -> None:
        """Show the dialog and ask; with a problem in the recipe, say which."""
        panel = self._window.recipe
        if panel.recipe is None:
            self._window.presenter.show_problem(f"Not begun. {panel.explain_problems()}")
            panel.focus_problem()
            return
        if self.dialog is None:
            self.dialog = dialog = self._make()
            dialog.again_asked.connect(self._ask)
            dialog.use_asked.connect(self._use)
            dialog.finished.connect(self._closed)
            dialog.open()
            self._ask()

    def _make(self) -> RateSearchDialog | OverfitDialog:
        raise NotImplementedError

    def _read(self, answer: dict[str, Any]) -> None:
        """Show the answer."""
        raise NotImplementedError

    def _ask(self) -> None:
        recipe = self._window.recipe.recipe
        if self.dialog is not None and recipe is not None:
            self.dialog.show_begun()
            self._inquiry.ask(recipe)

    def _closed(self) -> None:
        self.dialog = None
        self._inquiry.cancel()

    def _use(self, rate: float) -> None:
        """Put a learning rate into the form: one step to undo."""
        self._window.recipe.set_value("optimizer.learning_rate", rate)
        self._window.status.say(f"The recipe's learning rate is {words.rate(rate)}. Undo brings the last one back.")
        if self.dialog is not None:
            self.dialog.accept()

    def _progressed(self, progress: Progress) -> None:
        if self.dialog is not None:
            self.dialog.show_progress(progress)

    def _found(self, found: dict[str, Any]) -> None:
        if self.dialog is not None:
            self.dialog.show_part(found)

    def _answered(self, _recipe: Recipe, answer: dict[str, Any]) -> None:
        if self.dialog is not None:
            self._read(answer)
            announce.say(self._window, self.dialog.sentence.text())

    def _failed(self, sentence: str) -> None:
        if self.dialog is not None:
            self.dialog.show_failure(sentence)
            announce.say(self._window, sentence)


class _RateTalk(_Talk):
    dialog: RateSearchDialog | None

    def _make(self) -> RateSearchDialog:
        from workbench.gui.probe_dialogs import RateSearchDialog  # noqa: PLC0415 - once it is asked for

        return RateSearchDialog(self._window.theme, self._window)

    def _read(self, answer: dict[str, Any]) -> None:
        from workbench.probing.rate_search import RateSearch  # noqa: PLC0415 - once it is asked for

        if self.dialog is not None:
            self.dialog.show_answer(RateSearch.from_tree(answer))


class _OverfitTalk(_Talk):
    dialog: OverfitDialog | None

    def _make(self) -> OverfitDialog:
        from workbench.gui.probe_dialogs import OverfitDialog  # noqa: PLC0415 - once it is asked for

        return OverfitDialog(self._window.theme, self._window)

    def _read(self, answer: dict[str, Any]) -> None:
        from workbench.probing.overfit import Overfit  # noqa: PLC0415 - once it is asked for

        if self.dialog is not None:
            self.dialog.show_answer(Overfit.from_tree(answer))


class ProbeDesk(QObject):
    """The probes' commands of one window."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self.rate = _RateTalk(window, window.probes.rate)
        self.overfit = _OverfitTalk(window, window.probes.overfit)
        window.toolbar.rate_pressed.connect(self.rate.open)
        window.toolbar.overfit_pressed.connect(self.overfit.open)

    def by_command(self) -> dict[str, Callable[..., object]]:
        """What each row of the table of commands does."""
        return {
            "find_rate": self.rate.open, "check_overfit": self.overfit.open,
            "measure": self._window.preflight.measure_or_cancel, "take_xray": self._take_xray,
            "try_picture": self._try_picture,
        }  # fmt: skip

    def _take_xray(self) -> None:
        self._window.xrays.take_or_cancel()

    def _try_picture(self) -> None:
        self._window.judging.trying.open()
