"""A run's loss is measured from the lab: what is asked, how it goes, and that the lab goes down what came."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.gui.conftest import OpenWindow
from tests.gui.test_model_export import ended
from workbench.descent import slices
from workbench.gui import dialogs
from workbench.gui.lab import saying, slice_words
from workbench.gui.lab.racing import Racing
from workbench.gui.lab.slice_dialog import SliceDialog
from workbench.gui.window import Window
from workbench.journal import Journal
from workbench.launch.probe import Probe
from workbench.paths import Workspace
from workbench.spec.lab import Lab

pytestmark = pytest.mark.window
LONG = 20_000
NEWEST, OLDEST = "000006-000000060", "000002-000000020"


@pytest.fixture(autouse=True)
def raced(monkeypatch: pytest.MonkeyPatch) -> list[Lab]:
    """Every lab whose race was asked for; all racers stay at the start."""
    asked: list[Lab] = []

    def ask(racing: Racing, lab: Lab) -> None:
        asked.append(lab)
        start = [lab.landscape.start_x, lab.landscape.start_y]
        racing.raced.emit(lab, {name: np.tile(start, (lab.landscape.steps + 1, 1)) for name in lab.racers})

    monkeypatch.setattr(Racing, "ask", ask)
    return asked


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


@pytest.fixture
def run(workspace: Workspace) -> str:
    with Journal(workspace) as journal:
        ended(journal, "bare")
        return ended(journal, "a <b>run</b>", 2, 4, 6)


@pytest.fixture
def window(qtbot: QtBot, run: str, open_window: OpenWindow) -> Window:
    """The lab in view, with the slice of a run for its landscape."""
    window = open_window()
    window.finish()
    qtbot.waitUntil(lambda: window.session.run(run) is not None, timeout=LONG)
    window.session.show_run(run)
    window.tabs.show_tab("lab")
    window.lab_panel.set_value("lab.kind", "slice")
    return window


def opened(window: Window) -> SliceDialog:
    window.lab_panel.measure.click()
    dialog = window.racing.slicing.dialog
    assert isinstance(dialog, SliceDialog)
    return dialog


@pytest.fixture
def measured(qtbot: QtBot, window: Window) -> Callable[[], Path]:
    def measure() -> Path:
        dialog = window.racing.slicing.dialog or opened(window)
        with qtbot.waitSignal(window.racing.slicing.measured, timeout=LONG) as told:
            qtbot.mouseClick(dialog.yes, Qt.MouseButton.LeftButton)
        (path,) = told.args or ()
        assert isinstance(path, Path)
        return path

    return measure


def test_a_slice_that_was_not_measured_says_what_to_do(window: Window) -> None:
    assert window.lab.sentence.text() == saying.UNMEASURED
    assert window.lab_panel.measure.isVisible()
    window.lab_panel.set_value("lab.kind", "quadratic")
    assert not window.lab_panel.measure.isVisible()


def test_while_there_is_no_landscape_nothing_of_one_is_shown(window: Window) -> None:
    def shown() -> tuple[bool, ...]:
        view, course = window.lab.landscape, window.lab.course
        descent = window.lab_panel.racers["gradient_descent"]
        return (
            view._handle.isVisible(),
            course._cursor.isVisible(),
            descent.verdict.isVisible(),
            window.lab.bar.play.isEnabled(),
        )

    assert not any(shown())
    window.lab_panel.set_value("lab.kind", "quadratic")
    assert all(shown())
    window.lab_panel.set_value("lab.kind", "slice")
    assert not any(shown())


def test_the_run_in_focus_is_measured_and_the_lab_goes_down_its_loss(
    window: Window, run: str, asked: list[dict[str, Any]], raced: list[Lab], measured: Callable[[], Path]
) -> None:
    dialog = opened(window)
    assert [dialog.run.itemText(line) for line in range(dialog.run.count())] == ["a <b>run</b>"]
    assert [dialog.place.itemText(line) for line in range(3)] == ["Epoch 6", "Epoch 4", "Epoch 2"]
    assert not dialog.other.isEnabled()
    dialog.reach.show_value(2.0)
    path = measured()

    assert window.racing.slicing.dialog is None
    assert path == window.workspace.run_folder(run) / "slices" / f"{NEWEST}-random-1-reach2-512.npz"
    (question,) = asked
    expected = {
        "question": "slice", "run": run, "place": NEWEST, "directions": "random", "other": "", "seed": 1, "reach": 2.0,
        "pictures": 512, "to": str(path), "backend": "tensorflow",
    }  # fmt: skip
    assert {name: question[name] for name in expected} == expected
    landscape = window.lab_panel.lab.landscape
    assert landscape.slice_file == str(path)
    assert (landscape.start_x, landscape.start_y) == (-1.6, 1.2), "the usual start of a slice, by its reach"
    assert raced[-1] == window.lab_panel.lab
    shown = window.racing.shown
    assert shown is not None
    assert shown.surface.part is not None
    assert shown.surface.minima[0] == pytest.approx((0.5, -0.1), abs=1e-3)
    assert window.racing._marks.places == ((0.0, 0.0, "Weights after epoch 6"),)
    (left, right), _ = window.lab.landscape.plotItem.getViewBox().viewRange()
    assert left <= -2.0 < 2.0 <= right
    said = window.lab.sentence.text().replace("\N{NO-BREAK SPACE}", " ")
    assert said.startswith(
        "a <b>run</b>, weights after epoch 6, step 60: loss 0.450 on 512 training pictures, in the middle. "
    )


def test_towards_another_checkpoint_both_are_shown(window: Window, measured: Callable[[], Path]) -> None:
    dialog = opened(window)
    dialog.directions.setCurrentIndex(1)
    dialog.directions.value_edited.emit("between")
    assert dialog.other.isEnabled()
    assert [dialog.other.itemData(line) for line in range(dialog.other.count())] == [OLDEST, "000004-000000040"]
    dialog.seed.show_value(9)
    assert measured().name == f"{NEWEST}-between-{OLDEST}-9-reach1-512.npz"
    assert window.racing._marks.places == ((0.0, 0.0, "Weights after epoch 6"), (0.5, 0.0, "After epoch 2"))
    window.lab_panel.set_value("lab.kind", "saddle")
    assert window.racing._marks.places == ()


def test_the_checkpoint_in_the_middle_is_not_offered_as_the_other(window: Window) -> None:
    dialog = opened(window)
    dialog.place.setCurrentIndex(2)
    dialog.place.value_edited.emit(OLDEST)
    assert [dialog.other.itemData(line) for line in range(dialog.other.count())] == ["000004-000000040", NEWEST]
    dialog.reject()


def test_cancel_kills_the_engine_and_something_else_can_be_asked(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch, measured: Callable[[], Path]
) -> None:
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "hung")
    dialog = opened(window)
    dialog.agreed.emit()
    assert dialog.bar.isVisible()
    assert not dialog.yes.isEnabled()
    probe = window.racing.slicing._inquiry._probe
    assert probe is not None
    qtbot.waitUntil(lambda: "Pretending" in dialog.progress.text(), timeout=LONG)
    dialog.reject()
    assert dialog.isVisible()
    qtbot.waitUntil(lambda: not psutil.pid_exists(probe.process), timeout=LONG)
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "completed")
    assert measured().exists()


def test_a_window_that_closes_takes_its_engine_along(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "hung")
    opened(window).agreed.emit()
    probe = window.racing.slicing._inquiry._probe
    assert probe is not None
    window.close()
    assert not psutil.pid_exists(probe.process)


def test_what_could_not_be_measured_says_why(
    qtbot: QtBot, window: Window, asked: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = opened(window)
    dialog.reach.show_value(50.0)
    dialog.agreed.emit()
    assert dialog.problem.text() == "Reach must be a number from 0.01 to 10, got 50.0."
    assert asked == []
    dialog.reach.show_value(1.0)
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "failed")
    dialog.agreed.emit()
    qtbot.waitUntil(lambda: dialog.yes.isEnabled() and dialog.problem.isVisible(), timeout=LONG)
    assert dialog.problem.text()
    assert not dialog.bar.isVisible()
    dialog.reject()


def test_without_kept_weights_there_is_nothing_to_measure(
    qtbot: QtBot, workspace: Workspace, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(dialogs, "tell", lambda _parent, title, _text: told.append(title))
    with Journal(workspace) as journal:
        bare = ended(journal, "bare")
    window = open_window()
    window.finish()
    qtbot.waitUntil(lambda: window.session.run(bare) is not None, timeout=LONG)
    window.lab_panel.slice_asked.emit()
    assert told == ["There is no loss to measure yet"]
    assert window.racing.slicing.dialog is None


def test_one_checkpoint_leads_nowhere_so_that_only_random_directions_are_offered(
    qtbot: QtBot, workspace: Workspace, window: Window
) -> None:
    with Journal(workspace) as journal:
        single = ended(journal, "single", 3)
    qtbot.waitUntil(lambda: window.session.run(single) is not None, timeout=LONG)
    dialog = opened(window)
    assert dialog.directions.isEnabled()
    dialog.run.show_value(single)
    dialog.run.value_edited.emit(single)
    assert dialog.place.count() == 1
    assert not dialog.directions.isEnabled()
    assert dialog.yes.isEnabled()
    dialog.reject()


def test_a_preset_whose_file_is_gone_says_so_and_measuring_again_brings_it_back(
    window: Window, measured: Callable[[], Path], raced: list[Lab]
) -> None:
    path = measured()
    window.lab_panel.save_as("My slice")
    name = window.lab_panel.edits.preset.name
    window.lab_panel.pick("saddle-noise")
    path.unlink()
    before = len(raced)
    window.lab_panel.pick(name)
    assert window.lab.sentence.text() == f"The slice {path} is gone. Measure the run's loss again."
    assert len(raced) == before
    assert window.racing._marks.places == ()
    assert measured() == path
    assert "loss 0.263" in window.lab.sentence.text()
    assert raced[-1].landscape.slice_file == str(path)
    assert window.racing._marks.places != ()


def test_a_file_that_is_no_slice_is_told_and_one_that_is_can_be_chosen(
    window: Window, measured: Callable[[], Path], tmp_path: Path
) -> None:
    path = measured()
    wrong = tmp_path / "wrong.npz"
    wrong.write_bytes(b"nothing")
    window.lab_panel.set_value("lab.slice_file", str(wrong))
    assert "is no slice of a run" in window.lab.sentence.text()
    window.lab_panel.set_value("lab.slice_file", str(path))
    assert "in the middle" in window.lab.sentence.text()
    window.lab_panel.undo()
    assert "is no slice of a run" in window.lab.sentence.text()


def test_the_loss_of_a_run_that_is_gone_can_still_be_gone_down(
    qtbot: QtBot, window: Window, measured: Callable[[], Path], tmp_path: Path, run: str
) -> None:
    kept = tmp_path / "kept.npz"
    kept.write_bytes(measured().read_bytes())
    row = window.session.run(run)
    assert row is not None
    window.session.discard(row)
    qtbot.waitUntil(lambda: window.session.run(run) is None, timeout=LONG)
    window.lab_panel.set_value("lab.slice_file", str(kept))
    assert window.lab.sentence.text().startswith("A run that is gone, weights after epoch 6")


def test_points_that_were_clipped_are_told() -> None:
    about = slices.About("r", 3, 9, "", "random", 1, 64, 0.5, 12, 90.0)
    said = slice_words.measured(about, "mine").replace("\N{NO-BREAK SPACE}", " ")
    assert said.endswith("In 12 points the loss was no number or too high; there it is drawn as 90.0.")


def test_checkpoints_of_the_middle_of_an_epoch_are_called_as_in_the_list_that_they_are_chosen_from() -> None:
    about = slices.About(
        "r", 3, 1234, "", "between", 1, 64, 0.5, other="000002-000000025", other_at=(0.5, 0.0), within=True, other_within=True
    )  # fmt: skip
    said = slice_words.measured(about, "mine").replace("\N{NO-BREAK SPACE}", " ")
    assert said.startswith("mine, weights within epoch 4, step 1\u202f234: loss 0.500")
    own, other = (said for _, _, said in slice_words.labels(about))
    assert (own, other) == ("Weights within epoch 4, step 1\u202f234", "Within epoch 3, step 25")
    ended = dataclasses.replace(about, within=False, other_within=False)
    assert [said for _, _, said in slice_words.labels(ended)] == ["Weights after epoch 3", "After epoch 2"]


def test_every_control_is_named(window: Window) -> None:
    dialog = opened(window)
    for part in (
        dialog.run, dialog.place, dialog.directions, dialog.other, dialog.seed, dialog.reach, dialog.pictures, dialog.bar, dialog.yes,
    ):  # fmt: skip
        assert part.accessibleName() or part.text(), part.objectName()  # type: ignore[union-attr] # the button has a text
    dialog.reject()
