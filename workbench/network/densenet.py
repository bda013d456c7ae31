"""Draws DenseNets (Huang 2017): for small pictures, and in the form for ImageNet.

A stem, dense blocks with transitions between them, the mean of each map, the output. A layer of a block:
normalization – activation – convolution to k maps, before it with bottleneck the same to 4k by 1 × 1; what
it gives is put behind what it read. A transition: the same to ⌊θ · maps⌋ by 1 × 1, then the mean of each
2 × 2. Dropout, when on, usually stands after each convolution but the stem's, as in the paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.network.draft import Draft
from workbench.network.imagenet import draw_stem
from workbench.network.layers import GlobalPool, Pool
from workbench.network.maps import Concat
from workbench.spec.densenet import DenseNet, ImageNetDenseNet

_BLOCKS = 3
_BOTTLENECK = 4

#: Layers a block (Huang 2017, table 1).
_VARIANTS = {
    "densenet121": (6, 12, 24, 16),
    "densenet169": (6, 12, 32, 32),
    "densenet201": (6, 12, 48, 32),
    "densenet264": (6, 12, 64, 48),
}


def draw(spec: DenseNet, draft: Draft) -> None:
    """Append the layers of a DenseNet in its CIFAR form. Raises RecipeError for pictures under 4 pixels."""
    draft.need(2 ** (_BLOCKS - 1), "a DenseNet halves the picture twice")
    layers = (spec.depth - 4) // (_BLOCKS * (2 if spec.bottleneck else 1))
    both = spec.bottleneck and spec.compression < 1
    draft.block = "stem"
    draft.bare_conv("stem_conv", 2 * spec.growth if both else 16, 3)
    _Blocks(draft, spec.growth, spec.compression, bottleneck=spec.bottleneck).draw((layers,) * _BLOCKS)
    _head(draft)


def draw_imagenet(spec: ImageNetDenseNet, draft: Draft) -> None:
    """Append the layers of a DenseNet in its ImageNet form. Raises RecipeError for pictures under 32 pixels."""
    draw_stem(draft, 2 * spec.growth, bias=False)
    _Blocks(draft, spec.growth, spec.compression, bottleneck=True).draw(_VARIANTS[spec.variant])
    _head(draft)


def title(spec: DenseNet) -> str:
    letters = ("B" if spec.bottleneck else "") + ("C" if spec.compression < 1 else "")
    return f"DenseNet-{letters}{'-' if letters else ''}{spec.depth}-{spec.growth}"


def title_imagenet(spec: ImageNetDenseNet) -> str:
    return f"DenseNet-{spec.variant.removeprefix('densenet')}"


@dataclass
class _Blocks:
    draft: Draft
    growth: int
    compression: float
    bottleneck: bool

    def draw(self, counts: Sequence[int]) -> None:
        for stage, count in enumerate(counts, 1):
            for number in range(1, count + 1):
                self.draft.block = f"stage{stage}.layer{number}"
                self._layer(f"stage{stage}_layer{number}")
            if stage < len(counts):
                self.draft.block = f"transition{stage}"
                self._transition(f"transition{stage}")
            if stage < len(counts) or not self.draft.drops("output"):
                self.draft.drop(f"stage{stage}_dropout", "stages", maps=True)

    def _layer(self, name: str) -> None:
        came = self.draft.last
        if self.bottleneck:
            self._conv(f"{name}_wide", _BOTTLENECK * self.growth, 1)
        own = self._conv(f"{name}_conv", self.growth, 3)
        self.draft.add(f"{name}_concat", Concat(), came, own)

    def _transition(self, name: str) -> None:
        self._conv(f"{name}_conv", max(1, int(self.draft.shape[-1] * self.compression)), 1)
        self.draft.add(f"{name}_pool", Pool("average"))

    def _conv(self, name: str, filters: int, kernel: int) -> str:
        self.draft.normalize(f"{name}_norm")
        self.draft.activate(f"{name}_activation")
        self.draft.bare_conv(name, filters, kernel)
        self.draft.drop(f"{name}_dropout", "inside")
        return self.draft.last


def _head(draft: Draft) -> None:
    draft.block = "head"
    draft.normalize("head_norm")
    draft.activate("head_activation")
    draft.add("head_pool", GlobalPool())
    draft.drop("head_dropout")
    draft.logits()
