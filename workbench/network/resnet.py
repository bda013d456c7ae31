"""Draws the ResNets: for small pictures (He 2015, section 4.2), wide (Zagoruyko 2016), and for ImageNet.

All are a stem, a trunk of residual blocks, the mean of each map, the output. Dropout usually stands before
the output only, as inside the blocks it would disturb the batch norms; the wide ones have it between the
two convolutions of a block, as in their paper.
"""

from __future__ import annotations

from typing import Literal

from workbench.network.draft import Draft
from workbench.network.imagenet import draw_stem
from workbench.network.layers import GlobalPool
from workbench.network.residual import Trunk
from workbench.spec.resnet import ImageNetResNet, ResNet, WideResNet

_STAGES = 3
_THIN = 16

#: Blocks a stage and what they are made of (He 2015, table 1).
_VARIANTS: dict[str, tuple[Literal["basic", "bottleneck"], tuple[int, ...]]] = {
    "resnet18": ("basic", (2, 2, 2, 2)),
    "resnet34": ("basic", (3, 4, 6, 3)),
    "resnet50": ("bottleneck", (3, 4, 6, 3)),
    "resnet101": ("bottleneck", (3, 4, 23, 3)),
    "resnet152": ("bottleneck", (3, 8, 36, 3)),
}


def draw(spec: ResNet, draft: Draft) -> None:
    """Append the layers of a ResNet in its CIFAR form."""
    _small_stem(draft, spec.width, spec.order)
    blocks = (spec.depth - 2) // (6 if spec.block == "basic" else 9)
    Trunk(draft, spec.order, spec.block, spec.shortcut, (blocks,) * _STAGES).draw(spec.width)
    _head(draft, spec.order)


def draw_wide(spec: WideResNet, draft: Draft) -> None:
    """Append the layers of a wide ResNet: the stem stays thin, every stage is `factor` times as wide."""
    _small_stem(draft, _THIN, "pre")
    Trunk(draft, "pre", "basic", "B", ((spec.depth - 4) // 6,) * _STAGES).draw(_THIN * spec.factor)
    _head(draft, "pre")


def draw_imagenet(spec: ImageNetResNet, draft: Draft) -> None:
    """Append the layers of a ResNet in its ImageNet form. Raises RecipeError for pictures under 32 pixels."""
    block, counts = _VARIANTS[spec.variant]
    as_keras = spec.order == "post"
    draw_stem(draft, spec.width, bias=as_keras)
    Trunk(draft, spec.order, block, "B", counts, as_keras=as_keras, bent=True).draw(spec.width)
    _head(draft, spec.order)


def title(spec: ResNet) -> str:
    return f"{'Pre-activation ' if spec.order == 'pre' else ''}ResNet-{spec.depth}"


def title_wide(spec: WideResNet) -> str:
    return f"WRN-{spec.depth}-{spec.factor}"


def title_imagenet(spec: ImageNetResNet) -> str:
    return f"{'Pre-activation ' if spec.order == 'pre' else ''}ResNet-{spec.variant.removeprefix('resnet')}"


def _small_stem(draft: Draft, width: int, order: Literal["post", "pre"]) -> None:
    draft.block = "stem"
    if order == "pre":
        draft.bare_conv("stem_conv", width, 3)
        return
    draft.conv("stem_conv", width, 3)
    draft.activate("stem_activation")


def _head(draft: Draft, order: Literal["post", "pre"]) -> None:
    draft.block = "head"
    if order == "pre":
        draft.normalize("head_norm")
        draft.activate("head_activation")
    draft.add("head_pool", GlobalPool())
    draft.drop("head_dropout")
    draft.logits()
