"""The curves in the real window: what they show is found again, what if goes into the recipe, forks from the crosshair."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from tests.gui.test_steering import newest, press, trained
from workbench.curves.axes import Axis
from workbench.curves.smoothing import Kind
from workbench.gui.curves.choices import Choices, Clip, Strip
from workbench.gui.curves.view import CurvesView
from workbench.gui.steering_dialogs import ForkDialog, nearest
from workbench.gui.window import Window
from workbench.journal import Journal
from workbench.launch.fork import Kept, kept
from workbench.paths import Workspace

pytestmark = pytest.mark.window

OpenWindow = Callable[[], Window]


def curves_of(window: Window) -> CurvesView:
    """The plots, which come after the first paint."""
    if window.presenter._curves is None:
        window.finish()
    view = window.presenter._curves
    assert view is not None
    return view


def test_what_the_curves_show_is_found_again_when_the_window_is_opened_again(
    qtbot: QtBot, open_window: OpenWindow
) -> None:
    first = open_window()
    view = curves_of(first)
    run = trained(qtbot, first, 5)
    assert view.choices == Choices()
    view.legend.axis.button("step").click()
    view.legend.scale.button("log").click()
    view._choose(
        dataclasses.replace(
            view.choices, kind=Kind.WINDOW, clip=Clip.P95, metric="f1", strips=(Strip.NORM, Strip.SPEED), what_if=True
        )
    )
    view.legend.slider.setValue(40)
    chosen = view.choices
    assert chosen.smoothing_steps is not None
    first.close()
    second = open_window()
    view = curves_of(second)
    qtbot.waitUntil(lambda: view.stack.shown.run is not None and view.stack.shown.run.id == run.id, timeout=20_000)
    assert view.choices == chosen
    shown, legend = view.stack.shown, view.legend
    assert (shown.axis, shown.log, shown.clip, shown.metric) == (Axis.STEP, True, Clip.P95, "f1")
    assert (legend.axis.key, legend.scale.key, legend.slider.value()) == ("step", "log", 40)
    assert shown.curves is not None
    assert shown.curves.smoothing == chosen.smoothing
    assert view.stack.strips.visible == (Strip.NORM, Strip.SPEED)
    assert not view.what_if.isHidden()
    assert view.what_if.sentence.whole


def asking_what_if(qtbot: QtBot, open_window: OpenWindow, epochs: int) -> tuple[Window, CurvesView]:
    """A window with a run of so many epochs, and its curves with the strip below them."""
    window = open_window()
    trained(qtbot, window, epochs)
    view = curves_of(window)
    view._choose(Choices(what_if=True))
    return window, view


def test_use_in_recipe_sets_the_whole_rule_in_one_step_that_can_be_undone(
    qtbot: QtBot, open_window: OpenWindow
) -> None:
    window, view = asking_what_if(qtbot, open_window, 5)
    before = window.recipe.recipe
    assert before is not None
    strip = view.what_if
    strip.slider.setValue(3)
    strip.knob.setCurrentText("Smoothing")
    strip.slider.setValue(50)
    strip.knob.setCurrentText("Smallest gain")
    strip.slider.setValue(50)
    qtbot.mouseClick(strip.use, Qt.MouseButton.LeftButton)
    recipe = window.recipe.recipe
    assert recipe is not None
    stopping = recipe.tricks.early_stopping
    assert (stopping.on, stopping.patience, stopping.min_delta, stopping.smoothing) == (True, 3, 0.001, 0.5)
    assert "patience 3, smallest gain 0.001, smoothing 0.5" in window.status.text
    window.recipe.undo()
    assert window.recipe.recipe == before


def test_in_a_window_of_1440_by_900_what_if_is_one_row_and_in_one_of_1100_by_700_it_is_two(
    qtbot: QtBot, open_window: OpenWindow
) -> None:
    window, view = asking_what_if(qtbot, open_window, 3)
    strip, px = view.what_if, window.theme.px
    qtbot.waitUntil(lambda: strip.isVisible() and strip.height() == px(46), timeout=20_000)
    window.resize(1100, 700)
    qtbot.waitUntil(lambda: strip.height() == px(70), timeout=20_000)


def test_use_in_recipe_says_what_stands_in_the_way_of_a_form_with_a_problem(
    qtbot: QtBot, open_window: OpenWindow
) -> None:
    window, view = asking_what_if(qtbot, open_window, 3)
    window.recipe.set_value("optimizer.learning_rate", -1.0)
    qtbot.mouseClick(view.what_if.use, Qt.MouseButton.LeftButton)
    assert window.status.text.startswith("Not changed.")
    assert "Learning rate" in window.status.text


def test_a_fork_at_the_crosshair_begins_at_that_epoch_and_leaves_a_flag_on_its_parents_curve(
    qtbot: QtBot, open_window: OpenWindow, workspace: Workspace
) -> None:
    window = open_window()
    view = curves_of(window)
    parent = trained(qtbot, window, 6)
    qtbot.waitUntil(lambda: view.stack.shown.curves is not None and view.stack.shown.curves.last_epoch == 6)
    with Journal(workspace) as journal:
        places = [each.epoch for each in kept(journal, parent) if not each.within]
    epoch = places[0]
    view.stack.go_to(epoch)
    view.fork_asked.emit(view._epoch_at_cursor())
    dialog = window.findChild(ForkDialog)
    assert dialog is not None
    assert dialog.place.currentText().startswith(f"Epoch {epoch}")
    assert dialog.wish().epoch == epoch
    dialog.epochs.show_value(8)
    press(qtbot, dialog, "agreeButton")
    qtbot.waitUntil(lambda: newest(window).id != parent.id and newest(window).ending is not None, timeout=20_000)
    child = newest(window)
    assert (child.parent, child.parent_epoch) == (parent.id, epoch)
    window.session.show_run(parent.id)
    qtbot.waitUntil(lambda: view.stack.shown.run is not None and view.stack.shown.run.id == parent.id, timeout=20_000)
    qtbot.waitUntil(lambda: any(flag.kind == "fork" for flag in view.stack.shown.flags()), timeout=20_000)
    (flag,) = (flag for flag in view.stack.shown.flags() if flag.kind == "fork")
    assert (flag.text, flag.epoch) == (f"Fork → {child.name}", epoch)


def test_a_run_looked_at_again_is_found_at_the_place_where_it_was_left(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    view = curves_of(window)
    first = trained(qtbot, window, 5)
    press(qtbot, window, "startButton")
    qtbot.waitUntil(lambda: newest(window).id != first.id and newest(window).ending is not None, timeout=20_000)
    second = newest(window)

    def look_at(key: str) -> None:
        window.session.show_run(key)
        qtbot.waitUntil(lambda: view.stack.shown.run is not None and view.stack.shown.run.id == key, timeout=20_000)

    look_at(first.id)
    qtbot.keyClick(view.stack, Qt.Key.Key_Plus)
    left = view.stack.shown.x
    assert not view.stack.following
    look_at(second.id)
    assert view.stack.following
    look_at(first.id)
    assert view.stack.shown.x == left
    qtbot.mouseDClick(view.stack.loss.viewport(), Qt.MouseButton.LeftButton)
    assert view.stack.following
    assert view.stack.shown.x != left


def places(*epochs: int, within: int | None = None) -> list[Kept]:
    """What a run kept: ends of epochs, and at last a place within the epoch after one."""
    found = [Kept(epoch, 10 * epoch, within=False, best=False, place=f"{epoch}") for epoch in epochs]
    return found if within is None else [*found, Kept(within, 10 * within + 5, within=True, best=False, place="within")]


@pytest.mark.parametrize(("wanted", "epoch"), [(1, 2), (2, 2), (4, 3), (5, 3), (6, 8), (99, 8), (7, 8)])
def test_the_nearest_kept_epoch_is_chosen_the_earlier_of_two_and_never_one_within(wanted: int, epoch: int) -> None:
    chosen = nearest(places(2, 3, 8, within=9), wanted)
    assert (chosen.epoch, chosen.within) == (epoch, False)


def test_without_a_wish_the_newest_of_all_is_chosen() -> None:
    assert nearest(places(2, 3, within=4), None).within
    assert nearest(places(2, 3), None).epoch == 3


def test_the_button_of_the_curves_menu_has_its_name_for_drivers(open_window: OpenWindow) -> None:
    window = open_window()
    curves_of(window)
    for name in ("curvesViewButton", "exportCurvesButton", "whatIfUseButton"):
        assert window.findChild(QPushButton, name) is not None, name
