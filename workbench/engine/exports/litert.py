"""LiteRT (formerly TensorFlow Lite): one file for telephones and small machines, in float32 or with weights and sums in 8 bits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from workbench.data.pictures import Pixels
from workbench.engine.exports.subject import Subject
from workbench.spec.carried import models


def write(subject: Subject, path: Path, **settings: Any) -> None:
    """One file; `settings` are the converter's. Raises OSError."""
    # Without TensorFlow's own operations: what has them runs in no small interpreter.
    sets = [tf.lite.OpsSet.TFLITE_BUILTINS]
    settings.setdefault("target_spec", {"supported_ops": sets})
    subject.model.export(path, format="litert", verbose=False, **settings)
    models.add_to_zip(path, subject.carried)


def quantised(samples: Pixels) -> Callable[[Subject, Path], None]:
    """`write` in 8 bits: how large the sums get is measured on sample pictures (n, h, w, c). Pixels and probabilities stay float32."""

    def each() -> Iterator[list[Any]]:
        for picture in samples:
            yield [picture[None].astype(np.float32)]

    # What has no form in 8 bits (some activations) stays in float32.
    sets = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8, tf.lite.OpsSet.TFLITE_BUILTINS]
    return partial(
        write,
        optimizations=[tf.lite.Optimize.DEFAULT],
        representative_dataset=each,
        target_spec={"supported_ops": sets},
    )


def read(path: Path) -> Any:
    from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415 - an optional package; whoever asks has looked

    interpreter = Interpreter(str(path))
    (into,), (out,) = interpreter.get_input_details(), interpreter.get_output_details()

    def said(pixels: Any) -> Any:
        interpreter.resize_tensor_input(into["index"], pixels.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(into["index"], pixels)
        interpreter.invoke()
        return interpreter.get_tensor(out["index"])

    return said
