"""Pictures made small enough to be shown beside many others. NumPy only."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]

#: A picture that is shown among others has at most this side; one with a mask, which is looked at alone, at most that.
SIDE, MASK_SIDE = 64, 256
#: All pictures of a part together take no more.
BYTES = 64 << 20


def factor_for(count: int, shape: tuple[int, int, int], side: int, most_bytes: int = BYTES) -> int:
    """By which whole number the sides of `count` pictures of a shape are divided."""
    height, width, channels = shape
    factor = max(1, -(-max(height, width) // side))
    while factor < min(height, width) and count * (height // factor) * (width // factor) * channels > most_bytes:
        factor += 1
    return factor


def shrunk(pixels: Pixels, factor: int) -> Pixels:
    """Pictures (n, h, w, c) with each block of factor × factor pixels as its mean; what is left over at the end goes."""
    if factor == 1:
        return pixels
    count, height, width, channels = pixels.shape
    rows, columns = height // factor, width // factor
    blocks = pixels[:, : rows * factor, : columns * factor].reshape(count, rows, factor, columns, factor, channels)
    means: Pixels = np.rint(blocks.mean(axis=(2, 4), dtype=np.float32)).astype(np.uint8)
    return means
