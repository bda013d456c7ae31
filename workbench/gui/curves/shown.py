"""What all lanes show together: the run, the axis along x, its range and the crosshair. Plain state, no painting."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from workbench.curves.axes import Axis, Doubles
from workbench.curves.epochs import Best
from workbench.curves.flagged import every_flag
from workbench.curves.flags import Flag
from workbench.curves.gap import Gap, judge
from workbench.curves.run_curves import RunCurves
from workbench.events import State
from workbench.gui.compared import Compared
from workbench.gui.curves.choices import Clip
from workbench.gui.curves.inks import Inks
from workbench.gui.curves.scales import Numbers, Range
from workbench.journal import Run
from workbench.journal.rows import Fork
from workbench.stopping import Outcome


@dataclass(frozen=True)
class Cursor:
    """Where the crosshair stands: an index of a step; `epoch` when it stands on an epoch's end."""

    place: int
    epoch: int | None


@dataclass
class Shown:
    inks: Inks
    run: Run | None = None
    curves: RunCurves | None = None
    axis: Axis = Axis.EPOCH
    log: bool = False
    x: Range = (0.0, 10.0)
    cursor: Cursor | None = None
    #: the metric of the second lane, by its name for training pictures
    metric: str = "accuracy"
    clip: Clip = Clip.AUTO
    #: where another patience would have stopped the run, and which epoch it would have kept; None while nobody asks
    what_if: Outcome | None = None
    #: the runs whose eyes are open, the one in focus perhaps among them
    others: tuple[Compared, ...] = ()
    #: the run's forks: (name, after which of this run's epochs it grew)
    forks: tuple[Fork, ...] = ()
    _best: tuple[object, tuple[Best, float, float] | None] | None = field(default=None, repr=False)
    _gap: tuple[object, Gap] | None = field(default=None, repr=False)
    _flags: tuple[object, tuple[Flag, ...]] | None = field(default=None, repr=False)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw yet."""
        return self.curves is None or not (self.curves.steps or len(self.curves.epochs))

    def nothing(self) -> str:
        """What to say in place of curves."""
        if self.run is None:
            return "The curves of a run appear here. Start one, or choose one in the table of runs."
        if self.alive:
            return f"{self.run.name} has made no step yet. Its curves begin here with the first one."
        return f"{self.run.name} ended before its first step, so it has no curves."

    @property
    def alive(self) -> bool:
        """Whether more is to come."""
        return self.run is not None and self.run.state is not State.ENDED

    def best_point(self) -> tuple[Best, float, float] | None:
        """The best epoch with its place on x and its validation loss; None before there is one."""
        curves = self.curves
        if curves is None:
            return None
        # Asked many times a frame, but it changes with an event at most.
        known = (curves, curves.told, self.axis)
        if self._best is None or self._best[0] != known:
            self._best = (known, self._find_best(curves))
        return self._best[1]

    def _find_best(self, curves: RunCurves) -> tuple[Best, float, float] | None:
        best = curves.best
        if best is None:
            return None
        found = np.flatnonzero(curves.epochs.number.view == best.epoch)
        shown = "val_loss" if best.metric != "loss" else "loss"
        value = float(curves.epochs.metric(shown)[found[0]]) if len(found) else best.value
        return best, curves.axes.x_of_epoch(self.axis, best.epoch), value

    def gap(self) -> Gap | None:
        """Whether the run overfits, and since when; None without epochs."""
        curves = self.curves
        if curves is None or not len(curves.epochs):
            return None
        known = (curves, curves.told)
        if self._gap is None or self._gap[0] != known:
            self._gap = (known, judge(curves.epochs))
        return self._gap[1]

    def flags(self) -> tuple[Flag, ...]:
        """Everything that has a flag, in order: what the run said, its forks, and where overfitting began."""
        curves = self.curves
        if curves is None:
            return ()
        known = (curves, curves.told, self.forks)
        if self._flags is None or self._flags[0] != known:
            self._flags = (known, every_flag(curves, self.forks, self.gap()))
        return self._flags[1]

    def projected(self) -> int | None:
        """The epoch after which early stopping would end the run; None when the plan ends first."""
        if not self.alive or self.curves is None or self.run is None:
            return None
        stop = self.curves.projected_stop
        return stop if stop is not None and stop < self.run.epochs_planned else None

    def cursor_x(self) -> float | None:
        if self.cursor is None or self.curves is None:
            return None
        if self.cursor.epoch is not None:
            return self.curves.axes.x_of_epoch(self.axis, self.cursor.epoch)
        return float(self.curves.axes.x_of_places(self.axis, np.array([float(self.cursor.place)]))[0])


def heights(values: Numbers, *, log: bool) -> Doubles:
    """Values as they stand on the y axis: themselves, or their decimal logarithm (NaN where there is none)."""
    if not log:
        return values.astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.log10(values.astype(np.float64))
    found[~np.isfinite(found)] = math.nan
    return found


def standing(run: Run | None) -> object:
    """What of a run's row changes what is drawn."""
    return (run.state, run.ending, run.epochs_planned) if run is not None else None
