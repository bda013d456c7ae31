"""The queue in the window: how many wait, in which order, and whether it moves."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from workbench.events import State
from workbench.gui.queue_dialog import QueueDialog
from workbench.gui.window import Window
from workbench.journal import Journal
from workbench.journal.queue import in_line, pause_queue, queue_settings
from workbench.paths import Workspace
from workbench.spec import Recipe

pytestmark = pytest.mark.window

OpenWindow = Callable[[], Window]


def waiting(workspace: Workspace, *names: str) -> None:
    """Runs that wait in a queue that stands still."""
    with Journal(workspace) as journal:
        pause_queue(journal, paused=True)
        for name in names:
            journal.create_run(Recipe(), name)


def opened(qtbot: QtBot, window: Window) -> QueueDialog:
    qtbot.mouseClick(window.toolbar.queue, Qt.MouseButton.LeftButton)
    dialog = window.findChild(QueueDialog)
    assert dialog is not None
    return dialog


def shown(dialog: QueueDialog) -> list[str]:
    return [dialog.list.item(place).text().split("  ")[1] for place in range(dialog.list.count())]


def test_the_button_counts_the_runs_that_wait(qtbot: QtBot, open_window: OpenWindow, workspace: Workspace) -> None:
    waiting(workspace, "a", "b")
    window = open_window()
    qtbot.waitUntil(lambda: window.toolbar.queue.text() == "Queue 2", timeout=20_000)
    assert "paused" in window.toolbar.queue.toolTip()
    assert window.commands["pause_queue"].isChecked()
    states = {window.table.model.shown_state(row) for row in window.table.model.rows}
    assert states == {State.QUEUED}, "none of them is about to begin"
    qtbot.waitUntil(lambda: window.card.headline.text() == "Waiting in the queue", timeout=20_000)


def test_a_queue_paused_elsewhere_is_shown_as_paused(
    qtbot: QtBot, open_window: OpenWindow, workspace: Workspace
) -> None:
    waiting(workspace, "a")
    window = open_window()
    qtbot.waitUntil(window.commands["pause_queue"].isChecked, timeout=20_000)
    with Journal(workspace) as journal:
        journal.write("UPDATE runs SET reserved = 1e12")  # nobody takes it up meanwhile
        pause_queue(journal, paused=False)
        qtbot.waitUntil(lambda: not window.commands["pause_queue"].isChecked(), timeout=20_000)
        window.commands["pause_queue"].trigger()
        qtbot.waitUntil(window.commands["pause_queue"].isChecked, timeout=20_000)
        assert queue_settings(journal).paused


def test_waiting_runs_are_moved_and_removed_in_the_dialog(
    qtbot: QtBot, open_window: OpenWindow, workspace: Workspace
) -> None:
    waiting(workspace, "a", "b", "c")
    window = open_window()
    qtbot.waitUntil(lambda: window.toolbar.queue.text() == "Queue 3", timeout=20_000)
    dialog = opened(qtbot, window)
    assert shown(dialog) == ["a", "b", "c"]
    dialog.list.setCurrentRow(2)
    assert not dialog.down.isEnabled()
    qtbot.mouseClick(dialog.up, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: shown(dialog) == ["a", "c", "b"], timeout=20_000)
    qtbot.mouseClick(dialog.up, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: shown(dialog) == ["c", "a", "b"], timeout=20_000)
    with Journal(workspace) as journal:
        assert [run.name for run in in_line(journal.unended())] == ["c", "a", "b"]


def test_the_queue_is_let_go_and_all_its_runs_end(
    qtbot: QtBot, open_window: OpenWindow, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_FAKE_SPEED", "30")
    waiting(workspace, "a", "b", "c")
    window = open_window()
    qtbot.waitUntil(lambda: window.toolbar.queue.text() == "Queue 3", timeout=20_000)
    dialog = opened(qtbot, window)
    dialog.at_once.show_value(2)
    dialog.at_once.value_edited.emit(2)
    qtbot.mouseClick(dialog.pause, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.session.unended and bool(window.session.rows), timeout=40_000)
    with Journal(workspace) as journal:
        settings = queue_settings(journal)
    assert (settings.paused, settings.at_once) == (False, 2)
    assert dialog.list.count() == 0
    assert window.toolbar.queue.text() == "Queue"
