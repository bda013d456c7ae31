"""Where in a picture a network found a class: Grad-CAM (Selvaraju 2017).

    αₖ = mean over the places of ∂yᶜ/∂Aᵏ        map = ReLU(Σₖ αₖ Aᵏ)

with yᶜ the class's output before softmax and Aᵏ the maps of a layer, by default the last that has maps. In inference mode, so a
picture's map does not depend on those beside it.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from workbench.errors import EngineError

Floats = npt.NDArray[np.float32]

#: (pictures, height, width, channels)
_MAPS = 4


def layers_with_maps(model: keras.Model) -> tuple[str, ...]:
    """The layers that give maps, from the picture on; the picture itself is none of them."""
    return tuple(
        layer.name
        for layer in model.layers
        if not isinstance(layer, keras.layers.InputLayer) and len(layer.output.shape) == _MAPS
    )


def last_maps(model: keras.Model) -> str:
    """The last layer that gives maps. Raises EngineError when the network has none."""
    found = layers_with_maps(model)
    if not found:
        raise EngineError(
            "This network has no maps to look at: its first layer already mixes all places of the picture."
        )
    return found[-1]


def layer_named(model: keras.Model, name: str) -> keras.layers.Layer:
    """A layer of the model. Raises EngineError when there is none of that name."""
    found = next((layer for layer in model.layers if layer.name == name), None)
    if found is None:
        raise EngineError(f"The network has no layer {name!r}. It has {', '.join(each.name for each in model.layers)}.")
    return found


def grad_cam(model: keras.Model, prepared: Any, classes: npt.ArrayLike, layer: str = "") -> Floats:
    """The map of each prepared picture (n, h, w, c) for one class each (n,): (n, rows, columns), not negative.

    The largest value of a map says nothing by itself; see `scaled`. Raises EngineError for a layer without maps.
    """
    name = layer or last_maps(model)
    if name not in layers_with_maps(model):
        layer_named(model, name)
        raise EngineError(f"The layer {name!r} gives no maps. Choose one of {', '.join(layers_with_maps(model))}.")
    both = keras.Model(model.input, [layer_named(model, name).output, model.output])
    chosen, pictures = np.asarray(classes), tf.convert_to_tensor(prepared)
    with tf.GradientTape() as tape:
        tape.watch(pictures)  # where all layers are frozen nothing else would have the way recorded
        maps, logits = both(pictures, training=False)
        # Pictures do not meet in inference, so the gradient of the sum is each picture's own.
        score = tf.reduce_sum(tf.gather(logits, chosen, axis=1, batch_dims=1))
    found = tape.gradient(score, maps)
    raise_if_none(found, name)
    maps, slope = tf.cast(maps, tf.float32), tf.cast(found, tf.float32)
    weights = tf.reduce_mean(slope, axis=(1, 2), keepdims=True)
    return np.asarray(tf.nn.relu(tf.reduce_sum(weights * maps, axis=-1)).numpy(), np.float32)


def raise_if_none(gradient: Any, layer: str) -> None:
    """Raises EngineError where the outputs do not depend on a layer."""
    if gradient is None:
        raise EngineError(f"The network's answer does not depend on the layer {layer!r}.")


def scaled(maps: Floats) -> Floats:
    """Each map (n, rows, columns) with 1 as its largest value; a map of zeros stays one."""
    largest = maps.max(axis=(1, 2), keepdims=True)
    found: Floats = np.divide(maps, largest, out=np.zeros_like(maps), where=largest > 0)
    return found
