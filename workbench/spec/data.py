"""The data station: which pictures, at which size, and how they are divided."""

from __future__ import annotations

import typing
from typing import Annotated, ClassVar, Literal

import pydantic

from workbench.errors import Problem, RecipeError
from workbench.spec.base import Spec, setting


class DataSpec(Spec):
    """What every data set has in common."""

    image_size: int = setting(
        32, "Image size", "Height and width the pictures are brought to.", unit="pixels", ge=4, le=1024,
        higher="Finer details are seen; time and memory grow with the square.", lower="Faster, but small things vanish.",
    )  # fmt: skip
    crop: int | None = setting(
        None, "Crop", "Height and width of what the network sees: a random part of each training picture, the middle in validation.",
        unit="pixels", ge=4, le=1024,
        higher="Sees nearly the whole picture each time.", lower="More variety (AlexNet took 224 of 256); things may be cut off.",
    )  # fmt: skip
    scaling: Literal["standardize", "unit"] = setting(
        "standardize", "Scaling", "How pixel values are scaled before the network sees them.",
        choices={"standardize": "Standardize", "unit": "0 to 1"},
        use="Standardize: mean 0 and spread 1 per channel, measured on the training part only; networks start best so.",
        leave="0 to 1: divides by 255, for comparison with texts that do only that.",
    )  # fmt: skip
    validation: float = setting(
        0.15, "Validation", "Share of the pictures kept aside to judge each epoch.", ge=0, le=0.8,
        higher="A steadier judgement, fewer pictures to learn from.", lower="More to learn from, a noisier judgement.",
    )  # fmt: skip
    limit: int | None = setting(
        None, "Use at most", "Takes only this many pictures, drawn evenly per class; the rest is left out.",
        unit="pictures", ge=2, le=100_000_000,
        higher="Closer to the whole set.", lower="Faster tries, and overfitting to look at.",
    )  # fmt: skip

    #: Whether nothing has to be fetched or chosen before the first run.
    READY: ClassVar[bool] = False
    #: What is learned: the class of a picture, or of every pixel.
    TASK: ClassVar[Literal["classes", "masks"]] = "classes"
    #: Pictures to learn from before validation (and an own test share) are taken away, where that is known.
    PICTURES: ClassVar[int | None] = None


class _OwnTestShare(DataSpec):
    test: float = setting(
        0.15, "Test", "Share of the pictures that training and stopping never see, for the final score.", ge=0, le=0.8,
        higher="A steadier final score.", lower="More to learn from.",
    )  # fmt: skip


class Digits(_OwnTestShare):
    TITLE = "Digits"
    MEANING = "1,797 real handwritten digits of 8 × 8 pixels, from scikit-learn."
    USE = "For a first run: nothing to download, trained in seconds."
    LEAVE = "When results should say something about larger pictures."
    PICTURES = 1_797
    READY = True

    kind: Literal["digits"] = "digits"
    image_size: int = setting(
        8, "Image size", "Height and width the pictures are brought to; they were scanned at 8.", unit="pixels",
        ge=4, le=1024, higher="Room for deeper networks; no new detail.", lower="Faster.",
    )  # fmt: skip


class Shapes(_OwnTestShare):
    TITLE = "Shapes"
    MEANING = "Circles, squares, triangles and stars, drawn by rule from the seed, in any size and number."
    USE = "To try networks on colour pictures of a chosen size and difficulty, without a download."
    LEAVE = "When real photographs are at hand."
    READY = True

    kind: Literal["shapes"] = "shapes"
    count: int = setting(
        2000, "Pictures", "How many pictures are drawn.", unit="pictures", ge=20, le=1_000_000, scale="log",
        higher="Better results, longer epochs.", lower="Overfitting shows sooner.",
    )  # fmt: skip
    noise: float = setting(
        0.15, "Noise", "Strength of the random grain on each picture.", ge=0, le=1,
        higher="Harder to tell apart.", lower="Cleaner pictures.",
    )  # fmt: skip


class Mnist(DataSpec):
    TITLE = "MNIST"
    MEANING = "70,000 handwritten digits of 28 × 28 pixels, 10,000 of them for testing."
    USE = "The classic first data set; 11 MB are fetched once."
    LEAVE = "When the task should be hard enough to tell good networks apart."
    PICTURES = 60_000

    kind: Literal["mnist"] = "mnist"
    image_size: int = setting(
        28, "Image size", "Height and width the pictures are brought to; they are 28 as they come.", unit="pixels",
        ge=4, le=1024, higher="Room for deeper networks; no new detail.", lower="Faster, but strokes blur.",
    )  # fmt: skip


class FashionMnist(DataSpec):
    TITLE = "Fashion-MNIST"
    MEANING = "70,000 pictures of clothes of 28 × 28 pixels in ten kinds, 10,000 of them for testing."
    USE = "As quick as MNIST but harder; 29 MB are fetched once."
    LEAVE = "When colour matters."
    PICTURES = 60_000

    kind: Literal["fashion_mnist"] = "fashion_mnist"
    image_size: int = setting(
        28, "Image size", "Height and width the pictures are brought to; they are 28 as they come.", unit="pixels",
        ge=4, le=1024, higher="Room for deeper networks; no new detail.", lower="Faster, but folds and seams vanish.",
    )  # fmt: skip


class Cifar10(DataSpec):
    TITLE = "CIFAR-10"
    MEANING = "60,000 colour photographs of 32 × 32 pixels in ten classes, 10,000 of them for testing."
    USE = "The common yardstick for small networks; 163 MB are fetched once."
    LEAVE = "Without a GPU and patience: an epoch of ResNet-20 takes minutes on a CPU."
    PICTURES = 50_000

    kind: Literal["cifar10"] = "cifar10"


class Cifar100(DataSpec):
    TITLE = "CIFAR-100"
    MEANING = "60,000 colour photographs of 32 × 32 pixels in a hundred classes, 10,000 of them for testing."
    USE = "When CIFAR-10 is too easy; 161 MB are fetched once."
    LEAVE = "For first tries: 500 pictures a class is little."
    PICTURES = 50_000

    kind: Literal["cifar100"] = "cifar100"


class _Folder(_OwnTestShare):
    """What folders of one's own pictures have in common."""

    path: str = setting("", "Folder", "The folder that holds the pictures.", kind="folder")
    image_size: int = setting(
        64, "Image size", "Height and width the pictures, and their masks, are brought to.", unit="pixels", ge=4, le=1024,
        higher="Finer details are seen; time and memory grow with the square.", lower="Faster, but small things vanish.",
    )  # fmt: skip
    colour: Literal["colour", "grey"] = setting(
        "colour", "Colour", "Whether pictures are read in colour (3 channels) or in grey (1 channel).",
        choices={"colour": "Colour", "grey": "Grey"},
        use="Colour, unless the pictures have none.", leave="Grey when colour would mislead, as with lighting.",
    )  # fmt: skip


class Folder(_Folder):
    TITLE = "Folder of pictures"
    MEANING = (
        "Your own pictures: one folder a class, with or without train, validation and test folders above them. "
        "PNG, JPEG, BMP, WebP, TIFF and GIF are read."
    )
    USE = "For your own task."
    LEAVE = ""

    kind: Literal["folder"] = "folder"
    path: str = setting("", "Folder", "The folder that holds one folder of pictures for each class.", kind="folder")
    fit: Literal["crop", "stretch"] = setting(
        "crop", "Fit", "How pictures that are not square become square.",
        choices={"crop": "Crop the middle", "stretch": "Stretch"},
        use="Crop keeps proportions.", leave="Stretch keeps everything that is at the edges.",
    )  # fmt: skip


class Npz(_OwnTestShare):
    TITLE = "NumPy file (NPZ)"
    MEANING = "An .npz file with the arrays x (pictures × height × width, or × channels) and y (whole-number labels)."
    USE = "For arrays made by another program."
    LEAVE = ""

    kind: Literal["npz"] = "npz"
    path: str = setting("", "File", "The .npz file with the arrays x and y.", kind="file")


class ShapeMasks(_OwnTestShare):
    TITLE = "Shapes with masks"
    MEANING = "One to three discs, squares and triangles a picture, drawn by rule from the seed, with the class of every pixel."
    USE = "To try networks that find what is where, without a download."
    LEAVE = "When pictures with masks of your own are at hand."
    READY = True
    TASK = "masks"

    kind: Literal["shape_masks"] = "shape_masks"
    image_size: int = setting(
        64, "Image size", "Height and width of the pictures; the figures' radius is an eighth to a quarter of it.",
        unit="pixels", ge=4, le=1024,
        higher="Finer edges; time and memory grow with the square.", lower="Faster, but edges are coarse.",
    )  # fmt: skip
    count: int = setting(
        1200, "Pictures", "How many pictures are drawn.", unit="pictures", ge=20, le=1_000_000, scale="log",
        higher="Better results, longer epochs.", lower="Overfitting shows sooner.",
    )  # fmt: skip
    noise: float = setting(
        8.0, "Noise", "Standard deviation of the random grain, on the scale of pixel values from 0 to 255.", ge=0, le=128,
        higher="Harder to tell apart.", lower="Cleaner pictures.",
    )  # fmt: skip


class MaskFolder(_Folder):
    TITLE = "Folder of pictures and masks"
    MEANING = (
        "Your own pictures in images and, under the same names, their masks in masks: PNG with a number, a palette colour or "
        "an RGB colour for each class. A file colours.csv beside them may name the classes."
    )
    USE = "For your own task of finding what is where."
    LEAVE = ""
    TASK = "masks"

    kind: Literal["mask_folder"] = "mask_folder"
    path: str = setting("", "Folder", "The folder that holds the folders images and masks.", kind="folder")
    fit: Literal["crop", "stretch", "pad"] = setting(
        "crop", "Fit", "How pictures, with their masks, that are not square become square.",
        choices={"crop": "Crop the middle", "stretch": "Stretch", "pad": "Keep and pad"},
        use="Crop keeps proportions. Keep and pad, with data.crop, trains on crops of pictures of unequal size, at their own scale: "
        "smaller ones are padded with their mirror image, which counts nowhere; only larger ones are made smaller.",
        leave="Stretch keeps everything that is at the edges.",
    )  # fmt: skip
    ignore: int = setting(
        255, "Ignored value", "Pixels whose mask has this number count nowhere; −1 means that every number is a class.",
        ge=-1, le=255,
        higher="Any number is as good as another: it is the one that your masks use.",
        lower="With RGB masks, colours.csv names the colour instead, as ignore.",
    )  # fmt: skip

    @property
    def ignored(self) -> int | None:
        """The number that counts nowhere; None when each is a class."""
        return None if self.ignore < 0 else self.ignore


Data = Annotated[
    Digits | Shapes | Mnist | FashionMnist | Cifar10 | Cifar100 | Folder | Npz | ShapeMasks | MaskFolder,
    pydantic.Field(discriminator="kind"),
]


def from_json(text: str | bytes, kind: str) -> Data:
    """The settings of a data set of this kind, as `model_dump_json` gives them, without the rest of a recipe.

    Raises RecipeError.
    """
    members: tuple[type[DataSpec], ...] = typing.get_args(typing.get_args(Data)[0])
    wanted = next((member for member in members if member.model_fields["kind"].default == kind), None)
    if wanted is None:
        raise RecipeError([Problem("data.kind", f"there is no kind of data set {kind!r}.")])
    try:
        return typing.cast("Data", wanted.model_validate_json(text))
    except pydantic.ValidationError as error:
        problems = [Problem(".".join(map(str, ("data", *each["loc"]))), f"{each['msg']}.") for each in error.errors()]
        raise RecipeError(problems) from None
