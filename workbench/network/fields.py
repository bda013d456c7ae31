"""The receptive field of each layer: the rows × columns of the picture that one number of its result depends on.

Each axis by itself. Of every number along it a view keeps the first and the last line of the picture that it depends on. A
network treats all places alike, so the views repeat: after `len(first)` numbers they are the same, `step` lines
further. What a layer reads is a window of the layer before (`_Window`); the view of its result is that of the
window's ends. Enlarging maps gives neighbours windows of unequal size, hence more than one view; of all views the largest is
told. Of several inputs everything counts that any of them depends on.

The field's convention: the picture goes on beyond its edges, so a field may be larger than the picture; what a
normalization knows from its statistics is left out; a layer that reads all places at once (the mean of each map, dense units
after a map laid out as a vector) sees the whole picture, told as None. Nothing here knows Keras.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from workbench.network.layers import (
    PICTURE,
    Activation,
    Add,
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    Edge,
    Flatten,
    GlobalPool,
    GroupNorm,
    Kind,
    Layer,
    LayerNorm,
    MapDropout,
    PadShortcut,
    Pool,
    StochasticDepth,
)
from workbench.network.maps import BilinearUp, Concat, CropLike, Deconv, PadToMultiple, Repeat, Score
from workbench.network.plan import Plan

#: Rows and columns; None: the whole picture, however large.
Field: TypeAlias = tuple[int, int] | None


@dataclass(frozen=True)
class _Window:
    """Number o of a result reads the numbers from q + low to q + high, q = ⌊(o · step + offset) / enlarge⌋."""

    step: int = 1
    enlarge: int = 1
    offset: int = 0
    low: int = 0
    high: int = 0

    def reads(self, number: int) -> tuple[int, int]:
        middle = (number * self.step + self.offset) // self.enlarge
        return middle + self.low, middle + self.high


#: Takes the kind, how many numbers it reads along the axis and how many it gives.
_Rule: TypeAlias = Callable[[Any, Sequence[int], int], _Window | None]


def _alike(_kind: Kind, _sizes: Sequence[int], _given: int) -> _Window | None:
    """Each number from the one at its place."""
    return _Window()


def _everything(_kind: Kind, _sizes: Sequence[int], _given: int) -> _Window | None:
    return None


def _conv(kind: Conv, sizes: Sequence[int], given: int) -> _Window | None:
    # Keras' "same" puts the smaller half of the zeros before; how many there are depends on the size.
    zeros = max(0, (given - 1) * kind.stride + kind.kernel - sizes[0]) if kind.same else 0
    return _Window(kind.stride, offset=-(zeros // 2), high=kind.kernel - 1)


def _pool(kind: Pool, _sizes: Sequence[int], _given: int) -> _Window | None:
    return _Window(kind.stride, high=kind.size - 1)


def _shortcut(kind: PadShortcut, _sizes: Sequence[int], _given: int) -> _Window | None:
    return _Window(kind.stride)


def _edge(kind: Edge, _sizes: Sequence[int], _given: int) -> _Window | None:
    return _Window(offset=-kind.pixels)


def _twice(_kind: Deconv | Repeat, _sizes: Sequence[int], _given: int) -> _Window | None:
    """Four numbers from each, none from two."""
    return _Window(enlarge=2)


def _bilinear(kind: BilinearUp, _sizes: Sequence[int], _given: int) -> _Window | None:
    """Kernel and step are 2f and f, so the two nearest reach a number, whatever the kernel has learned."""
    return _Window(enlarge=kind.factor, offset=kind.factor // 2, low=-1)


def _pad(_kind: PadToMultiple, sizes: Sequence[int], given: int) -> _Window | None:
    return _Window(offset=-((given - sizes[0]) // 2))


def _crop(_kind: CropLike, sizes: Sequence[int], given: int) -> _Window | None:
    return _Window(offset=(sizes[0] - given) // 2)


RULES: dict[type[Kind], _Rule] = {
    **dict.fromkeys(
        (Activation, Add, BatchNorm, Concat, Dropout, Flatten, GroupNorm, LayerNorm, MapDropout, Score, StochasticDepth),
        _alike,
    ),
    Dense: _everything, GlobalPool: _everything,
    Conv: _conv, Pool: _pool, PadShortcut: _shortcut, Edge: _edge,
    Deconv: _twice, Repeat: _twice, BilinearUp: _bilinear, PadToMultiple: _pad, CropLike: _crop,
}  # fmt: skip


@dataclass(frozen=True)
class _View:
    """First and last line that the first numbers along an axis depend on; further ones are `step` lines further."""

    first: tuple[int, ...] = (0,)
    last: tuple[int, ...] = (0,)
    step: int = 1

    def of(self, low: int, high: int) -> tuple[int, int]:
        """What the numbers from `low` to `high` depend on together."""
        period = len(self.first)
        return (
            self.first[low % period] + low // period * self.step,
            self.last[high % period] + high // period * self.step,
        )

    @property
    def size(self) -> int:
        return max(last - first for first, last in zip(self.first, self.last, strict=True)) + 1

    def through(self, window: _Window) -> _View:
        """The view of a layer that reads this one through a window."""
        whole = len(self.first) * window.enlarge
        period = whole // math.gcd(whole, window.step)
        ends = [self.of(*window.reads(number)) for number in range(period)]
        first, last = zip(*ends, strict=True)
        return _View(first, last, self.step * (period * window.step // whole))


def receptive_fields(plan: Plan) -> dict[str, Field]:
    """Rows and columns of the picture behind one number of each layer, by the layer's name."""
    rows = _views(plan, 0)
    columns = rows if plan.shape[0] == plan.shape[1] else _views(plan, 1)
    found: dict[str, Field] = {}
    for layer in plan.layers:
        high, wide = rows[layer.name], columns[layer.name]
        found[layer.name] = None if high is None or wide is None else (high.size, wide.size)
    return found


def _views(plan: Plan, axis: int) -> dict[str, _View | None]:
    """The view of each layer along an axis; None where it sees everything."""
    views: dict[str, _View | None] = {PICTURE: _View()}
    sizes = {PICTURE: plan.shape[axis]}
    for layer in plan.layers:
        given = layer.shape[axis] if axis < len(layer.shape) - 1 else 1
        views[layer.name] = _view(
            layer, [views[name] for name in layer.inputs], [sizes[name] for name in layer.inputs], given
        )
        sizes[layer.name] = given
    return views


def _view(layer: Layer, inputs: Sequence[_View | None], sizes: Sequence[int], given: int) -> _View | None:
    window = RULES[type(layer.kind)](layer.kind, sizes, given)
    # The second input of a crop only tells how large the result is to be.
    read = inputs[:1] if isinstance(layer.kind, CropLike) else inputs
    known = [view for view in read if view is not None]
    if window is None or len(known) < len(read):
        return None
    joined = known[0] if len(known) == 1 else _joined(known)
    return joined if window == _ALIKE else joined.through(window)


_ALIKE = _Window()


def _joined(views: Sequence[_View]) -> _View:
    """What any of several layers of one size depends on."""
    period = math.lcm(*(len(view.first) for view in views))
    each = [[view.of(number, number) for number in range(period)] for view in views]
    step = views[0].step * (period // len(views[0].first))
    return _View(
        tuple(min(first for first, _ in place) for place in zip(*each, strict=True)),
        tuple(max(last for _, last in place) for place in zip(*each, strict=True)),
        step,
    )
