"""Paints a landscape: bands between contours of equal height with a fine line on each, as a picture in the view's pixels.

The heights of the contours grow geometrically above the lowest place, so that a flat ground is told apart as a steep wall is.
The picture is made of values at pixels, which takes some milliseconds for any function; lines are as smooth as their distance
to each pixel, in pixels, is known.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from workbench.descent.surfaces import Surface, View

#: So many bands from the least height that is told apart up to the highest in view.
BANDS = 14
#: The lowest contour is at this share of the highest.
_SPAN = 3e-4
_HALF = 0.5
#: More pixels than this are taken two by two: the eye is on the paths.
_MOST = 260_000


def relief(
    surface: Surface, view: View, size: tuple[int, int], inks: tuple[QColor, QColor, QColor]
) -> NDArray[np.uint8]:
    """The picture of a view, of about `size` pixels (width, height), in colours for low, high and the lines: shape (height, width, 4), RGBA, from below."""
    low, high, line = inks
    width, height = size
    coarse = 2 if width * height > _MOST else 1
    width, height = max(2, width // coarse), max(2, height // coarse)
    levels = _levels(surface, view, width, height)
    band = np.clip(np.floor(levels), 0, BANDS)
    share = (1.0 - band / BANDS)[..., None] ** 1.6
    ground = _rgb(low) * share + _rgb(high) * (1.0 - share)
    near = _nearness(levels)[..., None] * (line.alphaF())
    picture = np.empty((height, width, 4), np.uint8)
    picture[..., :3] = np.rint(ground * (1.0 - near) + _rgb(line) * near)
    picture[..., 3] = 255
    return picture


def _levels(surface: Surface, view: View, width: int, height: int) -> NDArray[np.float64]:
    """How many contours lie below each pixel, as a number that grows smoothly."""
    left, right, bottom, top = view
    x, y = np.meshgrid(
        left + (np.arange(width) + 0.5) * (right - left) / width,
        bottom + (np.arange(height) + 0.5) * (top - bottom) / height,
    )
    with np.errstate(all="ignore"):
        heights = surface.value(x, y) - surface.lowest
    heights = np.where(np.isfinite(heights), np.maximum(heights, 0.0), np.inf)
    finite = heights[np.isfinite(heights)]
    # Steep walls at the rim would push all contours apart.
    most = float(np.percentile(finite, 98)) if finite.size else 1.0
    least = max(most * _SPAN, 1e-12)
    with np.errstate(divide="ignore"):
        levels = np.log(np.maximum(heights, 1e-300) / least) / math.log(max(most, 1e-12) / least) * BANDS
    return np.minimum(np.where(np.isnan(levels), BANDS, levels), BANDS + 4.0)


def _nearness(levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much of a line each pixel shows, 0 to 1: by its distance to the nearest whole level."""
    with np.errstate(all="ignore"):
        by_y, by_x = np.gradient(levels)
        steep = np.hypot(by_x, by_y)
        away = np.abs(levels - np.rint(levels)) / np.maximum(steep, 1e-9)
    # Where the levels lie closer than two pixels, lines would be a grey area.
    shown = (levels > -_HALF) & (levels < BANDS + 4.0 - _HALF) & (steep < _HALF)
    return np.where(shown, np.clip(1.0 - away, 0.0, 1.0), 0.0)


def _rgb(colour: QColor) -> NDArray[np.float64]:
    return np.array([colour.red(), colour.green(), colour.blue()], np.float64)
