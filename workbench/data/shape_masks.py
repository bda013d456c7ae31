"""Draws discs, squares and triangles with the class of every pixel, by rule from the seed.

One to three figures a picture, later ones over earlier ones. The radius (of a square or triangle: to its corners) is an
eighth to a quarter of the picture, 8 to 16 pixels at 64; figures lie within the picture. Colours of ground and
figures differ from each other by at least CONTRAST in one channel. A pixel belongs to a figure when its middle does.
A picture depends on the seed, the settings and its own number only, so a larger set begins with the smaller one.
"""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import numpy.typing as npt

from workbench.data.pictures import Masks, Pixels, Rows
from workbench.data.randomness import generator
from workbench.data.shapes import FIGURES, Real, edge_distance
from workbench.data.source import Listing, Piece, digest
from workbench.spec import data as spec

#: A mask's numbers are places in here.
CLASSES = ("background", "disc", "square", "triangle")
MOST_FIGURES = 3
CONTRAST = 60.0
#: Corners and bend of the classes after the background.
_OUTLINES = np.array([FIGURES[name] for name in ("circle", "square", "triangle")], np.float32)


class DrawnMasks:
    """Pictures with masks that are drawn when they are asked for, a block at a time."""

    slow = False

    def __init__(self, settings: spec.ShapeMasks, seed: int) -> None:
        self._settings = settings
        self._seed = seed
        # A block is drawn at once; its length depends on the size only, so that each picture always is in the same block.
        self._block = max(1, min(64, (1 << 18) // settings.image_size**2))
        nothing = np.zeros(settings.count, np.int32)
        self.listing = Listing(CLASSES, nothing, nothing.astype(np.int8), 3, task="masks")

    def key(self, wanted: Rows) -> str:
        return digest("shape masks 1", self._seed, self._settings.image_size, self._settings.noise, wanted.tobytes())

    def read(self, wanted: Rows) -> Generator[Piece, None, None]:
        blocks = wanted // self._block
        for block in np.unique(blocks):
            places = np.flatnonzero(blocks == block)
            inside = wanted[places] - block * self._block
            pixels, masks = self._draw(int(block))
            yield Piece(places, np.concatenate([pixels[inside], masks[inside, :, :, None]], axis=3))

    def _draw(self, block: int) -> tuple[Pixels, Masks]:
        size, count = self._settings.image_size, self._block
        random = generator(self._seed, "shape masks", block)
        figures = random.integers(1, MOST_FIGURES + 1, count)
        colours = _colours(count, random)
        pixels = np.broadcast_to(colours[:, :1, None], (count, size, size, 3)).astype(np.float32)
        masks = np.zeros((count, size, size), np.uint8)
        for number in range(MOST_FIGURES):
            kinds = random.integers(0, len(_OUTLINES), count)
            cover, inside = _figures(kinds, size, random)
            there = (figures > number)[:, None, None]
            pixels += (cover * there)[..., None] * (colours[:, number + 1, None, None] - pixels)
            masks = np.where(inside & there, (kinds + 1).astype(np.uint8)[:, None, None], masks)
        pixels += random.standard_normal(pixels.shape, np.float32) * np.float32(self._settings.noise)
        return np.clip(np.rint(pixels), 0, 255).astype(np.uint8), masks


def _figures(kinds: Rows, size: int, random: np.random.Generator) -> tuple[Real, npt.NDArray[np.bool_]]:
    """One figure a picture: how much of each pixel it covers, soft over one pixel, and whether it holds its middle."""
    count = len(kinds)
    radius = random.uniform(1 / 8, 1 / 4, (count, 1, 1)).astype(np.float32)
    centre = random.uniform(-1, 1, (2, count, 1, 1)).astype(np.float32) * (0.5 - radius)
    turn = random.uniform(0, 2 * np.pi, (count, 1, 1)).astype(np.float32)
    edge = edge_distance(_OUTLINES[kinds], radius=radius, centre=centre, turn=turn, size=size)
    return np.clip(0.5 - edge * size, 0, 1), edge < 0


def _colours(count: int, random: np.random.Generator) -> Real:
    """Colours of a ground and its figures, (count, 1 + MOST_FIGURES, 3), that can all be told apart."""
    colours = random.uniform(0, 255, (count, 1 + MOST_FIGURES, 3)).astype(np.float32)
    pairs = np.triu_indices(1 + MOST_FIGURES, 1)
    while True:
        apart = np.abs(colours[:, pairs[0]] - colours[:, pairs[1]]).max(axis=2).min(axis=1)
        close = apart < CONTRAST
        if not close.any():
            return colours
        colours[close] = random.uniform(0, 255, (int(close.sum()), 1 + MOST_FIGURES, 3))
