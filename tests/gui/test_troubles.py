"""The ways out that an error card offers, taken by its buttons; a run that hangs is said to."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from workbench.errors import Way, WayKind
from workbench.events import Ending, State
from workbench.gui.window import Window
from workbench.journal import Run

pytestmark = pytest.mark.window

OpenWindow = Callable[[], Window]
LONG = 20_000


def newest(window: Window) -> Run:
    assert window.session.rows
    return window.session.rows[0].run


def failed(qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch) -> Window:
    """A window with the card of a run that failed after three epochs."""
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "failed")
    window = open_window()
    window.recipe.set_value("training.epochs", 6)
    window.deeds.start()
    qtbot.waitUntil(window.page.failure.apply.isVisible, timeout=LONG)
    qtbot.waitUntil(lambda: newest(window).ending is Ending.FAILED, timeout=LONG)
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "completed")
    return window


def test_half_the_batch_is_one_click_and_grows_from_the_last_whole_epoch(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = failed(qtbot, open_window, monkeypatch)
    card, parent = window.page.failure, newest(window)
    assert card.ways.rows[0].accessibleName() == "Halve the batch: 32 → 16"
    assert card.ways.rows[0].isChecked()
    assert card.apply.text() == "Apply and start"
    assert window.page.shows_ways
    assert "grows from epoch 3, the last good one" in card._leads.text()
    qtbot.mouseClick(card.apply, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(window.session.rows or ()) == 2, timeout=LONG)
    # Whatever becomes of it: the keeper may still tell engines the first story.
    qtbot.waitUntil(lambda: newest(window).state is State.ENDED, timeout=LONG)
    child = newest(window)
    assert (child.parent, child.parent_epoch, child.recipe.training.batch_size) == (parent.id, 3, 16)
    assert window.session.focus == child.id


def test_another_way_is_chosen_and_only_the_recipe_is_changed(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = failed(qtbot, open_window, monkeypatch)
    card = window.page.failure
    card.ways.rows[2].click()
    assert card.way is not None
    assert card.way.title.startswith("Add up the gradients")
    assert card.recipe.text() == "Change recipe only"
    card.recipe.click()
    form = window.recipe.recipe
    assert form is not None
    assert (form.training.batch_size, form.tricks.gradient_accumulation.on) == (8, True)
    assert len(window.session.rows or ()) == 1, "nothing was started"


def test_the_same_run_is_taken_up_again_and_its_card_goes(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = failed(qtbot, open_window, monkeypatch)
    window.troubles.take(Way(WayKind.AGAIN, "Take it up again"))
    qtbot.waitUntil(lambda: newest(window).ending is Ending.COMPLETED, timeout=LONG)
    qtbot.waitUntil(lambda: not window.page.failure.isVisible(), timeout=LONG)
    assert len(window.session.rows or ()) == 1


def test_a_run_that_hangs_shows_a_card_can_be_waited_for_and_is_killed_and_taken_up_again(
    qtbot: QtBot, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.launch.hang.QUIET_SECONDS", 0.5)
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "hung")
    window = open_window()
    window.recipe.set_value("training.epochs", 6)
    window.deeds.start()
    story = window.session
    qtbot.waitUntil(lambda: story.story is not None and story.story.run.epochs == 3, timeout=LONG)

    def look() -> bool:
        window.troubles.look()
        return window.page.failure.isVisible()

    qtbot.waitUntil(look, timeout=LONG)
    card = window.page.failure
    assert card.title == "No step for long"
    qtbot.mouseClick(card.apply, Qt.MouseButton.LeftButton)  # the first way: wait
    assert not card.isVisible()
    window.troubles.look()
    assert not card.isVisible(), "it is waited for until it goes on"
    window.troubles._waits, window.troubles._seen = 0.0, ("", 0.0, 0)  # as if seen for the first time
    qtbot.waitUntil(look, timeout=LONG)
    card.ways.rows[3].click()
    qtbot.mouseClick(card.apply, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: newest(window).ending is Ending.COMPLETED, timeout=LONG)
    assert newest(window).state is State.ENDED
    assert len(window.session.rows or ()) == 1
