"""Cuts lines in pixels to what is in view and into dashes, as arrays of straight pieces for one call of drawLines each.

Qt takes five times as long for a thick line as one path, and twice as long again when it is dashed. Many lines are cut at
once, as a line alone is too short to be worth an array's overhead; what comes out does not depend on the company. Knows
no run.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QLineF
from PySide6.QtGui import QPainter, QPixmap

from workbench.gui.curves.scales import Range

Doubles = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

#: Lengths are counted in such parts of a pixel: their sums are exact, wherever among other lines a line stands.
_GRID = 1024.0


@dataclass(frozen=True)
class _Pieces:
    """Straight pieces of many lines, one line after the other: where each begins and ends, and whose it is."""

    x0: Doubles
    y0: Doubles
    x1: Doubles
    y1: Doubles
    owners: Places

    def rows(self, lines: int) -> list[Doubles]:
        """For each line its pieces as rows of x0, y0, x1, y1."""
        rows = np.stack([self.x0, self.y0, self.x1, self.y1], axis=1)
        return [rows[begin:end] for begin, end in pairwise(self.begins(lines).tolist())]

    def begins(self, lines: int) -> Places:
        """The first piece of each line, and how many there are."""
        return np.searchsorted(self.owners, np.arange(lines + 1))


def strokes(
    lines: Sequence[tuple[Doubles, Doubles]], dashes: Sequence[tuple[float, ...]], across: Range, down: Range
) -> list[Doubles]:
    """Of each line (x and y in pixels; a gap where y is no number) the pieces in view, as rows of x0, y0, x1, y1.

    `across` and `down` are the view; a dash is lengths of stroke and gap in pixels, in turn, and empty for a solid line.
    """
    counts = [len(x) for x, _ in lines]
    if not sum(counts):
        return [np.empty((0, 4)) for _ in lines]
    x, y = (np.concatenate(part) for part in zip(*lines, strict=True))
    pieces = _in_view((x, y), np.repeat(np.arange(len(lines)), counts), across, down)
    if any(dashes) and len(pieces.owners):
        pieces = _dashed(pieces, [_marks(dash) for dash in dashes])
    return pieces.rows(len(lines))


def _in_view(points: tuple[Doubles, Doubles], owners: Places, across: Range, down: Range) -> _Pieces:
    """The pieces of all lines that lie in view."""
    x, y = points
    known = np.isfinite(y)
    seen: Bools = known[:-1] & known[1:] & (owners[1:] == owners[:-1])
    outside = np.zeros(len(x), np.bool_)
    with np.errstate(invalid="ignore"):
        for past in (x < across[0], x > across[1], y < down[0], y > down[1]):
            seen &= ~(past[:-1] & past[1:])
            outside |= past
    ends = [x[:-1].copy(), y[:-1].copy(), x[1:].copy(), y[1:].copy()]
    cut = np.flatnonzero(seen & (outside[:-1] | outside[1:]))
    if len(cut):
        clipped, seen[cut] = _clipped(np.stack([end[cut] for end in ends], axis=1), across, down)
        for place, end in enumerate(ends):
            end[cut] = clipped[:, place]
    x0, y0, x1, y1 = (end[seen] for end in ends)
    return _Pieces(x0, y0, x1, y1, owners[:-1][seen])


def _clipped(pieces: Doubles, across: Range, down: Range) -> tuple[Doubles, Bools]:
    """Pieces (rows) cut to what is in view, and whether anything of each is."""
    starts, steps = pieces[:, :2], pieces[:, 2:] - pieces[:, :2]
    enter, leave = np.zeros(len(pieces)), np.ones(len(pieces))
    for axis, (least, most) in enumerate((across, down)):
        with np.errstate(divide="ignore", invalid="ignore"):
            low, high = (least - starts[:, axis]) / steps[:, axis], (most - starts[:, axis]) / steps[:, axis]
        still = steps[:, axis] == 0
        within = (starts[:, axis] >= least) & (starts[:, axis] <= most)
        low, high = np.where(still, np.where(within, 0.0, 2.0), low), np.where(still, np.where(within, 1.0, -1.0), high)
        enter, leave = np.maximum(enter, np.minimum(low, high)), np.minimum(leave, np.maximum(low, high))
    ends = [starts + share[:, None] * steps for share in (enter, leave)]
    return np.concatenate(ends, axis=1), enter < leave


@functools.lru_cache(maxsize=64)
def _marks(dash: tuple[float, ...]) -> Doubles:
    """Where strokes and gaps end in turn, from the begin of a dash on; the last is its length."""
    return np.cumsum(np.rint(np.array(dash) * _GRID))


def _dashed(pieces: _Pieces, dashes: Sequence[Doubles]) -> _Pieces:
    """The pieces of all lines cut into dashes."""
    lengths = np.rint(np.hypot(pieces.x1 - pieces.x0, pieces.y1 - pieces.y0) * _GRID)
    # All lines lie behind each other along one measure; where one is broken, a step of the grid is nobody's.
    broken = np.empty(len(lengths), np.bool_)
    broken[:1] = False
    broken[1:] = (pieces.x0[1:] != pieces.x1[:-1]) | (pieces.y0[1:] != pieces.y1[:-1])
    firsts = pieces.begins(len(dashes))
    ends = np.cumsum(lengths + broken)
    begins = ends - lengths
    last = np.append(broken[1:], True)
    # The corners: where pieces begin, and where one ends that the next does not go on from.
    which = np.flatnonzero(np.stack([np.ones_like(last), last], axis=1))
    corners, x, y = (
        np.stack(pair, axis=1).reshape(-1)[which]
        for pair in ((begins, ends), (pieces.x0, pieces.x1), (pieces.y0, pieces.y1))
    )
    stretches = [
        (float(begins[first]), float(ends[stop - 1])) if stop > first else (0.0, 0.0)
        for first, stop in pairwise(firsts.tolist())
    ]
    turns = [_turns(*each, marks) for each, marks in zip(stretches, dashes, strict=True)]
    cuts = np.sort(np.concatenate([corners, *turns]))
    middles = (cuts[1:] + cuts[:-1]) / 2
    stroke = cuts[1:] - cuts[:-1] > 1.0
    owners = np.empty(len(middles), np.int64)
    for line, (stretch, turn) in enumerate(zip(stretches, turns, strict=True)):
        part = slice(*np.searchsorted(middles, stretch).tolist())
        owners[part] = line
        if len(turn):
            stroke[part] &= np.searchsorted(turn, middles[part]) % 2 == 0
    kept = np.flatnonzero(stroke)
    x, y = np.interp(cuts, corners, x), np.interp(cuts, corners, y)
    return _Pieces(x[kept], y[kept], x[kept + 1], y[kept + 1], owners[kept])


def _turns(begin: float, end: float, marks: Doubles) -> Doubles:
    """Where strokes and gaps end in turn on a line that reaches from `begin` to `end`, where the last of them is."""
    if not len(marks):
        return marks
    turns = (np.arange(begin, end, marks[-1])[:, None] + marks).reshape(-1)
    return turns[: int(np.searchsorted(turns, end))]


#: Qt reads its primitives from these arrays; they grow to the longest that was asked for.
_LINES = PrimitiveArray(QLineF, 4)
_COPIES = PrimitiveArray(QPainter.PixmapFragment, 10)


def draw(painter: QPainter, pieces: Doubles) -> None:
    """Draw straight pieces with the painter's pen; a flat or square cap is what makes it quick."""
    if len(pieces):
        _LINES.resize(len(pieces))
        _LINES.ndarray()[:] = pieces
        painter.drawLines(*_LINES.drawargs())


def draw_copies(painter: QPainter, picture: QPixmap, middles: Doubles) -> None:
    """Draw a picture at many places (rows of x, y), which are where its middle goes."""
    if len(middles):
        _COPIES.resize(len(middles))
        copies = _COPIES.ndarray()
        copies[:, :2] = middles
        # Its part (from 0, 0; width, height; all of it in its own pixels), scales, turn and opacity.
        scale = 1 / picture.devicePixelRatio()
        copies[:, 2:] = (0, 0, picture.width(), picture.height(), scale, scale, 0, 1)
        first, count = _COPIES.drawargs()
        painter.drawPixmapFragments(first, count, picture)
