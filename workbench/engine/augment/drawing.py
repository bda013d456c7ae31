"""What augmentation draws for each picture: whole numbers, on the host, before the steps that use them.

A draw is a function of (seed, epoch, position in the epoch) only: any stretch of an epoch can be drawn
alone, in any order, and is the same.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from workbench.engine.seeds import bits
from workbench.spec.recipe import Recipe

#: Numbers drawn for a picture: 1 to mirror it; pixels downwards; pixels to the right (both may be negative).
COLUMNS = 3
#: Philox hands out 256 bits at a time: one block a picture.
_WORDS = 4


def draws(recipe: Recipe, seed: int, epoch: int, count: int, first: int = 0) -> npt.NDArray[np.int32]:
    """The draws for the positions first … first + count − 1 of an epoch, (count, COLUMNS)."""
    spec = recipe.tricks.augmentation
    stream = bits(seed, "augmentation", epoch)
    stream.advance(first)
    # 32 bits are plenty, and times a small number they stay within 64.
    words = stream.random_raw(count * _WORDS).reshape(count, _WORDS) >> np.uint64(32)
    flip = _below(2, words[:, 0]) * spec.flip
    span = 2 * spec.shift + 1
    return np.stack([flip, _below(span, words[:, 1]) - spec.shift, _below(span, words[:, 2]) - spec.shift], axis=1)


def _below(bound: int, words: npt.NDArray[np.uint64]) -> npt.NDArray[np.int32]:
    """Whole numbers 0 … bound − 1 from 32-bit words, alike to one in 2³²."""
    return (words * np.uint64(bound) >> np.uint64(32)).astype(np.int32)
