"""The steps of runs as envelopes: one stroke a pixel column from its least to its greatest value.

They are worked out as arrays, so that a spike of one step is never lost; of many runs at once, as one alone is too short to
be worth an array's overhead. What comes out does not depend on the company.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.curves.axes import Doubles
from workbench.gui.compared import Compared
from workbench.gui.curves.overlay import View, places_in
from workbench.gui.curves.shown import heights

Indices = npt.NDArray[np.uint8]
Rows = npt.NDArray[np.uint16]
Places = npt.NDArray[np.int64]
Singles = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Envelope:
    """The pixels of the screen that one run takes: in each column one row and so many below it."""

    first: Rows
    below: Rows
    #: no column has pixels above or below these rows
    rows: slice

    def fill(self, picture: Indices, number: int) -> None:
        """Give its pixels a number where that is the greater one, so that the order of runs does not matter."""
        if self.rows.start == self.rows.stop:
            return
        # Rows are whole numbers that wrap round: one comparison tells whether a row is in.
        here = np.arange(self.rows.start, self.rows.stop, dtype=np.uint16)[:, None] - self.first <= self.below
        part = picture[self.rows]
        np.maximum(part, here.view(np.uint8) * np.uint8(number), out=part)


_NOTHING = Envelope(np.empty(0, np.uint16), np.empty(0, np.uint16), slice(0, 0))


def envelopes(runs: Sequence[Compared], view: View) -> list[Envelope]:
    """The envelope of each run."""
    rows, columns = view.pixels
    lines = [_line(run, view, columns) for run in runs]
    counts = [len(line[0]) for line in lines]
    if not sum(counts):
        return [_NOTHING] * len(runs)
    x, least, greatest = (np.concatenate(part) for part in zip(*lines, strict=True))
    # Rows count downwards: the greatest value is uppermost.
    upper, lower = (view.frame.py(heights(values, log=view.log)) * view.ratio for values in (greatest, least))
    top, bottom = _columns(x, (upper, lower), np.repeat(np.arange(len(runs)), counts), (len(runs), columns))
    # What lies above the first row or below the last is not in view; nor is a column without a value.
    top, bottom = np.clip(np.floor(top), 0, rows), np.clip(np.floor(bottom), -1, rows - 1)
    seen = bottom >= top
    first, last = np.where(seen, top, rows), np.where(seen, bottom, -1)
    below = np.where(seen, bottom - top, 0).astype(np.uint16)
    stretches = zip(first.min(axis=1).astype(int).tolist(), last.max(axis=1).astype(int).tolist(), strict=True)
    first = first.astype(np.uint16)
    return [
        Envelope(first[place], below[place], slice(begin, end + 1)) if begin <= end else _NOTHING
        for place, (begin, end) in enumerate(stretches)
    ]


def _line(run: Compared, view: View, columns: int) -> tuple[Doubles, Singles, Singles]:
    """The steps in view, as buckets: where each lies in the screen's pixels, its least and its greatest value."""
    assert run.curves is not None
    first, stop = places_in(run, view)
    if stop <= first:
        return np.empty(0), np.empty(0, np.float32), np.empty(0, np.float32)
    reach = run.curves.loss.reach(first, stop, columns)
    return view.frame.px(run.curves.axes.x_of_places(view.axis, reach.places)) * view.ratio, reach.low, reach.high


def _columns(x: Doubles, y: tuple[Doubles, Doubles], owners: Places, shape: tuple[int, int]) -> tuple[Doubles, Doubles]:
    """Lines × columns: the uppermost and the lowest of each line in each pixel column, where it only passes through too.

    The buckets of all lines, one line after the other: where each lies, its upper and lower end (NaN: a gap), and whose it
    is. Where a line is not: ∞ and −∞.
    """
    upper, lower = y
    lines, columns = shape
    # A column more at each side, which takes what goes on past the view.
    wide = columns + 2
    tops, bottoms = np.full(lines * wide, np.inf), np.full(lines * wide, -np.inf)
    column = np.clip(np.floor(x), -1, columns).astype(np.int64) + 1
    good = np.flatnonzero(np.isfinite(upper))
    if len(good):
        own = owners[good] * wide + column[good]
        starts = np.flatnonzero(np.concatenate(([True], own[1:] != own[:-1])))
        tops[own[starts]] = np.minimum.reduceat(upper[good], starts)
        bottoms[own[starts]] = np.maximum.reduceat(lower[good], starts)
    # From the upper end of a bucket to the lower one of the next, a line meets the edges of all columns between: that
    # joins neighbours. No number, no line.
    met = np.where(owners[1:] == owners[:-1], column[1:] - column[:-1], 0)
    one = np.repeat(np.arange(len(met)), met)
    edge = column[one] + np.arange(len(one)) - np.repeat(np.cumsum(met) - met, met)
    crossing = upper[one] + (edge - x[one]) / (x[one + 1] - x[one]) * (lower[one + 1] - upper[one])
    left = owners[one] * wide + edge
    for place in (left, left + 1):
        tops[place] = np.fmin(tops[place], crossing)
        bottoms[place] = np.fmax(bottoms[place], crossing)
    return tops.reshape(lines, wide)[:, 1:-1], bottoms.reshape(lines, wide)[:, 1:-1]
