"""Everything together: which columns belong to what, in which order changes are made, and that off is off."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras import ops

from tests.engine.mask_data import mask_set
from workbench.data.pictures import Part
from workbench.engine.augment import Augmenter
from workbench.engine.augment.augmenter import margins
from workbench.engine.augment.colours import Colours
from workbench.engine.augment.erasing import Erasing
from workbench.engine.augment.moves import Moves
from workbench.spec.recipe import Recipe, parse

pytestmark = pytest.mark.keras

SHAPE = (20, 20, 3)
EVERYTHING: dict[str, Any] = {
    "flip_vertical": 0.5, "rotation": 20.0, "zoom": 0.2, "brightness": 0.2, "contrast": 0.3, "noise": 5.0, "noise_probability": 0.5, "erasing": 0.5,
}  # fmt: skip


def recipe(crop: int | None = None, mix: tuple[str, ...] = (), **augmentation: Any) -> Recipe:
    tricks: dict[str, Any] = {"augmentation": augmentation} if augmentation else {}
    data = {"kind": "shapes", "image_size": 20} | ({"crop": crop} if crop else {})
    return parse({"data": data, "tricks": tricks | {name: {} for name in mix}})


@functools.cache
def everything() -> Augmenter:
    return Augmenter(recipe(crop=16, mix=("mixup", "cutmix"), **EVERYTHING), SHAPE)


def pictures(count: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, *SHAPE), dtype=np.uint8)


def array(tensor: Any) -> np.ndarray:
    return np.asarray(ops.convert_to_numpy(tensor))


def test_nothing_on_draws_nothing() -> None:
    for off in (recipe(), recipe(on=False, shift=4, erasing=1.0), recipe(flip=False, shift=0)):
        augmenter = Augmenter(off, SHAPE)
        assert not augmenter.on
        assert augmenter.columns == 0
        assert augmenter.draws(1, 1, 5).shape == (5, 0)


def test_old_presets_flip_and_shift_as_they_did() -> None:
    augmenter = Augmenter(recipe(flip=True, shift=2), SHAPE)

    assert augmenter.on
    assert not augmenter.mixes
    assert augmenter.columns == 4


def test_only_what_is_on_has_columns() -> None:
    assert Augmenter(recipe(flip=False, shift=0, erasing=0.5, erasing_fill="mean"), SHAPE).columns == 4
    assert Augmenter(recipe(mix=("mixup",)), SHAPE).columns == 2
    assert Augmenter(recipe(crop=16), SHAPE).columns == 4


@given(first=st.integers(0, 80), count=st.integers(0, 20))
def test_any_stretch_of_an_epoch_can_be_drawn_alone(first: int, count: int) -> None:
    whole = everything().draws(1, 3, 100)

    assert whole.dtype == np.float32
    assert np.array_equal(everything().draws(1, 3, count, first), whole[first : first + count])


def test_every_epoch_and_every_seed_draws_anew() -> None:
    drawn = [everything().draws(*key, 100) for key in ((1, 1), (1, 2), (2, 1))]

    assert np.array_equal(drawn[0], everything().draws(1, 1, 100))
    for one, other in ((0, 1), (0, 2), (1, 2)):
        # No column is the same as in another epoch or under another seed.
        assert (drawn[one] != drawn[other]).any(axis=0).all()


def test_pictures_are_moved_then_coloured_then_erased_each_by_its_own_columns() -> None:
    spec = recipe(**EVERYTHING).tricks.augmentation
    parts = [Moves(spec, (20, 20), 16), Colours(spec, (16, 16, 3), 1), Erasing(spec, (16, 16, 3), 1, np.zeros(3))]
    before = pictures(9)
    expected: Any = ops.convert_to_tensor(before)
    for part in parts:
        expected = part.apply(expected, ops.convert_to_tensor(part.draws(1, 2, 9, 0).astype(np.float32)))

    found = everything().apply(ops.convert_to_tensor(before), ops.convert_to_tensor(everything().draws(1, 2, 9)))

    assert everything().shape == tuple(found.shape[1:]) == (16, 16, 3)
    assert np.array_equal(array(found), array(expected))


def test_masks_go_with_the_pictures_and_know_nothing_of_colours_and_erasing() -> None:
    augmenter = Augmenter(recipe(crop=16, flip=True, shift=6, erasing=1.0, brightness=0.9), SHAPE, outside=255)
    plain = Augmenter(recipe(crop=16, flip=True, shift=6), SHAPE)
    before = pictures(9) // 2
    masks = before[..., 0].astype(np.int32)

    _, moved = augmenter.apply(
        ops.convert_to_tensor(before),
        ops.convert_to_tensor(augmenter.draws(1, 1, 9)),
        ops.convert_to_tensor(masks),
    )

    expected = array(plain.apply(ops.convert_to_tensor(before + 1), ops.convert_to_tensor(plain.draws(1, 1, 9))))[
        ..., 0
    ]
    assert (array(moved) == 255).any()
    assert np.array_equal(array(moved), np.where(expected == 0, 255, expected.astype(int) - 1))


def test_masks_stay_where_pictures_stay() -> None:
    augmenter = Augmenter(recipe(flip=False, shift=0, erasing=1.0), SHAPE)
    masks = ops.convert_to_tensor(np.arange(800).reshape(2, 20, 20))
    draws = ops.convert_to_tensor(augmenter.draws(1, 1, 2))

    assert augmenter.apply(ops.convert_to_tensor(pictures(2)), draws, masks)[1] is masks


def test_erasing_fills_with_the_training_mean_or_mid_grey_where_pixels_are_only_divided() -> None:
    wanted = {"erasing": 1.0, "erasing_fill": "mean", "flip": False, "shift": 0}
    standard, unit = recipe(**wanted), parse({"data": {"scaling": "unit"}, "tricks": {"augmentation": wanted}})
    for wanted_recipe, colour in ((standard, {(10, 20, 30)}), (unit, {(128, 128, 128)})):
        augmenter = Augmenter(wanted_recipe, SHAPE, [10, 20, 30])
        black = np.zeros((4, *SHAPE), np.uint8)
        found = array(augmenter.apply(ops.convert_to_tensor(black), ops.convert_to_tensor(augmenter.draws(1, 1, 4))))
        assert set(map(tuple, found.reshape(-1, 3).tolist())) == {(0, 0, 0)} | colour


def test_mixing_sees_its_own_columns_among_the_others() -> None:
    alone = Augmenter(recipe(mix=("mixup", "cutmix")), SHAPE)
    tensors = ops.convert_to_tensor(pictures(8)), ops.convert_to_tensor(alone.draws(1, 1, 8))
    among = Augmenter(recipe(mix=("mixup", "cutmix"), flip=True, erasing=0.5), SHAPE)

    assert among.mixes
    found = among.mix(tensors[0], ops.convert_to_tensor(among.draws(1, 1, 8)))
    for one, other in zip(alone.mix(*tensors), found, strict=True):
        assert np.array_equal(array(one), array(other))


def test_validation_sees_the_middle_of_what_training_crops() -> None:
    before = pictures(2)

    assert np.array_equal(everything().centre(before), before[:, 2:18, 2:18])


def test_margins_are_what_no_side_counts_in() -> None:
    masks = np.full((3, 6, 8), 9)
    masks[0, 1:5, 3:7] = 0
    masks[1, 5, 7] = 0
    assert margins(masks, 9).tolist() == [[1, 1], [0, 0], [0, 0]]


def test_training_on_padded_pictures_sees_crops_of_the_pictures_themselves() -> None:
    data = mask_set(40)
    masks = np.full_like(data.training.labels, data.ignore)
    masks[:, :, 1:8] = 0
    data = replace(data, training=Part(data.training.pictures, masks))
    folder = {"kind": "mask_folder", "path": "x", "fit": "pad", "crop": 6, "image_size": 9}
    augmenter = Augmenter.of(parse({"data": folder, "model": {"kind": "unet", "depth": 1}}), data)
    order = np.arange(40)[::-1]
    drawn = ops.convert_to_tensor(augmenter.draws(1, 1, 40, pictures=order))
    shown = ops.convert_to_tensor(data.training.pictures.take(order))

    _, seen = augmenter.apply(shown, drawn, ops.convert_to_tensor(masks[order]))
    assert array(seen).shape == (40, 6, 6)
    assert (array(seen) == 0).all()
