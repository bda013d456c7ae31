"""Paints a landscape: bands between contours of equal height with a fine line on each, as a picture in the view's pixels.

The heights of the contours grow geometrically above the lowest place, so that a flat ground is told apart as a steep wall is.
Values are reckoned at every fourth pixel and run smoothly between them (cubic convolution, Keys 1981); lines are as fine as
their distance to each pixel is known. So any function takes some milliseconds.
"""

from __future__ import annotations

import functools
import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from workbench.descent.surfaces import Surface, View

Singles = NDArray[np.float32]

#: So many bands from the least height that is told apart up to the highest in view, and some beyond it.
BANDS, _BEYOND = 14, 4
#: The lowest contour is at this share of the highest.
_SPAN = 3e-4
#: Values are reckoned at every so many pixels.
_APART = 4
#: Shades from a pixel without a line to one that is all line.
_SHADES = 16
_HALF = 0.5


def relief(
    surface: Surface, view: View, size: tuple[int, int], inks: tuple[QColor, QColor, QColor]
) -> NDArray[np.uint8]:
    """The picture of a view of `size` pixels (width, height), in colours for low, high and the lines.

    Shape (height, width, 4), RGBA, row by row from below.
    """
    levels = _levels(surface, view, *size)
    band = np.clip(levels, 0, BANDS).astype(np.int16)
    shade = (_nearness(levels) * (_SHADES - 1) + _HALF).astype(np.int16)
    picture: NDArray[np.uint8] = _palette(inks)[band * _SHADES + shade]
    return picture


def _palette(inks: tuple[QColor, QColor, QColor]) -> NDArray[np.uint8]:
    """The colour of each shade of each band, RGBA."""
    low, high, line = inks
    share = ((1.0 - np.arange(BANDS + 1) / BANDS) ** 1.6)[:, None, None]
    ground = _rgb(low) * share + _rgb(high) * (1.0 - share)
    near = np.linspace(0.0, line.alphaF(), _SHADES)[None, :, None]
    colours = np.full((BANDS + 1, _SHADES, 4), 255, np.uint8)
    colours[..., :3] = np.rint(ground * (1.0 - near) + _rgb(line) * near)
    return colours.reshape(-1, 4)


def _levels(surface: Surface, view: View, width: int, height: int) -> Singles:
    """How many contours lie below each pixel, as a number that grows smoothly: shape (height, width)."""
    left, right, bottom, top = view
    across, upright = _between(width), _between(height)
    x, y = np.meshgrid(
        left + _places(width) * (right - left) / width, bottom + _places(height) * (top - bottom) / height
    )
    with np.errstate(all="ignore"):
        heights = surface.value(x, y) - surface.lowest
    heights = np.where(np.isfinite(heights), np.maximum(heights, 0.0), np.inf)
    finite = heights[np.isfinite(heights)]
    # Steep walls at the rim would push all contours apart.
    most = max(float(np.percentile(finite, 98)) if finite.size else 1.0, 1e-12)
    least = max(most * _SPAN, 1e-13)
    with np.errstate(divide="ignore"):
        counted = np.log(np.maximum(heights, 1e-300) / least) * (BANDS / math.log(most / least))
    coarse = np.clip(counted, -2.0, BANDS + _BEYOND).astype(np.float32)
    return np.asarray(upright @ coarse @ across.T, np.float32)


def _places(pixels: int) -> NDArray[np.float64]:
    """Where values are reckoned, in pixels: a rim of one before the first pixel and two behind the last."""
    return (np.arange(-1, math.ceil(pixels / _APART) + 3) * _APART).astype(np.float64)


@functools.lru_cache(maxsize=8)
def _between(pixels: int) -> Singles:
    """What makes values at all pixels' middles of those that were reckoned: shape (pixels, places)."""
    at = (np.arange(pixels) + _HALF) / _APART
    cell = np.floor(at).astype(int)
    t = at - cell
    weights = (
        -0.5 * t**3 + t**2 - 0.5 * t,
        1.5 * t**3 - 2.5 * t**2 + 1.0,
        -1.5 * t**3 + 2.0 * t**2 + 0.5 * t,
        0.5 * t**3 - 0.5 * t**2,
    )
    matrix = np.zeros((pixels, len(_places(pixels))), np.float32)
    for place, weight in enumerate(weights):
        matrix[np.arange(pixels), cell + place] = weight
    return matrix


def _nearness(levels: Singles) -> Singles:
    """How much of a line each pixel shows, 0 to 1: by its distance to the nearest whole level."""
    by_y, by_x = np.zeros_like(levels), np.zeros_like(levels)
    by_y[1:-1] = (levels[2:] - levels[:-2]) * np.float32(_HALF)
    by_x[:, 1:-1] = (levels[:, 2:] - levels[:, :-2]) * np.float32(_HALF)
    steep = np.sqrt(by_x * by_x + by_y * by_y)
    away = np.abs(levels - np.rint(levels)) / np.maximum(steep, np.float32(1e-6))
    # Where the levels lie closer than two pixels, lines would be a grey area.
    shown = (levels > -_HALF) & (levels < BANDS + _BEYOND - _HALF) & (steep < _HALF)
    near: Singles = np.where(shown, np.clip(1.0 - away, 0.0, 1.0), np.float32(0.0))
    return near


def _rgb(colour: QColor) -> NDArray[np.float64]:
    return np.array([colour.red(), colour.green(), colour.blue()], np.float64)
