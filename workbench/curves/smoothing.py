"""Unbiased exponential smoothing that goes on where it stopped, without a Python loop over steps.

mean_t = Σ βᵗ⁻ʲ x_j / Σ βᵗ⁻ʲ over the x_j that are numbers, so the first values are no worse than the rest
(Kingma & Ba 2015, §3, divide by 1 − βᵗ for the same reason). Where x is no number the line has a gap.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from workbench.curves.growing import Array, Growing

Doubles = npt.NDArray[np.float64]
#: Powers of β are used down to this: below it a chunk's memory of what came before is carried by hand.
_SMALLEST_POWER = 1e-8


def decayed_sums(values: Doubles, beta: float, before: float) -> Doubles:
    """y_i = β y_(i−1) + x_i with y before the first given; vectorised in chunks in which powers of β stay tame."""
    if beta <= 0.0 or not len(values):
        return values.copy()
    length = max(1, min(len(values), int(math.log(_SMALLEST_POWER) / math.log(beta))))
    rows = -(-len(values) // length)
    padded = np.zeros(rows * length)
    padded[: len(values)] = values
    powers = beta ** np.arange(length)
    sums = np.cumsum(padded.reshape(rows, length) / powers, axis=1) * powers
    carries = np.empty(rows)
    carry, whole = before, beta**length
    for row, end in enumerate(sums[:, -1].tolist()):
        carries[row] = carry
        carry = whole * carry + end
    whole_sums: Doubles = sums + carries[:, None] * (powers * beta)
    return whole_sums.reshape(-1)[: len(values)]


class Smoother:
    """The smoothed companion of a line that grows; `source` gives the line's values."""

    def __init__(self, source: Callable[[], Array], beta: float) -> None:
        self._source = source
        self._beta = beta
        self._smooth = Growing(np.float64)
        self._sum = self._weight = 0.0

    @property
    def values(self) -> Doubles:
        return self._smooth.view

    @property
    def beta(self) -> float:
        return self._beta

    def set_beta(self, beta: float) -> None:
        """Smooth everything anew, with 0 ≤ β < 1."""
        self._beta = beta
        self.truncate(0)

    def truncate(self, count: int) -> None:
        """The source was cut to `count` values (or is to be smoothed anew); rare, so all is done again."""
        if count < len(self._smooth) or count == 0:
            self._smooth.truncate(0)
            self._sum = self._weight = 0.0
        self.update()

    def update(self) -> None:
        """Take in what the source has got since the last call."""
        new = self._source()[len(self._smooth) :].astype(np.float64)
        if not len(new):
            return
        good = np.isfinite(new)
        sums = decayed_sums(np.where(good, new, 0.0), self._beta, self._sum)
        weights = decayed_sums(good.astype(np.float64), self._beta, self._weight)
        self._sum, self._weight = float(sums[-1]), float(weights[-1])
        means = np.full(len(new), np.nan)
        np.divide(sums, weights, out=means, where=good & (weights > 0))
        self._smooth.append(means)
