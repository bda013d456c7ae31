import math
from typing import Any

import numpy as np
import pytest
from keras import ops

from workbench.engine.augment.colours import PLACES, Colours
from workbench.spec.tricks import Augmentation

pytestmark = pytest.mark.keras

SHAPE = (16, 12, 3)
MANY = 20_000


def colours(**augmentation: Any) -> Colours:
    return Colours(Augmentation(on=True, **augmentation), SHAPE, 1)


def applied(used: Colours, pictures: np.ndarray, draws: Any) -> np.ndarray:
    tensors = ops.convert_to_tensor(pictures), ops.convert_to_tensor(np.asarray(draws, np.float32))
    return np.asarray(ops.convert_to_numpy(used.apply(*tensors)))


def pictures(count: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, *SHAPE), dtype=np.uint8)


def test_contrast_stretches_each_channel_about_its_mean_and_brightness_adds_then_both_are_cut_off() -> None:
    before = pictures(3)
    draws = np.array([[-0.5, 0.0], [0.7, -90.0], [0.0, 0.0]])

    found = applied(colours(contrast=0.7, brightness=0.5), before, draws)

    for at, (factor, added) in enumerate(draws):
        plain = before[at].astype(float)
        mean = plain.mean((0, 1))
        assert np.allclose(found[at], np.clip((1 + factor) * (plain - mean) + mean + added, 0, 255), atol=1e-3)
    assert np.array_equal(found[2], before[2])


@pytest.mark.parametrize(
    ("name", "strength", "most"), [("contrast", 0.4, 0.4), ("brightness", 0.2, 51.0), ("noise", 9.0, 9.0)]
)
def test_each_change_happens_with_its_probability_and_strength(name: str, strength: float, most: float) -> None:
    used = colours(**{name: strength, f"{name}_probability": 0.3})
    drawn = used.draws(1, 1, MANY, 0)[:, 0]

    happened = drawn != 0
    assert abs(happened.mean() - 0.3) < 3 * math.sqrt(0.3 * 0.7 / MANY)
    assert np.abs(drawn).max() == pytest.approx(most, rel=0.01)
    if name != "noise":
        assert abs(drawn[happened].mean()) < 3 * most / math.sqrt(3 * happened.sum())


def test_noise_is_gaussian_of_the_chosen_spread_and_differs_from_picture_to_picture() -> None:
    used = colours(noise=10.0)
    count = 60
    draws = used.draws(1, 1, count, 0)
    grey = np.full((count, *SHAPE), 128, np.uint8)

    grain = applied(used, grey, draws) - 128

    total = grain.size
    assert abs(grain.mean()) < 3 * 10 / math.sqrt(total)
    # The variance of n squared Gaussians' mean is 2σ⁴/n.
    assert grain.var() == pytest.approx(100, abs=3 * 100 * math.sqrt(2 / total))
    assert abs((np.abs(grain) < 10).mean() - 0.6827) < 3 * math.sqrt(0.6827 * 0.3173 / total)
    flat = grain.reshape(count, -1)
    assert len(np.unique(flat, axis=0)) == count
    assert set(draws[:, 1]) <= set(range(PLACES))
    assert np.array_equal(grain, applied(colours(noise=10.0), grey, draws) - 128)


@pytest.mark.parametrize(
    "nothing",
    [{}, {"noise": 5.0, "noise_probability": 0.0}, {"brightness": 0.5, "brightness_probability": 0.0},
     {"contrast": 0.5, "contrast_probability": 0.0}],
)  # fmt: skip
def test_what_is_off_is_off(nothing: dict[str, float]) -> None:
    assert not colours(**nothing).on
