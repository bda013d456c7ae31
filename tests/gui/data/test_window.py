"""The Data tab in a window: when pictures are looked through, and what becomes of answers that nobody wants."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from pytestqt.qtbot import QtBot

from tests.data.set_files import write_mnist
from tests.gui.conftest import OpenWindow
from workbench.gui import data_presenter, file_manager
from workbench.gui.window import Window
from workbench.paths import Workspace
from workbench.spec import presets
from workbench.spec.data import Digits, Folder, Mnist
from workbench.spec.presets import Preset
from workbench.spec.recipe import Recipe

pytestmark = pytest.mark.window
PATIENCE = 60_000


@pytest.fixture
def with_data(workspace: Workspace, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch):
    """A window whose recipe has this data set, without a warm engine."""

    def open_one(data) -> Window:
        presets.save(Preset(presets.DEFAULT, "Test", Recipe(data=data)), workspace)
        window = open_window()
        monkeypatch.setattr(window.session, "warm_up", lambda _backend: None)
        window.finish()
        return window

    return open_one


def found(window: Window) -> bool:
    return window.data.shown is not None and bool(window.data.shown.findings)


def test_pictures_are_looked_through_once_the_tab_is_in_view(with_data, qtbot: QtBot, base: Path):
    window = with_data(Folder(path=str(base), image_size=16))
    assert window.pictures._thread is None
    window.tabs.show_tab("data")
    qtbot.waitUntil(lambda: found(window), timeout=PATIENCE)
    assert window.data.title.text() == "my pictures"
    assert window.data.gallery.count == (window.data.shown.parts == 0).sum()
    assert not window.data.progress.isVisible()


def test_another_data_set_is_looked_through_and_the_old_answer_is_not_heard(
    with_data, qtbot: QtBot, base: Path, monkeypatch
):
    monkeypatch.setattr(data_presenter, "PATIENCE_MS", 0)
    window = with_data(Folder(path=str(base), image_size=16))
    window.tabs.show_tab("data")
    first = window.pictures._thread
    window.pictures._begin(Recipe(data=Digits(limit=100)))
    assert window.pictures._thread is not first
    qtbot.waitUntil(lambda: found(window), timeout=PATIENCE)
    assert window.data.title.text() == "Digits"
    qtbot.waitUntil(lambda: not window.pictures._leaving, timeout=PATIENCE)
    assert window.data.title.text() == "Digits"


def test_what_is_not_on_this_computer_is_offered(with_data, qtbot: QtBot, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    window = with_data(Mnist())
    window.tabs.show_tab("data")
    qtbot.waitUntil(window.data.offer.isVisible, timeout=PATIENCE)
    assert window.data.nothing.text().startswith("mnist.npz is not on this computer yet.")
    assert window.data.offer.text() == "Fetch it"


def test_a_folder_that_is_not_there_is_said_and_can_be_looked_for_again(with_data, qtbot: QtBot, base: Path):
    away = base.rename(base.with_name("away"))
    window = with_data(Folder(path=str(base), image_size=16))
    window.tabs.show_tab("data")
    qtbot.waitUntil(window.data.offer.isVisible, timeout=PATIENCE)
    qtbot.waitUntil(lambda: "is not there" in window.data.nothing.text(), timeout=PATIENCE)
    away.rename(base)
    window.data.offer.click()
    qtbot.waitUntil(lambda: found(window), timeout=PATIENCE)


def findings(window: Window) -> list[str]:
    """All that the checks say."""
    return [each.sentence for each in window.data.checks._findings]


def test_after_files_have_changed_they_are_looked_through_again_when_asked(with_data, qtbot: QtBot, base: Path):
    window = with_data(Folder(path=str(base), image_size=16))
    window.tabs.show_tab("data")
    qtbot.waitUntil(lambda: found(window), timeout=PATIENCE)
    count = len(window.data.shown)
    assert any("could not be read" in each for each in findings(window))
    (base / "cat" / "broken.png").unlink()
    window.data.look_again.click()
    qtbot.waitUntil(lambda: found(window), timeout=PATIENCE)
    assert not any("could not be read" in each for each in findings(window))
    assert window.data.note.whole.startswith(f"{count - 1}\xa0pictures")


def chosen(window: Window) -> tuple[str, str]:
    """The split and the class whose pictures are in view."""
    page = window.data
    return page.split.key, next(chip.words for chip in page.chips._chips if chip.isChecked())


def choose(window: Window, qtbot: QtBot, split: str, name: str) -> None:
    qtbot.mouseClick(window.data.split.button(split), Qt.MouseButton.LeftButton)
    chip = next(chip for chip in window.data.chips._chips if chip.words == name)
    qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)


def looked_through(window: Window, qtbot: QtBot) -> None:
    """Until another scan has come to its end, and is in view."""
    before = window.data.shown
    qtbot.waitUntil(lambda: window.data.shown is not before and found(window), timeout=PATIENCE)


def test_with_another_seed_the_same_split_and_class_are_in_view(with_data, qtbot: QtBot):
    window = with_data(Digits())
    window.tabs.show_tab("data")
    looked_through(window, qtbot)
    choose(window, qtbot, "validation", "2")
    window.recipe.set_value("training.seed", 8)
    looked_through(window, qtbot)
    assert chosen(window) == ("validation", "2")
    shown = window.data.shown
    assert window.data.gallery.count == ((shown.parts == 1) & (shown.labels == 2)).sum() > 0


def test_a_class_is_found_again_by_its_name_and_one_that_is_gone_gives_way_to_all(with_data, qtbot: QtBot, base: Path):
    window = with_data(Folder(path=str(base), image_size=16))
    window.tabs.show_tab("data")
    looked_through(window, qtbot)
    choose(window, qtbot, "training", "cat")
    shutil.rmtree(base / "a & b")
    window.data.look_again.click()
    looked_through(window, qtbot)
    assert chosen(window) == ("training", "cat")
    (base / "cat").rename(base / "dog")
    window.data.look_again.click()
    looked_through(window, qtbot)
    assert chosen(window) == ("training", "All")


def test_a_split_that_has_no_pictures_any_more_gives_way_to_training(with_data, qtbot: QtBot, base: Path):
    window = with_data(Folder(path=str(base), image_size=16, test=0.2))
    window.tabs.show_tab("data")
    looked_through(window, qtbot)
    choose(window, qtbot, "test", "cat")
    window.recipe.set_value("data.test", 0.0)
    looked_through(window, qtbot)
    assert chosen(window) == ("training", "cat")


def test_another_data_set_begins_with_all_of_its_training_pictures(with_data, qtbot: QtBot, base: Path):
    window = with_data(Folder(path=str(base), image_size=16))
    window.tabs.show_tab("data")
    looked_through(window, qtbot)
    choose(window, qtbot, "validation", "cat")
    shutil.copytree(base, base.with_name("others"))
    window.recipe.set_value("data.path", str(base.with_name("others")))
    looked_through(window, qtbot)
    assert window.data.title.text() == "others"
    assert chosen(window) == ("training", "All")


def test_pictures_that_never_change_are_not_to_be_looked_through_again(with_data, qtbot: QtBot):
    window = with_data(Digits(limit=100))
    window.tabs.show_tab("data")
    qtbot.waitUntil(lambda: found(window) and window.data.split.isVisible(), timeout=PATIENCE)
    assert not window.data.look_again.isVisible()


@pytest.fixture
def without_mnist(with_data, qtbot: QtBot, tmp_path: Path, monkeypatch) -> tuple[Window, Path]:
    """A window that has said that MNIST is not there, and the folder that it would be in."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    window = with_data(Mnist())
    window.tabs.show_tab("data")
    qtbot.waitUntil(window.data.offer.isVisible, timeout=PATIENCE)
    folder = tmp_path / "keras" / "datasets"
    folder.mkdir(parents=True, exist_ok=True)
    return window, folder


def test_what_was_not_on_this_computer_is_looked_for_whenever_the_tab_is_opened(without_mnist, qtbot: QtBot):
    window, folder = without_mnist
    window.tabs.show_tab("curves")
    window.tabs.show_tab("data")
    thread = window.pictures._thread
    assert window.data.offer.isVisible(), "what is said of it stands while it is looked for"
    qtbot.waitUntil(thread.isFinished, timeout=PATIENCE)
    qtbot.waitUntil(lambda: window.pictures._missing, timeout=PATIENCE)
    write_mnist(folder)
    window.tabs.show_tab("curves")
    window.tabs.show_tab("data")
    qtbot.waitUntil(lambda: found(window), timeout=PATIENCE)
    assert window.data.title.text() == "MNIST"


def test_what_a_run_has_fetched_is_shown_once_it_has_ended(without_mnist, qtbot: QtBot):
    window, folder = without_mnist
    write_mnist(folder)
    window.session.start(window.recipe.recipe, "")
    qtbot.waitUntil(lambda: found(window), timeout=PATIENCE)
    assert window.data.title.text() == "MNIST"


def test_what_was_said_of_a_recipe_goes_once_it_is_put_right(without_mnist, qtbot: QtBot):
    window, _ = without_mnist
    thread = window.pictures._thread
    window.tabs.show_tab("curves")
    window.recipe.set_value("training.batch_size", -1)
    window.tabs.show_tab("data")
    assert window.data.nothing.text() == "Batch size: must be at least 1 picture, got -1."
    assert window.pictures._thread is thread, "nothing is looked through meanwhile"
    window.recipe.undo()
    qtbot.waitUntil(lambda: "is not on this computer" in window.data.nothing.text(), timeout=PATIENCE)


def test_what_is_advised_of_uneven_classes_follows_the_recipe(with_data, qtbot: QtBot, base: Path):
    window = with_data(Folder(path=str(base), image_size=16))
    window.tabs.show_tab("data")
    qtbot.waitUntil(lambda: found(window), timeout=PATIENCE)
    advice = window.data.imbalance.sentence
    assert advice.text().startswith("Turn on class weights or resampling")
    for trick in ("class_weights", "resampling"):
        window.recipe.set_value(f"tricks.{trick}.on", value=True)
        assert advice.text() == "Class balancing is on, so rare classes weigh more."
        window.recipe.undo()
        assert advice.text().startswith("Turn on class weights or resampling")


def test_a_scan_that_something_else_prints_into_is_a_sentence(
    with_data, qtbot: QtBot, base: Path, tmp_path: Path, monkeypatch
):
    (tmp_path / "sitecustomize.py").write_text("print('good day', flush=True)")
    window = with_data(Folder(path=str(base), image_size=16))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    window.tabs.show_tab("data")
    qtbot.waitUntil(
        lambda: "wrote “good day”, which is no message of it" in window.data.nothing.text(), timeout=PATIENCE
    )
    assert "look again" in window.data.nothing.text()
    assert window.data.offer.isVisible()


def test_closing_the_window_ends_a_scan(with_data, qtbot: QtBot, base: Path):
    window = with_data(Folder(path=str(base), image_size=16))
    window.tabs.show_tab("data")
    thread = window.pictures._thread
    window.close()
    assert thread.isFinished()


def test_files_are_opened_shown_and_copied_by_the_system(with_data, base: Path, monkeypatch):
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    # A real file manager would open; what it is asked for is tested by itself.
    monkeypatch.setattr(file_manager, "_ask_over_bus", lambda _path: False)
    window = with_data(Digits())
    path = str(base / "cat" / "01.png")
    window.data.open_asked.emit(path)
    window.data.reveal_asked.emit(path)
    window.data.folder_asked.emit(str(base))
    assert [url.toLocalFile() for url in opened] == [path, str(base / "cat"), str(base)]
    window.data.copy_asked.emit(path)
    assert QGuiApplication.clipboard().text() == path
