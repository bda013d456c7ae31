"""Runs beside the one in focus, or compared with each other: each a line in its run colour, dash and marker, as the window shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib.patches import Patch

from workbench.export.lane import Lane
from workbench.export.looks import LINE_WIDTH, MARKER, MARKERS, QUIET, THIN_WIDTH
from workbench.export.series import Doubles, Stretch

#: Markers a line gets; more would hide its dash.
_MARKERS = 8
_BAND: dict[str, Any] = {"color": QUIET, "alpha": 0.18, "linewidth": 0}


def draw(lane: Lane, line_of: Callable[[Lane], tuple[Doubles, Doubles]], scale: float = 1.0) -> None:
    """Draw of each run that is not in focus the line that `line_of` finds in it; `scale`: by which it has multiplied them."""
    _draw_band(lane, scale)
    count = len(lane.wish.beside)
    for place, other in enumerate(lane.wish.beside):
        theirs = replace(lane, stretch=Stretch(other.curves, lane.wish.axis, lane.stretch.x, lane.stretch.columns))
        x, y = line_of(theirs)
        if not np.isfinite(y).any():
            continue
        every = max(1, len(x) // _MARKERS)
        dash = (0, tuple(length / LINE_WIDTH for length in other.dash)) if other.dash else "-"
        (line,) = lane.axes.plot(
            x, y, color=other.colour, linewidth=LINE_WIDTH, linestyle=dash, marker=MARKERS.get(other.marker, "o"), markersize=MARKER,
            markerfacecolor="white" if other.hollow else other.colour,
            # Shifted from run to run, so that they do not lie on each other.
            markevery=(every * place // max(1, count) % len(x), every), zorder=3,
        )  # fmt: skip
        lane.legend.add(f"{other.label or other.name}{' (baseline)' if other.baseline else ''}", line, last=True)
        lane.beside.append(y[np.isfinite(y)])


def _draw_band(lane: Lane, scale: float) -> None:
    """Mean and range over seeds, below the lines of the runs."""
    band, axis = lane.wish.band, lane.wish.axis
    if band is None:
        return
    x = np.array([band.curves.axes.x_of_epoch(axis, epoch) for epoch in band.epochs.tolist()])
    lane.axes.fill_between(x, scale * band.low, scale * band.high, zorder=1, **_BAND)
    (line,) = lane.axes.plot(x, scale * band.mean, color=QUIET, linewidth=THIN_WIDTH, zorder=2)
    lane.legend.add("Mean over seeds", line)
    lane.legend.add("Range over seeds", Patch(**_BAND))
