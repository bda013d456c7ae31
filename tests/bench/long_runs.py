"""Long invented runs for the rows about curves: numbers of any count, told to a RunCurves as a journal would hand them out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from workbench.curves.run_curves import RunCurves
from workbench.events import COLUMNS, AttemptStarted, BestSoFar, DataReady, EpochEnded, StepBlock
from workbench.journal import Said, Steps

Floats = npt.NDArray[np.float32]


def numbers(first: int, count: int, seed: int = 0) -> Floats:
    """The steps from `first` (counted from 1): a loss that falls with noise on it, and what belongs to it."""
    random = np.random.default_rng((seed, first))
    at = np.arange(first, first + count)
    loss = (0.1 + 2.0 / np.sqrt(1.0 + at / 1000.0)) * np.exp(random.normal(0.0, 0.15, count))
    told = {
        "loss": loss,
        "learning_rate": np.full(count, 1e-3),
        "gradient_norm": np.sqrt(loss),
        "accuracy": np.exp(-loss),
    }
    return np.stack([told.get(name, np.zeros(count)) for name in COLUMNS], axis=1).astype(np.float32)


def blocks(first: int, count: int, size: int, steps_a_second: float, seed: int = 0) -> Iterator[StepBlock]:
    """The same in blocks of `size` steps, as an engine of that speed writes them."""
    for begin in range(first, first + count, size):
        here = min(size, first + count - begin)
        yield StepBlock(
            begin, numbers(begin, here, seed), (begin - 1) / steps_a_second, (begin - 1 + here) / steps_a_second
        )


class Tale:
    """Feeds a RunCurves."""

    def __init__(
        self, steps_an_epoch: int, change: Callable[[int, Floats], None] = lambda _first, _numbers: None
    ) -> None:
        self.curves = RunCurves()
        self._steps_an_epoch = steps_an_epoch
        self._change = change
        self._ids = 0
        self._best = np.inf
        self._say(
            AttemptStarted(0, 0, 1),
            DataReady(64 * steps_an_epoch, 1000, 0, ("a", "b"), (32, 32, 3), steps_an_epoch, "f"),
        )

    def _say(self, *told: object) -> None:
        self._ids += 1
        self.curves.feed([Said(self._ids, 1, 0.0, event) for event in told], [])

    def grow(self, count: int, size: int = 100_000, seed: int = 0) -> None:
        """So many steps more, with the epochs that end among them."""
        for block in blocks(self.curves.steps + 1, count, size, 50_000.0, seed):
            self._change(block.first_step, block.numbers)
            self.take(block)

    def take(self, block: StepBlock) -> None:
        """The next block, with the epochs that end in it."""
        self._ids += 1
        self.curves.feed([], [Steps(self._ids, 1, block)])
        while self.curves.steps >= (self.curves.last_epoch + 1) * self._steps_an_epoch:
            self._end_epoch(self.curves.last_epoch + 1)

    def _end_epoch(self, epoch: int) -> None:
        step = epoch * self._steps_an_epoch
        value = 0.15 + 2.0 / np.sqrt(1.0 + step / 1000.0)
        metrics = {"loss": value, "val_loss": value + 0.02, "accuracy": 0.9, "val_accuracy": 0.88}
        self._say(EpochEnded(epoch, step, step / 50_000.0, metrics, 1000.0, 0, 8))
        if value < self._best:
            self._best = value
            self._say(BestSoFar(epoch, "val_loss", value + 0.02))
