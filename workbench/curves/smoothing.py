"""Smoothing of a line that grows: an unbiased exponential mean, or a plain mean over a window of steps.

    exponential   mean_t = Σ βᵗ⁻ʲ x_j / Σ βᵗ⁻ʲ over the x_j that are numbers, so the first values are no worse than the
                  rest (Kingma & Ba 2015, §3, divide by 1 − βᵗ for the same reason)
    window        the mean of the last N values that are numbers; never of later ones, so the past does not change

Where x is no number the line has a gap. Nothing is kept for each step: only sums over blocks of 64 steps, from which the
mean at any step follows. A line of ten million steps costs a few megabytes more, and another smoothing some milliseconds.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from workbench.curves.growing import Array, Growing

Doubles = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
#: Smoothing averages over about this part of an epoch, and never over more than so many steps, unless it is chosen.
_EPOCH_PART = 5
_MOST_STEPS = 100
#: Steps in a block.
BLOCK = 64
#: Blocks worked on at a time: a few megabytes.
_AT_ONCE = 4096
#: What suits a run averages over about this part of an epoch, and never over more than so many steps.
_EPOCH_PART = 5
_MOST_STEPS = 100
#: Powers of β are used down to this: below it a chunk's memory of what came before is carried by hand.
_SMALLEST_POWER = 1e-8
#: Below this a power of β changes no digit.
_NO_DIGIT = 1e-17


class Kind(StrEnum):
    """How a line is smoothed."""

    EXPONENTIAL = "exponential"
    WINDOW = "window"


@dataclass(frozen=True)
class Smoothing:
    """`steps`: over how many steps is averaged; for the exponential mean 1 / (1 − β). 1 changes nothing."""

    kind: Kind = Kind.EXPONENTIAL
    steps: float = 1.0

    @property
    def beta(self) -> float:
        """β of the exponential mean."""
        return 1.0 - 1.0 / max(1.0, self.steps)

    @property
    def window(self) -> int:
        """How many steps the plain mean is over."""
        return max(1, round(self.steps))


def smoothing_for(steps_per_epoch: int) -> Smoothing:
    """The smoothing that suits: much where epochs are long, little where a lag would mislead."""
    return Smoothing(steps=min(_MOST_STEPS, max(1, steps_per_epoch // _EPOCH_PART)))


def exponential(beta: float) -> Smoothing:
    """The exponential mean with β (0 ≤ β < 1)."""
    return Smoothing(Kind.EXPONENTIAL, 1.0 / (1.0 - beta))


def decayed_sums(values: Doubles, beta: float, before: float) -> Doubles:
    """y_i = β y_(i−1) + x_i with y before the first given; vectorised in chunks in which powers of β stay tame."""
    if not len(values):
        return values.copy()
    if beta < _SMALLEST_POWER:
        # A few terms are all there is to it.
        sums, power, back = values.copy(), beta, 1
        while power > _NO_DIGIT and back < len(values):
            sums[back:] += power * values[:-back]
            power, back = power * beta, back + 1
        reach = min(len(values), 4)
        sums[:reach] += before * beta ** np.arange(1, reach + 1)
        return sums
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
    """The smoothed companion of a line that grows; `source` gives the line's values (float32)."""

    def __init__(self, source: Callable[[], Array], smoothing: Smoothing) -> None:
        self._source = source
        self._smoothing = smoothing
        #: of each whole block: the sum (decayed, of all up to its end; or of its own values) and how much it weighs
        self._sums = Growing(np.float64)
        self._weights = Growing(np.float64)

    @property
    def smoothing(self) -> Smoothing:
        return self._smoothing

    def set_smoothing(self, smoothing: Smoothing) -> None:
        """Smooth everything anew."""
        self._smoothing = smoothing
        self.truncate(0)

    def truncate(self, count: int) -> None:
        """The source was cut to `count` values."""
        for column in (self._sums, self._weights):
            column.truncate(count // BLOCK)

    def at(self, places: npt.ArrayLike) -> Doubles:
        """The smoothed values at these steps (indices from 0); NaN where the line itself is no number."""
        chosen = np.asarray(places, np.int64)
        source = self._source()
        if self._smoothing.steps <= 1:
            found = source[chosen].astype(np.float64)
            found[~np.isfinite(found)] = np.nan
            return found
        self._bring_up_to(len(source) // BLOCK)
        sums, weights = np.empty(len(chosen)), np.empty(len(chosen))
        for first in range(0, len(chosen), _AT_ONCE):
            part = slice(first, first + _AT_ONCE)
            how = self._decayed if self._smoothing.kind is Kind.EXPONENTIAL else self._windowed
            sums[part], weights[part] = how(source, chosen[part])
        means = np.full(len(chosen), np.nan)
        np.divide(sums, weights, out=means, where=np.isfinite(source[chosen]) & (weights > 0))
        return means

    # --- whole blocks ---------------------------------------------------------------------------------

    def _bring_up_to(self, blocks: int) -> None:
        while (done := len(self._sums)) < blocks:
            stop = min(blocks, done + _AT_ONCE)
            values = self._source()[done * BLOCK : stop * BLOCK].astype(np.float64).reshape(-1, BLOCK)
            values, good = _numbers(values)
            if self._smoothing.kind is Kind.WINDOW:
                self._sums.append(values.sum(axis=1))
                self._weights.append(good.sum(axis=1))
                continue
            beta = self._smoothing.beta
            powers = beta ** np.arange(BLOCK - 1, -1, -1.0)
            before = (float(column.view[-1]) if done else 0.0 for column in (self._sums, self._weights))
            for column, rows, last in zip((self._sums, self._weights), (values, good), before, strict=True):
                column.append(decayed_sums(rows @ powers, beta**BLOCK, last))

    def _decayed(self, source: Array, places: Places) -> tuple[Doubles, Doubles]:
        """Sum and weight of the exponential mean: the block before, decayed, and what came since."""
        beta = self._smoothing.beta
        block = places // BLOCK
        if not ((places + 1) % BLOCK).any():  # the ends of whole blocks are known as they are
            return self._sums.view[block], self._weights.view[block]
        # Places at the begin of their block need one value each.
        width = int((places - block * BLOCK).max(initial=0)) + 1
        values, good = _rows(source, block * BLOCK, places + 1, width)
        back = places[:, None] - (block[:, None] * BLOCK + np.arange(width))
        # A table of 64 powers: to take each power anew is most of what the mean costs.
        powers = np.append(beta ** np.arange(float(BLOCK)), 0.0)[np.where(back < 0, BLOCK, back)]
        carried = np.where(block > 0, beta ** (places - block * BLOCK + 1.0), 0.0)
        before = np.maximum(block - 1, 0)
        sums, weights = (values * powers).sum(axis=1), (good * powers).sum(axis=1)
        if len(self._sums):
            sums += carried * self._sums.view[np.minimum(before, len(self._sums) - 1)]
            weights += carried * self._weights.view[np.minimum(before, len(self._weights) - 1)]
        return sums, weights

    def _windowed(self, source: Array, places: Places) -> tuple[Doubles, Doubles]:
        """Sum and weight of the plain mean: what is left of the first block, whole blocks, what there is of the last."""
        window = self._smoothing.window
        begin = np.maximum(0, places + 1 - window)
        first, last = -(-begin // BLOCK), (places + 1) // BLOCK
        within = first > last  # no block's edge lies between: one stretch
        head_stop = np.where(within, places + 1, first * BLOCK)
        values, good = _rows(source, begin, head_stop)
        sums, weights = values.sum(axis=1), good.sum(axis=1).astype(np.float64)
        values, good = _rows(source, np.where(within, places + 1, last * BLOCK), places + 1)
        sums += values.sum(axis=1)
        weights += good.sum(axis=1)
        most = window // BLOCK + 1
        between = first[:, None] + np.arange(most)
        whole = (between < last[:, None]) & (between < len(self._sums))
        if whole.any():
            known = np.minimum(between, len(self._sums) - 1)
            sums += np.where(whole, self._sums.view[known], 0.0).sum(axis=1)
            weights += np.where(whole, self._weights.view[known], 0.0).sum(axis=1)
        return sums, weights


def _numbers(values: Doubles) -> tuple[Doubles, Doubles]:
    """The values with 0 where they are no numbers, and 1 where they are."""
    good = np.isfinite(values)
    if good.all():
        return values, np.ones_like(values)
    return np.where(good, values, 0.0), good.astype(np.float64)


def _rows(source: Array, begin: Places, stop: Places, width: int = BLOCK) -> tuple[Doubles, Doubles]:
    """A row of at most `width` values for each stretch begin … stop − 1, 0 where there is none; and 1 where there is."""
    places = begin[:, None] + np.arange(width)
    here = places < stop[:, None]
    values = source[np.minimum(places, len(source) - 1)].astype(np.float64)
    here &= np.isfinite(values)
    values[~here] = 0.0
    return values, here.astype(np.float64)
