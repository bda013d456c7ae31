"""The Data tab in a window: when pictures are looked through, and what becomes of answers that nobody wants."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from pytestqt.qtbot import QtBot

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
