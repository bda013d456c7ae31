"""Where the steps, epochs and flags of a run lie along x: by epoch, by step or by run time; and the way back.

It reads what the run's curves hold and keeps nothing itself but how long an epoch is and where a fork grew.
"""

from __future__ import annotations

import math
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from workbench.curves.epochs import Epochs
from workbench.curves.flags import Flag
from workbench.curves.growing import Array
from workbench.curves.origin import Numbers, Origin
from workbench.curves.times import Times

Doubles = npt.NDArray[np.float64]


class Axis(StrEnum):
    """What runs along x."""

    EPOCH = "epoch"
    STEP = "step"
    TIME = "time"


class Axes:
    """The axes of one run, whose steps and epochs grow elsewhere."""

    def __init__(self, times: Times, epochs: Epochs) -> None:
        self._times = times
        self._epochs = epochs
        #: after which epoch and step of its parent a fork grew; zeros for any other run
        self.origin = Origin()
        #: how many steps an epoch has, as the data said; None before that
        self.told_steps: int | None = None

    @property
    def steps(self) -> int:
        return len(self._times)

    @property
    def steps_per_epoch(self) -> int | None:
        """As the data said; else from the last epoch; None before anything is known."""
        if self.told_steps is None and len(self._epochs):
            own = self._epochs.last - self.origin.epoch, self._epochs.last_step - self.origin.step
            return max(1, round(own[1] / max(1, own[0])))
        return self.told_steps

    @property
    def run_seconds(self) -> float:
        """Run time so far, pauses left out."""
        return max(self._times.last, float(self._epochs.seconds.view[-1]) if len(self._epochs) else 0.0)

    def x_of_places(self, axis: Axis, places: Doubles) -> Doubles:
        """Where on the axis steps lie, by their index (0 is the first step; fractions are rounded down in time)."""
        if axis is Axis.TIME:
            return self._times.at(places)
        return self.epochs_of(places + 1.0) if axis is Axis.EPOCH else places + 1.0

    def x_of_epochs(self, axis: Axis) -> Doubles:
        """Where on the axis the ends of the epochs lie."""
        epochs = self._epochs
        column: Array = {Axis.EPOCH: epochs.number, Axis.STEP: epochs.step, Axis.TIME: epochs.seconds}[axis].view
        return column.astype(np.float64)

    def x_of_middles(self, axis: Axis) -> Doubles:
        """Where on the axis the middles of the epochs lie: a mean over an epoch is told of its middle."""
        ends = self._epochs.step.view
        # The first epoch that is known, which a fork's parent may have left behind, was as long as any.
        begins = np.concatenate([ends[:1] - (self.steps_per_epoch or 1), ends[:-1]])
        if axis is Axis.EPOCH:
            return self._epochs.number.view - 0.5
        middles = (begins + ends) / 2.0
        return middles if axis is Axis.STEP else self._times.at(middles - 1.0)

    def x_of_flag(self, axis: Axis, flag: Flag) -> float:
        """Where a flag stands."""
        if axis is Axis.TIME and flag.step <= self.steps:
            return float(self._times.at([flag.step - 1.0])[0]) if flag.step else 0.0
        return float(flag.step) if axis is Axis.STEP else self.x_of_epoch(axis, self.epochs_of(float(flag.step)))

    def x_of_epoch(self, axis: Axis, epoch: float) -> float:
        """Where an epoch's end lies, whether it is past or still to come."""
        if axis is Axis.EPOCH:
            return float(epoch)
        if axis is Axis.STEP:
            return self.steps_of(float(epoch))
        past = self._epochs.number.view
        if len(past) and past[0] <= epoch <= past[-1]:
            return float(np.interp(epoch, past, self._epochs.seconds.view))
        return max(0.0, float(epoch) - self.origin.epoch) * self.seconds_per_epoch

    @property
    def seconds_per_epoch(self) -> float:
        if len(self._epochs):
            return float(self._epochs.seconds.view[-1]) / max(1, self._epochs.last - self.origin.epoch)
        done = self.epochs_of(float(self.steps)) - self.origin.epoch
        return self.run_seconds / done if done else 1.0

    def place_of_x(self, axis: Axis, x: float) -> int:
        """How many steps lie at or before a place on the axis: the index of the first one past it."""
        if not math.isfinite(x):
            return self.steps if x > 0 else 0
        if axis is Axis.TIME:
            return self._times.count_at(x)
        return max(0, min(self.steps, math.floor((x if axis is Axis.STEP else self.steps_of(x)) + 1e-6)))

    def epochs_of(self, steps: Numbers) -> Numbers:
        """How many epochs so many steps are."""
        return self.origin.epochs(steps, float(self.steps_per_epoch or max(1, self.steps)))

    def steps_of(self, epochs: Numbers) -> Numbers:
        """How many steps so many epochs are, by their length so far."""
        return self.origin.steps(epochs, float(self.steps_per_epoch or max(1, self.steps)))

    def now(self, axis: Axis) -> float:
        """How far the run has come on the axis."""
        steps = float(self.x_of_places(axis, np.array([self.steps - 1.0]))[0]) if self.steps else 0.0
        return max(steps, float(self.x_of_epochs(axis).max(initial=0.0)))
