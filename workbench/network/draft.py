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
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    GroupNorm,
    Kind,
    Layer,
    LayerNorm,
    MapDropout,
    Pool,
    Shape,
    StochasticDepth,
)
from workbench.spec.recipe import Recipe
from workbench.spec.vocabulary import DropoutPlace

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
        self._model = recipe.model
        self._dropout = recipe.tricks.dropout
        self._stochastic_depth = recipe.tricks.stochastic_depth

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

    def conv(
        self, name: str, filters: int, kernel: int, stride: int = 1, *, same: bool = True, bias: bool = False
    ) -> str:
        """A convolution with its normalization; `bias` keeps one that batch norm would make idle."""
        self.bare_conv(name, filters, kernel, stride, same=same, bias=bias)
        return self.normalize(f"{name}_norm")

    def bare_conv(
        self, name: str, filters: int, kernel: int, stride: int = 1, *, same: bool = True, bias: bool = False
    ) -> str:
        """A convolution in a network that normalizes before its convolutions."""
        if kernel == 1 and stride > 1:
            # The places that it looks at, and then all of them. On the CPU, the gradient of TensorFlow 2.21 for a 1 × 1 kernel
            # with a stride writes beyond its memory when there are fewer than 16 channels, and the process dies.
            self.add(f"{name}_places", Pool("max", 1, stride))
            stride = 1
        return self.add(name, Conv(filters, kernel, stride, bias=bias or self._biased, same=same))

    def dense(self, name: str, units: int) -> str:
        """A dense layer with its normalization."""
        self.add(name, Dense(units, bias=self._biased))
        return self.normalize(f"{name}_norm")

    def activate(self, name: str) -> str:
        return self.add(name, Activation(self._model.activation))

    def drops(self, place: DropoutPlace) -> bool:
        """Whether dropout stands at such a place of this network."""
        if not self._dropout.on:
            return False
        match self._dropout.place:
            case "usual":
                return place in self._model.DROPOUT
            case "both":
                return place in {"stages", "output"}
            case chosen:
                return place == chosen

    def drop(self, name: str, place: DropoutPlace = "output", *, maps: bool = False) -> None:
        """Dropout of single units, or of whole maps, when the trick is on and stands at such a place."""
        if self.drops(place):
            self.add(name, (MapDropout if maps else Dropout)(self._dropout.rate))

    def survive(self, name: str, number: int, total: int) -> str:
        """Stochastic depth on the branch of residual block `number` of `total`, when the trick is on.

        Survival falls in a straight line: p_l = 1 − l / L · (1 − p_L) (Huang 2016, equation 4).
        """
        if not self._stochastic_depth.on:
            return self.last
        survival = 1 - number / total * (1 - self._stochastic_depth.survival)
        return self.add(name, StochasticDepth(survival, self._stochastic_depth.each))

    def need(self, pixels: int, why: str) -> None:
        """Raises RecipeError when the picture is smaller than so many pixels on a side; `why` is a clause."""
        height, width, _ = self.shape
        if min(height, width) < pixels:
            sentence = (
                f"{why}, so pictures must be at least {pixels} × {pixels} pixels, got {height} × {width}; "
                "raise data.image_size or take a smaller network."
            )
            raise RecipeError([Problem("model.kind", sentence)])

    def logits(self) -> None:
        """The output: one number a class, before softmax. Never normalized."""
        self.add(LOGITS, Dense(self.classes))

    def normalize(self, name: str) -> str:
        """The network's normalization, unless it is none; gives the name of the newest layer."""
        match self._model.normalization:
            case "none":
                return self.last
            case "batch":
                return self.add(name, BatchNorm())
            case "layer":
                self._refuse_norm_of_one(self.shape[-1], "layer norm over the channels")
                return self.add(name, LayerNorm())
            case "group":
                groups = _groups(self.shape[-1])
                self._refuse_norm_of_one(math.prod(self.shape) // groups, "group norm")
                return self.add(name, GroupNorm(groups))

    @property
    def _biased(self) -> bool:
        """Whether layers have biases: batch norm takes the mean away again, and has a shift of its own."""
        return self._model.normalization != "batch"

    def _refuse_norm_of_one(self, numbers: int, what: str) -> None:
        if numbers < 2:  # noqa: PLR2004 - one number minus its own mean is 0, whatever the picture
            wider = "width" if "width" in type(self._model).model_fields else "growth"
            raise RecipeError(
                [
                    Problem(
                        "model.normalization",
                        f"{what} of a single number is always 0, and {self.last} gives only one; "
                        f"raise model.{wider} or take batch norm.",
                    )
                ]
            )


def _groups(channels: int) -> int:
    """The largest divisor that is at most 8 and leaves at least 4 channels a group; else 1."""
    allowed = range(min(_MOST_GROUPS, channels // _FEWEST_IN_GROUP), 1, -1)
    return next((groups for groups in allowed if channels % groups == 0), 1)
