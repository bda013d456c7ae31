"""Mixup (Zhang et al. 2018) and CutMix (Yun et al. 2019): each picture gets a part of another of its batch.

Both are x̃ = w x + (1 − w) x′ with a weight w for each pixel: mixup has w = λ everywhere, CutMix w = 0 in a
rectangle and 1 around it. The share of the loss that stays with the picture's own label is the mean of w.
Are both on, each picture takes one of them by a coin.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

from workbench.engine.augment.chance import Reals, beta_quantile, uniform, whole
from workbench.engine.augment.rectangle import pasted
from workbench.spec.tricks import CutMix, Mixup


class Mixing:
    """Draws and applies the mixing that a recipe has on, for pictures of one size."""

    def __init__(self, mixup: Mixup, cutmix: CutMix, size: tuple[int, int]) -> None:
        self._mixup = mixup
        self._cutmix = cutmix
        self._size = size
        self.on = mixup.on or cutmix.on
        self.columns = 1 + mixup.on + 4 * cutmix.on

    def draws(self, seed: int, epoch: int, count: int, first: int) -> Reals:
        """A number that orders the batch's partners; mixup's λ (1: none); top, bottom, left and right of the rectangle."""
        numbers = uniform(seed, "mixing", epoch, count, first)
        takes_mixup = (numbers[:, 1] < 0.5) if self._cutmix.on else np.ones(count, bool)  # noqa: PLR2004 - a coin
        takes_cutmix = ~takes_mixup if self._mixup.on else np.ones(count, bool)
        # As many whole numbers as a float32 holds.
        found = [whole(1 << 24, numbers[:, 0])]
        if self._mixup.on:
            drawn = uniform(seed, "mixup", epoch, count, first)
            blended = takes_mixup & (drawn[:, 0] < self._mixup.probability)
            found.append(np.where(blended, beta_quantile(self._mixup.alpha, drawn[:, 1]), 1.0))
        if self._cutmix.on:
            drawn = uniform(seed, "cutmix", epoch, count, first)
            pasted = takes_cutmix & (drawn[:, 0] < self._cutmix.probability)
            found.extend(pasted * side for side in self._rectangle(drawn[:, 1:]))
        return np.stack(found, axis=1)

    def _rectangle(self, drawn: Reals) -> tuple[Reals, ...]:
        """Of √(1 − λ) of the picture's height and width about a middle anywhere in it, cut off at its edges."""
        height, width = self._size
        cut = np.sqrt(1 - beta_quantile(self._cutmix.alpha, drawn[:, 0]))
        half_y, half_x = np.floor(height * cut) // 2, np.floor(width * cut) // 2
        y, x = whole(height, drawn[:, 1]), whole(width, drawn[:, 2])
        return (
            np.maximum(y - half_y, 0), np.minimum(y + half_y, height),
            np.maximum(x - half_x, 0), np.minimum(x + half_x, width),
        )  # fmt: skip

    def apply(self, pictures: Any, draws: Any) -> tuple[Any, Any, Any]:
        """Mixed float32 pictures, each one's partner (b,) int32, and the share (b,) of its own label."""
        # The places of the batch in the order of the drawn numbers: a permutation, of a smaller last batch too.
        partner = ops.cast(ops.argsort(draws[:, 0]), "int32")
        pixels = ops.cast(pictures, "float32")
        others = ops.take(pixels, partner, axis=0)
        share = ops.ones_like(draws[:, 0])
        if self._mixup.on:
            share = draws[:, 1]
            pixels = others + share[:, None, None, None] * (pixels - others)
        if self._cutmix.on:
            corners = draws[:, -4:]
            pixels = pasted(pixels, others, corners, (*self._size, pictures.shape[-1]))
            area = (corners[:, 1] - corners[:, 0]) * (corners[:, 3] - corners[:, 2])
            share = share * (1 - area / (self._size[0] * self._size[1]))
        return pixels, partner, share
