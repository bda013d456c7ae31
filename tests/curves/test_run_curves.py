import math
from dataclasses import replace

import numpy as np
import pytest

from workbench.curves.axes import Axis
from workbench.curves.pyramid import NAN
from workbench.curves.run_curves import RunCurves
from workbench.curves.smoothing import exponential, smoothing_for
from workbench.curves.summary import summary_text, trend_of
from workbench.events import (
    AttemptEnded,
    AttemptStarted,
    BestSoFar,
    DataReady,
    Ending,
    EpochEnded,
    Event,
    RateChanged,
    State,
    StepBlock,
    StoppedEarly,
)
from workbench.journal import Journal, Run, Said, Steps
from workbench.paths import Workspace
from workbench.spec.recipe import Recipe

SPE = 10


def said(*told: tuple[int, Event]) -> list[Said]:
    return [Said(number, attempt, 0.0, event) for number, (attempt, event) in enumerate(told, 1)]


def steps(attempt: int, first: int, losses: list[float], seconds: float = 1.0) -> Steps:
    numbers = np.array([[loss, 1e-3, 1.0, 0.5, 0.0] for loss in losses], np.float32)
    begin = (first - 1) / SPE * seconds
    return Steps(first, attempt, StepBlock(first, numbers, begin, begin + len(losses) / SPE * seconds))


def ended(epoch: int, value: float, waited: int | None = None, patience: int | None = None) -> EpochEnded:
    metrics = {"loss": value / 2, "val_loss": value, "accuracy": 0.9, "val_accuracy": 0.8}
    return EpochEnded(epoch, epoch * SPE, float(epoch), metrics, 100.0, waited, patience)


READY = DataReady(100, 20, 0, ("a", "b"), (8, 8, 1), SPE, "f")


@pytest.fixture
def run(tmp_path) -> Run:
    with Journal(Workspace(tmp_path)) as journal:
        return journal.create_run(Recipe(), "Run 17")


def test_nothing_fed_changes_nothing() -> None:
    curves = RunCurves()
    assert not curves.feed([], [])
    assert curves.best is None
    assert curves.projected_stop is None
    assert curves.axes.now(Axis.TIME) == 0.0


def test_feeding_says_whether_something_changed() -> None:
    curves = RunCurves()
    assert curves.feed(said((1, AttemptStarted(0, 0, 1)), (1, READY)), [])
    assert curves.feed([], [steps(1, 1, [1.0, 2.0])])
    assert not curves.feed([], [])
    assert curves.steps == 2
    assert curves.axes.steps_per_epoch == SPE


def test_the_latest_attempt_wins_for_each_step() -> None:
    curves = RunCurves()
    curves.feed(
        said((1, AttemptStarted(0, 0, 1)), (1, READY), (1, ended(1, 0.5)), (1, ended(2, 0.4)), (1, BestSoFar(2, "val_loss", 0.4)),
             (2, AttemptStarted(1, 10, 2)), (2, ended(2, 0.3))),
        [steps(1, 1, [1.0] * 25), steps(2, 11, [9.0] * 4)],
    )  # fmt: skip
    assert curves.loss.values.tolist() == [1.0] * 10 + [9.0] * 4
    assert curves.epochs.metric("val_loss").tolist() == [0.5, 0.3]
    assert curves.best is not None
    assert curves.best.value == 0.3
    assert [flag.kind for flag in curves.flags] == ["resumed"]


def test_live_and_replay_give_the_same_curves() -> None:
    told = said((1, AttemptStarted(0, 0, 1)), (1, READY), (1, ended(1, 0.5)), (1, BestSoFar(1, "val_loss", 0.5)),
                (1, AttemptEnded(Ending.INTERRUPTED, "gone", 1)), (2, AttemptStarted(1, 10, 2)), (2, ended(2, 0.6, 1, 3)))  # fmt: skip
    blocks = [steps(1, 1, [1.0] * 7), steps(1, 8, [2.0] * 9), steps(2, 11, [3.0] * 10)]
    replayed, live = RunCurves(), RunCurves()
    replayed.feed(told, blocks)
    for events, parts in ((told[:2], blocks[:1]), (told[2:5], blocks[1:2]), (told[5:6], []), (told[6:], blocks[2:])):
        live.feed(events, parts)
    for one, other in ((replayed, live), (live, replayed)):
        np.testing.assert_array_equal(one.loss.values, other.loss.values)
        every = np.arange(one.steps)
        np.testing.assert_allclose(one.smooth_loss.at(every), other.smooth_loss.at(every))
        np.testing.assert_array_equal(one.times.at(every), other.times.at(every))
        assert (one.best, one.flags, one.ended, one.projected_stop) == (
            other.best,
            other.flags,
            other.ended,
            other.projected_stop,
        )


def test_an_attempt_without_steps_supersedes_all_the_same() -> None:
    curves = RunCurves()
    curves.feed(said((1, AttemptStarted(0, 0, 1)), (1, READY)), [steps(1, 1, [1.0] * 25)])
    curves.feed(said((2, AttemptStarted(1, 10, 2))), [])
    assert curves.steps == 10
    assert curves.rewritten > 0


def test_a_block_that_comes_twice_counts_once() -> None:
    curves = RunCurves()
    curves.feed([], [steps(1, 1, [1.0] * 5), steps(1, 1, [1.0] * 5), steps(1, 4, [2.0] * 4)])
    assert curves.loss.values.tolist() == [1.0] * 5 + [2.0, 2.0]


@pytest.mark.parametrize(("long", "beta"), [(1, 0.0), (40, 0.875), (469, 1 - 1 / 93), (10_000, 0.99)])
def test_smoothing_suits_the_length_of_an_epoch_until_it_is_chosen(long: int, beta: float) -> None:
    assert smoothing_for(long).beta == pytest.approx(beta)
    curves = RunCurves()
    curves.feed(said((1, DataReady(100, 20, 0, ("a",), (8, 8, 1), long, "f"))), [steps(1, 1, [1.0, 2.0])])
    assert curves.smoothing.beta == pytest.approx(beta)
    curves.set_smoothing(exponential(0.5))
    curves.feed(said((2, DataReady(100, 20, 0, ("a",), (8, 8, 1), long, "f"))), [])
    assert curves.smoothing == exponential(0.5)


def test_a_missing_stretch_is_a_gap_and_later_steps_keep_their_place() -> None:
    curves = RunCurves()
    curves.feed([], [steps(1, 1, [1.0] * 3), steps(1, 6, [2.0])])
    assert curves.steps == 6
    assert np.isnan(curves.loss.values[3:5]).all()
    assert curves.loss.values[5] == 2.0


def test_the_projected_stop_moves_with_each_new_best_and_ends_with_the_run() -> None:
    curves = RunCurves()
    curves.feed(said((1, AttemptStarted(0, 0, 1)), (1, READY), (1, ended(1, 0.5, 0, 3))), [])
    assert curves.projected_stop == 4
    curves.feed(said((1, ended(2, 0.6, 1, 3))), [])
    assert (curves.projected_stop, curves.waited, curves.patience) == (4, 1, 3)
    curves.feed(said((1, ended(3, 0.4, 0, 3)), (1, BestSoFar(3, "val_loss", 0.4))), [])
    assert curves.projected_stop == 6
    curves.feed(
        said((1, StoppedEarly(6, 3, "No new best for 3 epochs.")), (1, AttemptEnded(Ending.EARLY_STOPPED, "x", 6))), []
    )
    assert curves.projected_stop is None
    assert curves.stopped_early is not None
    assert curves.stopped_early.best_epoch == 3


def test_a_validation_loss_that_is_nan_is_never_best() -> None:
    curves = RunCurves()
    curves.feed(said((1, ended(1, 0.5)), (1, ended(2, math.nan)), (1, ended(3, 0.7))), [])
    assert curves.best is not None
    assert curves.best.epoch == 1


def test_places_and_axes_are_inverse_to_each_other() -> None:
    curves = RunCurves()
    curves.feed(said((1, READY), (1, ended(1, 0.5)), (1, ended(2, 0.5))), [steps(1, 1, [1.0] * 25)])
    for axis in Axis:
        places = np.arange(25, dtype=np.float64)
        x = curves.axes.x_of_places(axis, places)
        assert (np.diff(x) > 0).all()
        assert [curves.axes.place_of_x(axis, float(each)) for each in x] == [place + 1 for place in range(25)]
        np.testing.assert_allclose(
            curves.axes.x_of_epochs(axis), [curves.axes.x_of_epoch(axis, 1), curves.axes.x_of_epoch(axis, 2)]
        )
    assert curves.axes.x_of_epoch(Axis.EPOCH, 2) == 2
    assert curves.axes.x_of_epoch(Axis.STEP, 2) == 20
    assert curves.axes.x_of_epoch(Axis.TIME, 4) == 4.0


@pytest.mark.parametrize(
    ("old", "new", "text"), [(1e-3, 2e-4, "LR ÷ 5"), (1e-3, 2e-3, "LR × 2"), (1e-3, 7e-4, "LR 7.0e-4")]
)
def test_a_changed_rate_is_told_as_a_factor_when_it_is_one(old: float, new: float, text: str) -> None:
    curves = RunCurves()
    curves.feed(said((1, RateChanged(3, 30, old, new, "by hand"))), [])
    assert curves.flags[0].text == text


# --- in sentences -------------------------------------------------------------------------------------


def test_the_summary_tells_state_best_last_trend_and_what_happened(run: Run) -> None:
    curves = RunCurves()
    values = [0.9, 0.5, 0.3, 0.2147, 0.2191, 0.2193, 0.2193]
    told: list[tuple[int, Event]] = [(1, READY)]
    for epoch, value in enumerate(values, 1):
        told.append((1, ended(epoch, value, max(0, epoch - 4), 8)))
    told += [(1, BestSoFar(4, "val_loss", 0.2147)), (1, RateChanged(5, 50, 1e-3, 5e-4, "plateau"))]
    curves.feed(said(*told), [])
    text = summary_text(run, curves)
    assert text.startswith(f"Run 17, {State.QUEUED}, epoch 7 of {run.epochs_planned}.")
    assert "Best validation loss 0.2147 at epoch 4." in text
    assert "Last 0.2193, flat for 2 epochs." in text
    assert "Training loss 0.1096." in text
    assert "Learning rate changed at epoch 5." in text
    assert "Stops at epoch 12 if no better." in text
    assert "if no better" not in summary_text(replace(run, epochs_planned=12), curves), "its plan ends then anyway"


def test_the_summary_says_where_the_loss_became_nan(run: Run) -> None:
    curves = RunCurves()
    curves.feed(said((1, READY)), [steps(1, 1, [1.0, 2.0, math.nan])])
    assert "Training loss is not a number (NaN) from step 3." in summary_text(run, curves)


def test_the_summary_of_a_run_without_steps_says_so(run: Run) -> None:
    assert "No steps yet." in summary_text(run, RunCurves())


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([1.0, 0.8, 0.6, 0.5], "falling over 3 epochs"),
        ([0.5, 0.6, 0.8], "rising over 2 epochs"),
        ([0.5], ""),
        ([0.5, math.nan], ""),
    ],
)
def test_a_trend_is_told_in_words(values: list[float], words: str) -> None:
    assert trend_of(np.array(values)) == words


def test_before_the_place_where_a_fork_grew_nothing_is_known_and_nothing_is_wrong() -> None:
    curves = RunCurves()
    curves.feed(said((1, AttemptStarted(2, 20, 1)), (1, READY), (1, ended(3, 0.3))), [steps(1, 21, [0.5] * 10)])
    assert curves.steps == 30
    assert np.isnan(curves.loss.values[:20]).all()
    assert curves.loss.values[20:].tolist() == [0.5] * 10
    assert curves.loss.first_bad() is None
    seen = curves.loss.see(0, 30, 4)
    assert not len(seen.marks)
    assert curves.loss.span() == (0.5, 0.5)
    curves.feed([], [steps(1, 31, [float("nan")])])
    assert curves.loss.first_bad() == (30, NAN)
