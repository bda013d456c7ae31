"""The Results tab in the real window, with an engine that only tells stories: what is judged when, and what is dropped."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from workbench.events import Ending, State
from workbench.gui.results.class_view import ClassView
from workbench.gui.window import Window
from workbench.journal import Journal, kept
from workbench.journal.tested import looks_at_test
from workbench.launch import fake
from workbench.paths import Workspace
from workbench.spec import Recipe
from workbench.spec.recipe import changed, parse

pytestmark = pytest.mark.window
OpenWindow = Callable[[], Window]
WAIT = 20_000


def told(workspace: Workspace, recipe: Recipe | None = None) -> str:
    """A run of five epochs that has ended, its last two checkpoints kept; its id."""
    with Journal(workspace) as journal:
        run = journal.create_run(changed(recipe or Recipe(), "training.epochs", 5))
        fake.main(["--home", str(workspace.home), "--run", run.id, "--story", "completed", "--speed", "1000"])
        assert journal.run(run.id).ending is Ending.COMPLETED
        return run.id


@pytest.fixture
def run(workspace: Workspace) -> str:
    return told(workspace)


@pytest.fixture
def window(open_window: OpenWindow, run: str, qtbot: QtBot) -> Window:
    made = open_window()
    made.finish()
    qtbot.waitUntil(lambda: made.session.focus == run, timeout=WAIT)
    return made


def results_of(workspace: Workspace, run: str) -> list[str]:
    return sorted(path.name for path in (workspace.run_folder(run) / "results").glob("*.npz"))


def wait_for_results(window: Window, qtbot: QtBot, title: str) -> None:
    page = window.results
    qtbot.waitUntil(lambda: page._tiles.isVisible() and page.title.whole == title, timeout=WAIT)


def press(qtbot: QtBot, button: object) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_nothing_is_judged_until_somebody_looks(window: Window, workspace: Workspace, run: str, qtbot: QtBot) -> None:
    qtbot.wait(200)
    assert not window.judging._judge.running
    assert results_of(workspace, run) == []


def test_the_kept_weights_are_judged_on_the_validation_pictures_once(
    window: Window, workspace: Workspace, run: str, qtbot: QtBot
) -> None:
    window.tabs.show_tab("results")
    wait_for_results(window, qtbot, "Run 1 on the validation set")
    page = window.results
    assert page.tiles[0].figure.text() == "80.00\u00a0%"
    assert page.note.whole == "100\u00a0pictures, weights of epoch 5"
    assert page.places.itemText(0) == "Epoch 5 · best"
    assert page.classes is not None
    assert page.classes.gallery.shown
    (name,) = results_of(workspace, run)
    assert name.startswith("000005-")
    file = workspace.run_folder(run) / "results" / name
    written = file.stat().st_mtime_ns
    window.tabs.show_tab("curves")
    window.tabs.show_tab("results")
    page.place_chosen.emit(page.places.itemData(0))
    wait_for_results(window, qtbot, "Run 1 on the validation set")
    assert not window.judging._judge.running
    assert file.stat().st_mtime_ns == written, "what lies there is shown"
    press(qtbot, page.again)
    qtbot.waitUntil(lambda: file.stat().st_mtime_ns != written, timeout=WAIT)
    wait_for_results(window, qtbot, "Run 1 on the validation set")


def test_another_checkpoint_is_judged_by_itself(window: Window, workspace: Workspace, run: str, qtbot: QtBot) -> None:
    window.tabs.show_tab("results")
    wait_for_results(window, qtbot, "Run 1 on the validation set")
    page = window.results
    assert page.places.itemText(1) == "Epoch 4"
    page.places.setCurrentIndex(1)
    page.places.value_edited.emit(page.places.itemData(1))
    qtbot.waitUntil(lambda: page.note.whole.endswith("weights of epoch 4") and page._tiles.isVisible(), timeout=WAIT)
    assert len(results_of(workspace, run)) == 2


def test_weights_of_the_middle_of_an_epoch_are_called_alike_where_they_are_chosen_and_in_the_heading(
    window: Window, workspace: Workspace, run: str, qtbot: QtBot
) -> None:
    folder = kept.checkpoints(window.session.journal, run)
    within = next(each for each in kept.manifests(folder) if each["epoch"] == 4)
    manifest = folder / str(within["file"]).partition("/")[0] / "manifest.json"
    manifest.write_text(json.dumps({**within, "ends_epoch": False}))
    window.tabs.show_tab("results")
    wait_for_results(window, qtbot, "Run 1 on the validation set")
    page = window.results
    assert page.places.itemText(1) == f"Epoch 5, step {within['step']}"
    page.places.setCurrentIndex(1)
    page.places.value_edited.emit(page.places.itemData(1))
    heading = f"100\u00a0pictures, weights of epoch 5, step {within['step']}"
    qtbot.waitUntil(lambda: page._tiles.isVisible() and page.note.whole == heading, timeout=WAIT)


def test_test_pictures_are_touched_only_by_their_own_button_and_the_run_remembers(
    window: Window, workspace: Workspace, run: str, qtbot: QtBot
) -> None:
    window.tabs.show_tab("results")
    wait_for_results(window, qtbot, "Run 1 on the validation set")
    page = window.results
    press(qtbot, page.part.button("test"))
    assert page.notice_title.text() == "Look at the test pictures?"
    assert "remembered with the run for good" in page.notice.text()
    assert page.do.text() == "Judge epoch 5 on the test pictures"
    assert page.notice.height() >= page.notice.heightForWidth(page.notice.width()), "all of it can be read"
    assert not window.judging._judge.running
    with Journal(workspace) as journal:
        assert looks_at_test(journal, run) == ()
    press(qtbot, page.do)
    wait_for_results(window, qtbot, "Run 1 on the test set")
    with Journal(workspace) as journal:
        assert [each.epoch for each in looks_at_test(journal, run)] == [5]
    assert "never used in training" in page.note.whole
    assert page.note.whole.endswith("looked at once")
    press(qtbot, page.part.button("validation"))
    wait_for_results(window, qtbot, "Run 1 on the validation set")
    press(qtbot, page.part.button("test"))
    wait_for_results(window, qtbot, "Run 1 on the test set")
    with Journal(workspace) as journal:
        assert len(looks_at_test(journal, run)) == 1, "what was judged once is shown again without a second look"


def test_another_run_in_focus_drops_what_is_being_judged(
    window: Window, workspace: Workspace, run: str, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = told(workspace)
    qtbot.waitUntil(lambda: len(window.session.rows or ()) == 2, timeout=WAIT)
    window.session.show_run(run)
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "hung")
    window.tabs.show_tab("results")
    qtbot.waitUntil(lambda: window.judging._judge.running and window.results.bar.value() > 0, timeout=WAIT)
    assert window.results.title.whole == "Run 1 on the validation set"
    process = window.judging._judge._probe.process  # type: ignore[union-attr]
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "completed")
    window.session.show_run(second)
    wait_for_results(window, qtbot, "Run 2 on the validation set")
    qtbot.waitUntil(lambda: not psutil.pid_exists(process), timeout=WAIT)


def test_beside_a_run_at_work_nothing_is_judged_by_itself_until_it_has_ended(
    window: Window, workspace: Workspace, run: str, qtbot: QtBot
) -> None:
    with Journal(workspace) as journal:
        other = journal.create_run(Recipe()).id
        qtbot.waitUntil(lambda: bool(window.session.unended), timeout=WAIT)
        window.session.show_run(run)
        window.tabs.show_tab("results")
        page = window.results
        qtbot.waitUntil(lambda: page.notice_title.text() == "Not judged yet", timeout=WAIT)
        assert not window.judging._judge.running
        journal.end(other, Ending.FAILED, "It never began.")
    wait_for_results(window, qtbot, "Run 1 on the validation set")


def test_judging_can_be_cancelled_and_begun_again(
    window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "hung")
    window.tabs.show_tab("results")
    page = window.results
    qtbot.waitUntil(lambda: window.judging._judge.running and page.cancel.isVisible(), timeout=WAIT)
    press(qtbot, page.cancel)
    assert page.notice_title.text() == "Not judged"
    assert not window.judging._judge.running
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "completed")
    press(qtbot, page.do)
    wait_for_results(window, qtbot, "Run 1 on the validation set")


def test_a_judging_that_fails_says_why_and_offers_another_try(
    window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "failed")
    window.tabs.show_tab("results")
    page = window.results
    qtbot.waitUntil(lambda: page.notice_title.text() == "These weights could not be judged", timeout=WAIT)
    assert page.notice.text()
    assert page.do.text() == "Try again"


def test_while_a_run_is_at_work_judging_waits_for_a_click(window: Window, workspace: Workspace, qtbot: QtBot) -> None:
    with Journal(workspace) as journal:
        working = journal.create_run(Recipe())
        journal.write("UPDATE runs SET state = ?, reserved = ? WHERE id = ?", State.QUEUED, 4e9, working.id)
    qtbot.waitUntil(lambda: bool(window.session.unended), timeout=WAIT)
    window.tabs.show_tab("results")
    window.session.show_run(next(row.run.id for row in window.session.rows or () if row.run.state is State.ENDED))
    page = window.results
    qtbot.waitUntil(lambda: page.notice_title.text() == "Not judged yet", timeout=WAIT)
    assert not window.judging._judge.running
    press(qtbot, page.do)
    wait_for_results(window, qtbot, "Run 1 on the validation set")


def test_what_is_shown_stays_when_a_run_goes_on_and_keeps_newer_weights(
    window: Window, workspace: Workspace, run: str, qtbot: QtBot
) -> None:
    window.tabs.show_tab("results")
    wait_for_results(window, qtbot, "Run 1 on the validation set")
    folder = kept.checkpoints(window.session.journal, run)
    (newest, *_) = kept.manifests(folder)
    place = folder / str(newest["file"]).partition("/")[0]
    place.rename(folder / "000006-000000999")
    manifest = folder / "000006-000000999" / "manifest.json"
    manifest.write_text(json.dumps({**newest, "epoch": 6, "step": 999, "file": "000006-000000999/weights.safetensors"}))
    window.session.change(lambda journal: journal.write("UPDATE runs SET epochs = 6 WHERE id = ?", run))
    page = window.results
    qtbot.waitUntil(lambda: page.places.findData("000006-000000999") >= 0, timeout=WAIT)
    assert page.places.currentText() == "Epoch 5 · best · replaced"
    assert page._tiles.isVisible()
    assert page.note.whole.endswith("weights of epoch 5")


def test_a_run_that_has_kept_nothing_says_so(window: Window, workspace: Workspace, run: str, qtbot: QtBot) -> None:
    for path in kept.checkpoints(window.session.journal, run).rglob("*"):
        if path.is_file():
            path.unlink()
    window.tabs.show_tab("results")
    qtbot.waitUntil(lambda: window.results.notice_title.text() == "No weights to judge", timeout=WAIT)
    assert not window.results.places.isVisible()


def test_a_damaged_file_is_told_and_judged_anew(window: Window, workspace: Workspace, run: str, qtbot: QtBot) -> None:
    window.tabs.show_tab("results")
    wait_for_results(window, qtbot, "Run 1 on the validation set")
    (name,) = results_of(workspace, run)
    Path(workspace.run_folder(run) / "results" / name).write_bytes(b"PK")
    page = window.results
    press(qtbot, page.part.button("test"))
    press(qtbot, page.part.button("validation"))
    qtbot.waitUntil(lambda: page.notice_title.text() == "These weights could not be judged", timeout=WAIT)
    press(qtbot, page.do)
    wait_for_results(window, qtbot, "Run 1 on the validation set")


def looking(window: Window, qtbot: QtBot) -> ClassView:
    """The view with results, once it has asked what the network looked at."""
    window.tabs.show_tab("results")
    wait_for_results(window, qtbot, "Run 1 on the validation set")
    view = window.results.classes
    assert view is not None
    press(qtbot, view.cams)
    assert window.judging._inside._inquiry.running
    return view


def test_what_the_network_looked_at_is_laid_over_the_pictures(window: Window, qtbot: QtBot) -> None:
    view = looking(window, qtbot)
    qtbot.waitUntil(lambda: view.gallery.covered, timeout=WAIT)
    assert len(view.gallery._heat) == len(view.gallery.shown)
    press(qtbot, view.cams)
    press(qtbot, view.cams)
    press(qtbot, view.lists.button("uncertain"))
    qtbot.waitUntil(lambda: not window.judging._inside._inquiry.running, timeout=WAIT)
    assert not view.gallery.covered, "these pictures were not asked for"


def test_what_it_looked_at_stays_off_once_it_is_switched_off(window: Window, qtbot: QtBot) -> None:
    view = looking(window, qtbot)
    press(qtbot, view.cams)
    qtbot.waitUntil(lambda: not window.judging._inside._inquiry.running, timeout=WAIT)
    assert not view.cams.isChecked()
    assert not view.gallery.covered
    press(qtbot, view.cams)
    qtbot.waitUntil(lambda: view.gallery.covered, timeout=WAIT)
    assert view.cams.isChecked(), "asked once more, it comes"


def test_what_it_looked_at_stays_off_when_one_comes_back_to_the_same_pictures(window: Window, qtbot: QtBot) -> None:
    view = looking(window, qtbot)
    shown = view.gallery.shown
    press(qtbot, view.lists.button("uncertain"))
    press(qtbot, view.lists.button("cell"))
    assert view.gallery.shown == shown
    qtbot.waitUntil(lambda: not window.judging._inside._inquiry.running, timeout=WAIT)
    assert not view.cams.isChecked()
    assert not view.gallery.covered


def test_who_asks_for_layers_meanwhile_does_not_wait_for_what_it_looked_at(window: Window, qtbot: QtBot) -> None:
    view = looking(window, qtbot)
    press(qtbot, view.layers)
    dialog = window.judging._inside._dialog
    assert dialog is not None
    assert not view.cams.isChecked()
    qtbot.waitUntil(lambda: len(dialog.grid.images) == 6, timeout=WAIT)


def test_layers_are_looked_at_one_by_one(window: Window, qtbot: QtBot) -> None:
    window.tabs.show_tab("results")
    wait_for_results(window, qtbot, "Run 1 on the validation set")
    view = window.results.classes
    assert view is not None
    press(qtbot, view.layers)
    dialog = window.judging._inside._dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: len(dialog.grid.images) == 6, timeout=WAIT)
    assert not dialog.what.button("filters").isEnabled()
    dialog.layer.value_edited.emit("conv_1")
    qtbot.waitUntil(lambda: dialog.what.button("filters").isEnabled(), timeout=WAIT)
    assert dialog.layer.currentData() == "conv_1"
    press(qtbot, window.results.part.button("test"))
    qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=WAIT)


def test_masks_have_their_own_view(open_window: OpenWindow, workspace: Workspace, qtbot: QtBot) -> None:
    told(workspace, parse({"data": {"kind": "shape_masks"}, "model": {"kind": "unet"}}))
    window = open_window()
    window.finish()
    window.tabs.show_tab("results")
    wait_for_results(window, qtbot, "Run 1 on the validation set")
    assert window.results.masks is not None
    assert window.results.tiles[0].label.whole == "Mean overlap (IoU)"
    assert len(window.results.masks.list.listed) == 100
