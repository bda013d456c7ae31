"""Has the lab's methods race on the recipe's network: asks which, then starts one ordinary run for each and compares them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from workbench.errors import RecipeError
from workbench.gui import announce, words
from workbench.gui.session import Session
from workbench.journal import Run, labels
from workbench.spec import Recipe
from workbench.spec.entrants import Entrant, recipe_of

if TYPE_CHECKING:
    from workbench.gui.lab.network_dialog import NetworkDialog
    from workbench.gui.window import Window

TAG = "race"
#: The measure and the axis that the comparison opens with: by step all have seen the same pictures. Another click is by second.
_MEASURE, _AXIS = "loss", "step"


class NetworkDesk(QObject):
    """The races on networks that one window starts."""

    def __init__(self, window: Window, session: Session) -> None:
        super().__init__(window)
        self._window, self._session = window, session
        self.dialog: NetworkDialog | None = None
        window.lab.network_asked.connect(self.open)

    def open(self) -> None:
        """Ask which methods are to race."""
        from workbench.gui.lab.network_dialog import NetworkDialog  # noqa: PLC0415 - once it is asked for

        window, panel = self._window, self._window.recipe
        if self.dialog is not None:
            return
        if panel.recipe is None:
            self._refuse(f"No race on a network: something in the recipe is wrong. {panel.explain_problems()}")
            return
        lab, session = window.lab_panel.lab, self._session
        dialog = NetworkDialog(
            window.theme, lab, panel.recipe, busy=bool(session.unended), at_once=session.queue.at_once, parent=window
        )
        if not dialog.entries:
            dialog.deleteLater()
            self._refuse("The lab has no method that trains a network. Add one, such as Adam.")
            return
        self.dialog = dialog
        dialog.agreed.connect(self._agree)
        dialog.finished.connect(self._closed)
        dialog.open()

    def _closed(self) -> None:
        self.dialog = None

    def _refuse(self, sentence: str) -> None:
        self._window.status.say(sentence, "error", "err")
        announce.say(self._window, sentence)

    def _agree(self) -> None:
        """Start all of them, or say why one of them cannot be and start none."""
        assert self.dialog is not None
        chosen = self.dialog.chosen
        recipes, wrong = self._recipes(chosen, self.dialog.recipe)
        wrong = wrong or _alike(recipes)
        if wrong:
            self.dialog.refuse(f"{wrong} Nothing was started.")
            announce.say(self._window, wrong)
            return
        self.dialog.accept()
        self.start(recipes)

    def _recipes(self, chosen: Sequence[tuple[str, Entrant]], recipe: Recipe) -> tuple[list[tuple[str, Recipe]], str]:
        """The runs' names and recipes, and what stands in the way of any of them."""
        found, wrong = [], []
        names = _names(chosen)
        for name, (title, racer) in zip(names, chosen, strict=True):
            try:
                found.append((name, recipe_of(racer, recipe)))
            except RecipeError as error:
                wrong.append(
                    f"{title} cannot train this recipe. {self._window.recipe.explain_problems(error.problems)}"
                )
        return found, " ".join(wrong)

    def start(self, recipes: Sequence[tuple[str, Recipe]]) -> tuple[Run, ...]:
        """One run for each, in this order, tagged alike and compared with the first; those that could be made."""
        session, runs = self._session, []
        for name, recipe in recipes:
            run = session.start(recipe, self._window.recipe.preset_name, name)
            if run is None:
                break  # why was told
            runs.append(run)
        if not runs:
            return ()
        session.change(lambda journal: [labels.add_tags(journal, run.id, [TAG]) for run in runs])
        session.set_baseline(runs[0].id)
        session.compare([run.id for run in runs])
        self._show(runs, len(recipes))
        return tuple(runs)

    def _show(self, runs: Sequence[Run], wanted: int) -> None:
        window = self._window
        window.compare.look_at(_MEASURE, _AXIS)
        window.tabs.show_tab("compare")
        if len(runs) == wanted:
            sentence = f"{words.plural(wanted, 'run races', 'runs race')} on one network, tagged {TAG}: by step here, by second with Time."
            window.status.say(sentence)
            announce.say(window, sentence)


def _names(chosen: Sequence[tuple[str, Entrant]]) -> list[str]:
    """What the runs are called: "Race: Adam 1e-3"."""
    return [f"Race: {title} {words.number(racer.rate, scientific=True)}" for title, racer in chosen]


def _alike(recipes: Sequence[tuple[str, Recipe]]) -> str:
    """A sentence where two runs would be the same one."""
    seen: dict[str, str] = {}
    for name, recipe in recipes:
        first = seen.setdefault(recipe.model_dump_json(), name)
        if first != name:
            one, other = (each.removeprefix("Race: ") for each in (first, name))
            return f"{one} and {other} would be the same run twice. Give one of them another learning rate, or turn it off."
    return ""
