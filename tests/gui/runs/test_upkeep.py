"""Tags, notes, pins and the trash in the window."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from workbench.events import Ending, EpochEnded, State
from workbench.gui import dialogs
from workbench.gui.runs import trash_dialog
from workbench.gui.runs.label_dialogs import NoteDialog, TagsDialog
from workbench.gui.runs.trash_dialog import TrashDialog
from workbench.gui.window import Window
from workbench.journal import Journal, labels, trash
from workbench.paths import Workspace
from workbench.spec import Recipe

pytestmark = pytest.mark.window
OpenWindow = Callable[[], Window]
LONG = 20_000


def ended_run(journal: Journal, name: str = "") -> str:
    run = journal.create_run(Recipe(), name).id
    attempt = journal.begin_attempt(run)
    assert attempt
    journal.say(run, attempt, [EpochEnded(1, 10, 1.0, {"val_loss": 0.5}, 9.0)])
    weights = journal.workspace.run_folder(run) / "checkpoints" / "1-10" / "weights.safetensors"
    weights.parent.mkdir(parents=True)
    weights.write_bytes(b"w" * 10_000_000)
    journal.end(run, Ending.STOPPED, "Stopped.")
    return run


@pytest.fixture
def two(workspace: Workspace) -> tuple[str, str]:
    with Journal(workspace) as journal:
        return ended_run(journal, "older"), ended_run(journal, "newer")


@pytest.fixture
def window(qtbot: QtBot, two: tuple[str, str], open_window: OpenWindow) -> Window:
    window = open_window()
    qtbot.waitUntil(lambda: window.session.story is not None and window.session.focus == two[1], timeout=LONG)
    return window


def names(window: Window) -> list[str]:
    return [row.run.name for row in window.table.model.rows]


def opened(window: Window, kind: type) -> object:
    found = [each for each in window.findChildren(kind) if each.isVisible()]
    assert len(found) == 1
    return found[0]


def agree(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every question is answered with yes; what was asked."""
    asked: list[str] = []

    def agreed(_parent: object, title: str, text: str, yes: str, _no: str) -> bool:
        asked.append(f"{title} {text} [{yes}]")
        return True

    monkeypatch.setattr(dialogs, "_agreed", agreed)
    return asked


# --- labels -----------------------------------------------------------------------------------------------------


def test_tags_are_typed_saved_and_shown_in_table_and_card(
    qtbot: QtBot, window: Window, two: tuple[str, str], workspace: Workspace
) -> None:
    with Journal(workspace) as journal:
        labels.set_tags(journal, two[0], ["shared"])
    qtbot.waitUntil(lambda: window.table.row(two[0]).run.tags == ("shared",))
    window.commands["tags"].trigger()
    dialog = opened(window, TagsDialog)
    assert [offer.text() for offer in dialog.offers] == ["shared"], "tags of other runs are offered"
    dialog.field.setText("x" * 60)
    dialog.save.click()
    assert dialog.isVisible()
    assert "too long" in dialog.problem.text()
    dialog.field.setText("holiday,")
    dialog.offers[0].click()
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.table.row(two[1]).run.tags == ("holiday", "shared"))
    qtbot.waitUntil(lambda: window.card.tags.text() == "#holiday #shared")


def test_a_note_is_written_and_stands_on_the_card_as_plain_text(
    qtbot: QtBot, window: Window, two: tuple[str, str]
) -> None:
    window.commands["note"].trigger()
    dialog = opened(window, NoteDialog)
    dialog.field.setPlainText("x" * 5000)
    dialog.save.click()
    assert "at most 4,000" in dialog.problem.text()
    note = "\n".join(["<b>Rate</b> too high?", *"abcdefg"])
    dialog.field.setPlainText(note)
    dialog.save.click()
    qtbot.waitUntil(lambda: window.table.row(two[1]).run.note == note)
    qtbot.waitUntil(lambda: window.card.note.text().startswith("<b>Rate</b> too high?\na\nb"))
    assert window.card.note.text().endswith("…")
    assert all(
        each.textFormat() is Qt.TextFormat.PlainText for each in window.findChildren(QLabel) if "<" in each.text()
    )


def test_a_pin_brings_a_run_to_the_top_and_the_menu_shows_it(
    qtbot: QtBot, window: Window, two: tuple[str, str]
) -> None:
    assert names(window) == ["newer", "older"]
    window.session.show_run(two[0])
    window.commands["pin"].trigger()
    qtbot.waitUntil(lambda: names(window) == ["older", "newer"])
    qtbot.waitUntil(window.commands["pin"].isChecked)
    window.session.show_run(two[1])
    assert not window.commands["pin"].isChecked()
    window.table.pin_asked.emit(two[0])
    qtbot.waitUntil(lambda: names(window) == ["newer", "older"])


# --- the trash -----------------------------------------------------------------------------------------------------


def test_delete_says_the_size_puts_the_run_into_the_trash_and_undo_brings_it_back(
    qtbot: QtBot, window: Window, two: tuple[str, str], workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = agree(monkeypatch)
    window.commands["delete"].trigger()
    assert asked == [
        "Delete newer? 1\u00a0epoch and 1\u00a0checkpoint (10\u00a0MB) will be moved to the trash. [Move to trash]"
    ]
    qtbot.waitUntil(lambda: names(window) == ["older"])
    assert window.session.focus == two[0], "another run's curves are shown"
    assert window.status.text == "newer is in the trash · 10\u00a0MB"
    assert list(workspace.run_folder(two[1]).rglob("weights.safetensors"))
    window.status.offered.click()
    qtbot.waitUntil(lambda: names(window) == ["newer", "older"])
    assert window.session.focus == two[1]
    assert not window.status.offered.isVisible()


def test_a_run_that_goes_to_the_trash_while_its_curves_are_still_read_is_no_longer_shown(
    qtbot: QtBot, window: Window, two: tuple[str, str], workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window.session.followers, "following", lambda _run: True)
    with Journal(workspace) as journal:
        trash.put(journal, two[1])
    qtbot.waitUntil(lambda: window.session.focus == two[0])


def test_a_run_that_began_again_meanwhile_is_not_put_into_the_trash(
    qtbot: QtBot, window: Window, two: tuple[str, str], workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def agreed_late(*_: object) -> bool:
        with Journal(workspace) as journal:
            journal.set_state(two[1], State.PAUSED, among=(State.ENDED,))
        return True

    monkeypatch.setattr(dialogs, "may_discard", agreed_late)
    with qtbot.waitSignal(window.session.failed) as failed:
        window.commands["delete"].trigger()
    assert failed.args == ["newer is still paused. Stop it first; what it has trained by then is kept."]
    with Journal(workspace) as journal:
        assert journal.run(two[1]).trashed is None
        journal.end(two[1], Ending.STOPPED, "Stopped.")


def test_the_trash_lists_runs_with_their_size_and_restores_the_chosen_one(
    qtbot: QtBot, window: Window, two: tuple[str, str], workspace: Workspace
) -> None:
    with Journal(workspace) as journal:
        for run in two:
            trash.put(journal, run)
    qtbot.waitUntil(lambda: names(window) == [])
    window.commands["trash"].trigger()
    dialog = opened(window, TrashDialog)
    qtbot.waitUntil(lambda: dialog.list.topLevelItemCount() == 2, timeout=LONG)
    cells = [dialog.list.topLevelItem(0).text(column) for column in range(4)]
    assert cells == ["newer", "Stopped", "1", "10\u00a0MB"]
    assert dialog.summary.text().startswith("2\u00a0runs, 20\u00a0MB.")
    dialog.list.setCurrentItem(dialog.list.topLevelItem(1))
    dialog.restore.click()
    qtbot.waitUntil(lambda: names(window) == ["older"])
    assert dialog.summary.text().startswith("1\u00a0run, 10\u00a0MB.")
    dialog.close()


def test_emptying_asks_and_then_frees_the_space_without_holding_the_window_up(
    qtbot: QtBot, window: Window, two: tuple[str, str], workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Journal(workspace) as journal:
        trash.put(journal, two[1])
    window.commands["trash"].trigger()
    dialog = opened(window, TrashDialog)
    qtbot.waitUntil(dialog.empty.isEnabled, timeout=LONG)
    with monkeypatch.context() as patched:
        patched.setattr(dialogs, "may_empty_trash", lambda *_: False)
        dialog.empty.click()
    assert window.deeds.upkeep._thread is None
    assert workspace.run_folder(two[1]).exists()
    asked = agree(monkeypatch)
    dialog.empty.click()
    assert asked == [
        "Empty the trash? 1\u00a0run (10\u00a0MB) will be deleted for good, with curves and weights. [Delete for good]"
    ]
    assert not dialog.empty.isEnabled()
    qtbot.waitUntil(lambda: dialog.summary.text() == trash_dialog.EMPTY, timeout=LONG)
    assert window.status.text == "1\u00a0run deleted, 10\u00a0MB freed."
    assert not workspace.run_folder(two[1]).exists()
    qtbot.waitUntil(lambda: names(window) == ["older"])
    dialog.close()


def test_closing_the_window_waits_for_the_trash_to_be_empty(
    qtbot: QtBot, window: Window, two: tuple[str, str], workspace: Workspace
) -> None:
    with Journal(workspace) as journal:
        trash.put(journal, two[1])
    window.deeds.upkeep._begin(empty=True)
    thread = window.deeds.upkeep._thread
    window.close()
    assert not thread.isRunning()
    assert not workspace.run_folder(two[1]).exists()
