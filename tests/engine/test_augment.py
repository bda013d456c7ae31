import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from workbench.engine.augment import drawing as augment
from workbench.engine.augment import moving
from workbench.spec.recipe import Recipe, parse

pytestmark = pytest.mark.keras


def recipe(**augmentation: object) -> Recipe:
    return parse({"tricks": {"augmentation": augmentation}})


def test_a_draw_is_a_mirror_and_two_shifts() -> None:
    found = augment.draws(recipe(flip=True, shift=3), 1, 1, 5000)

    assert found.shape == (5000, augment.COLUMNS)
    assert found.dtype == np.int32
    flips, down, right = found.T
    assert set(flips) == {0, 1}
    assert set(down) == set(right) == set(range(-3, 4))


def test_each_outcome_is_as_likely_and_they_do_not_depend_on_each_other() -> None:
    found = augment.draws(recipe(flip=True, shift=1), 1, 1, 36_000)
    _, counts = np.unique(found, axis=0, return_counts=True)

    # 2 · 3 · 3 outcomes, 2000 each; five standard deviations are 217
    assert len(counts) == 18
    assert np.abs(counts - 2000).max() < 217


def test_what_is_off_is_not_drawn() -> None:
    assert (augment.draws(recipe(flip=False, shift=0), 1, 1, 100) == 0).all()


def test_turning_the_flip_off_does_not_disturb_the_shifts() -> None:
    with_flip = augment.draws(recipe(flip=True, shift=2), 1, 1, 100)
    without = augment.draws(recipe(flip=False, shift=2), 1, 1, 100)

    assert (with_flip[:, 1:] == without[:, 1:]).all()


def test_every_epoch_and_every_seed_draws_anew() -> None:
    wanted = recipe()
    one = augment.draws(wanted, 1, 1, 100)

    assert (one == augment.draws(wanted, 1, 1, 100)).all()
    assert not (one == augment.draws(wanted, 1, 2, 100)).all()
    assert not (one == augment.draws(wanted, 2, 1, 100)).all()


@given(first=st.integers(0, 80), count=st.integers(0, 20))
def test_any_stretch_of_an_epoch_can_be_drawn_alone(first: int, count: int) -> None:
    whole = augment.draws(recipe(), 1, 3, 100)

    assert np.array_equal(augment.draws(recipe(), 1, 3, count, first), whole[first : first + count])


@pytest.mark.parametrize(
    ("draw", "expected"),
    [
        ((0, 0, 0), [[1, 2, 3], [4, 5, 6]]),
        ((1, 0, 0), [[3, 2, 1], [6, 5, 4]]),
        ((0, 1, 0), [[0, 0, 0], [1, 2, 3]]),
        ((0, -1, 0), [[4, 5, 6], [0, 0, 0]]),
        ((0, 0, 1), [[0, 1, 2], [0, 4, 5]]),
        ((0, 0, -2), [[3, 0, 0], [6, 0, 0]]),
        ((1, 1, 1), [[0, 0, 0], [0, 3, 2]]),
        ((0, 0, 3), [[0, 0, 0], [0, 0, 0]]),
        ((1, -7, 9), [[0, 0, 0], [0, 0, 0]]),
    ],
)
def test_a_picture_is_mirrored_and_then_moved_with_zeros_at_the_edge(
    draw: tuple[int, int, int], expected: list[list[int]]
) -> None:
    picture = tf.constant([[[1], [2], [3]], [[4], [5], [6]]], tf.uint8)[None]

    found = moving.apply(picture, tf.constant([draw]))

    assert found.dtype == tf.uint8
    assert found.numpy()[0, :, :, 0].tolist() == expected


def test_an_empty_batch_stays_empty() -> None:
    assert moving.apply(tf.zeros((0, 4, 5, 3), tf.uint8), tf.zeros((0, 3), tf.int32)).shape == (0, 4, 5, 3)
