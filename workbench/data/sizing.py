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
    """A picture of any shape as a square of `size` pixels: of its middle square ("crop") or of all of it ("stretch")."""
    image = _cropped(image, fit)
    if image.size == (size, size):
        return image
    # reducing_gap: very large pictures are first made smaller by exact means, which is many times faster.
    return image.resize((size, size), FILTER, reducing_gap=3.0)


def resize_mask(mask: Masks, size: int, fit: str = "crop") -> Masks:
    """One mask (h, w) as `resize` does its picture; each new pixel has the class of the old one at its middle."""
    image = _cropped(Image.fromarray(mask), fit)
    return np.asarray(image.resize((size, size), Image.Resampling.NEAREST))


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
