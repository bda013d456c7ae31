from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from workbench.data import DataSet
from workbench.data.shapes import Drawn
from workbench.spec.data import Shapes


def drawn(count: int, seed: int = 1, *, size: int = 24, noise: float = 0.0) -> np.ndarray:
    source = Drawn(Shapes(count=count, image_size=size, noise=noise), seed)
    pixels = np.zeros((count, size, size, 3), np.uint8)
    for piece in source.read(np.arange(count)):
        pixels[piece.places] = piece.pixels
    return pixels


def test_the_same_seed_draws_the_same_pictures_and_another_seed_others() -> None:
    assert np.array_equal(drawn(40), drawn(40))
    assert not np.array_equal(drawn(40), drawn(40, seed=2))


def test_a_larger_set_begins_with_the_smaller_one() -> None:
    assert np.array_equal(drawn(300)[:30], drawn(30))


def test_single_pictures_are_the_same_as_in_the_whole_set() -> None:
    rows = np.array([299, 3, 280])
    found = {}
    for piece in Drawn(Shapes(count=300, image_size=24, noise=0.0), 1).read(rows):
        found.update(zip(piece.places.tolist(), piece.pixels, strict=True))
    for place, row in enumerate(rows):
        assert np.array_equal(found[place], drawn(300)[row])


@pytest.mark.parametrize(("number", "name"), [(0, "circle"), (1, "square"), (2, "star"), (3, "triangle")])
def test_figures_fill_their_surroundings_as_geometry_says(number: int, name: str) -> None:
    source = Drawn(Shapes(count=400, image_size=64, noise=0.0), 5)
    assert source.listing.classes[number] == name
    rows = np.arange(number, 400, 4)
    shares = []
    for piece in source.read(rows):
        for picture in piece.pixels.astype(int):
            inside = np.abs(picture - picture[0, 0]).sum(axis=2) > 60
            down, across = np.nonzero(inside)
            radius = np.hypot(down - down.mean(), across - across.mean()).max()
            shares.append(inside.sum() / (np.pi * radius**2))
    # The area of each figure as a share of the circle around it.
    expected = {
        "circle": 1,
        "square": 2 / np.pi,
        "star": 0.42 * 5 * np.sin(np.pi / 5) / np.pi,
        "triangle": 3 * np.sqrt(3) / 4 / np.pi,
    }
    assert np.median(shares) == pytest.approx(expected[name], abs=0.06)


def test_noise_is_as_strong_as_asked_for() -> None:
    clean, grainy = drawn(64).astype(int), drawn(64, noise=0.2).astype(int)
    middle = (clean > 80) & (clean < 175)
    assert np.std((grainy - clean)[middle]) == pytest.approx(0.2 * 90, rel=0.1)


def test_shapes_come_in_even_numbers_at_the_size_of_the_recipe(read: Callable[..., DataSet]) -> None:
    found = read(Shapes(count=200, image_size=17))
    assert found.shape == (17, 17, 3)
    assert np.bincount(found.training.labels).tolist() == [34, 34, 34, 34]
