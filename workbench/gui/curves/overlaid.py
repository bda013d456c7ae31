"""What a plot of several runs shows: the runs, which of their numbers, the axes and the crosshair. Plain state, no painting."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from workbench.curves.axes import Axis, Doubles
from workbench.events import State
from workbench.gui import words
from workbench.gui.compared import Compared
from workbench.gui.curves.shown import Shown

#: The loss of single steps and its smoothed line; every other series is a metric at the ends of epochs.
TRAINING = "loss"
#: Where an epoch's end is looked for, rounding may have moved it by this share of an epoch.
_NEAR = 1e-6


@dataclass(frozen=True, eq=False)  # arrays cannot be compared as a whole; a band that is told anew is another
class Band:
    """What runs that differ in their seed only have in common, epoch by epoch."""

    #: which numbers these are: the band of one series says nothing about another
    series: str
    #: one of them, whose epochs say where along x each value stands
    run: str
    epochs: Doubles
    mean: Doubles
    low: Doubles
    high: Doubles


@dataclass(frozen=True)
class Reading:
    """One run at the crosshair: its value, or in words why there is none."""

    run: Compared
    value: float | None
    words: str


@dataclass
class Overlaid(Shown):
    """Several runs on one pair of axes."""

    runs: tuple[Compared, ...] = ()
    series: str = "val_loss"
    band: Band | None = None
    #: where the crosshair stands on x
    at: float | None = None
    #: the run that the crosshair's menu is about
    chosen: str = ""
    _readings: tuple[object, list[Reading]] | None = field(default=None, repr=False)

    @property
    def share(self) -> bool:
        """Whether the values are shares of one, as accuracies are."""
        return "accuracy" in self.series

    @property
    def logarithmic(self) -> bool:
        """A share has no use for a logarithmic scale."""
        return self.log and not self.share

    @property
    def lines(self) -> tuple[Compared, ...]:
        """The runs that have been read."""
        return tuple(run for run in self.runs if run.curves is not None)

    @property
    def empty(self) -> bool:
        return not any(run.curves.steps or len(run.curves.epochs) for run in self.runs if run.curves is not None)

    @property
    def alive(self) -> bool:
        return any(grows(run) for run in self.runs)

    def nothing(self) -> str:
        if not self.runs:
            return "Open the eyes of two runs in the table, or select runs and press C."
        if any(run.curves is None for run in self.runs):
            return "The curves are being read."
        return "These runs have made no step yet. Their curves begin here with the first one."

    def run_of(self, key: str) -> Compared | None:
        return next((run for run in self.runs if run.run.id == key), None)

    def now(self) -> float:
        """How far the longest of the runs has come along x."""
        return max((run.curves.axes.now(self.axis) for run in self.runs if run.curves is not None), default=0.0)

    def unit(self) -> float:
        """About an epoch along x: of the baseline, else of the first run that knows."""
        known = sorted(self.lines, key=lambda run: not run.baseline)
        for run in known:
            assert run.curves is not None
            if run.curves.axes.steps_per_epoch:
                return run.curves.axes.x_of_epoch(Axis.STEP, 1) if self.axis is Axis.STEP else self._epoch(run)
        return 1.0

    def _epoch(self, run: Compared) -> float:
        assert run.curves is not None
        return 1.0 if self.axis is Axis.EPOCH else max(1e-9, run.curves.axes.seconds_per_epoch)

    def cursor_x(self) -> float | None:
        return self.at

    # --- at the crosshair -----------------------------------------------------------------------------

    def readings(self) -> list[Reading]:
        """Every run at the crosshair, in the order of the legend; none without a crosshair."""
        if self.at is None:
            return []
        told = tuple((run.curves.told, run.curves.steps) if run.curves else None for run in self.runs)
        known = (self.at, self.axis, self.series, self.runs, told)
        if self._readings is None or self._readings[0] != known:
            self._readings = (known, [self._read(run, self.at) for run in self.runs])
        return self._readings[1]

    def _read(self, run: Compared, x: float) -> Reading:
        if run.curves is None:
            return Reading(run, None, "is being read")
        if x > run.curves.axes.now(self.axis) + _NEAR * self.unit():
            return Reading(run, None, f"{'is' if grows(run) else 'ended'} at {self._where(run)}")
        value = value_at(run, self.series, self.axis, x)
        if value is not None:
            return Reading(run, value, self.words_of(value))
        fork = run.run.parent_epoch
        return Reading(run, None, f"forked at {words.count(fork)}" if fork else "–")

    def _where(self, run: Compared) -> str:
        """How far a run has come, as the axis counts."""
        assert run.curves is not None
        if self.axis is Axis.TIME:
            return words.clock(run.curves.axes.run_seconds)
        return words.count(run.curves.last_epoch if self.axis is Axis.EPOCH else run.curves.steps)

    def words_of(self, value: float) -> str:
        return words.percent(value) if self.share and math.isfinite(value) else words.loss(value)

    def heading(self) -> str:
        """Where the crosshair stands, in words."""
        if self.at is None:
            return ""
        if self.axis is Axis.TIME:
            return f"Run time {words.clock(self.at)}"
        return f"{self.axis.value.capitalize()} {words.count(self.at)}"

    def spoken(self) -> str:
        """The crosshair in sentences."""
        parts = [f"{each.run.run.name} {each.words}." for each in self.readings()]
        return " ".join([f"{self.heading()}.", *parts]) if parts else ""


def grows(run: Compared) -> bool:
    """Whether more is to come."""
    return run.run.state is not State.ENDED


def epoch_at(run: Compared, axis: Axis, x: float) -> int:
    """The last epoch that had ended at a place on the axis; 0 before the first."""
    if run.curves is None:
        return 0
    ends = run.curves.axes.x_of_epochs(axis)
    unit = float(ends[-1]) / max(1, run.curves.last_epoch) if len(ends) else 1.0
    row = int(np.searchsorted(ends, x + _NEAR * unit, side="right")) - 1
    return int(run.curves.epochs.number.view[row]) if row >= 0 else 0


def value_at(run: Compared, series: str, axis: Axis, x: float) -> float | None:
    """A run's value at a place on the axis; None where it has none (NaN is a value: what came out was no number)."""
    curves = run.curves
    assert curves is not None
    if series == TRAINING:
        place = curves.axes.place_of_x(axis, x) - 1
        if place < max(0, curves.grown_at):
            return None
        smooth = float(curves.smooth_loss.at([place])[0])
        return smooth if math.isfinite(smooth) else float(curves.loss.values[place])
    epoch = epoch_at(run, axis, x)
    if not epoch or series not in curves.epochs.names:
        return None
    return float(curves.epochs.metric(series)[int(np.searchsorted(curves.epochs.number.view, epoch))])
