"""Early stopping: which epoch is the best so far, and when to give up waiting for a better one.

Only counts; what is kept and what is said about it is the trainer's. With the trick off it still tells
the best epoch, and never stops.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.spec.tricks import EarlyStopping as Spec


@dataclass(frozen=True)
class Verdict:
    """What an epoch meant: a new best, time to stop, and how many epochs have passed since the best."""

    best: bool
    stop: bool
    waited: int


class EarlyStopping:
    """Takes each epoch's validation loss, once and in order."""

    def __init__(self, spec: Spec) -> None:
        self._patience = spec.patience if spec.on else None
        self._min_delta = spec.min_delta if spec.on else 0.0
        self._waited = 0
        self.best_epoch: int | None = None
        self.best_value: float | None = None

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {"waited": self._waited, "best_epoch": self.best_epoch, "best_value": self.best_value}

    def go_on_from(self, state: Mapping[str, Any]) -> None:
        """Count on from what `state` said."""
        self._waited, self.best_epoch, self.best_value = state["waited"], state["best_epoch"], state["best_value"]

    def count_anew(self) -> None:
        """Wait with full patience again; the best stays what it is."""
        self._waited = 0

    @property
    def stops(self) -> bool:
        """Whether the last epoch was one too many."""
        return self._patience is not None and self._waited >= self._patience

    @property
    def waited(self) -> int:
        """Epochs since the best."""
        return self._waited

    def update(self, epoch: int, value: float) -> Verdict:
        """Judge an epoch. A value that is not finite is never better, not even the first."""
        better = math.isfinite(value) and (self.best_value is None or value < self.best_value - self._min_delta)
        if better:
            self.best_epoch, self.best_value, self._waited = epoch, value, 0
        else:
            self._waited += 1
        return Verdict(best=better, stop=self.stops, waited=self._waited)
