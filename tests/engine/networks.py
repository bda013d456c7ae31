"""What tests of built networks share: random pictures, and that a network is what its plan says."""

from __future__ import annotations

import math

import keras
import numpy as np

from workbench.engine.build_maps import BilinearUpLayer
from workbench.network.plan import Plan
from workbench.network.weights import arrays


def pictures(count: int, shape: tuple[int, int, int]) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((count, *shape), dtype=np.float32)


def multiply_adds_of(layer: keras.Layer) -> int:
    """From Keras' own kernel: used once at each place of a convolution's result, of a deconvolution's input."""
    if not hasattr(layer, "kernel"):
        return 0
    if isinstance(layer, BilinearUpLayer):
        return math.prod(side + 2 for side in layer.input.shape[1:-1]) * math.prod(layer.kernel.shape)
    places = layer.input if isinstance(layer, keras.layers.Conv2DTranspose) else layer.output
    return math.prod(places.shape[1:-1]) * math.prod(layer.kernel.shape)


def differences(network: keras.Model, plan: Plan) -> list[object]:
    """Where Keras' own shapes, parameters, arrays and multiply-adds are not the plan's."""
    found: list[object] = []
    # Keras sorts by depth, which is another order where ways run side by side.
    if {layer.name for layer in network.layers[1:]} != {layer.name for layer in plan.layers}:
        return ["the names"]
    for layer in plan.layers:
        theirs = network.get_layer(layer.name)
        trainable = sum(math.prod(each.shape) for each in theirs.trainable_variables)
        keras_own = (theirs.output.shape[1:], theirs.count_params(), trainable, multiply_adds_of(theirs))
        ours = (layer.shape, layer.parameters, layer.trainable_parameters, layer.multiply_adds)
        if keras_own != ours:
            found.append((layer, keras_own))
    for layer, shapes in arrays(plan):
        theirs = {each.name: tuple(each.shape) for each in network.get_layer(layer.name).weights}
        if list(theirs.items()) != list(shapes.items()):
            found.append((layer, theirs))
    if network.count_params() != plan.parameters:
        found.append("the sum")
    return found
