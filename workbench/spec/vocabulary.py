"""What the settings of all networks share: one word for one notion, whichever network it stands in."""

from __future__ import annotations

from typing import ClassVar, Literal, TypeAlias

from workbench.spec.base import Spec, setting

ActivationName: TypeAlias = Literal[
    "relu", "leaky_relu", "relu6", "elu", "selu", "gelu", "silu", "hard_silu", "mish", "softplus", "softsign", "tanh",
    "sigmoid", "linear",
]  # fmt: skip
PoolingName: TypeAlias = Literal["max", "average", "stride"]
#: Where dropout can stand: whole maps after a stage, single units before the output, in the network's inside.
DropoutPlace: TypeAlias = Literal["stages", "output", "inside"]


class ModelSpec(Spec):
    """What every network has in common."""

    #: What it answers: the class of a picture, or of every pixel.
    TASK: ClassVar[Literal["classes", "masks"]] = "classes"
    #: Where dropout stands unless the trick says otherwise.
    DROPOUT: ClassVar[frozenset[DropoutPlace]] = frozenset({"output"})
    #: Whether it has residual blocks, which stochastic depth can skip.
    RESIDUAL: ClassVar[bool] = False

    activation: ActivationName = setting(
        "relu", "Activation", "The bend between layers; without it any depth would be one linear map.",
        choices={
            "relu": "ReLU", "leaky_relu": "Leaky ReLU", "relu6": "ReLU6", "elu": "ELU", "selu": "SELU", "gelu": "GELU",
            "silu": "SiLU (Swish)", "hard_silu": "Hard SiLU", "mish": "Mish", "softplus": "Softplus",
            "softsign": "Softsign", "tanh": "tanh", "sigmoid": "Sigmoid", "linear": "None (linear)",
        },
        use=(
            "ReLU, max(0, x), unless you have a reason. Leaky ReLU, max(0.2x, x), leaves no unit dead; ReLU6 stops at 6. "
            "ELU (below 0: eˣ − 1) and SELU (the same, scaled to keep mean 0 and variance 1; with LeCun weights) do "
            "without a norm. GELU x·Φ(x), SiLU x·σ(x) and Mish x·tanh(ln(1 + eˣ)) are smooth: the loss often ends a "
            "little lower, each step costs more."
        ),
        leave=(
            "tanh, softsign x / (1 + |x|), sigmoid 1 / (1 + e⁻ˣ) and softplus ln(1 + eˣ) show how signals fade or drift in "
            "deep networks: the loss stays flat for long. None shows that depth alone gains nothing."
        ),
    )  # fmt: skip
    normalization: Literal["none", "batch", "layer", "group"] = setting(
        "none", "Normalization", "Brings the outputs of each layer to mean 0 and spread 1, then lets the network rescale them.",
        choices={"none": "None", "batch": "Batch norm", "layer": "Layer norm", "group": "Group norm"},
        use="Batch norm lets deep networks train faster and with larger learning rates; from about 16 pictures a batch.",
        leave="None for small networks; group norm for very small batches.",
    )  # fmt: skip


class NormalizedSpec(ModelSpec):
    """What networks have in common that were published with batch norm."""

    normalization: Literal["none", "batch", "layer", "group"] = setting(
        "batch", "Normalization", "Brings the outputs of each layer to mean 0 and spread 1, then lets the network rescale them.",
        choices={"none": "None", "batch": "Batch norm", "layer": "Layer norm", "group": "Group norm"},
        use="Batch norm, as in the paper.", leave="None shows why it is there: deep ResNets then barely start.",
    )  # fmt: skip


class StagesSpec(ModelSpec):
    """What networks have in common that are stages of convolutions, each ending in a smaller picture."""

    DROPOUT = frozenset({"stages", "output"})

    stages: int = setting(
        2, "Stages", "How many times convolutions are followed by pooling, which halves the picture.", ge=1, le=7,
        higher="Sees larger structures.", lower="Keeps detail, leaves more to the head.",
    )  # fmt: skip
    depth: int = setting(
        1, "Convolutions a stage", "Convolution layers before each pooling.", unit="layers", ge=1, le=8,
        higher="Richer features, slower.", lower="Faster.",
    )  # fmt: skip
    width: int = setting(
        16, "Width", "Filters in the first stage.", unit="filters", ge=1, le=1024,
        scale="log", higher="Learns more kinds of pattern; cost grows with the square.", lower="Faster, less prone to overfit.",
    )  # fmt: skip
    widening: float = setting(
        2.0, "Widening", "What the filters are multiplied by from stage to stage: width · wideningˢ⁻¹ in stage s, rounded.",
        unit="times", ge=1, le=4, higher="More weights in the late stages; overfitting starts sooner.",
        lower="1 keeps the width; late stages say less.",
    )  # fmt: skip
    kernel: int = setting(
        3, "Kernel", "Height and width of each filter.", unit="pixels", ge=1, le=15,
        higher="Sees further at once.", lower="Fewer weights; depth makes up for it.",
    )  # fmt: skip
    pooling: PoolingName = setting(
        "max", "Pooling", "How a stage halves the picture.",
        choices={"max": "Maximum", "average": "Average", "stride": "Stride 2"},
        use="Maximum keeps the strongest response.", leave="Stride lets the network learn how to shrink.",
    )  # fmt: skip
