import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest

from workbench.curves.growing import Growing
from workbench.curves.pyramid import ABOVE, BELOW, NAN, POINTS_A_COLUMN, Pyramid

numbers = st.floats(width=32, allow_nan=True, allow_infinity=True)
changes = st.lists(st.one_of(st.lists(numbers, max_size=90), st.integers(0, 200)), max_size=12)


@hypothesis.given(changes)
def test_a_growing_array_is_what_was_put_in(steps: list[list[float] | int]) -> None:
    growing, plain = Growing(np.float32, room=1), np.empty(0, np.float32)
    for step in steps:
        if isinstance(step, int):
            growing.truncate(step)
            plain = plain[:step]
        else:
            growing.append(step)
            plain = np.append(plain, np.array(step, np.float32))
    np.testing.assert_array_equal(growing.view, plain)


@hypothesis.given(changes, st.integers(1, 40))
def test_every_view_has_the_least_and_the_greatest_of_what_it_spans(
    steps: list[list[float] | int], columns: int
) -> None:
    pyramid, plain = Pyramid(), np.empty(0, np.float32)
    for step in steps:
        if isinstance(step, int):
            pyramid.truncate(step)
            plain = plain[:step]
        else:
            pyramid.append(step)
            plain = np.append(plain, np.array(step, np.float32))
    np.testing.assert_array_equal(pyramid.values, plain)
    seen = pyramid.see(0, len(plain), columns)
    finite, shown = plain[np.isfinite(plain)], seen.values[np.isfinite(seen.values)]
    assert len(finite) == 0 or (shown.min() == finite.min() and shown.max() == finite.max())
    assert (len(seen.marks) > 0) == (len(finite) < len(plain))
    wrong = np.flatnonzero(~np.isfinite(plain))
    assert (pyramid.first_bad() or (None,))[0] == (wrong[0] if len(wrong) else None)


def test_a_long_line_costs_at_most_eight_points_a_column() -> None:
    pyramid = Pyramid()
    pyramid.append(np.random.default_rng(1).normal(size=1_000_000))
    for first, stop in ((0, 1_000_000), (400_000, 600_000), (500_000, 507_000), (999_000, 1_000_000)):
        seen = pyramid.see(first, stop, 700)
        assert 700 <= len(seen.values) <= 700 * POINTS_A_COLUMN + 4
        assert (np.diff(seen.places) >= 0).all()


def test_one_step_that_is_no_number_among_a_million_is_found() -> None:
    pyramid = Pyramid()
    values = np.ones(1_000_000, np.float32)
    values[654_321] = np.nan
    pyramid.append(values)
    assert pyramid.first_bad() == (654_321, NAN)
    (mark,) = pyramid.see(0, 1_000_000, 700).marks
    assert mark <= 654_321 < mark + 8**4
    (mark,) = pyramid.see(654_300, 654_400, 700).marks
    assert mark == 654_321


@pytest.mark.parametrize(("value", "flag"), [(np.nan, NAN), (np.inf, ABOVE), (-np.inf, BELOW)])
def test_nan_and_infinities_are_told_apart_and_leave_a_gap(value: float, flag: int) -> None:
    pyramid = Pyramid()
    pyramid.append([1.0, 2.0, value, 3.0])
    seen = pyramid.see(0, 4, 100)
    assert seen.flags.tolist() == [flag]
    assert np.isnan(seen.values[2])
    assert np.isfinite(seen.values[[0, 1, 3]]).all()


def test_growing_by_small_steps_gives_the_same_as_all_at_once() -> None:
    values = np.random.default_rng(2).normal(size=5_000).astype(np.float32)
    whole, grown = Pyramid(), Pyramid()
    whole.append(values)
    for begin in range(0, 5_000, 7):
        grown.append(values[begin : begin + 7])
    for columns in (3, 50, 400):
        np.testing.assert_array_equal(whole.see(0, 5_000, columns).values, grown.see(0, 5_000, columns).values)
