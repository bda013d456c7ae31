"""The initializer station: where the weights start, from random numbers or from a training before."""

from __future__ import annotations

from typing import Annotated, Literal

import pydantic

from workbench.spec.base import Spec, beside, setting

#: The variants of networks whose ImageNet weights keras.applications has.
IMAGENET = ("resnet50", "resnet101", "resnet152", "densenet121", "densenet169", "densenet201")

_TRAINED = beside("start", "run", "file", "imagenet")


class InitializerSpec(Spec):
    """What every scheme has in common: weights of a training before may take the place of the drawn ones."""

    start: Literal["nothing", "run", "file", "imagenet"] = setting(
        "nothing", "Start from", "Whether the layers start with weights that were trained before; those that do not fit are drawn.",
        choices={"nothing": "Nothing", "run": "An earlier run", "file": "A weights file", "imagenet": "ImageNet"},
        use="Trained weights when there are few pictures: the curve starts lower and needs fewer epochs.",
        leave="Nothing, when there are many pictures, or when learning from the start is what you want to see.",
    )  # fmt: skip
    run: str = setting(
        "", "Run", "The earlier run whose kept weights are taken: its number, id or name.", when=beside("start", "run")
    )
    file: str = setting(
        "", "Weights file", "A .safetensors, .keras or .h5 file, of a run or from elsewhere; layers are matched by name or by their shapes.", kind="file",
        when=beside("start", "file"),
    )  # fmt: skip
    layers: int | None = setting(
        None, "First layers", "Only so many layers are taken, counted by their kernels from the picture on; empty means all.",
        unit="layers", ge=1, le=10_000, higher="More is reused; right for pictures like those trained on.",
        lower="Only edges and textures are; right for other kinds of pictures.", when=_TRAINED,
    )  # fmt: skip
    freeze: Literal["no", "for_epochs", "for_good"] = setting(
        "no", "Freeze", "Whether the layers that were taken stay as they are; their norms then use their moving averages.",
        choices={"no": "No", "for_epochs": "At first", "for_good": "For good"},
        use="At first, so that the new layers settle first; for good with very few pictures.",
        leave="No, when there are enough pictures to train everything.", when=_TRAINED,
    )  # fmt: skip
    freeze_epochs: int = setting(
        3, "Frozen epochs", "After so many epochs the frozen layers learn too; the optimizer then starts afresh.", unit="epochs",
        ge=1, le=10_000, higher="The new layers settle longer.", lower="Everything learns sooner.",
        when=beside("freeze", "for_epochs"),
    )  # fmt: skip


class KaimingNormal(InitializerSpec):
    TITLE = "Kaiming normal"
    MEANING = "Normal with variance 2 / fan_in (He 2015): keeps the signal's spread through ReLU layers."
    USE = "With ReLU and its relatives."
    LEAVE = "With tanh or sigmoid: take Xavier."

    kind: Literal["kaiming_normal"] = "kaiming_normal"


class KaimingUniform(InitializerSpec):
    TITLE = "Kaiming uniform"
    MEANING = "Uniform with variance 2 / fan_in (He 2015)."
    USE = "With ReLU and its relatives; no large values can occur."
    LEAVE = "With tanh or sigmoid: take Xavier."

    kind: Literal["kaiming_uniform"] = "kaiming_uniform"


class XavierNormal(InitializerSpec):
    TITLE = "Xavier normal"
    MEANING = "Normal with variance 2 / (fan_in + fan_out) (Glorot 2010): keeps signal and gradient alike."
    USE = "With tanh, sigmoid or no activation."
    LEAVE = "With deep ReLU networks: its spread shrinks by √2 at each layer."

    kind: Literal["xavier_normal"] = "xavier_normal"


class XavierUniform(InitializerSpec):
    TITLE = "Xavier uniform"
    MEANING = "Uniform with variance 2 / (fan_in + fan_out) (Glorot 2010); what Keras does unless told otherwise."
    USE = "With tanh, sigmoid or no activation."
    LEAVE = "With deep ReLU networks: its spread shrinks by √2 at each layer."

    kind: Literal["xavier_uniform"] = "xavier_uniform"


class LecunNormal(InitializerSpec):
    TITLE = "LeCun normal"
    MEANING = "Normal with variance 1 / fan_in (LeCun 1998): keeps the signal's spread where there is no activation."
    USE = "With SELU, or without an activation."
    LEAVE = "With ReLU: its spread shrinks by √2 at each layer."

    kind: Literal["lecun_normal"] = "lecun_normal"


class LecunUniform(InitializerSpec):
    TITLE = "LeCun uniform"
    MEANING = "Uniform with variance 1 / fan_in (LeCun 1998)."
    USE = "With SELU, or without an activation; no large values can occur."
    LEAVE = "With ReLU: its spread shrinks by √2 at each layer."

    kind: Literal["lecun_uniform"] = "lecun_uniform"


class Orthogonal(InitializerSpec):
    TITLE = "Orthogonal"
    MEANING = "A random orthogonal matrix times a gain (Saxe 2014): a layer keeps the length of every signal."
    USE = "In deep networks; with ReLU and a gain of √2 ≈ 1.41."
    LEAVE = "For very wide layers: it takes long to draw."

    kind: Literal["orthogonal"] = "orthogonal"
    gain: float = setting(
        1.0, "Gain", "What the matrix is multiplied by.", gt=0, le=100, higher="The signal grows layer by layer.",
        lower="The signal shrinks layer by layer.",
    )  # fmt: skip


class TruncatedNormal(InitializerSpec):
    TITLE = "Truncated normal"
    MEANING = "Normal with the same chosen σ in every layer, drawn again where it lies beyond 2σ."
    USE = "To see what a σ that does not know the layer's width does."
    LEAVE = "For training in earnest: take Kaiming or Xavier."

    kind: Literal["truncated_normal"] = "truncated_normal"
    sigma: float = setting(
        0.05, "σ", "Standard deviation before the cut; after it 0.88 of this.", gt=0, le=100, scale="log",
        higher="The signal explodes.", lower="The signal vanishes.",
    )  # fmt: skip


class Zeros(InitializerSpec):
    TITLE = "Zeros"
    MEANING = "Every weight starts at 0, so all units of a layer stay alike: nothing but the last bias learns."
    USE = "To see why weights start at random."
    LEAVE = "For training in earnest."

    kind: Literal["zeros"] = "zeros"


class Doubling(InitializerSpec):
    TITLE = "Doubling"
    MEANING = "Normal with variance 8 / fan_in: each ReLU layer doubles the signal, so after n layers it is 2ⁿ times as large."
    USE = "To see how a signal explodes: try it in a deep network without normalisation."
    LEAVE = "For training in earnest."

    kind: Literal["doubling"] = "doubling"


Initializer = Annotated[
    KaimingNormal
    | KaimingUniform
    | XavierNormal
    | XavierUniform
    | LecunNormal
    | LecunUniform
    | Orthogonal
    | TruncatedNormal
    | Zeros
    | Doubling,
    pydantic.Field(discriminator="kind"),
]
