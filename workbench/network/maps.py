"""What networks for masks are made of besides convolutions: layers that keep, enlarge, join and fit maps.

As in `layers`, a description knows its own arithmetic and nothing else. A picture of any size is first padded
to a size that can be halved as often as the network halves it, and the answer is cut back at the end.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from workbench.network.layers import Kind, Shape


@dataclass(frozen=True)
class Score(Kind):
    """One number a class at every place: a 1 × 1 convolution with bias, never normalized.

    `zero` starts it at 0 (Long 2015, of skips: the network then begins with the unchanged coarser prediction).
    """

    classes: int
    zero: bool = False

    def shape(self, *inputs: Shape) -> Shape:
        return *inputs[0][:2], self.classes

    def trainable(self, *inputs: Shape) -> int:
        return (inputs[0][-1] + 1) * self.classes

    def multiply_adds(self, *inputs: Shape) -> int:
        return math.prod(inputs[0]) * self.classes


@dataclass(frozen=True)
class BilinearUp(Kind):
    """Maps `factor` times as large: a transposed convolution of step `factor` and kernel 2 · factor without bias.

    It starts as bilinear interpolation, each map by itself, and learns from there. One more row and column at each
    edge repeats the outermost, so that the start is right up to the edge.
    """

    factor: int

    def shape(self, *inputs: Shape) -> Shape:
        height, width, channels = inputs[0]
        return height * self.factor, width * self.factor, channels

    def trainable(self, *inputs: Shape) -> int:
        return (2 * self.factor) ** 2 * inputs[0][-1] ** 2

    def multiply_adds(self, *inputs: Shape) -> int:
        height, width, _ = inputs[0]
        return (height + 2) * (width + 2) * self.trainable(*inputs)


@dataclass(frozen=True)
class Deconv(Kind):
    """Maps twice as large: a transposed convolution of 2 × 2 with step 2, so that none overlap, and a bias."""

    filters: int

    def shape(self, *inputs: Shape) -> Shape:
        height, width, _ = inputs[0]
        return height * 2, width * 2, self.filters

    def trainable(self, *inputs: Shape) -> int:
        return (4 * inputs[0][-1] + 1) * self.filters

    def multiply_adds(self, *inputs: Shape) -> int:
        return 4 * math.prod(inputs[0]) * self.filters


@dataclass(frozen=True)
class Repeat(Kind):
    """Maps twice as large: each number becomes a square of four."""

    def shape(self, *inputs: Shape) -> Shape:
        height, width, channels = inputs[0]
        return height * 2, width * 2, channels


@dataclass(frozen=True)
class Concat(Kind):
    """Maps of one size laid one behind the other."""

    def shape(self, *inputs: Shape) -> Shape:
        return *inputs[0][:2], sum(each[-1] for each in inputs)


@dataclass(frozen=True)
class PadToMultiple(Kind):
    """Zeros around the picture, alike on both sides (one more below and at the right), to the next multiple of `of`."""

    of: int

    def shape(self, *inputs: Shape) -> Shape:
        height, width, channels = inputs[0]
        return math.ceil(height / self.of) * self.of, math.ceil(width / self.of) * self.of, channels


@dataclass(frozen=True)
class CropLike(Kind):
    """The middle of the first input, as large as the second: takes away what PadToMultiple has put around it."""

    KEEPS = False

    def shape(self, *inputs: Shape) -> Shape:
        return *inputs[1][:2], inputs[0][-1]
