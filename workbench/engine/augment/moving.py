"""Applies augmentation draws to a batch of uint8 pictures on the device, by one gather.

Pure keras.ops without a Python branch on values, so it works inside a compiled step with a batch of
unknown size. Knows nothing of how the draws were made.
"""

from __future__ import annotations

from typing import Any

from keras import ops


def apply(pixels: Any, draws: Any) -> Any:
    """Mirror, then shift: (b, h, w, c) uint8 and (b, 3) int32 draws → (b, h, w, c) uint8, zeros at the edge."""
    _, height, width, channels = pixels.shape
    batch = ops.shape(pixels)[0]
    flip, down, right = draws[:, 0:1], draws[:, 1:2], draws[:, 2:3]
    rows = ops.arange(height, dtype="int32")[None, :] - down
    columns = ops.arange(width, dtype="int32")[None, :] - right
    rows_in = ops.logical_and(rows >= 0, rows < height)
    columns_in = ops.logical_and(columns >= 0, columns < width)
    columns = ops.where(flip > 0, width - 1 - columns, columns)
    starts = ops.arange(batch, dtype="int32")[:, None] * (height * width) + 1
    # Place 0 holds a black pixel: all that lies outside is read there.
    places = ops.where(
        ops.logical_and(rows_in[:, :, None], columns_in[:, None, :]),
        (starts + rows * width)[:, :, None] + columns[:, None, :],
        0,
    )
    flat = ops.reshape(pixels, (-1, channels))
    flat = ops.concatenate([ops.zeros((1, channels), dtype="uint8"), flat], axis=0)
    return ops.take(flat, places, axis=0)
