from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from workbench.data import DataSet
from workbench.data.shape_masks import CLASSES, CONTRAST, DrawnMasks
from workbench.data.store import RESIDENT_VARIABLE
from workbench.spec.data import ShapeMasks, Shapes

Read = Callable[..., DataSet]


def drawn(count: int, seed: int = 1, *, size: int = 64, noise: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    source = DrawnMasks(ShapeMasks(count=count, image_size=size, noise=noise), seed)
    both = np.zeros((count, size, size, 4), np.uint8)
    for piece in source.read(np.arange(count)):
        both[piece.places] = piece.pixels
    return both[..., :3], both[..., 3]


def test_the_same_seed_draws_the_same_pictures_and_masks_and_another_seed_others() -> None:
    one, same, other = drawn(20), drawn(20), drawn(20, seed=2)
    assert all(np.array_equal(a, b) for a, b in zip(one, same, strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_a_larger_set_begins_with_the_smaller_one() -> None:
    assert all(np.array_equal(many[:30], few) for many, few in zip(drawn(150), drawn(30), strict=True))


def test_the_mask_of_a_set_without_noise_is_where_its_colours_are() -> None:
    pixels, masks = drawn(64, size=32)
    for picture, mask in zip(pixels.astype(int), masks, strict=True):
        colours, counts = np.unique(picture.reshape(-1, 3), axis=0, return_counts=True)
        ground = colours[counts.argmax()]
        differs = np.abs(picture - ground).max(axis=2)
        # A pixel at an edge is mixed; else it has the ground's colour where the mask says background.
        assert (differs[mask > 0] >= CONTRAST / 2 - 1).all()
        assert (differs[mask == 0] == 0).mean() > 0.9


@pytest.mark.parametrize("size", [32, 64])
def test_figures_have_the_area_of_a_radius_of_an_eighth_to_a_quarter(size: int) -> None:
    _, masks = drawn(300, size=size)
    # Square and triangle reach their radius at the corners only.
    share = {"disc": np.pi, "square": 2.0, "triangle": 3 * np.sqrt(3) / 4}
    for name, factor in share.items():
        number = CLASSES.index(name)
        alone = [mask for mask in masks if set(np.unique(mask)) == {0, number}]
        areas = np.array([(mask == number).sum() for mask in alone])
        # Of several figures of one class only the smallest areas are of a single one, and no single one is smaller.
        assert areas.min() == pytest.approx(factor * (size / 8) ** 2, rel=0.2)
        assert np.median(areas) > factor * (size / 6) ** 2


def test_every_picture_has_one_to_three_figures_and_every_class_comes_as_often() -> None:
    _, masks = drawn(600, size=16)
    kinds = [len(np.unique(mask)) - 1 for mask in masks]
    assert set(kinds) == {1, 2, 3}
    shares = [np.mean([(mask == number).any() for mask in masks]) for number in (1, 2, 3)]
    # With 1, 2 or 3 figures of three kinds: 1 − mean of (2/3)ⁿ.
    assert shares == pytest.approx([1 - (2 / 3 + 4 / 9 + 8 / 27) / 3] * 3, abs=0.06)


def test_noise_has_the_standard_deviation_that_was_asked_for() -> None:
    clean, grainy = drawn(64)[0].astype(int), drawn(64, noise=8.0)[0].astype(int)
    middle = (clean > 40) & (clean < 215)
    assert np.std((grainy - clean)[middle]) == pytest.approx(8, rel=0.03)


def test_a_set_with_masks_has_them_as_labels_and_says_so(read: Read) -> None:
    found = read(ShapeMasks(count=60, image_size=16, validation=0.2, test=0.1))
    assert (found.task, found.ignore, found.classes, found.shape) == ("masks", None, CLASSES, (16, 16, 3))
    assert [part.labels.shape for part in (found.training, found.validation, found.test)] == [
        (42, 16, 16), (12, 16, 16), (6, 16, 16),
    ]  # fmt: skip
    assert found.training.labels.dtype == np.uint8
    assert found.training.pictures.shape == (42, 16, 16, 3)
    assert read(Shapes(count=60, image_size=16)).task == "classes"


def test_the_promised_set_has_1000_and_200_pictures(read: Read) -> None:
    found = read(ShapeMasks(image_size=8, validation=1 / 6, test=0), 0)
    assert (len(found.training), len(found.validation), len(found.test)) == (1000, 200, 0)


def test_each_picture_keeps_its_own_mask(read: Read) -> None:
    found = read(ShapeMasks(count=80, image_size=32, noise=0.0))
    pixels, masks = drawn(80, size=32)
    places = {picture.tobytes(): mask for picture, mask in zip(pixels, masks, strict=True)}
    for part in (found.training, found.validation, found.test):
        for picture, mask in zip(part.pictures.array(), part.labels, strict=True):
            assert np.array_equal(places[picture.tobytes()], mask)


def test_statistics_are_of_the_training_pictures_alone_and_not_of_masks(read: Read) -> None:
    found = read(ShapeMasks(count=50, image_size=16))
    pixels = found.training.pictures.array().reshape(-1, 3).astype(np.float64)
    assert found.mean.shape == (3,)
    assert np.allclose(found.mean, pixels.mean(axis=0), rtol=1e-6)
    assert np.allclose(found.spread, pixels.std(axis=0), rtol=1e-5)


def test_a_set_on_disk_gives_the_same_pictures_and_masks(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = ShapeMasks(count=40, image_size=12)
    memory = read(settings)
    monkeypatch.setenv(RESIDENT_VARIABLE, "0")
    disk = read(settings)
    assert not disk.training.pictures.resident
    assert disk.training.pictures.shape == memory.training.pictures.shape
    assert np.array_equal(disk.training.pictures.take(np.arange(28)), memory.training.pictures.array())
    assert np.array_equal(disk.training.labels, memory.training.labels)
    assert np.array_equal(disk.test.labels, memory.test.labels)
    assert (disk.fingerprint, disk.mean.tolist()) == (memory.fingerprint, memory.mean.tolist())
    with pytest.raises(TypeError, match="not in memory"):
        disk.training.pictures.array()


def test_the_fingerprint_feels_one_pixel_of_one_mask(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = ShapeMasks(count=40, image_size=12)
    before = read(settings).fingerprint
    drawing = DrawnMasks._draw

    def changed(self: DrawnMasks, block: int) -> tuple[np.ndarray, np.ndarray]:
        pixels, masks = drawing(self, block)
        masks[3, 2, 1] ^= 1
        return pixels, masks

    monkeypatch.setattr(DrawnMasks, "_draw", changed)
    assert read(settings).fingerprint != before


def test_the_split_is_the_seed_s_and_no_picture_is_in_two_parts(read: Read) -> None:
    settings = ShapeMasks(count=60, image_size=16, limit=50)
    one, other = read(settings, 1), read(settings, 2)
    assert one.fingerprint == read(settings, 1).fingerprint != other.fingerprint
    everything = np.concatenate([part.pictures.array() for part in (one.training, one.validation, one.test)])
    assert len(np.unique(everything.reshape(50, -1), axis=0)) == 50
