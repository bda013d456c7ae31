"""The residual networks of the model station: for small pictures, wide, and in the form for ImageNet."""

from __future__ import annotations

from typing import Literal

import pydantic

from workbench.spec.base import setting
from workbench.spec.vocabulary import NormalizedSpec


def check_steps(depth: int, step: int, rest: int, why: str = "") -> int:
    """A depth that is step · n + rest, or a ValueError with the nearest ones around it."""
    if (depth - rest) % step:
        below = depth - (depth - rest) % step
        message = f"must be {step}n + {rest}{why}, got {depth}; the nearest are {below} and {below + step}."
        raise ValueError(message)
    return depth


class ResNet(NormalizedSpec):
    TITLE = "ResNet"
    MEANING = "Three stages of residual blocks, each adding to what came before: x + F(x) (He 2015, the CIFAR form)."
    USE = "When depth is wanted: gradients pass through the shortcuts, so the loss falls where plain networks stand still."
    LEAVE = "On very small data, where a CNN is quicker and as good."
    RESIDUAL = True

    kind: Literal["resnet"] = "resnet"
    order: Literal["post", "pre"] = setting(
        "post", "Order", "Where normalization and activation stand in a block.",
        choices={"post": "After the convolution", "pre": "Before it (pre-activation)"},
        use="After, bend(x + F(x)), as first published (He 2015).",
        leave="Before, x + F(bend(x)) (He 2016), for a hundred layers and more: the shortcut is clean, the loss falls earlier.",
    )  # fmt: skip
    block: Literal["basic", "bottleneck"] = setting(
        "basic", "Block", "What a residual block is made of.",
        choices={"basic": "Basic: 3 × 3, 3 × 3", "bottleneck": "Bottleneck: 1 × 1, 3 × 3, 1 × 1"},
        use="Basic up to about a hundred layers.",
        leave="Bottleneck, whose result has four times the width, for more: depth 9n + 2, such as 164 or 1001.",
    )  # fmt: skip
    depth: int = setting(
        20, "Depth", "Layers with weights, counted as in the paper: 6n + 2, so 8, 14, 20, 32, 44, 56, 110 …",
        unit="layers", ge=8, le=1202, higher="Better on large data, slower.", lower="Faster.",
    )  # fmt: skip
    width: int = setting(
        16, "Width", "Filters in the first stage; the second and third have two and four times as many.", unit="filters",
        ge=1, le=512, scale="log", higher="A wide ResNet: often better than a deeper one.", lower="Faster.",
    )  # fmt: skip
    shortcut: Literal["A", "B"] = setting(
        "A", "Shortcut", "What the shortcut does where the number of filters grows.",
        choices={"A": "A: zeros added", "B": "B: 1 × 1 convolution"},
        use="A has no weights, as in the paper's CIFAR networks.", leave="B learns the change, with a few more weights.",
    )  # fmt: skip

    @pydantic.field_validator("depth")
    @classmethod
    def _steps_of_the_block(cls, depth: int, info: pydantic.ValidationInfo) -> int:
        if info.data.get("block") == "bottleneck":
            return check_steps(depth, 9, 2, " with bottleneck blocks")
        return check_steps(depth, 6, 2)


class WideResNet(NormalizedSpec):
    TITLE = "Wide ResNet"
    MEANING = (
        "A pre-activation ResNet of few, wide layers (Zagoruyko 2016): WRN-d-k is d deep, with 16k, 32k, 64k filters."
    )
    USE = "When a ResNet should be better rather than deeper: wide layers keep a GPU busy, the curve falls faster in time."
    LEAVE = "On a CPU: the cost grows with the square of the width."
    RESIDUAL = True
    DROPOUT = frozenset({"inside"})

    kind: Literal["wide_resnet"] = "wide_resnet"
    depth: int = setting(
        16, "Depth", "Layers with weights, counted as in the paper: 6n + 4, so 10, 16, 22, 28, 40 …",
        unit="layers", ge=10, le=1000, higher="Better on large data, slower.", lower="Faster.",
    )  # fmt: skip
    factor: int = setting(
        4, "Width factor", "k: how many times the filters of the thin ResNet (16, 32, 64) a stage has.", unit="times",
        ge=1, le=20, higher="Lower training loss; cost and weights grow with the square.", lower="1 is the thin ResNet.",
    )  # fmt: skip

    @pydantic.field_validator("depth")
    @classmethod
    def _six_n_plus_four(cls, depth: int) -> int:
        return check_steps(depth, 6, 4)


class ImageNetResNet(NormalizedSpec):
    TITLE = "ResNet (ImageNet form)"
    MEANING = (
        "A 7 × 7 convolution and a pooling, each by 2, then four stages of residual blocks (He 2015, table 1). In the order "
        "“after the convolution”, ResNet-50, 101 and 152 have the shapes of keras.applications."
    )
    USE = "For pictures of about 64 pixels and more, and where ImageNet weights are the starting point."
    LEAVE = "On 32 × 32 pixels: the stem leaves 8 × 8 of them; take the CIFAR form."
    RESIDUAL = True

    kind: Literal["resnet_imagenet"] = "resnet_imagenet"
    variant: Literal["resnet18", "resnet34", "resnet50", "resnet101", "resnet152"] = setting(
        "resnet50", "Variant", "Blocks a stage: 2-2-2-2, 3-4-6-3 (34 and 50), 3-4-23-3, 3-8-36-3.",
        choices={
            "resnet18": "ResNet-18", "resnet34": "ResNet-34", "resnet50": "ResNet-50", "resnet101": "ResNet-101",
            "resnet152": "ResNet-152",
        },
        use="ResNet-18 for first tries, ResNet-50 as everybody's yardstick.",
        leave="101 and 152 only for large data: on small data the validation loss turns upwards early.",
    )  # fmt: skip
    order: Literal["post", "pre"] = setting(
        "post", "Order", "Where normalization and activation stand in a block.",
        choices={"post": "After the convolution", "pre": "Before it (pre-activation)"},
        use="After, bend(x + F(x)): as first published, and what ImageNet weights fit.",
        leave="Before, x + F(bend(x)) (He 2016): a little better in very deep networks.",
    )  # fmt: skip
    width: int = setting(
        64, "Width", "Filters in the stem and the first stage; each later stage has twice as many.", unit="filters",
        ge=1, le=512, scale="log", higher="More capacity; cost grows with the square.", lower="Faster; 64 is the paper's.",
    )  # fmt: skip
