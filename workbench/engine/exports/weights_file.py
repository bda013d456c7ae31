"""safetensors: the weights alone, by their names, without code; and the network's plan as Keras' JSON beside them in the header."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import keras
import numpy as np
import safetensors.numpy

from workbench.engine import checkpoint
from workbench.engine.exports.subject import Subject

NETWORK = "keras.model"


def write(subject: Subject, path: Path) -> None:
    """One file. Raises OSError."""
    notes = {**subject.carried.texts(), NETWORK: subject.model.to_json()}
    arrays = {name: np.asarray(array, order="C") for name, array in subject.weights.items()}
    path.write_bytes(safetensors.numpy.save(arrays, notes))


def read(path: Path) -> Any:
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    model = keras.models.model_from_json(json.loads(content[8 : 8 + length])["__metadata__"][NETWORK])
    checkpoint.assign(model, safetensors.numpy.load(content))
    return lambda pixels: keras.ops.convert_to_numpy(model(pixels, training=False))
