"""How large signal and gradient are at each layer of a network: one forward and one backward pass, through a copy of it.

The pictures are the first of the run's own first epoch, as validation sees them. Batch norm uses the batch's statistics, as
in training; dropout and stochastic depth let everything through, for they keep the expectation. The gradient by what a
layer gives is the gradient by zeros that are added to it. All in float32: what a half format loses is another question.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from workbench.data.pictures import DataSet
from workbench.engine.augment import Augmenter
from workbench.engine.build import build_model
from workbench.engine.differentiate import derived
from workbench.engine.objective import make_objective
from workbench.engine.tricks.resampling import epoch_order
from workbench.errors import DataError
from workbench.network.layers import PICTURE, Activation, BatchNorm, Conv, Dense, GlobalPool, Kind, Layer
from workbench.network.maps import Deconv, Score
from workbench.network.plan import Plan
from workbench.network.plan import plan as plan_network
from workbench.probing.xray import Row
from workbench.spec.recipe import Recipe, changed

MOST_PICTURES = 32
#: What activations, their gradients and the zeros between them may take.
MOST_BYTES = 1 << 30
_COPIES = 4
#: Activations that are off below 0: a unit that is off for every picture learns nothing.
_OFF_AT_ZERO = frozenset({"relu", "relu6"})

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Scene:
    """What all passes have in common."""

    recipe: Recipe
    data: DataSet
    plan: Plan
    #: prepared, (n, h, w, c) float32
    pictures: Array
    targets: Array


def scene_of(recipe: Recipe, loaded: DataSet) -> Scene:
    """Pictures of the run's own first epoch. Raises DataError when they carry no signal."""
    recipe = changed(recipe, "training.precision", "float32")
    augmenter = Augmenter.of(recipe, loaded)
    plan = plan_network(recipe, augmenter.shape, len(loaded.classes))
    fitting = MOST_BYTES // (4 * _COPIES * plan.activation_numbers)
    # Batch norm of a single picture would leave nothing of a vector.
    chosen = epoch_order(recipe, 1, loaded.training.labels)[: max(2, min(MOST_PICTURES, fitting))]
    raw = augmenter.centre(loaded.training.pictures.take(chosen))
    targets = augmenter.centre(loaded.training.labels[chosen])
    pictures = (np.asarray(raw, np.float32) - loaded.mean) / loaded.spread
    if not pictures.std() > 0:
        raise DataError(
            f"The first {len(chosen)} training pictures are one even colour, so there is no signal to follow; look at them "
            "in the Data tab."
        )
    return Scene(recipe, loaded, plan, pictures, np.asarray(targets))


class Passes:
    """Passes through one copy of the network, which takes the weights in turn: so a pass is compiled once, and a run's own model is left alone."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._model = build_model(scene.plan, scene.recipe)
        self._objective = make_objective(scene.recipe, scene.data)
        self._pictures = ops.convert_to_tensor(scene.pictures)
        self._targets = ops.convert_to_tensor(scene.targets, dtype="int32")
        self._derived = derived(self._forward, self._model)

    @property
    def pictures(self) -> int:
        """How many pictures go through."""
        return len(self._scene.pictures)

    def _forward(self, zeros: Sequence[Any]) -> tuple[Any, list[Any]]:
        """The loss, and what each layer gives, in the order of the plan."""
        results = {PICTURE: self._pictures}
        for layer, zero in zip(self._scene.plan.layers, zeros, strict=True):
            inputs = [results[name] for name in layer.inputs]
            training = {"training": True} if isinstance(layer.kind, BatchNorm) else {}
            given = self._model.get_layer(layer.name)(inputs[0] if len(inputs) == 1 else inputs, **training)
            results[layer.name] = given + zero
        found = [results[layer.name] for layer in self._scene.plan.layers]
        return self._objective.mean(self._targets, found[-1]), found

    def rows(self, begun: keras.Model) -> Iterator[Row]:
        """The rows of a model's weights, in the order of the plan."""
        weights = {weight.path: weight for weight in begun.weights}
        for weight in self._model.weights:
            weight.assign(weights[weight.path])
        layers = self._scene.plan.layers
        shapes = [(len(self._scene.pictures), *layer.shape) for layer in layers]
        given, gradients = self._derived([ops.zeros(shape) for shape in shapes])
        spread = float(self._scene.pictures.std(dtype=np.float64))
        last = max(place for place, layer in enumerate(layers) if _is_drawn(layer.kind))
        mean, places = _global_mean(layers)
        end = _length(ops.convert_to_numpy(gradients[last]))
        for place, (layer, activation, gradient) in enumerate(zip(layers, given, gradients, strict=True)):
            row = _row(layer, ops.convert_to_numpy(activation), ops.convert_to_numpy(gradient), spread, end)
            counts = place <= last and not (isinstance(layer.kind, Score) and layer.kind.zero)
            # An FCN's mean comes after the last weights, which lengths are measured from: it took nothing of them.
            yield dataclasses.replace(row, counts=counts, places=places if place < mean < last else 1)


def _is_drawn(kind: Kind) -> bool:
    """Whether the initializer draws the weights of such a layer."""
    return isinstance(kind, Conv | Dense | Deconv) or (isinstance(kind, Score) and not kind.zero)


def _global_mean(layers: Sequence[Layer]) -> tuple[int, int]:
    """Where a network takes the mean of its maps, and over how many places; (0, 1) when it does not."""
    shapes = {layer.name: layer.shape for layer in layers}
    for place, layer in enumerate(layers):
        if isinstance(layer.kind, GlobalPool):
            height, width, _ = shapes[layer.inputs[0]]
            return place, height * width
    return 0, 1


def _row(layer: Layer, given: Array, gradient: Array, spread: float, end: float) -> Row:
    with np.errstate(over="ignore", invalid="ignore"):  # a signal that overflows is a finding
        mean, std = _mean_and_std(given)
        gradient_mean, gradient_std = _mean_and_std(gradient)
        signal, back = std / spread, _length(gradient) / end if end else 0.0
    off = isinstance(layer.kind, Activation) and layer.kind.function in _OFF_AT_ZERO
    dead = float(np.mean(np.all(given == 0, axis=tuple(range(given.ndim - 1))))) if off else None
    return Row(layer.name, mean, std, gradient_mean, gradient_std, _finite(signal), _finite(back), dead)


def _mean_and_std(values: Array) -> tuple[float, float]:
    return float(values.mean(dtype=np.float64)), float(values.std(dtype=np.float64))


def _length(values: Array) -> float:
    return float(np.sqrt(np.sum(np.square(values, dtype=np.float64))))


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
