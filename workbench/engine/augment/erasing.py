"""Random erasing (Zhong et al. 2017, algorithm 1): wipes a rectangle out of a picture.

Area S·U(s_l, s_h) and height over width U(r₁, 1/r₁) are drawn, then a corner anywhere in the picture; if
the rectangle does not fit, all is drawn again. A picture for which none of the tries fits stays whole.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

from workbench.engine.augment.chance import BLOCK, Reals, uniform, whole
from workbench.engine.augment.colours import PLACES, rows_at
from workbench.engine.augment.rectangle import pasted
from workbench.engine.seeds import generator
from workbench.spec.tricks import Augmentation

#: Tries to place a rectangle; at the paper's settings one of three fits, and one picture of 5,000 stays whole.
TRIES = 20


class Erasing:
    """Draws and applies random erasing, for pictures of one size."""

    def __init__(self, spec: Augmentation, shape: tuple[int, int, int], seed: int, mean: Reals) -> None:
        self._spec = spec
        self._shape = shape
        self._random = spec.erasing_fill == "random"
        self.on = spec.on and spec.erasing > 0
        self.columns = 5 if self._random else 4
        self._mean = np.rint(mean).astype(np.float32)
        if self.on and self._random:
            height, width, channels = shape
            random = generator(seed, "augmentation", "erasing pool")
            pool = random.integers(0, 256, (PLACES + height, width, channels), np.uint8)
            self._pool = ops.convert_to_tensor(pool)

    def draws(self, seed: int, epoch: int, count: int, first: int) -> Reals:
        """Top, bottom, left and right of the rectangle (all 0: none), and its place in the pool of random pixels."""
        drawn = uniform(seed, "erasing", epoch, count, first)
        result = np.zeros((count, self.columns))
        if self._random:
            result[:, 4] = whole(PLACES, drawn[:, 1])
        chosen = np.flatnonzero(drawn[:, 0] < self._spec.erasing)
        tries = uniform(seed, "erasing tries", epoch, count, first, blocks=TRIES)[chosen]
        result[chosen, :4] = self._rectangles(tries.reshape(len(chosen), TRIES, BLOCK))
        return result

    def named(self, seed: int, epoch: int, position: int) -> list[str]:
        """What is done to the picture at a position of an epoch, in a few words."""
        return ["Cut out"] if self.draws(seed, epoch, 1, position)[0, :4].any() else []

    def _rectangles(self, tries: Reals) -> Reals:
        """The first try of each picture that fits: tries (n, TRIES, 4) → (n, 4)."""
        height, width, _ = self._shape
        spec = self._spec
        area = height * width * (spec.erasing_smallest + tries[..., 0] * (spec.erasing_largest - spec.erasing_smallest))
        aspect = spec.erasing_aspect + tries[..., 1] * (1 / spec.erasing_aspect - spec.erasing_aspect)
        tall = np.maximum(1, np.rint(np.sqrt(area * aspect)))
        wide = np.maximum(1, np.rint(np.sqrt(area / aspect)))
        top, left = whole(height, tries[..., 2]), whole(width, tries[..., 3])
        fits = (top + tall <= height) & (left + wide <= width)
        found = np.stack([top, top + tall, left, left + wide], axis=-1)
        found = found[np.arange(len(tries)), fits.argmax(axis=1)]
        return np.asarray(np.where(np.any(fits, axis=1, keepdims=True), found, 0.0))

    def apply(self, pictures: Any, draws: Any) -> Any:
        """(b, h, w, c) on the scale 0 to 255 → the same kind, rectangles filled."""
        kind = pictures.dtype
        if self._random:
            fill = ops.cast(rows_at(self._pool, draws[:, 4], self._shape[0]), kind)
        else:
            fill = ops.zeros_like(pictures) + ops.cast(ops.convert_to_tensor(self._mean), kind)
        return pasted(pictures, fill, draws, self._shape)
