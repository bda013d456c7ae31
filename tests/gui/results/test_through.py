"""A run through its epochs, in the real window: scrubbed, followed while it is at work, and what is said where nothing was kept."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from tests.gui.results.test_results_tab import WAIT, press, told
from workbench.gui.results.through_view import ThroughView
from workbench.gui.theme import Theme
from workbench.gui.widgets.scrubber import Scrubber
from workbench.gui.window import Window
from workbench.journal import Journal
from workbench.paths import Workspace
from workbench.spec import Recipe
from workbench.spec.recipe import changed, parse

pytestmark = pytest.mark.window
OpenWindow = Callable[[], Window]


def opened(open_window: OpenWindow, qtbot: QtBot, run: str) -> Window:
    window = open_window()
    window.finish()
    qtbot.waitUntil(lambda: window.session.focus == run, timeout=WAIT)
    window.tabs.show_tab("results")
    return window


def view_of(window: Window, qtbot: QtBot) -> ThroughView:
    qtbot.waitUntil(window.results.part.isVisible, timeout=WAIT)
    press(qtbot, window.results.part.button("epochs"))
    qtbot.waitUntil(lambda: window.results.through is not None and window.results.through.isVisible(), timeout=WAIT)
    assert window.results.through is not None
    return window.results.through


def test_each_epoch_has_its_matrix_and_its_answers(open_window: OpenWindow, workspace: Workspace, qtbot: QtBot) -> None:
    window = opened(open_window, qtbot, told(workspace))
    view = view_of(window, qtbot)
    assert view.scrubber.words.text() == "Epoch 5 of 5 · best"
    assert window.results.title.whole == "Run 1 through its epochs"
    assert not window.results.places.isVisible()
    found = view._found
    assert found is not None
    seen: list[int] = []
    view.epoch_shown.connect(seen.append)
    for epoch in (4, 3, 2, 1):
        press(qtbot, view.scrubber.back)
        assert view.matrix._cells is not None
        assert view.matrix._cells.counts.tolist() == found.matrix(epoch - 1).tolist()
        place = int(found.samples.few[2])
        given = found.classes[int(found.answers[epoch - 1].given[place])]
        assert view.gallery.shown[2].first == given
    assert seen == [4, 3, 2, 1]
    assert not view.scrubber.back.isEnabled()
    assert "right" in view.note.whole
    assert "since" not in view.note.whole, "there is no epoch before the first"
    qtbot.keyClick(view.scrubber.slider, Qt.Key.Key_End)
    assert view.scrubber.words.text() == "Epoch 5 of 5 · best"
    assert "since epoch 4" in view.note.whole


def test_the_course_of_the_chosen_picture_is_drawn_with_the_epoch_that_is_shown(
    open_window: OpenWindow, workspace: Workspace, qtbot: QtBot
) -> None:
    view = view_of(opened(open_window, qtbot, told(workspace)), qtbot)
    assert view._found is not None
    view.gallery.setFocus()
    qtbot.keyClick(view.gallery, Qt.Key.Key_End)
    number = view.gallery.chosen
    assert number == len(view.gallery.shown) - 1
    assert list(view.course._shares) == view._found.course(number).tolist()
    assert view.course.accessibleDescription().startswith("Epoch 5: ")
    press(qtbot, view.scrubber.back)
    assert view.course.accessibleDescription().startswith("Epoch 4: ")
    assert view.gallery.chosen == number, "the same picture stays chosen"


def test_a_run_at_work_is_followed_until_somebody_goes_back(
    open_window: OpenWindow, workspace: Workspace, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "slow")
    monkeypatch.setenv("WORKBENCH_FAKE_SPEED", "4")
    window = open_window()
    window.finish()
    press(qtbot, window.findChild(QAbstractButton, "startButton"))
    qtbot.waitUntil(lambda: bool(window.session.unended), timeout=WAIT)
    window.tabs.show_tab("results")
    page = window.results
    qtbot.waitUntil(lambda: page.through is not None and page.through.isVisible(), timeout=WAIT)
    view = page.through
    assert view is not None
    assert page.part.key == "epochs", "what its own validation says costs it nothing"
    slider = view.scrubber.slider
    qtbot.waitUntil(lambda: slider.maximum() >= 3, timeout=WAIT)
    assert view.scrubber.at == slider.maximum()
    press(qtbot, view.scrubber.back)
    stayed, newest = view.scrubber.words.text().split(" of ")[0], slider.maximum()
    qtbot.waitUntil(lambda: slider.maximum() >= newest + 2, timeout=WAIT)
    assert view.scrubber.words.text().startswith(f"{stayed} of ")


def test_masks_are_laid_over_the_same_pictures_at_each_epoch(
    open_window: OpenWindow, workspace: Workspace, qtbot: QtBot
) -> None:
    recipe = parse({"data": {"kind": "shape_masks"}, "model": {"kind": "unet"}})
    view = view_of(opened(open_window, qtbot, told(workspace, recipe)), qtbot)
    found = view._found
    assert found is not None
    assert found.with_masks
    assert view.gallery.covered
    assert view.overlay.isVisible()
    last = [each.first_right for each in view.gallery.shown]
    view.scrubber.slider.setValue(0)
    assert [each.first_right for each in view.gallery.shown] != last
    assert view.overlay._said is not None
    assert np.array_equal(view.overlay._said, found.masks[0][0])


@pytest.mark.parametrize(
    ("deed", "notice"),
    [
        ("DELETE FROM watched", ("Nothing was kept of its epochs", "Run 1 has no validation pictures")),
        ("UPDATE watched SET body = x'00'", ("The epochs cannot be shown", "cannot be read any more")),
    ],
)
def test_epochs_that_were_not_kept_or_are_damaged_are_a_sentence_and_the_other_parts_still_work(
    open_window: OpenWindow, workspace: Workspace, qtbot: QtBot, deed: str, notice: tuple[str, str]
) -> None:
    run, (title, sentence) = told(workspace), notice
    with Journal(workspace) as journal:
        journal.write(deed)
    window = opened(open_window, qtbot, run)
    qtbot.waitUntil(window.results.part.isVisible, timeout=WAIT)
    press(qtbot, window.results.part.button("epochs"))
    qtbot.waitUntil(lambda: window.results.notice_title.text() == title, timeout=WAIT)
    assert sentence in window.results.notice.text()
    press(qtbot, window.results.part.button("validation"))
    qtbot.waitUntil(lambda: window.results.title.whole == "Run 1 on the validation set", timeout=WAIT)


def test_another_run_in_focus_is_shown_from_its_newest_epoch(
    open_window: OpenWindow, workspace: Workspace, qtbot: QtBot
) -> None:
    first, second = told(workspace), told(workspace, changed(Recipe(), "training.seed", 5))
    window = opened(open_window, qtbot, second)
    view = view_of(window, qtbot)
    view.scrubber.slider.setValue(1)
    window.session.show_run(first)
    qtbot.waitUntil(lambda: window.results.title.whole.startswith("Run 1"), timeout=WAIT)
    view_of(window, qtbot)
    qtbot.waitUntil(lambda: view._found is not None and view._found.run == first, timeout=WAIT)
    assert view.scrubber.words.text() == "Epoch 5 of 5 · best"


def test_the_scrubber_of_one_epoch_has_nowhere_to_go(theme: Theme, qtbot: QtBot) -> None:
    scrubber = Scrubber(theme, "one")
    qtbot.addWidget(scrubber)
    assert scrubber.follow_epochs((7,), None, anew=True) == 0
    with qtbot.waitExposed(scrubber):
        scrubber.show()
    assert scrubber.words.text() == "Epoch 7 of 7"
    assert not scrubber.back.isEnabled()
    assert not scrubber.forth.isEnabled()


def test_the_scrubber_stays_at_its_epoch_when_a_later_attempt_takes_some_away(theme: Theme, qtbot: QtBot) -> None:
    scrubber = Scrubber(theme, "some")
    qtbot.addWidget(scrubber)
    scrubber.follow_epochs(tuple(range(1, 9)), None, anew=True)
    scrubber.slider.setValue(5)
    assert scrubber.follow_epochs((1, 2, 3, 4), None, anew=False) == 3
    assert scrubber.words.text() == "Epoch 4 of 4"
