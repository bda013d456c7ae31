"""A theme and an empty workspace for whatever is shown; a window whose engine only tells stories.

A test starts with no widgets of the test before: a style sheet is applied to every one that lives.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from workbench.events import Command
from workbench.gui import dialogs
from workbench.gui.theme import Theme
from workbench.gui.window import Window
from workbench.journal import Journal
from workbench.launch import start
from workbench.paths import Workspace
from workbench.strangers import asking

OpenWindow = Callable[[], Window]


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """After qtbot has closed its widgets: delete what was to be deleted later, as an event loop would."""
    if QApplication.instance() is not None:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Theme:
    theme = Theme("dark")
    theme.apply(qapp)
    return theme


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace").create()


@pytest.fixture(autouse=True)
def _looks_take_their_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """No look at a dropped file is cut short because the machine is busy."""
    monkeypatch.setattr(asking, "look", functools.partial(asking.look, seconds=60))


@pytest.fixture
def fake_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Engines tell of a run of thirty epochs in about half a second, unless a test asks for another story."""
    monkeypatch.setenv("WORKBENCH_ENGINE", "workbench.launch.fake")
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "completed")
    monkeypatch.setenv("WORKBENCH_FAKE_SPEED", "8")


@pytest.fixture
def open_window(
    qtbot: QtBot, theme: Theme, workspace: Workspace, fake_engine: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[OpenWindow]:
    """Opens windows on one workspace; at the end they are closed, and every run and the keeper are gone."""
    monkeypatch.setattr(dialogs, "how_to_leave", lambda *_: "keep")
    opened: list[Window] = []

    def open_one() -> Window:
        window = Window(theme, workspace)
        opened.append(window)
        window.resize(1440, 900)
        window.open()
        qtbot.waitUntil(lambda: window.session.rows is not None, timeout=20_000)
        return window

    yield open_one
    for window in opened:
        window.close()
        window.deleteLater()
    end_everything(qtbot, workspace)


def end_everything(qtbot: QtBot, workspace: Workspace) -> None:
    """Discard what still runs, by way of the keeper, then end the keeper."""
    with Journal(workspace) as journal:
        for run in journal.unended():
            journal.ask(run.id, Command.DISCARD)
        if journal.unended():
            start.ensure_keeper(workspace)
        qtbot.waitUntil(lambda: not journal.unended(), timeout=20_000)
    for process in start._adopted:
        process.terminate()
        process.wait()
    start.reap()
