"""The whole window with an engine that tells stories: start, watch, stop, close, open again."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt, QThread
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QTabBar, QTableView, QWidget
from pytestqt.qtbot import QtBot

from workbench.events import Command, Ending, State
from workbench.gui import dialogs
from workbench.gui.curves.view import CurvesView
from workbench.gui.followers import Story
from workbench.gui.machine import Machine
from workbench.gui.window import Window
from workbench.journal import Journal
from workbench.paths import Workspace
from workbench.spec import Recipe
from workbench.spec.recipe import changed

pytestmark = pytest.mark.window
OpenWindow = Callable[[], Window]
LONG = 30_000


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs last until somebody stops them."""
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "slow")
    monkeypatch.setenv("WORKBENCH_FAKE_SPEED", "4")


def story(window: Window) -> Story:
    found = window.session.story
    assert found is not None
    return found


def button(window: Window, name: str) -> QPushButton:
    found = window.findChild(QPushButton, name)
    assert found is not None
    return found


def press(qtbot: QtBot, window: Window, name: str) -> None:
    qtbot.mouseClick(button(window, name), Qt.MouseButton.LeftButton)


def wait_for(qtbot: QtBot, window: Window, what: Callable[[Story], bool]) -> None:
    qtbot.waitUntil(lambda: window.session.story is not None and what(story(window)), timeout=LONG)


def wait_for_end(qtbot: QtBot, window: Window) -> Story:
    wait_for(qtbot, window, lambda each: each.run.state is State.ENDED)
    qtbot.waitUntil(lambda: not window.session.unended, timeout=LONG)
    return story(window)


def make_run(qtbot: QtBot, window: Window) -> Story:
    press(qtbot, window, "startButton")
    return wait_for_end(qtbot, window)


def test_a_run_is_prepared_then_trains_then_has_ended_and_the_window_shows_each(
    qtbot: QtBot, open_window: OpenWindow
) -> None:
    window = open_window()
    window.presenter.put_curves(CurvesView(window.theme))
    shown: list[str] = []
    window.clock.frame_due.connect(lambda: shown.append(window.card.pill.text) if window.card.isVisible() else None)
    press(qtbot, window, "startButton")
    assert window.card.pill.text == "Preparing"
    assert window.session.focus is not None
    ended = wait_for_end(qtbot, window)
    qtbot.waitUntil(lambda: window.card.pill.text in {"Finished", "Early-stopped"}, timeout=LONG)
    assert shown[0] == "Preparing"
    assert ended.curves.steps > 0
    assert len(ended.curves.epochs) == ended.run.epochs
    bar = window.findChild(QProgressBar, "progressBar")
    assert bar is not None
    assert bar.value() > 0
    assert window.findChild(QWidget, "lossPlot") is not None
    assert button(window, "startButton").text() == "Start"
    assert not button(window, "stopButton").isEnabled()


def test_while_a_run_lives_start_adds_to_the_queue_and_the_next_run_waits(
    qtbot: QtBot, open_window: OpenWindow, slow: None
) -> None:
    window = open_window()
    press(qtbot, window, "startButton")
    wait_for(qtbot, window, lambda each: each.run.state is State.RUNNING)
    qtbot.waitUntil(lambda: button(window, "startButton").text() == "Add to queue")
    first = window.session.focus
    press(qtbot, window, "startButton")
    qtbot.waitUntil(lambda: len(window.session.rows or ()) == 2)
    rows = window.table.model.rows
    assert window.table.model.shown_state(rows[0]) is State.QUEUED
    assert window.session.focus == first


def test_stop_finishes_the_epoch_and_keeps(qtbot: QtBot, open_window: OpenWindow, slow: None) -> None:
    window = open_window()
    press(qtbot, window, "startButton")
    wait_for(qtbot, window, lambda each: each.run.epochs >= 1)
    press(qtbot, window, "stopButton")
    ended = wait_for_end(qtbot, window)
    assert ended.run.ending is Ending.STOPPED
    assert ended.run.weights_sha256
    qtbot.waitUntil(lambda: window.card.left.text() == ended.run.reason)


def test_stop_now_ends_the_run_and_says_what_is_kept(qtbot: QtBot, open_window: OpenWindow, slow: None) -> None:
    window = open_window()
    press(qtbot, window, "startButton")
    wait_for(qtbot, window, lambda each: each.run.epochs >= 1)
    window.commands["stop_now"].trigger()
    assert wait_for_end(qtbot, window).run.ending is Ending.STOPPED


def test_discard_asks_names_the_loss_and_takes_the_run_away(
    qtbot: QtBot, open_window: OpenWindow, slow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window()
    asked: list[str] = []
    monkeypatch.setattr(
        dialogs, "may_discard", lambda _parent, run, loss: bool(asked.append(dialogs.loss_sentence(loss)) or run)
    )
    press(qtbot, window, "startButton")
    wait_for(qtbot, window, lambda each: each.run.epochs >= 1)
    folder = window.workspace.run_folder(story(window).run.id)
    qtbot.waitUntil(lambda: bool(window.session.run(window.session.focus)) and window.session.rows[0].run.epochs >= 1)
    window.commands["discard"].trigger()
    qtbot.waitUntil(lambda: window.session.rows == (), timeout=LONG)
    assert "epoch" in asked[0]
    qtbot.waitUntil(lambda: not folder.exists(), timeout=LONG)
    assert window.page.shows_start


def test_a_killed_engine_leaves_an_interrupted_run_and_start_works_at_once(
    qtbot: QtBot, open_window: OpenWindow, slow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window()
    press(qtbot, window, "startButton")
    wait_for(qtbot, window, lambda each: each.run.epochs >= 1 and each.run.process is not None)
    os.kill(story(window).run.process or 0, signal.SIGKILL)
    ended = wait_for_end(qtbot, window)
    assert ended.run.ending is Ending.INTERRUPTED
    qtbot.waitUntil(lambda: window.card.details.isVisibleTo(window.card))
    qtbot.waitUntil(lambda: button(window, "startButton").text() == "Start")
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "completed")
    press(qtbot, window, "startButton")
    qtbot.waitUntil(lambda: len(window.session.rows or ()) == 2)
    assert window.session.focus != ended.run.id


def test_a_failed_run_shows_its_card_and_no_trace_before_details(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "failed")
    window = open_window()
    failed = make_run(qtbot, window)
    assert failed.failure is not None
    qtbot.waitUntil(window.page.failure.isVisible)
    assert window.page.failure.title == failed.failure.card.title
    assert not window.page.failure._trace.isVisible()
    window.page.failure.details.click()
    assert window.page.failure._trace.toPlainText() == failed.failure.card.details
    window.page.failure.curves.click()
    assert not window.page.failure.isVisible()


def test_two_windows_on_one_workspace_show_the_same_run_live(qtbot: QtBot, open_window: OpenWindow, slow: None) -> None:
    one, other = open_window(), open_window()
    press(qtbot, one, "startButton")
    wait_for(qtbot, other, lambda each: each.run.epochs >= 1)
    assert other.session.focus == one.session.focus
    press(qtbot, other, "stopButton")
    assert wait_for_end(qtbot, one).run.ending is Ending.STOPPED
    assert wait_for_end(qtbot, other).run.ending is Ending.STOPPED


def test_closing_keeps_training_and_the_reopened_window_has_the_whole_growing_run(
    qtbot: QtBot, open_window: OpenWindow, slow: None
) -> None:
    first = open_window()
    press(qtbot, first, "startButton")
    wait_for(qtbot, first, lambda each: each.run.epochs >= 1)
    run = first.session.focus
    first.close()
    second = open_window()
    wait_for(qtbot, second, lambda each: each.run.id == run and each.curves.steps > 0)
    before = story(second).curves.steps
    wait_for(qtbot, second, lambda each: each.curves.steps > before)
    said = [type(each.event).__name__ for each in story(second).said]
    assert said[0] == "RunCreated"


def test_a_reopened_window_shows_the_newest_run_whole(qtbot: QtBot, open_window: OpenWindow) -> None:
    first = open_window()
    ended = make_run(qtbot, first)
    first.close()
    second = open_window()
    wait_for(qtbot, second, lambda each: each.run.state is State.ENDED)
    assert story(second).curves.steps == ended.curves.steps
    assert story(second).run.ending is ended.run.ending


def test_a_run_of_the_command_line_appears_and_is_followed(
    qtbot: QtBot, open_window: OpenWindow, workspace: Workspace
) -> None:
    window = open_window()
    with Journal(workspace) as journal:
        run = journal.create_run(Recipe(), name="from the terminal")
    qtbot.waitUntil(lambda: window.session.rows is not None and len(window.session.rows) == 1, timeout=LONG)
    wait_for(qtbot, window, lambda each: each.run.id == run.id and each.run.state is State.ENDED)


def test_an_empty_workspace_offers_three_beginnings_and_one_filled_button(
    qtbot: QtBot, open_window: OpenWindow
) -> None:
    window = open_window()
    assert window.page.shows_start
    assert window.toolbar.start.kind == "plain"
    window.page.start.cards[0].button.click()
    assert wait_for_end(qtbot, window).run.preset == "digits-cnn"
    assert not window.page.shows_start
    assert window.toolbar.start.kind == "primary"


def test_use_its_recipe_fills_the_form(qtbot: QtBot, open_window: OpenWindow, workspace: Workspace) -> None:
    wanted = changed(changed(Recipe(), "training.batch_size", 77), "training.epochs", 2)
    with Journal(workspace) as journal:
        run = journal.create_run(wanted)
        journal.end(run.id, Ending.STOPPED, "Stopped before it began.")
    window = open_window()
    assert window.recipe.recipe != wanted
    qtbot.waitUntil(lambda: window.session.story is not None)
    window.deeds.use_recipe()
    assert window.recipe.recipe == wanted


def test_a_recipe_with_a_problem_is_not_started_and_the_status_says_why(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    window.recipe.set_value("optimizer.learning_rate", -1.0)
    press(qtbot, window, "startButton")
    assert window.session.focus is None
    assert "Learning rate" in window.status.text


def test_a_narrow_window_has_the_strip_and_the_rail_and_the_rail_opens_the_panel_over_the_curves(
    qtbot: QtBot, open_window: OpenWindow, workspace: Workspace
) -> None:
    with Journal(workspace) as journal:
        run = journal.create_run(Recipe())
        journal.end(run.id, Ending.STOPPED, "Stopped before it began.")
    window = open_window()
    wait_for(qtbot, window, lambda _: True)
    qtbot.waitUntil(window.card.isVisible)
    assert not window.rail.isVisible()
    window.resize(1100, 700)
    qtbot.waitUntil(window.page.strip.isVisible)
    assert window.rail.isVisible()
    assert not window.regions.panel.isVisible()
    assert window.table.height() <= window.table.height_for_rows(2) + 1
    window.commands["right_panel"].trigger()
    assert window.regions.panel.isVisible()
    assert window.regions.panel.parent() is window.tabs.parent()
    window.resize(1440, 900)
    assert window.regions.panel.isVisible()
    assert not window.page.strip.isVisible()


def test_the_arrangement_is_remembered(qtbot: QtBot, open_window: OpenWindow) -> None:
    first = open_window()
    first.commands["run_table"].trigger()
    first.commands["left_panel"].trigger()
    first.commands["theme_light"].trigger()
    first.close()
    second = open_window()
    assert not second.commands["run_table"].isChecked()
    assert not second.recipe.isVisible()
    assert second.theme.mode == "light"
    second.commands["theme_dark"].trigger()


def test_names_for_drivers_are_there(open_window: OpenWindow) -> None:
    window = open_window()
    for kind, name in (
        (QPushButton, "startButton"), (QPushButton, "stopButton"), (QTableView, "runTable"), (QTabBar, "tabs"),
        (QWidget, "statePill"), (QProgressBar, "progressBar"),
    ):  # fmt: skip
        assert window.findChild(kind, name) is not None, name
    assert {"stopNowAction", "discardAction"} <= {
        action.objectName() for action in window.findChildren(type(window.commands["stop"]))
    }


def test_f6_goes_round_all_regions(qtbot: QtBot, open_window: OpenWindow, workspace: Workspace) -> None:
    with Journal(workspace) as journal:
        journal.create_run(Recipe())
        journal.ask(journal.runs()[0].id, Command.STOP)
    window = open_window()
    window.activateWindow()
    wait_for(qtbot, window, lambda each: each.run.state is State.ENDED)
    visited = []
    regions = [window.toolbar, *window.regions.regions()]
    for _ in regions:
        window.deeds.next_region()
        focus = window.focusWidget()
        visited.append(
            next(place for place, region in enumerate(regions) if region is focus or region.isAncestorOf(focus))
        )
    assert sorted(visited) == list(range(len(regions)))


def test_every_label_shows_plain_text(qtbot: QtBot, open_window: OpenWindow, workspace: Workspace) -> None:
    with Journal(workspace) as journal:
        run = journal.create_run(Recipe(), name="<b>bold</b> & <img src=x>")
        journal.end(run.id, Ending.STOPPED, "<i>why</i>")
    window = open_window()
    qtbot.waitUntil(lambda: window.card.name.whole == "<b>bold</b> & <img src=x>")
    for label in window.findChildren(QLabel):
        if "<" in label.text():
            assert label.textFormat() is Qt.TextFormat.PlainText, label.text()


def test_no_thread_outlives_its_window(qtbot: QtBot, open_window: OpenWindow) -> None:
    before = set(threading.enumerate())
    window = open_window()
    window.finish()
    make_run(qtbot, window)
    window.close()
    assert not [thread for thread in window.findChildren(QThread) if thread.isRunning()]
    qtbot.waitUntil(lambda: not [thread for thread in set(threading.enumerate()) - before if "warm" in thread.name])


def test_start_hands_the_run_to_the_warm_engine_and_a_successor_follows_its_end(
    qtbot: QtBot, open_window: OpenWindow, slow: None
) -> None:
    window = open_window()
    window.session.warm_up("tensorflow")
    seat = window.session._warm
    qtbot.waitUntil(lambda: seat._engine is not None and seat._engine.ready, timeout=LONG)
    first = seat._engine
    assert first is not None
    with qtbot.waitSignal(window.session.followers.handed_over, timeout=LONG):
        press(qtbot, window, "startButton")
    wait_for(qtbot, window, lambda each: each.curves.steps > 0)
    assert story(window).run.process == first.process
    assert seat._engine is None, "a short run is not slowed by warming up the next engine"
    window.session.stop_now()
    qtbot.waitUntil(lambda: seat._engine is not None and seat._engine.ready, timeout=LONG)


def test_a_recipe_that_the_warm_engine_does_not_fit_goes_to_the_keeper(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    window.session.warm_up("tensorflow")
    seat = window.session._warm
    qtbot.waitUntil(lambda: seat._engine is not None and seat._engine.ready, timeout=LONG)
    assert seat.take_for(changed(Recipe(), "training.threads", 1)) is None
    assert seat.take_for(changed(Recipe(), "training.backend", "jax")) is None


@pytest.mark.parametrize(("answer", "open_still"), [("cancel", True), ("keep", False), ("stop", False)])
def test_closing_while_training_asks_what_becomes_of_it(  # noqa: PLR0917 - fixtures and parameters
    qtbot: QtBot, open_window: OpenWindow, slow: None, monkeypatch: pytest.MonkeyPatch, answer: str, open_still: bool
) -> None:
    window = open_window()
    press(qtbot, window, "startButton")
    wait_for(qtbot, window, lambda each: each.run.epochs >= 1)
    qtbot.waitUntil(lambda: bool(window.session.unended))
    run = story(window).run
    window.machine = Machine("", usable=False, why_not="", backends=frozenset(), logout="Logging out ends what trains.")
    told: list[str] = []
    monkeypatch.setattr(dialogs, "how_to_leave", lambda *what: told.extend(what[1:]) or answer)
    window.close()
    assert told == [run.name, "Logging out ends what trains."]
    assert window.isVisible() is open_still
    with Journal(window.workspace) as journal:
        assert [each.command for each in journal.asked(run.id)] == ([Command.STOP] if answer == "stop" else [])
    monkeypatch.setattr(dialogs, "how_to_leave", lambda *_: "keep")
