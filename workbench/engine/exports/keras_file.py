"""`.keras`: Keras' own format; `keras.models.load_model` opens it in its safe mode, on every backend."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras

from workbench.engine.exports.subject import Subject
from workbench.spec.carried import models


def write(subject: Subject, path: Path) -> None:
    """One file. Raises OSError."""
    subject.model.save(path)
    models.add_to_zip(path, subject.carried)


def read(path: Path) -> Any:
    model = keras.models.load_model(path, compile=False)
    return lambda pixels: keras.ops.convert_to_numpy(model(pixels, training=False))
