"""What augmentation a recipe asks for, as one object for the trainer (which draws) and the loops (which apply)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.engine.augment.drawing import COLUMNS, draws
from workbench.engine.augment.moving import apply
from workbench.spec.recipe import Recipe


class Augmenter:
    """The augmentation of a recipe for pictures of `shape` (height, width, channels)."""

    def __init__(self, recipe: Recipe, shape: tuple[int, int, int]) -> None:
        self._recipe = recipe
        self.shape = shape
        #: whether anything is drawn at all
        self.on = recipe.tricks.augmentation.on
        #: numbers drawn for a picture
        self.columns = COLUMNS

    def draws(self, seed: int, epoch: int, count: int, first: int = 0) -> npt.NDArray[np.float32]:
        """The draws for the positions first … first + count − 1 of an epoch, (count, columns).

        A function of (seed, epoch, position) only: any stretch of an epoch can be drawn alone and is the same.
        """
        return draws(self._recipe, seed, epoch, count, first).astype(np.float32)

    def apply(self, pictures: Any, drawn: Any) -> Any:
        """Changed pictures: (b, h, w, c) uint8 and (b, columns) float32 draws → (b, h, w, c). For training only."""
        return apply(pictures, drawn)
