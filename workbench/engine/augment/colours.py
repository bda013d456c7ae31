"""Contrast, brightness and noise: what is drawn for a picture, and how it is applied to its pixels.

Noise is drawn once, as a pool of rows; each picture takes the rows from a place of its own. So it is a
function of the draws alone, the same on every backend, and costs one copy. Knows nothing of places.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

from workbench.engine.augment.chance import Reals, uniform, whole
from workbench.engine.seeds import generator
from workbench.spec.tricks import Augmentation

#: Rows of a pool beside those of one picture: the number of places where a picture's rows may begin.
PLACES = 4096
_WHITE = 255.0


def rows_at(pool: Any, places: Any, height: int) -> Any:
    """Pool (rows, w, c) and places (b,) → (b, height, w, c)."""
    rows = ops.cast(places, "int32")[:, None] + ops.arange(height, dtype="int32")[None, :]
    return ops.take(pool, rows, axis=0)


class Colours:
    """Draws and applies what a recipe has on of contrast, brightness and noise."""

    def __init__(self, spec: Augmentation, shape: tuple[int, int, int], seed: int) -> None:
        self._spec = spec
        self._shape = shape
        self._stretches = spec.on and spec.contrast > 0 and spec.contrast_probability > 0
        self._lights = spec.on and spec.brightness > 0 and spec.brightness_probability > 0
        self._noisy = spec.on and spec.noise > 0 and spec.noise_probability > 0
        self.on = self._stretches or self._lights or self._noisy
        self.columns = self._stretches + self._lights + 2 * self._noisy
        if self._noisy:
            height, width, channels = shape
            pool = generator(seed, "augmentation", "noise pool").standard_normal(
                (PLACES + height, width, channels), np.float32
            )
            self._pool = ops.convert_to_tensor(pool)

    def draws(self, seed: int, epoch: int, count: int, first: int) -> Reals:
        """Of those that are on: contrast's factor − 1, what brightness adds; noise's σ and its place in the pool."""

        def numbers(what: str) -> Reals:
            return uniform(seed, what, epoch, count, first)

        found: list[Reals] = []
        if self._stretches:
            drawn = numbers("contrast")
            found.append((drawn[:, 0] < self._spec.contrast_probability) * self._spec.contrast * (2 * drawn[:, 1] - 1))
        if self._lights:
            drawn = numbers("brightness")
            most = self._spec.brightness * _WHITE
            found.append((drawn[:, 0] < self._spec.brightness_probability) * most * (2 * drawn[:, 1] - 1))
        if self._noisy:
            drawn = numbers("noise")
            found.append(np.where(drawn[:, 0] < self._spec.noise_probability, self._spec.noise, 0.0))
            found.append(whole(PLACES, drawn[:, 1]))
        return np.stack(found, axis=1)

    def named(self, seed: int, epoch: int, position: int) -> list[str]:
        """What is done to the picture at a position of an epoch, a few words each."""
        drawn = iter(self.draws(seed, epoch, 1, position)[0].tolist())
        said = []
        for on, more, less in (
            (self._stretches, "More contrast", "Less contrast"),
            (self._lights, "Brighter", "Darker"),
        ):
            strength = next(drawn) if on else 0.0
            if strength:
                said.append(more if strength > 0 else less)
        if self._noisy and next(drawn):
            said.append("Noise")
        return said

    def apply(self, pictures: Any, draws: Any) -> Any:
        """(b, h, w, c) on the scale 0 to 255 → float32, cut off at 0 and 255 once at the end."""
        pixels = ops.cast(pictures, "float32")
        column = 0
        if self._stretches:
            factor = draws[:, 0, None, None, None]
            pixels = pixels + factor * (pixels - ops.mean(pixels, axis=(1, 2), keepdims=True))
            column = 1
        if self._lights:
            pixels = pixels + draws[:, column, None, None, None]
            column += 1
        if self._noisy:
            grain = rows_at(self._pool, draws[:, column + 1], self._shape[0])
            pixels = pixels + draws[:, column, None, None, None] * grain
        return ops.clip(pixels, 0.0, _WHITE)
