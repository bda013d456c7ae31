"""Pictures from outside in the real window, with an engine that only tells stories: how they come in, what is shown, what is saved."""

from __future__ import annotations

import csv
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage, QKeySequence
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from tests.gui.results.test_results_tab import told
from workbench.data.predictions import shares_table
from workbench.gui.results import saving
from workbench.gui.results.shares import Share, Shares
from workbench.gui.results.try_desk import NO_WEIGHTS
from workbench.gui.results.try_view import LOOKED_AT, NOT_LOOKED_INTO, TryView
from workbench.gui.theme import Theme
from workbench.gui.window import Window
from workbench.journal import Journal, kept
from workbench.launch import fake_tried
from workbench.paths import Workspace
from workbench.spec.recipe import parse

pytestmark = pytest.mark.window
OpenWindow = Callable[[], Window]
WAIT = 20_000
MASKS = {"data": {"kind": "shape_masks"}, "model": {"kind": "unet"}}


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder with three pictures and a file that is none."""
    folder = tmp_path / "own"
    folder.mkdir()
    for name in ("1.png", "2.png", "<b>3.png"):
        Image.new("L", (12, 12), 90).save(folder / name)
    (folder / "notes.txt").write_text("no picture")
    return folder


def at_results(open_window: OpenWindow, qtbot: QtBot, run: str) -> Window:
    window = open_window()
    window.finish()
    qtbot.waitUntil(lambda: window.session.focus == run, timeout=WAIT)
    window.tabs.show_tab("results")
    qtbot.waitUntil(lambda: window.results.try_it.isEnabled() and window.results._tiles.isVisible(), timeout=WAIT)
    return window


@pytest.fixture
def window(open_window: OpenWindow, workspace: Workspace, qtbot: QtBot) -> Window:
    return at_results(open_window, qtbot, told(workspace))


@pytest.fixture
def for_masks(open_window: OpenWindow, workspace: Workspace, qtbot: QtBot) -> Window:
    return at_results(open_window, qtbot, told(workspace, parse(MASKS)))


@pytest.fixture
def clipboard(qapp: QApplication) -> Iterator[None]:
    yield
    QGuiApplication.clipboard().clear()


def view_of(window: Window) -> TryView:
    view = window.judging.trying._view
    assert view is not None
    return view


def done(window: Window, qtbot: QtBot, count: int = 3) -> TryView:
    """The view, once so many pictures have been told of and no more will be."""
    desk = window.judging.trying
    qtbot.waitUntil(lambda: desk._view is not None and not desk._inquiry.running, timeout=WAIT)
    view = view_of(window)
    assert view.trial is not None
    assert len(view.trial.pictures) == count
    return view


def press(qtbot: QtBot, button: object) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def mime_of(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def drop(window: Window, mime: QMimeData) -> bool:
    """Drop something on the Results tab as Qt does it; whether anybody took it."""
    page, none, left = window.results, Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
    enter = QDragEnterEvent(QPoint(300, 300), Qt.DropAction.CopyAction, mime, left, none)
    QApplication.sendEvent(page, enter)
    if not enter.isAccepted():
        return False
    QApplication.sendEvent(page, QDropEvent(QPoint(300, 300), Qt.DropAction.CopyAction, mime, left, none))
    return True


# --- how pictures come in ----------------------------------------------------------------------------


def test_the_button_opens_an_invitation_and_leads_back(window: Window, qtbot: QtBot) -> None:
    page = window.results
    press(qtbot, page.try_it)
    view = view_of(window)
    assert view.isVisible()
    assert view.invited.text() == "Try a picture"
    assert not view.save.isEnabled()
    assert page.try_note.whole == "Run 1, weights of epoch 5"
    assert not page.part.isVisible()
    assert page.try_it.text() == "Back to results"
    press(qtbot, page.try_it)
    assert not view.isVisible()
    assert page.part.isVisible()
    assert page._tiles.isVisible()
    assert page.title.isVisible()


def test_in_a_narrow_window_the_button_has_its_name_and_the_heading_its_words(window: Window, qtbot: QtBot) -> None:
    page = window.results
    assert page.try_it.text() == "Try a picture…"
    window.resize(1100, 700)
    qtbot.waitUntil(lambda: not page.try_it.text(), timeout=WAIT)
    assert page.try_it.accessibleName() == "Try a picture…"
    assert page.try_it.toolTip().startswith("Try a picture…")
    assert page.title.width() >= page.title.fontMetrics().horizontalAdvance(page.title.whole)
    press(qtbot, page.try_it)
    assert page.try_it.text() == "Back to results"


def test_a_dropped_folder_is_tried_picture_by_picture(window: Window, own: Path, qtbot: QtBot) -> None:
    before = window.recipe.recipe
    assert drop(window, mime_of(own))
    assert window.recipe.recipe == before, "in this tab a folder is no new data set"
    view = done(window, qtbot)
    assert [(each.name, each.told) for each in view.list.listed] == [
        ("1.png", "0 90\u00a0%"), ("2.png", "1 80\u00a0%"), ("<b>3.png", "2 70\u00a0%"),
    ]  # fmt: skip
    assert view.note.whole == "3\u00a0pictures, 1 left out"
    assert view.left_out.text() == "notes.txt: it is not a picture that can be read."
    assert view.name.whole == "1.png: 0 90\u00a0%"
    assert view.facts.text() == "640 × 480 pixels, seen as 12 × 12"
    qtbot.keyClick(view.list, Qt.Key.Key_Down)
    assert view.facts.text() == "640 × 480 pixels, seen as 12 × 12, in grey", "the file's picture has colours"
    qtbot.keyClick(view.list, Qt.Key.Key_Up)
    assert view.shares.rows[0].name == "0"
    assert len(view.shares.rows) == 10, "every class can be reached"


def test_a_preset_dropped_here_goes_where_it_always_goes(
    window: Window, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own.toml").write_text("format = 1\n")
    imported: list[Path] = []
    monkeypatch.setattr(window.recipe, "import_file", imported.append)
    assert drop(window, mime_of(tmp_path / "own.toml"))
    qtbot.waitUntil(lambda: not window.arrivals.looking, timeout=WAIT)
    assert imported == [tmp_path / "own.toml"]
    assert not window.results.trying


def test_pictures_beside_other_files_are_not_taken(window: Window, own: Path) -> None:
    drop(window, mime_of(own / "1.png", own / "notes.txt"))
    assert not window.results.trying
    assert "at a time" in window.status._event.whole


def test_a_picture_dropped_elsewhere_is_tried_by_the_weights_of_the_run_in_focus(
    open_window: OpenWindow, workspace: Workspace, own: Path, qtbot: QtBot
) -> None:
    run = told(workspace)
    window = open_window()
    window.finish()
    qtbot.waitUntil(lambda: window.session.focus == run, timeout=WAIT)
    for picture in ("1.png", "2.png"):  # the first before weights are known
        window.arrivals.take([str(own / picture)])
        qtbot.waitUntil(lambda: not window.arrivals.looking and window.results.trying, timeout=WAIT)
        assert window.tabs.name == "results"
        view = done(window, qtbot, 1)
        assert view.trial is not None
        assert [each.name for each in view.trial.pictures] == [picture]


def test_files_that_were_copied_are_tried_by_paste(window: Window, own: Path, qtbot: QtBot, clipboard: None) -> None:
    QGuiApplication.clipboard().setMimeData(mime_of(own / "1.png", own / "2.png"))
    press(qtbot, window.results.try_it)
    press(qtbot, view_of(window).paste)
    assert [each.name for each in done(window, qtbot, 2).list.listed] == ["1.png", "2.png"]


def test_a_picture_that_was_copied_is_tried_by_its_keys(window: Window, qtbot: QtBot, clipboard: None) -> None:
    image = QImage(20, 10, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    QGuiApplication.clipboard().setImage(image)
    window.results.try_it.setFocus()
    qtbot.keyClick(window.results.try_it, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    view = done(window, qtbot, 1)
    assert view.list.listed[0].name == "Pasted picture 1.png"
    (path,) = window.judging.trying._paths
    with Image.open(path) as kept_image:
        assert kept_image.size == (20, 10)
        assert kept_image.convert("RGB").getpixel((3, 3)) == (255, 0, 0)
    window.close()
    assert not Path(path).exists()


def test_the_paste_keys_stay_with_a_field_that_is_being_edited(
    window: Window, qtbot: QtBot, clipboard: None
) -> None:  # fmt: skip
    QGuiApplication.clipboard().setText("dropout")
    window.commands["find_setting"].trigger()
    field = QApplication.focusWidget()
    assert field is not None
    qtbot.keySequence(field, QKeySequence.StandardKey.Paste)
    assert field.property("text") == "dropout"
    assert not window.results.trying


def test_nothing_to_paste_is_told(window: Window, qtbot: QtBot, clipboard: None) -> None:
    QGuiApplication.clipboard().setText("words")
    press(qtbot, window.results.try_it)
    press(qtbot, view_of(window).paste)
    assert "no picture to paste" in window.status.text
    assert view_of(window).invited.text() == "Try a picture"


def test_pictures_and_folders_are_chosen_by_dialogs(
    window: Window, own: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(own / "2.png")], ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(own))
    press(qtbot, window.results.try_it)
    press(qtbot, view_of(window).choose)
    chosen = done(window, qtbot, 1).trial
    assert chosen is not None
    assert [each.name for each in chosen.pictures] == ["2.png"]
    press(qtbot, view_of(window).folder)
    chosen = done(window, qtbot, 3).trial
    assert chosen is not None
    assert [each.name for each in chosen.pictures] == sorted(path.name for path in own.glob("*.png"))


def test_the_command_waits_until_there_are_weights(
    open_window: OpenWindow, workspace: Workspace, qtbot: QtBot
) -> None:  # fmt: skip
    run = told(workspace)
    window = open_window()
    window.finish()
    qtbot.waitUntil(lambda: window.session.focus == run, timeout=WAIT)
    window.commands["try_picture"].trigger()
    qtbot.waitUntil(lambda: window.results.trying, timeout=WAIT)
    assert window.tabs.name == "results"


# --- what is shown ------------------------------------------------------------------------------------


def test_the_least_certain_can_come_first_and_the_chosen_picture_stays(
    window: Window, own: Path, qtbot: QtBot
) -> None:  # fmt: skip
    drop(window, mime_of(own))
    view = done(window, qtbot)
    press(qtbot, view.order.button("unsure"))
    assert [each.name for each in view.list.listed] == ["<b>3.png", "2.png", "1.png"]
    assert view.list.chosen == 0
    qtbot.keyClick(view.list, Qt.Key.Key_Home)
    assert view.name.whole == "<b>3.png: 2 70\u00a0%"
    assert view.name.textFormat() is Qt.TextFormat.PlainText


def test_what_it_looked_at_is_laid_over_each_picture_while_that_is_wanted(
    window: Window, own: Path, qtbot: QtBot
) -> None:
    drop(window, mime_of(own))
    view = done(window, qtbot)
    assert not view.seen.covered
    plain = view.seen.grab().toImage()
    view.cams.setChecked(True)
    assert view.seen.covered
    assert view.seen.grab().toImage() != plain
    qtbot.keyClick(view.list, Qt.Key.Key_Down)
    assert view.seen.covered
    view.cams.setChecked(False)
    assert not view.seen.covered
    assert view.trial is not None
    assert [each.cams for each in view.trial.pictures] == ["0-cams.npz", "1-cams.npz", "2-cams.npz"], "each has its own"


def test_a_network_without_maps_says_why(window: Window, own: Path, qtbot: QtBot) -> None:
    drop(window, mime_of(own))
    view = done(window, qtbot)
    window.judging.trying._take_part({"no_cams": "This network has no maps to look at."})
    assert not view.cams.isEnabled()
    assert view._cam_label.text() == "This network has no maps to look at."


def test_a_picture_that_was_not_looked_into_says_so(window: Window, own: Path, qtbot: QtBot) -> None:
    drop(window, mime_of(own))
    view = done(window, qtbot)
    assert view.trial is not None
    assert view.cams.isEnabled()
    view.trial.pictures[2].cams = ""
    qtbot.keyClick(view.list, Qt.Key.Key_End)
    assert not view.cams.isEnabled()
    assert view._cam_label.text() == NOT_LOOKED_INTO
    qtbot.keyClick(view.list, Qt.Key.Key_Home)
    assert view.cams.isEnabled()
    assert view._cam_label.text() == LOOKED_AT


def test_a_picture_of_the_said_class_stands_beside_and_that_of_another_on_request(
    window: Window, own: Path, qtbot: QtBot
) -> None:
    drop(window, mime_of(own))
    view = done(window, qtbot)
    title = view._example_card.title
    assert title.whole == "Class 0"
    assert view.example.isVisible()
    assert view.example_words.text().startswith("One of its validation pictures")
    qtbot.keyClick(view.shares, Qt.Key.Key_Down)
    assert title.whole == f"Class {view.shares.rows[1].name}"
    qtbot.keyClick(view.list, Qt.Key.Key_Down)
    assert title.whole == "Class 1"


def test_without_judged_pictures_the_class_picture_says_what_is_missing(
    window: Window, own: Path, qtbot: QtBot
) -> None:  # fmt: skip
    window.judging.trying._examples = None
    for file in window.workspace.run_folder(window.session.focus or "").glob("results/*"):
        file.unlink()
    drop(window, mime_of(own))
    view = done(window, qtbot)
    assert not view.example.isVisible()
    assert "once the validation pictures have been judged" in view.example_words.text()


def test_other_weights_are_tried_on_the_same_pictures(
    window: Window, workspace: Workspace, own: Path, qtbot: QtBot
) -> None:
    drop(window, mime_of(own))
    view = done(window, qtbot)
    first, page = view.trial, window.results
    assert first is not None
    page.place_chosen.emit(page.places.itemData(1))
    done(window, qtbot)
    assert view.trial is not first
    assert page.try_note.whole == "Run 1, weights of epoch 4"
    assert not first.folder.exists(), "what was told before is taken away"
    second = told(workspace)
    qtbot.waitUntil(lambda: len(window.session.rows or ()) == 2, timeout=WAIT)
    window.session.show_run(second)
    qtbot.waitUntil(lambda: page.try_note.whole == "Run 2, weights of epoch 5", timeout=WAIT)
    done(window, qtbot)
    assert page.trying


def test_other_weights_are_judged_only_when_one_comes_back_to_the_results(
    window: Window, own: Path, qtbot: QtBot
) -> None:  # fmt: skip
    drop(window, mime_of(own))
    done(window, qtbot)
    page = window.results
    page.place_chosen.emit(page.places.itemData(1))
    done(window, qtbot)
    assert not window.judging._judge.running
    press(qtbot, page.try_it)
    qtbot.waitUntil(lambda: page._tiles.isVisible() and page.note.whole.endswith("weights of epoch 4"), timeout=WAIT)


def test_where_all_epochs_stand_beside_each_other_pictures_are_tried_by_chosen_weights(
    window: Window, own: Path, qtbot: QtBot
) -> None:
    page = window.results
    press(qtbot, page.part.button("epochs"))
    qtbot.waitUntil(lambda: not page.places.isVisible() and page.try_it.isEnabled(), timeout=WAIT)
    drop(window, mime_of(own))
    done(window, qtbot)
    assert page.places.isVisible()
    assert page.try_note.whole == "Run 1, weights of epoch 5"
    page.place_chosen.emit(page.places.itemData(1))
    assert page.try_note.whole == "Run 1, weights of epoch 4"
    done(window, qtbot)
    window.session.change(lambda journal: journal.write("UPDATE runs SET epochs = 6"))
    qtbot.waitUntil(lambda: window.judging._listed is not None and window.judging._listed[1] == 6, timeout=WAIT)
    qtbot.waitUntil(lambda: page.places.currentData() == page.places.itemData(1), timeout=WAIT)
    assert page.try_note.whole == "Run 1, weights of epoch 4", "what is tried keeps its weights"
    press(qtbot, page.try_it)
    assert not page.places.isVisible()
    assert page.part.key == "epochs"


def test_a_run_without_weights_says_so_and_the_way_back_stays(
    window: Window, workspace: Workspace, own: Path, qtbot: QtBot
) -> None:
    drop(window, mime_of(own))
    done(window, qtbot)
    other = told(workspace)
    for path in kept.checkpoints(window.session.journal, other).rglob("*"):
        if path.is_file():
            path.unlink()
    qtbot.waitUntil(lambda: len(window.session.rows or ()) == 2, timeout=WAIT)
    window.session.show_run(other)
    view = view_of(window)
    qtbot.waitUntil(lambda: view.invited.text() == NO_WEIGHTS, timeout=WAIT)
    assert drop(window, mime_of(own / "1.png"))
    qtbot.waitUntil(lambda: not window.arrivals.looking, timeout=WAIT)
    assert view.trial is None, "nothing can be tried"
    assert view.invited.text() == NO_WEIGHTS
    press(qtbot, window.results.try_it)
    assert not window.results.trying
    assert not window.results.try_it.isEnabled()


# --- what goes wrong ----------------------------------------------------------------------------------


def test_it_can_be_cancelled_and_what_came_stays(
    window: Window, own: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "hung")
    drop(window, mime_of(own))
    view = view_of(window)
    assert view.cancel.isVisible()
    qtbot.waitUntil(lambda: view.trial is not None and len(view.trial.pictures) == 3, timeout=WAIT)
    probe = window.judging.trying._inquiry._probe
    assert probe is not None
    press(qtbot, view.cancel)
    assert view.note.whole == "Cancelled after 3 of 3\u00a0pictures"
    assert view.save.isEnabled()
    assert not view.cancel.isVisible()
    qtbot.waitUntil(lambda: not psutil.pid_exists(probe.process), timeout=WAIT)


def test_leaving_gives_up_what_is_being_asked(
    window: Window, own: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "hung")
    drop(window, mime_of(own))
    probe = window.judging.trying._inquiry._probe
    assert probe is not None
    press(qtbot, window.results.try_it)
    qtbot.waitUntil(lambda: not psutil.pid_exists(probe.process), timeout=WAIT)
    assert window.results._tiles.isVisible()


@pytest.mark.parametrize("story", [("failed", "memory"), ("died", "without an answer")])
def test_an_engine_that_fails_is_told_and_what_came_stays(
    window: Window, own: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, story: tuple[str, str]
) -> None:
    name, said = story
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", name)
    drop(window, mime_of(own))
    view = done(window, qtbot)
    assert said in view.note.whole
    assert view.files.isVisible(), "another try is one click away"


def test_where_nothing_is_a_picture_the_reasons_stand_in_the_middle(
    window: Window, own: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(own / "notes.txt")], ""))
    press(qtbot, window.results.try_it)
    press(qtbot, view_of(window).files)
    qtbot.waitUntil(lambda: not window.judging.trying._inquiry.running, timeout=WAIT)
    view = view_of(window)
    assert view.invited.text() == "Nothing to show"
    assert view.invited_words.text() == "notes.txt: it is not a picture that can be read."


def test_an_answer_that_cannot_be_read_is_told(window: Window, own: Path, qtbot: QtBot) -> None:
    drop(window, mime_of(own))
    view = done(window, qtbot)
    window.judging.trying._take_part({"file": "gone.npz", "pictures": []})
    assert "cannot be read" in view.note.whole


# --- saving --------------------------------------------------------------------------------------------


def test_predictions_are_saved_as_the_command_line_writes_them(
    window: Window, own: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "said.csv"), ""))
    drop(window, mime_of(own))
    view = done(window, qtbot)
    press(qtbot, view.save)
    qtbot.waitUntil(lambda: "said.csv" in window.status.text, timeout=WAIT)
    rows = list(csv.DictReader((tmp_path / "said.csv").read_text().splitlines()))
    assert [(row["picture"], row["class"], row["0"]) for row in rows] == [
        ("1.png", "0", "0.900000"), ("2.png", "1", "0.022222"), ("<b>3.png", "2", "0.033333"),
    ]  # fmt: skip
    shares = [fake_tried._classes(place)["shares"][0] for place in range(3)]
    names = ["1.png", "2.png", "<b>3.png"]
    assert (tmp_path / "said.csv").read_bytes() == shares_table(tuple("0123456789"), names, shares)


def test_masks_are_saved_as_pictures_with_the_names_of_their_numbers(
    for_masks: Window, own: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = tmp_path / "masks"
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(to))
    drop(for_masks, mime_of(own))
    view = done(for_masks, qtbot)
    assert view.overlay.isVisible()
    assert not view.cams.isVisible()
    assert view.list.listed[0].told == "1 25\u00a0%"
    press(qtbot, view.save)
    qtbot.waitUntil(lambda: str(to) in for_masks.status.text, timeout=WAIT)
    assert sorted(path.name for path in to.iterdir()) == ["1.png.png", "2.png.png", "<b>3.png.png", "classes.csv"]
    with Image.open(to / "1.png.png") as mask:
        assert int(np.asarray(mask).sum()) == 36
    assert (to / "classes.csv").read_text().startswith("number,name\n0,0\n")


@pytest.mark.parametrize("then", ["back to the results", "further pictures"])
def test_masks_are_saved_whole_whatever_is_done_meanwhile(
    for_masks: Window, own: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, then: str
) -> None:
    to, go_on, copied = own.parent / "masks", threading.Event(), shutil.copyfile

    def copy_later(mask: Path, target: Path) -> None:
        assert go_on.wait(WAIT / 1000)
        copied(mask, target)

    monkeypatch.setattr(saving.shutil, "copyfile", copy_later)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(to))
    drop(for_masks, mime_of(own))
    view = done(for_masks, qtbot)
    assert view.trial is not None
    folder = view.trial.folder
    press(qtbot, view.save)
    if then == "back to the results":
        press(qtbot, for_masks.results.try_it)
        assert not for_masks.results.trying
    else:
        drop(for_masks, mime_of(own / "1.png"))
        done(for_masks, qtbot, 1)
    go_on.set()
    qtbot.waitUntil(lambda: str(to) in for_masks.status.text, timeout=WAIT)
    assert for_masks.status.text == f"Saved what is said of 3\u00a0pictures to {to}."
    assert sorted(path.name for path in to.iterdir()) == ["1.png.png", "2.png.png", "<b>3.png.png", "classes.csv"]
    qtbot.waitUntil(lambda: not folder.exists(), timeout=WAIT)
    if then == "further pictures":
        assert view.trial.folder.exists(), "of what is shown nothing is taken away"


def test_a_place_that_cannot_be_written_to_is_told(
    window: Window, own: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "file" / "said.csv"), ""))
    drop(window, mime_of(own))
    press(qtbot, done(window, qtbot).save)
    qtbot.waitUntil(lambda: window.status.text.startswith("Not saved to"), timeout=WAIT)


def test_the_folder_of_answers_goes_with_the_window(window: Window, own: Path, qtbot: QtBot) -> None:
    drop(window, mime_of(own))
    view = done(window, qtbot)
    assert view.trial is not None
    folder = view.trial.folder
    assert folder.exists()
    with Journal(window.workspace) as journal:
        assert len(journal.runs()) == 1
    window.close()
    assert not folder.parent.exists()


# --- bars ----------------------------------------------------------------------------------------------


def test_bars_start_at_nought_and_the_largest_comes_first(qtbot: QtBot, theme: Theme) -> None:
    bars = Shares(theme)
    qtbot.addWidget(bars)
    bars.resize(300, 200)
    bars.show()
    bars.show_shares([Share(0, "cat", 0.25), Share(1, "<i>dog", 0.75), Share(2, "bird", 0.0)], 1)
    assert [row.name for row in bars.rows] == ["<i>dog", "cat", "bird"]
    assert bars.accessibleDescription() == "<i>dog 75.0\u00a0%, cat 25.0\u00a0%, bird 0.0\u00a0%"
    picture, empty = bars.grab().toImage(), theme.colour("line").rgb()
    ink = [theme.colour("text2").rgb(), theme.colour("text3").rgb()]
    middle = [bars.height() * (2 * place + 1) // 6 for place in range(3)]
    # The bar of nought shows where bars begin and end, but for their round corners; that depends on the font.
    bar = [x for x in range(300) if picture.pixel(x, middle[2]) == empty]
    filled = [sum(picture.pixel(x, y) in ink for x in range(bar[0], bar[-1] + 1)) for y in middle]
    assert filled == [pytest.approx(len(bar) * 0.75, abs=4), pytest.approx(len(bar) * 0.25, abs=4), 0]
