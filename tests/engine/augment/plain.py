"""Augmentation written plainly, pixel by pixel, straight from its description or paper: what the engine must equal."""

from __future__ import annotations

import math

import numpy as np

from workbench.engine.augment.moves import Move


def landed(place: tuple[float, float], move: Move, at: int, seen: tuple[int, int]) -> tuple[float, float]:
    """Where a place (row, column) of a stored picture lands: cut out, mirrored, turned, scaled, shifted, in this order."""
    row, column = place[0] - move.top[at], place[1] - move.left[at]
    if move.side_y[at] < 0:
        row = seen[0] - 1 - row
    if move.side_x[at] < 0:
        column = seen[1] - 1 - column
    down, right = row - (seen[0] - 1) / 2, column - (seen[1] - 1) / 2
    # Clockwise with rows counted downwards: what was on the right goes down.
    cos, sin = math.cos(move.angle[at]), math.sin(move.angle[at])
    down, right = down * cos + right * sin, right * cos - down * sin
    down, right = down * move.scale[at], right * move.scale[at]
    return down + (seen[0] - 1) / 2 + move.down[at], right + (seen[1] - 1) / 2 + move.right[at]


def came_from(place: tuple[int, int], move: Move, at: int, seen: tuple[int, int]) -> tuple[float, float]:
    """The other way: the place of the stored picture that lands there, each step undone in turn."""
    down, right = (place[axis] - (seen[axis] - 1) / 2 for axis in (0, 1))
    down, right = (down - move.down[at]) / move.scale[at], (right - move.right[at]) / move.scale[at]
    cos, sin = math.cos(move.angle[at]), math.sin(move.angle[at])
    down, right = down * cos - right * sin, right * cos + down * sin
    row, column = move.side_y[at] * down + (seen[0] - 1) / 2, move.side_x[at] * right + (seen[1] - 1) / 2
    return row + move.top[at], column + move.left[at]


def moved(pictures: np.ndarray, move: Move, seen: tuple[int, int], outside: int = 0) -> np.ndarray:
    """Whole-number moves, one pixel at a time: (n, h, w, …) → (n, seen h, seen w, …)."""
    result = np.full((len(pictures), *seen, *pictures.shape[3:]), outside, pictures.dtype)
    for at, picture in enumerate(pictures):
        for place in np.ndindex(picture.shape[:2]):
            row, column = (round(each) for each in landed(place, move, at, seen))
            if 0 <= row < seen[0] and 0 <= column < seen[1]:
                result[at, row, column] = picture[place]
    return result


def sampled(picture: np.ndarray, row: float, column: float, *, mirror: bool = False) -> np.ndarray:
    """The bilinear value of a picture (h, w, c) between its pixels."""
    top, left = math.floor(row), math.floor(column)
    total = np.zeros(picture.shape[2])
    for y, x in ((top, left), (top, left + 1), (top + 1, left), (top + 1, left + 1)):
        weight = (1 - abs(row - y)) * (1 - abs(column - x))
        total += weight * pixel(picture, y, x, mirror=mirror)
    return total


def pixel(picture: np.ndarray, row: int, column: int, *, mirror: bool = False) -> np.ndarray:
    """One pixel; black outside, or as `np.pad(mode="reflect")` has it."""
    height, width = picture.shape[:2]
    if mirror:
        return picture[reflected(row, height), reflected(column, width)]
    inside = 0 <= row < height and 0 <= column < width
    return picture[row, column] if inside else np.zeros(picture.shape[2])


def reflected(place: int, size: int) -> int:
    while not 0 <= place < size:
        place = -place if place < 0 else 2 * (size - 1) - place
    return place


def erased(picture: np.ndarray, corners: np.ndarray, fill: np.ndarray) -> np.ndarray:
    """A picture with a rectangle (top, bottom, left, right) replaced."""
    top, bottom, left, right = (int(each) for each in corners)
    result = picture.copy()
    result[top:bottom, left:right] = fill[top:bottom, left:right]
    return result
