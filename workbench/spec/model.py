"""The model station: which network."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import pydantic

from workbench.spec.base import Spec, setting


class ModelSpec(Spec):
    """What every network has in common."""

    #: What it answers: the class of a picture, or of every pixel.
    TASK: ClassVar[Literal["classes", "masks"]] = "classes"

    activation: Literal["relu", "leaky_relu", "elu", "gelu", "silu", "tanh", "sigmoid"] = setting(
        "relu", "Activation", "The bend between layers; without it any depth would be one linear map.",
        choices={
            "relu": "ReLU", "leaky_relu": "Leaky ReLU", "elu": "ELU", "gelu": "GELU", "silu": "SiLU",
            "tanh": "tanh", "sigmoid": "Sigmoid",
        },
        use="ReLU, unless you have a reason.", leave="tanh and sigmoid show how signals fade in deep networks.",
    )  # fmt: skip
    normalization: Literal["none", "batch", "layer", "group"] = setting(
        "none", "Normalization", "Brings the outputs of each layer to mean 0 and spread 1, then lets the network rescale them.",
        choices={"none": "None", "batch": "Batch norm", "layer": "Layer norm", "group": "Group norm"},
        use="Batch norm lets deep networks train faster and with larger learning rates; from about 16 pictures a batch.",
        leave="None for small networks; group norm for very small batches.",
    )  # fmt: skip


class Cnn(ModelSpec):
    TITLE = "CNN"
    MEANING = "Convolution stages that halve the picture, then a dense head."
    USE = "The first thing to try on pictures."
    LEAVE = "When more than about six layers are wanted: take a ResNet."

    kind: Literal["cnn"] = "cnn"
    stages: int = setting(
        2, "Stages", "How many times convolutions are followed by pooling, which halves the picture.", ge=1, le=7,
        higher="Sees larger structures.", lower="Keeps detail, leaves more to the dense head.",
    )  # fmt: skip
    depth: int = setting(
        1, "Convolutions a stage", "Convolution layers before each pooling.", unit="layers", ge=1, le=8,
        higher="Richer features, slower.", lower="Faster.",
    )  # fmt: skip
    width: int = setting(
        16, "Width", "Filters in the first stage; each later stage has twice as many.", unit="filters", ge=1, le=1024,
        scale="log", higher="Learns more kinds of pattern; cost grows with the square.", lower="Faster, less prone to overfit.",
    )  # fmt: skip
    kernel: int = setting(
        3, "Kernel", "Height and width of each filter.", unit="pixels", ge=1, le=15,
        higher="Sees further at once.", lower="Fewer weights; depth makes up for it.",
    )  # fmt: skip
    pooling: Literal["max", "average", "stride"] = setting(
        "max", "Pooling", "How a stage halves the picture.",
        choices={"max": "Maximum", "average": "Average", "stride": "Stride 2"},
        use="Maximum keeps the strongest response.", leave="Stride lets the network learn how to shrink.",
    )  # fmt: skip
    dense: int = setting(
        64, "Dense units", "Units of the hidden layer in the head; 0 leaves it out.", unit="units", ge=0, le=8192,
        higher="More capacity, most of the weights.", lower="Less overfitting.",
    )  # fmt: skip


class Mlp(ModelSpec):
    TITLE = "MLP"
    MEANING = "Dense layers on the flattened picture: no notion of neighbourhood."
    USE = "As the thing the others are better than, and on tiny pictures."
    LEAVE = "On anything larger than about 32 × 32."

    kind: Literal["mlp"] = "mlp"
    depth: int = setting(
        2, "Hidden layers", "How many dense layers come before the output.", unit="layers", ge=0, le=50,
        higher="More bends, harder to train.", lower="0 is plain logistic regression.",
    )  # fmt: skip
    width: int = setting(
        128, "Width", "Units in each hidden layer.", unit="units", ge=1, le=16384, scale="log",
        higher="More capacity.", lower="Faster, less overfitting.",
    )  # fmt: skip


class ResNet(ModelSpec):
    TITLE = "ResNet"
    MEANING = "Three stages of residual blocks, each adding to what came before (He 2015, the CIFAR form)."
    USE = "When depth is wanted: gradients pass through the shortcuts."
    LEAVE = "On very small data, where a CNN is quicker and as good."

    kind: Literal["resnet"] = "resnet"
    normalization: Literal["none", "batch", "layer", "group"] = setting(
        "batch", "Normalization", "Brings the outputs of each layer to mean 0 and spread 1, then lets the network rescale them.",
        choices={"none": "None", "batch": "Batch norm", "layer": "Layer norm", "group": "Group norm"},
        use="Batch norm, as in the paper.", leave="None shows why it is there: deep ResNets then barely start.",
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
    def _six_n_plus_two(cls, depth: int) -> int:
        if (depth - 2) % 6:
            below = depth - (depth - 2) % 6
            message = f"must be 6n + 2, got {depth}; the nearest are {below} and {below + 6}."
            raise ValueError(message)
        return depth


class MaskModelSpec(ModelSpec):
    """What every network that gives masks has in common."""

    TASK = "masks"

    normalization: Literal["none", "batch", "layer", "group"] = setting(
        "batch", "Normalization", "Brings the outputs of each layer to mean 0 and spread 1, then lets the network rescale them.",
        choices={"none": "None", "batch": "Batch norm", "layer": "Layer norm", "group": "Group norm"},
        use="Batch norm: every pixel counts, so small batches will do.", leave="Group norm for one or two pictures a batch.",
    )  # fmt: skip
    loss: Literal["cross_entropy", "dice", "focal", "cross_entropy_dice"] = setting(
        "cross_entropy", "Loss", "What is made small. Each is a mean over a picture's pixels or classes, then over the pictures.",
        choices={
            "cross_entropy": "Cross-entropy", "dice": "Dice", "focal": "Focal", "cross_entropy_dice": "Cross-entropy + Dice",
        },
        use="Cross-entropy, −log p of the true class, at first. Focal, −(1 − p)² log p, looks at what is still wrong.",
        leave="Dice, 1 − 2·overlap / (predicted + true), weighs small classes like large ones; its sum with cross-entropy is calmer.",
    )  # fmt: skip


class FcnMasks(MaskModelSpec):
    TITLE = "FCN for masks"
    MEANING = (
        "Convolution stages that halve the picture five times, a class score at each place, and deconvolutions, started as "
        "bilinear interpolation, back to full size (Long 2015)."
    )
    USE = "To see what skips do: 32s, 16s and 8s differ in nothing else."
    LEAVE = "When edges matter: a U-Net draws them finer."

    kind: Literal["fcn_masks"] = "fcn_masks"
    skips: Literal["32s", "16s", "8s"] = setting(
        "8s", "Skips", "From where the scores are brought to full size: the coarsest map alone, or with one or two finer ones.",
        choices={"32s": "FCN-32s: none", "16s": "FCN-16s: one", "8s": "FCN-8s: two"},
        use="8s adds the scores of the third and fourth stage: the finest edges.",
        leave="32s and 16s show how coarse the deep map is by itself.",
    )  # fmt: skip
    depth: int = setting(
        2, "Convolutions a stage", "Convolution layers before each pooling; VGG-16 has two to three.", unit="layers", ge=1, le=8,
        higher="Richer features, slower.", lower="Faster.",
    )  # fmt: skip
    width: int = setting(
        16, "Width", "Filters in the first stage; each later one has twice as many, up to eight times. VGG has 64.",
        unit="filters", ge=1, le=512, scale="log",
        higher="Learns more kinds of pattern; cost grows with the square.", lower="Faster, less prone to overfit.",
    )  # fmt: skip
    head: int = setting(
        128, "Head", "Filters of the two convolutions on the coarsest map (VGG's dense layers, made convolutions); 0 leaves them out.",
        unit="filters", ge=0, le=4096,
        higher="More capacity where the whole picture is seen.", lower="Less overfitting.",
    )  # fmt: skip


class UNet(MaskModelSpec):
    TITLE = "U-Net"
    MEANING = (
        "An encoder that halves the picture, a decoder that doubles it again, and at every size a skip that lays the "
        "encoder's maps beside the decoder's (Ronneberger 2015)."
    )
    USE = "For masks, as a rule: sharp edges from few pictures."
    LEAVE = "When only a rough place is wanted: an FCN is cheaper."

    kind: Literal["unet"] = "unet"
    depth: int = setting(
        3, "Depth", "How many times the picture is halved and doubled again; the paper has 4.", unit="halvings", ge=1, le=7,
        higher="Sees larger structures.", lower="Faster; knows only the surroundings of a pixel.",
    )  # fmt: skip
    convolutions: int = setting(
        2, "Convolutions a size", "Convolution layers at each size, on the way down and on the way up.", unit="layers", ge=1, le=8,
        higher="Richer features, slower.", lower="Faster.",
    )  # fmt: skip
    width: int = setting(
        16, "Width", "Filters at full size, twice as many after each halving; the paper has 64.", unit="filters", ge=1, le=512,
        scale="log", higher="Learns more kinds of pattern; cost grows with the square.", lower="Faster, less prone to overfit.",
    )  # fmt: skip
    upsampling: Literal["deconvolution", "resize"] = setting(
        "deconvolution", "Upsampling", "How the decoder doubles its maps.",
        choices={"deconvolution": "Deconvolution", "resize": "Repeat, then convolve"},
        use="Deconvolution (2 × 2, step 2), as in the paper.",
        leave="Repeat, then convolve (3 × 3): when predictions show a checkerboard.",
    )  # fmt: skip


Model = Annotated[Cnn | Mlp | ResNet | FcnMasks | UNet, pydantic.Field(discriminator="kind")]
