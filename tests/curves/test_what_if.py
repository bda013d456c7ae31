import math

import hypothesis
import hypothesis.strategies as st
import pytest

from tests.curves.told import Tale
from workbench.curves.what_if import duration, tell
from workbench.events import AttemptEnded, Ending, EpochEnded, StoppedEarly
from workbench.stopping import Outcome, Rule

LOSSES = st.lists(st.one_of(st.floats(0, 4), st.just(math.nan), st.just(math.inf)), min_size=1, max_size=20)


def a_run(*losses: float | None, first: int = 1, ending: Ending | None = Ending.COMPLETED) -> Tale:
    """A run with these validation losses."""
    tale = Tale(epoch=first - 1)
    for epoch, loss in enumerate(losses, first):
        tale.end(epoch, loss)
    if ending is not None:
        tale.say(AttemptEnded(ending, "", first + len(losses) - 1))
    return tale


def counted(losses: list[float], patience: int, gain: float) -> tuple[int | None, int | None]:
    """The kept epoch and the one after which it stops, counted by hand."""
    best, kept = math.inf, None
    for epoch, loss in enumerate(losses, 1):
        if math.isfinite(loss) and (kept is None or loss < best - gain):
            best, kept = loss, epoch
        if epoch - (kept or 0) >= patience:
            return kept, epoch
    return kept, None


@hypothesis.given(LOSSES, st.integers(1, 6), st.sampled_from([0.0, 0.1, 1.0]))
def test_what_is_told_is_what_counting_by_hand_gives(losses: list[float], patience: int, gain: float) -> None:
    told = tell(a_run(*losses).curves, Rule(patience, gain))
    if all(math.isnan(loss) for loss in losses):
        assert told.outcome.stop_epoch is told.outcome.best_epoch is None
        return
    kept, stop = counted(losses, patience, gain)
    assert (told.outcome.best_epoch, told.outcome.stop_epoch) == (kept, stop)
    numbers = [loss for loss in losses if math.isfinite(loss)]
    assert told.given_up == (losses[kept - 1] - min(numbers) if kept is not None else None)
    assert told.saved == (len(losses) - stop if stop is not None else 0), "an epoch takes a second"
    assert ("Stops at" in told.sentence) == (stop is not None)


@hypothesis.given(LOSSES, st.integers(1, 6), st.sampled_from([0.5, 0.9]))
def test_with_smoothing_it_is_the_mean_up_to_each_epoch_that_is_counted(
    losses: list[float], patience: int, beta: float
) -> None:
    means = []
    for end in range(1, len(losses) + 1):
        weights = [beta ** (end - 1 - at) if math.isfinite(losses[at]) else 0.0 for at in range(end)]
        known = sum(weight * loss for weight, loss in zip(weights, losses, strict=False) if weight)
        means.append(known / sum(weights) if math.isfinite(losses[end - 1]) else math.nan)
    hypothesis.assume(
        all(abs(one - other) > 1e-9 for at, one in enumerate(means) for other in means[:at] if math.isfinite(one))
    )
    told = tell(a_run(*losses).curves, Rule(patience, 0.0, beta))
    if not all(math.isnan(loss) for loss in losses):
        assert (told.outcome.best_epoch, told.outcome.stop_epoch) == counted(means, patience, 0.0)


def test_a_stop_that_keeps_the_same_best_says_what_it_saves() -> None:
    told = tell(a_run(0.5, 0.3, 0.4, 0.5, 0.6, 0.7).curves, Rule(2))
    assert told.sentence == "Stops at 4, keeps epoch 2, the same best. Saves 2 epochs, 2\u00a0s."
    assert told.given_up == 0


def test_a_stop_that_comes_too_soon_says_by_how_much_the_kept_loss_lies_above_the_best() -> None:
    told = tell(a_run(0.5, 0.6, 0.3, 0.4).curves, Rule(1))
    assert told.sentence == "Stops at 2, keeps epoch 1, 0.2000 above the best. Saves 2 epochs, 2\u00a0s."


def test_a_loss_that_is_given_up_never_reads_as_nothing() -> None:
    told = tell(a_run(0.50001, 0.5, 0.6).curves, Rule(2, 0.1))
    assert "keeps epoch 1, 1.0e-5 above the best." in told.sentence


def test_a_stop_after_the_last_epoch_saves_nothing() -> None:
    assert tell(a_run(0.5, 0.6).curves, Rule(1)).sentence == "Stops at 2, keeps epoch 1, the same best."


def test_a_finished_run_in_which_it_does_not_stop_says_how_long_it_has_waited() -> None:
    told = tell(a_run(0.5, 0.3, 0.4).curves, Rule(8))
    assert told.sentence == "Does not stop within the 3 epochs that are recorded; has waited 1 of 8."
    assert tell(a_run(0.5).curves, Rule(8)).sentence.startswith("Does not stop within the 1 epoch that is recorded;")


def test_a_live_run_says_where_it_stops_if_nothing_gets_better() -> None:
    tale = a_run(0.5, 0.3, 0.4, ending=None)
    assert tell(tale.curves, Rule(8)).sentence == "Has waited 1 of 8: stops at 10 if no better."
    tale.end(4, 0.2)
    assert tell(tale.curves, Rule(8)).sentence == "Has waited 0 of 8: stops at 12 if no better."


def test_a_live_run_whose_plan_ends_no_later_than_it_would_stop_says_that_the_plan_ends_first() -> None:
    tale = a_run(0.5, 0.3, 0.4, ending=None)
    assert tell(tale.curves, Rule(8), planned=11).sentence == "Has waited 1 of 8: stops at 10 if no better."
    for planned in (10, 9, 4):
        told = tell(tale.curves, Rule(8), planned)
        assert told.sentence == f"Has waited 1 of 8: the plan ends first, at {planned}."
        assert told.outcome.stop_epoch is None
    tale.say(AttemptEnded(Ending.COMPLETED, "", 3))
    assert "plan" not in tell(tale.curves, Rule(8), planned=9).sentence, "it has ended"


def test_a_fork_is_counted_from_its_own_first_epoch() -> None:
    told = tell(a_run(0.5, 0.6, 0.7, 0.8, first=11).curves, Rule(2))
    assert (told.outcome.best_epoch, told.outcome.stop_epoch, told.saved) == (11, 13, 1.0)
    assert told.sentence.endswith("Saves 1 epoch, 1\u00a0s. Counted from epoch 11, this run's first.")
    assert tell(a_run(0.5, first=11).curves, Rule(2)).sentence.endswith("Counted from epoch 11, this run's first.")


@pytest.mark.parametrize("losses", [(), (None, None), (math.nan, math.nan)])
def test_without_a_validation_loss_it_says_that_there_is_nothing_to_watch(losses: tuple[float | None, ...]) -> None:
    told = tell(a_run(*losses).curves, Rule(2))
    assert told.sentence == "There is no validation loss yet that a rule could watch."
    assert told.outcome.stop_epoch is None


def trained_longer(losses: list[float], rule: Rule, times: int) -> tuple[Tale, int | None, int | None]:
    """A run that was stopped by the rule and trained longer so many times; its kept epoch and its last stop, counted by hand."""
    tale, best, kept, waited, stop = Tale(), math.inf, None, 0, None
    for epoch, loss in enumerate(losses, 1):
        tale.end(epoch, loss)
        if math.isfinite(loss) and (kept is None or loss < best - rule.min_delta):
            best, kept, waited = loss, epoch, 0
        else:
            waited += 1
        if waited == rule.patience:
            tale.say(StoppedEarly(epoch, kept or epoch, ""), AttemptEnded(Ending.EARLY_STOPPED, "", epoch))
            if not times:
                stop = epoch
                break
            tale.resume(epoch)
            times, waited = times - 1, 0
    return tale, kept, stop


@hypothesis.given(LOSSES, st.integers(1, 4), st.sampled_from([0.0, 0.1, 1.0]), st.integers(0, 3))
def test_a_run_that_was_trained_longer_is_counted_as_it_was_stopped(
    losses: list[float], patience: int, gain: float, times: int
) -> None:
    tale, kept, stop = trained_longer(losses, Rule(patience, gain), times)
    told = tell(tale.curves, Rule(patience, gain))
    assert told == tell(tale.replayed(), Rule(patience, gain))
    if not all(math.isnan(loss) for loss in losses[: tale.curves.last_epoch]):
        assert (told.outcome.best_epoch, told.outcome.stop_epoch) == (kept, stop)


def test_where_a_run_was_trained_longer_other_rules_are_counted_anew_too_and_it_is_said() -> None:
    tale, _, stop = trained_longer([0.5, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8], Rule(2), times=1)
    assert stop == 6
    assert tell(tale.curves, Rule(2)).sentence == (
        "Stops at 6, keeps epoch 2, the same best. Counted anew after epoch 4, where it was trained longer."
    )
    assert tell(tale.curves, Rule(1)).sentence == "Stops at 3, keeps epoch 2, the same best. Saves 3 epochs, 3\u00a0s."
    assert tell(tale.curves, Rule(3)).outcome == Outcome(2, None, 2)
    tale.resume(6)
    assert tell(tale.curves, Rule(2)).sentence == (
        "Has waited 0 of 2: stops at 8 if no better. Counted anew after epochs 4 and 6, where it was trained longer."
    )


def test_trained_longer_it_stops_by_the_projection_after_all_its_patience() -> None:
    tale = Tale()
    for epoch, (loss, waited) in enumerate([(0.3, 0), (0.4, 1), (0.5, 2)], 1):
        tale.say(EpochEnded(epoch, 10 * epoch, float(epoch), {"val_loss": loss}, 100.0, waited, 2))
    tale.say(AttemptEnded(Ending.EARLY_STOPPED, "", 3))
    tale.resume(3)
    assert (tale.curves.waited, tale.curves.projected_stop) == (0, 5)
    assert tale.curves.patience_since == 3, "not epoch 1, its best: the count began anew"
    tale.end(4, 0.2)
    assert tale.curves.patience_since == 4
    assert Tale().curves.patience_since is None


def test_what_is_taken_back_is_not_counted_anew() -> None:
    tale, *_ = trained_longer([0.3, 0.4, 0.5, 0.6], Rule(2), times=1)
    tale.say(AttemptEnded(Ending.INTERRUPTED, "", 4))
    tale.resume(4)
    assert tale.curves.epochs.anew == {3}, "taken up past it, it holds"
    tale.resume(2)
    assert tale.curves.epochs.anew == set(), "taken up before it, the count is that of the checkpoint there"
    tale.end(3, 0.5)
    assert tell(tale.curves, Rule(2)).outcome.stop_epoch == 3
    tale.resume(3)
    tale.end(4, 0.6)
    tale.end(5, 0.7)
    tale.say(AttemptEnded(Ending.EARLY_STOPPED, "", 5))
    tale.resume(5)
    assert tale.curves.epochs.anew == {3, 5}
    tale.resume(2)
    tale.end(3, 0.5)
    tale.resume(3)
    assert tale.curves.epochs.anew == {3}, "the engine asks whether the run has ever been stopped there"


def test_a_run_that_was_interrupted_goes_on_counting() -> None:
    tale = a_run(0.3, 0.4, ending=Ending.INTERRUPTED)
    tale.resume(2)
    tale.end(3, 0.5)
    assert tell(tale.curves, Rule(2)).sentence == "Stops at 3, keeps epoch 1, the same best."


def test_a_loss_that_is_no_number_passes_time_and_is_never_kept() -> None:
    told = tell(a_run(0.5, math.nan, math.nan, 0.1).curves, Rule(2))
    assert told.sentence == "Stops at 3, keeps epoch 1, 0.4000 above the best. Saves 1 epoch, 1\u00a0s."
    told = tell(a_run(math.inf, math.inf, 0.1).curves, Rule(2))
    assert told.sentence == "Stops at 2, with no epoch to keep. Saves 1 epoch, 1\u00a0s."
    told = tell(a_run(0.5, -math.inf, 0.6, 0.7).curves, Rule(2))
    assert told.sentence == "Stops at 3, keeps epoch 1, the same best. Saves 1 epoch, 1\u00a0s."


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0~s"), (28.4, "28~s"), (59.6, "1~min 0~s"), (250, "4~min 10~s"), (7_500, "2~h 5~min")]
)
def test_run_time_is_told_in_its_two_largest_units(seconds: float, words: str) -> None:
    assert duration(seconds) == words.replace("~", "\u00a0")
