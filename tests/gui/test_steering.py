"""Pausing, resuming, training longer and forking by buttons, menus and keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from workbench.events import Command, Ending, State
from workbench.gui import dialogs
from workbench.gui.steering_dialogs import ForkDialog, LongerDialog, RateDialog
from workbench.gui.window import Window
from workbench.journal import Journal, Run
from workbench.paths import Workspace
from workbench.spec import Recipe
from workbench.spec.recipe import changed

pytestmark = pytest.mark.window

OpenWindow = Callable[[], Window]


def press(qtbot: QtBot, window: QWidget, name: str) -> None:
    button = window.findChild(QPushButton, name)
    assert button is not None, name
    assert button.isEnabled(), name
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def newest(window: Window) -> Run:
    assert window.session.rows
    return window.session.rows[0].run


def start(qtbot: QtBot, window: Window, epochs: int) -> None:
    window.recipe.set_value("training.epochs", epochs)
    press(qtbot, window, "startButton")
    qtbot.waitUntil(lambda: bool(window.session.rows), timeout=20_000)


def until(qtbot: QtBot, window: Window, is_so: Callable[[Run], bool]) -> Run:
    qtbot.waitUntil(lambda: bool(window.session.rows) and is_so(newest(window)), timeout=20_000)
    return newest(window)


def ended(run: Run) -> bool:
    return run.state is State.ENDED


def trained(qtbot: QtBot, window: Window, epochs: int = 4) -> Run:
    """A run that was trained to its end and is in focus."""
    start(qtbot, window, epochs)
    run = until(qtbot, window, ended)
    qtbot.waitUntil(
        lambda: window.session.story is not None and ended(window.session.story.run) and window.card.resume.isVisible(),
        timeout=20_000,
    )
    return run


def test_pause_becomes_continue_when_the_journal_says_so_and_the_run_goes_on(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "slow")
    monkeypatch.setenv("WORKBENCH_FAKE_SPEED", "2")
    window = open_window()
    assert not window.toolbar.pause.isEnabled()
    start(qtbot, window, 40)
    until(qtbot, window, lambda run: run.state is State.RUNNING)
    qtbot.waitUntil(window.toolbar.pause.isEnabled, timeout=20_000)
    press(qtbot, window, "pauseButton")
    until(qtbot, window, lambda run: run.state is State.PAUSED)
    qtbot.waitUntil(lambda: window.toolbar.pause.text() == "Continue", timeout=20_000)
    assert window.toolbar.pause.kind == "tonal"
    assert window.commands["pause"].text() == "Continue"
    qtbot.waitUntil(lambda: "Paused" in window.card.pill.accessibleName(), timeout=20_000)
    window.commands["pause"].trigger()
    until(qtbot, window, lambda run: run.state is State.RUNNING)
    qtbot.waitUntil(lambda: window.toolbar.pause.text() == "Pause", timeout=20_000)
    window.session.stop_now()
    assert until(qtbot, window, ended).ending is Ending.STOPPED


def test_a_checkpoint_and_another_rate_are_asked_of_the_run_at_work(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, workspace: Workspace
) -> None:
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "slow")
    window = open_window()
    start(qtbot, window, 40)
    run = until(qtbot, window, lambda run: run.state is State.RUNNING)
    qtbot.waitUntil(window.commands["set_rate"].isEnabled, timeout=20_000)
    window.commands["save_checkpoint"].trigger()
    window.commands["set_rate"].trigger()
    dialog = window.findChild(RateDialog)
    assert dialog is not None
    dialog.rate.show_value(0.0)
    press(qtbot, dialog, "agreeButton")
    assert "more than 0" in dialog.problem.text()
    dialog.rate.show_value(0.002)
    press(qtbot, dialog, "agreeButton")
    with Journal(workspace) as journal:
        asked = [(each.command, each.value) for each in journal.asked(run.id)]
    assert asked == [(Command.SAVE, None), (Command.SET_RATE, 0.002)]
    window.session.stop_now()
    until(qtbot, window, ended)


def test_a_run_whose_engine_died_is_resumed_by_its_button_on_the_same_curve(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "died")
    window = open_window()
    run = trained(qtbot, window, 6)
    assert run.ending is Ending.INTERRUPTED
    assert window.card.resume.text() == "Resume"
    press(qtbot, window, "resumeButton")
    after = until(qtbot, window, lambda run: run.ending is Ending.COMPLETED)
    assert (after.id, after.epochs, after.exact) == (run.id, 6, True)
    qtbot.waitUntil(lambda: window.session.story is not None and window.session.story.curves.last_epoch == 6)
    story = window.session.story
    assert story is not None
    assert [flag.text for flag in story.curves.flags] == ["Resumed exactly"]
    qtbot.waitUntil(lambda: window.card.device.text().endswith("resumed exactly"), timeout=20_000)
    assert len(window.session.rows or ()) == 1


def test_a_run_that_is_done_is_trained_longer_after_asking_how_long(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    run = trained(qtbot, window)
    assert window.card.resume.text() == "Train longer…"
    assert not window.commands["resume"].isEnabled()
    press(qtbot, window, "resumeButton")
    dialog = window.findChild(LongerDialog)
    assert dialog is not None
    assert dialog.epochs.value == 6
    dialog.epochs.show_value(4)
    press(qtbot, dialog, "agreeButton")
    assert "has 4 epochs already; train it until a later one" in dialog.problem.text()
    dialog.epochs.show_value(7)
    press(qtbot, dialog, "agreeButton")
    after = until(qtbot, window, lambda run: run.epochs == 7 and ended(run))
    assert (after.id, after.ending) == (run.id, Ending.COMPLETED)


def test_a_fork_is_asked_for_and_becomes_a_run_of_its_own(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    parent = trained(qtbot, window)
    press(qtbot, window, "forkButton")
    dialog = window.findChild(ForkDialog)
    assert dialog is not None
    assert dialog.place.itemText(0).startswith("Epoch 4")
    dialog.epochs.show_value(4)
    press(qtbot, dialog, "agreeButton")
    assert "training.epochs: must be more than the 4 that are done" in dialog.problem.text()
    dialog.epochs.show_value(6)
    dialog.rate.show_value(0.02)
    press(qtbot, dialog, "agreeButton")
    child = until(qtbot, window, lambda run: run.id != parent.id and ended(run))
    assert (child.parent, child.parent_epoch, child.epochs) == (parent.id, 4, 6)
    assert child.recipe.optimizer.learning_rate == 0.02
    assert window.session.focus == child.id


def test_a_fork_takes_the_settings_of_the_form_and_says_which_may_not_differ(
    qtbot: QtBot, open_window: OpenWindow
) -> None:
    window = open_window()
    trained(qtbot, window)
    window.recipe.set_value("training.seed", 5)
    window.commands["fork"].trigger()
    dialog = window.findChild(ForkDialog)
    assert dialog is not None
    dialog.settings.show_value("form")
    assert "1 setting differs" in dialog.settings.currentText()
    dialog.epochs.show_value(9)
    press(qtbot, dialog, "agreeButton")
    assert "training.seed: stays as it was in a fork" in dialog.problem.text()
    dialog.reject()
    assert len(window.session.rows or ()) == 1


def test_a_run_without_a_checkpoint_says_why_it_cannot_be_forked(
    qtbot: QtBot, open_window: OpenWindow, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(dialogs, "tell", lambda _, title, text: told.append(f"{title}: {text}"))
    with Journal(workspace) as journal:
        run = journal.create_run(changed(Recipe(), "training.epochs", 3), "Bare")
        journal.end(run.id, Ending.STOPPED, "Stopped.")
    window = open_window()
    qtbot.waitUntil(lambda: window.session.focus == run.id, timeout=20_000)
    window.commands["fork"].trigger()
    assert told == [
        "Bare cannot be forked yet: It has kept no checkpoint to grow from. A checkpoint is written at the end of each epoch."
    ]


def test_r_in_the_table_resumes_the_run_there(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "died")
    window = open_window()
    trained(qtbot, window, 5)
    window.table.focus_run(newest(window).id)
    qtbot.keyClick(window.table.view, Qt.Key.Key_R)
    assert until(qtbot, window, lambda run: run.ending is Ending.COMPLETED).epochs == 5


def test_the_names_for_drivers_are_there(open_window: OpenWindow) -> None:
    window = open_window()
    for name in ("pauseButton", "resumeButton", "forkButton"):
        assert window.findChild(QPushButton, name) is not None, name
