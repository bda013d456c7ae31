"""The watch over all runs of a workspace."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from workbench.events import BestSoFar, Ending, EpochEnded
from workbench.gui.runs import watch as watch_module
from workbench.gui.runs.watch import Row, RunsWatch
from workbench.journal import Journal, labels, shown, trash
from workbench.paths import Workspace
from workbench.spec import presets
from workbench.spec.recipe import changed

pytestmark = pytest.mark.window


def test_it_says_at_once_what_there_is_and_again_when_a_run_comes_elsewhere(qtbot: QtBot, workspace: Workspace) -> None:
    recipe = presets.find("digits-cnn", workspace).recipe
    watch = RunsWatch(workspace)
    seen: list[tuple[object, ...]] = []
    watch.rows_changed.connect(seen.append)
    watch.start()
    try:
        qtbot.waitUntil(lambda: bool(seen))
        assert seen[0] == ()
        with Journal(workspace) as journal:
            run = journal.create_run(changed(recipe, "training.batch_size", 64), preset="digits-cnn")
            attempt = journal.begin_attempt(run.id) or 0
            for epoch, loss in ((1, 0.5), (2, 0.4)):
                journal.say(
                    run.id,
                    attempt,
                    [EpochEnded(epoch, epoch, 1.0, {"val_loss": loss}, 1.0), BestSoFar(epoch, "val_loss", loss)],
                )
            journal.end(run.id, Ending.COMPLETED, "All epochs.")
        qtbot.waitUntil(lambda: bool(seen[-1]) and len(seen[-1][0].losses) == 2)
        row = seen[-1][0]
        assert row.losses == (0.5, 0.4)
        assert row.chips == ("batch size 64",)
        with Journal(workspace) as journal:
            journal.discard_ended(run.id)
        qtbot.waitUntil(lambda: seen[-1] == ())
    finally:
        watch.stop()
    assert not watch.isRunning()


def test_numbers_wait_for_their_turn_and_a_new_name_brings_them_along(
    qtbot: QtBot, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_module, "NUMBERS_SECONDS", 1e9)
    with Journal(workspace) as journal:
        run = journal.create_run(presets.find("digits-cnn", workspace).recipe)
        attempt = journal.begin_attempt(run.id) or 0
        watch = RunsWatch(workspace)
        seen: list[tuple[object, ...]] = []
        watch.rows_changed.connect(seen.append)
        watch.start()
        try:
            qtbot.waitUntil(lambda: bool(seen))
            first = len(seen)
            journal.say(run.id, attempt, [EpochEnded(1, 1, 1.0, {"val_loss": 0.5}, 1.0)])
            journal.rename_run(run.id, "Mine")
            qtbot.waitUntil(lambda: seen[-1][0].run.name == "Mine")
        finally:
            watch.stop()
    assert seen[-1][0].losses == (0.5,)
    assert all(rows[0].run.epochs == 0 or rows[0].run.name == "Mine" for rows in seen[first:])


def test_tags_notes_and_pins_are_shown_at_once_and_a_run_in_the_trash_is_gone(
    qtbot: QtBot, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_module, "NUMBERS_SECONDS", 1e9)
    with Journal(workspace) as journal:
        run = journal.create_run(presets.find("digits-cnn", workspace).recipe).id
        journal.end(run, Ending.STOPPED, "Stopped.")
        watch = RunsWatch(workspace)
        seen: list[tuple[Row, ...]] = []
        watch.rows_changed.connect(seen.append)
        watch.start()
        try:
            qtbot.waitUntil(lambda: bool(seen))
            labels.set_tags(journal, run, ["holiday"])
            qtbot.waitUntil(lambda: seen[-1][0].run.tags == ("holiday",))
            labels.set_note(journal, run, "Better.")
            qtbot.waitUntil(lambda: seen[-1][0].run.note == "Better.")
            labels.pin(journal, run, pinned=True)
            qtbot.waitUntil(lambda: seen[-1][0].run.pinned)
            trash.put(journal, run)
            qtbot.waitUntil(lambda: seen[-1] == ())
            trash.restore(journal, run)
            qtbot.waitUntil(lambda: len(seen[-1]) == 1)
        finally:
            watch.stop()


def test_of_many_runs_the_newest_are_whole_before_the_others(
    qtbot: QtBot, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_module, "IN_SIGHT", 2)
    monkeypatch.setattr(watch_module, "OPENING_SECONDS", 0.0)
    recipe = presets.find("digits-cnn", workspace).recipe
    with Journal(workspace) as journal:
        for _ in range(4):
            journal.create_run(recipe)
    watch = RunsWatch(workspace)
    seen: list[tuple[Row, ...]] = []
    watch.rows_changed.connect(seen.append)
    watch.start()
    qtbot.waitUntil(lambda: bool(seen) and all(row.line for row in seen[-1]))
    watch.stop()
    assert [[bool(row.line) for row in rows] for rows in seen] == [[False] * 4, [True, True, False, False], [True] * 4]


def test_a_damaged_workspace_is_said_in_a_sentence(qtbot: QtBot, workspace: Workspace) -> None:
    workspace.database.write_bytes(b"this is no database, however long it may be" * 100)
    watch = RunsWatch(workspace)
    with qtbot.waitSignal(watch.failed, timeout=20_000) as failed:
        watch.start()
    watch.stop()
    assert "damaged" in failed.args[0]


def test_a_fork_names_its_parent_and_epoch_among_what_differs(qtbot: QtBot, workspace: Workspace) -> None:
    recipe = presets.find("digits-cnn", workspace).recipe
    with Journal(workspace) as journal:
        parent = journal.create_run(recipe, preset="digits-cnn")
        child = changed(recipe, "training.batch_size", 64)
        journal.create_run(child, preset="digits-cnn", parent=parent.id, parent_epoch=3)
        journal.create_run(child, preset="", parent="one that is gone", parent_epoch=3)
    watch = RunsWatch(workspace)
    with qtbot.waitSignal(watch.rows_changed) as rows:
        watch.start()
    watch.stop()
    assert [row.chips for row in rows.args[0]] == [None, ("batch size 64", "fork of 1 @ 3"), ()]


def test_eyes_turned_by_anybody_are_told_and_bring_no_new_rows(qtbot: QtBot, workspace: Workspace) -> None:
    with Journal(workspace) as journal:
        run = journal.create_run(presets.find("digits-cnn", workspace).recipe, preset="digits-cnn").id
        watch = RunsWatch(workspace)
        came: list[tuple[Row, ...]] = []
        watch.rows_changed.connect(came.append)
        watch.start()
        qtbot.waitUntil(lambda: len(came) == 1)
        with qtbot.waitSignal(watch.shown_changed):
            shown.show(journal, [run])
        with qtbot.waitSignal(watch.shown_changed):
            shown.set_baseline(journal, run)
        qtbot.waitUntil(lambda: len(came) == 2)
        watch.stop()
    assert [rows[0].against for rows in came] == ["", "Run 1"]
