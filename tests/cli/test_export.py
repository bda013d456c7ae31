"""`export`: figures and numbers of a run from the command line."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from workbench.events import DataReady, Ending, EpochEnded, RateChanged, StepBlock
from workbench.journal import Journal
from workbench.paths import Workspace
from workbench.spec import Recipe, carried
from workbench.spec.recipe import parse

Tell = Callable[..., Any]


@pytest.fixture
def trained(workspace: Workspace) -> str:
    with Journal(workspace) as journal:
        run = journal.create_run(Recipe(), "Old one").id
        attempt = journal.begin_attempt(run)
        assert attempt
        numbers = np.full((10, 5), 0.1, np.float32)
        metrics = {"loss": 0.1, "val_loss": 0.2}
        journal.say(run, attempt, [StepBlock(1, numbers, 0.0, 1.0), EpochEnded(1, 10, 1.0, metrics, 100.0)])
        journal.end(run, Ending.COMPLETED, "All 1 epochs are done.")
    return run


def test_a_figure_has_the_size_that_was_asked_for(command: Tell, trained: str, tmp_path: Path) -> None:
    path = tmp_path / "new" / "figure.png"
    said = command("export", "1", "--as", "png", "--to", str(path), "--width", "8.5", "--height", "8")
    assert said.code == 0, said.err
    assert said.out == f"Wrote the curves of Old one to {path}.\n"
    with Image.open(path) as picture:
        assert picture.size == (round(8.5 / 2.54 * 300), round(8 / 2.54 * 300))


@pytest.mark.parametrize(("kind", "begin"), [("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_drawings_are_written_and_a_missing_ending_is_added(
    command: Tell, trained: str, tmp_path: Path, kind: str, begin: bytes
) -> None:
    said = command("export", trained, "--as", kind, "--to", str(tmp_path / "figure"), "--json")
    assert said.json == {"run": trained, "as": kind, "to": str(tmp_path / f"figure.{kind}")}
    assert (tmp_path / f"figure.{kind}").read_bytes().startswith(begin)


def test_what_happened_is_in_a_figure_where_flags_are_asked_for(
    command: Tell, workspace: Workspace, trained: str, tmp_path: Path
) -> None:
    with Journal(workspace) as journal:
        journal.say(trained, 1, [RateChanged(1, 5, 1e-3, 1e-4, "by hand")])
        journal.create_run(Recipe(), "Its child", parent=trained, parent_epoch=1)
    for more, there in ((("--flags",), True), ((), False)):
        path = tmp_path / "a.svg"
        assert command("export", trained, "--as", "svg", "--to", str(path), *more).code == 0
        written = path.read_text("utf-8")
        assert ("1: LR ÷ 10, epoch 1 · 2: Fork → Its child, epoch 1" in written) is ("LR ÷ 10" in written) is there


def test_numbers_come_by_epochs_or_by_steps(command: Tell, trained: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    for more, count in (((), 1), (("--steps",), 10)):
        assert command("export", "Old one", "--as", "csv", "--to", str(path), *more).code == 0
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == count
        assert rows[-1]["loss"] == "0.1"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ("--as", "doc", "--to", "a.doc"),
            "A run can be exported as report, script, notebook, png, svg, pdf, csv, json, tensorboard, mlflow, keras, savedmodel, onnx, litert or safetensors, got 'doc'.",
        ),
        (("--as", "png", "--to", "a.svg"), "A run as png is a file that ends in .png, got 'a.svg'."),
        (("--as", "png", "--to", "a.png", "--steps"), "Use --as csv or json, or leave --steps out."),
        (("--as", "csv", "--to", "a.csv", "--width", "8"), "a csv has no size"),
        (("--as", "csv", "--to", "a.csv", "--flags"), "a csv has no flags"),
        (("--as", "script", "--to", "a.py", "--steps"), "Use --as csv or json, or leave --steps out."),
        (("--as", "script", "--to", "a.py", "--width", "8"), "a script has no size"),
        (("--as", "notebook", "--to", "a.ipynb", "--flags"), "a notebook has no flags"),
        (("--as", "script", "--to", "a.txt"), "A run as script is a file that ends in .py, got 'a.txt'."),
        (("--as", "report", "--to", "a.html", "--flags"), "a report has no flags"),
        (("--as", "report", "--to", "a.htm"), "A run as report is a file that ends in .html, got 'a.htm'."),
        (("--as", "notebook", "--to", "a.py"), "A run as notebook is a file that ends in .ipynb, got 'a.py'."),
        (("--as", "svg", "--to", "a.svg", "--width", "1"), "The width must be from 4 to 100 cm, got 1 cm."),
        (("--as", "svg", "--to", "a.svg", "--height", "0"), "The height must be from 3 to 100 cm, got 0 cm."),
        (("--as", "svg", "--to", "/sys/nowhere/a.svg"), "cannot be written"),
        (
            ("--as", "tensorboard", "--to", "a", "--steps"),
            "--steps asks for rows of numbers, which tensorboard has not.",
        ),
        (("--as", "json", "--to", "a.json", "--width", "8"), "json has no size"),
        (("--as", "json", "--to", "a.txt"), "A run as json is a file that ends in .json, got 'a.txt'."),
        (("--as", "mlflow", "--to", "a", "--epoch", "3"), "--epoch and --quantised are of models"),
        (("--as", "mlflow", "--to", "what?"), "because of a ?, # or % in its path"),
        (("--as", "tensorboard", "--to", "/sys/nowhere/a"), "/sys/nowhere/a"),
    ],
)
def test_what_cannot_be_exported_is_said(  # noqa: PLR0917 - fixtures
    command: Tell, trained: str, tmp_path: Path, monkeypatch, words, sentence
) -> None:
    monkeypatch.chdir(tmp_path)
    said = command("export", "1", *words)
    assert said.code == 2
    assert sentence in said.err
    assert not list(tmp_path.glob("a.*"))


@pytest.mark.parametrize("kind", ["csv", "json", "png", "script", "tensorboard", "mlflow"])
def test_a_file_where_a_folder_is_needed_is_named_and_another_workspace_is_no_way_out(
    command: Tell, trained: str, tmp_path: Path, kind: str
) -> None:
    (tmp_path / "file").write_text("in the way")
    said = command("export", "1", "--as", kind, "--to", str(tmp_path / "file" / "new" / "a"))
    assert said.code == 2
    assert said.err == f"{tmp_path / 'file'} is a file where a folder is needed. Choose another folder.\n"


def test_a_run_that_does_not_exist_is_named(command: Tell, workspace: Workspace, tmp_path: Path) -> None:
    said = command("export", "nobody", "--as", "csv", "--to", str(tmp_path / "a.csv"))
    assert said.code == 2
    assert "nobody" in said.err


@pytest.mark.parametrize(("kind", "ending"), [("script", "py"), ("notebook", "ipynb"), ("report", "html")])
def test_a_run_is_written_as_a_whole_and_carries_its_recipe(  # noqa: PLR0917 - fixtures
    command: Tell, trained: str, workspace: Workspace, tmp_path: Path, kind: str, ending: str
) -> None:
    said = command("export", trained, "--as", kind, "--to", str(tmp_path / "new" / "a"), "--json")
    path = tmp_path / "new" / f"a.{ending}"
    assert said.json == {"run": trained, "as": kind, "to": str(path)}
    with Journal(workspace) as journal:
        assert carried.preset_in(path).recipe == journal.run(trained).recipe
    said = command("export", "Old one", "--as", kind, "--to", str(path))
    assert said.out == f"Wrote Old one as a {kind} to {path}.\n"


def test_a_file_that_carries_a_recipe_stands_for_a_preset(command: Tell, trained: str, tmp_path: Path) -> None:
    for kind in ("report", "svg", "script"):
        said = command("export", trained, "--as", kind, "--to", str(tmp_path / "a"), "--json")
        checked = command("check", said.json["to"], "--set", "training.epochs=3")
        assert (checked.code, checked.out[:19]) == (0, "Old one is fine: CN"), checked
    (tmp_path / "bare.html").write_text("<p>Words")
    said = command("check", str(tmp_path / "bare.html"))
    assert (said.code, "bare.html carries no recipe of Keras Workbench" in said.err) == (2, True)
    said = command("check", str(tmp_path / "gone.html"))
    assert "There is no file" in said.err


def test_a_run_knows_its_classes_when_its_pictures_are_gone(
    command: Tell, workspace: Workspace, tmp_path: Path
) -> None:
    recipe = parse({"data": {"kind": "folder", "path": str(tmp_path / "gone")}})
    with Journal(workspace) as journal:
        run = journal.create_run(recipe, "Own").id
        attempt = journal.begin_attempt(run)
        assert attempt
        journal.say(run, attempt, [DataReady(9, 3, 3, ("a", "b", "c"), (64, 64, 3), 1, "f")])
        journal.end(run, Ending.COMPLETED, "Done.")
    assert command("export", "Own", "--as", "script", "--to", str(tmp_path / "a.py")).code == 0
    assert "CLASSES = 3 " in (tmp_path / "a.py").read_text("utf-8")


def test_a_run_that_no_script_can_do_is_refused_and_nothing_is_written(
    command: Tell, workspace: Workspace, tmp_path: Path
) -> None:
    recipe = parse({"initializer": {"kind": "zeros", "start": "run", "run": "1"}})
    with Journal(workspace) as journal:
        journal.create_run(recipe, "Grown")
    said = command("export", "Grown", "--as", "script", "--to", str(tmp_path / "a.py"))
    assert said.code == 2
    assert (
        "This run cannot be written as a script: initializer.run is 1, whose weights are not there any more" in said.err
    )
    assert not (tmp_path / "a.py").exists()
