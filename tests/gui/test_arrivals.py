"""Files that are dropped on the window: each is looked at by the real process, then done what it can be used for, or told why not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QModelIndex, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QLineEdit, QMessageBox, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from tests.strangers.keras_files import add, hdf5, keras
from tests.strangers.specimens import ALL, ESCAPE, Trap
from workbench.gui import dialogs
from workbench.gui.look_thread import LookThread
from workbench.gui.window import Window
from workbench.network.plan import plan
from workbench.network.weights import arrays
from workbench.plain import is_plain
from workbench.spec import Recipe, presets
from workbench.spec.carried import models
from workbench.spec.carried.block import Carried
from workbench.spec.recipe import changed

pytestmark = pytest.mark.window
OpenWindow = Callable[[], Window]
WAIT = 60_000
THREE = changed(Recipe(), "training.epochs", 3)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What a dialog would say, by title and text."""
    said: list[tuple[str, str]] = []
    monkeypatch.setattr(dialogs, "tell", lambda _, title, text: said.append((title, text)))
    return said


@pytest.fixture
def asked(told: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What is answered when it is asked for, and what was asked."""
    talk: dict[str, Any] = {"start": True, "which": "recipe", "texts": []}

    def answer(word: str) -> Callable[..., Any]:
        return lambda _, name, text: (talk["texts"].append((name, text)), talk[word])[1]

    monkeypatch.setattr(dialogs, "may_start_from", answer("start"))
    monkeypatch.setattr(dialogs, "recipe_or_weights", answer("which"))
    return talk


def drop(qtbot: QtBot, window: Window, *paths: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    buttons = (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    window.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, mime, *buttons))
    qtbot.waitUntil(lambda: not window.arrivals.looking, timeout=WAIT)


def form(window: Window) -> Recipe:
    recipe = window.recipe._edits.recipe
    assert recipe is not None
    return recipe


def like_ours(path: Path, recipe: Recipe, layers: int = 100) -> Path:
    """A model of Keras' with the shapes of the recipe's network, or of its first layers, under other names."""

    def fill(file: Any) -> None:
        for place, (_, shapes) in enumerate(arrays(plan(recipe, (8, 8, 1), 10))[:layers]):
            kind = {4: "conv2d", 2: "dense", 1: "batch_normalization"}[len(next(iter(shapes.values())))]
            add(file, f"{kind}_{place}", f"theirs_{place}", *(np.ones(shape, np.float32) for shape in shapes.values()))

    return keras(path, weights=hdf5(fill))


def test_a_folder_becomes_the_data_and_a_preset_is_imported(
    qtbot: QtBot, open_window: OpenWindow, told: list[tuple[str, str]], tmp_path: Path
) -> None:
    window = open_window()
    pictures = tmp_path / "my pictures"
    for name in ("cat", "dog"):
        (pictures / name).mkdir(parents=True)
    drop(qtbot, window, pictures)
    assert (form(window).data.kind, form(window).data.path) == ("folder", str(pictures))  # type: ignore[union-attr]
    (tmp_path / "mine.toml").write_text(presets.dump(THREE, "Mine"))
    drop(qtbot, window, tmp_path / "mine.toml")
    assert window.recipe.preset_name == "mine"
    assert form(window) == THREE
    assert told == []


def test_a_preset_with_problems_shows_all_of_them_and_changes_nothing(
    qtbot: QtBot, open_window: OpenWindow, told: list[tuple[str, str]], tmp_path: Path
) -> None:
    window = open_window()
    before = form(window)
    (tmp_path / "bad.toml").write_text("format = 1\n[training]\nepochs = 0\n[model]\nkind = 'x'")
    drop(qtbot, window, tmp_path / "bad.toml")
    assert "training.epochs" in window.recipe._card.text
    assert "model.kind" in window.recipe._card.text
    assert form(window) == before


def test_weights_that_fit_become_the_start_of_the_next_run_when_one_agrees(
    qtbot: QtBot, open_window: OpenWindow, asked: dict[str, Any], tmp_path: Path
) -> None:
    window = open_window()
    recipe = form(window)
    count = len(arrays(plan(recipe, (8, 8, 1), 10)))
    path = like_ours(tmp_path / "theirs.keras", recipe)
    asked["start"] = False
    drop(qtbot, window, path)
    assert form(window) == recipe
    asked["start"] = True
    drop(qtbot, window, path)
    assert form(window).initializer.start == "file"
    assert form(window).initializer.file == str(path)
    assert f"{count} of the {count} layers with weights of the recipe's network fit." in asked["texts"][-1][1].replace(
        "\xa0", " "
    )
    window.recipe.undo()
    assert form(window) == recipe
    drop(qtbot, window, like_ours(tmp_path / "first.keras", recipe, layers=1))
    assert f"1 of the {count} layers with weights of the recipe's network fit. The others start" in asked["texts"][-1][
        1
    ].replace("\xa0", " ")


def test_weights_of_which_nothing_fits_are_told_and_not_offered(
    qtbot: QtBot, open_window: OpenWindow, told: list[tuple[str, str]], asked: dict[str, Any], tmp_path: Path
) -> None:
    window = open_window()
    drop(
        qtbot,
        window,
        keras(tmp_path / "other.keras", weights=hdf5(lambda file: add(file, "dense", "a", np.ones((3, 3), "f4")))),
    )
    ((title, text),) = told
    assert title == "other.keras is not used"
    assert "None of the" in text
    assert asked["texts"] == []


@pytest.mark.parametrize("which", ["recipe", "weights", "cancel"])
def test_of_a_model_that_carries_a_recipe_one_chooses(
    qtbot: QtBot, open_window: OpenWindow, asked: dict[str, Any], tmp_path: Path, which: str
) -> None:
    window = open_window()
    before = form(window)
    path = like_ours(tmp_path / "ours.keras", before)
    models.add_to_zip(path, Carried(presets.dump(THREE)))
    asked["which"] = which
    drop(qtbot, window, path)
    assert form(window).training.epochs == (3 if which == "recipe" else before.training.epochs)
    assert form(window).initializer.start == ("file" if which == "weights" else "nothing")


def test_a_numpy_file_becomes_the_data(
    qtbot: QtBot, open_window: OpenWindow, told: list[tuple[str, str]], tmp_path: Path
) -> None:
    window = open_window()
    np.savez(tmp_path / "set.npz", x=np.zeros((4, 8, 8), np.uint8), y=np.array([0, 1, 0, 1]))
    drop(qtbot, window, tmp_path / "set.npz")
    assert (form(window).data.kind, form(window).data.path) == ("npz", str(tmp_path / "set.npz"))  # type: ignore[union-attr]


def test_a_picture_without_a_run_is_told_where_pictures_go(
    qtbot: QtBot, open_window: OpenWindow, told: list[tuple[str, str]], tmp_path: Path
) -> None:
    window = open_window()
    Image.new("L", (8, 8)).save(tmp_path / "a.png")
    drop(qtbot, window, tmp_path / "a.png")
    assert "choose a run in the table" in told[0][1]


def test_hostile_files_are_told_as_plain_text_and_change_nothing(
    qtbot: QtBot, open_window: OpenWindow, told: list[tuple[str, str]], tmp_path: Path
) -> None:
    window = open_window()
    before = form(window)
    trap = Trap(tmp_path / "trap")
    trap.set()
    chosen = ("external link.keras", "pickle.h5", "climbing.zip", "large.png", "link.keras")
    for each in (each for each in ALL if each.name in chosen):
        folder = tmp_path / each.name
        folder.mkdir()
        drop(qtbot, window, each.make(folder / f"{ESCAPE.replace('/', '')}{each.name}", trap))
        title, text = told.pop()
        assert each.words in text
        assert is_plain(title)
    assert told == []
    assert form(window) == before
    assert not trap.marker.exists()


def test_of_several_things_dropped_in_a_row_the_last_counts_and_of_two_at_once_none(
    qtbot: QtBot, open_window: OpenWindow, told: list[tuple[str, str]], tmp_path: Path
) -> None:
    window = open_window()
    for epochs in (3, 4, 5):
        (tmp_path / f"p{epochs}.toml").write_text(presets.dump(changed(Recipe(), "training.epochs", epochs)))
    paths = [str(tmp_path / f"p{epochs}.toml") for epochs in (3, 4, 5)]
    for path in paths:
        window.arrivals.take([path])
    qtbot.waitUntil(lambda: not window.arrivals.looking, timeout=WAIT)
    assert form(window).training.epochs == 5
    window.arrivals.take(paths[:2])
    assert not window.arrivals.looking
    assert "at a time" in window.status._event.whole


def test_a_window_that_closes_while_it_looks_leaves_nothing(
    open_window: OpenWindow, told: list[tuple[str, str]], tmp_path: Path
) -> None:
    window = open_window()
    window.arrivals.take([str(keras(tmp_path / "a.keras"))])
    window.close()
    assert told == []


def test_no_field_of_the_window_takes_a_file_for_a_text(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    qtbot.waitUntil(lambda: len(window.findChildren(QLineEdit)) > 10, timeout=WAIT)
    editor = window.table.view.itemDelegate().createEditor(window.table.view, QStyleOptionViewItem(), QModelIndex())
    fields = [*window.findChildren(QLineEdit), *([editor] if isinstance(editor, QLineEdit) else [])]
    # In a field for paths a file is meant; it takes it by itself, and its line does not.
    assert [each.objectName() or each.accessibleName() for each in fields if each.acceptDrops()] == []


def test_after_a_look_that_failed_the_next_thing_is_looked_at(
    qtbot: QtBot, open_window: OpenWindow, told: list[tuple[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window()
    (tmp_path / "three.toml").write_text(presets.dump(THREE))
    with monkeypatch.context() as patch, qtbot.captureExceptions() as faults:
        patch.setattr(LookThread, "_fitting", lambda *_: 1 // 0)
        drop(qtbot, window, tmp_path / "three.toml")
    assert [kind for kind, *_ in faults] == [ZeroDivisionError]
    assert window.status._event.whole == "three.toml could not be looked at."
    assert form(window) != THREE
    drop(qtbot, window, tmp_path / "three.toml")
    assert form(window) == THREE


def test_the_questions_show_names_as_plain_text(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window()
    shown: list[QMessageBox] = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: shown.append(box) or 0)
    assert dialogs.may_start_from(window, "<b>a</b>", "<i>x</i>") is False
    assert dialogs.recipe_or_weights(window, "<b>a</b>", "<i>x</i>") == "cancel"
    assert [box.textFormat() for box in shown] == [Qt.TextFormat.PlainText] * 2
    assert shown[0].text() == "Use the weights of <b>a</b> as a start?"
