"""SavedModel: a folder that TensorFlow opens without Keras, and that TensorFlow Serving serves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tensorflow as tf

from workbench.engine.exports.subject import Subject
from workbench.paths import write_synced
from workbench.spec.carried import models


def write(subject: Subject, path: Path) -> None:
    """A folder. Raises OSError."""
    subject.model.export(path, format="tf_saved_model", verbose=False)
    for name, text in subject.carried.texts().items():
        write_synced(path / models.FILES[name], text.encode())


def read(path: Path) -> Any:
    loaded = tf.saved_model.load(str(path))
    serve = loaded.signatures["serving_default"]

    def said(pixels: Any) -> Any:
        (answer,) = serve(pixels=tf.constant(pixels)).values()
        assert loaded is not None, "its weights live as long as it does"
        return answer.numpy()

    return said
