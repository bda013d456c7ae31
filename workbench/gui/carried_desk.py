"""Fills the form with the recipe that a file carries: a model, a figure, a report, a script or a notebook of some run."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from workbench.errors import RecipeError, WorkbenchError
from workbench.gui import announce, dialogs
from workbench.gui.errand import Errands
from workbench.spec import Recipe, carried

if TYPE_CHECKING:
    from workbench.gui.window import Window


class CarriedDesk(QObject):
    """The files of one window that were dropped for their recipes."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._errands = Errands(self)

    def close(self) -> None:
        """Wait for what is being read."""
        self._errands.close()

    def use(self, path: Path) -> None:
        """Have the file looked into; undo brings back what the form has now."""
        self._errands.send(partial(_found, path), self._fill, self._tell_failed)

    def _fill(self, found: object) -> None:
        assert isinstance(found, tuple)
        name, recipe = found
        self._window.recipe.set_recipe(recipe)
        sentence = f"The form has the recipe that {name} carries."
        self._window.status.say(sentence)
        announce.say(self._window, sentence)

    def _tell_failed(self, error: WorkbenchError) -> None:
        if isinstance(error, RecipeError):
            dialogs.tell(self._window, "The recipe in this file cannot be used", str(error))
            return
        self._window.status.say(str(error), "error", "err")
        announce.say(self._window, str(error))


def _found(path: Path) -> tuple[str, Recipe]:
    return path.name, carried.preset_in(path).recipe
