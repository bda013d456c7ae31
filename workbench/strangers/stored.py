"""Arrays as they lie in a stranger's file: described first, their numbers read in pieces, and how much is allowed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from workbench.plain import plain
from workbench.strangers.found import Numbers, Refusal, Shape, StrangerLayer, shortened

#: Bytes of all weights of a file together; ResNet-152 has 240 MB.
LARGEST_WEIGHTS = 2 << 30
#: Layers with weights; DenseNet-264 has some 530.
MOST_LAYERS = 4_000
#: Bytes of one piece that is read and handed on.
PIECE = 8 << 20
#: More axes has no array of weights.
_MOST_AXES = 8


@dataclass(frozen=True)
class StoredArray:
    """An array that has been found good, before its numbers are read."""

    name: str
    shape: Shape
    dtype: str
    #: its little-endian bytes in pieces
    read: Callable[[], Iterator[bytes]]

    @property
    def size(self) -> int:
        """Bytes of the numbers."""
        return math.prod(self.shape) * int(self.dtype[2:])


@dataclass(frozen=True)
class StoredLayer:
    """A layer whose arrays have been found good."""

    name: str
    kind: str
    arrays: tuple[StoredArray, ...]
    epsilon: float | None = None

    def described(self) -> StrangerLayer:
        """What is told of it."""
        arrays = tuple(Numbers(shortened(each.name), each.shape, each.dtype) for each in self.arrays)
        return StrangerLayer(shortened(self.name), shortened(self.kind), arrays, self.epsilon)


def check_shape(where: str, shape: Sequence[int], item: int) -> int:
    """The bytes of an array of this shape, if it may be one of weights."""
    if len(shape) > _MOST_AXES or any(type(axis) is not int or axis < 0 for axis in shape):
        raise Refusal(
            f"It declares an array of the shape {plain(str(list(shape[:10])), 60)} ({plain(where, 60)}), which no network has."
        )
    size = math.prod(shape) * item
    if size > LARGEST_WEIGHTS:
        raise Refusal(
            f"It declares an array of {size >> 20:,} MB ({plain(where, 60)}); at most {LARGEST_WEIGHTS >> 20:,} MB are read."
        )
    return size


def check_all(layers: Sequence[StoredLayer]) -> None:
    """Whether it may be this much together."""
    if len(layers) > MOST_LAYERS:
        raise Refusal(f"It holds {len(layers):,} layers with weights; at most {MOST_LAYERS:,} are read.")
    names = [f"{layer.name}/{each.name}" for layer in (each.described() for each in layers) for each in layer.arrays]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise Refusal(f"It holds {plain(twice, 60)} more than once, so that nobody can say which one is meant.")
    size = sum(each.size for layer in layers for each in layer.arrays)
    if size > LARGEST_WEIGHTS:
        raise Refusal(f"It declares {size >> 20:,} MB of weights; at most {LARGEST_WEIGHTS >> 20:,} MB are read.")
