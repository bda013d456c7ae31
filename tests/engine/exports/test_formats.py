"""A model in each format says what the engine says, carries what it is, and is whole or not there at all."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.engine.exports.runs import draw_folder, train_case, train_on
from tests.engine.exports.subjects import CASES
from workbench.engine.exports import checking, formats
from workbench.engine.exports.export import export
from workbench.engine.exports.formats import FORMATS, wanted
from workbench.engine.exports.subject import Subject, open_subject
from workbench.engine.probes import PROBES
from workbench.engine.probes.asked import Asked
from workbench.errors import DataError, ExportError, WorkspaceError
from workbench.journal import Journal, Run
from workbench.paths import Workspace
from workbench.spec import carried, presets

pytestmark = pytest.mark.keras


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("exported")).create()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_folder(tmp_path_factory.mktemp("pictures") / "set")


@pytest.fixture(scope="module")
def run(home: Workspace, folder: Path) -> Run:
    return train_on(home, folder)


@pytest.fixture(scope="module")
def subject(home: Workspace, run: Run) -> Subject:
    return open_subject(home, run.id)


def ask(workspace: Workspace, run: Run, kind: str, to: Path, **options: Any) -> dict[str, Any]:
    return PROBES["export"](
        Asked(workspace, run.recipe, lambda _: None, {"run": run.id, "as": kind, "to": str(to), **options})
    )


@pytest.mark.parametrize("kind", FORMATS)
def test_a_model_answers_as_the_engine_does_and_needs_no_data_set(
    run: Run, folder: Path, subject: Subject, tmp_path: Path, kind: str
) -> None:
    home = subject.workspace
    away = folder.rename(folder.with_name("away"))
    try:
        answer = ask(home, run, kind, to := tmp_path / f"model{FORMATS[kind].suffix}")
    finally:
        away.rename(folder)

    assert answer["difference"] < 1e-5
    assert (answer["epoch"], answer["agreement"]) == (6, None)
    assert all(Path(each).is_file() or Path(each) == to for each in answer["files"])
    inside = [each for each in tmp_path.iterdir() if each.name.startswith(".")]
    assert inside == [], "nothing half made is left"
    pixels = np.random.default_rng(5).integers(0, 256, (3, 12, 12, 3), np.uint8)
    said = FORMATS[kind].read(to)(pixels.astype(np.float32))
    assert said == pytest.approx(subject.said(pixels), abs=1e-5)
    assert said.sum(axis=-1) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_model_carries_its_recipe_and_what_its_user_needs(subject: Subject, tmp_path: Path, kind: str) -> None:
    to = tmp_path / f"model{FORMATS[kind].suffix}"
    export(subject, FORMATS[kind], to, lambda *_: None)

    found = carried.read(to)

    assert found is not None
    assert presets.loads(found.recipe).recipe == subject.run.recipe
    assert found.facts["classes"] == ["dark", "light", "striped"]
    assert found.facts["input"] == {
        "height": 12, "width": 12, "channels": 3, "colour": "rgb", "values": "float32, 0 to 255", "fit": "crop",
    }  # fmt: skip
    assert found.facts["inside"] == {
        "crop": [10, 10],
        "mean": list(subject.ready.mean),
        "spread": list(subject.ready.spread),
    }
    assert found.facts["weights_sha256"] == subject.kept.weights_sha256


def test_the_weights_of_any_kept_epoch_can_be_taken(home: Workspace, run: Run, tmp_path: Path) -> None:
    taken = {which: open_subject(home, run.id, which) for which in ("", "last", "best", "2")}

    assert {which: each.kept.epoch for which, each in taken.items() if which != "best"} == {"": 6, "last": 6, "2": 2}
    assert taken["2"].carried.facts["weights_sha256"] != taken["last"].carried.facts["weights_sha256"]
    assert open_subject(home, run.id, taken["2"].kept.place).kept == taken["2"].kept
    pixels = taken[""].drawn()
    assert np.abs(taken["2"].said(pixels) - taken["last"].said(pixels)).max() > 1e-3
    with pytest.raises(WorkspaceError, match=r"has not kept epoch 3; kept: .*2.*keep_every"):
        open_subject(home, run.id, "3")


def test_in_8_bits_it_is_told_how_many_answers_stay(home: Workspace, run: Run, tmp_path: Path) -> None:
    small, large = tmp_path / "small.tflite", tmp_path / "large.tflite"
    answer = ask(home, run, "litert", small, quantised=True)
    ask(home, run, "litert", large)

    agreed = answer["agreement"]
    assert answer["difference"] is None
    assert agreed["pictures"] == 18
    assert agreed["engine_right"] == 1, "such pictures are told apart"
    assert agreed["same"] == agreed["right"] >= 0.9
    assert small.read_bytes() != large.read_bytes()
    said = FORMATS["litert"].read(small)(np.zeros((2, 12, 12, 3), np.float32))
    assert set(np.rint(said.ravel() * 256) - said.ravel() * 256) == {0}, "256 steps, the mark of 8 bits"


def test_8_bits_need_the_validation_pictures(home: Workspace, run: Run, folder: Path, tmp_path: Path) -> None:
    away = folder.rename(folder.with_name("away"))
    try:
        with pytest.raises(DataError):
            ask(home, run, "litert", tmp_path / "small.tflite", quantised=True)
    finally:
        away.rename(folder)
    assert list(tmp_path.iterdir()) == []


def test_only_litert_is_quantised(home: Workspace, run: Run, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="Only LiteRT can be quantised, ONNX cannot"):
        ask(home, run, "onnx", tmp_path / "small.onnx", quantised=True)


def _wrong(subject: Subject, path: Path) -> None:
    FORMATS["keras"].write(replace(subject, model=_shifted(subject.model)), path)


def _shifted(model: Any) -> Any:
    import keras

    other = keras.models.clone_model(model)
    other.set_weights(model.get_weights())
    bias = next(each for each in other.weights if each.path == "logits/bias")
    bias.assign(bias + np.float32([0, 0.5, 0]))
    return other


def test_a_model_that_answers_otherwise_is_not_kept(subject: Subject, tmp_path: Path) -> None:
    to = tmp_path / "model.keras"
    to.write_bytes(b"the older one")

    with pytest.raises(
        ExportError, match=r"differ by up to \d.*, and by (6[45]|[1-9]\d\d?)\.\d% of themselves, from the run's own"
    ):
        export(subject, replace(FORMATS["keras"], write=_wrong), to, lambda *_: None)

    assert [each.name for each in tmp_path.iterdir()] == ["model.keras"]
    assert to.read_bytes() == b"the older one"


def test_a_model_that_answers_no_numbers_is_not_kept(subject: Subject) -> None:
    with pytest.raises(ExportError, match="differ by up to nan"):
        checking.difference(subject, lambda pixels: np.full((len(pixels), 3), np.nan, np.float32))


def test_a_saved_model_takes_the_place_of_a_saved_model_only(subject: Subject, tmp_path: Path) -> None:
    mine = tmp_path / "photographs"
    mine.mkdir()
    (mine / "holiday.png").write_bytes(b"dear")
    with pytest.raises(ExportError, match="holds something else than a SavedModel"):
        export(subject, FORMATS["savedmodel"], mine, lambda *_: None)
    with pytest.raises(ExportError, match="is a folder; name a file in it"):
        export(subject, FORMATS["keras"], mine, lambda *_: None)
    assert (mine / "holiday.png").read_bytes() == b"dear"

    for _ in range(2):
        export(subject, FORMATS["savedmodel"], tmp_path / "model", lambda *_: None)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["model", "photographs"]


def test_a_missing_package_is_named_with_the_way_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats.importlib.util, "find_spec", lambda name: None if "onnx" in name else object())

    with pytest.raises(
        ExportError, match=r'onnx and onnxruntime and tf2onnx are missing.*pip install "keras-workbench'
    ):
        wanted("onnx")
    assert wanted("keras").title == "Keras"
    with pytest.raises(ExportError, match=r"keras, savedmodel, onnx, litert, safetensors, got 'h5'"):
        wanted("h5")


@pytest.mark.parametrize("error", [
    OSError(errno.ENOSPC, "No space left on device"),
    # As h5py and TensorFlow say it.
    OSError("Unable to synchronously flush (file write failed: error message = 'No space left on device')"),
    RuntimeError("/tmp/x; No space left on device [Op:SaveV2]"),
])  # fmt: skip
def test_a_full_disk_is_a_sentence_and_leaves_nothing(subject: Subject, tmp_path: Path, error: Exception) -> None:
    def write(_: Subject, path: Path) -> None:
        path.write_bytes(b"half")
        raise error

    with pytest.raises(ExportError, match=r"The disk that holds .*model\.keras is full\. Free some space"):
        export(subject, replace(FORMATS["keras"], write=write), tmp_path / "model.keras", lambda *_: None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["keras", "savedmodel", "onnx", "litert", "safetensors"])
def test_a_disk_that_fills_up_for_real_is_a_sentence(subject: Subject, tmp_path: Path, kind: str) -> None:
    mount = ["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", str(tmp_path)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk needs rights that are not given here")
    try:
        with pytest.raises(ExportError, match="is full"):
            export(subject, FORMATS[kind], tmp_path / f"model{FORMATS[kind].suffix}", lambda *_: None)
        assert list(tmp_path.iterdir()) == []
    finally:
        subprocess.run(["umount", "-l", str(tmp_path)], check=True)


def test_a_folder_that_cannot_be_written_to_is_named(subject: Subject, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ExportError, match=r"model\.keras could not be written: Not a directory"):
        export(subject, FORMATS["keras"], tmp_path / "file" / "model.keras", lambda *_: None)


LOADS_WITHOUT_THE_WORKBENCH = """
import sys
sys.modules["workbench"] = None
import keras, numpy as np
model = keras.models.load_model(sys.argv[1])
pixels = np.arange(3 * 16 * 16 * 3, dtype=np.uint8).reshape(3, 16, 16, 3)
np.save(sys.argv[2], model.predict(pixels, verbose=0))
"""


@pytest.mark.parametrize("case", ["mish after a sum", pytest.param("shortcut A", marks=pytest.mark.proof)])
def test_plain_keras_opens_it_in_its_safe_mode_and_takes_bytes(workspace: Workspace, tmp_path: Path, case: str) -> None:
    run = train_case(workspace, case)
    subject = open_subject(workspace, run.id)
    export(subject, FORMATS["keras"], tmp_path / "m.keras", lambda *_: None)

    command = [sys.executable, "-c", LOADS_WITHOUT_THE_WORKBENCH, str(tmp_path / "m.keras"), str(tmp_path / "said.npy")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=dict(os.environ))

    assert done.returncode == 0, done.stderr
    pixels = np.arange(3 * 16 * 16 * 3, dtype=np.uint8).reshape(3, 16, 16, 3)
    assert np.load(tmp_path / "said.npy") == pytest.approx(subject.said(pixels), abs=1e-5)


@pytest.mark.proof
@pytest.mark.parametrize("case", CASES)
def test_every_network_in_every_format_answers_as_the_engine_does(
    workspace: Workspace, tmp_path: Path, case: str
) -> None:
    run = train_case(workspace, case)
    for kind, each in FORMATS.items():
        assert ask(workspace, run, kind, tmp_path / f"model{each.suffix}")["difference"] < 1e-4
    small = ask(workspace, run, "litert", tmp_path / "small.tflite", quantised=True)["agreement"]
    assert small["pictures"] > 0
    assert small["same"] > 0.6


@pytest.mark.proof
def test_what_jax_trained_is_exported_on_tensorflow(workspace: Workspace, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "workbench", "--home", str(workspace.home)]
    settings = [f"--set={each}" for each in ("training.backend=jax", "training.epochs=2", "data.limit=300")]
    done = subprocess.run([*command, "train", "digits-cnn", *settings], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with Journal(workspace) as journal:
        (run,) = journal.runs()
    subject = open_subject(workspace, run.id)
    for each in FORMATS.values():
        made = export(subject, each, tmp_path / f"model{each.suffix}", lambda *_: None)
        assert made.difference is not None
        assert made.difference < 1e-4
