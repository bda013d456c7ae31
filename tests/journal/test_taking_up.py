"""Runs that are taken up again: back into the queue, and what counts of what was said before."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from workbench.curves.run_curves import RunCurves
from workbench.errors import RecipeError, WorkspaceError
from workbench.events import (
    COLUMNS,
    BestSoFar,
    Ending,
    EpochEnded,
    EpochStarted,
    RateChanged,
    Resumed,
    State,
    StepBlock,
)
from workbench.journal import Journal, taking_up
from workbench.journal.rows import effective
from workbench.paths import Workspace
from workbench.spec import Recipe
from workbench.spec.recipe import changed


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "home")


def epoch(number: int, loss: float) -> EpochEnded:
    return EpochEnded(number, number * 10, number * 2.0, {"loss": loss, "val_loss": loss}, 100.0)


def block(first: int, count: int, loss: float) -> StepBlock:
    return StepBlock(first, np.full((count, len(COLUMNS)), loss, np.float32), 0.0, 1.0)


@pytest.fixture
def interrupted(journal: Journal) -> str:
    """Three epochs of ten steps, the second the best, and four steps more; then its engine went away."""
    run = journal.create_run(changed(Recipe(), "training.epochs", 8)).id
    attempt = journal.begin_attempt(run)
    assert attempt == 1
    for number, loss in ((1, 0.9), (2, 0.5), (3, 0.7)):
        journal.say(run, attempt, [EpochStarted(number), block(number * 10 - 9, 10, loss), epoch(number, loss)])
        if number < 3:
            journal.say(run, attempt, [BestSoFar(number, "val_loss", loss)])
    journal.say(run, attempt, [EpochStarted(4), block(31, 4, 0.6)])
    journal.describe_weights(run, "a", "b")
    journal.end(run, Ending.INTERRUPTED, "The engine went away.")
    return run


def test_an_interrupted_run_goes_back_into_the_queue(journal: Journal, interrupted: str) -> None:
    queued = taking_up.requeue(journal, journal.run(interrupted))
    assert (queued.state, queued.ending, queued.reason, queued.ended) == (State.QUEUED, None, "", None)
    with pytest.raises(WorkspaceError, match="is queued; only a run that has ended"):
        taking_up.requeue(journal, queued)


def test_a_file_whose_name_is_no_text_is_told_and_the_run_stays_as_it_was(journal: Journal, interrupted: str) -> None:
    before = journal.run(interrupted)
    with pytest.raises(RecipeError, match="is no text, so no recipe can keep it"):
        taking_up.requeue(journal, before, weights="/a\udcff.h5")
    assert journal.run(interrupted) == before


def test_the_row_of_a_run_says_what_it_said_where_it_is_taken_up(journal: Journal, interrupted: str) -> None:
    taking_up.requeue(journal, journal.run(interrupted))
    assert journal.begin_attempt(interrupted, 1, 10) == 2
    row = journal.run(interrupted)
    assert (row.state, row.epochs, row.seconds) == (State.PREPARING, 1, 2.0)
    assert (row.best_epoch, row.best["val_loss"], row.last["val_loss"]) == (1, 0.9, 0.9)
    assert (row.weights_sha256, row.last_weights_sha256) == (None, None)


def test_a_run_taken_up_from_its_beginning_has_said_nothing(journal: Journal, interrupted: str) -> None:
    taking_up.requeue(journal, journal.run(interrupted))
    journal.begin_attempt(interrupted)
    row = journal.run(interrupted)
    assert (row.epochs, row.best_epoch, row.best, row.last) == (0, None, {}, {})


def test_what_a_later_attempt_supersedes_does_not_count(journal: Journal, interrupted: str) -> None:
    taking_up.requeue(journal, journal.run(interrupted))
    journal.begin_attempt(interrupted, 2, 20)
    journal.say(interrupted, 2, [EpochStarted(3), block(21, 10, 0.4), epoch(3, 0.4), BestSoFar(3, "val_loss", 0.4)])
    left = effective(journal.events(interrupted))
    assert [(each.epoch, each.metrics["loss"]) for each in left if isinstance(each, EpochEnded)] == [
        (1, 0.9), (2, 0.5), (3, 0.4),
    ]  # fmt: skip
    assert [each.epoch for each in left if isinstance(each, BestSoFar)] == [1, 2, 3]
    assert [each.epoch for each in left if isinstance(each, EpochStarted)] == [1, 2, 3]
    rows = taking_up.recorded(journal, interrupted, 18)
    assert np.round(rows[:, 0].astype(float), 3).tolist() == [0.5] * 2 + [0.4] * 10 + [0.6] * 4, (
        "the newest who did a step"
    )


@pytest.mark.parametrize(("step", "again", "told"), [(27, False, 1), (20, True, 1), (20, False, 0)])
def test_a_rate_that_fell_as_an_epoch_began_counts_once_wherever_that_epoch_is_taken_up(
    journal: Journal, interrupted: str, step: int, again: bool, told: int
) -> None:
    fallen = RateChanged(3, 20, 0.02, 0.01, "no new best for 1 epoch")
    journal.say(interrupted, 1, [fallen])
    taking_up.requeue(journal, journal.run(interrupted))
    journal.begin_attempt(interrupted, 2, step)
    journal.say(interrupted, 2, [fallen] if again else [])
    said = journal.events(interrupted)
    assert [each for each in effective(said) if isinstance(each, RateChanged)] == [fallen] * told
    curves = RunCurves()
    curves.feed(said, [])
    assert [flag.step for flag in curves.flags if flag.kind == "rate"] == [20] * told


def test_an_epoch_of_which_only_the_steps_were_done_has_not_ended(journal: Journal, interrupted: str) -> None:
    taking_up.requeue(journal, journal.run(interrupted))
    journal.begin_attempt(interrupted, 2, 30)
    left = effective(journal.events(interrupted))
    assert [each.epoch for each in left if isinstance(each, EpochEnded)] == [1, 2]


def test_recorded_steps_end_at_a_gap(journal: Journal, interrupted: str) -> None:
    journal.say(interrupted, 1, [block(40, 3, 0.1)])
    assert len(taking_up.recorded(journal, interrupted, 30)) == 4
    assert taking_up.recorded(journal, interrupted, 34).shape == (0, len(COLUMNS))


def test_rates_set_by_hand_are_found_once_and_in_order(journal: Journal, interrupted: str) -> None:
    by_rule = RateChanged(2, 10, 0.1, 0.05, "no new best for 2 epochs")
    by_hand = RateChanged(3, 25, 0.05, 0.01, "set by hand", 0.2)
    earlier = RateChanged(1, 5, 0.1, 0.2, "set by hand", 2.0)
    journal.say(interrupted, 1, [by_rule, by_hand, earlier, by_hand])
    assert taking_up.rates_set_by_hand(journal, interrupted) == [earlier, by_hand]


@pytest.mark.parametrize(
    ("ending", "done", "words"),
    [
        (Ending.COMPLETED, 8, "All 8 epochs of .* are done. To train longer, say until which epoch"),
        (Ending.EARLY_STOPPED, 3, "Early stopping ended .* after epoch 3. To train longer"),
    ],
)
def test_a_run_that_is_done_is_only_trained_longer(journal: Journal, ending: Ending, done: int, words: str) -> None:
    run = journal.create_run(changed(Recipe(), "training.epochs", 8)).id
    journal.begin_attempt(run)
    journal.say(run, 1, [epoch(number + 1, 0.5) for number in range(done)])
    journal.end(run, ending, "")
    with pytest.raises(WorkspaceError, match=words):
        taking_up.requeue(journal, journal.run(run))
    with pytest.raises(WorkspaceError, match=f"has {done} epochs already; train it until a later one"):
        taking_up.requeue(journal, journal.run(run), done)
    longer = taking_up.requeue(journal, journal.run(run), 12)
    assert (longer.state, longer.epochs_planned, longer.recipe.training.epochs) == (State.QUEUED, 12, 12)
    assert "epochs = 12" in (journal.workspace.run_folder(run) / "recipe.toml").read_text()


def test_a_discarded_run_and_one_that_cannot_be_read_are_not_taken_up(journal: Journal) -> None:
    gone, strange = journal.create_run(Recipe()).id, journal.create_run(Recipe()).id
    journal.end(gone, Ending.DISCARDED, "")
    with pytest.raises(WorkspaceError, match="was discarded; nothing of it is left"):
        taking_up.requeue(journal, journal.run(gone))
    journal.end(strange, Ending.INTERRUPTED, "")
    journal.write("UPDATE runs SET recipe = 'format = 1\n[training]\nspeed = 3\n' WHERE id = ?", strange)
    with pytest.raises(WorkspaceError, match="cannot be read any more by this version"):
        taking_up.requeue(journal, journal.run(strange))


def test_how_a_resume_came_out_stands_in_the_row(journal: Journal, interrupted: str) -> None:
    assert journal.run(interrupted).exact is None
    for exact in (True, False):
        journal.say(interrupted, 2, [Resumed(3, 30, exact, 1, ())])
        assert journal.run(interrupted).exact is exact
