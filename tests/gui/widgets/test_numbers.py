import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.gui.widgets.numbers import ladder, read_number, stepped


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 1e-3), ("0.001", 1e-3), ("0,001", 1e-3), (" 8 ", 8.0), (".5", 0.5), ("−3", -3.0), ("1 000", 1000.0),
        ("1\u202f000", 1000.0), ("1E5", 1e5), ("8 epochs", 8.0), ("8ep", 8.0), ("", None), ("abc", None), ("1e", None), ("1..2", None),
        ("1e999", None), ("nan", None), ("8 pictures", None),
    ],
)  # fmt: skip
def test_a_field_reads_what_people_write(text: str, value: float | None) -> None:
    assert read_number(text, unit="epochs") == value


def test_a_broken_whole_number_stays_broken_so_that_it_can_be_explained() -> None:
    assert read_number("2.5", whole=True) == 2.5
    assert isinstance(read_number("1e3", whole=True), int)


@pytest.mark.parametrize(
    ("value", "up", "down"),
    [(1e-3, 2e-3, 5e-4), (2e-3, 5e-3, 1e-3), (5e-4, 1e-3, 2e-4), (3e-4, 5e-4, 2e-4), (1.0, 2.0, 0.5), (7.0, 10.0, 5.0)],
)
def test_arrows_climb_one_two_five(value: float, up: float, down: float) -> None:
    assert (ladder(value, 1), ladder(value, -1)) == (up, down)


@given(st.floats(1e-9, 1e9), st.integers(1, 5))
def test_up_and_down_the_ladder_come_back_to_a_rung(value: float, steps: int) -> None:
    rung = ladder(value, 1)
    assert ladder(ladder(rung, steps), -steps) == rung
    assert rung > value


def test_powers_of_two_double_and_other_counts_climb_the_ladder() -> None:
    assert stepped(32, 1, whole=True, log=True, span=None) == 64
    assert stepped(32, -1, whole=True, log=True, span=None) == 16
    assert stepped(20, 1, whole=True, log=True, span=None) == 50
    assert stepped(1, -1, whole=True, log=True, span=None) == 1


def test_shares_step_by_a_twentieth_and_stay_round() -> None:
    assert stepped(0.3, 1, whole=False, log=False, span=1.0) == 0.35
    assert stepped(0.1, 2, whole=False, log=False, span=1.0) == 0.2
