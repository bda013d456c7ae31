"""A file that carries a recipe is dropped on the window, and the form has that recipe."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from pytestqt.qtbot import QtBot

from tests.gui.conftest import OpenWindow
from workbench.events import DataReady, Ending, EpochEnded, StepBlock
from workbench.export import whole
from workbench.export.figure import save_curves
from workbench.gui import dialogs
from workbench.gui.window import Window
from workbench.journal import Journal
from workbench.paths import Workspace
from workbench.spec import Recipe, presets
from workbench.spec.carried import models, scripts
from workbench.spec.carried.block import RECIPE as NAME
from workbench.spec.carried.block import Carried
from workbench.spec.recipe import changed

pytestmark = pytest.mark.window
LONG = 30_000
RECIPE = changed(changed(Recipe(), "training.epochs", 7), "optimizer.method", "sgd")
CARRIED = Carried(presets.dump(RECIPE), {"epoch": 3})


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every kind of file that carries a recipe: a run's by the real exporters, models' by the containers alone."""
    folder = tmp_path_factory.mktemp("exported")
    with Journal(Workspace(folder / "home").create()) as journal:
        run = journal.create_run(RECIPE, "Given away")
        attempt = journal.begin_attempt(run.id)
        assert attempt
        ready = DataReady(9, 3, 3, tuple("0123456789"), (8, 8, 1), 10, "f")
        block = StepBlock(1, np.full((10, 5), 0.1, np.float32), 0.0, 1.0)
        journal.say(run.id, attempt, [ready, block, EpochEnded(1, 10, 1.0, {"loss": 0.1, "val_loss": 0.2}, 9.0)])
        journal.end(run.id, Ending.COMPLETED, "Done.")
        run = journal.run(run.id)
        for kind in whole.KINDS:
            whole.save(kind.name, run, journal, folder / f"a.{kind.ending}")
        for ending in ("png", "svg", "pdf"):
            save_curves(journal, run.id, folder / f"a.{ending}")
    for ending, begin in (("keras", b""), ("tflite", b"TFL3" * 100)):
        if begin:
            (folder / f"a.{ending}").write_bytes(begin)
        models.add_to_zip(folder / f"a.{ending}", CARRIED)
    (folder / "a.safetensors").write_bytes(safetensors.numpy.save({"w": np.zeros(3, np.float32)}, CARRIED.texts()))
    (folder / "a.onnx").write_bytes(onnx())
    (folder / "saved").mkdir()
    (folder / "saved" / "saved_model.pb").write_bytes(b"")
    for name, text in CARRIED.texts().items():
        (folder / "saved" / models.FILES[name]).write_text(text, "utf-8")
    return folder


def onnx() -> bytes:
    """A message with one note in it."""

    def part(number: int, content: bytes) -> bytes:
        length = len(content)
        return bytes([number << 3 | 2, length & 127 | 128, length >> 7 & 127 | 128, length >> 14]) + content

    return part(14, part(1, NAME.encode()) + part(2, CARRIED.recipe.encode()))


@pytest.fixture
def window(open_window: OpenWindow) -> Window:
    return open_window()


def drop(window: Window, *paths: Path) -> bool:
    """As a file manager does; whether the window takes it."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    actions, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(QPoint(5, 5), actions, mime, left, none)
    entering.ignore()
    window.dragEnterEvent(entering)
    if entering.isAccepted():
        window.dropEvent(QDropEvent(QPoint(5, 5), actions, mime, left, none))
    return entering.isAccepted()


FILES = [f"a.{each}" for each in ("png", "svg", "pdf", "html", "py", "ipynb", "keras", "tflite", "onnx", "safetensors")]


def test_a_file_of_each_kind_and_the_folder_of_a_saved_model_refill_the_form_and_undo_brings_it_back(
    qtbot: QtBot, window: Window, exported: Path
) -> None:
    before = window.recipe.recipe
    assert before != RECIPE
    for name in (*FILES, "saved"):
        assert drop(window, exported / name), name
        qtbot.waitUntil(
            lambda name=name: window.status.text == f"The form has the recipe that {name} carries.", timeout=LONG
        )  # type: ignore[misc] # a default is no argument
        assert window.recipe.recipe == RECIPE, name
        window.recipe.undo()
        assert window.recipe.recipe == before, name


def plain_picture(path: Path) -> None:
    Image.new("RGB", (4, 4)).save(path)


def plain_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", "{}")


NOTHING: dict[str, Callable[[Path], object]] = {
    "holiday.png": plain_picture,
    "drawing.svg": lambda path: path.write_text('<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>'),
    "page.html": lambda path: path.write_text("<p>Words</p>"),
    "other.ipynb": lambda path: path.write_text(json.dumps({"cells": [], "metadata": {}})),
    "other.py": lambda path: path.write_text("print(1)"),
    "other.keras": plain_zip,
    "other.onnx": lambda path: path.write_bytes(b"\xff" * 50),
}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a dialog would say."""
    said: list[str] = []
    monkeypatch.setattr(dialogs, "tell", lambda _parent, title, text: said.append(f"{title}: {text}"))
    return said


def test_a_file_that_carries_nothing_gets_a_sentence_and_the_form_stays(
    qtbot: QtBot, window: Window, tmp_path: Path, told: list[str]
) -> None:
    before = window.recipe.recipe
    for name, write in NOTHING.items():
        write(tmp_path / name)
        assert drop(window, tmp_path / name), name
        qtbot.waitUntil(lambda: not window.arrivals.looking, timeout=LONG)
        assert told.pop().startswith(f"{name} is not used: It is "), name
        assert window.recipe.recipe == before


def test_a_recipe_that_cannot_be_used_says_what_is_wrong_with_it(
    qtbot: QtBot, window: Window, tmp_path: Path, told: list[str]
) -> None:
    before = window.recipe.recipe
    bad = presets.dump(Recipe()).replace("epochs = 20", "epochs = -1")
    (tmp_path / "bad.py").write_text(scripts.block(bad), "utf-8")
    assert drop(window, tmp_path / "bad.py")
    qtbot.waitUntil(lambda: bool(told), timeout=LONG)
    assert "recipe that cannot be used: training.epochs: must be at least 1" in told[0]
    assert window.recipe.recipe == before


def test_other_files_and_several_at_once_are_told(
    qtbot: QtBot, window: Window, exported: Path, tmp_path: Path, told: list[str]
) -> None:
    (tmp_path / "a.txt").write_text("words")
    assert drop(window, tmp_path / "a.txt")
    qtbot.waitUntil(lambda: bool(told), timeout=LONG)
    assert told[0].startswith("a.txt is not used: It is a text.")
    assert drop(window, exported / "a.png", exported / "a.svg")
    assert "at a time" in window.status.text


def test_presets_and_folders_of_pictures_are_taken(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    (tmp_path / "mine.TOML").write_text(presets.dump(RECIPE, "Mine"), "utf-8")
    assert drop(window, tmp_path / "mine.TOML")
    qtbot.waitUntil(lambda: not window.arrivals.looking, timeout=LONG)
    assert window.recipe.recipe == RECIPE
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    assert drop(window, pictures)
    qtbot.waitUntil(lambda: not window.arrivals.looking, timeout=LONG)
    assert window.recipe.recipe is not None
    assert window.recipe.recipe.data.path == str(pictures)
