"""A network while it is being drawn: planners append layers here, one by one.

It keeps the names and shapes, and the habits all networks share: normalization stands between a
layer with weights and its activation; what comes before batch norm has no bias, because the norm
takes the mean away again. It does not know which network is being drawn.
"""

from __future__ import annotations

import math

from workbench.errors import Problem, RecipeError
from workbench.network.layers import (
    LOGITS,
    PICTURE,
    Activation,
    ActivationName,
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    GroupNorm,
    Kind,
    Layer,
    LayerNorm,
    Shape,
)
from workbench.spec.recipe import Recipe

_MOST_GROUPS = 8
#: Groups of fewer channels say too little about their mean and spread; a group of one unit would always be 0.
_FEWEST_IN_GROUP = 4


class Draft:
    """The layers so far. `last` is the name of the newest one."""

    def __init__(self, recipe: Recipe, shape: Shape, classes: int) -> None:
        self.classes = classes
        self.last = PICTURE
        self.block = ""
        self.layers: list[Layer] = []
        self._shapes: dict[str, Shape] = {PICTURE: shape}
        self._activation: ActivationName = recipe.model.activation
        self._normalization = recipe.model.normalization
        self.dropout = recipe.tricks.dropout.rate if recipe.tricks.dropout.on else None

    @property
    def shape(self) -> Shape:
        """The shape of the newest layer's result."""
        return self._shapes[self.last]

    def add(self, name: str, kind: Kind, *inputs: str) -> str:
        """Append a layer that reads `inputs` (the newest one if none is named); gives its name."""
        read = inputs or (self.last,)
        shapes = [self._shapes[each] for each in read]
        assert name not in self._shapes, name
        layer = Layer(
            name=name,
            kind=kind,
            inputs=read,
            block=self.block,
            shape=kind.shape(*shapes),
            trainable_parameters=kind.trainable(*shapes),
            fixed_parameters=kind.fixed(*shapes),
            multiply_adds=kind.multiply_adds(*shapes),
        )
        self.layers.append(layer)
        self._shapes[name] = layer.shape
        self.last = name
        return name

    def conv(self, name: str, filters: int, kernel: int, stride: int = 1) -> str:
        """A convolution with its normalization."""
        self.add(name, Conv(filters, kernel, stride, bias=self._normalization != "batch"))
        return self._normalize(name)

    def dense(self, name: str, units: int) -> str:
        """A dense layer with its normalization."""
        self.add(name, Dense(units, bias=self._normalization != "batch"))
        return self._normalize(name)

    def activate(self, name: str) -> str:
        return self.add(name, Activation(self._activation))

    def drop(self, name: str) -> None:
        """Dropout, when the trick is on."""
        if self.dropout is not None:
            self.add(name, Dropout(self.dropout))

    def logits(self) -> None:
        """The output: one number a class, before softmax. Never normalized."""
        self.add(LOGITS, Dense(self.classes))

    def _normalize(self, name: str) -> str:
        match self._normalization:
            case "none":
                return self.last
            case "batch":
                return self.add(f"{name}_norm", BatchNorm())
            case "layer":
                self._refuse_norm_of_one(self.shape[-1], "layer norm over the channels")
                return self.add(f"{name}_norm", LayerNorm())
            case "group":
                groups = _groups(self.shape[-1])
                self._refuse_norm_of_one(math.prod(self.shape) // groups, "group norm")
                return self.add(f"{name}_norm", GroupNorm(groups))

    def _refuse_norm_of_one(self, numbers: int, what: str) -> None:
        if numbers < 2:  # noqa: PLR2004 - one number minus its own mean is 0, whatever the picture
            raise RecipeError(
                [
                    Problem(
                        "model.normalization",
                        f"{what} of a single number is always 0, and {self.last} gives only one; "
                        "raise model.width or take batch norm.",
                    )
                ]
            )


def _groups(channels: int) -> int:
    """The largest divisor that is at most 8 and leaves at least 4 channels a group; else 1."""
    allowed = range(min(_MOST_GROUPS, channels // _FEWEST_IN_GROUP), 1, -1)
    return next((groups for groups in allowed if channels % groups == 0), 1)
