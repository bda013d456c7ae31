"""A run's loss around its weights: what is measured is the loss of networks with those weights, and the run stays as it is."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.engine.test_judging import restless
from tests.engine.test_mask_objective import DATA, MODEL
from tests.engine.test_process import run_cold
from tests.engine.test_results import over, places, silent
from tests.engine.training import Trained, recipe, train
from workbench.data.pictures import InMemory, Part
from workbench.descent import slices
from workbench.descent.slices import Measured, Wanted
from workbench.errors import EngineError, WorkspaceError
from workbench.events import EpochEnded
from workbench.journal import Journal
from workbench.paths import Workspace
from workbench.spec.lab import SLICE_POINTS
from workbench.spec.recipe import changed, parse

pytestmark = pytest.mark.keras
MIDDLE = SLICE_POINTS // 2
FEW = 40
Answer = dict[str, Any]


def measured(workspace: Workspace, done: Trained, to: Path, **options: Any) -> tuple[Answer, Measured]:
    """What the probe answers in this process, and its file."""
    from workbench.engine.probes.asked import Asked
    from workbench.engine.probes.slice import sliced

    newest = places(workspace, done.run.id)[0]
    asked = {"run": done.run.id, "place": newest, "pictures": FEW, "to": str(to), **options}
    answer = sliced(Asked(workspace, done.run.recipe, lambda _: None, asked))
    return answer, slices.read(answer["file"])


def opened(workspace: Workspace, done: Trained, place: str) -> Any:
    from workbench.engine.results.opened import open_kept

    return open_kept(workspace, done.run.id, place, silent)


def own_loss(found: Any, pictures: int = FEW) -> float:
    """The loss of an opened network on the training pictures, by the pass that judges validation."""
    from workbench.engine.judging import remeasured
    from workbench.engine.results.judge import Judge

    rows = remeasured(changed(found.recipe, "training.remeasure", pictures), found.data)
    training = found.data.training
    said = Judge(found).said(Part(InMemory(training.pictures.take(rows)), training.labels[rows]))
    return float(said.sums.loss / said.sums.samples)


def remeasured_after(done: Trained, epoch: int) -> float:
    (found,) = (event.metrics["remeasured_loss"] for event in done.events(EpochEnded) if event.epoch == epoch)
    return float(found)


def digests(folder: Path) -> dict[str, str]:
    files = (each for each in folder.rglob("*") if each.is_file() and slices.FOLDER not in each.parts)
    return {str(each.relative_to(folder)): hashlib.sha256(each.read_bytes()).hexdigest() for each in files}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("slices") / "home").create()


@pytest.fixture(scope="module")
def done(home: Workspace) -> Trained:
    """Batch norm, dropout, averaged weights, crops; three epochs that say what they lose on forty training pictures."""
    from workbench.engine import backends
    from workbench.spec.training import Training

    backends.prepare(Training())
    return train(home, restless(remeasure=FEW, keep_every=1))


def test_in_the_middle_stands_the_loss_that_the_run_itself_has_measured(
    home: Workspace, done: Trained, tmp_path: Path
) -> None:
    answer, found = measured(home, done, tmp_path / "a.npz")
    middle = found.part.losses[MIDDLE, MIDDLE]
    assert middle == pytest.approx(remeasured_after(done, found.about.epoch), rel=2e-6)
    assert answer["loss"] == found.about.loss == middle
    assert answer["pictures"] == found.about.pictures == FEW
    assert (found.about.clipped, answer["other_at"]) == (0, None)
    assert abs(answer["cosine"]) < 0.2, "many weights make random directions nearly orthogonal"
    assert found.about.highest == found.part.losses.max() > middle


@pytest.mark.parametrize(("row", "column"), [(3, 20), (30, 1)])
def test_a_point_is_the_loss_of_the_network_with_those_weights(
    home: Workspace, done: Trained, tmp_path: Path, row: int, column: int
) -> None:
    from workbench.engine import checkpoint
    from workbench.engine.results.plane import random_direction

    _, found = measured(home, done, tmp_path / "a.npz", seed=5, reach=0.7)
    by_hand = opened(home, done, places(home, done.run.id)[0])
    own = checkpoint.weights_of(by_hand.model)
    side = np.linspace(-0.7, 0.7, SLICE_POINTS)
    across, upright = (random_direction(by_hand.model, own, 5, which) for which in (1, 2))
    for weight in by_hand.model.weights:
        if weight.path in across:
            weight.assign(own[weight.path] + side[column] * across[weight.path] + side[row] * upright[weight.path])
    assert found.part.losses[row, column] == pytest.approx(own_loss(by_hand), rel=1e-5)
    assert found.part.losses[row, column] != pytest.approx(found.about.loss, rel=1e-2)


def test_each_filter_of_a_random_direction_is_as_long_as_the_networks_own(home: Workspace, done: Trained) -> None:
    from workbench.engine import checkpoint
    from workbench.engine.results.plane import random_direction

    found = opened(home, done, places(home, done.run.id)[0])
    own = checkpoint.weights_of(found.model)
    direction = random_direction(found.model, own, 1, 1)
    kernels = {name for name in own if name.endswith("/kernel")}
    assert direction.keys() == kernels, "biases, norms and their statistics are left alone"
    for name in kernels:
        for each in range(own[name].shape[-1]):
            mine, drawn = own[name][..., each].ravel(), direction[name][..., each].ravel()
            assert np.linalg.norm(drawn) == pytest.approx(np.linalg.norm(mine.astype(np.float64)), rel=1e-9)
            assert abs(np.corrcoef(mine, drawn)[0, 1]) < 0.999 or mine.size <= 2
    again, other = (random_direction(found.model, own, 1, which) for which in (1, 2))
    name = min(kernels)
    np.testing.assert_array_equal(direction[name], again[name])
    assert not np.allclose(direction[name], other[name])
    assert not np.allclose(direction[name], random_direction(found.model, own, 2, 1)[name])


def test_a_filter_of_a_layer_that_makes_maps_larger_is_on_the_axis_before_the_last() -> None:
    import keras

    from workbench.engine import checkpoint
    from workbench.engine.results.plane import random_direction

    picture = keras.Input((4, 4, 3))
    up = keras.layers.Conv2DTranspose(5, 2, strides=2, name="up")
    model = keras.Model(picture, up(picture))
    own = checkpoint.weights_of(model)
    own["up/kernel"] = np.arange(60, dtype=np.float32).reshape(2, 2, 5, 3)
    own["up/kernel"][:, :, 4] = 0
    direction = random_direction(model, own, 1, 1)["up/kernel"]
    for each in range(5):
        assert np.linalg.norm(direction[:, :, each]) == pytest.approx(np.linalg.norm(own["up/kernel"][:, :, each]))


@pytest.mark.parametrize("reach", [1.0, 0.3])
def test_the_way_to_another_checkpoint_passes_through_its_loss(
    home: Workspace, done: Trained, tmp_path: Path, reach: float
) -> None:
    first = places(home, done.run.id)[-1]
    answer, found = measured(home, done, tmp_path / "b.npz", directions="between", other=first, reach=reach)
    x, y = answer["other_at"]
    side = np.linspace(-reach, reach, SLICE_POINTS)
    column = int(np.argmin(np.abs(side - x)))
    assert (side[column], y) == (pytest.approx(x), 0.0)
    assert found.about.other_at == (x, y)
    there = found.part.losses[MIDDLE, column]
    assert there == pytest.approx(remeasured_after(done, 1), rel=2e-5)
    assert there == pytest.approx(own_loss(opened(home, done, first)), rel=2e-5)
    assert found.part.losses[MIDDLE, MIDDLE] == pytest.approx(remeasured_after(done, found.about.epoch), rel=2e-6)
    assert abs(answer["cosine"]) < 1e-12, "the second direction is made orthogonal to the first"


def test_it_is_remembered_which_checkpoint_lies_within_an_epoch(home: Workspace, done: Trained, tmp_path: Path) -> None:
    newest, *_, first = places(home, done.run.id)
    ways = {"directions": "between", "other": first}
    about = measured(home, done, tmp_path / "a.npz", **ways)[1].about
    assert (about.within, about.other_within) == (False, False)
    for place, expected in ((newest, (True, False)), (first, (False, True))):
        manifest = home.run_folder(done.run.id) / "checkpoints" / place / "manifest.json"
        before = manifest.read_text()
        manifest.write_text(json.dumps({**json.loads(before), "ends_epoch": False}))
        about = measured(home, done, tmp_path / "b.npz", **ways)[1].about
        manifest.write_text(before)
        assert (about.within, about.other_within) == expected


def test_the_run_stays_as_it_is(home: Workspace, done: Trained) -> None:
    folder = home.run_folder(done.run.id)
    with Journal(home) as journal:
        before = digests(folder), journal.run(done.run.id), journal.events(done.run.id)
    first = places(home, done.run.id)[-1]
    measured(home, done, folder / slices.FOLDER / "c.npz", directions="between", other=first)
    with Journal(home) as journal:
        assert (digests(folder), journal.run(done.run.id), journal.events(done.run.id)) == before


def test_the_same_question_has_the_same_answer_and_another_seed_another(
    home: Workspace, done: Trained, tmp_path: Path
) -> None:
    one, same, other = (
        measured(home, done, tmp_path / f"{number}.npz", seed=seed)[1].part.losses
        for number, seed in enumerate((1, 1, 2))
    )
    np.testing.assert_array_equal(one, same)
    assert not np.allclose(one, other)
    assert one[MIDDLE, MIDDLE] == other[MIDDLE, MIDDLE], "the pictures are the run's, whatever the seed"


def test_of_masks_the_loss_of_pictures_is_measured(workspace: Workspace, tmp_path: Path) -> None:
    training = {"epochs": 1, "batch_size": 8, "seed": 0, "remeasure": 10}
    masks = train(workspace, parse({"data": DATA, "model": MODEL, "training": training}))
    _, found = measured(workspace, masks, tmp_path / "m.npz", pictures=10)
    assert found.about.loss == pytest.approx(remeasured_after(masks, 1), rel=1e-5)


def test_a_loss_that_is_no_number_is_clipped_and_told(
    home: Workspace, done: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbench.engine.results.plane import Plane

    def loss(_self: Plane, x: float, y: float) -> float:
        return float("nan") if x == -1 else 1e30 if y == 1 else 2 + x

    monkeypatch.setattr(Plane, "loss", loss)
    answer, found = measured(home, done, tmp_path / "a.npz")
    assert answer["clipped"] == found.about.clipped == 2 * SLICE_POINTS - 1
    assert answer["highest"] == found.part.losses.max() == found.part.losses[0, 0] == 3.0
    assert np.isfinite(found.part.losses).all()
    monkeypatch.setattr(Plane, "loss", lambda *_: float("inf"))
    with pytest.raises(EngineError, match=r"The loss at the weights of 0000.* is inf"):
        measured(home, done, tmp_path / "b.npz")
    assert not (tmp_path / "b.npz").exists()


def test_what_cannot_be_measured_is_told_in_a_sentence(
    home: Workspace, done: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest = places(home, done.run.id)[0]
    cases: list[tuple[dict[str, Any], type[Exception], str]] = [
        ({"place": "000009-000000009"}, WorkspaceError, "no checkpoint '000009-000000009' any more"),
        ({"directions": "between", "other": "x"}, WorkspaceError, "no checkpoint 'x' any more"),
        ({"directions": "between", "other": newest}, EngineError, "have the same weights, so nothing leads"),
        ({"directions": "between"}, EngineError, "needs the other one"),
        ({"reach": -1}, EngineError, "Reach must be a number from 0.01 to 10, got -1"),
    ]
    for options, kind, said in cases:
        with pytest.raises(kind, match=said):
            measured(home, done, tmp_path / "a.npz", **options)
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    with pytest.raises(EngineError, match="measured on TensorFlow"):
        measured(home, done, tmp_path / "a.npz")
    assert list(tmp_path.iterdir()) == []


def test_more_pictures_than_there_are_means_all(workspace: Workspace, tmp_path: Path) -> None:
    small = train(workspace, recipe(data__limit=100, training__epochs=1, model__kind="mlp"))
    answer, _ = measured(workspace, small, tmp_path / "a.npz", pictures=5000)
    found = opened(workspace, small, places(workspace, small.run.id)[0])
    assert answer["pictures"] == len(found.data.training)
    assert answer["loss"] == pytest.approx(own_loss(found, 5000), rel=1e-5)


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_a_run_of_another_backend_has_its_own_loss_in_the_middle(
    backend: str, workspace: Workspace, journal: Journal, tmp_path: Path
) -> None:
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed here")
    run = journal.create_run(restless(backend=backend, epochs=1, remeasure=FEW))
    ended = run_cold(workspace, run)
    assert ended.returncode == 0, ended.stderr
    trained = Trained(None, journal.run(run.id), journal.events(run.id), [], [])  # type: ignore[arg-type] # not asked for
    _, found = measured(workspace, trained, tmp_path / "a.npz")
    assert found.about.loss == pytest.approx(remeasured_after(trained, 1), rel=1e-4)


def test_a_process_of_its_own_measures_and_tells_how_far_it_is(home: Workspace, done: Trained) -> None:
    wanted = Wanted(places(home, done.run.id)[0], pictures=FEW)
    to = home.run_folder(done.run.id) / slices.FOLDER / wanted.file_name
    probe = over(home, done.run, "slice", **wanted.options(), to=str(to))
    assert probe.answer is not None, probe.problem
    assert probe.answer["file"] == str(to)
    assert slices.read(to).about.loss == pytest.approx(remeasured_after(done, 3), rel=2e-6)
    count = SLICE_POINTS**2
    assert {"progress": {"done": count, "of": count, "words": "Measuring the loss"}} in probe.told()
