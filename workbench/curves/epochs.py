"""What each epoch's end said, as columns; it knows nothing of steps or pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench import events
from workbench.curves.growing import Growing

Doubles = npt.NDArray[np.float64]


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


class Epochs:
    """The epochs that have ended, in order."""

    def __init__(self) -> None:
        self.number = Growing(np.int64)
        self.step = Growing(np.int64)
        self.seconds = Growing(np.float64)
        self.images_per_second = Growing(np.float64)
        #: epochs since the best, and of how many; None where early stopping was off
        self.waited: list[tuple[int, int] | None] = []
        #: after which of them patience was counted anew: early stopping had ended the run there, and somebody asked for more
        self.anew: frozenset[int] = frozenset()
        #: after which early stopping has ever ended the run, also in attempts that are superseded: so the engine looks at it
        self._stops: set[int] = set()
        self._metrics: dict[str, Growing] = {}

    def __len__(self) -> int:
        return len(self.number)

    @property
    def last(self) -> int:
        """The last epoch that ended; 0 before the first."""
        return int(self.number.view[-1]) if len(self) else 0

    @property
    def last_step(self) -> int:
        """After how many steps it ended; 0 before the first."""
        return int(self.step.view[-1]) if len(self) else 0

    @property
    def last_waited(self) -> tuple[int, int] | None:
        """Epochs since the best, and of how many, at its end."""
        return self.waited[-1] if self.waited else None

    @property
    def names(self) -> tuple[str, ...]:
        """The metrics that any epoch gave, in the order in which they came."""
        return tuple(self._metrics)

    def metric(self, name: str) -> Doubles:
        """A metric of each epoch; NaN where it was not given."""
        column = self._metrics.get(name)
        return column.view if column is not None else np.full(len(self), np.nan)

    def add(self, event: events.EpochEnded) -> None:
        for name in [name for name in event.metrics if name not in self._metrics]:
            self._metrics[name] = Growing(np.float64)
            self._metrics[name].append(np.full(len(self), np.nan))
        self.number.append(event.epoch)
        self.step.append(event.step)
        self.seconds.append(event.seconds)
        self.images_per_second.append(event.images_per_second)
        for name, column in self._metrics.items():
            column.append(event.metrics.get(name, math.nan))
        known = event.waited is not None and event.patience is not None
        self.waited.append((event.waited, event.patience) if known else None)  # type: ignore[arg-type] # both are known

    def take_up(self, epoch: int, *, stopped_early: bool) -> None:
        """A new attempt goes on after an epoch; `stopped_early`: it was early stopping that had ended the one before."""
        if stopped_early:
            self._stops.add(self.last)
        self.truncate(epoch)
        if epoch in self._stops:
            self.anew |= {epoch}
            if self.last == epoch and (known := self.waited[-1]) is not None:
                self.waited[-1] = (0, known[1])

    def truncate(self, epoch: int) -> None:
        """Forget everything past an epoch."""
        self.anew = frozenset(each for each in self.anew if each <= epoch)
        count = int(np.searchsorted(self.number.view, epoch, side="right"))
        for column in (self.number, self.step, self.seconds, self.images_per_second, *self._metrics.values()):
            column.truncate(count)
        del self.waited[count:]
