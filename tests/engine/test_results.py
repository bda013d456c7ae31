"""Kept weights judged anew: the run's own numbers, in files that are written whole; and the test part, which is remembered."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.engine.test_judging import restless
from tests.engine.test_mask_objective import DATA, MODEL
from tests.engine.test_predict import draw_pairs
from tests.engine.test_process import run_cold
from tests.engine.training import Trained, recipe, train
from workbench.data.store import RESIDENT_VARIABLE
from workbench.errors import DataError, EngineError, WorkspaceError
from workbench.events import EpochEnded, Phase
from workbench.journal import Journal, Run
from workbench.journal.judged import Judged, read
from workbench.journal.kept import checkpoints, manifests
from workbench.journal.tested import looks_at_test
from workbench.launch.probe import Probe
from workbench.paths import Workspace
from workbench.results import confusion, overlap
from workbench.results.answers import answers
from workbench.spec.recipe import Recipe, parse

pytestmark = pytest.mark.keras


def silent(_phase: Phase, _done: int, _total: int | None, _note: str) -> None:
    """Nobody looks at how far the reading is."""


def places(workspace: Workspace, run: str) -> list[str]:
    """The kept checkpoints, newest first."""
    with Journal(workspace) as journal:
        return [str(each["file"]).partition("/")[0] for each in manifests(checkpoints(journal, run))]


def judged(workspace: Workspace, run: str, place: str, part: Any = "validation") -> Judged:
    from workbench.engine.results.judge import judge
    from workbench.engine.results.opened import open_kept

    return read(judge(workspace, open_kept(workspace, run, place, silent), part))


def metrics_after(done: Trained, epoch: int) -> dict[str, float]:
    (found,) = (event.metrics for event in done.events(EpochEnded) if event.epoch == epoch)
    return {name: value for name, value in found.items() if name.startswith("val_")}


def check_every_checkpoint(workspace: Workspace, wanted: Recipe) -> list[Judged]:
    """Each kept checkpoint has its own epoch's numbers, all of them."""
    done = train(workspace, wanted)
    found = [judged(workspace, done.run.id, place) for place in places(workspace, done.run.id)]
    assert len(found) > 1
    for each in found:
        own = metrics_after(done, each.about.epoch)
        assert each.about.metrics.keys() == own.keys()
        assert each.about.metrics == pytest.approx(own, rel=2e-6)
        assert each.about.metrics["val_accuracy"] == own["val_accuracy"]
        assert each.about.same_pictures
    return found


def test_each_checkpoint_has_the_numbers_of_its_epoch_with_crops_averages_and_batch_norm(workspace: Workspace) -> None:
    found = check_every_checkpoint(workspace, restless())
    assert found[0].pictures.shape[1:] == (8, 8, 1), "what the network saw: the middle"
    said = answers(found[0].about.classes, found[0].truth, found[0].probabilities, found[0].predicted)
    assert confusion.accuracy(said) == found[0].about.metrics["val_accuracy"]
    matrix = confusion.confusion(said.truth, said.predicted, 10)
    table = confusion.by_class(matrix)
    assert confusion.known_mean(table.f1) == pytest.approx(found[0].about.metrics["val_f1"])
    np.testing.assert_allclose(said.probabilities.sum(axis=1), 1, rtol=1e-5)


def test_label_smoothing_counts_in_the_loss_as_it_did(workspace: Workspace) -> None:
    check_every_checkpoint(
        workspace, recipe(data__limit=200, training__epochs=2, tricks__label_smoothing=True, model__kind="mlp")
    )


def test_pictures_from_disk_are_judged_the_same(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    done = train(workspace, restless(epochs=1))
    (place, *_) = places(workspace, done.run.id)
    memory = judged(workspace, done.run.id, place)
    monkeypatch.setenv(RESIDENT_VARIABLE, "0")
    disk = judged(workspace, done.run.id, place)
    for name in ("truth", "predicted", "pictures", "rows", "probabilities"):
        np.testing.assert_array_equal(getattr(memory, name), getattr(disk, name))


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_weights_that_another_backend_trained_are_judged_as_it_did(
    backend: str, workspace: Workspace, journal: Journal
) -> None:
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed here")
    run = journal.create_run(restless(backend=backend, epochs=2))
    done = run_cold(workspace, run)
    assert done.returncode == 0, done.stderr
    ended = {
        each.event.epoch: each.event.metrics for each in journal.events(run.id) if isinstance(each.event, EpochEnded)
    }
    for place in places(workspace, run.id):
        about = judged(workspace, run.id, place).about
        own = ended[about.epoch]
        assert about.metrics["val_accuracy"] == pytest.approx(own["val_accuracy"], abs=1e-6)
        assert about.metrics["val_loss"] == pytest.approx(own["val_loss"], rel=1e-4)
        assert about.same_pictures


def test_masks_have_the_overlap_of_their_epoch_and_their_pixels_are_counted_by_picture(workspace: Workspace) -> None:
    wanted = parse({"data": DATA, "model": MODEL, "training": {"epochs": 2, "batch_size": 8, "seed": 0}})
    for each in check_every_checkpoint(workspace, wanted):
        assert each.truth.shape == each.predicted.shape == each.pictures.shape[:3]
        iou = overlap.total_iou(each.counts)
        assert confusion.known_mean(iou) == pytest.approx(each.about.metrics["val_mean_iou"])
        assert overlap.pixel_accuracy(each.counts) == pytest.approx(each.about.metrics["val_accuracy"])


def test_ignored_pixels_are_counted_in_no_picture() -> None:
    from workbench.journal.judged import counted

    truth = np.array([[[0, 1], [255, 1]]], np.uint8)
    said = np.array([[[0, 0], [1, 1]]], np.uint8)
    assert counted(truth, said, 2, 255).tolist() == [[[1, 1], [1, 2], [2, 1]]]
    assert counted(truth % 255, said, 2, None).sum() == 4 + 4 + 2


def test_the_test_part_is_other_pictures_and_the_run_remembers_each_look(workspace: Workspace) -> None:
    done = train(workspace, recipe(data__limit=300, data__test=0.2, training__epochs=2, model__kind="mlp"))
    place = places(workspace, done.run.id)[0]
    validation = judged(workspace, done.run.id, place)
    with Journal(workspace) as journal:
        assert looks_at_test(journal, done.run.id) == ()
        assert journal.run(done.run.id).tested == 0
    test = judged(workspace, done.run.id, place, "test")
    assert len(test) == 60
    assert not set(test.rows.tolist()) & set(validation.rows.tolist())
    judged(workspace, done.run.id, place, "test")
    with Journal(workspace) as journal:
        looks = looks_at_test(journal, done.run.id)
        assert [(each.epoch, each.step) for each in looks] == [(test.about.epoch, test.about.step)] * 2
        assert journal.run(done.run.id).tested == 2


def test_test_pictures_must_be_asked_for_expressly() -> None:
    from workbench.engine.results.judge import check_part

    assert check_part("validation", test_wanted=False) == "validation"
    assert check_part("test", test_wanted=True) == "test"
    with pytest.raises(EngineError, match="only when that is asked for expressly"):
        check_part("test", test_wanted=False)
    with pytest.raises(EngineError, match="not on 'training'"):
        check_part("training", test_wanted=True)


def test_a_part_without_pictures_and_a_checkpoint_that_went_are_told_in_a_sentence(workspace: Workspace) -> None:
    done = train(workspace, recipe(data__limit=200, data__test=0.0, training__epochs=1, model__kind="mlp"))
    place = places(workspace, done.run.id)[0]
    with pytest.raises(DataError, match=r"no pictures aside for test\. Set data.test above 0"):
        judged(workspace, done.run.id, place, "test")
    with Journal(workspace) as journal:
        assert looks_at_test(journal, done.run.id) == (), "nothing was looked at"
    with pytest.raises(WorkspaceError, match=f"no checkpoint '000009-000000009' any more; it has {place}"):
        judged(workspace, done.run.id, "000009-000000009")


def test_files_have_their_names_and_changed_pictures_are_known_for_others(workspace: Workspace, tmp_path: Path) -> None:
    base = draw_pairs(tmp_path / "set")
    data = {
        "kind": "mask_folder",
        "path": str(base),
        "image_size": 24,
        "fit": "stretch",
        "validation": 0.25,
        "test": 0.0,
    }
    wanted = parse(
        {"data": data, "model": {"kind": "unet", "depth": 1, "width": 4}, "training": {"epochs": 1, "batch_size": 4}}
    )
    done = train(workspace, wanted)
    place = places(workspace, done.run.id)[0]
    found = judged(workspace, done.run.id, place)
    assert len(found) == 4
    assert all(name.startswith("images/") and (base / name).is_file() for name in found.names)
    (base / found.names[0]).write_bytes((base / "images" / "4.png").read_bytes())
    (base / "masks" / Path(found.names[0]).name).write_bytes((base / "masks" / "4.png").read_bytes())
    assert not judged(workspace, done.run.id, place).about.same_pictures


def test_large_pictures_are_shown_small_and_many_smaller_still() -> None:
    from workbench.engine.results.small import factor_for, shrunk

    assert factor_for(10_000, (32, 32, 3), 64) == 1
    assert factor_for(10, (224, 224, 3), 64) == 4
    assert factor_for(10_000, (224, 224, 3), 64) == 5
    assert factor_for(10**9, (8, 8, 3), 64) == 8, "a pixel is the least"
    pixels = np.arange(2 * 5 * 4, dtype=np.uint8).reshape(2, 5, 4, 1)
    np.testing.assert_array_equal(shrunk(pixels, 2)[0, :, :, 0], [[2, 4], [10, 12]])
    assert shrunk(pixels, 1) is pixels


def test_a_damaged_file_is_told_in_a_sentence(workspace: Workspace) -> None:
    path = workspace.home / "a.npz"
    path.write_bytes(b"PK nothing")
    with pytest.raises(WorkspaceError, match="Delete it and judge again"):
        read(path)


def over(workspace: Workspace, run: Run, question: str, **options: Any) -> Probe:
    """A probe of a run, waited for."""
    asked = {"question": question, "recipe": run.recipe_toml, "run": run.id, **options}
    probe = Probe.start(workspace, asked)
    while not probe.wait(1.0):
        pass
    return probe


def test_a_process_of_its_own_judges_and_looks_at_what_pictures_go_by(workspace: Workspace, tmp_path: Path) -> None:
    done = train(workspace, recipe(data__limit=200, training__epochs=1, data__test=0.1))
    place = places(workspace, done.run.id)[0]
    probe = over(workspace, done.run, "results", place=place, part="validation")
    assert probe.answer is not None, probe.problem
    found = read(Path(probe.answer["file"]))
    assert found.about.metrics["val_accuracy"] == metrics_after(done, 1)["val_accuracy"]
    assert {"progress": {"done": len(found), "of": len(found), "words": "Judging pictures"}} in probe.told()

    to = tmp_path / "looks.npz"
    asked = {"place": place, "part": "test", "rows": [3, 0], "classes": [1, 7], "to": str(to)}
    assert "only when that is asked for expressly" in over(workspace, done.run, "inside", **asked).problem
    probe = over(workspace, done.run, "inside", **asked, test_wanted=True)
    assert probe.answer is not None, probe.problem
    with np.load(to) as file:
        assert file["cams"].shape[0] == 2
        assert file["pictures"].shape == (2, 8, 8, 1)
        assert file["maps"].shape[-1] == probe.answer["maps"]
    assert probe.answer["layer"] == probe.answer["layers"][-1]
    with Journal(workspace) as journal:
        assert journal.run(done.run.id).tested == 1


def test_a_row_that_is_not_there_is_told_in_a_sentence(workspace: Workspace, tmp_path: Path) -> None:
    from workbench.engine.probes.asked import Asked
    from workbench.engine.probes.kept import inside

    done = train(workspace, recipe(data__limit=200, training__epochs=1))
    options = {
        "run": done.run.id,
        "place": places(workspace, done.run.id)[0],
        "part": "validation",
        "to": str(tmp_path / "l"),
    }
    for rows, classes in (([], []), ([10_000], [0]), ([0, 1], [0]), ([-1], [0])):
        asked = Asked(workspace, done.run.recipe, lambda _: None, {**options, "rows": rows, "classes": classes})
        with pytest.raises(EngineError, match="needs rows from 0 to"):
            inside(asked)
