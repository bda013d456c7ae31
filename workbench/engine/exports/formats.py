"""The formats that a model can be written in, one row each, and which packages they need."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from workbench.engine.exports import keras_file, litert, onnx_file, saved_model, weights_file
from workbench.engine.exports.subject import Probabilities, Subject
from workbench.errors import ExportError

INSTALL = 'pip install "keras-workbench[exports]"'

#: float32 pixels (n, h, w, c) from 0 to 255 → what the file says of them.
Reader = Callable[[Probabilities], Probabilities]


@dataclass(frozen=True)
class Format:
    """One way to write a model."""

    name: str
    title: str
    #: what its file's name ends in; empty for a folder
    suffix: str
    write: Callable[[Subject, Path], None]
    #: opens what was written as those do who are given it
    read: Callable[[Path], Reader]
    #: what is imported beyond what the workbench needs anyway: module and package
    packages: tuple[tuple[str, str], ...] = ()


_ROWS = (
    Format("keras", "Keras", ".keras", keras_file.write, keras_file.read),
    Format("savedmodel", "SavedModel", "", saved_model.write, saved_model.read),
    Format(
        "onnx", "ONNX", ".onnx", onnx_file.write, onnx_file.read,
        (("onnx", "onnx"), ("onnxruntime", "onnxruntime"), ("tf2onnx", "tf2onnx")),
    ),
    Format("litert", "LiteRT", ".tflite", litert.write, litert.read, (("ai_edge_litert", "ai-edge-litert"),)),
    Format("safetensors", "safetensors", ".safetensors", weights_file.write, weights_file.read),
)  # fmt: skip
FORMATS = {each.name: each for each in _ROWS}


def wanted(kind: str) -> Format:
    """The format of this name. Raises ExportError when there is none, or when packages for it are missing."""
    if kind not in FORMATS:
        raise ExportError(f"A model can be written as {', '.join(FORMATS)}, got {kind!r}.")
    found = FORMATS[kind]
    missing = [package for module, package in found.packages if importlib.util.find_spec(module) is None]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        raise ExportError(f"For {found.title}, {' and '.join(missing)} {verb} missing here. Install with: {INSTALL}")
    return found
