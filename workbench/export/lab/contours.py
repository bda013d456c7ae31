"""A landscape's heights on a grid, and the contours that are drawn of it: they rise as those of the window (gui/lab/relief.py)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from workbench.descent.surfaces import Floats, Surface, View

#: So many bands from the least height that is told apart up to the highest in view.
BANDS = 14
#: The lowest contour is at this share of the highest.
SPAN = 3e-4
#: Contours above the highest band, on walls.
_ABOVE = 3
#: Places along the longer side.
_POINTS = 220
#: Steep walls at the rim would push all contours apart.
_PERCENT = 98


@dataclass(frozen=True, eq=False)  # arrays cannot be compared as a whole
class Contours:
    """What is drawn of a landscape in a view."""

    #: along each side of the grid
    x: Floats
    y: Floats
    #: f − f* at each place, row by row from below: shape (len(y), len(x)); finite
    heights: Floats
    #: where one band ends and the next begins, the lowest and the highest end among them: BANDS + 2 numbers
    edges: Floats
    #: the heights that lines are drawn at
    lines: Floats


def contours(surface: Surface, view: View) -> Contours:
    """The contours in a view (left, right, bottom, top)."""
    left, right, bottom, top = view
    longer = max(right - left, top - bottom)
    columns, rows = (max(2, math.ceil(_POINTS * side / longer)) for side in (right - left, top - bottom))
    x, y = np.linspace(left, right, columns), np.linspace(bottom, top, rows)
    with np.errstate(all="ignore"):
        heights = surface.value(*np.meshgrid(x, y)) - surface.lowest
    finite = heights[np.isfinite(heights)]
    most = max(float(np.percentile(finite, _PERCENT)) if finite.size else 1.0, 1e-12)
    least = max(most * SPAN, 1e-12)
    levels = least * (most / least) ** (np.arange(BANDS + _ABOVE + 1) / BANDS)
    highest = max(float(finite.max()) if finite.size else 1.0, 2 * float(levels[-1]))
    heights = np.clip(np.where(np.isfinite(heights), heights, highest), 0.0, highest)
    # The lowest band reaches over the first contour, as on screen.
    edges = np.concatenate([[0.0], levels[1 : BANDS + 1], [highest]])
    lines = levels[(levels > heights.min()) & (levels < heights.max())]
    return Contours(x, y, heights, edges, lines)
