"""The learning-rate search and the overfit check as a person uses them: by button, menu and keys, with Cancel and Use."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import psutil
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QDialog, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import OpenWindow
from workbench.gui.commands import COMMANDS
from workbench.gui.probe_dialogs import OverfitDialog, ProbeDialog, RateSearchDialog
from workbench.gui.theme import Theme
from workbench.gui.window import Window
from workbench.probing.overfit import Overfit
from workbench.probing.rate_search import RateSearch

pytestmark = pytest.mark.window

LONG = 20_000


@pytest.fixture
def window(open_window: OpenWindow) -> Window:
    return open_window()


def press(qtbot: QtBot, parent: QWidget, name: str) -> None:
    button = parent.findChild(QPushButton, name)
    assert button is not None, name
    assert button.isEnabled(), name
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def find_rate(qtbot: QtBot, window: Window) -> RateSearchDialog:
    press(qtbot, window, "rateButton")
    dialog = window.probing.rate.dialog
    assert isinstance(dialog, RateSearchDialog)
    return dialog


def check_overfit(qtbot: QtBot, window: Window) -> OverfitDialog:
    press(qtbot, window, "overfitButton")
    dialog = window.probing.overfit.dialog
    assert isinstance(dialog, OverfitDialog)
    return dialog


def answered(qtbot: QtBot, dialog: ProbeDialog) -> None:
    qtbot.waitUntil(dialog.sentence.isVisible, timeout=LONG)


def drawn(line: object) -> list[tuple[float, float]]:
    """The points of a line; pyqtgraph has None for an empty one."""
    x, y = line.getData()  # type: ignore[attr-defined] # pyqtgraph has no types
    return [] if x is None else list(zip(x, y, strict=True))


def learning_rate(window: Window) -> float:
    assert window.recipe.recipe is not None
    return window.recipe.recipe.optimizer.learning_rate


def test_the_search_draws_live_then_proposes_with_its_reason_and_use_is_one_step_to_undo(
    qtbot: QtBot, window: Window
) -> None:
    before = learning_rate(window)
    dialog = find_rate(qtbot, window)
    assert dialog.leave.text() == "Cancel"
    assert not dialog.use.isVisible()
    live: list[tuple[int, bool, str]] = []
    window.probes.rate.partly_found.connect(
        lambda _: live.append((len(drawn(dialog.plot.raw)), dialog.bar.isVisible(), dialog.progress.whole))
    )
    answered(qtbot, dialog)
    assert [points for points, _, _ in live] == list(range(5, 101, 5))
    assert {(bar, words) for _, bar, words in live} == {(True, "Pretending")}
    assert len(drawn(dialog.plot.raw)) == len(drawn(dialog.plot.line)) == 100
    assert drawn(dialog.plot.raw)[0][0] == pytest.approx(-6)
    assert "the loss falls fastest" in dialog.sentence.text()
    assert dialog.accessibleDescription() == dialog.sentence.text()
    assert dialog.plot.mark.isVisible()
    assert dialog.plot.mark.value() == pytest.approx(np.log10(3e-3))
    assert not dialog.bar.isVisible()
    assert dialog.use.text() == "Use 3.0e-3"
    assert dialog.use.hasFocus()
    press(qtbot, dialog, "probeUseButton")
    assert learning_rate(window) == pytest.approx(3e-3)
    assert window.probing.rate.dialog is None
    assert "Undo" in window.status.text
    window.recipe.undo()
    assert learning_rate(window) == before


def test_the_check_draws_the_accuracy_up_to_its_verdict(qtbot: QtBot, window: Window) -> None:
    dialog = check_overfit(qtbot, window)
    live: list[int] = []
    window.probes.overfit.partly_found.connect(lambda _: live.append(len(drawn(dialog.plot.line))))
    answered(qtbot, dialog)
    assert live == sorted(live)
    assert {1, 12} <= set(live)
    assert drawn(dialog.plot.line)[-1] == (12, 1.0)
    assert dialog.plot.level.value() == 0.99
    assert dialog.badge.word == "Learned by heart"
    assert dialog.sentence.text().startswith("All 100 pictures were learned by heart")
    assert dialog.remark.text() == "Left off for the check: Dropout."
    assert not dialog.use.isVisible()
    assert dialog.leave.text() == "Close"
    press(qtbot, dialog, "probeLeaveButton")
    assert window.probing.overfit.dialog is None


@pytest.mark.parametrize("open_one", [find_rate, check_overfit])
def test_cancel_leaves_no_process_and_the_next_one_begins_anew(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch, open_one: Callable[..., ProbeDialog]
) -> None:
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "hung")
    dialog = open_one(qtbot, window)
    inquiry = window.probes.rate if open_one is find_rate else window.probes.overfit
    qtbot.waitUntil(lambda: dialog.progress.whole == "Pretending", timeout=LONG)
    assert inquiry._probe is not None
    process = inquiry._probe.process
    press(qtbot, dialog, "probeLeaveButton")
    qtbot.waitUntil(lambda: not psutil.pid_exists(process), timeout=LONG)
    assert not inquiry.running
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "completed")
    again = open_one(qtbot, window)
    assert again is not dialog
    answered(qtbot, again)


def test_escape_is_cancel(qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "hung")
    dialog = find_rate(qtbot, window)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not window.probes.rate.running


def test_what_goes_wrong_is_a_sentence_and_can_be_tried_again(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "failed")
    dialog = find_rate(qtbot, window)
    answered(qtbot, dialog)
    assert "memory" in dialog.sentence.text()
    assert (dialog.badge.word, dialog.badge.tone) == ("No answer", "err")
    assert not dialog.use.isVisible()
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "completed")
    press(qtbot, dialog, "probeAgainButton")
    assert dialog.bar.isVisible()
    assert not drawn(dialog.plot.raw)
    answered(qtbot, dialog)
    assert dialog.use.isVisible()


def test_a_recipe_with_a_problem_is_not_begun(qtbot: QtBot, window: Window) -> None:
    window.recipe.set_value("optimizer.learning_rate", -1.0)
    press(qtbot, window, "rateButton")
    assert window.probing.rate.dialog is None
    assert window.status.text.startswith("Not begun. Learning rate: ")


def test_the_menu_and_its_keys_open_them_too(qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "hung")
    window.finish()
    keys = {row.name: row.keys for row in COMMANDS if row.menu == "Tools"}
    assert keys == {
        "find_rate": "Ctrl+L", "check_overfit": "Ctrl+Shift+O", "measure": "", "take_xray": "", "try_picture": "",
    }  # fmt: skip
    assert [action.text() for action in window.menuBar().actions()][-2:] == ["Tools", "Help"]
    for name, inquiry in (
        ("find_rate", window.probes.rate), ("check_overfit", window.probes.overfit), ("measure", window.probes.preflight),
        ("take_xray", window.probes.xray),
    ):  # fmt: skip
        window.commands[name].trigger()
        assert inquiry.running
        for dialog in window.findChildren(QDialog):
            dialog.reject()
    assert window.tabs.name == "model"


def test_closing_the_window_ends_what_a_dialog_waits_for(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "hung")
    find_rate(qtbot, window)
    assert window.probes.rate._probe is not None
    process = window.probes.rate._probe.process
    window.close()
    assert not psutil.pid_exists(process)


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(900, 700)
    with qtbot.waitExposed(made):
        made.show()
    return made


def test_without_ground_for_a_proposal_there_is_none(theme: Theme, parent: QWidget) -> None:
    dialog = RateSearchDialog(theme, parent)
    dialog.open()
    dialog.show_answer(
        RateSearch((1e-6, 1e-5), (2.3, float("nan")), (2.3, 2.3), None, None, True, "It fell at no rate.")
    )
    assert not dialog.use.isVisible()
    assert not dialog.plot.mark.isVisible()
    assert (dialog.badge.word, dialog.sentence.text()) == ("No proposal", "It fell at no rate.")


def test_a_network_that_cannot_learn_says_why_and_offers_the_rate_that_would_do(theme: Theme, parent: QWidget) -> None:
    dialog = OverfitDialog(theme, parent)
    wanted: list[float] = []
    dialog.use_asked.connect(wanted.append)
    dialog.open()
    words = "This network cannot learn this data because the learning rate is too large."
    dialog.show_answer(Overfit(100, 0.99, (0.1, 0.12), (9.0, float("nan")), False, words, better_rate=3e-4))
    assert (dialog.badge.word, dialog.badge.tone, dialog.sentence.text()) == ("Not learned", "err", words)
    assert dialog.use.text() == "Use 3.0e-4"
    dialog.use.click()
    assert wanted == [3e-4]


def test_lines_are_as_wide_as_they_say_in_both_themes(theme: Theme, parent: QWidget) -> None:
    dialog = RateSearchDialog(theme, parent)
    dialog.open()
    rates = tuple(10.0 ** (place / 10 - 6) for place in range(70))
    losses = tuple(2.0 + place / 70 for place in range(70))
    dialog.show_answer(RateSearch(rates, losses, losses, 1e-3, 1e-6, False, "So it is."))
    for mode in ("light", "dark"):
        theme.set_mode(mode)
        shot = dialog.plot.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        found = np.frombuffer(shot.constBits(), np.uint32) & 0xFFFFFF
        share = np.mean(found == (theme.series("training").rgb() & 0xFFFFFF))
        assert 0 < share < 0.03
        assert np.mean(found == (QColor(theme.colour("plot")).rgb() & 0xFFFFFF)) > 0.8
