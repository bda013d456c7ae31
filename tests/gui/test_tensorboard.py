"""Runs are opened in TensorBoard from the window; what is started there is a stand-in."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from PySide6.QtCore import QItemSelectionModel
from pytestqt.qtbot import QtBot

from tests.gui.conftest import OpenWindow
from workbench.errors import EngineError
from workbench.events import Ending, EpochEnded
from workbench.gui import dialogs, file_manager
from workbench.gui.runs.menu import RunMenu
from workbench.gui.window import Window
from workbench.journal import Journal
from workbench.paths import Workspace
from workbench.spec import Recipe

pytestmark = pytest.mark.window
LONG = 20_000


class StandIn:
    """Has the face of launch.board.Board."""

    def __init__(self, runs: Sequence[str]) -> None:
        self.runs = list(runs)
        self.address = self.problem = self.words = ""
        self.ended = self.asked_to_go = self.closed = False

    def leave(self) -> None:
        self.asked_to_go = True

    def close(self) -> None:
        self.closed = self.ended = True


@pytest.fixture
def runs(workspace: Workspace) -> list[str]:
    """Newest last."""
    found = []
    with Journal(workspace) as journal:
        for name in ("first", "a <b>run</b>", "last"):
            run = journal.create_run(Recipe(), name).id
            attempt = journal.begin_attempt(run)
            assert attempt
            journal.say(run, attempt, [EpochEnded(1, 10, 1.0, {"val_loss": 0.5}, 9.0)])
            journal.end(run, Ending.STOPPED, "Stopped.")
            found.append(run)
    return found


@pytest.fixture
def window(qtbot: QtBot, runs: list[str], open_window: OpenWindow) -> Window:
    window = open_window()
    qtbot.waitUntil(lambda: window.session.story is not None and window.session.focus == runs[-1], timeout=LONG)
    return window


@pytest.fixture
def started(window: Window) -> list[StandIn]:
    found: list[StandIn] = []

    def start(_workspace: Workspace, wanted: Sequence[str]) -> StandIn:
        found.append(StandIn(wanted))
        return found[-1]

    window.tensorboards.start = start
    return found


@pytest.fixture
def visited(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(file_manager, "open_address", found.append)
    return found


def select(window: Window, runs: Sequence[str]) -> None:
    view = window.table.view
    view.clearSelection()
    for row in range(window.table.runs.rowCount()):
        index = window.table.runs.index(row, 0)
        if view.row_at(index).run.id in runs:
            flags = QItemSelectionModel.SelectionFlag
            view.selectionModel().select(index, flags.Select | flags.Rows)


def test_the_run_in_focus_is_opened_once_it_answers(
    qtbot: QtBot, window: Window, runs: list[str], started: list[StandIn], visited: list[str]
) -> None:
    window.commands["open_tensorboard"].trigger()
    (board,) = started
    assert board.runs == [runs[-1]]
    assert window.status.text == "TensorBoard starts with last."
    assert not visited
    board.address = "http://127.0.0.1:4711/"
    qtbot.waitUntil(lambda: visited == ["http://127.0.0.1:4711/"], timeout=LONG)
    assert window.status.text == "TensorBoard shows last at http://127.0.0.1:4711/ until the window closes."
    assert window.tensorboards._clock.interval() == 1000, "one that is there is looked at seldom"


def test_the_selected_runs_are_opened_together(
    qtbot: QtBot, window: Window, runs: list[str], started: list[StandIn], visited: list[str]
) -> None:
    select(window, [runs[-1], runs[1]])
    window.commands["open_tensorboard"].trigger()
    assert set(started[0].runs) == {runs[-1], runs[1]}
    assert window.status.text == "TensorBoard starts with 2 runs."


def test_the_same_runs_again_are_shown_by_the_one_that_is_there(
    qtbot: QtBot, window: Window, runs: list[str], started: list[StandIn], visited: list[str]
) -> None:
    for _ in range(2):
        window.tensorboards.open_runs(runs)  # pressed twice while it starts
    started[0].address = "http://127.0.0.1:1/"
    qtbot.waitUntil(lambda: len(visited) == 1, timeout=LONG)
    window.tensorboards.open_runs(list(reversed(runs)))
    assert (len(started), len(visited)) == (1, 2)
    started[0].ended = True  # somebody killed it
    window.tensorboards.open_runs(runs)
    assert len(started) == 2
    assert started[0].closed, "its pipe is not left open"
    assert not started[1].closed


def test_one_that_dies_later_is_told_of_and_let_go(
    qtbot: QtBot, window: Window, runs: list[str], started: list[StandIn], visited: list[str]
) -> None:
    window.tensorboards.open_runs(runs)
    window.tensorboards.open_runs(runs[:1])
    for each in started:
        each.address = "http://127.0.0.1:1/"
    qtbot.waitUntil(lambda: len(visited) == 2, timeout=LONG)
    started[0].problem, started[0].ended = "TensorBoard went away (exit code -9).", True
    qtbot.waitUntil(lambda: started[0].closed, timeout=LONG)
    assert window.status.text == "TensorBoard with 3 runs is gone. TensorBoard went away (exit code -9)."
    assert window.tensorboards._clock.isActive(), "the other is still there"
    started[1].problem, started[1].ended = "TensorBoard went away (exit code 1).", True
    qtbot.waitUntil(lambda: started[1].closed, timeout=LONG)
    assert not window.tensorboards._clock.isActive()


@pytest.mark.parametrize("at_once", [True, False])
def test_why_it_cannot_be_opened_is_said(  # noqa: PLR0917 - fixtures
    qtbot: QtBot,
    window: Window,
    runs: list[str],
    started: list[StandIn],
    visited: list[str],
    monkeypatch,
    at_once: bool,
) -> None:
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(dialogs, "tell", lambda _parent, title, text: told.append((title, text)))
    if at_once:

        def refuse(_workspace: Workspace, _runs: Sequence[str]) -> StandIn:
            raise EngineError("why not")

        window.tensorboards.start = refuse
    window.commands["open_tensorboard"].trigger()
    if not at_once:
        started[0].problem, started[0].ended = "why not", True
    qtbot.waitUntil(lambda: told == [("TensorBoard cannot be opened", "why not")], timeout=LONG)
    assert not visited
    assert not window.tensorboards._clock.isActive()


def test_the_menu_of_a_run_opens_it_or_all_that_are_selected(
    window: Window, runs: list[str], started: list[StandIn]
) -> None:
    rows = [window.table.row(run) for run in runs]
    for selected, text in ((rows[:1], "Open in TensorBoard"), (rows, "Open the 3 selected in TensorBoard")):
        menu = RunMenu(window.table, rows[0], [row.run for row in selected])
        next(action for action in menu.actions() if action.text() == text).trigger()
        menu.deleteLater()
    assert [each.runs for each in started] == [[runs[0]], runs]


def test_it_ends_with_the_window(window: Window, runs: list[str], started: list[StandIn]) -> None:
    window.tensorboards.open_runs(runs)
    window.tensorboards.open_runs(runs[:1])
    window.close()
    assert [(each.asked_to_go, each.closed) for each in started] == [(True, True)] * 2
