"""Everything a plot needs of one run, fed with what the journal holds; live and replay are the same call.

An engine that takes a run up again starts a new attempt from a checkpoint: what earlier attempts said past that
point is superseded, for steps, epochs, best and flags alike. This knows nothing of pixels, colours or Qt.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import cast

import numpy as np
import numpy.typing as npt

from workbench import events
from workbench.curves.growing import Array, Growing
from workbench.curves.pyramid import UNKNOWN, Pyramid
from workbench.curves.smoothing import Smoother
from workbench.events import Ending
from workbench.journal import Said, Steps
from workbench.journal.rows import Start

Doubles = npt.NDArray[np.float64]

#: Smoothing averages over about this part of an epoch, and never over more than so many steps.
_EPOCH_PART = 5
_MOST_STEPS = 100


class Axis(StrEnum):
    """What runs along x."""

    EPOCH = "epoch"
    STEP = "step"
    TIME = "time"


def smoothing_for(steps_per_epoch: int) -> float:
    """The smoothing β that suits: much where epochs are long, little where a lag would mislead."""
    return 1.0 - 1.0 / min(_MOST_STEPS, max(1, steps_per_epoch // _EPOCH_PART))


@dataclass(frozen=True)
class Best:
    epoch: int
    value: float
    metric: str = "val_loss"


@dataclass(frozen=True)
class Stopped:
    """Early stopping ended the run."""

    epoch: int
    best_epoch: int
    reason: str


@dataclass(frozen=True)
class Flag:
    """Something that happened at a step and deserves a flag: `kind` is "rate", "skipped", "paused" or "resumed"."""

    kind: str
    step: int
    epoch: int
    text: str


@dataclass
class Epochs:
    """What each epoch's end said, as columns; a metric that was not given is NaN."""

    METRICS = ("loss", "val_loss", "accuracy", "val_accuracy")
    number: Growing = field(default_factory=lambda: Growing(np.int64))
    step: Growing = field(default_factory=lambda: Growing(np.int64))
    seconds: Growing = field(default_factory=lambda: Growing(np.float64))
    metrics: dict[str, Growing] = field(default_factory=lambda: {name: Growing(np.float64) for name in Epochs.METRICS})
    waited: list[tuple[int, int] | None] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.number)

    def metric(self, name: str) -> Doubles:
        return self.metrics[name].view

    def add(self, event: events.EpochEnded) -> None:
        self.number.append(event.epoch)
        self.step.append(event.step)
        self.seconds.append(event.seconds)
        for name, column in self.metrics.items():
            column.append(event.metrics.get(name, math.nan))
        known = event.waited is not None and event.patience is not None
        self.waited.append((cast("int", event.waited), cast("int", event.patience)) if known else None)

    def truncate(self, epoch: int) -> None:
        """Forget everything past an epoch."""
        count = int(np.searchsorted(self.number.view, epoch, side="right"))
        for column in (self.number, self.step, self.seconds, *self.metrics.values()):
            column.truncate(count)
        del self.waited[count:]


class RunCurves:
    """The curves of one run, growing."""

    def __init__(self) -> None:
        self.loss = Pyramid()
        self.accuracy = Growing(np.float32)
        self.learning_rate = Growing(np.float32)
        self.gradient_norm = Growing(np.float32)
        #: what penalties on the weights add to the loss of each step
        self.penalty = Growing(np.float32)
        #: whether there were penalties at all
        self.penalized = False
        #: run time at the end of each step, in seconds
        self.seconds = Growing(np.float64)
        self.smooth_loss = Smoother(lambda: self.loss.values, smoothing_for(0))
        self.smooth_accuracy = Smoother(lambda: self.accuracy.view, smoothing_for(0))
        self.epochs = Epochs()
        self.flags: list[Flag] = []
        self.stopped_early: Stopped | None = None
        #: why the run ended; None while it lives
        self.ended: Ending | None = None
        self.reason = ""
        self.message = ""
        #: grows whenever something is taken back: whoever drew the past must draw it again
        self.rewritten = 0
        #: grows whenever an event changed something other than the steps
        self.told = 0
        self._steps_per_epoch: int | None = None
        self._smoothing_chosen = False
        self._bests: list[Best] = []
        self._attempt = 0
        self._starts: dict[int, int] = {}
        #: blocks taken in this call, joined before they are appended: a replay has thousands
        self._new: list[tuple[events.Floats, Doubles]] = []
        self._taken = 0

    # --- feeding ------------------------------------------------------------------------------------

    def feed(self, said: Sequence[Said], steps: Sequence[Steps]) -> bool:
        """Take in what is new in the journal, in order; whether anything changed."""
        before = (self.told, self.rewritten, self.steps)
        for each in said:
            if isinstance(each.event, events.AttemptStarted):
                self._starts[each.attempt] = each.event.step
        for block in steps:
            self._take_block(block)
        # An attempt that has said no step yet has superseded those past its start all the same.
        newest = max(self._starts, default=0)
        if newest > self._attempt:
            self._begin(newest, self._starts[newest])
        self._append()
        for each in said:
            self._take_event(each)
        self.smooth_loss.update()
        self.smooth_accuracy.update()
        return before != (self.told, self.rewritten, self.steps)

    def _begin(self, attempt: int, step: int) -> None:
        self._append()
        self._attempt = attempt
        if step < self.steps:
            columns = (self.accuracy, self.learning_rate, self.gradient_norm, self.penalty, self.seconds)
            for column in (self.loss, *columns):
                column.truncate(step)
            self._taken = self.steps
            self.smooth_loss.truncate(step)
            self.smooth_accuracy.truncate(step)
            self.rewritten += 1

    def _take_block(self, steps: Steps) -> None:
        block = steps.block
        if steps.attempt > self._attempt:
            self._begin(steps.attempt, self._starts.get(steps.attempt, block.first_step - 1))
        last = block.last_step
        if steps.attempt < self._attempt:
            last = min(last, self._starts.get(self._attempt, 0))
        skip = max(0, self._taken + 1 - block.first_step)
        count = last - block.first_step + 1
        if count <= skip:
            return
        gap = block.first_step - 1 - self._taken
        if gap > 0:
            self._take(np.full((gap, len(events.COLUMNS)), UNKNOWN, np.float32), np.zeros(gap))
        ends = block.begin + (block.end - block.begin) * np.arange(1, block.steps + 1) / block.steps
        self._take(block.numbers[skip:count], ends[skip:count])

    def _take(self, numbers: events.Floats, seconds: Doubles) -> None:
        self._new.append((numbers, seconds))
        self._taken += len(numbers)

    def _append(self) -> None:
        """Append what was taken. Time never runs backwards, whatever the clocks of two attempts say."""
        if not self._new:
            return
        numbers = np.concatenate([block for block, _ in self._new])
        seconds = np.concatenate([ends for _, ends in self._new])
        self._new.clear()
        latest = float(self.seconds.view[-1]) if len(self.seconds) else 0.0
        columns = dict(zip(events.COLUMNS, numbers.T, strict=True))
        self.loss.append(columns["loss"])
        self.learning_rate.append(columns["learning_rate"])
        self.gradient_norm.append(columns["gradient_norm"])
        self.accuracy.append(columns["accuracy"])
        self.penalty.append(columns["penalty"])
        self.penalized = self.penalized or bool((columns["penalty"] > 0).any())
        self.seconds.append(np.maximum.accumulate(np.maximum(seconds, latest)))

    def _take_event(self, said: Said) -> None:  # noqa: C901 - a case an event
        event = said.event
        self.told += 1
        match event:
            case events.AttemptStarted():
                self._take_up(said.attempt, event)
            case events.DataReady():
                self._steps_per_epoch = event.steps_per_epoch or None
                if not self._smoothing_chosen:
                    self._smooth_anew(smoothing_for(event.steps_per_epoch))
            case events.EpochEnded():
                self.epochs.truncate(event.epoch - 1)
                self.epochs.add(event)
            case events.BestSoFar():
                self._bests.append(Best(event.epoch, event.value, event.metric))
            case events.RateChanged() | events.StepsSkipped() | events.Paused():
                self.flags.append(_flag(event))
            case events.Resumed():
                self._tell_resumed(event)
            case events.StoppedEarly():
                self.stopped_early = Stopped(event.epoch, event.best_epoch, event.reason)
            case events.Failed():
                self.message = event.card.title
            case events.AttemptEnded():
                self.ended, self.reason = event.ending, event.reason
            case _:
                self.told -= 1

    def _take_up(self, attempt: int, event: events.AttemptStarted) -> None:
        """What was said past the place where an engine took the run up is no longer so."""
        if len(self.epochs) and int(self.epochs.number.view[-1]) > event.epoch:
            self.rewritten += 1
        self.epochs.truncate(event.epoch)
        self._bests = [best for best in self._bests if best.epoch <= event.epoch]
        end = int(self.epochs.step.view[-1]) if self.last_epoch == event.epoch and event.epoch else event.step
        start = Start(event.epoch, event.step, within=event.step > (end if event.epoch else 0))
        self.flags = [flag for flag in self.flags if start.leaves(flag)]
        self.stopped_early, self.ended, self.reason, self.message = None, None, "", ""
        if attempt > 1:
            self.flags.append(Flag("resumed", event.step, event.epoch, "Resumed" if event.step else "Restarted"))

    def _tell_resumed(self, event: events.Resumed) -> None:
        """The flag of the attempt says whether it is the same run."""
        text = "Resumed exactly" if event.exact else "Resumed approximately"
        place = next((at for at in reversed(range(len(self.flags))) if self.flags[at].kind == "resumed"), None)
        if place is not None:
            self.flags[place] = Flag("resumed", event.step, event.epoch, text)

    def set_smoothing(self, beta: float) -> None:
        """Smooth with β (0 ≤ β < 1) from now on, whatever would suit the run."""
        self._smoothing_chosen = True
        self._smooth_anew(beta)

    @property
    def smoothing(self) -> float:
        return self.smooth_loss.beta

    def _smooth_anew(self, beta: float) -> None:
        self.smooth_loss.set_beta(beta)
        self.smooth_accuracy.set_beta(beta)

    # --- what it knows --------------------------------------------------------------------------------

    @property
    def steps(self) -> int:
        return len(self.loss)

    @property
    def last_epoch(self) -> int:
        """The last epoch that ended; 0 before the first."""
        return int(self.epochs.number.view[-1]) if len(self.epochs) else 0

    @property
    def steps_per_epoch(self) -> int | None:
        """As the data said; else from the last epoch; None before anything is known."""
        if self._steps_per_epoch is None and len(self.epochs):
            return max(1, round(int(self.epochs.step.view[-1]) / max(1, self.last_epoch)))
        return self._steps_per_epoch

    @property
    def run_seconds(self) -> float:
        """Run time so far, pauses left out."""
        ends = [float(column.view[-1]) for column in (self.seconds, self.epochs.seconds) if len(column)]
        return max(ends, default=0.0)

    @property
    def best(self) -> Best | None:
        """What the run called its best; without such a word, the epoch with the least validation loss."""
        if self._bests:
            return self._bests[-1]
        values = self.epochs.metric("val_loss")
        if not np.isfinite(values).any():
            return None
        place = int(np.nanargmin(np.where(np.isfinite(values), values, np.nan)))
        return Best(int(self.epochs.number.view[place]), float(values[place]))

    @property
    def waited(self) -> int | None:
        """Epochs since the best, as early stopping counts them; None when it is off."""
        known = self.epochs.waited[-1] if self.epochs.waited else None
        return known[0] if known else None

    @property
    def patience(self) -> int | None:
        known = self.epochs.waited[-1] if self.epochs.waited else None
        return known[1] if known else None

    @property
    def projected_stop(self) -> int | None:
        """The epoch after which early stopping would end the run if nothing gets better; None once it has ended."""
        known = self.epochs.waited[-1] if self.epochs.waited else None
        if known is None or self.ended is not None:
            return None
        return self.last_epoch + max(0, known[1] - known[0])

    # --- axes -----------------------------------------------------------------------------------------

    def x_of_places(self, axis: Axis, places: Doubles) -> Doubles:
        """Where on the axis steps lie, by their index (0 is the first step; fractions are rounded down in time)."""
        if axis is Axis.TIME:
            seconds = self.seconds.view
            return cast("Doubles", seconds[np.clip(places.astype(np.int64), 0, max(0, len(seconds) - 1))])
        return (places + 1.0) / self._unit(axis)

    def x_of_epochs(self, axis: Axis) -> Doubles:
        """Where on the axis the ends of the epochs lie."""
        columns: dict[Axis, Array] = {
            Axis.EPOCH: self.epochs.number.view, Axis.STEP: self.epochs.step.view, Axis.TIME: self.epochs.seconds.view,
        }  # fmt: skip
        return columns[axis].astype(np.float64)

    def x_of_epoch(self, axis: Axis, epoch: float) -> float:
        """Where an epoch's end lies, whether it is past or still to come."""
        if axis is Axis.EPOCH:
            return float(epoch)
        steps = float(epoch) * (self.steps_per_epoch or 1)
        if axis is Axis.STEP:
            return steps
        past = self.epochs.number.view
        if len(past) and past[0] <= epoch <= past[-1]:
            return float(np.interp(epoch, past, self.epochs.seconds.view))
        return float(epoch) * self.seconds_per_epoch

    @property
    def seconds_per_epoch(self) -> float:
        if len(self.epochs):
            return float(self.epochs.seconds.view[-1]) / max(1, self.last_epoch)
        done = self.steps / (self.steps_per_epoch or max(1, self.steps))
        return self.run_seconds / done if done else 1.0

    def place_of_x(self, axis: Axis, x: float) -> int:
        """How many steps lie at or before a place on the axis: the index of the first one past it."""
        if not math.isfinite(x):
            return self.steps if x > 0 else 0
        if axis is Axis.TIME:
            return int(np.searchsorted(self.seconds.view, x, side="right"))
        return max(0, min(self.steps, math.floor(x * self._unit(axis) + 1e-9)))

    def _unit(self, axis: Axis) -> float:
        return 1.0 if axis is Axis.STEP else float(self.steps_per_epoch or max(1, self.steps))

    def now(self, axis: Axis) -> float:
        """How far the run has come on the axis."""
        steps = float(self.x_of_places(axis, np.array([self.steps - 1.0]))[0]) if self.steps else 0.0
        ends = self.x_of_epochs(axis)
        return max(steps, float(ends[-1])) if len(ends) else steps


def _flag(event: events.RateChanged | events.StepsSkipped | events.Paused) -> Flag:
    if isinstance(event, events.Paused):
        return Flag("paused", event.step, event.epoch, "Paused")
    if isinstance(event, events.RateChanged):
        return Flag("rate", event.step, event.epoch, _rate_text(event.old, event.new))
    noun = "step" if event.count == 1 else "steps"
    return Flag("skipped", event.step, event.epoch, f"{event.count} {noun} skipped")


def _rate_text(old: float, new: float) -> str:
    """The words "LR ÷ 5" when it is about a whole factor, else the new rate."""
    for sign, ratio in (("÷", old / new if new else 0.0), ("×", new / old if old else 0.0)):
        if ratio >= 1.5 and abs(ratio - round(ratio)) < 0.02 * ratio:  # noqa: PLR2004 - a factor of 1 is no news; 2 % is rounding
            return f"LR {sign} {round(ratio)}"
    return f"LR {new:.1e}".replace("e-0", "e-").replace("e+0", "e")
