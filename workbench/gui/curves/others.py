"""The other runs whose eyes are open, under the lines of the run in focus: each in its colour, with dash, marker and number.

Their picture is kept while nothing of them changes (see sheets.py), so that a live run pays for one image a frame.
"""

from __future__ import annotations

from PySide6.QtGui import QPainter

from workbench.gui.compared import Compared
from workbench.gui.curves.beside import beside
from workbench.gui.curves.frame import Frame
from workbench.gui.curves.inks import Inks
from workbench.gui.curves.lane import Lane
from workbench.gui.curves.overlay import RunInks, View
from workbench.gui.curves.sheets import Sheets, mark_of


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
