"""Two sides timed in turns, so that whatever else the machine does meets both."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

#: Runs one turn of a side and returns its speed (steps a second, say).
Side = Callable[[], float]


@dataclass(frozen=True)
class Compared:
    """Speeds of both sides, and the ratio one / other with its 95 % interval (of the median, over the pairs)."""

    one: float
    other: float
    ratio: float
    low: float
    high: float
    pairs: int

    def interval(self) -> str:
        return f"median of {self.pairs} pairs, 95 % interval {self.low:.3f} to {self.high:.3f}"


def interleaved(one: Side, other: Side, pairs: int, warm_up: int = 1) -> Compared:
    """Time both sides in turns, each first as often as the other."""
    for _ in range(warm_up):
        one()
        other()
    speeds = []
    for turn in range(pairs):
        if turn % 2:
            second = other()
            speeds.append((one(), second))
        else:
            first = one()
            speeds.append((first, other()))
    ratios = [a / b for a, b in speeds]
    low, high = median_interval(ratios)
    return Compared(
        statistics.median(a for a, _ in speeds), statistics.median(b for _, b in speeds),
        statistics.median(ratios), low, high, pairs,
    )  # fmt: skip


def median_interval(values: Sequence[float], share: float = 0.95) -> tuple[float, float]:
    """Between which of the sorted values the true median lies with at least `share` probability, whatever the distribution.

    The number of values below the median is binomial with 1/2; with fewer than six values it is the whole range.
    """
    ordered = sorted(values)
    count = len(ordered)
    outside = 0.0
    drop = 0
    while drop < count // 2:
        outside += 2 * math.comb(count, drop) / 2**count
        if outside > 1 - share:
            break
        drop += 1
    drop = max(drop - 1, 0)
    return ordered[drop], ordered[count - 1 - drop]
