"""What a path did: its heights and slopes, how many steps it needed, what share of the error a step kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.descent.surfaces import Floats, Surface

#: Rounding keeps a path from coming nearer than this share of where it began, unless its minimum is at 0.
_FLOOR = 1e-11
#: At 0 there is nothing to round; numbers end here.
_LEAST = 1e-290
#: The share of a path's end over which its rate is measured.
_TAIL = 0.5
#: What is left of the height at the minimum, at most.
_ARRIVED = 1e-6
#: A rate needs so many steps.
_FEWEST = 4


@dataclass(frozen=True)
class Path:
    """Where a method was, before its first step and after each: `places` has the shape (steps + 1, 2)."""

    places: Floats
    #: f − f* at each place: shape (steps + 1,)
    heights: Floats
    #: ‖∇f‖ at each place
    slopes: Floats

    @property
    def steps(self) -> int:
        return len(self.places) - 1

    def steps_to(self, error: float) -> int | None:
        """The first step after which f − f* is at most `error`; None when it never is."""
        there = np.flatnonzero(self.heights <= error)
        return int(there[0]) if len(there) else None

    @property
    def gone(self) -> int | None:
        """The step at which it left the world of numbers; None while it is there."""
        lost = np.flatnonzero(~np.all(np.isfinite(self.places), axis=1))
        return int(lost[0]) if len(lost) else None


def measure(surface: Surface, places: Floats) -> Path:
    """The heights and slopes of a path; where numbers ended they are infinite."""
    x, y = places[:, 0], places[:, 1]
    with np.errstate(all="ignore"):
        heights = surface.value(x, y) - surface.lowest
        slopes = np.hypot(*surface.gradient(x, y))
    good = np.isfinite(places).all(axis=1)
    return Path(
        places,
        np.where(good & np.isfinite(heights), np.maximum(heights, 0.0), np.inf),
        np.where(good & np.isfinite(slopes), slopes, np.inf),
    )


def kept(path: Path, surface: Surface, first: int | None = None, last: int | None = None) -> float | None:
    """What share of the error a step keeps: the slope of log ‖∇f‖ over the second half of the way down, or from `first` to `last`.

    0 when the minimum was reached in a step or two; None where there is too little to measure.
    """
    exact = surface.minima == ((0.0, 0.0),) and surface.landscape.kind in {"quadratic", "trough"}
    slopes = path.slopes
    if not np.isfinite(slopes[0]) or slopes[0] == 0:
        return None
    floor = _LEAST if exact else slopes[0] * _FLOOR
    lost = np.flatnonzero(~((slopes > floor) & (slopes < 1 / _LEAST)))
    end = int(lost[0]) - 1 if len(lost) else path.steps
    if end < _FEWEST:
        # Flat ground elsewhere, beside a slice or on a saddle, is no arrival.
        arrived = len(lost) > 0 and slopes[lost[0]] <= floor and path.heights[lost[0]] <= _ARRIVED * path.heights[0]
        return 0.0 if arrived else None
    begin = int(end * (1 - _TAIL)) if first is None else first
    stop = end if last is None else min(last, end)
    if stop - begin < _FEWEST - 1:
        return None
    count = np.arange(begin, stop + 1, dtype=np.float64)
    fall = np.polynomial.polynomial.polyfit(count - count.mean(), np.log(slopes[begin : stop + 1]), 1)[1]
    return float(np.exp(fall))
