"""Draws circles, squares, triangles and stars by rule: any number, any size, from the seed.

A picture depends on the seed, the settings and its own number only, so a larger set begins with the smaller one.
"""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import numpy.typing as npt

from workbench.data.pictures import Pixels, Rows
from workbench.data.randomness import generator
from workbench.data.source import Listing, Piece, digest
from workbench.spec import data as spec

#: name: corners, and how far inwards the edges bend between two corners, as a share of the radius (0 corners: round).
FIGURES: dict[str, tuple[int, float]] = {
    "circle": (0, 1.0),
    "square": (4, float(np.cos(np.pi / 4))),
    "star": (5, 0.42),
    "triangle": (3, float(np.cos(np.pi / 3))),
}
#: Strength 1 of the noise is this standard deviation, on the scale 0 to 255.
GRAIN = 90.0
#: Figure and ground differ by at least this much in one colour channel.
CONTRAST = 90.0

Real = npt.NDArray[np.float32]


class Drawn:
    """Pictures that are drawn when they are asked for, a block at a time; classes take turns."""

    slow = False

    def __init__(self, settings: spec.Shapes, seed: int) -> None:
        self._settings = settings
        self._seed = seed
        # A block is drawn at once; its length depends on the size only, so that each picture always is in the same block.
        self._block = max(1, min(256, (1 << 18) // settings.image_size**2))
        labels = (np.arange(settings.count) % len(FIGURES)).astype(np.int32)
        self.listing = Listing(tuple(FIGURES), labels, np.zeros(settings.count, np.int8), 3)

    def key(self, wanted: Rows) -> str:
        return digest("shapes 1", self._seed, self._settings.image_size, self._settings.noise, wanted.tobytes())

    def read(self, wanted: Rows) -> Generator[Piece, None, None]:
        blocks = wanted // self._block
        for block in np.unique(blocks):
            places = np.flatnonzero(blocks == block)
            yield Piece(places, self._draw(int(block))[wanted[places] - block * self._block])

    def _draw(self, block: int) -> Pixels:
        random = generator(self._seed, "shapes", block)
        numbers = np.arange(block * self._block, (block + 1) * self._block)
        cover = _coverage(numbers % len(FIGURES), self._settings.image_size, random)[..., None]
        figure, ground = _colours(len(numbers), random)
        pixels = ground + cover * (figure - ground)
        pixels += random.standard_normal(pixels.shape, np.float32) * np.float32(GRAIN * self._settings.noise)
        return np.clip(np.rint(pixels), 0, 255).astype(np.uint8)


def _colours(count: int, random: np.random.Generator) -> tuple[Real, Real]:
    """Colours of figures and grounds, each (count, 1, 1, 3): any two that can be told apart."""
    figure = random.uniform(0, 255, (count, 3)).astype(np.float32)
    ground = random.uniform(0, 255, (count, 3)).astype(np.float32)
    close = np.abs(figure - ground).max(axis=1) < CONTRAST
    ground[close] = np.where(figure[close] < 128, figure[close] + CONTRAST, figure[close] - CONTRAST)  # noqa: PLR2004 - the middle
    return figure[:, None, None, :], ground[:, None, None, :]


def _coverage(kinds: npt.NDArray[np.int64], size: int, random: np.random.Generator) -> Real:
    """How much of each pixel the figure covers: (count, size, size), 0 to 1, soft over one pixel at the edge.

    Figures differ in place, size and turn.
    """
    count = len(kinds)
    radius = random.uniform(0.24, 0.42, (count, 1, 1)).astype(np.float32)
    centre = random.uniform(-1, 1, (2, count, 1, 1)).astype(np.float32) * (0.46 - radius)
    turn = random.uniform(0, 2 * np.pi, (count, 1, 1)).astype(np.float32)
    outlines = np.array(list(FIGURES.values()), np.float32)[kinds]
    edge = edge_distance(outlines, radius=radius, centre=centre, turn=turn, size=size)
    cover: Real = np.clip(0.5 - edge * size, 0, 1)
    return cover


def edge_distance(outlines: npt.NDArray[np.floating], *, radius: Real, centre: Real, turn: Real, size: int) -> Real:
    """How far each pixel's middle lies outside its picture's figure, as a share of the picture: (count, size, size).

    `outlines` (count, 2) are corners and bend as in FIGURES, `radius` and `turn` (count, 1, 1), `centre` (2, count, 1, 1) is
    across and down from the picture's middle. The plane is folded into half a corner's sector, where the edge is one
    straight line; beyond a corner this is the distance to that line.
    """
    axis = ((np.arange(size) + 0.5) / size - 0.5).astype(np.float32)
    across, down = axis[None, None, :] - centre[0], axis[None, :, None] - centre[1]
    distance = np.hypot(across, down)
    edge: Real = distance - radius
    pointed = outlines[:, 0] > 0
    corners, bend = outlines[pointed, 0, None, None], outlines[pointed, 1, None, None]
    sector = np.float32(2 * np.pi) / corners
    angle = np.arctan2(down, across)[pointed] - turn[pointed]
    folded = np.abs(np.mod(angle + sector / 2, sector) - sector / 2)
    # The edge runs from the corner (radius, 0) to the point between two corners (inner_x, inner_y).
    inner_x, inner_y = bend * np.cos(sector / 2), bend * np.sin(sector / 2)
    length = np.hypot(1 - inner_x, inner_y)
    x, y = distance[pointed] * np.cos(folded) - radius[pointed], distance[pointed] * np.sin(folded)
    edge[pointed] = (x * inner_y + y * (1 - inner_x)) / length
    return edge
