"""What is said of a network that did or did not learn a few pictures by heart."""

from __future__ import annotations

import dataclasses
import math

import pytest

from workbench.probing.overfit import Attempt, Overfit, Scene, judge, other_rates

SCENE = Scene(100, 0.99, 1.0, 0, 650, "Kaiming normal", ("Dropout",))


def attempt(rate: float, accuracies: list[float], losses: list[float], first: float = 2.3) -> Attempt:
    return Attempt(rate, tuple(accuracies), tuple(losses), first)


LEARNED = attempt(0.01, [0.6, 1.0], [1.0, 0.1])
STUCK = attempt(0.01, [0.1] * 10, [2.3] * 10)
HALF = attempt(0.01, [0.5] * 10, [1.2] * 10)
FALLING = attempt(0.01, [0.5] * 10, [2.0 * 0.9**n for n in range(10)])
BROKEN = attempt(0.01, [0.1], [math.nan])


@pytest.mark.parametrize(
    ("attempts", "words"),
    [
        ((LEARNED,), "The 100 pictures were learned by heart, 100 % right after 2 epochs: network, data and"),
        ((STUCK, dataclasses.replace(LEARNED, rate=1.0)), "The learning rate 0.01 is too small: 10 % right after 10 epochs, but at 1 the"),
        ((BROKEN, dataclasses.replace(LEARNED, rate=1e-3)), "The learning rate 0.01 is too large"),
        ((BROKEN, BROKEN), "because its loss stops being a number"),
        ((STUCK, STUCK), "because its loss does not fall: 2.3 at first"),
        ((FALLING, STUCK), "Not learned by heart yet: 50 % right after 10 epochs at 0.01, and the loss still falls"),
        ((HALF, STUCK), "because it is too small or loses too much on the way: with 650 parameters it comes to 50 % right"),
    ],
)  # fmt: skip
def test_the_surest_reason_is_said(attempts: tuple[Attempt, ...], words: str) -> None:
    found = judge(SCENE, attempts)
    assert words in found.sentence
    assert found.reached == (attempts == (LEARNED,))
    assert Overfit.from_tree(found.tree()).sentence == found.sentence


def test_contradictions_are_a_surer_reason_than_a_rate() -> None:
    torn = dataclasses.replace(SCENE, possible=0.8, contradicting=40)
    assert "40 of 100 pictures are there again" in judge(torn, (STUCK, LEARNED)).sentence


def test_the_other_rates_depend_on_what_the_first_did() -> None:
    assert other_rates(BROKEN) == pytest.approx((1e-3, 1e-4, 1e-5))
    assert other_rates(STUCK) == pytest.approx((0.1, 1.0, 10.0, 1e-3))
    assert other_rates(attempt(0.01, [0.1] * 2, [900.0, 2.3], first=2.4)) == pytest.approx((1e-3, 1e-4, 1e-5))
    assert other_rates(HALF) == pytest.approx((1e-3, 0.1))
    assert other_rates(dataclasses.replace(STUCK, rate=5.0)) == (10.0, 0.5)


def test_the_other_rates_read_as_the_recipe_s_does() -> None:
    broken = dataclasses.replace(BROKEN, rate=3e-3)
    others = tuple(dataclasses.replace(BROKEN, rate=rate) for rate in other_rates(broken))
    assert "at the learning rates 3e-6, 3e-5, 3e-4 and 3e-3." in judge(SCENE, (broken, *others)).sentence


def test_coming_down_to_guessing_is_no_fall() -> None:
    guesses = dataclasses.replace(attempt(0.01, [0.1] * 10, [2.31] * 10, first=9.0), guessing=math.log(10))
    assert not guesses.fell
    assert dataclasses.replace(guesses, guessing=math.inf).fell


def test_less_than_all_is_never_called_a_hundred_percent() -> None:
    almost = attempt(0.01, [0.996], [0.1])
    assert "99 % right" in judge(SCENE, (almost,)).sentence
