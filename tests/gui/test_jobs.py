"""A job is exported from the window, and what was trained elsewhere is dropped on it."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from tests.cli.test_job import pictures
from tests.gui.conftest import OpenWindow
from tests.journal.test_importing import trained
from workbench.export.job import described as job_described
from workbench.export.job import folder as job_folder
from workbench.export.job import pictures as job_pictures
from workbench.export.job.described import Job
from workbench.export.job.pictures import Reference
from workbench.gui import file_manager, words
from workbench.gui.dialogs import TextDialog
from workbench.gui.job_desk import can_import
from workbench.gui.job_dialog import JobDialog
from workbench.gui.job_threads import PlanThread
from workbench.gui.window import Window
from workbench.journal import Journal, importing
from workbench.paths import Workspace
from workbench.spec import Recipe, presets
from workbench.spec.recipe import changed

pytestmark = pytest.mark.window
LONG = 20_000


@pytest.fixture
def window(open_window: OpenWindow) -> Window:
    return open_window()


def opened(qtbot: QtBot, window: Window) -> JobDialog:
    window.commands["export_job"].trigger()
    dialog = window.jobs.dialog
    assert isinstance(dialog, JobDialog)
    qtbot.waitUntil(lambda: dialog.yes.isEnabled() or dialog.problem.isVisible(), timeout=LONG)
    return dialog


def choose(qtbot: QtBot, dialog: JobDialog, place: Path) -> None:
    qtbot.mouseClick(dialog.yes, Qt.MouseButton.LeftButton)
    (asking,) = dialog.findChildren(QFileDialog)
    asking.fileSelected.emit(str(place))
    asking.close()


def own(window: Window, folder: Path) -> None:
    recipe = window.recipe.recipe
    assert recipe is not None
    recipe = changed(changed(changed(recipe, "data.kind", "folder"), "data.path", str(folder)), "data.image_size", 8)
    window.recipe.set_recipe(recipe)


def drop(window: Window, folder: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(folder))])
    window.dropEvent(
        QDropEvent(
            QPointF(9, 9), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        )
    )


def test_the_recipe_of_the_form_is_written_as_a_job(
    qtbot: QtBot, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = window.recipe.recipe
    assert recipe is not None
    window.recipe.set_value("training.epochs", 7)
    dialog = opened(qtbot, window)
    assert not dialog.copy.isEnabled()
    assert dialog.size_words.text() == "Nothing to copy: they are fetched or made there."
    place = tmp_path / "<b>my</b> job"
    choose(qtbot, dialog, place)
    qtbot.waitUntil(lambda: window.status.text.startswith("The job is in"), timeout=LONG)
    assert window.jobs.dialog is None
    preset = presets.load(place / "recipe.toml")
    assert (preset.recipe, preset.title) == (changed(recipe, "training.epochs", 7), "Digits, small CNN")
    assert (place / "run.sh").exists()
    shown: list[str] = []
    monkeypatch.setattr(file_manager, "reveal", shown.append)
    button = window.findChild(QPushButton, "statusButton")
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert shown == [str(place)]


def test_own_pictures_go_along_when_that_is_wanted_and_their_size_is_said_first(
    qtbot: QtBot, window: Window, tmp_path: Path
) -> None:
    own(window, pictures(tmp_path / "mine"))
    dialog = opened(qtbot, window)
    assert dialog.size_words.text().replace(words.NO_BREAK, " ").startswith("12 files in 2 classes, ")
    assert dialog.copy.isEnabled()
    assert not dialog.copy.isChecked()
    dialog.copy.click()
    choose(qtbot, dialog, tmp_path / "job")
    qtbot.waitUntil(lambda: window.status.text.startswith("The job is in"), timeout=LONG)
    tree = json.loads((tmp_path / "job" / "job.json").read_text())
    assert (tree["data"]["copied"], tree["data"]["files"]) == (True, 12)
    assert len(list((tmp_path / "job" / "data").rglob("*.png"))) == 12


def test_what_stands_in_the_way_is_said_in_the_dialog(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    own(window, tmp_path / "one")
    dialog = opened(qtbot, window)
    assert dialog.problem.isVisible()
    assert "holds no folders" in dialog.problem.text()
    assert not dialog.yes.isEnabled()
    dialog.reject()
    own(window, pictures(tmp_path / "mine"))
    dialog = opened(qtbot, window)
    choose(qtbot, dialog, tmp_path / "mine")
    qtbot.waitUntil(dialog.problem.isVisible, timeout=LONG)
    assert "not an empty folder" in dialog.problem.text()
    qtbot.waitUntil(lambda: window.jobs._job is None, timeout=LONG)
    choose(qtbot, dialog, tmp_path / "job")
    qtbot.waitUntil(lambda: window.status.text.startswith("The job is in"), timeout=LONG)


def test_a_problem_of_the_form_is_said_and_no_dialog_opens(qtbot: QtBot, window: Window) -> None:
    window.recipe.set_value("training.epochs", 0)
    assert window.recipe.recipe is None
    window.commands["export_job"].trigger()
    assert window.jobs.dialog is None
    assert window.status.text.startswith("Not exported. ")


def test_a_copy_that_is_cancelled_leaves_nothing(
    qtbot: QtBot, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own(window, pictures(tmp_path / "mine"))
    dialog = opened(qtbot, window)
    dialog.copy.click()
    begun, go_on = threading.Event(), threading.Event()

    def slow(own: job_pictures.Own, progress: job_pictures.Progress, to: Path | None = None) -> str:
        begun.set()
        assert go_on.wait(20)
        return job_pictures.fingerprint(own, progress, to)

    monkeypatch.setattr(job_folder, "fingerprint", slow)
    choose(qtbot, dialog, tmp_path / "job")
    qtbot.waitUntil(begun.is_set, timeout=LONG)
    assert dialog.bar.isVisible()
    assert not dialog.yes.isEnabled()
    dialog.reject()
    go_on.set()
    qtbot.waitUntil(lambda: window.jobs._job is None, timeout=LONG)
    assert [each.name for each in tmp_path.iterdir() if "job" in each.name] == []


def test_a_job_that_is_dropped_brings_its_run_into_the_table(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    job = tmp_path / "job"
    with Journal(Workspace(job / "workspace")) as journal:
        run = trained(journal, "<i>far</i> away")
    described = job_described.dump(Job("far", Reference("digits")), Recipe())
    (job / "job.json").write_text(described)
    (job / "recipe.toml").write_text(presets.dump(Recipe()))  # as every job has one
    drop(window, job)
    qtbot.waitUntil(lambda: window.status.text == "1 run imported.", timeout=LONG)
    qtbot.waitUntil(lambda: [row.run.id for row in window.session.rows or ()] == [run], timeout=LONG)
    qtbot.waitUntil(lambda: window.session.focus == run and window.session.story is not None, timeout=LONG)
    story = window.session.story
    assert story is not None
    assert (story.run.name, story.curves.steps) == ("<i>far</i> away", 20)
    qtbot.waitUntil(lambda: window.jobs._importer is None, timeout=LONG)
    drop(window, job)
    qtbot.waitUntil(lambda: window.status.text == "1 run was here already.", timeout=LONG)
    assert not window.findChildren(TextDialog)


def test_what_was_left_out_is_listed_with_its_reason(
    qtbot: QtBot, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Workspace(tmp_path / "other")
    with Journal(other) as journal:
        trained(journal, "good")
        bad = trained(journal, "<b>bad</b>")
        journal.write("UPDATE runs SET seconds = 'long' WHERE id = ?", bad)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(other.home))
    window.commands["import_runs"].trigger()
    qtbot.waitUntil(lambda: window.status.text == "1 run imported, 1 run left out.", timeout=LONG)
    (dialog,) = window.findChildren(TextDialog)
    (shown,) = dialog.findChildren(QPlainTextEdit)
    assert "<b>bad</b> was not imported: seconds must be a finite number, got 'long'." in shown.toPlainText()
    dialog.accept()


def test_a_folder_of_nothing_is_said_in_the_status_bar(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    window.jobs.bring(tmp_path)
    qtbot.waitUntil(lambda: "There is nothing to import in" in window.status.text, timeout=LONG)


def test_a_folder_that_may_not_be_looked_into_is_none_to_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, **_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "stat", refuse)
        assert not can_import(tmp_path)


def test_a_relative_path_of_pictures_is_made_whole_in_the_job(
    qtbot: QtBot, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures(tmp_path / "mine")
    monkeypatch.chdir(tmp_path)
    own(window, Path("mine"))
    choose(qtbot, opened(qtbot, window), tmp_path / "job")
    qtbot.waitUntil(lambda: window.status.text.startswith("The job is in"), timeout=LONG)
    assert presets.load(tmp_path / "job" / "recipe.toml").recipe.data.model_dump()["path"] == str(tmp_path / "mine")


def test_a_plan_that_comes_after_cancel_is_not_kept(
    qtbot: QtBot, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    of = job_folder.Plan.of

    def slow(recipe: Recipe, name: str, workspace: Workspace, _pulse: object) -> job_folder.Plan:
        begun.set()
        assert go_on.wait(20)
        return of(recipe, name, workspace)

    monkeypatch.setattr(job_folder.Plan, "of", slow)
    monkeypatch.setattr(PlanThread, "_pulse", lambda _: None)  # it had been past its last look
    window.commands["export_job"].trigger()
    qtbot.waitUntil(begun.is_set, timeout=LONG)
    assert window.jobs.dialog is not None
    window.jobs.dialog.reject()
    go_on.set()
    qtbot.waitUntil(lambda: window.jobs._job is None, timeout=LONG)
    assert window.jobs._plan is None


def test_what_the_system_refuses_is_said_and_nothing_hangs(
    qtbot: QtBot, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error", "/the/disk")

    monkeypatch.setattr(importing, "bring", refuse)
    window.jobs.bring(tmp_path)
    qtbot.waitUntil(lambda: window.status.text == "/the/disk cannot be used: input/output error.", timeout=LONG)
    monkeypatch.setattr(job_folder.Plan, "of", refuse)
    dialog = opened(qtbot, window)
    assert dialog.problem.text() == "/the/disk cannot be used: input/output error."
    dialog.reject()


def test_a_window_that_closes_ends_its_import(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    other = Workspace(tmp_path / "other")
    with Journal(other) as journal:
        trained(journal, "one")
    window.jobs.bring(other.home)
    window.close()
    assert window.jobs._importer is None or window.jobs._importer.isFinished()
