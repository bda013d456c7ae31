"""Rectangles of pictures, on the device: one patch a picture, put in place of what was there.

Rows are laid out flat (width × channels): a choice between arrays of equal shape is several times faster on
the CPU than one that has to be spread over the channels.
"""

from __future__ import annotations

from typing import Any

from keras import ops

Shape = tuple[int, int, int]


def pasted(pictures: Any, patches: Any, corners: Any, shape: Shape) -> Any:
    """Pictures (b, h, w, c) with the pixels of `patches` (the same shape) inside the corners.

    Corners (b, 4): top, bottom, left, right, the ends excluded; all 0 for none.
    """
    height, width, channels = shape
    flat = (-1, height, width * channels)
    rows = ops.arange(height, dtype="float32")[None, :]
    columns = ops.floor(ops.arange(width * channels, dtype="float32") / channels)[None, :]
    down = ops.logical_and(rows >= corners[:, 0:1], rows < corners[:, 1:2])
    across = ops.logical_and(columns >= corners[:, 2:3], columns < corners[:, 3:4])
    inside = ops.logical_and(down[:, :, None], across[:, None, :])
    return ops.reshape(ops.where(inside, ops.reshape(patches, flat), ops.reshape(pictures, flat)), (-1, *shape))
