import math

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest

from workbench.gui.curves import scales

finite = st.floats(-1e6, 1e6)


@hypothesis.given(finite, st.floats(1e-6, 1e6), st.integers(2, 12))
@hypothesis.example(1.0, 400001.0, 2)
@hypothesis.example(-879609.9999999999, 1e-6, 6)
def test_linear_ticks_are_few_round_and_inside(low: float, span: float, most: int) -> None:
    ticks = scales.linear_ticks(low, low + span, most)
    assert len(ticks) <= most + 1
    for value, step in ticks:
        # Far from zero a double is itself no finer than this.
        room = 1e-6 * step + 4 * math.ulp(abs(low) + span)
        assert low - room <= value <= low + span + room
        assert abs(value / step - round(value / step)) < 1e-3


def test_ticks_have_the_decimals_their_step_needs() -> None:
    assert [tick.text for tick in scales.value_ticks(0, 0.58, 6)] == ["0.0", "0.1", "0.2", "0.3", "0.4", "0.5"]
    assert [tick.text for tick in scales.percent_ticks(0.82, 0.97, 4)] == ["85\u00a0%", "90\u00a0%", "95\u00a0%"]
    assert [tick.text for tick in scales.log_ticks(-4.2, -2.8, 3, scientific=True)] == ["1e-4", "1e-3"]
    assert [tick.text for tick in scales.time_ticks(0, 400, 5)] == ["0:00", "2:00", "4:00", "6:00"]


@pytest.mark.parametrize(("now", "end"), [(0, 10), (7.5, 10), (7.6, 20), (41, 60), (75, 100)])
def test_a_quarter_stays_free_and_the_range_grows_by_ten_epochs(now: float, end: float) -> None:
    assert scales.grown(now, 10) == end


def test_the_first_outliers_do_not_stretch_the_linear_scale() -> None:
    losses = np.concatenate([[50.0, 20.0, 9.0], np.linspace(0.5, 0.1, 200)])
    low, high = scales.linear_range(losses, losses, losses[::10])
    assert low == 0.0
    assert 0.45 < high < 0.8


def test_a_loss_that_stays_large_is_shown_where_it_is() -> None:
    losses = np.full(100, 7.0) + np.linspace(0, 0.1, 100)
    low, high = scales.linear_range(losses, losses, losses[:0])
    assert 6.9 < low < 7.0
    assert 7.1 < high < 7.2


@pytest.mark.parametrize("values", [[], [math.nan], [math.inf, math.nan], [0.0], [-1.0, -2.0], [1e-30], [1e30]])
def test_every_range_is_one_that_can_be_drawn(values: list[float]) -> None:
    some, none = np.array(values), np.array([])
    for low, high in (
        scales.linear_range(some, some, none),
        scales.linear_range(none, none, some),
        scales.log_range(some, some, some),
        scales.share_range(some),
    ):
        assert math.isfinite(low)
        assert math.isfinite(high)
        assert low < high


def test_a_range_stays_until_it_no_longer_fits() -> None:
    assert scales.settled((0.0, 1.0), (0.0, 0.9)) == (0.0, 1.0)
    assert scales.settled((0.0, 1.0), (0.0, 1.2)) == (0.0, 1.2)
    assert scales.settled((0.0, 1.0), (0.0, 0.5)) == (0.0, 0.5)
