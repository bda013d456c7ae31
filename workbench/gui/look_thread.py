"""Has a file looked at that came from anywhere, and tells what it is. Waits; decides and shows nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, Signal

if TYPE_CHECKING:
    from workbench.spec import Recipe
    from workbench.strangers.found import Found


@dataclass(frozen=True)
class Fitting:
    """How many layers of a recipe's network, of those with weights, fit what was found."""

    layers: int
    of: int


class LookThread(QThread):
    """One look."""

    #: It is known what it is (a Found), and how well its weights fit the recipe's network (a Fitting, or None).
    looked = Signal(object, object)

    def __init__(self, path: Path, recipe: Recipe | None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("lookThread")
        self.path = path
        self._recipe = recipe

    def run(self) -> None:
        # Not before the first paint.
        from workbench.strangers import asking  # noqa: PLC0415 - see above

        found = asking.look(self.path)
        self.looked.emit(found, self._fitting(found))

    def _fitting(self, found: Found) -> Fitting | None:
        from workbench.gui.recipe.network import network  # noqa: PLC0415 - as above
        from workbench.network.weights import arrays  # noqa: PLC0415 - as above
        from workbench.strangers.matching import match  # noqa: PLC0415 - as above

        plan = network(self._recipe).plan if found.layers and self._recipe is not None else None
        return None if plan is None else Fitting(len(match(plan, found.layers)), len(arrays(plan)))
