"""The asker's end of an export: which formats there are, what the engine is asked, and what is said of its answer.

The engine writes (engine/exports); command line and window ask through here, so that both ask and say the same.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import ExportError
from workbench.spec.recipe import Recipe, changed


@dataclass(frozen=True)
class ModelFile:
    """A format as a person chooses it."""

    name: str
    title: str
    #: what its file's name ends in; a SavedModel is a folder
    suffix: str
    #: who can read it
    readers: str


MODEL_FILES = (
    ModelFile("keras", "Keras", ".keras", "Keras 3, on every backend; to use it or to train it further."),
    ModelFile("savedmodel", "SavedModel", "", "TensorFlow without Keras, and TensorFlow Serving."),
    ModelFile("onnx", "ONNX", ".onnx", "ONNX Runtime and many other programs, also in browsers."),
    ModelFile("litert", "LiteRT (TensorFlow Lite)", ".tflite", "Telephones and small machines; also in 8 bits."),
    ModelFile("safetensors", "safetensors", ".safetensors", "Whoever wants the weights by name, without any code."),
)
BY_NAME = {each.name: each for each in MODEL_FILES}

#: On the CPU: there the answers of what was written are compared to the last digits.
SETTINGS = changed(Recipe(), "training.device", "cpu")


def options(run: str, kind: str, to: Path, *, which: str = "", quantised: bool = False) -> dict[str, Any]:
    """What the probe `export` is asked with, beside SETTINGS (engine/probes/exported.py)."""
    return {"run": run, "as": kind, "to": str(to.absolute()), "which": which, "quantised": quantised}


def with_suffix(kind: str, to: Path) -> Path:
    """The place with the ending of its format. Raises ExportError when it has another."""
    suffix = BY_NAME[kind].suffix
    if suffix and not to.suffix:
        return to.with_name(f"{to.name}{suffix}")
    if suffix and to.suffix.lower() != suffix:
        raise ExportError(
            f"A model as {kind} is a file that ends in {suffix}, got {to.name!r}. Choose another name or kind."
        )
    return to


def said(name: str, answer: dict[str, Any]) -> str:
    """What was written of the run of this name and how well it agrees, in two sentences."""
    model, script = answer["files"]
    words = f"Wrote {name} after epoch {answer['epoch']} to {model}; {Path(script).name} shows how to use it."
    agreed = answer["agreement"]
    if agreed is None:
        return f"{words} Its probabilities differ from the run's own by at most {answer['difference']:.0e}."
    pictures = agreed["pictures"]
    return (
        f"{words} In 8 bits {agreed['same']:.1%} of its answers on {pictures:,} validation {'picture' if pictures == 1 else 'pictures'} "
        f"are those of the run; {agreed['right']:.1%} are right, of the run's own {agreed['engine_right']:.1%}."
    )


def clear_away(to: Path) -> None:
    """Remove what an engine that was killed has left beside `to`, half made."""
    left = re.compile(rf"\.{re.escape(to.name)}\.[0-9a-f]{{8}}")
    for each in to.parent.glob(".*"):
        if left.fullmatch(each.name) and each.is_dir() and not each.is_symlink():
            shutil.rmtree(each, ignore_errors=True)
