from __future__ import annotations

import numpy as np
from PIL import Image

from workbench.data.sizing import resize, resize_all


def test_pictures_of_the_right_size_are_not_touched() -> None:
    pixels = np.zeros((3, 8, 8, 3), np.uint8)
    assert resize_all(pixels, 8) is pixels


def test_grey_and_colour_arrays_are_brought_to_size() -> None:
    for channels in (1, 3):
        pixels = np.full((3, 10, 20, channels), 77, np.uint8)
        found = resize_all(pixels, 6)
        assert found.shape == (3, 6, 6, channels)
        assert (found == 77).all()


def test_what_is_cut_off_leaves_no_trace_at_the_edge() -> None:
    picture = np.zeros((1, 8, 24, 1), np.uint8)
    picture[:, :, 8:16] = 200
    assert (resize_all(picture, 4) == 200).all()


def test_an_extreme_strip_is_a_picture_too() -> None:
    assert resize(Image.new("L", (1, 5000), 9), 16).size == (16, 16)


def test_around_a_padded_picture_stands_its_mirror_image() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (2, 5, 3), np.uint8)
    found = np.asarray(resize(Image.fromarray(pixels), 9, "pad"))
    assert np.array_equal(found[3:5, 2:7], pixels)
    assert np.array_equal(found[3:5, 0:2], pixels[:, 1::-1])
    assert np.array_equal(found[1:3, 2:7], pixels[::-1])
