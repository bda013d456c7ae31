"""A small set with masks in memory, with pixels that are ignored, for tests of losses and loops."""

from __future__ import annotations

import numpy as np

from workbench.data.pictures import DataSet, InMemory, Part

IGNORE = 255
SIDE = 9


def mask_set(samples: int, classes: int = 3) -> DataSet:
    """Pictures of 9 × 9 whose brightness tells the class of every pixel."""
    random = np.random.default_rng(3)
    masks = random.integers(0, classes, (samples, SIDE, SIDE)).astype(np.uint8)
    pictures = (masks[..., None] * 70 + random.integers(0, 30, (*masks.shape, 1))).astype(np.uint8)
    masks[random.random(masks.shape) < 0.1] = IGNORE
    part = Part(InMemory(pictures), masks)
    nothing = Part(InMemory(pictures[:0]), masks[:0])
    names = tuple(f"c{number}" for number in range(classes))
    mean, spread = np.full(1, 80, np.float32), np.full(1, 60, np.float32)
    return DataSet(names, (SIDE, SIDE, 1), part, part, nothing, mean, spread, "", task="masks", ignore=IGNORE)
