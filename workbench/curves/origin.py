"""From steps to epochs and back in a run that may have grown from another one, whose epochs may have been longer or shorter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
Numbers = TypeVar("Numbers", float, Doubles)


@dataclass(frozen=True)
class Origin:
    """After which epoch and step of its parent a fork begins; 0 for any other run. Before it the parent's epochs count."""

    epoch: int = 0
    step: int = 0

    def epochs(self, steps: Numbers, long: float) -> Numbers:
        """How many epochs so many steps are, where the run's own epochs have `long` steps."""
        own = self.epoch + (steps - self.step) / long
        return own if not self.step else _either(steps - self.step, own, steps * (self.epoch / self.step))

    def steps(self, epochs: Numbers, long: float) -> Numbers:
        """How many steps so many epochs are."""
        own = self.step + (epochs - self.epoch) * long
        return own if not self.epoch else _either(epochs - self.epoch, own, epochs * (self.step / self.epoch))


def _either(past: Numbers, own: Numbers, before: Numbers) -> Numbers:
    """The run's own count past its origin, its parent's before."""
    if isinstance(past, np.ndarray):
        chosen: Doubles = np.where(past >= 0, own, before)
        return chosen
    return own if past >= 0 else before
