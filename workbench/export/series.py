"""Which points of a run's curves a figure gets: the visible stretch, with no spike lost. NumPy only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.curves.axes import Axis
from workbench.curves.pyramid import Pyramid, Seen
from workbench.curves.run_curves import RunCurves
from workbench.export.wish import Range

Doubles = npt.NDArray[np.float64]
#: Points of a smooth line, at most: more than a printed column can tell apart.
SMOOTH_POINTS = 1200


@dataclass(frozen=True)
class Stretch:
    """The visible part of a run on an axis, and in how many columns it is drawn."""

    curves: RunCurves
    axis: Axis
    x: Range
    columns: int

    @property
    def steps(self) -> tuple[int, int]:
        """Index of the first visible step and of the one behind the last; one more on each side so that lines leave the frame."""
        first, stop = (self.curves.axes.place_of_x(self.axis, edge) for edge in self.x)
        return max(0, first - 1), min(self.curves.steps, stop + 1)

    def places(self) -> npt.NDArray[np.int64]:
        """Steps that a smooth line goes through."""
        first, stop = self.steps
        if stop <= first:
            return np.empty(0, np.int64)
        return np.unique(np.linspace(first, stop - 1, min(SMOOTH_POINTS, stop - first)).astype(np.int64))

    def x_of(self, places: npt.NDArray[np.int64]) -> Doubles:
        return self.curves.axes.x_of_places(self.axis, places.astype(np.float64))

    def every(self, line: Pyramid) -> tuple[Doubles, Doubles, Seen]:
        """A line with all its minima and maxima, at most two points a column; and what it was made of."""
        seen = line.see(*self.steps, self.columns)
        x = self.curves.axes.x_of_places(self.axis, seen.places)
        return *_columns(x, seen.values.astype(np.float64), self.x, self.columns), seen

    def epochs(self) -> npt.NDArray[np.intp]:
        """Rows of the epochs whose ends are visible; one more on each side."""
        ends = self.curves.axes.x_of_epochs(self.axis)
        first = max(0, int(np.searchsorted(ends, self.x[0])) - 1)
        stop = int(np.searchsorted(ends, self.x[1], side="right")) + 1
        return np.arange(first, min(stop, len(ends)))

    def of_epochs(self, values: Doubles, *, middles: bool = False) -> tuple[Doubles, Doubles]:
        """A column of the epochs with its places on x: the ends, or for a mean over an epoch the middles."""
        rows = self.epochs()
        known = rows[np.isfinite(values[rows])]
        x = self.curves.axes.x_of_middles(self.axis) if middles else self.curves.axes.x_of_epochs(self.axis)
        return x[known], values[known]

    def shows(self, x: float) -> bool:
        return self.x[0] <= x <= self.x[1]


def _columns(x: Doubles, y: Doubles, span: Range, columns: int) -> tuple[Doubles, Doubles]:
    """The least and the greatest of each column, down and up in turn; short lines and gaps as they are."""
    if len(x) <= 2 * columns or not np.isfinite(y).all():
        return x, y
    column = np.floor((x - span[0]) * (columns / (span[1] - span[0])))
    starts = np.flatnonzero(np.concatenate(([True], column[1:] != column[:-1])))
    low, high = np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)
    strokes = np.empty(2 * len(starts))
    down = np.arange(len(starts)) % 2 == 0
    strokes[0::2], strokes[1::2] = np.where(down, low, high), np.where(down, high, low)
    return np.repeat(x[starts], 2), strokes


#: Room at the right of everything, so that the last marker and an early stop's line are whole.
_ROOM = 0.015


def whole(axis: Axis, curves: list[RunCurves]) -> Range:
    """The range that shows everything: from the begin, or for forks alone from where the first of them grew."""
    begin = min((_begin(axis, each) for each in curves), default=0.0)
    end = max((each.axes.now(axis) for each in curves), default=0.0)
    return (begin, end + _ROOM * (end - begin)) if end > begin else (begin, begin + 1.0)


def _begin(axis: Axis, curves: RunCurves) -> float:
    if not curves.grown_at:
        return 0.0
    return float(curves.axes.x_of_places(axis, np.array([curves.grown_at - 1.0]))[0])


def thinned(count: int, room: float) -> int:
    """Each how manieth of so many points gets a marker where so many have room."""
    return max(1, -(-count // max(1, int(room))))
