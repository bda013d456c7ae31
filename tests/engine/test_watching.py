"""What is looked at beside the curves: the same answers as validation's, masks, signal and dead units, and a run that does not notice."""

from __future__ import annotations

import importlib.util
import json
from typing import Any

import numpy as np
import pytest

from tests.engine.test_judging import restless
from tests.engine.test_process import run_cold
from tests.engine.training import recipe, train
from tests.kills.outcome import outcome
from workbench.events import EpochEnded, State
from workbench.journal import Journal, watched
from workbench.journal.rows import WatchedKind
from workbench.paths import Workspace
from workbench.probing.xray import XRay
from workbench.spec.recipe import Recipe, changed, parse

pytestmark = pytest.mark.keras


def bodies(workspace: Workspace, run: str, kind: WatchedKind) -> dict[int, bytes]:
    with Journal(workspace) as journal:
        return {epoch: watched.body(journal, row) for epoch, row in watched.places(journal, run, kind).items()}


def samples(workspace: Workspace, run: str) -> watched.Samples:
    return watched.Samples.read(bodies(workspace, run, WatchedKind.SAMPLES)[0])


def answers(workspace: Workspace, run: str) -> dict[int, watched.Answers]:
    found = bodies(workspace, run, WatchedKind.ANSWERS)
    return {epoch: watched.Answers.read(body) for epoch, body in found.items()}


def xrays(workspace: Workspace, run: str) -> dict[int, XRay]:
    found = bodies(workspace, run, WatchedKind.SIGNAL)
    return {epoch: XRay.from_tree(watched.signal_of(body)) for epoch, body in found.items()}


def masked(**training: Any) -> Recipe:
    return parse(
        {
            "data": {"kind": "shape_masks", "limit": 60, "image_size": 32},
            "model": {"kind": "unet", "depth": 2, "width": 4},
            "training": {"epochs": 2, "batch_size": 8, **training},
            "tricks": {"ema": {"decay": 0.5}},
        }
    )  # fmt: skip


def test_the_answers_of_each_epoch_are_those_its_validation_counted(workspace: Workspace) -> None:
    done = train(workspace, restless())
    told, kept = samples(workspace, done.run.id), answers(workspace, done.run.id)
    ended = done.events(EpochEnded)
    assert list(kept) == [event.epoch for event in ended] == [1, 2, 3]
    assert len(told.rows) == told.of == len(told.truth)
    for event in ended:
        said = kept[event.epoch]
        assert float(np.mean(said.given == told.truth)) == pytest.approx(event.metrics["val_accuracy"], abs=1e-6)
        loss = -np.log(np.maximum(said.true_share, 1e-7)).mean()
        assert loss == pytest.approx(event.metrics["val_loss"], rel=2e-3)  # shares are kept to three digits
        assert (said.true_share <= said.share).all()
        assert ((said.given != told.truth) | (said.true_share == said.share)).all()


def test_the_few_that_are_looked_at_have_every_class_and_are_the_same_again(workspace: Workspace) -> None:
    first, second = (samples(workspace, train(workspace, restless(epochs=1)).run.id) for _ in range(2))
    assert len(first.few) == 24
    assert set(first.truth[first.few]) == set(range(10))
    assert np.array_equal(first.few, second.few)
    assert np.array_equal(first.pictures, second.pictures)
    assert first.pictures.shape == (24, 8, 8, 1)
    other = samples(workspace, train(workspace, restless(epochs=1, seed=2)).run.id)
    assert not np.array_equal(first.few, other.few)


def test_an_xray_each_epoch_changes_no_weight_and_no_number(workspace: Workspace) -> None:
    off, on = train(workspace, restless()), train(workspace, restless(xray=True))
    assert (on.run.weights_sha256, on.run.last_weights_sha256) == (off.run.weights_sha256, off.run.last_weights_sha256)
    assert on.run.weights_sha256
    assert on.losses == off.losses
    assert [event.metrics for event in on.events(EpochEnded)] == [event.metrics for event in off.events(EpochEnded)]
    assert list(xrays(workspace, on.run.id)) == [1, 2, 3]
    assert not xrays(workspace, off.run.id)


def without_averages(**training: Any) -> Recipe:
    """What is kept are then the very weights that learned."""
    wanted = restless(xray=True, keep="last", **training)
    return wanted.model_copy(update={"tricks": wanted.tricks.model_copy(update={"ema": recipe().tricks.ema})})


def check_last_xray(workspace: Workspace, run: str, wanted: Recipe, close: float) -> None:
    """The X-ray of the last epoch is that of the weights that were kept then."""
    from workbench import data
    from workbench.engine import checkpoint
    from workbench.engine.build import build_model
    from workbench.engine.signal import Passes, scene_of

    here = changed(wanted, "training.backend", "tensorflow")
    loaded = data.load(here.data, here.training.seed, workspace, lambda *_: None)
    scene = scene_of(here, loaded)
    model = build_model(scene.plan, scene.recipe)
    checkpoint.assign(model, checkpoint.load(workspace.run_folder(run) / "checkpoints", "last"))
    last = here.training.epochs
    (scheme,) = xrays(workspace, run)[last].schemes
    assert scheme.title == f"Epoch {last}"
    for found, expected in zip(scheme.rows, Passes(scene).rows(model), strict=True):
        assert found.layer == expected.layer
        assert found.activation_std == pytest.approx(expected.activation_std, rel=close)
        assert found.gradient_std == pytest.approx(expected.gradient_std, rel=close, abs=1e-9)
        assert found.dead == expected.dead


def test_the_xray_of_an_epoch_is_the_one_of_its_last_weights(workspace: Workspace) -> None:
    wanted = without_averages(epochs=2)
    check_last_xray(workspace, train(workspace, wanted).run.id, wanted, 1e-5)


def test_units_that_die_during_a_run_are_counted(workspace: Workspace) -> None:
    done = train(
        workspace, recipe(optimizer__learning_rate=8.0, training__xray=True, training__epochs=2, tricks__gradient_clipping=True)
    )  # fmt: skip
    shares = [row.dead for row in xrays(workspace, done.run.id)[2].schemes[0].rows if row.dead is not None]
    assert shares
    assert max(shares) > 0.5


def test_masks_of_the_few_are_those_the_kept_weights_give(workspace: Workspace) -> None:
    from workbench import data
    from workbench.engine import checkpoint
    from workbench.engine.build import build_model
    from workbench.network.plan import plan

    wanted = masked(keep="last")
    done = train(workspace, wanted)
    told = samples(workspace, done.run.id)
    given = {epoch: watched.masks_of(body) for epoch, body in bodies(workspace, done.run.id, WatchedKind.MASKS).items()}
    loaded = data.load(wanted.data, wanted.training.seed, workspace, lambda *_: None)
    assert told.pictures.shape == (6, 32, 32, 3)
    assert np.array_equal(told.masks, loaded.validation.labels[told.few])
    model = build_model(plan(wanted, loaded.shape, len(loaded.classes)), wanted)
    checkpoint.assign(model, checkpoint.load(workspace.run_folder(done.run.id) / "checkpoints", "last"))
    prepared = (told.pictures.astype(np.float32) - loaded.mean) / loaded.spread
    assert list(given) == [1, 2]
    assert np.array_equal(given[2], np.argmax(np.asarray(model(prepared, training=False)), axis=-1))
    assert not np.array_equal(given[1], given[2])


def test_what_a_later_attempt_has_superseded_is_shown_no_more(workspace: Workspace, journal: Journal) -> None:
    run = journal.create_run(recipe(training__epochs=9))
    for start, ends in ((0, 4), (2, 3)):
        attempt = journal.begin_attempt(run.id, start)
        assert attempt
        rows = [watched.signal_row(epoch, {"attempt": attempt}) for epoch in range(start + 1, ends + 1)]
        journal.say(run.id, attempt, rows)
        journal.write("UPDATE runs SET state = ? WHERE id = ?", State.QUEUED, run.id)
    found = bodies(workspace, run.id, WatchedKind.SIGNAL)
    assert {epoch: json.loads(body)["attempt"] for epoch, body in found.items()} == {1: 1, 2: 1, 3: 2}


@pytest.mark.parametrize(("planned", "expected"), [(1, 1), (256, 1), (257, 2), (1000, 4), (100_000, 512)])
def test_a_long_run_is_watched_every_so_many_epochs(planned: int, expected: int) -> None:
    assert watched.stride_of(planned) == expected
    epochs = [epoch for epoch in range(1, planned + 1) if watched.is_watched(epoch, planned)]
    assert epochs[0] == 1
    assert epochs[-1] == planned
    assert len(epochs) <= watched.MOST_EPOCHS + 2


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_the_other_backends_answer_and_xray_as_well(backend: str, workspace: Workspace, journal: Journal) -> None:
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed here")
    off, on = (journal.create_run(restless(backend=backend, xray=xray)) for xray in (False, True))
    for run in (off, on):
        done = run_cold(workspace, run)
        assert done.returncode == 0, done.stderr
    expected, found = outcome(workspace, off.id), outcome(workspace, on.id)
    assert (found.weights, found.last_weights) == (expected.weights, expected.last_weights)
    assert found.numbers == expected.numbers
    told, kept = samples(workspace, on.id), answers(workspace, on.id)
    for epoch, _, metrics, _ in found.epochs:
        assert float(np.mean(kept[epoch].given == told.truth)) == pytest.approx(metrics["val_accuracy"], abs=1e-6)
    assert list(xrays(workspace, on.id)) == list(kept)
    wanted = without_averages(epochs=2, backend=backend)
    third = journal.create_run(wanted)
    done = run_cold(workspace, third)
    assert done.returncode == 0, done.stderr
    check_last_xray(workspace, third.id, wanted, 1e-3)


def test_damaged_rows_are_refused_with_a_sentence() -> None:
    from workbench.errors import WorkspaceError

    for read in (watched.Samples.read, watched.Answers.read, watched.masks_of, watched.signal_of):
        with pytest.raises(WorkspaceError, match="cannot be read any more"):
            read(b"nonsense")
