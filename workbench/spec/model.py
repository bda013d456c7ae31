"""The model station: which network. Residual and dense networks are declared in files of their own."""

from __future__ import annotations

from typing import Annotated, Literal

import pydantic

from workbench.spec.base import beside_used, setting
from workbench.spec.densenet import DenseNet, ImageNetDenseNet
from workbench.spec.resnet import ImageNetResNet, ResNet, WideResNet
from workbench.spec.vocabulary import ModelSpec, StagesSpec


class Cnn(StagesSpec):
    TITLE = "CNN"
    MEANING = "Convolution stages that halve the picture, then a dense head."
    USE = "The first thing to try on pictures."
    LEAVE = "When more than about six layers are wanted: take a ResNet."

    kind: Literal["cnn"] = "cnn"
    dense: int = setting(
        64, "Dense units", "Units of each hidden layer in the head; 0 leaves them out.", unit="units", ge=0, le=8192,
        higher="More capacity, most of the weights; the curves part sooner.", lower="Less overfitting.",
    )  # fmt: skip
    dense_layers: int = setting(
        1, "Dense layers", "How many hidden layers of dense units the head has.", unit="layers", ge=1, le=4,
        higher="2 as in LeNet, AlexNet and VGG; slower to start.", lower="1 is enough for most tasks.",
        when=beside_used("dense"),
    )  # fmt: skip


class Mlp(ModelSpec):
    TITLE = "MLP"
    MEANING = "Dense layers on the flattened picture: no notion of neighbourhood."
    USE = "As the thing the others are better than, and on tiny pictures."
    LEAVE = "On anything larger than about 32 × 32."
    DROPOUT = frozenset({"stages", "output"})

    kind: Literal["mlp"] = "mlp"
    depth: int = setting(
        2, "Hidden layers", "How many dense layers come before the output.", unit="layers", ge=0, le=50,
        higher="More bends, harder to train.", lower="0 is plain logistic regression.",
    )  # fmt: skip
    width: int = setting(
        128, "Width", "Units in each hidden layer.", unit="units", ge=1, le=16384, scale="log",
        higher="More capacity.", lower="Faster, less overfitting.",
    )  # fmt: skip


class Fcn(StagesSpec):
    TITLE = "FCN"
    MEANING = (
        "Convolutions only: a 1 × 1 convolution scores every place for every class, and the mean of the scores is the "
        "answer. The same weights take pictures of any size."
    )
    USE = "When pictures of other sizes are to be classified later; few weights, so it overfits late."
    LEAVE = "When where something is matters: the mean over all places forgets it."

    kind: Literal["fcn"] = "fcn"


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
    DROPOUT = frozenset({"inside"})

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


Model = Annotated[
    Cnn | Mlp | Fcn | ResNet | WideResNet | ImageNetResNet | DenseNet | ImageNetDenseNet | FcnMasks | UNet,
    pydantic.Field(discriminator="kind"),
]
