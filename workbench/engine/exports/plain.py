"""A plan's network in layers that any Keras has: what is our own is replaced by what gives the same answers.

Preparing the pictures and the softmax are layers too. For one picture size, since plain layers cannot ask how large a map is.
Weights keep their names. Layers that only training sees (dropout) stay, so that the model can be trained on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from workbench.engine import build
from workbench.engine.build_maps import Place
from workbench.events import DataReady
from workbench.network.layers import PICTURE, Activation, PadShortcut, StochasticDepth
from workbench.network.maps import BilinearUp, CropLike, PadToMultiple
from workbench.network.plan import plan
from workbench.spec.recipe import Recipe

#: One of what Keras calls layers, or several behind one another: tensor in, tensor out.
Step = Callable[..., Any]


def plain_model(recipe: Recipe, ready: DataReady) -> keras.Model:
    """float32 pictures (n, h, w, c) from 0 to 255 in, probabilities (n, classes) or (n, h, w, classes) out; float32 throughout."""
    picture = keras.Input(shape=ready.shape, name="pixels", dtype="float32")
    scale = [1 / spread for spread in ready.spread]
    offset = [-mean / spread for mean, spread in zip(ready.mean, ready.spread, strict=True)]
    prepared = keras.layers.Rescaling(scale, offset, name=PICTURE)(seen(recipe, ready, picture))
    drawn = plan(recipe, tuple(prepared.shape[1:]), len(ready.classes))
    logits = build.connect(drawn, recipe, prepared, BUILDERS)
    model = keras.Model(picture, keras.layers.Softmax(name="probabilities")(logits), name="network")
    strangers = {type(layer).__name__ for layer in model.layers if not type(layer).__module__.startswith("keras.")}
    assert not strangers, f"no other program has these layers: {strangers}"
    return model


def seen(recipe: Recipe, ready: DataReady, picture: Any) -> Any:
    """What the network sees of pictures: their middle, where training saw random crops; of those with masks, all."""
    edges = cut(recipe, ready)
    return keras.layers.Cropping2D(edges, name="middle")(picture) if edges else picture


def cut(recipe: Recipe, ready: DataReady) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """Rows above and below, columns left and right that the network does not see; None when it sees all."""
    crop = recipe.data.crop
    if not crop or recipe.data.TASK == "masks":
        return None
    rows, columns = (((side - crop) // 2, side - crop - (side - crop) // 2) for side in ready.shape[:2])
    return rows, columns


def _stochastic_depth(kind: StochasticDepth, place: Any) -> Step:
    whom = None if kind.each == "picture" else 1
    shape, seed = (whom, 1, 1, 1), place.seed("stochastic depth")
    return keras.layers.Dropout(1 - kind.survival, noise_shape=shape, seed=seed, name=place.name)  # type: ignore[no-any-return] # Keras comes without types


def _activation(kind: Activation, place: Place) -> Step:
    bend = keras.layers.Activation(kind.function, name=place.name)
    if kind.function != "mish":
        return bend  # type: ignore[no-any-return] # Keras comes without types

    def mish(results: Any) -> Any:
        if isinstance(results._keras_history.operation, keras.layers.Add):  # noqa: SLF001 - Keras' own way to ask
            # On the CPU TensorFlow 2.21 makes one operation of convolution, bias, sum and Mish, for which it has no kernel
            # (see backends/tensorflow.py): "Fusion is not implemented". A maximum over single places changes nothing.
            results = keras.layers.MaxPooling2D(1, name=f"{place.name}_apart")(results)
        return bend(results)

    return mish


def _pad_shortcut(kind: PadShortcut, place: Place) -> Step:
    def shortcut(maps: Any) -> Any:
        more = kind.channels - maps.shape[-1]
        if kind.stride > 1:
            maps = keras.layers.MaxPooling2D(1, strides=kind.stride, padding="same", name=f"{place.name}_places")(maps)
        # Keras pads rows and columns only: so channels stand in the rows' place for a moment.
        turned = keras.layers.Permute((3, 1, 2), name=f"{place.name}_turned")(maps)
        padded = keras.layers.ZeroPadding2D(((0, more), (0, 0)), name=f"{place.name}_zeros")(turned)
        return keras.layers.Permute((2, 3, 1), name=place.name)(padded)

    return shortcut


def _bilinear_up(kind: BilinearUp, place: Place) -> Step:
    def up(maps: Any) -> Any:
        _, height, width, channels = maps.shape
        first, last = ((0, height - 1), (0, 0)), ((height - 1, 0), (0, 0))
        tall = _with_ends(maps, first, last, 1, f"{place.name}_rows")
        first, last = ((0, 0), (0, width - 1)), ((0, 0), (width - 1, 0))
        wide = _with_ends(tall, first, last, 2, f"{place.name}_columns")
        large = keras.layers.Conv2DTranspose(
            channels, 2 * kind.factor, strides=kind.factor, padding="same", use_bias=False, name=place.name
        )(wide)
        return keras.layers.Cropping2D(kind.factor, name=f"{place.name}_middle")(large)

    return up


def _with_ends(maps: Any, first: Any, last: Any, axis: int, name: str) -> Any:
    """Maps with their first and last row or column twice; `first` and `last` cut away all but these."""
    ends = [
        keras.layers.Cropping2D(away, name=f"{name}_{which}")(maps)
        for which, away in (("first", first), ("last", last))
    ]
    return keras.layers.Concatenate(axis, name=name)([ends[0], maps, ends[1]])


def _pad_to_multiple(kind: PadToMultiple, place: Place) -> Step:
    def pad(maps: Any) -> Any:
        down, across = -maps.shape[1] % kind.of, -maps.shape[2] % kind.of
        edges = (down // 2, down - down // 2), (across // 2, across - across // 2)
        return keras.layers.ZeroPadding2D(edges, name=place.name)(maps)

    return pad


def _crop_like(_: CropLike, place: Place) -> Step:
    def crop(both: Any) -> Any:
        maps, like = both
        down, across = maps.shape[1] - like.shape[1], maps.shape[2] - like.shape[2]
        edges = (down // 2, down - down // 2), (across // 2, across - across // 2)
        return keras.layers.Cropping2D(edges, name=place.name)(maps)

    return crop


BUILDERS: build.Builders = {
    **build.BUILDERS,
    Activation: _activation,
    StochasticDepth: _stochastic_depth,
    PadShortcut: _pad_shortcut,
    BilinearUp: _bilinear_up,
    PadToMultiple: _pad_to_multiple,
    CropLike: _crop_like,
}
