"""The smaller parts of the window: commands, clock, announcements, arrangement, verbs, cards."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from workbench.errors import ErrorCard, Way, WayKind, WorkspaceError
from workbench.events import AttemptEnded, AttemptStarted, BestSoFar, Ending, EpochEnded, Event, StoppedEarly
from workbench.gui import app, commands, dialogs, layout_store, verbs
from workbench.gui.announce import Announcer
from workbench.gui.clock import FRAME_MS, LONGEST_MS, SHARE, Clock
from workbench.gui.deeds import Deeds
from workbench.gui.error_card import ErrorCardView, report
from workbench.gui.machine import Machine
from workbench.gui.theme import Theme
from workbench.journal import Journal, Said, trash
from workbench.journal.trash import Contents
from workbench.paths import Workspace
from workbench.spec import Recipe

pytestmark = pytest.mark.window


# --- commands ------------------------------------------------------------------------------------------------


def test_no_two_commands_share_a_name_or_a_key() -> None:
    for found in ([row.name for row in commands.COMMANDS], [row.keys for row in commands.COMMANDS if row.keys]):
        assert [each for each, times in Counter(found).items() if times > 1] == []


def test_every_command_does_something_and_is_in_a_menu(open_window: object) -> None:
    window = open_window()  # type: ignore[operator]
    deeds: Deeds = window.deeds
    assert set(deeds.by_command()) == {row.name for row in commands.COMMANDS}
    menus = [menu.menu() for menu in window.menuBar().actions()]
    within = [action.menu() for menu in menus for action in menu.actions() if action.menu()]
    in_menus = {action for menu in (*menus, *within) for action in menu.actions()}
    assert {window.commands[row.name] for row in commands.COMMANDS} <= in_menus


def test_the_sheet_tells_of_every_key() -> None:
    told = [keys for _, rows in commands.sheet() for keys, _ in rows]
    assert len(told) == sum(bool(row.keys) for row in (*commands.COMMANDS, *commands.OWN_KEYS))


# --- clock ---------------------------------------------------------------------------------------------------


def test_many_touches_make_one_frame_and_none_make_none(qtbot: QtBot) -> None:
    clock = Clock()
    frames: list[int] = []
    clock.frame_due.connect(lambda: frames.append(1))
    with qtbot.waitSignal(clock.words_due):
        for _ in range(1000):
            clock.touch()
    qtbot.waitUntil(lambda: bool(frames))
    assert len(frames) == 1
    assert not clock._frame.isActive()
    assert not clock._words.isActive()


def test_frames_come_further_apart_the_dearer_they_are_but_never_stop(qtbot: QtBot) -> None:
    spent = [0.0]
    clock = Clock(spent=lambda: spent[0])
    with qtbot.waitSignal(clock.frame_due):
        clock.touch()
    pauses = []
    for dear in (0.0, 0.004, 0.008, 5.0):
        with qtbot.waitSignal(clock.frame_due):
            clock.touch()
        spent[0] += dear  # what drawing it took
        clock.touch()
        pauses.append(clock._frame.interval())
        qtbot.waitUntil(lambda: not clock._frame.isActive())
    cheap, dear, dearer, dearest = pauses
    assert cheap == FRAME_MS
    assert FRAME_MS < dear <= 0.004 / SHARE * 1000 + 1 < dearer <= 0.008 / SHARE * 1000 + 1
    assert dearer < dearest <= LONGEST_MS
    clock.stop()


# --- announcements ---------------------------------------------------------------------------------------------


def test_a_new_best_is_spoken_at_most_every_ten_seconds_and_epochs_never(workspace: Workspace) -> None:
    with Journal(workspace) as journal:
        run = journal.create_run(Recipe())
    spoken: list[str] = []
    now = [0.0]
    announcer = Announcer(spoken.append, lambda: now[0])

    def tell(*events: Event) -> None:
        announcer.tell(run, [Said(place, 1, 0.0, event) for place, event in enumerate(events)])

    tell(AttemptStarted(0, 0, 1), EpochEnded(1, 1, 1.0, {}, 1.0), BestSoFar(1, "val_loss", 0.5))
    now[0] = 5.0
    tell(BestSoFar(2, "val_loss", 0.4))
    now[0] = 11.0
    tell(
        BestSoFar(3, "val_loss", 0.3),
        StoppedEarly(3, 3, "No better."),
        AttemptEnded(Ending.EARLY_STOPPED, "No better.", 3),
    )
    assert spoken == [
        "Run 1 started.", "Run 1: best validation loss 0.5000 at epoch 1.", "Run 1: best validation loss 0.3000 at epoch 3.",
        "Run 1: No better.",
    ]  # fmt: skip


# --- arrangement -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["", "[]", '{"width": -5}', '{"tabs": {"curves": {"wings": 2}}}', '{"theme": "pink", "tabs": {}}', "\0"]
)
def test_a_broken_arrangement_is_the_usual_one(workspace: Workspace, text: str) -> None:
    (workspace.home / "window.json").write_text(text)
    assert layout_store.load(workspace) == layout_store.Arrangement()


def test_an_arrangement_comes_back_as_it_was(workspace: Workspace) -> None:
    kept = layout_store.Arrangement(1200, 700, theme="light")
    kept.panels("curves").table = False
    layout_store.save(workspace, kept)
    assert layout_store.load(workspace) == kept
    assert json.loads((workspace.home / "window.json").read_text())["tabs"]["curves"]["table"] is False


# --- verbs ----------------------------------------------------------------------------------------------------------


def test_an_ended_run_goes_to_the_trash_with_its_folder_kept_and_a_live_one_is_refused(workspace: Workspace) -> None:
    with Journal(workspace) as journal:
        run = verbs.create_run(journal, Recipe(), "", for_warm_engine=False)
        with pytest.raises(WorkspaceError, match="Stop it first"):
            verbs.delete(journal, run)
        journal.end(run.id, Ending.STOPPED, "Stopped.")
        place = workspace.run_folder(run.id) / "checkpoints" / "000001-000000010"
        place.mkdir(parents=True)
        (place / "weights.safetensors").write_bytes(b"x" * 10)
        loss = trash.contents(journal, journal.run(run.id))
        assert loss.checkpoints == 1
        verbs.delete(journal, journal.run(run.id))
        assert journal.runs() == []
        assert (place / "weights.safetensors").exists()


def test_a_name_is_tidied_and_an_empty_one_refused(workspace: Workspace) -> None:
    with Journal(workspace) as journal:
        run = journal.create_run(Recipe())
        verbs.rename(journal, run.id, "  wide \n net ")
        assert journal.run(run.id).name == "wide net"
        with pytest.raises(WorkspaceError):
            verbs.rename(journal, run.id, "  ")


def test_the_loss_is_named() -> None:
    assert (
        dialogs.loss_sentence(Contents(41, 3, 10_000_000))
        == "41\u00a0epochs and 3\u00a0checkpoints (10\u00a0MB) will be deleted."
    )
    assert "no finished epoch" in dialogs.loss_sentence(Contents(0, 0, 0))


# --- cards ------------------------------------------------------------------------------------------------------------

CARD = ErrorCard(
    "Not enough memory",
    "It needed 2 GB.",
    ("1 GB was free.",),
    ("Halve the batch.",),
    "All else is safe.",
    "Traceback …",
)


def test_an_error_card_shows_its_words_and_copies_a_report(qtbot: QtBot, theme: Theme) -> None:
    view = ErrorCardView(theme)
    qtbot.addWidget(view)
    view.show_card("Run 3", CARD, curves=False)
    assert view.title == CARD.title
    view.copy.click()
    text = QGuiApplication.clipboard().text()
    assert text == report("Run 3", CARD)
    for part in (CARD.title, CARD.what_happened, *CARD.evidence, *CARD.what_to_try, CARD.what_is_safe, CARD.details):
        assert part in text


def test_a_card_with_all_its_buttons_fits_into_a_narrow_window(qtbot: QtBot, theme: Theme) -> None:
    ways = (Way(WayKind.CHANGE, "Halve the batch", "The learning rate goes down with it."),)
    view = ErrorCardView(theme)
    qtbot.addWidget(view)
    view.show_card("Run 3", dataclasses.replace(CARD, ways=ways), curves=True)

    def lowest(button: QWidget) -> int:
        return button.mapTo(view, QPoint(0, button.height())).y()

    def top(button: QWidget) -> int:
        return button.mapTo(view, QPoint()).y()

    view.resize(900, 600)
    view.show()
    qtbot.waitUntil(lambda: top(view.copy) < lowest(view.apply))
    view.resize(600, 600)
    qtbot.waitUntil(lambda: lowest(view.apply) <= top(view.copy))
    assert view.horizontalScrollBar().maximum() == 0


def test_what_nobody_expected_is_logged_and_shown_once(
    qtbot: QtBot, theme: Theme, workspace: Workspace, capsys: object
) -> None:
    hook = app.FaultHook(workspace)
    faults = app.Faults(theme, workspace)
    hook.caught.connect(faults.show_fault)
    try:
        try:
            raise RuntimeError("a bug of ours")  # noqa: TRY301 - stands for any slot
        except RuntimeError as error:
            sys.excepthook(type(error), error, error.__traceback__)
            sys.excepthook(type(error), error, error.__traceback__)
    finally:
        hook.close()
    assert (workspace.home / "window.log").read_text().count("a bug of ours") == 4  # the line and its source, twice
    window = faults._window
    assert window is not None
    assert window.view.title == "Something in the window went wrong"
    window.close()


def test_a_workspace_that_cannot_be_used_opens_a_window_that_says_so(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, theme: Theme
) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    shown: list[QWidget] = []

    def look(_app: object) -> int:
        shown.extend(
            each for each in QApplication.topLevelWidgets() if isinstance(each, app.CardWindow) and each.isVisible()
        )
        for each in shown:
            each.close()
        return 0

    monkeypatch.setattr(app.QApplication, "exec", look)
    assert app.main(in_the_way) == 0
    assert len(shown) == 1


def test_a_gpu_that_is_not_used_is_explained() -> None:
    machine = Machine(
        "RTX 4070 12 GB", usable=False, why_not="TensorFlow has no CUDA libraries.", backends=frozenset({"jax"})
    )
    assert machine.reason_against("device", "gpu")
    assert not machine.reason_against("device", "cpu")
    assert machine.reason_against("backend", "torch") == "not installed"
    assert not machine.reason_against("backend", "jax")
    assert machine.sentence == "TensorFlow has no CUDA libraries."


# --- what is imported when ------------------------------------------------------------------------------------------------

FIRST_PAINT = """
import os, sys
from workbench.gui import app
from workbench.paths import find_workspace
HEAVY = ("tensorflow", "keras", "jax", "torch", "sklearn", "pyqtgraph", "matplotlib")
def painted():
    print("first", [name for name in HEAVY if name in sys.modules])
    window.finish()
    print("then", [name for name in HEAVY if name in sys.modules], flush=True)
    os._exit(0)
application = app.application()
theme = app.Theme()
window = app.Window(theme, find_workspace(sys.argv[1]))
theme.apply(application)
app.FirstPaint(window).painted.connect(painted)
window.open()
application.exec()
"""


def test_nothing_heavy_is_imported_before_the_first_paint_and_pyqtgraph_only_after_it(
    workspace: Workspace, fake_engine: None
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FIRST_PAINT, str(workspace.home)],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.splitlines() == ["first []", "then ['pyqtgraph']"], done.stderr
