"""A job: a recipe as a folder that trains elsewhere. Written, run by its script, resumed, compared with its pictures, imported."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.faults import Fault
from workbench.cli import job_run
from workbench.cli import presets as cli_presets
from workbench.cli import train as cli_train
from workbench.events import Ending, State
from workbench.export.job import folder as job_folder
from workbench.export.job import pictures as job_pictures
from workbench.export.job import texts
from workbench.export.job.pictures import Reference
from workbench.journal import Journal, Run
from workbench.journal.strange import StoppedError
from workbench.paths import Workspace
from workbench.spec import Recipe, presets
from workbench.spec.recipe import changed

Tell = Callable[..., Any]
ROOT = Path(__file__).parent.parent.parent
BIN = Path(sys.executable).parent
SHORT = ("--set", "training.epochs=3")


def made(command: Tell, to: Path, *words: str) -> Path:
    said = command("job", *words, "--to", str(to))
    assert said.code == 0, said.err
    return to


def pictures(folder: Path, classes: tuple[str, ...] = ("cats", "dogs"), count: int = 6, shade: int = 0) -> Path:
    for number, name in enumerate(classes):
        (folder / name).mkdir(parents=True)
        for each in range(count):
            pixels = np.full((8, 8, 3), shade + number * 100 + each, np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{each}.png")
    return folder


def own(folder: Path, *more: str) -> tuple[str, ...]:
    return (
        "digits-cnn",
        "--set",
        "data.kind=folder",
        "--set",
        f"data.path={folder}",
        "--set",
        "data.image_size=8",
        *SHORT,
        *more,
    )


def job_of(folder: Path) -> dict[str, Any]:
    tree: dict[str, Any] = json.loads((folder / "job.json").read_text("utf-8"))
    return tree


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is trained is over at once: for what comes before a training."""

    def train(workspace: Workspace, recipe: Recipe, name: str, preset: str, sha256: str = "") -> tuple[Run, int]:
        with Journal(workspace) as journal:
            run = cli_train._create(journal, recipe, name, preset, sha256).id
            journal.end(run, Ending.STOPPED, "Stopped.")
            return journal.run(run), 0

    monkeypatch.setattr(cli_presets, "train", train)


# --- the folder ---------------------------------------------------------------------------------------------


def test_a_job_of_a_preset_says_what_it_is_of(command: Tell, tmp_path: Path) -> None:
    said = command("job", "digits-cnn", *SHORT, "--to", str(tmp_path / "a job"), "--name", "Night", "--json")
    folder = tmp_path / "a job"
    assert said.json == {"to": str(folder), "name": "Night", "copied": False, "files": 0}
    assert {each.name for each in folder.iterdir()} == {"recipe.toml", "job.json", "run.sh", "README.txt"}
    preset = presets.load(folder / "recipe.toml")
    assert (preset.title, preset.recipe.training.epochs, preset.recipe.data.kind) == ("Night", 3, "digits")
    tree = job_of(folder)
    assert (tree["format"], tree["name"], tree["data"]["kind"], tree["data"]["path"]) == (1, "Night", "digits", "")
    assert tree["training"] == {
        "seed": 1, "epochs": 3, "backend": "tensorflow", "device": "auto", "precision": "float32",
        "deterministic": False, "threads": None,
    }  # fmt: skip
    assert len((folder / "README.txt").read_text().splitlines()) <= 12
    assert os.access(folder / "run.sh", os.X_OK)


def test_a_job_of_a_run_has_its_recipe(command: Tell, workspace: Workspace, tmp_path: Path) -> None:
    with Journal(workspace) as journal:
        run = journal.create_run(presets.find("digits-resnet", workspace).recipe, "First one")
    folder = made(command, tmp_path / "job", "--run", "1")
    assert presets.load(folder / "recipe.toml").recipe == run.recipe
    assert job_of(folder)["name"] == "First one"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "either a preset, or a run with --run RUN"),
        (("digits-cnn", "--run", "1"), "either a preset, or a run with --run RUN"),
        (("no-such-preset",), "there is no preset"),
        (("digits-cnn", "--set", "training.epochs=0"), "training.epochs"),
        (("own-folder", "--set", "data.path=/no/such", "--with-data"), "cannot be copied: /no/such is not there"),
        (("digits-cnn", "--set", "initializer.start=file", "--set", "initializer.file=/no/such"), "is not there"),
    ],
)
def test_what_cannot_be_a_job_is_said_and_leaves_nothing(
    command: Tell, tmp_path: Path, words: tuple[str, ...], sentence: str
) -> None:
    said = command("job", *words, "--to", str(tmp_path / "new" / "job"))
    assert said.code == 2
    assert sentence in said.err
    assert not (tmp_path / "new").exists()


def test_a_folder_that_is_in_use_is_left_as_it_is(command: Tell, tmp_path: Path) -> None:
    (tmp_path / "job").mkdir()
    (tmp_path / "job" / "mine").write_text("precious")
    said = command("job", "digits-cnn", "--to", str(tmp_path / "job"))
    assert said.code == 2
    assert "not an empty folder" in said.err
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith((".", "job"))] == ["job"]
    (tmp_path / "job" / "mine").unlink()
    made(command, tmp_path / "job", "digits-cnn")


def test_what_a_run_starts_from_goes_along(
    command: Tell, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = command("train", "digits-cnn", *SHORT, "--json").json
    folder = made(
        command, tmp_path / "job", "digits-cnn", "--set", "initializer.start=run", "--set", "initializer.run=1"
    )
    start = presets.load(folder / "recipe.toml").recipe.initializer
    assert (start.start, start.file) == ("file", "weights.safetensors")
    kept = workspace.run_folder(first["run"]) / "checkpoints"
    best = json.loads((kept / "best.json").read_text())
    assert (folder / "weights.safetensors").read_bytes() == (kept / best["file"]).read_bytes()
    monkeypatch.setattr(cli_presets, "train", cli_presets.enqueue)
    command("queue", "--pause")
    assert command("train", str(folder / "recipe.toml"), "--job", "--json").code == 0
    with Journal(workspace) as journal:
        assert journal.runs()[0].recipe.initializer.file == str(folder / "weights.safetensors")


def test_a_job_that_starts_from_weights_goes_on_where_its_folder_is_moved_to(
    command: Tell, workspace: Workspace, tmp_path: Path
) -> None:
    command("train", "digits-cnn", *SHORT)
    words = ("--set", "initializer.start=run", "--set", "initializer.run=1", "--set", "training.epochs=5")
    before, folder = made(command, tmp_path / "job", "digits-cnn", *words), tmp_path / "moved"

    def train(job: Path, *more: str, story: str = "completed") -> Any:
        home = ("--home", str(job / "workspace"))
        return command(*home, "train", str(job / "recipe.toml"), "--job", "--json", *more, story=story).json

    run = train(before, story="died")["run"]
    before.rename(folder)
    # Other weights of the same name are no reason to take it for the same.
    other = tmp_path / "weights.safetensors"
    other.write_bytes(b"other")
    assert train(folder, "--set", f"initializer.file={other}")["run"] != run
    said = train(folder)
    assert (said["run"], said["epochs"]) == (run, 5)
    with Journal(Workspace(folder / "workspace")) as journal:
        assert journal.run(run).recipe.initializer.file == str(folder / "weights.safetensors")
    # Another job in the same workspace may have other weights under the same name.
    aside = made(command, tmp_path / "aside", "digits-cnn", *words)
    first = command("train", str(aside / "recipe.toml"), "--job", "--json").json["run"]
    aside.rename(tmp_path / "aside moved")
    assert command("train", str(tmp_path / "aside moved" / "recipe.toml"), "--job", "--json").json["run"] != first


# --- run.sh -------------------------------------------------------------------------------------------------

NAMES = [
    "plain", "two words", "it's", 'say "hi"', "$(touch owned)`touch owned`", "line\nbreak", "ends with one\n", "-x", "*?[a]", "back\\slash",
    "; touch owned #", "ünï ço∂é", " blanks ",
]  # fmt: skip


def run_sh(
    folder: Path, *words: str, path: str, where: Path, script: str = "", **variables: str
) -> subprocess.CompletedProcess[str]:
    """The job's script in an environment of nothing but what is given."""
    environment = {"PATH": path, "HOME": str(where), "PYTHONPATH": str(ROOT), **variables}
    return subprocess.run(
        ["/bin/sh", script or str(folder / "run.sh"), *words], cwd=where, env=environment, capture_output=True, text=True, check=False,
        timeout=200,
    )  # fmt: skip


@pytest.fixture
def shim(tmp_path: Path) -> Path:
    """A folder with a program `workbench` that only writes down what it is given."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "workbench"
    program.write_text('#!/bin/sh\nprintf "%s\\0" "$@" > "$TOLD"\n')
    program.chmod(0o755)
    return program.parent


def test_the_script_is_the_same_for_every_job(command: Tell, tmp_path: Path) -> None:
    for number, name in enumerate(NAMES):
        folder = made(command, tmp_path / str(number), "digits-cnn", "--name", name)
        assert (folder / "run.sh").read_text() == texts.RUN
    assert subprocess.run(["/bin/sh", "-n", "-c", texts.RUN], check=False).returncode == 0


@pytest.mark.parametrize("name", NAMES)
def test_no_name_of_a_folder_is_read_as_a_command(command: Tell, shim: Path, tmp_path: Path, name: str) -> None:
    template = made(command, tmp_path / "template", "digits-cnn")
    folder, told = tmp_path / "jobs" / name, tmp_path / "told"
    shutil.copytree(template, folder)
    path = f"{shim}:/usr/bin:/bin"
    said = run_sh(folder, "--set", f"data.path={name}", path=path, where=tmp_path, DATA=name, TOLD=str(told))
    assert said.returncode == 0, said.stderr
    words = told.read_bytes().decode().split("\0")[:-1]
    assert words == [
        "--home", f"{folder}/workspace", "train", f"{folder}/recipe.toml", "--job", "--data", name, "--set", f"data.path={name}",
    ]  # fmt: skip
    assert not list(tmp_path.rglob("owned"))
    # From within the folder, where the script's name has no folder before it.
    assert run_sh(folder, path=path, where=folder, script="run.sh", TOLD=str(told)).returncode == 0
    assert told.read_bytes().decode().split("\0")[1] == f"{folder}/workspace"


def test_without_a_workbench_it_is_said_how_to_get_one(command: Tell, tmp_path: Path) -> None:
    folder = made(command, tmp_path / "job", "digits-cnn")
    said = run_sh(folder, path="/usr/bin:/bin", where=tmp_path)
    assert said.returncode == 127
    assert "pip install keras-workbench" in said.stderr


# --- train --job --------------------------------------------------------------------------------------------


def test_a_second_start_of_what_is_done_trains_nothing(command: Tell, workspace: Workspace, tmp_path: Path) -> None:
    folder = made(command, tmp_path / "job", "digits-cnn", *SHORT)
    first = command("train", str(folder / "recipe.toml"), "--job", "--json")
    assert (first.code, first.json["epochs"]) == (0, 3)
    again = command("train", str(folder / "recipe.toml"), "--job", "--json")
    assert (again.code, again.json) == (0, first.json)
    assert "is done: 3 epochs. Import this folder" in again.err
    other = command("train", str(folder / "recipe.toml"), "--job", "--set", "training.seed=2", "--json")
    assert (other.code, other.json["run"] != first.json["run"]) == (0, True)
    with Journal(workspace) as journal:
        assert [run.preset for run in journal.runs()] == ["", ""]


@pytest.mark.parametrize("story", ["died", "failed"])
def test_what_was_cut_off_goes_on_as_the_same_run(
    command: Tell, workspace: Workspace, tmp_path: Path, story: str
) -> None:
    folder = made(command, tmp_path / "job", "digits-cnn", "--set", "training.epochs=5")
    first = command("train", str(folder / "recipe.toml"), "--job", "--json", story=story)
    assert (first.code, first.json["epochs"]) == (3, 3)
    again = command("train", str(folder / "recipe.toml"), "--job", "--json")
    assert (again.code, again.json["run"], again.json["ending"], again.json["epochs"]) == (
        0,
        first.json["run"],
        "completed",
        5,
    )
    assert "Going on with Digits, small CNN, which ended after 3 epochs." in again.err


def test_an_interrupted_job_may_be_left_to_the_queue(command: Tell, workspace: Workspace, tmp_path: Path) -> None:
    folder = made(command, tmp_path / "job", "digits-cnn", "--set", "training.epochs=5")
    run = command("train", str(folder / "recipe.toml"), "--job", "--json", story="died").json["run"]
    assert command("queue", "--pause").code == 0
    said = command("train", str(folder / "recipe.toml"), "--job", "--queue", "--json")
    assert (said.code, said.json["state"], said.json["run"]) == (0, "queued", run)
    command("queue", "--continue")
    assert command("train", str(folder / "recipe.toml"), "--job", "--json").json["ending"] == "completed"


def test_job_is_for_the_recipe_of_a_job(command: Tell) -> None:
    said = command("train", "digits-cnn", "--job")
    assert said.code == 2
    assert "beside its job.json" in said.err


# --- own pictures -------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("at_once")
def test_pictures_that_stay_are_compared_wherever_they_are(command: Tell, workspace: Workspace, tmp_path: Path) -> None:
    here = pictures(tmp_path / "here")
    (here / "notes.txt").write_text("not a picture")
    folder = made(command, tmp_path / "job", *own(here))
    data = job_of(folder)["data"]
    assert (data["files"], data["classes"], data["copied"], data["path"]) == (12, ["cats", "dogs"], False, str(here))
    assert not (folder / "data").exists()
    (here / "notes.txt").unlink()  # no picture, so that it does not count
    moved = tmp_path / "it's elsewhere"
    here.rename(moved)
    recipe = str(folder / "recipe.toml")
    said = command("train", recipe, "--job")
    assert said.code == 2
    assert f"are not here at {here}: 12 files in 2 classes" in said.err
    assert "DATA=/where/they/are sh run.sh" in said.err
    assert command("train", recipe, "--job", "--data", str(moved)).code == 0
    with Journal(workspace) as journal:
        (run,) = journal.runs()
    assert run.recipe_toml.count(str(moved)) == 1


@pytest.mark.usefixtures("at_once")
def test_other_pictures_are_refused_unless_they_are_wanted(command: Tell, workspace: Workspace, tmp_path: Path) -> None:
    folder = made(command, tmp_path / "job", *own(pictures(tmp_path / "here")))
    recipe = str(folder / "recipe.toml")
    for name, others, words in (
        ("fewer", {"count": 5}, "they are 10 files in 2 classes"),
        ("named", {"classes": ("cats", "cows")}, "their classes are cats, cows, not cats, dogs"),
        ("darker", {"shade": 3}, "are not those that the job was made with: they are 12 files in 2 classes"),
    ):
        said = command("train", recipe, "--job", "--data", str(pictures(tmp_path / name, **others)))  # type: ignore[arg-type] # each of its own kind
        assert said.code == 2
        assert words in said.err
        assert "--other-data" in said.err
    with Journal(workspace) as journal:
        assert journal.runs() == []
    said = command("train", recipe, "--job", "--data", str(tmp_path / "darker"), "--other-data")
    assert said.code == 0
    assert "are not those that the job was made with" in said.err


def test_pictures_that_moved_meanwhile_go_on_as_the_same_run(
    command: Tell, workspace: Workspace, tmp_path: Path
) -> None:
    here = pictures(tmp_path / "here")
    folder = made(command, tmp_path / "job", *own(here, "--set", "training.epochs=5"))
    recipe = str(folder / "recipe.toml")
    run = command("train", recipe, "--job", "--json", story="died").json["run"]
    here.rename(tmp_path / "moved")
    said = command("train", recipe, "--job", "--data", str(tmp_path / "moved"), "--json")
    assert (said.code, said.json["run"], said.json["epochs"]) == (0, run, 5)


@pytest.mark.parametrize("story", ["completed", "died"])
def test_what_was_begun_on_other_pictures_is_another_run(command: Tell, tmp_path: Path, story: str) -> None:
    here, other = pictures(tmp_path / "here"), pictures(tmp_path / "other", shade=3)
    folder = made(command, tmp_path / "job", *own(here, "--set", "training.epochs=5"))
    train = ("train", str(folder / "recipe.toml"), "--job", "--json")
    first = command(*train, story=story).json["run"]
    second = command(*train, "--data", str(other), "--other-data", story=story).json["run"]
    assert second != first
    # Each goes on as itself, wherever the pictures of the job are meanwhile.
    assert command(*train, "--data", str(other), "--other-data").json["run"] == second
    here.rename(tmp_path / "moved")
    assert command(*train, "--data", str(tmp_path / "moved")).json["run"] == first
    # Others at the very place.
    shutil.rmtree(tmp_path / "moved")
    pictures(tmp_path / "moved", shade=5)
    third = command(*train, "--data", str(tmp_path / "moved"), "--other-data").json["run"]
    assert third not in {first, second}


def test_without_a_fingerprint_pictures_at_another_place_are_others(command: Tell, tmp_path: Path) -> None:
    folder = made(command, tmp_path / "job", *own(tmp_path / "there"))
    train = ("train", str(folder / "recipe.toml"), "--job", "--json")
    pictures(tmp_path / "there")
    first = command(*train).json["run"]
    assert command(*train).json["run"] == first
    assert command(*train, "--data", str(pictures(tmp_path / "elsewhere", shade=3))).json["run"] != first


@pytest.mark.usefixtures("at_once")
def test_pictures_that_are_copied_are_found_wherever_the_folder_is(
    command: Tell, workspace: Workspace, tmp_path: Path
) -> None:
    here = pictures(tmp_path / "here")
    (here / "cats" / "rest.txt").write_text("not a picture")
    said = command("job", *own(here), "--to", str(tmp_path / "job"), "--with-data")
    assert said.code == 0
    assert f"Copying the pictures in {here}: 12 files in 2 classes" in said.err
    folder = tmp_path / "moved job"
    (tmp_path / "job").rename(folder)
    shutil.rmtree(here)
    assert sorted(each.relative_to(folder / "data").as_posix() for each in (folder / "data").rglob("*.*")) == [
        f"{name}/{number}.png" for name in ("cats", "dogs") for number in range(6)
    ]
    assert presets.load(folder / "recipe.toml").recipe.data.model_dump()["path"] == "data"
    assert command("train", str(folder / "recipe.toml"), "--job").code == 0
    with Journal(workspace) as journal:
        assert journal.runs()[0].recipe.data.model_dump()["path"] == str(folder / "data")
    (folder / "data" / "cats" / "0.png").write_bytes((folder / "data" / "cats" / "1.png").read_bytes())
    assert (
        "are not those that the job was made with"
        in command("train", str(folder / "recipe.toml"), "--job", "--set", "training.seed=3").err
    )


@pytest.mark.parametrize("piece", [1, 3])
def test_looking_and_copying_can_be_stopped(tmp_path: Path, piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    pulse = Fault(piece, StoppedError)
    recipe = changed(changed(Recipe(), "data.kind", "folder"), "data.path", str(pictures(tmp_path / "here")))
    with pytest.raises(StoppedError):
        job_folder.Plan.of(recipe, "a", Workspace(tmp_path), pulse)
    weights = tmp_path / "weights"
    weights.write_bytes(b"weights" * 10)
    monkeypatch.setattr(job_folder, "PIECE", 10)
    pulse.calls = 0
    with pytest.raises(StoppedError):
        job_folder.write(
            job_folder.Plan(Recipe(), "a", None, weights), tmp_path / "job", lambda *_: None, pulse, with_data=False
        )
    assert [each.name for each in tmp_path.iterdir() if "job" in each.name] == []


def test_the_spelling_of_an_accent_does_not_count(tmp_path: Path) -> None:
    """A system that writes é as e and its accent sorts it before f; one that writes it as one sign, behind z."""
    names = {form: tuple(unicodedata.normalize(form, name) for name in ("café", "cafz")) for form in ("NFC", "NFD")}
    assert sorted(names["NFC"]) != [unicodedata.normalize("NFC", name) for name in sorted(names["NFD"])]
    found = {}
    for form, classes in names.items():
        folder = pictures(tmp_path / form, classes)
        (tmp_path / form / classes[0] / "0.png").write_bytes(b"other than the rest")
        settings = changed(changed(Recipe(), "data.kind", "folder"), "data.path", str(folder)).data
        own = job_pictures.look(settings, 1, Workspace(tmp_path))
        assert own is not None
        found[form] = own, job_pictures.fingerprint(own, lambda *_: None)
    (composed, one), (apart, two) = found["NFC"], found["NFD"]
    assert one == two
    assert composed.classes != apart.classes
    shuffled = Reference("folder", "x", False, 12, 0, tuple(reversed(apart.classes)), "0")
    assert "their classes are" not in job_pictures.difference(shuffled, composed, one)


@pytest.mark.usefixtures("at_once")
def test_a_numpy_file_is_the_same_under_any_name(command: Tell, tmp_path: Path) -> None:
    file = tmp_path / "mine.npz"
    np.savez(file, x=np.arange(12 * 64, dtype=np.uint8).reshape(12, 8, 8), y=np.arange(12) % 2)
    words = ("digits-cnn", "--set", "data.kind=npz", "--set", f"data.path={file}", *SHORT)
    folder = made(command, tmp_path / "job", *words)
    copied = made(command, tmp_path / "copied", *words, "--with-data")
    assert (copied / "data" / "pictures.npz").read_bytes() == file.read_bytes()
    file.rename(tmp_path / "other name.npz")
    assert command("train", str(folder / "recipe.toml"), "--job", "--data", str(tmp_path / "other name.npz")).code == 0
    assert command("train", str(copied / "recipe.toml"), "--job", "--set", "training.seed=2").code == 0


@pytest.mark.usefixtures("at_once")
def test_masks_and_their_table_go_along(command: Tell, tmp_path: Path) -> None:
    here = tmp_path / "masked"
    for part in ("images", "masks"):
        (here / part).mkdir(parents=True)
        for number in range(6):
            Image.fromarray(np.full((8, 8), number % 2, np.uint8)).save(here / part / f"{number}.png")
    (here / "colours.csv").write_text("sky,0\nsea,1\n")
    words = (
        "shapes-unet",
        "--set",
        "data.kind=mask_folder",
        "--set",
        f"data.path={here}",
        "--set",
        "data.image_size=8",
    )
    folder = made(command, tmp_path / "job", *words, "--with-data")
    assert job_of(folder)["data"]["files"] == 13
    assert job_of(folder)["data"]["classes"] == ["sky", "sea"]
    assert (folder / "data" / "colours.csv").read_text() == (here / "colours.csv").read_text()
    assert len(list((folder / "data" / "masks").iterdir())) == 6


@pytest.mark.usefixtures("at_once")
def test_pictures_that_are_only_elsewhere_are_not_compared(command: Tell, tmp_path: Path) -> None:
    said = command("job", *own(tmp_path / "there"), "--to", str(tmp_path / "job"))
    assert said.code == 0
    assert "is not on this machine" in said.err
    pictures(tmp_path / "there")
    assert command("train", str(tmp_path / "job" / "recipe.toml"), "--job").code == 0


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{", '{"format": 2}', '{"format": 1, "name": "a", "data": {"kind": 3, "classes": []}}', "[" * 100_000, '{"format": 1, "data": 7}'],
)  # fmt: skip
@pytest.mark.usefixtures("at_once")
def test_a_job_json_that_is_none_is_named(command: Tell, tmp_path: Path, content: str) -> None:
    folder = made(command, tmp_path / "job", "digits-cnn", *SHORT)
    (folder / "job.json").write_text(content)
    said = command("train", str(folder / "recipe.toml"), "--job")
    assert said.code == 2
    assert str(folder / "job.json") in said.err


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("path", [f"/{'x' * 5000}", "~nosuchperson/x"])
def test_a_path_that_may_not_be_asked_about_is_answered_with_a_sentence(
    command: Tell, tmp_path: Path, path: str
) -> None:
    folder = made(command, tmp_path / "job", *own(pictures(tmp_path / "here")))
    start = ("--set", "initializer.start=file", "--set", f"initializer.file={path}")
    for code, words, said in (
        (0, ("job", *own(Path(path)), "--to", str(tmp_path / "other")), "is not on this machine"),
        (
            2,
            ("job", "digits-cnn", *start, "--to", str(tmp_path / "another")),
            "which the recipe starts from, is not there",
        ),
        (2, ("train", str(folder / "recipe.toml"), "--job", "--set", f"data.path={path}"), "are not here at"),
        (2, ("import", path), path[:20]),
    ):
        told = command(*words)
        assert (told.code, said in told.err) == (code, True), (words, told.err)


def test_a_folder_that_may_not_be_looked_into_is_answered_with_a_sentence(
    command: Tell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stat = Path.stat

    def refuse(path: Path, **more: Any) -> os.stat_result:
        if "closed" in path.parts:
            raise PermissionError(13, "Permission denied", str(path))
        return stat(path, **more)

    monkeypatch.setattr(Path, "stat", refuse)
    closed = tmp_path / "closed" / "in"
    assert command("job", *own(closed), "--to", str(tmp_path / "job")).code == 0
    said = command("job", "digits-cnn", "--to", str(closed))
    assert (said.code, f"{closed} cannot be used: permission denied. Nothing was written." in said.err) == (2, True)
    said = command("train", str(tmp_path / "job" / "recipe.toml"), "--job")
    assert (said.code, "are not here at" in said.err) == (2, True)


def test_a_file_where_a_jobs_folder_should_be_made_is_named(command: Tell, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    said = command("job", "digits-cnn", "--to", str(tmp_path / "file" / "job"))
    sentence = f"{tmp_path / 'file'} is a file where a folder is needed. Choose another folder; nothing was written.\n"
    assert said.code == 2
    assert said.err.endswith(sentence)


def test_a_tilde_is_a_persons_own_folder(command: Tell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    told = command("job", *own(pictures(tmp_path / "me" / "mine")), "--to", "~/job", "--json")
    assert told.json["to"] == str(tmp_path / "me" / "job")
    recipe = presets.load(tmp_path / "me" / "job" / "recipe.toml").recipe
    for path in ("~/mine", str(tmp_path / "me" / "mine")):
        assert job_run.placed(changed(recipe, "data.path", path), tmp_path).data == recipe.data


# --- import -------------------------------------------------------------------------------------------------


def elsewhere(command: Tell, folder: Path) -> dict[str, Any]:
    """Train a job as its script does, in the job's own workspace."""
    said = command("--home", str(folder / "workspace"), "train", str(folder / "recipe.toml"), "--job", "--json")
    assert said.code == 0, said.err
    tree: dict[str, Any] = said.json
    return tree


def test_what_was_trained_elsewhere_comes_in_once(command: Tell, workspace: Workspace, tmp_path: Path) -> None:
    folder = made(command, tmp_path / "job", "digits-cnn", *SHORT)
    not_yet = command("import", str(folder))
    assert (not_yet.code, "has not been trained yet" in not_yet.err) == (2, True)
    trained = elsewhere(command, folder)
    said = command("import", str(folder))
    assert said.code == 0, said.err
    assert said.out.startswith("Imported Digits, small CNN · completed · 3 epochs")
    shown = command("show", trained["run"], "--json").json
    assert {name: shown[name] for name in trained} == trained
    again = command("import", str(folder))
    assert (again.code, again.out) == (0, "Digits, small CNN is here already, as run 1.\n")
    assert command("import", str(folder), "--json").json == {"imported": [], "already": [trained["run"]], "refused": []}
    with Journal(workspace) as journal:
        (run,) = journal.runs()
    assert (run.state, run.ending) == (State.ENDED, Ending.COMPLETED)
    longer = command("resume", "1", "--epochs", "5", "--json")
    assert longer.json["epochs"] == 5, longer.err


def test_pictures_are_looked_for_where_the_job_was_made(command: Tell, workspace: Workspace, tmp_path: Path) -> None:
    here, there = pictures(tmp_path / "here"), tmp_path / "there"
    folder = made(command, tmp_path / "job", *own(here))
    with Journal(Workspace(folder / "workspace")) as journal:
        recipe = changed(presets.load(folder / "recipe.toml").recipe, "data.path", str(there))
        run = cli_train._create(journal, recipe, "far", "", job_of(folder)["data"]["sha256"]).id
        journal.end(run, Ending.STOPPED, "Stopped.")
    said = command("import", str(folder))
    assert f"here they are those in {here}" in said.out
    with Journal(workspace) as journal:
        assert journal.runs()[0].recipe.data == presets.load(folder / "recipe.toml").recipe.data


@pytest.mark.usefixtures("at_once")
def test_what_was_trained_on_other_pictures_keeps_their_path(
    command: Tell, workspace: Workspace, tmp_path: Path
) -> None:
    folder, far = (
        made(command, tmp_path / "job", *own(pictures(tmp_path / "here"))),
        pictures(tmp_path / "far", shade=3),
    )
    home = ("--home", str(folder / "workspace"))
    assert command(*home, "train", str(folder / "recipe.toml"), "--job", "--data", str(far), "--other-data").code == 0
    shutil.rmtree(far)
    assert f"Its pictures are not here at {far}." in command("import", str(folder)).out
    with Journal(workspace) as journal:
        assert journal.runs()[0].recipe.data.model_dump()["path"] == str(far)


def test_a_run_that_is_refused_gives_2_and_the_others_come_in(
    command: Tell, workspace: Workspace, tmp_path: Path
) -> None:
    other = Workspace(tmp_path / "other")
    with Journal(other) as journal:
        journal.end(
            journal.create_run(presets.find("digits-cnn", workspace).recipe, "over").id, Ending.STOPPED, "Stopped."
        )
        journal.create_run(presets.find("digits-cnn", workspace).recipe, "waits")
    said = command("import", str(other.home), "--json")
    assert said.code == 2
    assert [each["name"] for each in said.json["imported"]] == ["over"]
    assert [each["name"] for each in said.json["refused"]] == ["waits"]
    assert "waits was not imported: it is queued there" in said.err
