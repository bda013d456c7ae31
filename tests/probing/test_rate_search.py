"""What a range test's losses say: where the loss falls, when the test is over, and when nothing can be proposed."""

from __future__ import annotations

import functools
import itertools
import math
import random

import pytest

from workbench.probing.rate_search import HIGHEST_RATE, LOWEST_RATE, RateSearch, RateTest, smooth
from workbench.spec import said


def falling(rate: float, best: float = 0.01, start: float = 2.3, low: float = 0.3) -> float:
    """A loss that falls about one power of ten below `best` and runs away above it."""
    return low + (start - low) / (1 + (rate / (best / 10)) ** 1.5) + (rate / (30 * best)) ** 3


def cliff(rate: float, end: float) -> float:
    return falling(rate) if rate < 0.05 else end


def swept(loss: object, steps: int = 210) -> RateTest:
    test = RateTest(steps)
    assert callable(loss)
    for rate in test.rates:
        test.take([loss(rate)])
    return test


def test_rates_go_by_equal_factors_from_the_lowest_to_the_highest() -> None:
    rates = RateTest(8).rates
    assert rates[0] == pytest.approx(LOWEST_RATE)
    assert rates[-1] == pytest.approx(HIGHEST_RATE)
    assert [b / a for a, b in itertools.pairwise(rates)] == pytest.approx([10.0] * 7)


@pytest.mark.parametrize("best", [1e-4, 1e-2, 1.0])
def test_the_proposal_lies_where_nine_tenths_of_the_fall_are_done(best: float) -> None:
    found = swept(lambda rate: falling(rate, best)).found()
    assert found.proposed is not None
    assert found.lowest is not None
    done = (2.3 - falling(found.proposed, best)) / (2.3 - falling(found.lowest, best))
    assert 0.85 < done < 0.95
    assert found.proposed < found.lowest


def test_scatter_moves_the_proposal_little() -> None:
    calm = swept(falling).found().proposed
    assert calm is not None
    for seed in range(20):
        noise = random.Random(seed)
        found = swept(lambda rate: falling(rate) * abs(noise.gauss(1, 0.5))).found()  # noqa: B023 - called at once
        assert found.proposed is not None
        assert 1 / 3 < found.proposed / calm < 3, seed


def test_the_test_is_over_when_the_loss_runs_away_and_not_for_one_bad_batch() -> None:
    test = swept(falling)
    assert test.diverged
    assert 10 < len(test.losses) < len(test.rates)
    assert test.found().diverged
    once = swept(lambda rate: 20.0 if 1e-3 < rate < 1.08e-3 else 2.0)
    assert not once.diverged
    assert len(once.losses) == len(once.rates)


def test_a_loss_that_is_no_number_ends_the_test_and_is_kept() -> None:
    test = swept(lambda rate: math.nan if rate > 0.1 else falling(rate))
    assert test.diverged
    assert math.isnan(test.losses[-1])
    found = test.found()
    assert all(map(math.isfinite, found.smoothed))
    assert found.proposed is not None


@pytest.mark.parametrize("loss", [lambda _: 2.3, lambda rate: 2.3 + rate], ids=["flat", "rising"])
def test_without_a_fall_there_is_no_proposal_and_a_reason(loss: object) -> None:
    found = swept(loss).found()
    assert (found.proposed, found.lowest) == (None, None)
    assert "no ground for a proposal" in found.sentence


def test_a_loss_that_is_bad_from_the_start_is_told_so() -> None:
    found = swept(lambda _: math.inf).found()
    assert found.proposed is None
    assert "no finite number in the first step, at rates" in found.sentence


def test_the_reason_says_what_was_seen() -> None:
    found = swept(falling).found()
    assert f"At {said.rate(found.proposed)} the loss has made nine tenths of its fall from 2.3 to 0.3" in found.sentence
    assert f"lowest at {said.rate(found.lowest)}" in found.sentence


def test_how_far_the_loss_runs_away_does_not_matter() -> None:
    far, near = (swept(functools.partial(cliff, end=end)).found() for end in (1e12, 10.0))
    assert far.proposed is not None
    assert near.proposed is not None
    # The nearer cliff takes a few steps more to be noticed.
    assert 1 / 1.3 < far.proposed / near.proposed < 1.3


def test_smoothing_looks_to_both_sides_and_leaves_a_line_where_it_is() -> None:
    rates = RateTest(101).rates
    line = [float(place) for place in range(101)]
    smoothed = smooth(rates, line, 1e9)
    assert smoothed[30:70] == pytest.approx(line[30:70])
    assert max(smooth(rates, [*line[:-1], math.nan], 200.0)) <= 200.0


def test_an_answer_survives_its_trip_through_json() -> None:
    found = swept(falling).found()
    assert RateSearch.from_tree(found.tree()) == found
