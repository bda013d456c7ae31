"""Training pictures that are judged at an epoch's end as those for validation are: which, by what, and that nothing else changes."""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
import pytest

from tests.engine.mask_data import mask_set
from tests.engine.test_loops import data_set
from tests.engine.test_mask_objective import DATA, MODEL
from tests.engine.test_process import run_cold
from tests.engine.training import Trained, recipe, train
from tests.kills.outcome import outcome
from workbench.data.store import RESIDENT_VARIABLE
from workbench.events import Command, Ending, EpochEnded, Paused, Phase, State
from workbench.journal import Journal
from workbench.paths import Workspace
from workbench.spec.recipe import Recipe, changed, parse

pytestmark = pytest.mark.keras


def restless(**training: Any) -> Recipe:
    """Everything by which a training step sees other pictures and weights than a judgement does."""
    return parse(
        {
            "data": {"kind": "digits", "limit": 400, "image_size": 12, "crop": 8},
            "model": {"kind": "cnn", "stages": 1, "width": 4, "dense": 8, "normalization": "batch"},
            "training": {"epochs": 3, "batch_size": 16, **training},
            "tricks": {"dropout": {"rate": 0.3}, "ema": {"decay": 0.8}, "augmentation": {"rotation": 15.0}},
        }
    )  # fmt: skip


def metrics(done: Trained) -> list[dict[str, float]]:
    return [event.metrics for event in done.events(EpochEnded)]


def remeasured(done: Trained) -> list[tuple[float, float]]:
    return [(each["remeasured_loss"], each["remeasured_accuracy"]) for each in metrics(done)]


def without_it(found: dict[str, float]) -> dict[str, float]:
    return {name: value for name, value in found.items() if not name.startswith("remeasured_")}


def test_it_touches_neither_weights_nor_order_nor_what_else_is_measured(workspace: Workspace) -> None:
    off, on = train(workspace, restless()), train(workspace, restless(remeasure=50))
    assert on.run.weights_sha256 == off.run.weights_sha256
    assert on.run.last_weights_sha256 == off.run.last_weights_sha256
    assert on.losses == off.losses
    assert [without_it(each) for each in metrics(on)] == metrics(off)
    assert len(remeasured(on)) == 3


@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="jax is not installed here")
def test_on_jax_it_touches_neither_weights_nor_steps(workspace: Workspace, journal: Journal) -> None:
    off, on = (journal.create_run(restless(backend="jax", remeasure=count)) for count in (0, 50))
    for run in (off, on):
        done = run_cold(workspace, run)
        assert done.returncode == 0, done.stderr
    expected, found = outcome(workspace, off.id), outcome(workspace, on.id)
    assert (found.weights, found.last_weights) == (expected.weights, expected.last_weights)
    assert found.numbers == expected.numbers
    assert all("remeasured_loss" in each for _, _, each, _ in found.epochs)


def test_of_a_network_that_stands_still_it_is_the_training_loss(workspace: Workspace) -> None:
    still = {"optimizer__learning_rate": 1e-9, "training__epochs": 1, "data__limit": 400}
    (found,) = metrics(train(workspace, recipe(**still, training__remeasure=100_000)))
    assert found["remeasured_loss"] == pytest.approx(found["loss"], rel=1e-4)
    assert found["remeasured_accuracy"] == pytest.approx(found["accuracy"], rel=1e-6)
    (dropped,) = metrics(train(workspace, recipe(**still, training__remeasure=100_000, tricks__dropout=True)))
    assert dropped["remeasured_loss"] == pytest.approx(found["remeasured_loss"], rel=1e-4)
    assert dropped["loss"] != pytest.approx(found["loss"], rel=1e-4)


def test_pictures_from_disk_give_the_same(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = train(workspace, restless(remeasure=50))
    monkeypatch.setenv(RESIDENT_VARIABLE, "0")
    disk = train(workspace, restless(remeasure=50))
    assert remeasured(disk) == remeasured(memory)


def test_without_validation_pictures_it_is_still_measured(workspace: Workspace) -> None:
    bare = recipe(training__keep="last", data__validation=0.0, data__limit=200, training__epochs=2)
    done = train(workspace, changed(bare, "training.remeasure", 50))
    assert done.ending is Ending.COMPLETED
    assert all(set(each) == {"loss", "accuracy", "remeasured_loss", "remeasured_accuracy"} for each in metrics(done))


def test_masks_have_their_overlap_measured_too(workspace: Workspace) -> None:
    training = {"epochs": 2, "batch_size": 8, "seed": 0}
    off, on = (
        train(workspace, parse({"data": DATA, "model": MODEL, "training": {**training, "remeasure": count}}))
        for count in (0, 10)
    )
    assert on.run.weights_sha256 == off.run.weights_sha256
    new = set(metrics(on)[0]) - set(metrics(off)[0])
    assert new == {"remeasured_loss", "remeasured_accuracy", "remeasured_mean_iou"}


def test_which_pictures_is_fixed_by_the_seed_and_each_class_has_its_share() -> None:
    from workbench.engine.judging import remeasured as chosen

    data = data_set()
    wanted = recipe(training__remeasure=60)
    found = chosen(wanted, data)
    assert len(found) == len(np.unique(found)) == 60
    assert (np.diff(found) > 0).all()
    assert (found == chosen(changed(wanted, "training.epochs", 7), data)).all()
    assert (found != chosen(changed(wanted, "training.seed", 2), data)).any()
    shares = np.bincount(data.training.labels[found]) / 60 - np.bincount(data.training.labels) / len(data.training)
    assert np.abs(shares).max() < 1 / 60
    assert len(chosen(recipe(), data)) == 0
    assert (chosen(recipe(training__remeasure=10_000), data) == np.arange(len(data.training))).all()


def test_of_pictures_with_masks_so_many_are_drawn() -> None:
    from workbench.engine.judging import remeasured as chosen

    found = chosen(recipe(training__remeasure=20), mask_set(50))
    assert len(found) == len(np.unique(found)) == 20


def test_a_pause_is_heard_while_it_is_measured_and_changes_nothing(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.engine.deaths import attempt, create
    from workbench.engine.recorder import Recorder

    monkeypatch.setattr("workbench.engine.recorder.LIVE_SECONDS", 0.0)
    wanted = restless(remeasure=100)
    whole = create(workspace, wanted)
    attempt(workspace, whole)
    run, listen, asked = create(workspace, wanted), Recorder.listen, []

    def press(recorder: Any) -> None:
        if recorder._live.phase is Phase.REMEASURING and recorder._live.epoch == 2 and not asked:
            with Journal(workspace) as journal:
                asked.append(journal.ask(run, Command.PAUSE))

    def listen_and_continue(recorder: Any) -> None:
        listen(recorder)
        with Journal(workspace) as journal:
            if journal.run(run).state is State.PAUSED:
                journal.ask(run, Command.CONTINUE)

    monkeypatch.setattr(Recorder, "listen", listen_and_continue)
    attempt(workspace, run, watch=press)
    with Journal(workspace) as journal:
        (paused,) = (each.event for each in journal.events(run) if isinstance(each.event, Paused))
        ended = [each.event.step for each in journal.events(run) if isinstance(each.event, EpochEnded)]
    assert (paused.epoch, paused.step) == (2, ended[1]), "all steps of the epoch were done, and it was not over"
    assert outcome(workspace, run) == outcome(workspace, whole)
