"""What is said of a run: how far, how long, why it ended, and how it differs from its preset."""

from __future__ import annotations

import dataclasses
import math

import pytest

from workbench.events import Ending, EpochEnded, Live, Phase, State
from workbench.gui.runs import facts
from workbench.journal import Journal, Run, Said
from workbench.paths import Workspace
from workbench.spec import Recipe
from workbench.spec.recipe import changed, parse


@pytest.fixture
def run(workspace: Workspace) -> Run:
    with Journal(workspace) as journal:
        return journal.create_run(changed(Recipe(), "training.epochs", 80))


def test_a_recipe_is_told_in_a_line() -> None:
    recipe = changed(changed(Recipe(), "model.kind", "resnet"), "tricks.augmentation", new=True)
    assert facts.one_line(recipe) == "ResNet-20, Adam, flip and shift"
    more = changed(recipe, "tricks.augmentation.rotation", 10.0)
    assert facts.one_line(more) == "ResNet-20, Adam, augmentation by 3 changes"


def test_chips_tell_only_what_was_chosen_differently() -> None:
    base = Recipe()
    other = changed(
        changed(changed(base, "optimizer.method", "sgd"), "training.batch_size", 1024), "tricks.dropout", new=True
    )
    assert set(facts.chips(other, base)) == {"SGD", "batch size 1\u202f024", "dropout"}
    assert facts.chips(base, base) == ()


def test_values_of_a_trick_that_is_off_are_not_told() -> None:
    assert facts.chips(changed(Recipe(), "tricks.early_stopping.patience", 3), Recipe()) == ()


def test_a_queued_run_with_nothing_before_it_is_shown_as_preparing(run: Run) -> None:
    earlier = dataclasses.replace(run, id="earlier", number=run.number - 1, state=State.RUNNING)
    assert facts.shown_state(run, [run]) is State.PREPARING
    assert facts.shown_state(run, [run, earlier]) is State.QUEUED
    assert facts.shown_state(run, [run, dataclasses.replace(earlier, state=State.ENDED)]) is State.PREPARING


def test_progress_tells_the_phase_before_there_are_epochs_and_epochs_then(run: Run) -> None:
    assert facts.progress(run, None).headline == "Starting the engine"
    fetching = facts.progress(run, Live(Phase.DOWNLOADING, 5, 20, "train.gz"))
    assert (fetching.headline, fetching.share, fetching.note) == ("Downloading", 0.25, "train.gz")
    assert facts.progress(run, Live(Phase.READING, 5, None)).share is None
    training = facts.progress(run, Live(Phase.TRAINING, 10, 40, epoch=41))
    assert training.headline == "Epoch 41 of 80"
    assert training.share == pytest.approx(40.25 / 80)


def test_time_left_is_a_bound_from_the_epochs_so_far(run: Run) -> None:
    halfway = dataclasses.replace(run, state=State.RUNNING, epochs=40, seconds=400.0)
    live = Live(Phase.TRAINING, 0, 40, epoch=41, seconds=400.0)
    assert facts.seconds_left(halfway, live) == pytest.approx(400.0)
    said, until = facts.time_left(halfway, live, now=0.0)
    assert said == "Up to 7\u00a0min left"
    assert until.startswith("ends by ")
    assert facts.time_left(run, None) == ("", "")


def test_a_reason_is_its_first_line_and_the_log_is_details(run: Run) -> None:
    died = dataclasses.replace(
        run, state=State.ENDED, ending=Ending.INTERRUPTED, reason="The engine went away.\n\nLast lines:\nKilled"
    )
    assert facts.reason(died) == "The engine went away."
    assert facts.reason_details(died) == "Last lines:\nKilled"
    assert facts.reason(dataclasses.replace(died, reason="")) == "Interrupted."


def test_losses_take_the_latest_attempt_and_keep_nan() -> None:
    epochs = [(1, 0.5), (2, math.nan), (2, 0.3), (3, math.nan)]
    said = [
        Said(i, 1, 0.0, EpochEnded(epoch, epoch, 0.0, {"val_loss": loss}, 1.0, epoch, 8))
        for i, (epoch, loss) in enumerate(epochs)
    ]
    losses = facts.losses(said)
    assert losses[:2] == (0.5, 0.3)
    assert math.isnan(losses[2])
    assert facts.plateau(said) == (3, 8)


def test_the_plateau_says_what_it_means(run: Run) -> None:
    running = dataclasses.replace(run, state=State.RUNNING)
    assert "5" in facts.plateau_sentence(running, 3, 8)
    stopped = dataclasses.replace(run, state=State.ENDED, ending=Ending.EARLY_STOPPED, epochs=40, seconds=400.0)
    assert facts.plateau_sentence(stopped, 8, 8) == "Saved 40\u00a0epochs, about 7\u00a0min."


def test_what_stands_beside_accuracy_is_of_the_epoch_whose_weights_count(run: Run) -> None:
    last = {"val_loss": 0.3, "val_accuracy": 0.9, "val_f1": 0.7, "val_balanced_accuracy": 0.8, "val_iou/cat": 0.5}
    assert facts.beside_accuracy(dataclasses.replace(run, last=last)) == {"val_balanced_accuracy": 0.8, "val_f1": 0.7}
    best = {**last, "val_f1": 0.75}
    assert facts.beside_accuracy(dataclasses.replace(run, last=last, best=best, best_epoch=3))["val_f1"] == 0.75
    assert facts.beside_accuracy(run) == {}


def test_a_line_names_every_change_that_acts_and_no_other() -> None:
    def said(**augmentation: object) -> str:
        return facts.one_line(parse({"tricks": {"augmentation": {"shift": 0, **augmentation}}}))

    assert said(flip=False, flip_vertical=0.5).endswith("flip up–down")
    assert said(flip=True, flip_probability=0.0, flip_vertical=0.5).endswith(", flip up–down")
    assert said(flip=True).endswith("flip")
