"""What a layer of a network is and does: its filters, and what it makes of a picture."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from workbench.engine.results.cam import layer_named

Floats = npt.NDArray[np.float32]

#: Rows, columns, maps in, maps out.
_KERNEL = 4


def activations(model: keras.Model, prepared: Any, layer: str) -> Floats:
    """What a layer gives for prepared pictures (n, h, w, c), in inference mode: (n, rows, columns, maps) or (n, units).

    Raises EngineError when there is no such layer.
    """
    part = keras.Model(model.input, layer_named(model, layer).output)
    return np.asarray(keras.ops.convert_to_numpy(part(prepared, training=False)), np.float32)


def filters(model: keras.Model, layer: str) -> Floats | None:
    """The filters of a convolution (rows, columns, maps in, maps out); None for a layer that has none.

    Raises EngineError when there is no such layer.
    """
    found = layer_named(model, layer)
    kernels = [each for each in found.trainable_variables if each.name == "kernel" and len(each.shape) == _KERNEL]
    return np.asarray(keras.ops.convert_to_numpy(kernels[0].value), np.float32) if kernels else None
