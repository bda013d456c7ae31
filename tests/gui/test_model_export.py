"""A run's network is exported from the window: what is asked, how it goes, how it is cancelled."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psutil
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from tests.gui.conftest import OpenWindow
from workbench.events import Ending, EpochEnded
from workbench.gui import dialogs, file_manager
from workbench.gui.model_export_dialog import ModelExportDialog
from workbench.gui.runs.menu import RunMenu
from workbench.gui.window import Window
from workbench.journal import Journal
from workbench.launch.probe import Probe
from workbench.paths import Workspace
from workbench.spec import Recipe

pytestmark = pytest.mark.window
LONG = 20_000


def ended(journal: Journal, name: str, *kept: int) -> str:
    run = journal.create_run(Recipe(), name).id
    attempt = journal.begin_attempt(run)
    assert attempt
    journal.say(run, attempt, [EpochEnded(1, 10, 1.0, {"val_loss": 0.5}, 9.0)])
    for epoch in kept:
        place = f"{epoch:06d}-{10 * epoch:09d}"
        folder = journal.workspace.run_folder(run) / "checkpoints" / place
        folder.mkdir(parents=True)
        facts = {
            "file": f"{place}/weights.safetensors",
            "epoch": epoch,
            "step": 10 * epoch,
            "state_sha256": "x",
            "best": "",
        }
        (folder / "manifest.json").write_text(json.dumps(facts))
    journal.end(run, Ending.STOPPED, "Stopped.")
    return run


@pytest.fixture
def run(workspace: Workspace) -> str:
    with Journal(workspace) as journal:
        return ended(journal, "a <b>run</b>", 2, 4)


@pytest.fixture
def window(qtbot: QtBot, run: str, open_window: OpenWindow) -> Window:
    window = open_window()
    qtbot.waitUntil(lambda: window.session.story is not None and window.session.focus == run, timeout=LONG)
    return window


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Every question that an engine was asked."""
    questions: list[dict[str, Any]] = []
    start = Probe.start.__func__  # type: ignore[attr-defined] # a classmethod has one

    def spy(_: type[Probe], workspace: Workspace, question: dict[str, Any], backend: str = "tensorflow") -> Probe:
        questions.append({**question, "backend": backend})
        return start(Probe, workspace, question, backend)  # type: ignore[no-any-return] # as above

    monkeypatch.setattr(Probe, "start", classmethod(spy))
    return questions


def opened(window: Window) -> ModelExportDialog:
    window.commands["export_model"].trigger()
    dialog = window.exporting.dialog
    assert isinstance(dialog, ModelExportDialog)
    return dialog


def press(qtbot: QtBot, dialog: ModelExportDialog, name: str) -> None:
    button = dialog.findChild(QPushButton, name)
    assert button is not None
    assert button.isVisible()
    assert button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def written(qtbot: QtBot, dialog: ModelExportDialog) -> str:
    qtbot.waitUntil(dialog.sentence.isVisible, timeout=LONG)
    return dialog.sentence.text()


def test_a_format_a_place_and_it_is_told_how_well_it_agrees(  # noqa: PLR0917 - fixtures
    qtbot: QtBot, window: Window, run: str, asked: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = opened(window)
    assert dialog.kind == "keras"
    assert not dialog.small.isEnabled()
    dialog.formats["onnx"].click()
    assert not dialog.small.isEnabled(), "only LiteRT has 8 bits"
    press(qtbot, dialog, "agreeButton")
    (asking,) = dialog.findChildren(QFileDialog)
    assert asking.defaultSuffix() == "onnx"
    asking.fileSelected.emit(str(tmp_path / "mine.onnx"))
    asking.close()

    assert dialog.bar.isVisible()
    assert not dialog.yes.isEnabled()
    assert not dialog.formats["keras"].isEnabled()
    sentence = written(qtbot, dialog)

    assert sentence.startswith(
        f"Wrote a <b>run</b> after epoch 6 to {tmp_path / 'mine.onnx'}; mine.onnx.example.py shows"
    )
    assert dialog.sentence.textFormat() == Qt.TextFormat.PlainText
    assert window.status.text == sentence
    assert (dialog.leave.text(), dialog.focusWidget()) == ("Close", dialog.leave)
    (question,) = asked
    expected = {
        "question": "export", "run": run, "as": "onnx", "to": str(tmp_path / "mine.onnx"), "which": "", "quantised": False,
        "backend": "tensorflow",
    }  # fmt: skip
    assert {name: question[name] for name in expected} == expected
    shown: list[str] = []
    monkeypatch.setattr(file_manager, "reveal", shown.append)
    press(qtbot, dialog, "modelExportFolderButton")
    assert shown == [str(tmp_path / "mine.onnx")]
    press(qtbot, dialog, "modelExportLeaveButton")
    assert window.exporting.dialog is None


def test_litert_in_8_bits_of_a_kept_epoch(
    qtbot: QtBot, window: Window, asked: list[dict[str, Any]], tmp_path: Path
) -> None:
    dialog = opened(window)
    labels = [dialog.weights.itemText(place) for place in range(dialog.weights.count())]
    assert labels == ["As the run keeps them", "Epoch 4", "Epoch 2"]
    dialog.formats["litert"].click()
    qtbot.mouseClick(dialog.small, Qt.MouseButton.LeftButton)
    dialog.weights.setCurrentIndex(2)
    dialog.place_chosen.emit(tmp_path / "small")
    assert "In 8 bits 99.6% of its answers" in written(qtbot, dialog)
    (question,) = asked
    assert (question["quantised"], question["which"]) == (True, "000002-000000020")
    assert question["to"] == str(tmp_path / "small.tflite")
    # Another format has no 8 bits, whatever the switch still shows.
    dialog.formats["savedmodel"].click()
    assert not dialog.small.isEnabled()
    dialog.place_chosen.emit(tmp_path / "folder")
    qtbot.waitUntil(lambda: len(asked) == 2, timeout=LONG)
    assert (asked[1]["quantised"], asked[1]["to"]) == (False, str(tmp_path / "folder"))
    dialog.reject()
    dialog.reject()


def test_cancel_kills_the_engine_and_leaves_nothing_half_made(
    qtbot: QtBot, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "hung")
    dialog = opened(window)
    dialog.place_chosen.emit(tmp_path / "mine.keras")
    probe = window.exporting._inquiry._probe
    assert probe is not None
    half = tmp_path / ".mine.keras.0123abcd"
    half.mkdir()
    press(qtbot, dialog, "modelExportLeaveButton")
    assert dialog.isVisible(), "another choice can be made"
    assert dialog.yes.isEnabled()
    qtbot.waitUntil(lambda: not half.exists(), timeout=LONG)
    assert not psutil.pid_exists(probe.process)
    press(qtbot, dialog, "modelExportLeaveButton")
    assert window.exporting.dialog is None


def test_a_window_that_closes_takes_what_is_half_made_along(
    window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "hung")
    opened(window).place_chosen.emit(tmp_path / "mine.keras")
    probe = window.exporting._inquiry._probe
    assert probe is not None
    (tmp_path / ".mine.keras.0123abcd").mkdir()
    window.close()
    assert not psutil.pid_exists(probe.process)
    assert list(tmp_path.glob(".mine*")) == []


@pytest.mark.parametrize("story", ["failed", "died"])
def test_what_could_not_be_written_says_why_and_can_be_tried_again(
    qtbot: QtBot, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, story: str
) -> None:
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", story)
    dialog = opened(window)
    dialog.place_chosen.emit(tmp_path / "mine.keras")
    qtbot.waitUntil(dialog.problem.isVisible, timeout=LONG)
    assert dialog.problem.text()
    assert not dialog.bar.isVisible()
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "completed")
    dialog.place_chosen.emit(tmp_path / "mine.keras")
    written(qtbot, dialog)
    assert not dialog.problem.isVisible()
    dialog.reject()


def test_a_wrong_ending_is_said_before_anything_starts(
    window: Window, asked: list[dict[str, Any]], tmp_path: Path
) -> None:
    dialog = opened(window)
    dialog.place_chosen.emit(tmp_path / "mine.onnx")
    assert (
        dialog.problem.text()
        == "A model as keras is a file that ends in .keras, got 'mine.onnx'. Choose another name or kind."
    )
    assert asked == []
    dialog.reject()


def test_the_menu_of_a_run_offers_it_and_a_run_without_weights_says_so(
    qtbot: QtBot, window: Window, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(dialogs, "tell", lambda _parent, title, text: told.append((title, text)))
    with Journal(workspace) as journal:
        bare = ended(journal, "bare")
    qtbot.waitUntil(lambda: window.session.run(bare) is not None, timeout=LONG)
    row = next(each for each in window.table.model.rows if each.run.id == bare)
    menu = RunMenu(window.table, row, [])
    next(action for action in menu.actions() if action.text() == "Export model…").trigger()
    menu.deleteLater()
    assert told == [("bare cannot be exported yet", "It has kept no weights. They are kept at the end of each epoch.")]
    assert window.exporting.dialog is None


def test_every_control_is_named(window: Window) -> None:
    dialog = opened(window)
    for part in (
        *dialog.formats.values(),
        dialog.weights,
        dialog.small,
        dialog.bar,
        dialog.yes,
        dialog.leave,
        dialog.folder,
    ):
        assert part.accessibleName() or part.text(), part.objectName()  # type: ignore[attr-defined] # buttons have a text
    assert all(row.accessibleDescription() for row in dialog.formats.values())
    dialog.reject()
