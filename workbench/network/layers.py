"""What a network is made of: one frozen description for each kind of layer.

A description knows its own arithmetic (the shape it makes, what it has to learn, what it costs) and
nothing else: neither its name, nor its neighbours, nor Keras. Shapes are without the batch:
(height, width, channels) for pictures and maps, (units,) for vectors.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from workbench.spec.vocabulary import ActivationName

Shape: TypeAlias = tuple[int, ...]


@dataclass(frozen=True)
class Kind:
    """A kind of layer; most keep the shape, learn nothing and multiply nothing."""

    #: Whether its result is numbers of its own, which the backward pass needs, and no mere view.
    KEEPS: ClassVar[bool] = True

    def shape(self, *inputs: Shape) -> Shape:
        """The shape of its result."""
        return inputs[0]

    def trainable(self, *inputs: Shape) -> int:
        """How many numbers the optimizer changes."""
        del inputs
        return 0

    def fixed(self, *inputs: Shape) -> int:
        """How many numbers it keeps that no optimizer changes, such as moving averages."""
        del inputs
        return 0

    def multiply_adds(self, *inputs: Shape) -> int:
        """Multiplications with addition for one picture, forward; only those with weights are counted."""
        del inputs
        return 0


@dataclass(frozen=True)
class Conv(Kind):
    """Convolution with zeros at the edge ("same"): the result is ⌈size / stride⌉ large.

    Without `same` it stays inside the picture, and the result is as large as there are places for the kernel.
    """

    filters: int
    kernel: int
    stride: int = 1
    bias: bool = True
    same: bool = True

    def shape(self, *inputs: Shape) -> Shape:
        height, width, _ = inputs[0]
        if not self.same:
            return _places(height, self.kernel, self.stride), _places(width, self.kernel, self.stride), self.filters
        return math.ceil(height / self.stride), math.ceil(width / self.stride), self.filters

    def trainable(self, *inputs: Shape) -> int:
        return self._weights(inputs[0]) + self.filters * self.bias

    def multiply_adds(self, *inputs: Shape) -> int:
        height, width, _ = self.shape(*inputs)
        return height * width * self._weights(inputs[0])

    def _weights(self, picture: Shape) -> int:
        return self.kernel**2 * picture[-1] * self.filters


@dataclass(frozen=True)
class Dense(Kind):
    """Every unit sees every number of a vector."""

    units: int
    bias: bool = True

    def shape(self, *inputs: Shape) -> Shape:
        del inputs
        return (self.units,)

    def trainable(self, *inputs: Shape) -> int:
        return (inputs[0][0] + self.bias) * self.units

    def multiply_adds(self, *inputs: Shape) -> int:
        return inputs[0][0] * self.units


@dataclass(frozen=True)
class BatchNorm(Kind):
    """Each channel to mean 0 and variance 1 over the batch; moving averages in inference."""

    def trainable(self, *inputs: Shape) -> int:
        return 2 * inputs[0][-1]

    def fixed(self, *inputs: Shape) -> int:
        return 2 * inputs[0][-1]


@dataclass(frozen=True)
class LayerNorm(Kind):
    """All channels at a place to mean 0 and variance 1."""

    def trainable(self, *inputs: Shape) -> int:
        return 2 * inputs[0][-1]


@dataclass(frozen=True)
class GroupNorm(Kind):
    """Groups of channels to mean 0 and variance 1 over the whole map (Wu & He 2018)."""

    groups: int

    def trainable(self, *inputs: Shape) -> int:
        return 2 * inputs[0][-1]


#: Those that bring numbers to mean 0 and variance 1; each has a scale and a shift to learn.
NORMS = (BatchNorm, LayerNorm, GroupNorm)


@dataclass(frozen=True)
class Activation(Kind):
    """The bend between layers."""

    function: ActivationName


@dataclass(frozen=True)
class Pool(Kind):
    """Each square of `size` becomes one number, the next one `stride` further; what is left at the end is left out."""

    by: Literal["max", "average"]
    size: int = 2
    stride: int = 2

    def shape(self, *inputs: Shape) -> Shape:
        height, width, channels = inputs[0]
        return _places(height, self.size, self.stride), _places(width, self.size, self.stride), channels


@dataclass(frozen=True)
class GlobalPool(Kind):
    """The mean of each map."""

    def shape(self, *inputs: Shape) -> Shape:
        return (inputs[0][-1],)


@dataclass(frozen=True)
class Flatten(Kind):
    """Maps laid out as one vector."""

    KEEPS = False

    def shape(self, *inputs: Shape) -> Shape:
        return (math.prod(inputs[0]),)


@dataclass(frozen=True)
class Dropout(Kind):
    """Each unit off with a probability in training."""

    rate: float


@dataclass(frozen=True)
class MapDropout(Kind):
    """Each whole map off with a probability in training (spatial dropout, Tompson 2015)."""

    rate: float


@dataclass(frozen=True)
class Add(Kind):
    """The sum of several results of one shape."""


@dataclass(frozen=True)
class PadShortcut(Kind):
    """Shortcut A (He 2015): every stride-th place is taken, and the new channels are zeros. Nothing to learn."""

    channels: int
    stride: int

    def shape(self, *inputs: Shape) -> Shape:
        height, width, _ = inputs[0]
        return math.ceil(height / self.stride), math.ceil(width / self.stride), self.channels


@dataclass(frozen=True)
class Edge(Kind):
    """So many rows and columns of zeros around each map."""

    pixels: int

    def shape(self, *inputs: Shape) -> Shape:
        height, width, channels = inputs[0]
        return height + 2 * self.pixels, width + 2 * self.pixels, channels


@dataclass(frozen=True)
class StochasticDepth(Kind):
    """A residual branch kept with probability `survival` in training, drawn for each picture or for the whole batch."""

    survival: float
    each: Literal["picture", "batch"]


def _places(pixels: int, size: int, stride: int) -> int:
    """How many windows of `size` fit, each `stride` further than the one before."""
    return max(0, (pixels - size) // stride + 1)


@dataclass(frozen=True)
class Layer:
    """One layer of a plan: its description, its name and place, and what it comes to there."""

    name: str
    kind: Kind
    #: Names of the layers it reads; PICTURE is the network's input.
    inputs: tuple[str, ...]
    #: Which part of the network it belongs to: "stem", "stage2.block1", "head".
    block: str
    shape: Shape
    trainable_parameters: int
    fixed_parameters: int
    multiply_adds: int

    @property
    def parameters(self) -> int:
        """All its numbers, as Keras counts them: also moving averages."""
        return self.trainable_parameters + self.fixed_parameters

    @property
    def activation_numbers(self) -> int:
        """How many numbers a picture leaves here for the backward pass."""
        return math.prod(self.shape) if self.kind.KEEPS else 0


#: The name of the network's input.
PICTURE = "picture"
#: The name of the last layer, whose result are logits: no softmax.
LOGITS = "logits"
