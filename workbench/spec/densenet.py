"""The densely connected networks of the model station: for small pictures and in the form for ImageNet."""

from __future__ import annotations

from typing import Literal

import pydantic

from workbench.spec.base import setting
from workbench.spec.resnet import check_steps
from workbench.spec.vocabulary import NormalizedSpec


class DenseNet(NormalizedSpec):
    TITLE = "DenseNet"
    MEANING = (
        "Each layer reads the results of all layers before it and adds k maps of its own (Huang 2017, the CIFAR form: three "
        "dense blocks with transitions that halve the picture)."
    )
    USE = "When few weights should do much: features are used again, and validation loss is low for their number."
    LEAVE = "When memory or time is short: a step is several times as slow as a ResNet's with as many weights."
    DROPOUT = frozenset({"inside"})

    kind: Literal["densenet"] = "densenet"
    bottleneck: bool = setting(
        False, "Bottleneck", "Puts a 1 × 1 convolution to 4k maps before each 3 × 3 one (the B of DenseNet-BC).",
        use="From about 100 layers: fewer weights and multiplications for the same result.",
        leave="In the plain form of 40 layers.",
    )  # fmt: skip
    depth: int = setting(
        40, "Depth", "Layers with weights, counted as in the paper: 3n + 4, with bottleneck 6n + 4.", unit="layers",
        ge=7, le=400, higher="Lower loss, slower; memory grows with the square.", lower="Faster.",
    )  # fmt: skip
    growth: int = setting(
        12, "Growth k", "How many maps each layer adds to those it reads.", unit="maps", ge=1, le=128, scale="log",
        higher="More capacity; weights grow with the square.", lower="Narrower and faster.",
    )  # fmt: skip
    compression: float = setting(
        1.0, "Compression θ", "Share of the maps that a transition between two blocks lets through: ⌊θ · maps⌋.", gt=0, le=1,
        higher="1 keeps all.", lower="0.5, the C of DenseNet-BC: fewer weights, hardly worse.",
    )  # fmt: skip

    @pydantic.field_validator("depth")
    @classmethod
    def _steps_of_the_form(cls, depth: int, info: pydantic.ValidationInfo) -> int:
        if info.data.get("bottleneck"):
            return check_steps(depth, 6, 4, " with bottleneck")
        return check_steps(depth, 3, 4)


class ImageNetDenseNet(NormalizedSpec):
    TITLE = "DenseNet (ImageNet form)"
    MEANING = (
        "A 7 × 7 convolution and a pooling, each by 2, then four dense blocks with bottlenecks (Huang 2017, table 1). "
        "With k = 32 and θ = 0.5, 121, 169 and 201 have the shapes of keras.applications."
    )
    USE = "For pictures of about 64 pixels and more, and where ImageNet weights are the starting point; few weights."
    LEAVE = "On 32 × 32 pixels: the last block sees a single one; take the CIFAR form."
    DROPOUT = frozenset({"inside"})

    kind: Literal["densenet_imagenet"] = "densenet_imagenet"
    variant: Literal["densenet121", "densenet169", "densenet201", "densenet264"] = setting(
        "densenet121", "Variant", "Layers a block: 6-12-24-16, 6-12-32-32, 6-12-48-32, 6-12-64-48.",
        choices={
            "densenet121": "DenseNet-121", "densenet169": "DenseNet-169", "densenet201": "DenseNet-201",
            "densenet264": "DenseNet-264",
        },
        use="DenseNet-121: 8 million weights, as good as a ResNet of 20 million.",
        leave="The deeper ones for large data; each step is slower and takes more memory.",
    )  # fmt: skip
    growth: int = setting(
        32, "Growth k", "How many maps each layer adds to those it reads.", unit="maps", ge=1, le=128, scale="log",
        higher="More capacity; weights grow with the square.", lower="Narrower and faster; 32 is the paper's.",
    )  # fmt: skip
    compression: float = setting(
        0.5, "Compression θ", "Share of the maps that a transition between two blocks lets through: ⌊θ · maps⌋.", gt=0, le=1,
        higher="1 keeps all.", lower="Fewer weights; 0.5 is the paper's.",
    )  # fmt: skip
