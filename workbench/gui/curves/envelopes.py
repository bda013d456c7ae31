"""The steps of runs as envelopes: one stroke a pixel column from its least to its greatest value.

They are worked out as arrays, so that a spike of one step is never lost; of many runs at once, as one alone is too short to
be worth an array's overhead. What comes out does not depend on the company.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from workbench.curves.run_curves import Doubles
from workbench.gui.compared import Compared
from workbench.gui.curves.overlay import View, places_in
from workbench.gui.curves.shown import heights

Indices = npt.NDArray[np.uint8]
Rows = npt.NDArray[np.uint16]
Bools = npt.NDArray[np.bool_]


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
    there = [place for place, (x, _) in enumerate(lines) if len(x)]
    found = [_NOTHING] * len(runs)
    if not there:
        return found
    x, y = (np.concatenate([lines[place][part] for place in there]) for part in (0, 1))
    y = np.clip(view.frame.py(heights(y, log=view.log)) * view.ratio, -2.0, rows + 2.0)
    low, high = _columns(x, y, np.array([len(lines[place][0]) for place in there]), columns)
    # What lies above the first row or below the last is not in view; nor is a column without a value.
    top, bottom = np.clip(np.floor(low), 0, rows), np.clip(np.floor(high), -1, rows - 1)
    seen = bottom >= top
    first, below = np.where(seen, top, rows).astype(np.uint16), np.where(seen, bottom - top, 0).astype(np.uint16)
    begins = np.where(seen, top, rows).min(axis=1).astype(int).tolist()
    ends = np.where(seen, bottom, -1).max(axis=1).astype(int).tolist()
    for number, place in enumerate(there):
        if begins[number] <= ends[number]:
            found[place] = Envelope(first[number], below[number], slice(begins[number], ends[number] + 1))
    return found


def _line(run: Compared, view: View, columns: int) -> tuple[Doubles, npt.NDArray[np.float32]]:
    """The steps in view as a zigzag line: pixels of the screen along x, and values."""
    assert run.curves is not None
    first, stop = places_in(run, view)
    if stop <= first:
        return np.empty(0), np.empty(0, np.float32)
    seen = run.curves.loss.see(first, stop, columns)
    return view.frame.px(run.curves.x_of_places(view.axis, seen.places)) * view.ratio, seen.values


def _columns(x: Doubles, y: Doubles, counts: npt.NDArray[np.int64], columns: int) -> tuple[Doubles, Doubles]:
    """The least and greatest of lines in each pixel column, where they only pass through as well: lines × columns.

    `x` and `y` hold one line after the other, of so many points each. Where a line is not: ∞ and −∞.
    """
    low, high = np.full((len(counts), columns), np.inf), np.full((len(counts), columns), -np.inf)
    line = np.repeat(np.arange(len(counts)), counts)
    column = np.floor(x)
    known = np.isfinite(y)
    good: Bools = (column >= 0) & (column < columns) & known
    if good.any():
        own = line[good] * columns + column[good].astype(np.int64)
        starts = np.flatnonzero(np.concatenate(([True], own[1:] != own[:-1])))
        for found, better in ((low, np.minimum), (high, np.maximum)):
            found.reshape(-1)[own[starts]] = better.reduceat(y[good], starts)
    # A line between two points meets the edges of all columns between: that joins neighbours. No number, no line.
    ends = np.cumsum(counts).tolist()
    for number, (begin, end) in enumerate(pairwise([0, *ends])):
        edges = np.arange(max(1, int(column[begin]) + 1), min(columns, int(column[end - 1]) + 1))
        if not len(edges):
            continue
        crossing = np.interp(edges, x[begin:end], y[begin:end])
        for found, either in ((low[number], np.fmin), (high[number], np.fmax)):
            for beside in (slice(edges[0], edges[-1] + 1), slice(edges[0] - 1, edges[-1])):
                either(found[beside], crossing, out=found[beside])
    return low, high
