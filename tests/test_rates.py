import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import RecipeError
from workbench.rates import SCHEDULES, rates, rates_at
from workbench.spec.recipe import Recipe, parse, spec_classes


def recipe(epochs: int = 4, rate: float = 0.1, **schedule: object) -> Recipe:
    return parse(
        {
            "training": {"epochs": epochs},
            "optimizer": {"method": "adam", "learning_rate": rate},
            "schedule": schedule,
        }
    )


def test_every_schedule_spec_has_a_formula() -> None:
    assert set(SCHEDULES) == set(spec_classes("schedule").values())


def test_constant_is_the_same_throughout() -> None:
    found = rates(recipe(kind="constant"), 1, 40, 10)

    assert found.dtype == np.float32
    assert (found == np.float32(0.1)).all()


def test_warm_up_rises_in_a_straight_line_and_reaches_the_full_rate_at_its_end() -> None:
    found = rates(recipe(kind="constant", warmup=2.0), 1, 40, 10)

    assert found[:20] == pytest.approx(0.1 * np.arange(1, 21) / 20)
    assert (found[19:] == np.float32(0.1)).all()


def test_warm_up_may_end_within_an_epoch() -> None:
    found = rates(recipe(kind="constant", warmup=0.25), 1, 4, 10)

    assert found == pytest.approx([0.04, 0.08, 0.1, 0.1])


def test_a_warm_up_shorter_than_a_step_starts_at_the_full_rate() -> None:
    assert rates(recipe(kind="constant", warmup=0.01), 1, 1, 10)[0] == np.float32(0.1)


def test_cosine_falls_from_the_full_rate_at_the_first_step_to_its_share_at_the_last() -> None:
    found = rates(recipe(kind="cosine", final=0.2), 1, 41, 10)

    assert found[0] == np.float32(0.1)
    assert found[39] == pytest.approx(0.02)
    # half-way between first and last step it is half-way between the two rates
    assert (found[19] + found[20]) / 2 == pytest.approx(0.06)
    assert (np.diff(found[:40]) < 0).all()
    # who trains longer stays there
    assert found[40] == found[39]


def test_cosine_is_the_formula_after_warm_up() -> None:
    found = rates(recipe(kind="cosine", warmup=1.5, final=0.1), 1, 40, 10)

    expected = [
        0.1 * step / 15 if step <= 15 else 0.1 * (0.1 + 0.9 * (1 + math.cos(math.pi * (step - 15) / 25)) / 2)
        for step in range(1, 41)
    ]
    assert found == pytest.approx(expected)


def test_a_run_of_one_step_is_at_the_full_rate() -> None:
    assert list(rates(recipe(epochs=1, kind="cosine"), 1, 1, 1)) == [np.float32(0.1)]


def test_step_multiplies_at_the_first_step_of_its_epochs() -> None:
    found = rates(recipe(epochs=6, kind="step", every=2, factor=0.5), 1, 60, 10)

    assert found == pytest.approx(np.repeat([0.1, 0.05, 0.025], 20))


@pytest.mark.parametrize("steps", [1, 3, 7, 49, 1171])
def test_step_and_restarts_fall_on_the_epoch_whatever_its_number_of_steps(steps: int) -> None:
    stepped = rates(recipe(epochs=60, kind="step", every=1, factor=0.9), 1, 60 * steps, steps)
    restarted = rates(recipe(epochs=60, kind="cosine_restarts", first=3.0, longer=1.0), 1, 60 * steps, steps)
    doubling = rates(recipe(epochs=60, kind="cosine_restarts", first=1.0, longer=2.0), 1, 60 * steps, steps)

    assert stepped[::steps] == pytest.approx(0.1 * 0.9 ** np.arange(60))
    assert (restarted[:: 3 * steps] == np.float32(0.1)).all()
    begins = [(2**cycle - 1) * steps for cycle in range(6) if (2**cycle - 1) < 60]
    assert doubling[begins] == pytest.approx(0.1)
    if steps > 5:
        assert (doubling[np.array(begins[1:]) - 1] < 0.006).all()


def test_exponential_falls_by_its_factor_each_epoch() -> None:
    found = rates(recipe(kind="exponential", factor=0.8), 1, 40, 10)

    assert found == pytest.approx(0.1 * 0.8 ** (np.arange(40) / 10))


def test_polynomial_is_the_formula_and_a_straight_line_at_power_1() -> None:
    straight = rates(recipe(kind="polynomial", final=0.2), 1, 40, 10)
    curved = rates(recipe(kind="polynomial", power=0.9), 1, 40, 10)
    left = 1 - np.arange(40) / 39

    assert straight == pytest.approx(0.1 * (0.2 + 0.8 * left))
    assert curved == pytest.approx(0.1 * left**0.9)


def test_cosine_with_restarts_is_the_paper_s_formula() -> None:
    # Loshchilov & Hutter 2017, equation (5), with T_i = 2 epochs, then 4, then 8
    found = rates(recipe(epochs=14, kind="cosine_restarts", first=2.0, longer=2.0, final=0.1), 1, 140, 10)
    expected = [
        0.1 * (0.1 + 0.9 * (1 + math.cos(math.pi * step / length)) / 2)
        for length in (20, 40, 80)
        for step in range(length)
    ]

    assert found == pytest.approx(expected, rel=1e-5)


def test_one_cycle_rises_to_the_full_rate_and_falls_to_its_share() -> None:
    found = rates(recipe(kind="one_cycle", rise=0.25, start=0.1, final=0.01), 1, 41, 10)

    assert found[0] == pytest.approx(0.01)
    assert found[39] == pytest.approx(0.001)
    peak = int(np.argmax(found))
    assert peak == pytest.approx(0.25 * 39, abs=1)
    assert (np.diff(found[: peak + 1]) > 0).all()
    assert (np.diff(found[peak:40]) < 0).all()
    expected = [
        0.1 * (0.1 + 0.9 * (1 - math.cos(math.pi * (step / 39) / 0.25)) / 2)
        if step / 39 < 0.25
        else 0.1 * (0.01 + 0.99 * (1 + math.cos(math.pi * (step / 39 - 0.25) / 0.75)) / 2)
        for step in range(40)
    ]
    assert found[:40] == pytest.approx(expected, rel=1e-5)


#: Four epochs of ten steps at a full rate of 0.1, worked out by hand: settings, then step → rate in thousandths.
BY_HAND: list[tuple[dict[str, object], dict[int, float]]] = [
    ({"kind": "constant"}, {1: 100, 20: 100, 40: 100}),
    ({"kind": "plateau"}, {1: 100, 20: 100, 40: 100}),
    ({"kind": "step", "every": 1, "factor": 0.5}, {1: 100, 10: 100, 11: 50, 21: 25, 30: 25, 40: 12.5}),
    ({"kind": "exponential", "factor": 0.25}, {1: 100, 6: 50, 11: 25, 16: 12.5, 31: 1.5625}),
    # a third of the way from the first step to the last, then two thirds
    ({"kind": "polynomial", "power": 2.0}, {1: 100, 14: 400 / 9, 27: 100 / 9, 40: 0}),
    ({"kind": "polynomial", "final": 0.4}, {1: 100, 14: 80, 27: 60, 40: 40}),
    ({"kind": "cosine"}, {1: 100, 14: 75, 27: 25, 40: 0}),
    ({"kind": "cosine", "final": 0.2}, {1: 100, 14: 80, 27: 40, 40: 20}),
    ({"kind": "cosine_restarts", "first": 1.0, "longer": 1.0}, {1: 100, 6: 50, 11: 100, 16: 50, 31: 100}),
    ({"kind": "cosine_restarts", "first": 1.0, "longer": 3.0}, {1: 100, 6: 50, 11: 100, 21: 75, 26: 50, 31: 25}),
    ({"kind": "one_cycle", "rise": 2 / 3, "start": 0.1, "final": 0.0}, {1: 10, 14: 55, 27: 100, 40: 0}),
    ({"kind": "one_cycle", "rise": 1 / 3, "start": 0.1, "final": 0.2}, {1: 10, 14: 100, 27: 60, 40: 20}),
    # a first epoch of warm-up, then thirty steps
    ({"kind": "constant", "warmup": 1.0}, {1: 10, 5: 50, 10: 100, 11: 100, 40: 100}),
    ({"kind": "plateau", "warmup": 1.0}, {1: 10, 5: 50, 10: 100, 11: 100, 40: 100}),
    ({"kind": "step", "every": 1, "factor": 0.5, "warmup": 1.0}, {1: 10, 10: 100, 20: 100, 21: 50, 31: 25}),
    ({"kind": "exponential", "factor": 0.25, "warmup": 1.0}, {1: 10, 10: 100, 11: 100, 16: 50, 21: 25, 31: 6.25}),
    ({"kind": "polynomial", "power": 2.0, "warmup": 1.0}, {1: 10, 10: 100, 20: 400 / 9, 30: 100 / 9, 40: 0}),
    ({"kind": "cosine", "warmup": 1.0}, {1: 10, 10: 100, 20: 75, 30: 25, 40: 0}),
    (
        {"kind": "cosine_restarts", "first": 1.0, "longer": 2.0, "warmup": 1.0},
        {1: 10, 11: 100, 16: 50, 21: 100, 31: 50},
    ),
    (
        {"kind": "one_cycle", "rise": 1 / 3, "start": 0.1, "final": 0.2, "warmup": 1.0},
        {10: 10, 20: 100, 30: 60, 40: 20},
    ),
]


@pytest.mark.parametrize(("settings", "thousandths"), BY_HAND, ids=lambda each: each.get("kind"))
def test_the_rates_at_chosen_steps_are_those_worked_out_by_hand(
    settings: dict[str, object], thousandths: dict[int, float]
) -> None:
    wanted = recipe(**settings)

    found = rates_at(wanted, np.array(list(thousandths), dtype=np.float64), 10)

    assert found == pytest.approx(np.array(list(thousandths.values())) / 1000, rel=1e-5, abs=1e-9)


def test_every_schedule_has_numbers_worked_out_by_hand_with_and_without_warm_up() -> None:
    for warm in (False, True):
        assert {each["kind"] for each, _ in BY_HAND if ("warmup" in each) == warm} == set(spec_classes("schedule"))


@pytest.mark.parametrize("kind", sorted(spec_classes("schedule")))
def test_warm_up_comes_before_any_schedule_which_then_starts_anew(kind: str) -> None:
    warm = rates(recipe(epochs=6, kind=kind, warmup=2.0), 1, 60, 10)
    alone = rates(recipe(epochs=6, kind=kind), 1, 60, 10)

    assert warm[:19] == pytest.approx(alone[0] * np.arange(1, 20) / 20, rel=1e-5)
    assert warm[19] == pytest.approx(alone[0])
    if kind in {"constant", "plateau", "step", "exponential", "cosine_restarts"}:  # counted in epochs
        assert warm[20:] == pytest.approx(alone[:40], rel=1e-5)
    else:  # stretched over what is left of the run
        assert warm[59] == pytest.approx(alone[59], rel=1e-5)


@given(
    kind=st.sampled_from(sorted(spec_classes("schedule"))),
    warmup=st.floats(0, 3),
    first=st.integers(1, 60),
    count=st.integers(0, 30),
    steps=st.integers(1, 15),
)
def test_any_stretch_is_the_same_as_cut_from_the_whole(
    kind: str, warmup: float, first: int, count: int, steps: int
) -> None:
    wanted = recipe(kind=kind, warmup=warmup)
    whole = rates(wanted, 1, 100, steps)

    assert np.array_equal(rates(wanted, first, count, steps), whole[first - 1 : first - 1 + count])
    assert ((whole >= 0) & (whole <= np.float32(0.1))).all()


@pytest.mark.parametrize(
    "schedule",
    [
        {"kind": "cosine_restarts", "first": 0.01, "longer": 1.0},
        {"kind": "cosine_restarts", "first": 0.01, "longer": 10.0},
        {"kind": "one_cycle", "rise": 0.001},
    ],
)
def test_the_shortest_cycles_that_are_allowed_give_rates_and_shorter_ones_are_refused(schedule: dict[str, Any]) -> None:
    # Warnings are errors here: a cycle of 1e-308 epochs had been allowed, and divided by what is nearly 0.
    found = rates(parse({"schedule": schedule}), 1, 400, 40)
    assert np.isfinite(found).all()
    assert (found >= 0).all()
    name = "rise" if "rise" in schedule else "first"
    with pytest.raises(RecipeError, match="at least"):
        parse({"schedule": schedule | {name: schedule[name] / 2}})
