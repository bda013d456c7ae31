"""What can be said of a data set without reading its pictures: quick enough for the form, at each change."""

from __future__ import annotations

from typing import assert_never

from workbench.data.folder import class_folders, class_names
from workbench.data.loading import given_path, shares
from workbench.data.mask_folder import class_count
from workbench.data.npz import peek
from workbench.data.pictures import Shape
from workbench.data.shape_masks import CLASSES
from workbench.data.shapes import FIGURES
from workbench.data.splitting import check_shares
from workbench.spec import data as spec


def describe(settings: spec.Data) -> tuple[int, int, int, int] | None:
    """Height, width and channels of what a network sees, and the classes; None while it cannot be known.

    Raises DataError as `load` would.
    """
    check_shares(*shares(settings))
    known = _channels_and_classes(settings)
    if known is None:
        return None
    channels, classes = known
    return *seen(settings, (settings.image_size, settings.image_size, channels)), classes


def seen(settings: spec.Data, shape: Shape) -> Shape:
    """What the network sees of stored pictures of this shape: all, or a part of each."""
    return shape if settings.crop is None else (settings.crop, settings.crop, shape[2])


def _channels_and_classes(settings: spec.Data) -> tuple[int, int] | None:
    known: tuple[int, int] | None = None
    match settings:
        case spec.Digits() | spec.Mnist() | spec.FashionMnist():
            known = 1, 10
        case spec.Shapes():
            known = 3, len(FIGURES)
        case spec.Cifar10():
            known = 3, 10
        case spec.Cifar100():
            known = 3, 100
        case spec.Folder():
            if settings.path:
                path = given_path(settings.path)
                known = 1 if settings.colour == "grey" else 3, len(class_names(path, class_folders(path)))
        case spec.Npz():
            known = peek(given_path(settings.path)) if settings.path else None
        case spec.ShapeMasks():
            known = 3, len(CLASSES)
        case spec.MaskFolder():
            # Without a table the classes are only known when every mask has been looked at.
            classes = class_count(given_path(settings.path), settings.ignored) if settings.path else None
            known = None if classes is None else (1 if settings.colour == "grey" else 3, classes)
        case _:
            assert_never(settings)
    return known
