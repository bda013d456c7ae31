"""Builds the Keras layers of `network.maps`: what networks for masks have besides convolutions.

The layers of our own work on maps whose size is known and on maps whose size is not (`build_model(any_size=True)`), on
every backend. `build` hands each builder its place; the rest of the network is not known here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import keras
import numpy as np
from keras import ops

from workbench.network.layers import Kind
from workbench.network.maps import BilinearUp, Concat, CropLike, Deconv, PadToMultiple, Repeat, Score


class Place(Protocol):
    """What a builder may ask about the place of its layer."""

    @property
    def name(self) -> str: ...

    def kernel(self) -> keras.initializers.Initializer: ...


def bilinear_kernel(factor: int, channels: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """(2f, 2f, channels, channels): the weights of bilinear interpolation, each map by itself (Long 2015, section 3.3)."""
    # The middles of the 2f places, as distances from the kernel's middle in pixels of the small map.
    distance = np.abs(np.arange(2 * factor) + 0.5 - factor) / factor
    tent = 1 - distance
    return (np.outer(tent, tent)[:, :, None, None] * np.eye(channels)).astype(np.float32)


@keras.saving.register_keras_serializable("workbench")
class BilinearUpLayer(keras.layers.Layer):  # type: ignore[misc] # Keras comes without types
    """(b, h, w, c) → (b, h · f, w · f, c) by a transposed convolution that starts as bilinear interpolation."""

    def __init__(self, factor: int, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.factor = factor

    def build(self, shape: tuple[int | None, ...]) -> None:
        channels = shape[-1]
        assert channels is not None
        start = bilinear_kernel(self.factor, channels)
        self.kernel = self.add_weight(name="kernel", shape=start.shape, initializer=keras.initializers.Zeros())
        self.kernel.assign(start)

    def call(self, maps: Any) -> Any:
        # The outermost row and column twice: beyond the edge interpolation finds what is at the edge, not zeros.
        tall = ops.concatenate([maps[:, :1], maps, maps[:, -1:]], axis=1)
        wide = ops.concatenate([tall[:, :, :1], tall, tall[:, :, -1:]], axis=2)
        large = ops.conv_transpose(wide, self.kernel, strides=self.factor, padding="same", data_format="channels_last")
        return large[:, self.factor : -self.factor, self.factor : -self.factor]

    def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        batch, height, width, channels = shape
        return batch, height and height * self.factor, width and width * self.factor, channels

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}


@keras.saving.register_keras_serializable("workbench")
class PadToMultipleLayer(keras.layers.Layer):  # type: ignore[misc] # Keras comes without types
    """(b, h, w, c) with zeros around it, so that h and w are multiples of `of`."""

    def __init__(self, of: int, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.of = of

    def call(self, maps: Any) -> Any:
        _, height, width, _ = ops.shape(maps)
        down, across = -height % self.of, -width % self.of
        if isinstance(down, int) and isinstance(across, int) and not down + across:
            return maps
        edges = [[0, 0], [down // 2, down - down // 2], [across // 2, across - across // 2], [0, 0]]
        return ops.pad(maps, edges)

    def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        batch, height, width, channels = shape
        return batch, height and height + -height % self.of, width and width + -width % self.of, channels

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "of": self.of}


@keras.saving.register_keras_serializable("workbench")
class CropLikeLayer(keras.layers.Layer):  # type: ignore[misc] # Keras comes without types
    """[(b, H, W, c), (b, h, w, any)] → (b, h, w, c), the middle of the first."""

    def call(self, both: Any) -> Any:
        maps, like = both
        _, height, width, _ = ops.shape(like)
        _, tall, wide, _ = ops.shape(maps)
        top, left = (tall - height) // 2, (wide - width) // 2
        return maps[:, top : top + height, left : left + width]

    def compute_output_shape(self, shapes: Any) -> tuple[int | None, ...]:
        maps, like = shapes
        return maps[0], like[1], like[2], maps[3]


def _score(kind: Score, place: Place) -> keras.layers.Layer:
    start = keras.initializers.Zeros() if kind.zero else place.kernel()
    return keras.layers.Conv2D(kind.classes, 1, kernel_initializer=start, name=place.name)


def _bilinear_up(kind: BilinearUp, place: Place) -> keras.layers.Layer:
    return BilinearUpLayer(kind.factor, name=place.name)


def _deconv(kind: Deconv, place: Place) -> keras.layers.Layer:
    return keras.layers.Conv2DTranspose(
        kind.filters, 2, strides=2, padding="same", kernel_initializer=place.kernel(), name=place.name
    )


def _repeat(_: Repeat, place: Place) -> keras.layers.Layer:
    return keras.layers.UpSampling2D(2, name=place.name)


def _concat(_: Concat, place: Place) -> keras.layers.Layer:
    return keras.layers.Concatenate(name=place.name)


def _pad_to_multiple(kind: PadToMultiple, place: Place) -> keras.layers.Layer:
    return PadToMultipleLayer(kind.of, name=place.name)


def _crop_like(_: CropLike, place: Place) -> keras.layers.Layer:
    return CropLikeLayer(name=place.name)


BUILDERS: dict[type[Kind], Callable[[Any, Any], keras.layers.Layer]] = {
    Score: _score,
    BilinearUp: _bilinear_up,
    Deconv: _deconv,
    Repeat: _repeat,
    Concat: _concat,
    PadToMultiple: _pad_to_multiple,
    CropLike: _crop_like,
}
