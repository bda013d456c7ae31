import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.events import Ending, State
from workbench.gui import words
from workbench.gui.widgets.numbers import read_number

N, B, M = words.NARROW, words.NO_BREAK, words.MINUS


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (words.loss(0.21474), "0.2147"),
        (words.loss(None), "–"),
        (words.loss(math.nan), "NaN"),
        (words.loss(math.inf), "∞"),
        (words.loss(-0.00001), "0.0000"),
        (words.signed(0.0046), "+0.0046"),
        (words.signed(-0.0046), f"{M}0.0046"),
        (words.percent(0.9364), f"93.64{B}%"),
        (words.rate(2e-4), "2.0e-4"),
        (words.rate(0.0), "0"),
        (words.count(6590), f"6{N}590"),
        (words.count(-1234567), f"{M}1{N}234{N}567"),
        (words.short_count(272_474), f"272{B}k"),
        (words.short_count(4_200_000), f"4.2{B}M"),
        (words.short_count(999_960), f"1.0{B}M"),
        (words.short_count(650), "650"),
        (words.size(3_100_000_000), f"3.1{B}GB"),
        (words.size(12), f"12{B}bytes"),
        (words.duration(380), f"6{B}min 20{B}s"),
        (words.duration(4.25), f"4.2{B}s"),
        (words.duration(42), f"42{B}s"),
        (words.duration(3900), f"1{B}h 5{B}min"),
        (words.clock(380), "6:20"),
        (words.clock(3909), "1:05:09"),
        (words.rough_duration(352), f"6{B}min"),
        (words.rough_duration(12), f"15{B}s"),
        (words.number(1e-3, scientific=True), "1e-3"),
        (words.number(2.5e-5, scientific=True), "2.5e-5"),
        (words.number(0.05, scientific=True), "0.05"),
        (words.number(0.15), "0.15"),
        (words.number(-3), f"{M}3"),
        (words.number(1.0), "1"),
        (words.plural(1, "change", "changes"), f"1{B}change"),
        (words.plural(2, "change", "changes"), f"2{B}changes"),
        (words.unit(1, "epochs"), "epoch"),
        (words.unit(8, "epochs"), "epochs"),
    ],
)  # fmt: skip
def test_numbers_are_said_as_people_read_them(said: str, expected: str) -> None:
    assert said == expected


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12), st.booleans())
def test_a_number_that_is_shown_is_read_back_exactly(value: float, scientific: bool) -> None:
    assert read_number(words.number(value, scientific=scientific)) == value


@given(st.integers(-(10**12), 10**12))
def test_a_whole_number_that_is_shown_is_read_back_exactly(value: int) -> None:
    assert read_number(words.number(value), whole=True) == value


def test_a_run_that_lives_says_its_state_and_an_ended_one_its_ending() -> None:
    assert words.state(State.RUNNING) == "Running"
    assert words.state(State.RUNNING, Ending.COMPLETED) == "Running"
    assert words.state(State.ENDED, Ending.COMPLETED) == "Finished"
    assert words.state(State.ENDED, Ending.EARLY_STOPPED) == "Early-stopped"
    said = [words.state(State.ENDED, ending) for ending in Ending] + [words.state(state) for state in State]
    assert len(set(said)) == len(said)


def test_a_title_within_a_sentence_keeps_the_capitals_of_names() -> None:
    assert [words.within(title) for title in ("Weight decay", "L2 penalty", "DenseNet head")] == [
        "weight decay", "L2 penalty", "DenseNet head",
    ]  # fmt: skip


def test_a_number_just_below_a_power_of_ten_keeps_its_exponent() -> None:
    # With all of its places it is 9.9999999999999995e-07.
    assert words.number(1e-6, scientific=True) == "1e-6"
