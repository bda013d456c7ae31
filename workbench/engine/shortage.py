"""Reads what a library says when memory runs out: how much it asked for, of which shape, on what, in which layer.

The words are those of TensorFlow, XLA (and so JAX), PyTorch and NumPy. A part that cannot be read is left out; nothing
is guessed.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from workbench.network.plan import Plan

#: Bytes of a number, by the names that the libraries give the formats.
BYTES = {
    "float": 4, "float32": 4, "half": 2, "float16": 2, "bfloat16": 2, "double": 8, "float64": 8, "int32": 4, "int64": 8,
    "uint8": 1, "int8": 1, "bool": 1,
}  # fmt: skip
UNITS = {"bytes": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}

_NAMES = {"ResourceExhaustedError", "OutOfMemoryError"}
_MARKS = (
    "RESOURCE_EXHAUSTED", "OOM when allocating", "Out of memory", "out of memory", "DefaultCPUAllocator: can't allocate memory",
    "DefaultCPUAllocator: not enough memory", "std::bad_alloc",
)  # fmt: skip
_TENSOR = re.compile(r"tensor (?:with|of) shape ?\[([\d,]+)\] and type (\w+)")
_ARRAY = re.compile(r"array with shape \(([\d, ]+)\) and data type (\w+)")
_ASKED = re.compile(r"(?:allocat\w*|you tried to allocate):? ([\d.]+) ?(KiB|MiB|GiB|TiB|bytes)")
#: PyTorch writes some of its errors in bold.
_COLOUR = re.compile(r"\x1b\[[\d;]*m")
_NODES = re.compile(r"(?:\{\{node |Detected at node |\[Op:)([^\s}\]]+)")


@dataclass(frozen=True)
class Shortage:
    """What was asked for when there was no more; None where it was not said."""

    size: int | None = None
    shape: tuple[int, ...] | None = None
    gpu: bool = False
    #: parts of the name of the operation that asked, such as ("functional_1", "stem", "convolution")
    node: tuple[str, ...] = ()


def is_shortage(error: BaseException) -> bool:
    """Whether an error says that memory ran out."""
    text = str(error)[:4000]
    return isinstance(error, MemoryError) or type(error).__name__ in _NAMES or any(mark in text for mark in _MARKS)


def read(error: BaseException) -> Shortage:
    """What an error of that kind says."""
    text = str(error)
    gpu = "device:GPU" in text or "CUDA" in text or "/gpu:" in text
    node = next((tuple(re.split(r"[/.]", found)) for found in _NODES.findall(text)), ())
    if found := _TENSOR.search(text) or _ARRAY.search(text):
        shape = tuple(int(part) for part in found[1].split(",") if part.strip())
        width = BYTES.get(found[2])
        return Shortage(width and math.prod(shape) * width, shape, gpu, node)
    if found := _ASKED.search(text):
        return Shortage(round(float(found[1]) * UNITS[found[2]]), None, gpu, node)
    return Shortage(gpu=gpu, node=node)


def layer_of(shortage: Shortage, plan: Plan) -> str:
    """The layer of the network that asked, by the name of its operation; empty if that does not say."""
    names = {layer.name for layer in plan.layers}
    # Keras numbers what it calls a second time: "stem_norm_1" is the layer stem_norm.
    parts = [name for part in reversed(shortage.node) for name in (part, re.sub(r"_\d+$", "", part))]
    return next((name for name in parts if name in names), "")


def layer_like(shortage: Shortage, plan: Plan) -> str:
    """The first layer whose output has the shape that was asked for; empty if none has.

    A GPU lays pictures out with their channels first, so the order of the sides says nothing.
    """
    wanted = sorted(shortage.shape[1:]) if shortage.shape else []
    return next((layer.name for layer in plan.layers if len(layer.shape) > 1 and sorted(layer.shape) == wanted), "")


def first_words(error: BaseException) -> str:
    """The line of an error that tells of the shortage, else its first one."""
    lines = [line.strip() for line in _COLOUR.sub("", str(error)).splitlines() if line.strip()]
    telling = (line for line in lines if any(mark in line for mark in _MARKS) or "llocat" in line)
    return next(telling, next(iter(lines), type(error).__name__))[:300]
