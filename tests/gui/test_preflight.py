"""Measure… in the footer: progress in its place, then what was measured, for as long as the recipe is that one."""

from __future__ import annotations

import psutil
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import OpenWindow
from workbench.gui import words
from workbench.gui.recipe.footer import Footer
from workbench.gui.text import Elided
from workbench.gui.theme import Theme
from workbench.gui.widgets.badge import Badge
from workbench.gui.window import Window
from workbench.probing.preflight import Fit, Preflight

pytestmark = pytest.mark.window

LONG = 20_000


@pytest.fixture
def window(open_window: OpenWindow, qtbot: QtBot) -> Window:
    made = open_window()
    qtbot.waitUntil(lambda: verdict(made) == "Fits in memory", timeout=LONG)
    return made


def verdict(window: Window) -> str:
    label = window.findChild(QLabel, "estimateVerdict")
    assert label is not None
    return label.text()


def said(window: QWidget, name: str) -> str:
    label = window.findChild(QLabel, name)
    assert isinstance(label, Elided)
    return label.whole if label.isVisibleTo(window) else ""


def measure(qtbot: QtBot, window: Window) -> None:
    qtbot.mouseClick(window.recipe.footer.measure, Qt.MouseButton.LeftButton)


def measured(qtbot: QtBot, window: Window) -> None:
    measure(qtbot, window)
    qtbot.waitUntil(lambda: bool(said(window, "measuredMore")), timeout=LONG)


def test_before_it_the_footer_and_the_badge_show_an_estimate(window: Window) -> None:
    assert said(window, "estimateDetails").startswith("about ")
    assert said(window, "measuredMore") == ""
    badge = window.findChild(Badge, "fitBadge")
    assert badge is not None
    assert (badge.word, badge.tone) == ("Fits", "ok")
    assert badge.accessibleDescription().startswith("Estimated: about ")


def test_measure_shows_progress_then_what_was_measured(qtbot: QtBot, window: Window) -> None:
    footer = window.recipe.footer
    seen: list[str] = []
    window.probes.preflight.progressed.connect(
        lambda _: seen.append(f"{verdict(window)}: {said(window, 'estimateDetails')}")
    )
    measure(qtbot, window)
    assert verdict(window) == "Measuring"
    assert footer.measure.text() == "Cancel"
    qtbot.waitUntil(lambda: bool(said(window, "measuredMore")), timeout=LONG)
    assert "Measuring: Pretending" in seen
    assert verdict(window) == "Fits in memory"
    assert footer._size.whole == "up to 20\xa0s"
    assert said(window, "estimateDetails") == "900\xa0MB of 8.0\xa0GB memory"
    assert said(window, "measuredMore") == "12\xa0ms a step · batch up to about 1\u202f437 · 930\xa0kB on disk"
    assert footer.measure.text() == "Measure…"
    assert window.toolbar.fit.accessibleDescription() == "Measured. Fits: about 900 MB of 8.0 GB of memory."
    assert footer.accessibleDescription().startswith("Measured. Fits: about 900 MB")
    assert window.status.text == "Fits: about 900 MB of 8.0 GB of memory."


def test_the_largest_batch_is_taken_into_the_recipe_by_one_click(qtbot: QtBot, window: Window) -> None:
    use = window.recipe.footer.use
    assert not use.isVisibleTo(window)
    measured(qtbot, window)
    found = window.recipe.footer._measured
    assert found is not None
    assert found.largest_batch not in {None, found.batch_size}
    assert use.text() == f"Use {words.count(found.largest_batch)}"
    qtbot.mouseClick(use, Qt.MouseButton.LeftButton)
    assert window.recipe.recipe is not None
    assert window.recipe.recipe.training.batch_size == found.largest_batch
    assert not use.isVisibleTo(window), "what was measured is of another batch"
    window.recipe.undo()
    qtbot.waitUntil(lambda: use.isVisibleTo(window), timeout=LONG)


def test_another_recipe_has_an_estimate_again_and_undo_brings_the_measured_values_back(
    qtbot: QtBot, window: Window
) -> None:
    measured(qtbot, window)
    window.recipe.set_value("training.batch_size", 64)
    assert said(window, "measuredMore") == ""
    qtbot.waitUntil(lambda: said(window, "estimateDetails").startswith("about "), timeout=LONG)
    window.recipe.undo()
    assert said(window, "measuredMore").startswith("12")
    window.recipe.set_value("optimizer.learning_rate", -1.0)
    assert said(window, "measuredMore") == ""


def test_a_change_meanwhile_drops_what_is_being_measured(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "hung")
    measure(qtbot, window)
    assert window.probes.preflight._probe is not None
    process = window.probes.preflight._probe.process
    window.recipe.set_value("training.batch_size", 64)
    qtbot.waitUntil(lambda: not psutil.pid_exists(process), timeout=LONG)
    assert verdict(window) != "Measuring"


def test_cancel_brings_the_estimate_back(qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "hung")
    before = said(window, "estimateDetails")
    measure(qtbot, window)
    measure(qtbot, window)
    assert not window.probes.preflight.running
    assert (verdict(window), said(window, "estimateDetails")) == ("Fits in memory", before)


def test_what_goes_wrong_is_said_in_its_place_until_the_recipe_changes(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "failed")
    measure(qtbot, window)
    qtbot.waitUntil(lambda: verdict(window) == "Not measured", timeout=LONG)
    assert "memory" in said(window, "estimateDetails")
    assert window.status.text.startswith("Not measured. ")
    window.recipe.set_value("training.batch_size", 64)
    assert verdict(window) != "Not measured"


def test_a_recipe_with_a_problem_is_not_measured(qtbot: QtBot, window: Window) -> None:
    window.recipe.set_value("optimizer.learning_rate", -1.0)
    measure(qtbot, window)
    assert not window.probes.preflight.running
    assert window.status.text.startswith("Not measured. Learning rate: ")


def preflight(fit: Fit, **values: object) -> Preflight:
    whole: dict[str, object] = {
        "device": "GPU:0", "batch_size": 512, "host_bytes": 2_000_000_000, "host_total": 8_000_000_000,
        "device_bytes": 11_400_000_000, "device_total": 12_000_000_000, "first_step_seconds": 2.0, "step_seconds": 1.5,
        "steps_per_epoch": 10, "epochs": 4, "total_seconds": 7200.0, "checkpoint_bytes": 1000, "disk_bytes": None,
        "disk_free": 5, "largest_batch": None, "fit": fit, "sentence": "It is so.",
    }  # fmt: skip
    return Preflight(**{**whole, **values})  # type: ignore[arg-type]


def test_no_other_batch_is_offered_where_all_pictures_fit_in_one(qtbot: QtBot, theme: Theme) -> None:
    footer = Footer(theme)
    qtbot.addWidget(footer)
    footer.show_measured(preflight(Fit.FITS, batch_size=1259, largest_batch=1259))
    assert not footer.use.isVisibleTo(footer)
    footer.show_measured(preflight(Fit.TOO_LARGE, batch_size=1259, largest_batch=629))
    assert footer.use.isVisibleTo(footer)


def test_tight_and_too_large_are_told_apart_on_a_gpu_too(qtbot: QtBot, theme: Theme) -> None:
    footer = Footer(theme)
    qtbot.addWidget(footer)
    footer.show()
    told: list[tuple[str, str, str]] = []
    footer.verdict_changed.connect(lambda *verdict: told.append(verdict))
    footer.show_measured(preflight(Fit.TIGHT), "beside Run 3")
    assert footer._verdict.text() == "Tight"
    assert said(footer, "estimateDetails") == "11\xa0GB of 12\xa0GB GPU memory"
    assert said(footer, "measuredMore") == "1.5\xa0s a step · beside Run 3"
    assert footer._size.whole == "up to 2\xa0h"
    footer.show_measured(preflight(Fit.TOO_LARGE, device_bytes=None, host_bytes=None, total_seconds=None))
    assert footer._verdict.text() == "Will not fit"
    assert said(footer, "estimateDetails") == "It is so."
    assert [(word, tone) for word, tone, _ in told] == [("Tight", "warn"), ("Too large", "err")]
