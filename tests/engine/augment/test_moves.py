"""A marked pixel is followed through every move, in the picture and in its mask, against a plain loop."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from keras import ops

from tests.engine.augment.plain import landed, moved, sampled
from workbench.engine.augment.moves import Move, Moves, still
from workbench.spec.tricks import Augmentation

pytestmark = pytest.mark.keras

SIZE = (9, 7)
OFF: dict[str, Any] = {"on": True, "flip": False, "shift": 0}
MANY = 36_000


def moves(size: tuple[int, int] = SIZE, crop: int | None = None, **augmentation: Any) -> Moves:
    return Moves(Augmentation(**(OFF | augmentation)), size, crop)


def pictures(count: int, size: tuple[int, int] = SIZE) -> np.ndarray:
    return np.random.default_rng(0).integers(1, 256, (count, *size, 3), dtype=np.uint8)


def applied(used: Moves, given_pictures: np.ndarray, move: Move) -> np.ndarray:
    draws = ops.convert_to_tensor(used.maps(move).astype(np.float32))
    return np.asarray(ops.convert_to_numpy(used.apply(ops.convert_to_tensor(given_pictures), draws)))


def applied_to_masks(used: Moves, masks: np.ndarray, move: Move, outside: int) -> np.ndarray:
    draws = ops.convert_to_tensor(used.maps(move).astype(np.float32))
    return np.asarray(ops.convert_to_numpy(used.apply_to_masks(ops.convert_to_tensor(masks), draws, outside)))


def far_enough(share: float, wanted: float, count: int) -> bool:
    """Whether a share of `count` draws is farther than 3 σ from what is wanted."""
    return abs(share - wanted) > 3 * math.sqrt(wanted * (1 - wanted) / count)


# --- what is drawn ----------------------------------------------------------------------------------


def test_flip_and_shift_have_all_their_outcomes_equally_often() -> None:
    move = moves(flip=True, shift=1).drawn(1, 1, MANY, 0)
    found, counts = np.unique(np.stack([move.side_x, move.down, move.right], 1), axis=0, return_counts=True)

    assert len(found) == 2 * 3 * 3
    # 2000 each; five standard deviations are 217
    assert np.abs(counts - 2000).max() < 217


def test_a_padded_picture_is_cut_anywhere_within_itself_and_in_its_middle_if_it_is_small() -> None:
    margins = np.repeat([[0.0, 5.0], [2.0, 0.0], [9.0, 7.0]], 3000, axis=0)
    move = moves((20, 20), crop=8).drawn(1, 1, 9000, 0, margins)
    corners = [set(zip(each[0].tolist(), each[1].tolist(), strict=True)) for each in zip(
        np.split(move.top, 3), np.split(move.left, 3), strict=True
    )]  # fmt: skip
    assert corners[0] == {(top, left) for top in range(13) for left in range(5, 8)}
    assert corners[1] == {(top, left) for top in range(2, 11) for left in range(13)}
    assert corners[2] == {(6, 6)}


@pytest.mark.parametrize(
    ("settings_of_it", "happened", "wanted"),
    [
        ({"flip": True, "flip_probability": 0.3}, lambda move: move.side_x < 0, 0.3),
        ({"flip_vertical": 0.2}, lambda move: move.side_y < 0, 0.2),
        ({"rotation": 30.0, "rotation_probability": 0.4}, lambda move: move.angle != 0, 0.4),
        ({"zoom": 0.5, "zoom_probability": 0.6}, lambda move: move.scale != 1, 0.6),
        # One of 5 × 5 shifts is none.
        ({"shift": 2, "shift_probability": 0.5}, lambda move: (move.down != 0) | (move.right != 0), 0.5 * 24 / 25),
    ],
    ids=["flip", "flip_vertical", "rotation", "zoom", "shift"],
)  # fmt: skip
def test_each_move_happens_with_its_probability(settings_of_it: dict[str, Any], happened: Any, wanted: float) -> None:
    share = happened(moves(**settings_of_it).drawn(1, 1, MANY, 0)).mean()

    assert not far_enough(share, wanted, MANY), share


def test_strengths_stay_within_their_bounds_and_reach_them() -> None:
    used = moves((40, 30), crop=24, rotation=30.0, zoom=0.5, shift=3, flip_vertical=0.5)
    move = used.drawn(1, 1, MANY, 0)

    assert np.degrees(np.abs(move.angle)).max() == pytest.approx(30, abs=0.01)
    assert move.scale.min() == pytest.approx(1 / 1.5, abs=1e-3)
    assert move.scale.max() == pytest.approx(1.5, abs=1e-3)
    # As often larger as smaller, and by as much.
    assert abs(np.log(move.scale).mean()) < 3 * math.log(1.5) / math.sqrt(3 * MANY)
    assert set(move.down) == set(move.right) == set(range(-3, 4))
    assert set(move.top) == set(range(17))
    assert set(move.left) == set(range(7))


def test_turning_one_move_on_or_off_does_not_disturb_the_others() -> None:
    alone = moves(shift=2).drawn(1, 1, 100, 0)
    among = moves(shift=2, flip=True, rotation=20.0, zoom=0.2, crop=5).drawn(1, 1, 100, 0)

    assert np.array_equal(alone.down, among.down)
    assert np.array_equal(alone.right, among.right)


@pytest.mark.parametrize(
    "nothing",
    [{}, {"flip": True, "flip_probability": 0.0}, {"shift": 3, "shift_probability": 0.0}, {"rotation": 9.0, "rotation_probability": 0.0},
     {"zoom": 1.0, "zoom_probability": 0.0}, {"on": False, "flip": True, "shift": 2}, {"crop": None}],
)  # fmt: skip
def test_what_is_off_is_off(nothing: dict[str, Any]) -> None:
    assert not moves(**nothing).on


def test_only_rotation_and_zoom_need_the_longer_map() -> None:
    assert moves(flip=True, flip_vertical=0.5, shift=2, crop=5).columns == 4
    assert moves(zoom=0.1).columns == moves(rotation=1.0).columns == 6


# --- whole-number moves: exact ----------------------------------------------------------------------


@st.composite
def whole_moves(draw: st.DrawFn) -> Move:
    sides = st.sampled_from([-1.0, 1.0])
    numbers = {
        "top": st.integers(0, 4), "left": st.integers(0, 2), "side_y": sides, "side_x": sides,
        "down": st.integers(-10, 10), "right": st.integers(-10, 10),
    }  # fmt: skip
    return replace(still(2), **{name: np.array([draw(kind), draw(kind)], float) for name, kind in numbers.items()})


EXACT = {
    "whole numbers": moves(crop=5, flip=True, shift=2),
    # The blending path must be exact too where nothing lies between pixels.
    "between pixels": moves(crop=5, flip=True, shift=2, rotation=10.0, rotation_probability=0.1),
}


@pytest.mark.parametrize("path", EXACT)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.differing_executors])
@given(move=whole_moves())
def test_whole_number_moves_copy_pixels_and_labels_exactly(path: str, move: Move) -> None:
    before = pictures(2)
    masks = before[..., 0].astype(np.int32)

    found = applied(EXACT[path], before, move)

    assert found.dtype == (np.uint8 if path == "whole numbers" else np.float32)
    assert np.array_equal(found, moved(before, move, (5, 5)))
    assert np.array_equal(applied_to_masks(EXACT[path], masks, move, 255), moved(masks, move, (5, 5), 255))


def test_the_mirrored_edge_is_numpys_reflect_for_pictures_and_masks() -> None:
    used = moves(shift=5, edge="mirror")
    before = pictures(1)
    padded = np.pad(before, [(0, 0), (5, 5), (5, 5), (0, 0)], mode="reflect")
    for down, right in ((5, -5), (-5, 5), (2, 3), (0, 0)):
        move = replace(still(1), down=np.array([down]), right=np.array([right]))
        expected = padded[:, 5 - down : 14 - down, 5 - right : 12 - right]
        assert np.array_equal(applied(used, before, move), expected)
        assert np.array_equal(applied_to_masks(used, before[..., 1], move, 255), expected[..., 1])


# --- rotation and zoom ------------------------------------------------------------------------------


def random_moves(count: int) -> Move:
    random = np.random.default_rng(5)
    return Move(
        random.integers(0, 9, count).astype(float), random.integers(0, 7, count).astype(float),
        random.choice([-1.0, 1.0], count), random.choice([-1.0, 1.0], count),
        random.uniform(-math.pi, math.pi, count), np.exp(random.uniform(-0.5, 0.5, count)),
        random.integers(-3, 4, count).astype(float), random.integers(-3, 4, count).astype(float),
    )  # fmt: skip


def test_a_marked_spot_and_its_label_land_where_the_geometry_says() -> None:
    size, seen, count = (41, 39), (33, 33), 60
    used = moves(size, crop=33, rotation=180.0, zoom=1.0, shift=3)
    move = random_moves(count)
    random = np.random.default_rng(2)
    spots = np.stack([random.integers(14, 28, count), random.integers(13, 26, count)], 1)
    before, masks = np.zeros((count, *size, 1), np.uint8), np.zeros((count, *size), np.int32)
    for at, (row, column) in enumerate(spots):
        before[at, row - 1 : row + 2, column - 1 : column + 2] = 200
        masks[at, row - 1 : row + 2, column - 1 : column + 2] = 3

    found = applied(used, before, move)[..., 0]
    labels = applied_to_masks(used, masks, move, 255)

    rows, columns = np.mgrid[: seen[0], : seen[1]]
    followed = 0
    for at, spot in enumerate(spots):
        row, column = landed(tuple(spot), move, at, seen)
        if not (4 < row < 28 and 4 < column < 28):
            continue  # a part of it may be outside
        followed += 1
        bright, labelled = found[at], labels[at] == 3
        assert (bright * rows).sum() / bright.sum() == pytest.approx(row, abs=0.3)
        assert (bright * columns).sum() / bright.sum() == pytest.approx(column, abs=0.3)
        assert (labelled * rows).sum() / labelled.sum() == pytest.approx(row, abs=0.6)
        assert (labelled * columns).sum() / labelled.sum() == pytest.approx(column, abs=0.6)
    assert followed >= 20


@pytest.mark.parametrize("edge", ["black", "mirror"])
def test_pixels_between_are_bilinear(edge: str) -> None:
    used = moves(rotation=180.0, zoom=1.0, edge=edge)
    before = pictures(8)
    random = random_moves(8)
    move = replace(still(8), angle=random.angle, scale=random.scale, side_x=random.side_x, down=random.down)

    found = applied(used, before, move)

    assert found.dtype == np.float32
    for at in range(len(before)):
        cos, sin = math.cos(move.angle[at]) / move.scale[at], math.sin(move.angle[at]) / move.scale[at]
        for row, column in np.ndindex(SIZE):
            down, right = row - 4 - move.down[at], column - 3
            source = 4 + cos * down - sin * right, 3 + move.side_x[at] * (sin * down + cos * right)
            expected = sampled(before[at], *source, mirror=edge == "mirror")
            assert np.allclose(found[at, row, column], expected, atol=0.01), (at, row, column)


def test_a_quarter_turn_is_numpys() -> None:
    before = pictures(1, (9, 9))
    move = replace(still(1), angle=np.array([math.pi / 2]))

    found = applied(moves((9, 9), rotation=90.0), before, move)

    assert np.allclose(found[0], np.rot90(before[0], -1), atol=0.01)


# --- crops ------------------------------------------------------------------------------------------


def test_validation_sees_the_middle() -> None:
    used = moves(crop=5)
    before = pictures(2)

    assert np.array_equal(used.centre(before), before[:, 2:7, 1:6])
    assert moves(flip=True).centre(before) is before


def test_an_empty_batch_stays_empty() -> None:
    for used in EXACT.values():
        assert applied(used, pictures(0), still(0)).shape == (0, 5, 5, 3)
