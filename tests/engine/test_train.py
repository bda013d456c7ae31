"""One run, from its recipe to its ending, in this process."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

import numpy as np
import pytest

from tests.engine.training import Trained, recipe, train
from workbench.engine import checkpoint
from workbench.engine.recorder import Recorder
from workbench.events import (
    BestSoFar,
    CheckpointSaved,
    Command,
    DataReady,
    Ending,
    EpochEnded,
    EpochStarted,
    Event,
    Failed,
    ModelReady,
    State,
    StoppedEarly,
    Warned,
)
from workbench.journal import Journal
from workbench.network.plan import plan
from workbench.paths import Workspace
from workbench.spec.recipe import changed

pytestmark = pytest.mark.keras


def test_a_run_says_everything_in_the_order_of_the_grammar(workspace: Workspace) -> None:
    trained = train(workspace, recipe(training__epochs=3))
    assert trained.ending is Ending.COMPLETED
    (data,) = trained.events(DataReady)
    (model,) = trained.events(ModelReady)
    assert data.training + data.validation + data.test == 1797
    assert data.steps_per_epoch == math.ceil(data.training / 32)
    assert (model.backend, model.device) == ("tensorflow", "CPU")
    assert [event.epoch for event in trained.events(EpochStarted)] == [1, 2, 3]
    ended = trained.events(EpochEnded)
    assert [event.step for event in ended] == [data.steps_per_epoch * epoch for epoch in (1, 2, 3)]
    assert len(trained.losses) == 3 * data.steps_per_epoch
    assert trained.run.state is State.ENDED
    assert trained.run.epochs == 3
    assert trained.run.best["val_loss"] == min(event.metrics["val_loss"] for event in ended)
    assert trained.run.reason.startswith("All 3 epochs are done.")


def test_the_scaling_of_the_pictures_is_kept_with_the_run(workspace: Workspace) -> None:
    (data,) = train(workspace, recipe(training__epochs=1)).events(DataReady)
    # Digits are grey, 0 to 255, and mostly dark.
    assert len(data.mean) == len(data.spread) == 1
    assert 60 < data.mean[0] < 90
    assert 80 < data.spread[0] < 110


def test_a_network_sees_random_parts_in_training_and_the_middle_in_validation(workspace: Workspace) -> None:
    wanted = recipe(data__image_size=12, data__crop=8, training__epochs=2, tricks__mixup=True)
    trained = train(workspace, wanted)
    (data,), (model,) = trained.events(DataReady), trained.events(ModelReady)
    assert trained.ending is Ending.COMPLETED
    assert data.shape == (12, 12, 1)
    assert model.parameters == plan(wanted, (8, 8, 1), 10).parameters
    assert all(math.isfinite(event.metrics["val_loss"]) for event in trained.events(EpochEnded))


def test_the_epochs_mean_weighs_each_step_by_its_samples(workspace: Workspace) -> None:
    trained = train(workspace, recipe(training__epochs=1, training__batch_size=100))
    (data,) = trained.events(DataReady)
    assert data.training % 100, "the last step must be smaller for this test to say anything"
    counts = np.full(len(trained.losses), 100)
    counts[-1] = data.training % 100
    mean = float(np.average(trained.losses, weights=counts))
    assert trained.events(EpochEnded)[0].metrics["loss"] == pytest.approx(mean, rel=1e-6)
    assert mean != pytest.approx(float(np.mean(trained.losses)), rel=1e-6)


def test_the_same_recipe_gives_the_same_weights_and_another_seed_others(workspace: Workspace) -> None:
    wanted = recipe(training__epochs=2, tricks__dropout=True, tricks__augmentation=True, model__normalization="batch")
    one, two = train(workspace, wanted), train(workspace, wanted)
    other = train(workspace, recipe(training__epochs=2, training__seed=2))
    assert one.run.weights_sha256 == two.run.weights_sha256 is not None
    assert one.losses == two.losses
    assert other.run.weights_sha256 != one.run.weights_sha256


def test_that_tensorboard_files_are_asked_for_changes_no_weight_and_no_number(workspace: Workspace) -> None:
    """The engine does not even look; that a writer reads along is in launch/test_event_files."""
    small = recipe(training__epochs=2, data__limit=300)
    off, on = train(workspace, small), train(workspace, changed(small, "training.tensorboard", True))
    assert (on.run.weights_sha256, on.run.last_weights_sha256) == (off.run.weights_sha256, off.run.last_weights_sha256)
    assert on.run.weights_sha256
    assert on.losses == off.losses


def test_the_best_epochs_weights_are_kept_and_are_those_on_disk(workspace: Workspace) -> None:
    # A rate so high that later epochs are worse.
    trained = train(workspace, recipe(training__epochs=6, optimizer__learning_rate=0.05))
    ended = trained.events(EpochEnded)
    values = [event.metrics["val_loss"] for event in ended]
    best = int(np.argmin(values)) + 1
    assert best < 6, "this test needs a run that got worse"
    assert trained.run.best_epoch == best == trained.events(BestSoFar)[-1].epoch
    folder = workspace.run_folder(trained.run.id) / "checkpoints"
    kept = checkpoint.manifest(folder, "best")
    last = checkpoint.manifest(folder, "last")
    assert kept is not None
    assert last is not None
    assert (kept.epoch, last.epoch) == (best, 6)
    assert trained.run.weights_sha256 == kept.weights_sha256 == checkpoint.fingerprint(checkpoint.load(folder, "best"))
    assert trained.run.last_weights_sha256 == last.weights_sha256 != kept.weights_sha256


def test_keeping_the_last_epoch_keeps_the_last_epoch(workspace: Workspace) -> None:
    trained = train(workspace, recipe(training__epochs=3, training__keep="last"))
    assert trained.run.weights_sha256 == trained.run.last_weights_sha256 is not None
    assert [event.epoch for event in trained.events(CheckpointSaved)] == [1, 2, 3]


def test_early_stopping_stops_after_its_patience_and_says_why(workspace: Workspace) -> None:
    wanted = recipe(
        training__epochs=40,
        optimizer__learning_rate=0.03,
        tricks__early_stopping=True,
        tricks__early_stopping__patience=2,
    )
    trained = train(workspace, wanted)
    assert trained.ending is Ending.EARLY_STOPPED
    (stopped,) = trained.events(StoppedEarly)
    values = [event.metrics["val_loss"] for event in trained.events(EpochEnded)]
    assert stopped.epoch == len(values) < 40
    assert stopped.best_epoch == int(np.argmin(values)) + 1 == stopped.epoch - 2
    assert [event.waited for event in trained.events(EpochEnded)][-3:] == [0, 1, 2]
    assert trained.run.reason == (
        f"No new best for 2 epochs, so training stopped. The weights of epoch {stopped.best_epoch} are kept."
    )


def test_a_rate_that_makes_the_loss_nan_ends_with_a_card_and_the_last_good_weights(workspace: Workspace) -> None:
    wanted = recipe(
        training__epochs=5, optimizer__method="sgd", optimizer__learning_rate=1000.0, optimizer__momentum=0.0
    )
    trained = train(workspace, wanted)
    assert trained.ending is Ending.FAILED
    (failed,) = trained.events(Failed)
    assert failed.card.title in {"The loss became NaN in epoch 1", "The gradient became infinite in epoch 1"}
    assert not math.isfinite(trained.losses[-1] + trained.norms[-1])
    assert all(math.isfinite(loss + norm) for loss, norm in zip(trained.losses[:-1], trained.norms[:-1], strict=True))
    assert f"Step {len(trained.losses)} " in failed.card.evidence[0]
    folder = workspace.run_folder(trained.run.id) / "checkpoints"
    weights = checkpoint.load(folder, "last")
    assert all(np.isfinite(array).all() for array in weights.values())
    assert trained.run.last_weights_sha256 == checkpoint.fingerprint(weights)


def test_with_clipping_bad_steps_are_skipped_and_ten_in_a_row_end_the_run(workspace: Workspace) -> None:
    wanted = recipe(
        training__epochs=5, optimizer__method="sgd", optimizer__learning_rate=1000.0, optimizer__momentum=0.0,
        tricks__gradient_clipping=True, tricks__gradient_clipping__limit=1_000_000.0,
    )  # fmt: skip
    trained = train(workspace, wanted)
    assert trained.ending is Ending.FAILED
    (failed,) = trained.events(Failed)
    assert "10 steps in a row" in failed.card.what_happened
    good = [math.isfinite(loss + norm) for loss, norm in zip(trained.losses, trained.norms, strict=True)]
    assert not any(good[-10:])
    assert good[-11]


def test_early_stopping_keeps_the_best_epoch_whatever_else_is_kept(workspace: Workspace) -> None:
    wanted = recipe(training__epochs=6, training__keep="last", optimizer__learning_rate=0.05)
    wanted = changed(wanted, "tricks.early_stopping", True)
    trained = train(workspace, wanted)
    kept = checkpoint.manifest(workspace.run_folder(trained.run.id) / "checkpoints", "best")
    assert kept is not None
    assert kept.epoch == trained.run.best_epoch
    assert kept.epoch < trained.run.epochs, "this test needs a run that got worse"
    assert trained.run.weights_sha256 == kept.weights_sha256 != trained.run.last_weights_sha256


def test_stop_now_between_the_news_of_a_best_epoch_and_its_weights_keeps_that_epoch(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    say = Recorder.say

    def say_then_ask(recorder: Recorder, *said: Event) -> None:
        say(recorder, *said)
        if any(isinstance(event, BestSoFar) and event.epoch == 2 for event in said):
            with Journal(workspace) as journal:
                journal.ask(recorder.run, Command.STOP_NOW)

    monkeypatch.setattr(Recorder, "say", say_then_ask)
    trained = train(workspace, recipe(training__epochs=5))
    assert trained.ending is Ending.STOPPED
    assert trained.run.best_epoch == 2
    assert "The weights of epoch 2 are kept." in trained.run.reason
    kept = checkpoint.manifest(workspace.run_folder(trained.run.id) / "checkpoints", "best")
    assert kept is not None
    assert (kept.epoch, kept.weights_sha256) == (2, trained.run.weights_sha256)


def asks_when(workspace: Workspace, command: Command, condition: Callable[[Journal, str], bool]) -> threading.Thread:
    """A thread that gives a command to the newest run as soon as a condition holds."""

    def watch() -> None:
        with Journal(workspace) as journal:
            pause = threading.Event()
            while True:
                runs = journal.runs()
                if runs and runs[0].state is State.ENDED:
                    return
                if runs and condition(journal, runs[0].id):
                    journal.ask(runs[0].id, command)
                    return
                pause.wait(0.005)

    thread = threading.Thread(target=watch, name=f"asks {command}", daemon=True)
    thread.start()
    return thread


def long_run(workspace: Workspace, command: Command, condition: Callable[[Journal, str], bool]) -> Trained:
    thread = asks_when(workspace, command, condition)
    trained = train(workspace, recipe(training__epochs=10_000))
    thread.join()
    return trained


def test_stop_finishes_the_epoch_and_keeps_the_best(workspace: Workspace) -> None:
    trained = long_run(workspace, Command.STOP, lambda journal, run: journal.run(run).epochs >= 2)
    assert trained.ending is Ending.STOPPED
    ended = trained.events(EpochEnded)
    assert len(trained.losses) == ended[-1].step, "the epoch was finished"
    assert trained.run.weights_sha256 is not None
    assert trained.run.reason.startswith(f"Stopped after {len(ended)} epochs. The weights of epoch ")


def test_stop_now_ends_within_the_epoch_and_keeps_the_best(workspace: Workspace) -> None:
    trained = long_run(workspace, Command.STOP_NOW, lambda journal, run: journal.run(run).epochs >= 2)
    assert trained.ending is Ending.STOPPED
    assert trained.run.weights_sha256 is not None
    folder = workspace.run_folder(trained.run.id) / "checkpoints"
    assert trained.run.weights_sha256 == checkpoint.fingerprint(checkpoint.load(folder, "best"))


def test_stop_now_in_the_first_epoch_says_that_there_were_no_epochs(workspace: Workspace) -> None:
    trained = long_run(workspace, Command.STOP_NOW, lambda journal, run: journal.run(run).state is State.PREPARING)
    assert trained.ending is Ending.STOPPED
    assert trained.run.epochs == 0
    assert trained.run.reason.startswith("Stopped after 0 epochs.")


def test_discard_ends_at_once_as_discarded(workspace: Workspace) -> None:
    trained = long_run(workspace, Command.DISCARD, lambda journal, run: journal.run(run).epochs >= 1)
    assert trained.ending is Ending.DISCARDED
    with Journal(workspace) as journal:
        assert journal.runs() == []


def test_a_batch_larger_than_the_data_is_one_step_an_epoch(workspace: Workspace) -> None:
    trained = train(workspace, recipe(training__epochs=2, training__batch_size=100_000))
    assert trained.ending is Ending.COMPLETED
    assert len(trained.losses) == 2


def test_what_to_know_of_a_right_recipe_is_noted_with_the_run(workspace: Workspace) -> None:
    wanted = recipe(
        data__limit=60, model__normalization="batch", tricks__gradient_accumulation=True, training__batch_size=8,
        training__epochs=1,
    )  # fmt: skip
    trained = train(workspace, wanted)
    assert any("own statistics" in event.message for event in trained.events(Warned))
    (data,) = trained.events(DataReady)
    in_one = changed(wanted, "training.batch_size", data.training)
    assert train(workspace, in_one).events(Warned) == []


def test_a_network_that_does_not_fit_the_pictures_is_a_card_that_names_the_setting(workspace: Workspace) -> None:
    trained = train(workspace, recipe(model__stages=7))
    assert trained.ending is Ending.FAILED
    (failed,) = trained.events(Failed)
    assert failed.card.title == "The recipe does not fit"
    assert any("model.stages" in line for line in failed.card.evidence)


def test_what_is_kept_for_good_is_told_so(workspace: Workspace) -> None:
    # No epoch after the first is better by so much.
    early = {"tricks__early_stopping__min_delta": 100.0, "tricks__early_stopping__patience": 50}
    told = train(
        workspace, recipe(training__epochs=4, training__keep_every=2, tricks__early_stopping__on=True, **early)
    )
    assert [(each.epoch, each.keep) for each in told.events(CheckpointSaved)] == [
        (1, "best"), (2, "every"), (3, "last"), (4, "every"),
    ]  # fmt: skip
