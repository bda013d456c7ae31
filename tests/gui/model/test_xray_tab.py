"""The X-ray in the Model tab: taken when asked, again after the recipe has settled, greyed meanwhile; Use is one step to undo."""

from __future__ import annotations

import numpy as np
import psutil
import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from tests.gui.conftest import OpenWindow
from workbench.gui.model.columns import Parts
from workbench.gui.model.rows import Column
from workbench.gui.probes import Progress
from workbench.gui.window import Window

pytestmark = pytest.mark.window

LONG = 20_000


@pytest.fixture
def window(open_window: OpenWindow) -> Window:
    made = open_window()
    made.finish()
    made.theme.set_mode("dark")
    made.recipe.load_preset("cifar10-resnet20")
    made.commands["show_model"].trigger()
    return made


@pytest.fixture
def asked(window: Window) -> list[str]:
    """The initializers of all recipes that were asked about."""
    found: list[str] = []
    window.probes.xray.begun.connect(lambda recipe: found.append(recipe.initializer.kind))
    return found


def take(qtbot: QtBot, window: Window) -> None:
    qtbot.mouseClick(window.model.xray, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: fresh(window), timeout=LONG)


def fresh(window: Window) -> bool:
    shown = window.model.view.rows.xray
    return shown is not None and not shown.stale and not window.probes.xray.running


def follow(qtbot: QtBot, window: Window) -> None:
    """Until the tab has followed the form, which is when the event loop comes round."""
    qtbot.waitUntil(lambda: not window.networks.behind)


def pixels(window: Window, column: Column, colour: QColor) -> int:
    view = window.model.view
    area = QRect(view.columnViewportPosition(column), 0, view.columnWidth(column), view.viewport().height())
    shot = view.viewport().grab(area).toImage().convertToFormat(QImage.Format.Format_RGB32)
    found = np.frombuffer(shot.constBits(), np.uint32) & 0xFFFFFF
    return int(np.count_nonzero(found == (colour.rgb() & 0xFFFFFF)))


def test_nothing_is_measured_before_it_is_asked_for(window: Window, asked: list[str]) -> None:
    window.recipe.set_value("initializer.kind", "zeros")
    assert not asked
    assert window.model.view.isColumnHidden(Column.SIGNAL)
    assert not window.xrays._settled.isActive()


def test_the_button_takes_one_and_shows_lines_values_verdicts_and_a_sentence(qtbot: QtBot, window: Window) -> None:
    page, view = window.model, window.model.view
    take(qtbot, window)
    assert page.choice.key == "xray"
    assert not view.isColumnHidden(Column.SIGNAL)
    assert not view.isColumnHidden(Column.GRADIENT)
    assert page.cards.isVisible()
    assert page.cards.sentence.whole.startswith("Kaiming normal: the signal grows")
    assert [card.title.whole for card in page.cards.cards] == [
        "Kaiming normal", "Xavier uniform", "LeCun normal", "Doubling", "Zeros",
    ]  # fmt: skip
    assert [card.badge.word for card in page.cards.cards] == ["Explodes", "Dies", "Dies", "Explodes", "Dies"]
    assert [card.use.isVisibleTo(card) for card in page.cards.cards] == [False, True, True, True, True]
    for column in (Column.SIGNAL, Column.GRADIENT):
        assert pixels(window, column, window.theme.series("run1")) == 0  # the others are thinner and quieter
        assert pixels(window, column, window.theme.colour("accent")) > 800


def test_screen_readers_are_told_the_sentence_and_the_values_of_the_selected_layer(
    qtbot: QtBot, window: Window
) -> None:
    take(qtbot, window)
    page, view = window.model, window.model.view
    sentence = page.cards.sentence.whole
    assert page.accessibleDescription().endswith(sentence)
    number = next(node.number for node in view.rows.tree if node.path == "stem_conv")
    view.setCurrentIndex(view.rows.index_of(number))
    said = view.accessibleDescription()
    assert said.startswith(sentence)
    assert "Conv. Kaiming normal: signal 1.05" in said
    assert "Zeros: signal 0," in said
    cell = view.rows.index_of(number, Column.SIGNAL)
    assert cell.data(Qt.ItemDataRole.AccessibleTextRole) == "Signal 1.05"
    assert "\t1.05\t" in view.table_text()
    assert page.cards.cards[0].accessibleName().endswith("In use")


def test_a_change_greys_it_and_it_is_taken_again_once_the_recipe_has_settled(
    qtbot: QtBot, window: Window, asked: list[str]
) -> None:
    take(qtbot, window)
    drawn = pixels(window, Column.GRADIENT, window.theme.colour("accent"))
    window.recipe.set_value("initializer.kind", "zeros")
    follow(qtbot, window)
    shown = window.model.view.rows.xray
    assert shown is not None
    assert shown.stale
    # The frame of the selected row is all that keeps its colour.
    frame = 2 * window.model.view.columnWidth(Column.GRADIENT)
    assert pixels(window, Column.GRADIENT, window.theme.colour("accent")) < frame + 100 < drawn
    assert {card.badge.tone for card in window.model.cards.cards} == {"muted"}
    assert window.model.view.accessibleDescription().startswith("Of the recipe before")
    # What is in use is what the form says, whatever was chosen when it was taken.
    used = [card.title.whole for card in window.model.cards.cards if not card.use.isVisibleTo(card)]
    assert used == ["Zeros"]
    window.recipe.set_value("initializer.kind", "lecun_normal")
    follow(qtbot, window)
    assert asked == ["kaiming_normal"]
    qtbot.waitUntil(lambda: fresh(window), timeout=LONG)
    assert asked == ["kaiming_normal", "lecun_normal"]
    assert window.model.view.rows.xray.chosen.scheme.kind == "lecun_normal"


def test_what_changes_no_x_ray_takes_none_and_undo_brings_the_old_one_back(
    qtbot: QtBot, window: Window, asked: list[str]
) -> None:
    take(qtbot, window)
    window.recipe.set_value("optimizer.learning_rate", 0.05)
    follow(qtbot, window)
    assert fresh(window)
    assert not window.xrays._settled.isActive()
    window.recipe.set_value("initializer.kind", "zeros")
    follow(qtbot, window)
    assert not fresh(window)
    window.recipe.undo()
    follow(qtbot, window)
    assert fresh(window)
    assert not window.xrays._settled.isActive()
    assert asked == ["kaiming_normal"]


def test_out_of_sight_it_waits_until_somebody_looks(qtbot: QtBot, window: Window, asked: list[str]) -> None:
    take(qtbot, window)
    window.tabs.show_tab("curves")
    window.recipe.set_value("initializer.kind", "zeros")
    assert not window.xrays._settled.isActive()
    window.tabs.show_tab("model")
    assert window.xrays._settled.isActive()
    qtbot.waitUntil(lambda: asked == ["kaiming_normal", "zeros"], timeout=LONG)
    window.model.choice.button("table").click()
    qtbot.waitUntil(lambda: not window.probes.xray.running, timeout=LONG)
    window.recipe.set_value("initializer.kind", "doubling")
    assert not window.xrays._settled.isActive()
    assert not window.model.cards.isVisible()
    window.model.choice.button("xray").click()
    qtbot.waitUntil(lambda: fresh(window), timeout=LONG)


def test_use_puts_the_initializer_into_the_form_in_one_step_to_undo(qtbot: QtBot, window: Window) -> None:
    take(qtbot, window)
    card = next(each for each in window.model.cards.cards if each.title.whole == "LeCun normal")
    qtbot.mouseClick(card.use, Qt.MouseButton.LeftButton)
    assert window.recipe.recipe is not None
    assert window.recipe.recipe.initializer.kind == "lecun_normal"
    assert "Undo" in window.status.text
    window.recipe.undo()
    assert window.recipe.recipe.initializer.kind == "kaiming_normal"


def test_use_beside_trained_weights_takes_them_out_and_undo_brings_them_back(qtbot: QtBot, window: Window) -> None:
    window.recipe.set_values({"initializer.start": "run", "initializer.run": "r1"})
    follow(qtbot, window)
    take(qtbot, window)
    page = window.model
    assert page.cards.sentence.whole.startswith("Trained weights: ")
    card = next(each for each in page.cards.cards if each.title.whole == "Zeros")
    qtbot.mouseClick(card.use, Qt.MouseButton.LeftButton)
    assert "no trained weights" in window.status.text
    follow(qtbot, window)
    qtbot.waitUntil(lambda: fresh(window), timeout=LONG)
    assert page.cards.sentence.whole.startswith("Zeros: ")
    assert page.cards.cards[0].title.whole == "Zeros"
    assert page.cards.cards[0].in_use.isVisibleTo(page.cards.cards[0])
    window.recipe.undo()
    assert window.recipe.recipe is not None
    begin = window.recipe.recipe.initializer
    assert (begin.kind, begin.start, begin.run) == ("kaiming_normal", "run", "r1")


def test_called_off_nothing_is_taken_until_it_is_asked_for_again(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch, asked: list[str]
) -> None:
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "hung")
    page = window.model
    page.choice.button("xray").click()  # to look at it is to ask for it, the first time
    qtbot.waitUntil(lambda: "Pretending" in page.cards.sentence.whole, timeout=LONG)
    assert page.xray.text() == "Cancel X-ray"
    assert window.probes.xray._probe is not None
    process = window.probes.xray._probe.process
    qtbot.mouseClick(page.xray, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not psutil.pid_exists(process), timeout=LONG)
    assert page.xray.text() == "Take X-ray"
    assert page.cards.sentence.whole == "No X-ray has been taken yet."
    window.recipe.set_value("initializer.kind", "zeros")
    assert not window.xrays._settled.isActive()
    assert asked == ["kaiming_normal"]


def test_what_goes_wrong_is_said_and_not_tried_again_by_itself(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch, asked: list[str]
) -> None:
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "failed")
    page = window.model
    qtbot.mouseClick(page.xray, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.cards.sentence.whole.startswith("No X-ray. "), timeout=LONG)
    assert window.status.text.startswith("No X-ray. ")
    window.tabs.show_tab("curves")
    window.tabs.show_tab("model")
    assert not window.xrays._settled.isActive()
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "completed")
    window.recipe.set_value("initializer.kind", "zeros")
    qtbot.waitUntil(lambda: fresh(window), timeout=LONG)
    assert asked == ["kaiming_normal", "zeros"]


def test_an_answer_about_a_recipe_that_is_no_more_is_greyed(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(qtbot, window)
    before = window.recipe.recipe
    window.recipe.set_value("initializer.kind", "zeros")
    follow(qtbot, window)
    window.xrays._settled.stop()
    assert before is not None
    window.probes.xray.ask(before)
    qtbot.waitUntil(lambda: not window.probes.xray.running, timeout=LONG)
    assert window.model.view.rows.xray.stale


def test_a_recipe_with_a_problem_greys_it_and_says_why_when_asked(qtbot: QtBot, window: Window) -> None:
    take(qtbot, window)
    window.recipe.set_value("optimizer.learning_rate", -1.0)
    qtbot.waitUntil(window.model.sentence.isVisible)
    assert not window.model.cards.isVisible()
    window.recipe.undo()
    follow(qtbot, window)
    assert fresh(window)
    assert window.model.cards.isVisible()


def test_a_narrow_page_leaves_numbers_out_and_keeps_both_plots(qtbot: QtBot, window: Window) -> None:
    take(qtbot, window)
    view = window.model.view
    window.resize(1024, 640)
    qtbot.waitUntil(lambda: view.isColumnHidden(Column.PARAMETERS))
    for column in (Column.SIGNAL, Column.GRADIENT):
        assert view.columnViewportPosition(column) + view.columnWidth(column) <= view.viewport().width()
        assert view.columnWidth(column) >= 160
    view.show_parts(Parts.TABLE)
    assert view.isColumnHidden(Column.SIGNAL)


def test_a_low_page_keeps_the_verdicts_in_one_line_each(qtbot: QtBot, window: Window) -> None:
    take(qtbot, window)
    cards = window.model.cards.cards
    high = cards[0].sizeHint().height()
    window.resize(1100, 700)
    qtbot.waitUntil(lambda: not window.model.cards.method.isVisible())
    qtbot.waitUntil(lambda: all(card.height() < 0.8 * high for card in cards))
    assert not any(card.words.isVisible() for card in cards)
    assert all(card.badge.isVisible() and card.use.isVisible() is not card.line.chosen for card in cards)
    window.resize(1440, 900)
    qtbot.waitUntil(window.model.cards.method.isVisible)
    assert all(card.words.isVisible() for card in cards)


def test_each_initializer_is_drawn_as_soon_as_it_is_measured(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "hung")
    page = window.model
    qtbot.mouseClick(page.xray, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(page.cards.cards) == 5, timeout=LONG)
    shown = page.view.rows.xray
    assert window.probes.xray.running
    assert shown is not None
    assert shown.partial
    assert page.cards.sentence.whole.startswith("Taking an X-ray")
    assert pixels(window, Column.GRADIENT, window.theme.colour("accent")) > 800
    qtbot.mouseClick(page.xray, Qt.MouseButton.LeftButton)
    assert page.view.rows.xray is None
    assert not page.cards.cards


def test_the_part_at_work_is_counted_and_never_one_beyond_the_last(qtbot: QtBot, window: Window) -> None:
    window.model.turn_to_xray()
    for done, of, told in (
        (0, 5, "Taking an X-ray: Zeros, 1 of 5"),
        (4, 5, "Taking an X-ray: Zeros, 5 of 5"),
        (1797, 1797, "Taking an X-ray: Zeros, 1\u202f797 of 1\u202f797"),
        (0, 0, "Taking an X-ray: Zeros"),
    ):
        window.probes.xray.progressed.emit(Progress(done, of, "Zeros"))
        assert window.model.cards.sentence.whole == told


def test_what_was_found_of_a_recipe_that_is_no_more_is_not_drawn(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(qtbot, window)
    monkeypatch.setenv("WORKBENCH_FAKE_STORY", "hung")
    window.recipe.set_value("initializer.kind", "zeros")
    qtbot.waitUntil(lambda: window.model.view.rows.xray.partial, timeout=LONG)
    window.recipe.set_value("initializer.kind", "doubling")
    qtbot.waitUntil(lambda: not window.model.view.rows.xray.partial, timeout=LONG)
    assert window.model.view.rows.xray.stale


def test_the_share_of_dead_units_stands_beside_each_layer_that_has_an_off_state(qtbot: QtBot, window: Window) -> None:
    take(qtbot, window)
    view = window.model.view
    assert not view.isColumnHidden(Column.DEAD)
    cells = {node.path: view.rows.text(node, Column.DEAD) for node in view.rows.tree}
    assert (cells["stem_conv"], cells["stem_activation"], cells["stage1"]) == ("", "2\xa0%", "2\xa0%")
    assert pixels(window, Column.DEAD, window.theme.colour("text2")) > 20
    assert "\tDead\t" in view.table_text()
