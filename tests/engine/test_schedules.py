import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.engine.schedules import SCHEDULES, rates
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


@given(
    kind=st.sampled_from(["constant", "cosine"]),
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
