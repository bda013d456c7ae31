"""Tells a RunCurves an invented run in few words."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from workbench.curves.run_curves import RunCurves
from workbench.events import AttemptStarted, DataReady, EpochEnded, Event, StepBlock
from workbench.journal import Said, Steps

SPE = 10
READY = DataReady(100, 20, 0, ("a", "b"), (8, 8, 1), SPE, "f")


class Tale:
    """A run of ten steps an epoch, a second each epoch. What was told can be told again to other curves."""

    def __init__(self, epoch: int = 0) -> None:
        """`epoch`: after which epoch of its parent a fork begins."""
        self.curves = RunCurves()
        self.told: list[Said | Steps] = []
        self.attempt = 1
        self._ids = itertools.count(1)
        self.say(AttemptStarted(epoch, epoch * SPE, 1), READY)

    def say(self, *told: Event) -> None:
        said = [Said(next(self._ids), self.attempt, 0.0, event) for event in told]
        self.told += said
        self.curves.feed(said, [])

    def steps(self, count: int, *, penalty: float = 0.0, losses: Sequence[float] | None = None) -> None:
        first = self.curves.steps + 1
        numbers = np.zeros((count, 5), np.float32)
        numbers[:, 0] = 1.0 if losses is None else losses
        numbers[:, 4] = penalty
        self.block(StepBlock(first, numbers, (first - 1) / SPE, (first - 1 + count) / SPE))

    def block(self, block: StepBlock) -> None:
        steps = Steps(next(self._ids), self.attempt, block)
        self.told.append(steps)
        self.curves.feed([], [steps])

    def end(self, epoch: int, value: float | None = None, **metrics: float) -> None:
        """The end of an epoch with its validation loss; None: there is no validation."""
        metrics = {"loss": 0.5, **({"val_loss": value} if value is not None else {}), **metrics}
        self.say(EpochEnded(epoch, epoch * SPE, float(epoch), metrics, 100.0))

    def resume(self, epoch: int, step: int | None = None) -> None:
        """A new attempt from this epoch's end, or from a step within the next."""
        self.attempt += 1
        self.say(AttemptStarted(epoch, epoch * SPE if step is None else step, self.attempt))

    def replayed(self) -> RunCurves:
        """All of it in one call, as a window that opens reads it."""
        curves = RunCurves()
        curves.feed(
            [each for each in self.told if isinstance(each, Said)],
            [each for each in self.told if isinstance(each, Steps)],
        )
        return curves
