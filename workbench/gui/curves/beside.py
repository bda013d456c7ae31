"""The runs that are shown beside the one in focus, and their numbers. It paints nothing."""

from __future__ import annotations

import numpy as np

from workbench.curves.axes import Doubles
from workbench.gui.compared import Compared
from workbench.gui.curves.scales import FIRST_OUTLIERS
from workbench.gui.curves.shown import Shown


def beside(shown: Shown) -> tuple[Compared, ...]:
    """The runs that are shown beside the one in focus and have been read."""
    focus = shown.run.id if shown.run is not None else ""
    return tuple(each for each in shown.others if each.curves is not None and each.run.id != focus)


def values_of(run: Compared, name: str) -> Doubles:
    """A metric of a run, without its first outliers: for the range that is to show it."""
    assert run.curves is not None
    values = run.curves.epochs.metric(name)
    return values[int(len(values) * FIRST_OUTLIERS) :]


def value_at(run: Compared, name: str, epoch: int) -> float | None:
    """A metric at the end of an epoch; None where the run has not been or is over."""
    assert run.curves is not None
    numbers = run.curves.epochs.number.view
    row = int(np.searchsorted(numbers, epoch))
    return float(run.curves.epochs.metric(name)[row]) if row < len(numbers) and numbers[row] == epoch else None
