"""Applies augmentation draws to a batch of uint8 pictures on the device, by one gather.

Pure keras.ops without a Python branch on values, so it works inside a compiled step with a batch of
unknown size. Knows nothing of how the draws were made.
"""

from __future__ import annotations

from typing import Any

from keras import ops


def apply(pixels: Any, draws: Any) -> Any:
    """Mirror, then shift: (b, h, w, c) uint8 and (b, 3) draws, whole numbers → (b, h, w, c) uint8, zeros at the edge."""
    _, height, width, channels = pixels.shape
    whole = ops.cast(draws, "int32")
    flip, down, right = whole[:, 0:1], whole[:, 1:2], whole[:, 2:3]
    rows = ops.arange(height, dtype="int32")[None, :] - down
    columns = ops.arange(width, dtype="int32")[None, :] - right
    columns = ops.where(flip > 0, width - 1 - columns, columns)
    # Each picture gets one black row below and one black column at its right; what lies outside is read there.
    bordered = ops.pad(pixels, [[0, 0], [0, 1], [0, 1], [0, 0]])
    starts = ops.arange(ops.shape(pixels)[0], dtype="int32")[:, None] * ((height + 1) * (width + 1))
    row_starts = starts + _inside(rows, height) * (width + 1)
    places = row_starts[:, :, None] + _inside(columns, width)[:, None, :]
    return ops.take(ops.reshape(bordered, (-1, channels)), places, axis=0)


def _inside(places: Any, size: int) -> Any:
    """Places 0 … size − 1 as they are, all others as `size`, where it is black."""
    return ops.where(ops.logical_and(places >= 0, places < size), places, size)
