"""ONNX: one file that ONNX Runtime and many other programs run, in many languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from workbench.engine.exports.subject import Subject

#: The version of ONNX' set of operations; of the year 2022, which every runtime since has.
OPSET = 17


def write(subject: Subject, path: Path) -> None:
    """One file. Raises OSError."""
    import onnx  # noqa: PLC0415 - an optional package; whoever asks has looked

    subject.model(
        subject.drawn()[:1].astype(np.float32), training=False
    )  # Keras exports to ONNX only what was called before
    subject.model.export(path, format="onnx", opset_version=OPSET, verbose=False)
    made = onnx.load(str(path))
    made.graph.doc_string = subject.run.name
    onnx.helper.set_model_props(made, subject.carried.texts())
    onnx.checker.check_model(made)
    onnx.save(made, str(path))


def read(path: Path) -> Any:
    import onnxruntime  # noqa: PLC0415 - as above

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return lambda pixels: session.run(None, {session.get_inputs()[0].name: pixels})[0]
