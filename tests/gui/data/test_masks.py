"""Classes of masks are told apart by colour and by texture, and a legend says which is which."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from workbench.gui.data.mask_legend import IGNORED, MaskLegend, palette, swatch
from workbench.gui.data.masks import covered
from workbench.gui.theme import Theme

pytestmark = pytest.mark.window
CLASSES = ("ground", "<b>cat", "dog", "owl", "fox", "hen", "cow")


def cover(number: int, colours: np.ndarray, side: int = 16) -> np.ndarray:
    picture = np.full((side, side, 1), 128, np.uint8)
    return covered(picture, np.full((side, side), number, np.uint8), colours)


def test_nothing_lies_over_the_first_class_and_thirty_others_look_different(theme: Theme) -> None:
    looks = [cover(number, palette(theme)) for number in range(31)]
    assert (looks[0] == 128).all()
    assert all(not np.array_equal(one, other) for one, other in itertools.combinations(looks, 2))


def test_neighbouring_classes_are_told_apart_without_colour(theme: Theme) -> None:
    """With one colour for all, classes still differ, also on a larger picture."""
    colours = np.full((256, 4), 255, np.uint8)
    for side in (16, 256):
        looks = [cover(number, colours, side) for number in range(1, 6)]
        assert all(not np.array_equal(one, other) for one, other in itertools.combinations(looks, 2))


def test_a_picture_and_its_mask_meet_pixel_by_pixel(theme: Theme) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (8, 12, 3), np.uint8)
    mask = np.zeros((8, 12), np.uint8)
    mask[2, 5] = 3
    changed = (covered(picture, mask, palette(theme)) != picture).any(axis=-1)
    assert np.argwhere(changed).tolist() == [[2, 5]]


def test_the_legend_names_every_class_and_counts_those_without_room(qtbot: QtBot, theme: Theme) -> None:
    legend = MaskLegend(theme)
    qtbot.addWidget(legend)
    legend.show_classes(CLASSES, ignores=True)
    told = ["ground (nothing lies over it)", *CLASSES[1:], "Not counted"]
    assert legend.accessibleDescription().split("; ") == told
    assert legend._samples[2].toImage() == swatch(theme, 2, theme.px(14)).toImage()
    assert legend._samples[-1].toImage() == swatch(theme, IGNORED, theme.px(14)).toImage()
    wide, narrow = legend.fitting(2000), legend.fitting(200)
    assert wide == len(CLASSES) + 1
    assert 0 < narrow < wide
