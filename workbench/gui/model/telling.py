"""What a row of the Model tab says: names, kinds and numbers in words; no Qt, no colours."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from workbench.gui import words
from workbench.network.blocks import Block, Part
from workbench.network.costs import Costs
from workbench.network.fields import Field
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
    Shape,
    StochasticDepth,
)
from workbench.network.maps import BilinearUp, Concat, CropLike, Deconv, PadToMultiple, Repeat, Score
from workbench.spec import said
from workbench.spec.recipe import class_settings

#: What a layer is for, and so how it is drawn. quiet: it changes numbers or sizes and has no kernel; join: where ways meet.
Role = Literal["conv", "up", "classify", "quiet", "join"]
NONE = "–"


@dataclass(frozen=True)
class Told:
    """A kind of layer in words."""

    noun: str
    role: Role = "quiet"
    #: What is particular about this one, in a few signs.
    detail: Callable[[Any], str] = lambda _kind: ""


def _kernel(kind: Conv) -> str:
    return f"{kind.kernel} × {kind.kernel}" + (f", step {kind.stride}" if kind.stride > 1 else "")


def _pool(kind: Pool) -> str:
    step = f", step {kind.stride}" if kind.stride != kind.size else ""
    return f"{'max' if kind.by == 'max' else 'mean'} {kind.size} × {kind.size}{step}"


def _activation(kind: Activation) -> str:
    return _functions()[kind.function]


def _rate(kind: Dropout | MapDropout) -> str:
    return words.number(kind.rate)


TOLD: Mapping[type[Kind], Told] = {
    Conv: Told("Convolution", "conv", _kernel),
    Deconv: Told("Deconvolution", "up", lambda _: "2 × 2, step 2"),
    BilinearUp: Told("Deconvolution, bilinear at the start", "up", lambda kind: f"× {kind.factor}"),
    Repeat: Told("Repetition", "up", lambda _: "× 2"),
    Dense: Told("Dense layer", "classify"),
    Score: Told("Score for each class", "classify", lambda _: "1 × 1"),
    Pool: Told("Pooling", detail=_pool),
    GlobalPool: Told("Mean of each map", detail=lambda _: "mean"),
    BatchNorm: Told("Batch normalization", detail=lambda _: "batch"),
    LayerNorm: Told("Layer normalization", detail=lambda _: "layer"),
    GroupNorm: Told("Group normalization", detail=lambda kind: f"{kind.groups} group{'' if kind.groups == 1 else 's'}"),
    Activation: Told("Activation", detail=_activation),
    Dropout: Told("Dropout", detail=_rate),
    MapDropout: Told("Dropout of whole maps", detail=_rate),
    StochasticDepth: Told("Stochastic depth", detail=lambda kind: f"kept {words.percent(kind.survival, 0)}"),
    Flatten: Told("Maps as one vector"),
    Edge: Told("Zeros around the maps", detail=lambda kind: words.count(kind.pixels)),
    PadToMultiple: Told("Zeros around the picture", detail=lambda kind: f"to a multiple of {kind.of}"),
    CropLike: Told("Cut to the picture's size", detail=lambda _: "cut to size"),
    PadShortcut: Told("Shortcut without weights", detail=lambda kind: f"step {kind.stride}"),
    Add: Told("Sum", "join"),
    Concat: Told("Maps laid one behind the other", "join"),
}


@functools.cache
def _functions() -> dict[str, str]:
    """Activations by the names that the form's chooser gives them: "relu" is ReLU."""
    declared = next(each for each in class_settings("model") if each.name == "activation")
    return {str(choice.value): choice.label for choice in declared.choices}


def role(part: Part) -> Role:
    """What a layer is for; of a block, whether it enlarges maps, else what most of its arithmetic is for."""
    if isinstance(part, Block):
        most = max(part.layers, key=lambda layer: layer.multiply_adds)
        return "up" if any(role(layer) == "up" for layer in part.layers) else role(most)
    return TOLD[type(part.kind)].role


def is_sum(part: Part) -> bool:
    """Whether ways meet here by adding; otherwise maps are laid one behind the other."""
    return not isinstance(part, Block) and isinstance(part.kind, Add)


def label(part: Part, around: str) -> str:
    """The name of a row inside the block `around` (its path): "Conv 1", "Block 2"."""
    if isinstance(part, Block):
        return said.layer(part.name)
    return said.layer(part.name.removeprefix(around.replace(".", "_") + "_") if around else part.name)


def detail(part: Part) -> str:
    """What stands behind the name: "3 × 3, step 2"; of a block how much is in it."""
    if isinstance(part, Block):
        return words.plural(sum(1 for _ in part.layers), "layer", "layers")
    return TOLD[type(part.kind)].detail(part.kind)


def shape(of: Shape) -> str:
    return " × ".join(words.count(side) for side in of)


def field(of: Field) -> str:
    return "all" if of is None else f"{words.count(of[0])} × {words.count(of[1])}"


def cells(part: Part, costs: Costs, fields: Mapping[str, Field]) -> tuple[str, ...]:
    """Output, parameters, multiply-adds, memory and receptive field of a row; of a block summed, or as it leaves it."""
    layers = list(part.layers) if isinstance(part, Block) else [part]
    parameters = sum(layer.parameters for layer in layers)
    products = sum(layer.multiply_adds for layer in layers)
    memory = sum(costs.results[layer.name] for layer in layers)
    return (
        shape(part.shape),
        words.count(parameters) if parameters else NONE,
        words.short_count(products) if products else NONE,
        words.size(memory) if memory else NONE,
        field(fields[layers[-1].name]),
    )


def explained(part: Part) -> str:
    """A row in full, for a tooltip and a screen reader."""
    if isinstance(part, Block):
        whole = sum(layer.multiply_adds for layer in part.layers)
        return f"{said.layer(part.path)}: {detail(part)}, {words.count(whole)} multiply-adds a picture"
    told = TOLD[type(part.kind)]
    own = f", {told.detail(part.kind)}" if told.detail(part.kind) else ""
    products = f", {words.count(part.multiply_adds)} multiply-adds a picture" if part.multiply_adds else ""
    return f"{said.layer(part.name)}: {told.noun}{own}{products}. Reads {_listed(part)}."


def _listed(layer: Layer) -> str:
    return " and ".join("the picture" if name == PICTURE else said.within(said.layer(name)) for name in layer.inputs)


def totals(costs: Costs, batch: int, last_map: Field, *, classes: bool) -> str:
    """The network in a line: parameters, multiply-adds, sizes, and how much of the picture its last map sees.

    `classes`: it answers for the whole picture, so behind its last map everything is seen.
    """
    every, learned = words.short_count(costs.parameters), words.short_count(costs.trainable)
    parts = [
        f"{every} parameters" + (f" ({learned} trainable)" if learned != every else ""),
        f"{words.short_count(costs.multiply_adds)} multiply-adds a picture",
        f"{words.size(costs.weights)} on disk",
    ]
    if last_map is not None:
        parts.append(f"{'last map sees' if classes else 'sees'} {field(last_map)}{words.NO_BREAK}pixels")
    parts.append(f"{words.size(costs.activations)} of results a batch of {words.count(batch)}")
    return " · ".join(parts)
