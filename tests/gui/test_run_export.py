"""A run is written from the window as a report, a script or a notebook, and the window goes on meanwhile."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from tests.gui.conftest import OpenWindow
from workbench.events import DataReady, Ending, EpochEnded
from workbench.export import whole
from workbench.gui.runs.menu import RunMenu
from workbench.gui.window import Window
from workbench.journal import Journal
from workbench.launch import start, written
from workbench.paths import Workspace
from workbench.spec import Recipe, carried
from workbench.spec.recipe import changed

pytestmark = pytest.mark.window
LONG = 60_000
RECIPE = changed(Recipe(), "training.epochs", 7)
KINDS = [each.name for each in whole.KINDS]


@pytest.fixture
def window(qtbot: QtBot, workspace: Workspace, open_window: OpenWindow) -> Window:
    with Journal(workspace) as journal:
        run = journal.create_run(RECIPE, 'a <b>run</b>: "one"/two').id
        attempt = journal.begin_attempt(run)
        assert attempt
        ready = DataReady(9, 3, 3, tuple("0123456789"), (8, 8, 1), 10, "f")
        journal.say(run, attempt, [ready, EpochEnded(1, 10, 1.0, {"val_loss": 0.5}, 9.0)])
        journal.end(run, Ending.STOPPED, "Stopped.")
    window = open_window()
    qtbot.waitUntil(lambda: window.session.story is not None, timeout=LONG)
    return window


@pytest.mark.parametrize("kind", KINDS)
def test_a_command_asks_where_and_the_file_is_there_with_the_recipe_in_it(
    qtbot: QtBot, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    threads: list[threading.Thread] = []
    write = written.write

    def spy(*what: Any) -> Any:
        threads.append(threading.current_thread())
        return write(*what)

    monkeypatch.setattr(written, "write", spy)
    monkeypatch.setattr(whole, "save", lambda *_: pytest.fail("the window's process does not draw"))
    ending = whole.named(kind).ending
    window.commands[f"export_{kind}"].trigger()
    (asking,) = window.findChildren(QFileDialog)
    assert asking.defaultSuffix() == ending
    assert Path(asking.selectedFiles()[0]).name == f"a -b-run--b-- -one--two.{ending}"
    path = tmp_path / "new" / f"mine.{ending}"
    asking.fileSelected.emit(str(path))
    asking.close()
    assert window.status.text == f"Writing {path}…"
    qtbot.waitUntil(lambda: window.status.text.startswith("Wrote"), timeout=LONG)

    assert window.status.text == f'Wrote a <b>run</b>: "one"/two as a {kind} to {path}.'
    assert carried.preset_in(path).recipe == RECIPE


def test_the_menu_of_a_run_offers_all_of_them(window: Window) -> None:
    asked: list[tuple[str, str]] = []
    window.table.write_asked.disconnect()
    window.table.write_asked.connect(lambda kind, run: asked.append((kind, run)))
    (row,) = window.table.model.rows
    menu = RunMenu(window.table, row, [])
    for action in menu.actions():
        if action.text() in {f"Export {kind}…" for kind in KINDS}:
            action.trigger()
    menu.deleteLater()
    assert asked == [(kind, row.run.id) for kind in KINDS]


def test_a_process_that_breaks_says_so(qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "EXPORT", "workbench.no_such_part")
    window.writing.write("script", window.session.focus or "", Path("/nowhere/a.py"))
    qtbot.waitUntil(lambda: "was not written. Last words of the process: " in window.status.text, timeout=LONG)
    assert "no_such_part" in window.status.text


@pytest.mark.parametrize(
    ("kind", "name", "sentence"),
    [
        ("report", "a.txt", "A run as report is a file that ends in .html, got 'a.txt'."),
        ("notebook", "file/a.ipynb", "file is a file where a folder is needed. Choose another folder."),
    ],
)
def test_what_cannot_be_written_is_said(  # noqa: PLR0917 - fixtures
    qtbot: QtBot, window: Window, tmp_path: Path, kind: str, name: str, sentence: str
) -> None:
    (tmp_path / "file").write_text("in the way")
    window.writing.write(kind, window.session.focus or "", tmp_path / name)
    qtbot.waitUntil(lambda: sentence in window.status.text, timeout=LONG)


def test_a_window_that_closes_does_not_wait_and_the_file_is_written_all_the_same(
    qtbot: QtBot, window: Window, tmp_path: Path
) -> None:
    window.writing.write("script", window.session.focus or "", tmp_path / "a.py")
    window.close()
    qtbot.waitUntil((tmp_path / "a.py").exists, timeout=LONG)
    assert carried.preset_in(tmp_path / "a.py").recipe == RECIPE
