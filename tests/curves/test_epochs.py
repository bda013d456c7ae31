import dataclasses
import math

import numpy as np
import pytest

from tests.curves.told import READY, SPE, Tale
from workbench.curves.axes import Axis
from workbench.curves.epochs import Epochs
from workbench.curves.flags import Flag
from workbench.curves.run_curves import RunCurves
from workbench.curves.smoothing import Kind, Smoothing
from workbench.events import AttemptStarted, EpochEnded, StepBlock
from workbench.journal import Said, Steps


def ended(epoch: int, waited: int | None = None, patience: int | None = None, **metrics: float) -> EpochEnded:
    return EpochEnded(epoch, epoch * SPE, float(epoch), metrics, 100.0, waited, patience)


def test_a_metric_that_comes_later_is_nan_before_and_one_that_stays_away_is_nan_after() -> None:
    epochs = Epochs()
    for event in (ended(1, loss=1.0), ended(2, loss=0.5, val_f1=0.7), ended(3, val_f1=0.8)):
        epochs.add(event)
    np.testing.assert_array_equal(epochs.metric("loss"), [1.0, 0.5, math.nan])
    np.testing.assert_array_equal(epochs.metric("val_f1"), [math.nan, 0.7, 0.8])
    assert np.isnan(epochs.metric("val_mean_iou")).all()
    assert len(epochs.metric("val_mean_iou")) == 3
    assert set(epochs.names) == {"loss", "val_f1"}


def test_epochs_that_are_forgotten_leave_every_column_as_long_as_the_others() -> None:
    epochs = Epochs()
    for epoch in (3, 4, 5):
        epochs.add(ended(epoch, epoch - 3, 8, loss=float(epoch)))
    epochs.truncate(4)
    assert epochs.number.view.tolist() == [3, 4]
    assert epochs.metric("loss").tolist() == [3.0, 4.0]
    assert epochs.waited == [(0, 8), (1, 8)]
    epochs.truncate(2)
    assert len(epochs) == 0


def test_patience_is_known_only_where_both_numbers_are() -> None:
    epochs = Epochs()
    epochs.add(ended(1, 0, None))
    epochs.add(ended(2, None, 8))
    epochs.add(ended(3, 1, 8))
    assert epochs.waited == [None, None, (1, 8)]


# --- the middles of epochs ------------------------------------------------------------------------------


def test_the_middle_of_an_epoch_lies_halfway_on_every_axis() -> None:
    tale = Tale()
    for epoch in (1, 2, 3):
        tale.steps(SPE)
        tale.end(epoch, 0.5)
    np.testing.assert_allclose(tale.curves.axes.x_of_middles(Axis.EPOCH), [0.5, 1.5, 2.5])
    np.testing.assert_allclose(tale.curves.axes.x_of_middles(Axis.STEP), [5.0, 15.0, 25.0])
    np.testing.assert_allclose(tale.curves.axes.x_of_middles(Axis.TIME), [0.5, 1.5, 2.5])


def test_before_an_epoch_has_ended_there_is_no_middle() -> None:
    for axis in Axis:
        assert len(RunCurves().axes.x_of_middles(axis)) == 0


def test_a_forks_first_epoch_begins_where_its_parent_was_left() -> None:
    fork = Tale(epoch=4)
    numbers = np.ones((SPE, 5), np.float32)
    fork.block(StepBlock(4 * SPE + 1, numbers, 0.0, 1.0))
    fork.say(EpochEnded(5, 5 * SPE, 1.0, {"loss": 0.5}, 100.0))
    np.testing.assert_allclose(fork.curves.axes.x_of_middles(Axis.EPOCH), [4.5])
    np.testing.assert_allclose(fork.curves.axes.x_of_middles(Axis.STEP), [45.0])
    np.testing.assert_allclose(fork.curves.axes.x_of_middles(Axis.TIME), [0.5])


def test_middles_are_known_where_only_the_epochs_ends_are() -> None:
    curves = RunCurves()
    curves.feed([Said(1, 1, 0.0, ended(1, loss=1.0)), Said(2, 1, 0.0, ended(2, loss=1.0))], [])
    np.testing.assert_allclose(curves.axes.x_of_middles(Axis.STEP), [5.0, 15.0])


# --- speed and penalties ---------------------------------------------------------------------------------


def test_the_speed_is_that_of_the_stretch_a_step_was_written_down_in() -> None:
    tale = Tale()  # 100 pictures in 10 steps: ten each
    for first, count, begin, end in ((1, 4, 0.0, 1.0), (5, 6, 1.0, 1.5), (11, 2, 9.5, 10.0)):
        tale.block(StepBlock(first, np.ones((count, 5), np.float32), begin, end))
    stops, speeds = tale.curves.speeds(0, 12)
    assert stops.tolist() == [4, 10, 12]
    np.testing.assert_allclose(speeds, [40.0, 120.0, 40.0])
    assert [tale.curves.speed_at(place) for place in (0, 3, 4, 9, 11)] == [40.0, 40.0, 120.0, 120.0, 40.0]
    assert tale.curves.speeds(4, 5)[1].tolist() == [120.0]


def test_there_is_no_speed_without_steps_without_data_or_in_what_a_fork_does_not_know() -> None:
    assert math.isnan(RunCurves().speed_at(0))
    bare = Tale()
    bare.curves = RunCurves()
    bare.steps(4)
    assert math.isnan(bare.curves.speed_at(0)), "how many pictures a step has is not known before the data is"
    fork = Tale(epoch=2)
    fork.block(StepBlock(2 * SPE + 1, np.ones((4, 5), np.float32), 0.0, 1.0))
    assert math.isnan(fork.curves.speed_at(5))
    assert fork.curves.speed_at(2 * SPE) == 40.0


def test_penalties_cost_nothing_until_there_is_one_and_are_zero_before() -> None:
    tale = Tale()
    tale.steps(20)
    assert not tale.curves.penalized
    assert len(tale.curves.penalty) == len(tale.curves.penalty_share) == 0
    tale.steps(3, penalty=1.0)
    tale.steps(2)
    assert tale.curves.penalized
    assert tale.curves.penalty.values.tolist() == [0.0] * 20 + [1.0] * 3 + [0.0] * 2


def test_a_penalty_that_begins_late_in_a_fork_is_unknown_before_it_grew_live_and_read_again() -> None:
    fork = Tale(epoch=2)
    fork.block(StepBlock(2 * SPE + 1, np.zeros((4, 5), np.float32), 0.0, 1.0))
    fork.steps(2, penalty=0.5)
    for curves in (fork.curves, fork.replayed()):
        assert np.isnan(curves.penalty.values[:20]).all()
        assert curves.penalty.first_bad() is None
        assert curves.penalty.values[20:].tolist() == [0.0] * 4 + [0.5] * 2


def test_the_share_of_the_penalty_grows_with_the_steps_and_is_cut_by_a_resume() -> None:
    tale = Tale()
    tale.steps(SPE, penalty=1.0)
    np.testing.assert_allclose(tale.curves.penalty_share.values, 0.5)
    tale.end(1, 0.5)
    tale.steps(6, penalty=3.0)
    share = tale.curves.penalty_share
    np.testing.assert_allclose(share.values, [0.5] * 10 + [0.75] * 6)
    tale.resume(1)
    assert len(tale.curves.penalty_share) == SPE
    tale.steps(2, penalty=9.0)
    np.testing.assert_allclose(tale.curves.penalty_share.values, [0.5] * 10 + [0.9] * 2)
    np.testing.assert_array_equal(tale.curves.penalty_share.values, tale.replayed().penalty_share.values)


def test_a_share_of_nothing_is_marked_as_no_number() -> None:
    tale = Tale()
    tale.steps(1, penalty=1.0)
    tale.steps(1, losses=[0.0])
    assert tale.curves.penalty_share.first_bad() == (1, 1)


def test_the_chosen_way_of_smoothing_outlives_the_word_of_how_long_an_epoch_is() -> None:
    curves = RunCurves()
    curves.set_smoothing(Smoothing(Kind.WINDOW, 1), chosen=False)
    curves.feed([Said(1, 1, 0.0, READY)], [])
    assert curves.smoothing == Smoothing(Kind.WINDOW, 2)


@pytest.mark.parametrize("axis", list(Axis))
def test_a_flag_stands_at_the_end_of_its_step(axis: Axis) -> None:
    tale = Tale()
    tale.steps(SPE)
    tale.end(1, 0.5)
    tale.steps(5)
    wanted = {Axis.EPOCH: 1.5, Axis.STEP: 15.0, Axis.TIME: 1.5}[axis]
    assert tale.curves.axes.x_of_flag(axis, Flag("rate", 15, 2, "x")) == pytest.approx(wanted)
    assert tale.curves.axes.x_of_flag(axis, Flag("rate", 0, 0, "x")) == 0.0


# --- forks whose epochs have another length than their parent's ------------------------------------------


@pytest.fixture
def smaller_batches() -> RunCurves:
    """After two epochs of ten steps a fork has epochs of twenty; three of them, a second each."""
    curves = RunCurves()
    ready = dataclasses.replace(READY, steps_per_epoch=20)
    ends = [EpochEnded(epoch, 20 + 20 * (epoch - 2), float(epoch - 2), {"loss": 0.5}, 100.0) for epoch in (3, 4, 5)]
    told = [AttemptStarted(2, 20, 1), ready, *ends]
    block = StepBlock(21, np.ones((60, 5), np.float32), 0.0, 3.0)
    curves.feed([Said(number, 1, 0.0, event) for number, event in enumerate(told, 1)], [Steps(1, 1, block)])
    return curves


@pytest.mark.parametrize("axis", list(Axis))
def test_a_forks_steps_lie_within_its_epochs_also_when_these_are_longer_than_its_parents(smaller_batches, axis) -> None:
    curves = smaller_batches
    last_steps = np.array([39.0, 59.0, 79.0])
    np.testing.assert_allclose(curves.axes.x_of_places(axis, last_steps), curves.axes.x_of_epochs(axis))
    np.testing.assert_allclose(
        [curves.axes.x_of_epoch(axis, epoch) for epoch in (3, 4, 5)], curves.axes.x_of_epochs(axis)
    )
    assert [curves.axes.place_of_x(axis, float(x)) for x in curves.axes.x_of_epochs(axis)] == [40, 60, 80]
    assert curves.axes.now(axis) == curves.axes.x_of_epochs(axis)[-1]
    assert curves.axes.x_of_epoch(axis, 6) == {Axis.EPOCH: 6.0, Axis.STEP: 100.0, Axis.TIME: 4.0}[axis]
    flag = Flag("rate", 40, 3, "x")
    assert curves.axes.x_of_flag(axis, flag) == curves.axes.x_of_epochs(axis)[0]


def test_before_a_fork_began_its_parents_epochs_count(smaller_batches) -> None:
    np.testing.assert_allclose(
        smaller_batches.axes.x_of_places(Axis.EPOCH, np.array([4.0, 9.0, 19.0, 29.0])), [0.5, 1, 2, 2.5]
    )
    assert [smaller_batches.axes.steps_of(epoch) for epoch in (0.0, 1.0, 2.0, 3.0)] == [0, 10, 20, 40]
    assert smaller_batches.axes.place_of_x(Axis.EPOCH, 1.0) == 10


def test_how_long_a_forks_epochs_are_follows_from_its_own_alone() -> None:
    curves = RunCurves()
    told = [AttemptStarted(2, 20, 1), EpochEnded(3, 40, 1.0, {}, 100.0)]
    curves.feed([Said(number, 1, 0.0, event) for number, event in enumerate(told, 1)], [])
    assert curves.axes.steps_per_epoch == 20
    assert curves.axes.seconds_per_epoch == 1.0
