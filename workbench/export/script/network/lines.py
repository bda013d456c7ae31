"""Each kind of layer as an expression of Keras, found by its type; what varies is handed in as code.

An expression is a layer that is then called. `Field` gives the code of a number of the kind: the number itself, or in a
function for several blocks the name of its parameter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from workbench.export.script.draft import Draft
from workbench.export.script.network.helpers import helper
from workbench.network.layers import (
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
    LayerNorm,
    MapDropout,
    PadShortcut,
    Pool,
    Shape,
    StochasticDepth,
)  # fmt: skip
from workbench.network.maps import BilinearUp, Concat, CropLike, Deconv, PadToMultiple, Repeat, Score

Field = Callable[[str], str]


@dataclass(frozen=True)
class Spot:
    """What a line may ask about its place: the code of its name and numbers, its inputs' code and shapes."""

    draft: Draft
    name: str
    field: Field
    inputs: tuple[str, ...]
    shapes: tuple[Shape, ...]

    def call(self, layer: str) -> str:
        """The layer, called on its inputs."""
        inputs = self.inputs[0] if len(self.inputs) == 1 else f"[{', '.join(self.inputs)}]"
        return f"{layer}({inputs})"


def _conv(kind: Conv, at: Spot) -> str:
    helper(at.draft, "conv")
    more = [] if kind.stride == 1 and at.field("stride") == "1" else [f"strides={at.field('stride')}"]
    more += [] if kind.same else ['padding="valid"']
    more += ["use_bias=True"] if kind.bias else []
    return at.call(
        f"conv({', '.join([at.name, _classes(at, kind.filters, at.field('filters')), str(kind.kernel), *more])})"
    )


def _classes(at: Spot, number: int, code: str) -> str:
    """The number of classes by its name, where a layer that gives the answer has as many units."""
    gives = at.name in {'"logits"', '"head_score"', '"score"'}
    return "CLASSES" if gives and number == at.draft.plan.classes else code


def _dense(kind: Dense, at: Spot) -> str:
    helper(at.draft, "dense")
    more = "" if kind.bias else ", use_bias=False"
    return at.call(f"dense({at.name}, {_classes(at, kind.units, at.field('units'))}{more})")


def _batch_norm(_: BatchNorm, at: Spot) -> str:
    helper(at.draft, "norm")
    return at.call(f"norm({at.name})")


def _group_norm(_: GroupNorm, at: Spot) -> str:
    helper(at.draft, "group_norm")
    return at.call(f"norm({at.name}, {at.field('groups')})")


def _layer_norm(_: LayerNorm, at: Spot) -> str:
    helper(at.draft, "layer_norm")
    return at.call(f"norm({at.name})")


def _activation(_: Activation, at: Spot) -> str:
    activation = at.draft.constant("model.activation")
    return at.call(f"layers.Activation({activation}, name={at.name})")


def _pool(kind: Pool, at: Spot) -> str:
    layer = {"max": "MaxPooling2D", "average": "AveragePooling2D"}[kind.by]
    strides = "" if kind.size == kind.stride else f", strides={kind.stride}"
    return at.call(f"layers.{layer}({kind.size}{strides}, name={at.name})")


def _plain(layer: str) -> Callable[[Any, Spot], str]:
    """A layer that has nothing but its name."""
    return lambda _, at: at.call(f"layers.{layer}(name={at.name})")


def _dropout(kind: Dropout | MapDropout, at: Spot) -> str:
    layer = "Dropout" if isinstance(kind, Dropout) else "SpatialDropout2D"
    rate = at.draft.constant("tricks.dropout.rate", "DROPOUT")
    return at.call(f'layers.{layer}({rate}, seed=seed_for("dropout", {at.name}), name={at.name})')


def _stochastic_depth(kind: StochasticDepth, at: Spot) -> str:
    helper(at.draft, "stochastic_depth_batch" if kind.each == "batch" else "stochastic_depth")
    return at.call(f"survive({at.name}, {at.field('survival')})")


def _pad_shortcut(_: PadShortcut, at: Spot) -> str:
    helper(at.draft, "pad_shortcut")
    return f"padded_shortcut({at.inputs[0]}, {at.field('channels')}, {at.field('stride')})"


def _edge(kind: Edge, at: Spot) -> str:
    return at.call(f"layers.ZeroPadding2D({kind.pixels}, name={at.name})")


def _score(kind: Score, at: Spot) -> str:
    if kind.zero:
        return at.call(f'layers.Conv2D(CLASSES, 1, kernel_initializer="zeros", name={at.name})')
    helper(at.draft, "conv")
    return at.call(f"conv({at.name}, CLASSES, 1, use_bias=True)")


def _bilinear_up(_: BilinearUp, at: Spot) -> str:
    helper(at.draft, "bilinear_up")
    return f"enlarged({at.inputs[0]}, {at.name}, {at.field('factor')})"


def _deconv(_: Deconv, at: Spot) -> str:
    helper(at.draft, "deconv")
    return at.call(f"deconv({at.name}, {at.field('filters')})")


def _repeat(_: Repeat, at: Spot) -> str:
    return at.call(f"layers.UpSampling2D(2, name={at.name})")


def _pad_to_multiple(kind: PadToMultiple, at: Spot) -> str:
    height, width, _ = at.shapes[0]
    down, across = -height % kind.of, -width % kind.of
    if not down + across:
        return at.inputs[0]
    sides = f"(({down // 2}, {down - down // 2}), ({across // 2}, {across - across // 2}))"
    return at.call(f"layers.ZeroPadding2D({sides}, name={at.name})")


def _crop_like(_: CropLike, at: Spot) -> str:
    (tall, wide), (height, width) = (shape[:2] for shape in at.shapes)
    if (tall, wide) == (height, width):
        return at.inputs[0]
    top, left = (tall - height) // 2, (wide - width) // 2
    sides = f"(({top}, {tall - height - top}), ({left}, {wide - width - left}))"
    return f"layers.Cropping2D({sides}, name={at.name})({at.inputs[0]})"


LINES: dict[type[Kind], Callable[[Any, Spot], str]] = {
    Conv: _conv,
    Dense: _dense,
    BatchNorm: _batch_norm,
    LayerNorm: _layer_norm,
    GroupNorm: _group_norm,
    Activation: _activation,
    Pool: _pool,
    Edge: _edge,
    GlobalPool: _plain("GlobalAveragePooling2D"),
    Flatten: _plain("Flatten"),
    Dropout: _dropout,
    MapDropout: _dropout,
    Add: _plain("Add"),
    StochasticDepth: _stochastic_depth,
    PadShortcut: _pad_shortcut,
    Score: _score,
    BilinearUp: _bilinear_up,
    Deconv: _deconv,
    Repeat: _repeat,
    Concat: _plain("Concatenate"),
    PadToMultiple: _pad_to_multiple,
    CropLike: _crop_like,
}
