"""Builds the Keras model of a plan: one builder for each kind of layer, found by its type.

Every layer bears the plan's name and every random one its own seed from (seed, purpose, name), so that
the model does not depend on what the process built before. Knows nothing of optimizers or training.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeAlias

import keras

from workbench.engine import build_maps
from workbench.engine.initializers import build_initializer
from workbench.engine.seeds import seed_for
from workbench.engine.shortcut import PadShortcutLayer
from workbench.engine.tricks.stochastic_depth import StochasticDepthLayer
from workbench.network.layers import (
    PICTURE,
    Activation,
    Add,
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    Edge,
    Flatten,
    GlobalPool,
    GroupNorm,
    Kind,
    Layer,
    LayerNorm,
    MapDropout,
    PadShortcut,
    Pool,
    StochasticDepth,
)
from workbench.network.plan import Plan
from workbench.spec.recipe import Recipe

#: What is added to a variance before its root is taken (as in the papers' own code; Keras' 1e-3 is felt in small maps).
EPSILON = 1e-5
#: Share of the old moving average kept each step. Keras' 0.99 needs hundreds of steps to forget its start: with the
#: forty steps an epoch of a small data set, validation would be wrong for the first ten epochs.
_MOMENTUM = 0.9

#: For each kind of layer, what makes of its description and place a Keras layer, or another function of Keras tensors.
Builders: TypeAlias = Mapping[type[Kind], Callable[[Any, Any], Callable[..., Any]]]


def build_model(plan: Plan, recipe: Recipe, *, any_size: bool = False) -> keras.Model:
    """The model: float32 prepared pictures (batch, h, w, c) in, float32 logits out, (batch, classes) or (batch, h, w, classes).

    `any_size` leaves height and width open, for networks that have no layer for one size only; weights and names are the same.
    """
    shape = (None, None, plan.shape[2]) if any_size else plan.shape
    picture = keras.Input(shape=shape, name=PICTURE, dtype="float32")
    return keras.Model(picture, connect(plan, recipe, picture, BUILDERS), name="network")


def connect(plan: Plan, recipe: Recipe, picture: Any, builders: Builders) -> Any:
    """The logits of a plan's network for prepared pictures, a Keras tensor; each kind of layer is made by its builder."""
    results: dict[str, Any] = {PICTURE: picture}
    # Softmax and loss stand on float32: so does the last layer that learns, which gives the logits, and what follows it.
    whole = max(place for place, layer in enumerate(plan.layers) if layer.trainable_parameters)
    for place, layer in enumerate(plan.layers):
        with _precision(recipe.training.precision if place < whole else "float32"):
            built = builders[type(layer.kind)](layer.kind, _Place(layer, recipe))
        inputs = [results[name] for name in layer.inputs]
        results[layer.name] = built(inputs[0] if len(inputs) == 1 else inputs)
    return results[plan.layers[-1].name]


@contextmanager
def _precision(name: str) -> Iterator[None]:
    """Layers made within compute in this format; their weights are float32 either way."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name if name == "float32" else f"mixed_{name}")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def named_variables(model: keras.Model) -> dict[str, keras.Variable]:
    """Every variable of the model by our name: "stage1_conv1/kernel", "head_dropout/seed_generator_state".

    Keras' own paths number the seed generators by how many the process has made.
    """
    found = {f"{layer.name}/{each.name}": each for layer in model.layers for each in layer.variables}
    assert len(found) == len(model.variables)
    return found


class _Place:
    """What a builder may ask about the place of its layer: its name, and a seed for a purpose."""

    def __init__(self, layer: Layer, recipe: Recipe) -> None:
        self.name = layer.name
        self._recipe = recipe

    def seed(self, purpose: str) -> int:
        return seed_for(self._recipe.training.seed, purpose, self.name)

    def kernel(self) -> keras.initializers.Initializer:
        return build_initializer(self._recipe.initializer, self.seed("kernel"))


def _conv(kind: Conv, place: _Place) -> keras.layers.Layer:
    return keras.layers.Conv2D(
        kind.filters,
        kind.kernel,
        strides=kind.stride,
        padding="same" if kind.same else "valid",
        use_bias=kind.bias,
        kernel_initializer=place.kernel(),
        name=place.name,
    )


def _dense(kind: Dense, place: _Place) -> keras.layers.Layer:
    return keras.layers.Dense(kind.units, use_bias=kind.bias, kernel_initializer=place.kernel(), name=place.name)


def _batch_norm(_: BatchNorm, place: _Place) -> keras.layers.Layer:
    return keras.layers.BatchNormalization(momentum=_MOMENTUM, epsilon=EPSILON, name=place.name)


def _layer_norm(_: LayerNorm, place: _Place) -> keras.layers.Layer:
    return keras.layers.LayerNormalization(epsilon=EPSILON, name=place.name)


def _group_norm(kind: GroupNorm, place: _Place) -> keras.layers.Layer:
    return keras.layers.GroupNormalization(groups=kind.groups, epsilon=EPSILON, name=place.name)


def _activation(kind: Activation, place: _Place) -> keras.layers.Layer:
    return keras.layers.Activation(kind.function, name=place.name)


def _pool(kind: Pool, place: _Place) -> keras.layers.Layer:
    pools = {"max": keras.layers.MaxPooling2D, "average": keras.layers.AveragePooling2D}
    return pools[kind.by](kind.size, strides=kind.stride, name=place.name)


def _edge(kind: Edge, place: _Place) -> keras.layers.Layer:
    return keras.layers.ZeroPadding2D(kind.pixels, name=place.name)


def _global_pool(_: GlobalPool, place: _Place) -> keras.layers.Layer:
    return keras.layers.GlobalAveragePooling2D(name=place.name)


def _flatten(_: Flatten, place: _Place) -> keras.layers.Layer:
    return keras.layers.Flatten(name=place.name)


def _dropout(kind: Dropout, place: _Place) -> keras.layers.Layer:
    return keras.layers.Dropout(kind.rate, seed=place.seed("dropout"), name=place.name)


def _map_dropout(kind: MapDropout, place: _Place) -> keras.layers.Layer:
    return keras.layers.SpatialDropout2D(kind.rate, seed=place.seed("dropout"), name=place.name)


def _add(_: Add, place: _Place) -> keras.layers.Layer:
    return keras.layers.Add(name=place.name)


def _stochastic_depth(kind: StochasticDepth, place: _Place) -> keras.layers.Layer:
    return StochasticDepthLayer(kind.survival, kind.each, place.seed("stochastic depth"), name=place.name)


def _pad_shortcut(kind: PadShortcut, place: _Place) -> keras.layers.Layer:
    return PadShortcutLayer(kind.channels, kind.stride, name=place.name)


BUILDERS: dict[type[Kind], Callable[[Any, _Place], keras.layers.Layer]] = {
    Conv: _conv,
    Dense: _dense,
    BatchNorm: _batch_norm,
    LayerNorm: _layer_norm,
    GroupNorm: _group_norm,
    Activation: _activation,
    Pool: _pool,
    Edge: _edge,
    GlobalPool: _global_pool,
    Flatten: _flatten,
    Dropout: _dropout,
    MapDropout: _map_dropout,
    Add: _add,
    StochasticDepth: _stochastic_depth,
    PadShortcut: _pad_shortcut,
    **build_maps.BUILDERS,
}
