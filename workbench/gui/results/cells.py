"""The cells of a confusion matrix as arrays: what they count, which colours they have, and how they look where they are small.

All at once, so that a thousand classes (a million cells) cost what is in sight of them. Comes with NumPy: not imported before
there is a matrix.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QColor, QImage, QPainter

from workbench.gui.results.grid import GAP, Grid
from workbench.gui.theme import Theme
from workbench.results.answers import Shares, Whole

#: 0xAARRGGBB, premultiplied; 0 is nothing.
Pixels: TypeAlias = npt.NDArray[np.uint32]

#: The radius of the dot in a cell without pictures.
_DOT = 1.0
#: How much of its colour the palest cell has.
_PALEST = 0.22


class Cells:
    """The cells of one matrix (true classes, said classes)."""

    def __init__(self, counts: Whole) -> None:
        self.counts = counts
        #: of each true class
        self.totals: Whole = counts.sum(axis=1)
        self.largest = int(counts.max(initial=0))
        self._mistakes = counts.copy()
        np.fill_diagonal(self._mistakes, 0)
        self._most = int(self._mistakes.max(initial=0))

    def worst(self) -> tuple[int, int]:
        """The commonest mistake, the first of equals; the first cell where there is none."""
        true, said = divmod(int(self._mistakes.argmax()), len(self.counts))
        return true, said

    def colours(self, theme: Theme, rows: slice, columns: slice) -> Pixels:
        """The grounds of a block of cells, blue on the diagonal and orange off it; 0 for those without pictures.

        A share of right answers counts squared, so that 90 and 99 % are told apart; mistakes stand on a square-root scale.
        """
        plot = theme.colour("plot")
        wrong = np.sqrt(self._mistakes[rows, columns] / max(1, self._most))
        found = _mixed(theme.series("validation"), plot, _PALEST + (1 - _PALEST) * wrong)
        both = np.arange(max(rows.start, columns.start), min(rows.stop, columns.stop))
        right = (self.counts[both, both] / np.maximum(1, self.totals[both])) ** 2
        found[both - rows.start, both - columns.start] = _mixed(
            theme.series("training"), plot, _PALEST + (1 - _PALEST) * right
        )
        found[self.counts[rows, columns] == 0] = 0
        return found

    def paint(self, painter: QPainter, theme: Theme, grid: Grid, area: QRect, radius: float) -> None:
        """Paint the cells in `area`, with corners of this radius; one without pictures gets a dot. Numbers are not painted."""
        ratio = painter.device().devicePixelRatioF()
        across = _axis((area.left(), area.right() + 1), (grid.left, grid.width, grid.count), ratio)
        down = _axis((area.top(), area.bottom() + 1), (grid.top, grid.height, grid.count), ratio)
        if across is None or down is None:
            return
        grounds, plot = self.colours(theme, down.cells, across.cells), theme.colour("plot")
        empty = grounds == 0
        grounds[empty] = plot.rgba()
        lines = grounds.take(across.cell, axis=1)
        lines[:, across.off >= across.half] = 0
        pixels = lines.take(down.cell, axis=0)
        pixels[down.off >= down.half] = 0
        # A pixel on the rim of a dot or a corner is covered as far as its middle is inside, up to one pixel.
        rim = 0.5 / ratio
        y, x = (np.flatnonzero(np.abs(axis.off) < _DOT + rim) for axis in (down, across))
        inside = (_DOT - np.hypot(down.off[y, None], across.off[x])) * ratio + 0.5
        dots, where = _mixed(theme.colour("text3"), plot, np.clip(inside, 0, 1)), np.ix_(y, x)
        pixels[where] = np.where(empty[np.ix_(down.cell[y], across.cell[x])], dots, pixels[where])
        if radius:
            bent = [np.abs(axis.off) - axis.half + radius for axis in (down, across)]
            y, x = (np.flatnonzero(each > 0) for each in bent)
            inside = (radius - np.hypot(bent[0][y, None], bent[1][x])) * ratio + 0.5
            pixels[np.ix_(y, x)] = _thinned(pixels[np.ix_(y, x)], np.clip(inside, 0, 1))
        height, width = pixels.shape
        # The image borrows the array's memory, which outlives it.
        image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(ratio)
        painter.drawImage(QPointF(across.first / ratio, down.first / ratio), image)


@dataclass(frozen=True)
class _Axis:
    """Pixels of the screen along one axis, from the `first` on."""

    first: int
    #: the cells that they are of
    cells: slice
    #: for each pixel: its cell among these, and how far its middle is behind that of the cell's ground
    cell: npt.NDArray[np.int64]
    off: Shares
    #: half the side of a ground; what is as far behind its middle is of the gap
    half: float


def _axis(area: tuple[int, int], grid: tuple[int, int, int], ratio: float) -> _Axis | None:
    """Of an area's pixels (from, to) those of a grid's cells (where they begin, how far they are apart, how many); None if there are none."""
    start, pitch, count = grid
    first, last = max(area[0], start), min(area[1], start + pitch * count)
    if first >= last:
        return None
    pixels = np.arange(int(first * ratio), math.ceil(last * ratio))
    # A pixel is of the cell that its middle is in, as a click is.
    place = (pixels + 0.5) / ratio - start
    cell, half = np.clip(place // pitch, 0, count - 1).astype(np.int64), (pitch - GAP) / 2
    cells = slice(int(cell[0]), int(cell[-1]) + 1)
    return _Axis(int(pixels[0]), cells, cell - cells.start, place - cell * pitch - half, half)


def _mixed(one: QColor, other: QColor, share: Shares) -> Pixels:
    """As theme.mixed, for many shares at once."""
    found: Pixels = np.full(share.shape, 0xFF, np.uint32)
    for ours, others in ((one.red(), other.red()), (one.green(), other.green()), (one.blue(), other.blue())):
        found <<= 8
        found |= np.rint(ours * share + others * (1 - share)).astype(np.uint32)
    return found


def _thinned(pixels: Pixels, share: Shares) -> Pixels:
    """Pixels of which only this share is covered."""
    found = np.zeros_like(pixels)
    for shift in (24, 16, 8, 0):
        found |= np.rint((pixels >> shift & 0xFF) * share).astype(np.uint32) << shift
    return found
