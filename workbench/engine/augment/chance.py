"""Where augmentation's chance comes from: uniform numbers, on the host, each with its own place.

A number is a function of (seed, what it is for, epoch, position in the epoch) only: any stretch of an
epoch can be drawn alone, in any order, and turning one change off disturbs no other. Knows NumPy only.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from workbench.engine.seeds import bits

Reals = npt.NDArray[np.float64]

#: Philox hands out 256 bits at a time: four numbers.
BLOCK = 4


def uniform(seed: int, what: str, epoch: int, count: int, first: int, *, blocks: int = 1) -> Reals:
    """Numbers of [0, 1) for the positions first … first + count − 1: (count, 4 · blocks)."""
    stream = bits(seed, "augmentation", what, epoch)
    stream.advance(first * blocks)
    words = stream.random_raw(count * blocks * BLOCK).reshape(count, blocks * BLOCK)
    # The upper 53 bits, as many as a float64 holds.
    return np.asarray((words >> np.uint64(11)) * 2.0**-53, np.float64)


def whole(bound: int | Reals, numbers: Reals) -> Reals:
    """Whole numbers 0 … bound − 1 from numbers of [0, 1)."""
    return np.floor(numbers * bound)


def beta_quantile(alpha: float, shares: Reals, points: int = 1 << 14) -> Reals:
    """Numbers distributed as Beta(α, α) from uniform ones, by the inverse of its distribution function.

    The density x^(α−1) (1−x)^(α−1) is infinite at 0 for α < 1. With x = t^(1/β), β = min(α, 1), it is
    t^(α/β−1) (1−x)^(α−1) over t: finite up to the middle, and the other half is its mirror image.
    """
    beta = min(alpha, 1.0)
    t = np.linspace(0, 0.5**beta, points)
    # For a tiny α the last t is rounded to 1, which stands for x = ½ all the same.
    x = np.minimum(t ** (1 / beta), 0.5)
    density = t ** (alpha / beta - 1) * (1 - x) ** (alpha - 1)
    below = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)])
    below *= 0.5 / below[-1]
    lower = np.minimum(np.interp(np.minimum(shares, 1 - shares), below, t) ** (1 / beta), 0.5)
    return np.asarray(np.where(shares < 0.5, lower, 1 - lower), np.float64)  # noqa: PLR2004 - the middle
