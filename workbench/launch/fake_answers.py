"""What the fake engine says at epochs' ends of pretended validation pictures: as many are right as its accuracy tells.

Nothing is predicted here: each picture has a difficulty, and is right as soon as accuracy has passed it.
"""

from __future__ import annotations

import numpy as np

from workbench.journal import watched
from workbench.journal.rows import Watched
from workbench.launch.fake_story import CLASSES, Numbers, Told

FEW, SIDE = 12, 8


def samples(numbers: Numbers) -> Watched:
    """Which pictures are watched."""
    count = min(numbers.validation, watched.MOST_PICTURES)
    few = np.arange(min(FEW, count), dtype=np.int64)
    nothing = np.zeros((0, 0, 0), np.uint8)
    pictures, masks = _pictures(len(few)), nothing
    if numbers.recipe.data.TASK == "masks":
        masks = np.stack([_disc(SIDE, 3.0 - number % 2) for number in range(len(few))])
    truth = (np.arange(count) % len(CLASSES)).astype(np.int32)
    return watched.Samples(
        np.arange(count, dtype=np.int64) * 3, truth, numbers.validation, few, pictures, None, masks
    ).row()


def answers(numbers: Numbers, epoch: int, told: Told) -> Watched:
    """What is said of them at an epoch's end."""
    if numbers.recipe.data.TASK == "masks":
        return watched.masks_row(
            epoch, np.stack([_disc(SIDE, 3 * told.val_accuracy) for _ in range(min(FEW, numbers.validation))])
        )
    count = min(numbers.validation, watched.MOST_PICTURES)
    truth = np.arange(count) % len(CLASSES)
    difficulty = np.random.default_rng(numbers.recipe.training.seed).permutation(count) / max(1, count)
    right = difficulty < told.val_accuracy
    given = np.where(right, truth, (truth + 1) % len(CLASSES)).astype(np.int32)
    share = np.clip(0.5 + np.abs(told.val_accuracy - difficulty) / 2, 0, 1).astype(np.float32)
    return watched.Answers(given, share, np.where(right, share, 1 - share).astype(np.float32)).row(epoch)


def _pictures(count: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    grey = np.linspace(40, 220, SIDE * SIDE).reshape(1, SIDE, SIDE, 1).astype(np.uint8)
    return np.repeat(grey, count, axis=0)


def _disc(side: int, radius: float) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """A mask: 1 within a disc in the middle."""
    rows, columns = np.mgrid[:side, :side] - (side - 1) / 2
    disc: np.ndarray[tuple[int, ...], np.dtype[np.uint8]] = (rows**2 + columns**2 <= radius**2).astype(np.uint8)
    return disc
