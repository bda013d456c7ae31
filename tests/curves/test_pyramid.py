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


def test_in_a_part_of_a_long_line_what_is_no_number_is_where_it_is() -> None:
    line = Pyramid()
    values = np.ones(100_000, np.float32)
    values[[64_003, 64_004]] = np.nan, np.inf
    values[70_000:71_000] = np.nan
    line.append(values)
    reach = line.reach(50_000, 100_000, 100)
    assert reach.size > 1
    seen = line.see(50_000, 100_000, 100)
    first = 64_003 // reach.size * reach.size
    assert seen.marks[0] == first
    assert seen.flags[0] == NAN | ABOVE
    assert {first, 70_000 // reach.size * reach.size} <= set(seen.marks.tolist())
    # A bucket without a number is a gap, one with some is not.
    inside = (reach.places > 70_000 + reach.size / 2) & (reach.places < 71_000 - reach.size / 2)
    assert inside.any()
    assert np.isnan(reach.low[inside]).all()
    assert np.isnan(reach.high[inside]).all()
    assert (reach.low[~np.isnan(reach.low)] == 1).all()


def test_no_bucket_lies_past_the_end_of_its_line() -> None:
    line = Pyramid()
    line.append(np.arange(100_001, dtype=np.float32))
    reach = line.reach(0, 100_001, 100)
    assert reach.size > 1
    assert reach.places[-1] <= 100_000
    assert (np.diff(reach.places) > 0).all()
