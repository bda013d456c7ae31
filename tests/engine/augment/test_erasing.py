import math
from typing import Any

import numpy as np
import pytest
from keras import ops

from tests.engine.augment.plain import erased
from workbench.engine.augment.erasing import Erasing
from workbench.spec.tricks import Augmentation

pytestmark = pytest.mark.keras

SHAPE = (32, 32, 3)
MANY = 20_000
MEAN = np.array([10.2, 20.6, 30.0])


def erasing(shape: tuple[int, int, int] = SHAPE, **augmentation: Any) -> Erasing:
    return Erasing(Augmentation(**({"on": True, "erasing": 0.5} | augmentation)), shape, 1, MEAN)


def algorithm_1(count: int, spec: Augmentation, height: int, width: int) -> np.ndarray:
    """The paper's algorithm as it stands, until a rectangle fits."""
    random = np.random.default_rng(8)
    found = []
    while len(found) < count:
        area = random.uniform(spec.erasing_smallest, spec.erasing_largest) * height * width
        aspect = random.uniform(spec.erasing_aspect, 1 / spec.erasing_aspect)
        tall, wide = round(math.sqrt(area * aspect)), round(math.sqrt(area / aspect))
        left, top = int(random.uniform(0, width)), int(random.uniform(0, height))
        if left + wide <= width and top + tall <= height:
            found.append((top, top + tall, left, left + wide))
    return np.array(found)


def test_rectangles_are_those_of_the_paper() -> None:
    draws = erasing().draws(1, 1, MANY, 0)
    drawn = draws[draws[:, 1] > 0, :4]
    theirs = algorithm_1(len(drawn), Augmentation(), 32, 32)

    assert abs(len(drawn) / MANY - 0.5) < 3 * 0.5 / math.sqrt(MANY)
    for name, of in (
        ("tall", lambda each: each[:, 1] - each[:, 0]), ("wide", lambda each: each[:, 3] - each[:, 2]),
        ("top", lambda each: each[:, 0]), ("left", lambda each: each[:, 2]),
        ("area", lambda each: (each[:, 1] - each[:, 0]) * (each[:, 3] - each[:, 2])),
    ):  # fmt: skip
        one, other = np.sort(of(drawn)), np.sort(of(theirs))
        grid = np.unique(np.concatenate([one, other]))
        gap = np.abs(np.searchsorted(one, grid, "right") - np.searchsorted(other, grid, "right")).max() / len(one)
        # Kolmogorov–Smirnov, once in a thousand
        assert gap < 1.95 * math.sqrt(2 / len(one)), name


def test_area_and_aspect_keep_to_their_limits() -> None:
    used = erasing((100, 100, 3), erasing=1.0, erasing_smallest=0.1, erasing_largest=0.2, erasing_aspect=0.5)
    top, bottom, left, right = used.draws(1, 1, MANY, 0)[:, :4].T
    drawn = bottom > 0

    assert drawn.mean() > 0.999
    tall, wide = (bottom - top)[drawn], (right - left)[drawn]
    # Sides are rounded to whole pixels.
    assert (tall * wide).min() > 0.1 * 10_000 - 50
    assert (tall * wide).max() < 0.2 * 10_000 + 50
    assert (tall / wide).min() > 0.5 - 0.02
    assert (tall / wide).max() < 2 + 0.08
    assert top.min() == left.min() == 0
    assert bottom.max() == right.max() == 100


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
@pytest.mark.parametrize("fill", ["random", "mean"])
def test_only_the_rectangle_is_filled(fill: str, kind: type) -> None:
    used = erasing(erasing_fill=fill)
    before = np.random.default_rng(1).integers(0, 256, (40, *SHAPE)).astype(kind)
    draws = used.draws(1, 1, 40, 0)

    found = np.asarray(
        ops.convert_to_numpy(used.apply(ops.convert_to_tensor(before), ops.convert_to_tensor(draws.astype(np.float32))))
    )

    assert found.dtype == kind
    wiped = []
    for at, corners in enumerate(draws):
        assert np.array_equal(found[at], erased(before[at], corners[:4], found[at]))
        wiped.append(found[at, int(corners[0]) : int(corners[1]), int(corners[2]) : int(corners[3])].reshape(-1, 3))
    pixels = np.concatenate(wiped)
    if fill == "mean":
        assert set(map(tuple, pixels.tolist())) == {(10, 21, 30)}
    else:
        # Even on 0 … 255: mean 127.5, spread 73.9.
        assert np.abs(pixels.mean(0) - 127.5).max() < 4 * 73.9 / math.sqrt(len(pixels))
        assert pixels.std() == pytest.approx(73.9, abs=1)


def test_off_or_probability_0_is_off() -> None:
    assert not erasing(erasing=0.0).on
    assert not erasing(on=False).on
