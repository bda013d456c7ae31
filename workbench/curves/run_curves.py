"""Everything a plot needs of one run, fed with what the journal holds; live and replay are the same call.

An engine that takes a run up again starts a new attempt from a checkpoint: what earlier attempts said past that
point is superseded, for steps, epochs, best and flags alike. This knows nothing of pixels, colours or Qt.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from workbench import events
from workbench.curves import flags
from workbench.curves.axes import Axes, Doubles
from workbench.curves.epochs import Best, Epochs, Stopped
from workbench.curves.flags import Flag
from workbench.curves.growing import Growing
from workbench.curves.origin import Origin
from workbench.curves.pyramid import MISSING, UNKNOWN, Pyramid, flags_of
from workbench.curves.smoothing import Smoother, Smoothing, smoothing_for
from workbench.curves.times import Times
from workbench.events import Ending
from workbench.journal import Said, Steps
from workbench.journal.rows import Start


class RunCurves:
    """The curves of one run, growing."""

    def __init__(self) -> None:
        self.loss = Pyramid()
        self.learning_rate = Pyramid()
        self.gradient_norm = Pyramid()
        self.accuracy = Growing(np.float32)
        #: what penalties on the weights add to the loss of each step; nothing while there were none
        self.penalty = Pyramid()
        self._share = Pyramid()
        #: run time at the end of each step
        self.times = Times()
        self.smooth_loss = Smoother(lambda: self.loss.values, smoothing_for(0))
        self.smooth_accuracy = Smoother(lambda: self.accuracy.view, smoothing_for(0))
        self.epochs = Epochs()
        self.axes = Axes(self.times, self.epochs)
        self.flags: list[Flag] = []
        self.stopped_early: Stopped | None = None
        #: why the run ended; None while it lives
        self.ended: Ending | None = None
        self.reason = ""
        self.message = ""
        #: pictures to train on and to validate with; 0 before the data was read
        self.pictures = (0, 0)
        #: grows whenever something is taken back: whoever drew the past must draw it again
        self.rewritten = 0
        #: grows whenever an event changed something other than the steps
        self.told = 0
        self._smoothing_chosen = False
        self._bests: list[Best] = []
        self._attempt = 0
        self._starts: dict[int, int] = {}
        #: the epoch that was begun last
        self._running = 0
        #: blocks taken in this call, joined before they are appended: a replay has thousands
        self._new: list[tuple[events.Floats, float, float]] = []
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
        return before != (self.told, self.rewritten, self.steps)

    def _begin(self, attempt: int, step: int) -> None:
        self._append()
        self._attempt = attempt
        if step < self.steps:
            for column in (
                self.loss, self.learning_rate, self.gradient_norm, self.accuracy, self.penalty, self._share, self.times,
                self.smooth_loss, self.smooth_accuracy,
            ):  # fmt: skip
                column.truncate(step)
            self._taken = self.steps
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
            self._take(np.full((gap, len(events.COLUMNS)), UNKNOWN, np.float32), 0.0, 0.0)
        seconds = (block.end - block.begin) / block.steps
        self._take(block.numbers[skip:count], block.begin + seconds * skip, block.begin + seconds * count)

    def _take(self, numbers: events.Floats, begin: float, end: float) -> None:
        self._new.append((numbers, begin, end))
        self._taken += len(numbers)

    def _append(self) -> None:
        """Append what was taken."""
        if not self._new:
            return
        blocks, begins, ends = zip(*self._new, strict=True)
        self._new.clear()
        numbers = np.concatenate(blocks)
        columns = dict(zip(events.COLUMNS, numbers.T, strict=True))
        penalized = self.penalized or bool((columns["penalty"] > 0).any())
        if penalized and not self.penalized:
            self.penalty.append(np.where(flags_of(self.loss.values) == MISSING, UNKNOWN, np.float32(0)))
        self.loss.append(columns["loss"])
        self.learning_rate.append(columns["learning_rate"])
        self.gradient_norm.append(columns["gradient_norm"])
        self.accuracy.append(columns["accuracy"])
        if penalized:
            self.penalty.append(columns["penalty"])
        self.times.append([len(block) for block in blocks], begins, ends)

    @property
    def penalized(self) -> bool:
        """Whether there were penalties at all."""
        return len(self.penalty) > 0

    @property
    def grown_at(self) -> int:
        """After which step a fork grew from its parent; 0 for any other run."""
        return self.axes.origin.step

    @property
    def penalty_share(self) -> Pyramid:
        """Which share of loss and penalty together the penalty is, of each step; brought up to date when it is asked for."""
        done = len(self._share)
        if done < len(self.penalty):
            penalty = self.penalty.values[done:]
            with np.errstate(invalid="ignore", divide="ignore"):  # 0 of 0 is no number, and is marked as such
                self._share.append(penalty / (self.loss.values[done:] + penalty))
        return self._share

    def speed_at(self, place: int) -> float:
        """Training pictures a second in the stretch of steps that holds the one at `place`; NaN while nothing is known."""
        _, speeds = self.speeds(place, place + 1)
        return float(speeds[0]) if len(speeds) else math.nan

    def speeds(self, first: int, stop: int) -> tuple[npt.NDArray[np.int64], Doubles]:
        """Where the stretches that hold steps first … stop − 1 stop, and training pictures a second in each."""
        stops, begins, ends = self.times.stretches(first, stop)
        if not len(stops) or not self.pictures[0] or not self.axes.told_steps:
            return stops[:0], begins[:0]
        steps = np.diff(stops, prepend=self.times.stop_before(first))
        with np.errstate(invalid="ignore", divide="ignore"):  # a stretch without a length, as before a fork grew
            speeds = steps * (self.pictures[0] / self.axes.told_steps) / (ends - begins)
        return stops, np.where(np.isfinite(speeds), speeds, np.nan)

    def _take_event(self, said: Said) -> None:  # noqa: C901, PLR0912 - a case an event
        event = said.event
        self.told += 1
        match event:
            case events.AttemptStarted():
                self._take_up(said.attempt, event)
            case events.DataReady():
                self.axes.told_steps = event.steps_per_epoch or None
                self.pictures = (event.training, event.validation)
                if not self._smoothing_chosen:
                    self._smooth_anew(replace(smoothing_for(event.steps_per_epoch), kind=self.smoothing.kind))
            case events.EpochStarted():
                self._running, self.told = event.epoch, self.told - 1
            case events.EpochEnded():
                self.epochs.truncate(event.epoch - 1)
                self.epochs.add(event)
            case events.BestSoFar():
                self._bests.append(Best(event.epoch, event.value, event.metric))
            case events.RateChanged() | events.StepsSkipped() | events.Paused():
                self.flags.append(flags.flag_of(event))
            case events.Continued():
                self._tell_continued(event)
            case events.CheckpointSaved():
                self._tell_saved(event)
            case events.Warned():
                self._tell_warned(said.attempt, event)
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
        if attempt == 1:
            self.axes.origin = Origin(event.epoch, event.step)
        if self.last_epoch > event.epoch:
            self.rewritten += 1
        self.epochs.take_up(event.epoch, stopped_early=self.ended is Ending.EARLY_STOPPED)
        self._bests = [best for best in self._bests if best.epoch <= event.epoch]
        self._running = event.epoch
        end = self.epochs.last_step if self.last_epoch == event.epoch and event.epoch else event.step
        start = Start(event.epoch, event.step, within=event.step > (end if event.epoch else 0))
        self.flags = [flag for flag in self.flags if start.leaves(flag) and flag.step <= event.step]
        self.stopped_early, self.ended, self.reason, self.message = None, None, "", ""
        if attempt > 1:
            self.flags.append(Flag("resumed", event.step, event.epoch, "Resumed" if event.step else "Restarted"))

    def _tell_resumed(self, event: events.Resumed) -> None:
        """The flag of the attempt says whether it is the same run."""
        text = "Resumed exactly" if event.exact else "Resumed approximately"
        place = self._last_flag("resumed")
        if place is not None:
            self.flags[place] = Flag("resumed", event.step, event.epoch, text, event.sentence)

    def _tell_continued(self, event: events.Continued) -> None:
        """The flag of the pause says how long it was."""
        place = self._last_flag("paused")
        if place is not None and self.flags[place].step == event.step:
            self.flags[place] = flags.continued(self.flags[place], event)

    def _last_flag(self, kind: str) -> int | None:
        return next((at for at in reversed(range(len(self.flags))) if self.flags[at].kind == kind), None)

    def _tell_warned(self, attempt: int, event: events.Warned) -> None:
        """Each attempt warns of the same data again: the first time is enough."""
        if not any(flag.kind == "warning" and flag.more == event.message for flag in self.flags):
            # A warning has no step of its own, and in a replay all steps are there before the first event.
            step = max(self.epochs.last_step, self._starts.get(attempt, 0))
            self.flags.append(flags.warned(event, step, self._running))

    def _tell_saved(self, event: events.CheckpointSaved) -> None:
        """Each epoch's end is kept, which is no news: a flag tells of what was saved within one, or for good."""
        if self.epochs.last_step != event.step or event.keep == "every":
            self.flags.append(flags.saved(event))

    def set_smoothing(self, smoothing: Smoothing, *, chosen: bool = True) -> None:
        """Smooth like this from now on; unless it was chosen, what suits the run takes its place once that is known."""
        self._smoothing_chosen = chosen
        self._smooth_anew(smoothing)

    @property
    def smoothing(self) -> Smoothing:
        return self.smooth_loss.smoothing

    def _smooth_anew(self, smoothing: Smoothing) -> None:
        self.smooth_loss.set_smoothing(smoothing)
        self.smooth_accuracy.set_smoothing(smoothing)

    # --- what it knows --------------------------------------------------------------------------------

    @property
    def steps(self) -> int:
        return len(self.loss)

    @property
    def last_epoch(self) -> int:
        """The last epoch that ended; 0 before the first."""
        return self.epochs.last

    @property
    def best(self) -> Best | None:
        """What the run called its best; without such a word, the epoch with the least validation loss."""
        if self._bests:
            return self._bests[-1]
        values = self.epochs.metric("val_loss")
        good = np.flatnonzero(np.isfinite(values))
        if not len(good):
            return None
        place = int(good[np.argmin(values[good])])
        return Best(int(self.epochs.number.view[place]), float(values[place]))

    @property
    def waited(self) -> int | None:
        """Epochs since the best, as early stopping counts them; None when it is off."""
        return self.epochs.last_waited[0] if self.epochs.last_waited else None

    @property
    def patience(self) -> int | None:
        return self.epochs.last_waited[1] if self.epochs.last_waited else None

    @property
    def patience_since(self) -> int | None:
        """The epoch since which patience is counted: the best one, or where the count began anew; None before a best."""
        best = self.best
        return max(best.epoch, *self.epochs.anew, 0) if best is not None else None

    @property
    def projected_stop(self) -> int | None:
        """The epoch after which early stopping would end the run if nothing gets better; None once it has ended."""
        known = self.epochs.last_waited
        if known is None or self.ended is not None:
            return None
        return self.last_epoch + max(0, known[1] - known[0])
