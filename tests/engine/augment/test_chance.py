import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.engine.augment.chance import beta_quantile, uniform, whole

ORDERED = np.sort(np.random.default_rng(0).random(200_000))


@given(first=st.integers(0, 80), count=st.integers(0, 20), blocks=st.integers(1, 3))
def test_any_stretch_of_an_epoch_can_be_drawn_alone(first: int, count: int, blocks: int) -> None:
    everything = uniform(1, "flip", 3, 100, 0, blocks=blocks)

    assert np.array_equal(uniform(1, "flip", 3, count, first, blocks=blocks), everything[first : first + count])


def test_every_seed_purpose_and_epoch_draws_anew() -> None:
    drawn = [uniform(*key, 100, 0) for key in ((1, "flip", 1), (2, "flip", 1), (1, "shift", 1), (1, "flip", 2))]

    assert len({each.tobytes() for each in drawn}) == len(drawn)
    assert np.array_equal(drawn[0], uniform(1, "flip", 1, 100, 0))


def test_numbers_are_even_and_do_not_depend_on_each_other() -> None:
    drawn = uniform(1, "flip", 1, 40_000, 0)

    assert drawn.min() >= 0
    assert drawn.max() < 1
    assert np.abs(drawn.mean(0) - 0.5).max() < 3 / math.sqrt(12 * len(drawn))
    # Ten by ten fields for each pair of columns: χ² with 99 degrees of freedom has mean 99 and variance 198.
    for one, other in ((0, 1), (1, 2), (2, 3)):
        counts, _, _ = np.histogram2d(drawn[:, one], drawn[:, other], bins=10, range=[[0, 1], [0, 1]])
        assert ((counts - 400) ** 2 / 400).sum() < 99 + 4 * math.sqrt(198)


def test_whole_numbers_are_all_there_and_stay_below_their_bound() -> None:
    assert whole(3, np.array([0, 0.3, 0.34, 0.6, 0.67, 1 - 1e-16])).tolist() == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize("alpha", [0.05, 0.2, 0.5, 1.0, 2.0, 10.0])
def test_beta_numbers_are_distributed_as_numpys(alpha: float) -> None:
    found = beta_quantile(alpha, ORDERED)
    theirs = np.sort(np.random.default_rng(1).beta(alpha, alpha, len(ORDERED)))

    assert (np.diff(found) >= 0).all()
    # Variance of Beta(α, α): 1 / (4 (2α + 1)).
    assert found.var() == pytest.approx(1 / (4 * (2 * alpha + 1)), rel=0.02)
    # Kolmogorov–Smirnov: two samples of n differ by more than 1.95 √(2/n) once in a thousand times. Below 1e-12 α = 0.05 has
    # numbers that a table cannot tell apart; they are all "nothing of it".
    grid = np.linspace(1e-9, 1 - 1e-9, 2001)
    gap = np.searchsorted(found, grid) - np.searchsorted(theirs, grid)
    assert np.abs(gap).max() / len(ORDERED) < 1.95 * math.sqrt(2 / len(ORDERED))


def test_beta_of_one_is_the_even_distribution() -> None:
    assert np.allclose(beta_quantile(1.0, ORDERED), ORDERED, atol=1e-9)


@pytest.mark.parametrize("alpha", [5e-204, 1e-17, 1e-6])
def test_a_tiny_alpha_takes_one_picture_or_the_other_nearly_whole(alpha: float) -> None:
    found = beta_quantile(alpha, np.linspace(0.01, 0.99, 98))
    assert ((found < 1e-9) | (found > 1 - 1e-9)).all()
    assert (found > 0.5).sum() == 49
