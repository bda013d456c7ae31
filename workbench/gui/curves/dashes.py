"""Cuts a line in pixels to what is in view and into dashes, as an array of straight pieces for one call of drawLines.

Qt takes five times as long for a thick line as one path, and twice as long again when it is dashed. Knows no run.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyqtgraph
from PySide6.QtCore import QLineF
from PySide6.QtGui import QPainter

Doubles = npt.NDArray[np.float64]


def in_view(x: Doubles, y: Doubles, width: float, height: float) -> Doubles:
    """The pieces of a line (rows of x0, y0, x1, y1) that lie in 0 … width and 0 … height; gaps where y is no number."""
    pieces = np.stack([x[:-1], y[:-1], x[1:], y[1:]], axis=1)
    with np.errstate(invalid="ignore"):
        within = (pieces >= 0) & (pieces <= np.array([width, height, width, height]))
    inside: npt.NDArray[np.bool_] = np.all(within, axis=1)
    if inside.all():
        return pieces
    clipped = np.flatnonzero(~inside & np.isfinite(pieces).all(axis=1))
    pieces[clipped], seen = _clipped(pieces[clipped], width, height)
    inside[clipped] = seen
    return pieces[inside]


def _clipped(pieces: Doubles, width: float, height: float) -> tuple[Doubles, npt.NDArray[np.bool_]]:
    """Pieces cut to what is in view, and whether anything of each is."""
    starts, steps = pieces[:, :2], pieces[:, 2:] - pieces[:, :2]
    enter, leave = np.zeros(len(pieces)), np.ones(len(pieces))
    for axis, most in ((0, width), (1, height)):
        with np.errstate(divide="ignore", invalid="ignore"):
            low, high = -starts[:, axis] / steps[:, axis], (most - starts[:, axis]) / steps[:, axis]
        still = steps[:, axis] == 0
        within = (starts[:, axis] >= 0) & (starts[:, axis] <= most)
        low, high = np.where(still, np.where(within, 0.0, 2.0), low), np.where(still, np.where(within, 1.0, -1.0), high)
        enter, leave = np.maximum(enter, np.minimum(low, high)), np.minimum(leave, np.maximum(low, high))
    ends = [starts + share[:, None] * steps for share in (enter, leave)]
    return np.concatenate(ends, axis=1), enter < leave


def dashed(pieces: Doubles, dash: Sequence[float]) -> Doubles:
    """The pieces of a line cut into dashes: lengths of stroke and gap in pixels, in turn."""
    if not dash or not len(pieces):
        return pieces
    steps = pieces[:, 2:] - pieces[:, :2]
    lengths = np.hypot(steps[:, 0], steps[:, 1])
    ends = np.cumsum(lengths)
    begins = ends - lengths
    marks = np.cumsum(dash)
    period = float(marks[-1])
    turns = (np.arange(int(ends[-1] / period) + 1)[:, None] * period + marks).reshape(-1)
    cuts = np.unique(np.concatenate([begins, ends[-1:], turns[turns < ends[-1]]]))
    middles = (cuts[1:] + cuts[:-1]) / 2
    stroke = np.searchsorted(marks, middles % period, side="right") % 2 == 0
    piece = np.minimum(np.searchsorted(ends, middles, side="right"), len(pieces) - 1)[stroke]
    shares = [((cut[stroke] - begins[piece]) / lengths[piece])[:, None] for cut in (cuts[:-1], cuts[1:])]
    return np.concatenate([pieces[piece, :2] + share * steps[piece] for share in shares], axis=1)


def draw(painter: QPainter, pieces: Doubles) -> None:
    """Draw straight pieces with the painter's pen; a flat or square cap is what makes it quick."""
    if len(pieces):
        lines = pyqtgraph.Qt.internals.PrimitiveArray(QLineF, 4)
        lines.resize(len(pieces))
        lines.ndarray()[:] = pieces
        painter.drawLines(*lines.drawargs())
