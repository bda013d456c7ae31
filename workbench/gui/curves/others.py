"""The other runs whose eyes are open, under the lines of the run in focus: each in its colour, with dash, marker and number.

Their picture is kept while nothing of them changes (see sheets.py), so that a live run pays for one image a frame.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QPainter

from workbench.curves.run_curves import Doubles
from workbench.gui.compared import Compared
from workbench.gui.curves.frame import Frame
from workbench.gui.curves.inks import Inks
from workbench.gui.curves.lane import Lane
from workbench.gui.curves.overlay import RunInks, View
from workbench.gui.curves.scales import FIRST_OUTLIERS
from workbench.gui.curves.sheets import Sheets, mark_of
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


class Others:
    """What paints them into one lane."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._inks: tuple[Inks, RunInks] | None = None
        self.sheets = Sheets(lane)
        self.sheets.completed.connect(lane.layer.update)

    def paint(self, painter: QPainter, frame: Frame, series: str, *, log: bool) -> None:
        """Paint the lines of this series that are at hand; the rest comes in slices."""
        shown = self._lane.shown
        runs = beside(shown)
        if not runs:
            return
        view = View(
            frame.x, frame.y, frame.width, frame.height, self._lane.devicePixelRatioF(), series, shown.axis, log,
            self._run_inks(shown.inks),
        )  # fmt: skip
        marks = tuple(mark_of(run, self._parent(run)) for run in runs)
        self.sheets.ask(runs, marks, view, self._parent)
        self.sheets.draw(painter, self.sheets.lines, view)
        self.sheets.draw(painter, self.sheets.tops, view)

    def _run_inks(self, inks: Inks) -> RunInks:
        if self._inks is None or self._inks[0] is not inks:
            self._inks = inks, RunInks(inks)
        return self._inks[1]

    def _parent(self, run: Compared) -> Compared | None:
        """The run that another grew from, where it is at hand: the one in focus too."""
        shown = self._lane.shown
        known = {each.run.id: each for each in beside(shown)}
        if shown.run is not None and run.run.parent == shown.run.id:
            return Compared(shown.run, 0, "", curves=shown.curves)
        return known.get(run.run.parent)
