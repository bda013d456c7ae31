import hypothesis
import hypothesis.strategies as st
import numpy as np

from workbench.curves.times import Times

STRETCHES = st.lists(st.tuples(st.integers(1, 9), st.floats(0, 5), st.floats(0, 5)), max_size=12)


def plainly(stretches: list[tuple[int, float, float]]) -> np.ndarray:
    """The time at each step, one after the other."""
    found, latest = [], 0.0
    for steps, first, last in stretches:
        begin = max(first, latest)
        end = max(last, begin)
        found += [begin + (end - begin) * step / steps for step in range(1, steps + 1)]
        latest = end
    return np.array(found)


def built(stretches: list[tuple[int, float, float]], at_once: int = 1) -> Times:
    times = Times()
    for first in range(0, len(stretches), at_once):
        times.append(*(list(column) for column in zip(*stretches[first : first + at_once], strict=True)))
    return times


@hypothesis.given(STRETCHES, st.integers(1, 5))
def test_every_step_has_the_time_of_its_place_in_its_stretch_and_time_never_runs_backwards(stretches, at_once) -> None:
    times, expected = built(stretches, at_once), plainly(stretches)
    assert len(times) == len(expected)
    found = times.at(np.arange(len(expected)))
    np.testing.assert_allclose(found, expected, atol=1e-12)
    assert (np.diff(found) >= -1e-12).all()
    np.testing.assert_allclose(times.last, expected[-1] if len(expected) else 0.0, atol=1e-12)


@hypothesis.given(STRETCHES.filter(bool), st.data())
def test_a_cut_leaves_the_times_before_it_as_they_were(stretches, data) -> None:
    times, expected = built(stretches), plainly(stretches)
    count = data.draw(st.integers(0, len(expected)))
    times.truncate(count)
    assert len(times) == count
    np.testing.assert_allclose(times.at(np.arange(count)), expected[:count], atol=1e-12)


@hypothesis.given(STRETCHES.filter(bool), st.floats(-1, 12))
def test_how_many_steps_had_ended_by_a_time_is_counted_right(stretches, seconds) -> None:
    times, expected = built(stretches), plainly(stretches)
    found = times.count_at(seconds)
    # Within the last digit of a step's end either answer is right.
    assert np.count_nonzero(expected <= seconds - 1e-8) <= found <= np.count_nonzero(expected <= seconds + 1e-8)


def test_the_stretches_of_some_steps_are_those_that_hold_them() -> None:
    times = built([(4, 0.0, 1.0), (4, 1.0, 2.0), (4, 5.0, 6.0)])
    stops, begins, ends = times.stretches(4, 8)
    assert (stops.tolist(), begins.tolist(), ends.tolist()) == ([8], [1.0], [2.0])
    assert times.stretches(3, 9)[0].tolist() == [4, 8, 12]
    assert times.stop_before(5) == 4
    assert times.stop_before(0) == 0
