"""Brings pictures and masks to the size of the recipe: pictures with Pillow's antialiased filter, masks by the nearest pixel.

Knows arrays and Pillow images; nothing of files, classes or sets.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from workbench.data.pictures import Masks, Pixels

#: Antialiased in Pillow: each new pixel is a weighted mean over all the old ones it covers.
FILTER = Image.Resampling.BILINEAR


def resize(image: Image.Image, size: int, fit: str = "crop") -> Image.Image:
    """A picture of any shape as a square of `size` pixels.

    "crop": its middle square; "stretch": all of it; "pad": as it is, in the middle, made smaller only if it is too large.
    What is around a padded picture is its mirror image, so that means and spreads stay those of pictures.
    """
    if fit == "pad":
        image = image.resize(_within(image.size, size), FILTER, reducing_gap=3.0)
        rows, columns = _around(image.size, size)
        pixels = np.asarray(image)
        sides = (rows, columns, *([(0, 0)] * (pixels.ndim - 2)))
        return Image.fromarray(np.pad(pixels, sides, mode="symmetric"))
    image = _cropped(image, fit)
    if image.size == (size, size):
        return image
    # reducing_gap: very large pictures are first made smaller by exact means, which is many times faster.
    return image.resize((size, size), FILTER, reducing_gap=3.0)


def resize_mask(mask: Masks, size: int, fit: str = "crop", outside: int = 0) -> Masks:
    """One mask (h, w) as `resize` does its picture; each new pixel has the class of the old one at its middle.

    `outside`: what stands around a padded one.
    """
    image = Image.fromarray(mask)
    if fit == "pad":
        small = np.asarray(image.resize(_within(image.size, size), Image.Resampling.NEAREST))
        return np.pad(small, _around((small.shape[1], small.shape[0]), size), constant_values=outside)
    return np.asarray(_cropped(image, fit).resize((size, size), Image.Resampling.NEAREST))


def scaled_size(size: tuple[int, int], wanted: int, fit: str) -> tuple[int, int]:
    """Width and height of a whole picture at the scale at which `resize` shows its parts."""
    if fit == "stretch":
        return wanted, wanted
    if fit == "pad":
        return _within(size, wanted)
    share = wanted / min(size)
    return max(1, round(size[0] * share)), max(1, round(size[1] * share))


def _within(size: tuple[int, int], most: int) -> tuple[int, int]:
    """Width and height, brought down in proportion until neither is above `most`."""
    share = min(1.0, most / max(size))
    return max(1, round(size[0] * share)), max(1, round(size[1] * share))


def _around(size: tuple[int, int], whole: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """What is missing above and below, left and right of (width, height)."""
    missing = [whole - side for side in reversed(size)]
    rows, columns = ((each // 2, each - each // 2) for each in missing)
    return rows, columns


def _cropped(image: Image.Image, fit: str) -> Image.Image:
    if image.width == image.height or fit != "crop":
        return image
    # Cut out, not given as a box to resize(), whose filter would mix in what lies beyond the edge.
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side))


def resize_all(pixels: Pixels, size: int) -> Pixels:
    """Pictures (k, h, w, 1 or 3) as (k, size, size, 1 or 3); of those that are not square, the middle."""
    number, height, width, channels = pixels.shape
    if (height, width) == (size, size):
        return pixels
    result = np.empty((number, size, size, channels), np.uint8)
    for place, picture in enumerate(pixels):
        image = Image.fromarray(np.ascontiguousarray(picture[:, :, 0] if channels == 1 else picture))
        result[place] = np.asarray(resize(image, size)).reshape(size, size, channels)
    return result
