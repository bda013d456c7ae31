"""Flags and labels: reached by Tab, read aloud, opened by Enter; they stand where what they tell of stands."""

import math

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from tests.gui.curves.spikes import zoom_to
from workbench.curves.axes import Axis
from workbench.events import CheckpointSaved, Continued, Ending, Paused, State, Warned
from workbench.gui.curves.choices import Choices
from workbench.gui.curves.shown import Cursor
from workbench.gui.widgets.help import HelpPopover

from .conftest import SPE, Teller

pytestmark = pytest.mark.window


def eventful(teller: Teller) -> None:
    """Flags at epochs 3 (a pause), 9 (a rate) and 16 (a checkpoint)."""
    teller.epochs(3)
    teller.say(Paused(4, 3 * SPE), Continued(4, 3 * SPE, 840.0))
    teller.epochs(6)
    teller.change_rate()
    teller.epochs(7, best_at=14)
    teller.say(CheckpointSaved(16, 16 * SPE + 10, "last", 2_300_000))
    teller.epochs(4, best_at=0)


def walk(view, begin: QWidget) -> list[QWidget]:
    """What Tab reaches, one after the other."""
    begin.setFocus(Qt.FocusReason.TabFocusReason)
    reached = [begin]
    while True:
        view.focusNextChild()
        here = view.window().focusWidget()
        if here in reached:
            return reached
        reached.append(here)


def spoken_name(widget: QWidget) -> str:
    """As a screen reader asks for it."""
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)


def test_tab_goes_from_the_plot_to_every_flag_label_and_control(view, teller, run) -> None:
    eventful(teller)
    teller.steps(5, math.nan)
    view._choose(Choices(what_if=True))
    view.show_run(run(), teller.curves)
    view.what_if.slider.setValue(3)
    stops = walk(view, view.stack)
    flags, labels = view.stack.events.buttons, view.stack.markers.stops
    assert len(flags) == 3
    assert len(labels) == 4
    assert [stop for stop in stops if stop in flags] == flags
    assert [flag.x() for flag in flags] == sorted(flag.x() for flag in flags)
    assert [stop for stop in stops if stop in labels] == labels
    assert set(stops[1:8]) == {*flags, *labels}, "they come next after the plot"
    legend, strip = view.legend, view.what_if
    for control in (legend.slider, legend.more, legend.export, strip.knob, strip.slider, strip.use, strip.close_button):
        assert control in stops, control.accessibleName()
    for segments, key in ((legend.scale, "linear"), (legend.axis, "epoch")):
        assert segments.button(key) in stops
    assert all(stop.accessibleName() or spoken_name(stop) for stop in stops)


def test_flags_that_come_later_are_reached_in_order_too(view, teller, run) -> None:
    teller.epochs(9)
    view.show_run(run(), teller.curves)
    assert view.stack.events.buttons == []
    teller.change_rate()
    teller.epochs(6)
    teller.say(CheckpointSaved(15, 15 * SPE + 10, "last", 2_300_000))
    teller.epochs(3)
    view.refresh()
    stops = walk(view, view.stack)
    assert [stop.flags[0].kind for stop in stops if stop in view.stack.events.buttons] == ["rate", "checkpoint"]
    assert {*view.stack.events.buttons, *view.stack.markers.stops} == set(stops[1:5])


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_a_key_on_a_flag_opens_its_card_and_moves_the_crosshair(view, teller, run, qtbot, key) -> None:
    eventful(teller)
    view.show_run(run(), teller.curves)
    flag = view.stack.events.buttons[1]
    qtbot.keyClick(flag, key)
    card = flag.findChild(HelpPopover)
    assert card is not None
    assert flag.flags[0].sentence in card.accessibleDescription()
    assert "from 0.001 to 0.0002" in card.accessibleDescription()
    assert view.stack.shown.cursor.epoch == 9
    card.close()


def test_every_label_says_its_sentence_and_enter_goes_to_its_epoch(view, teller, run, qtbot) -> None:
    eventful(teller)
    teller.steps(5, math.nan)
    view._choose(Choices(what_if=True))
    view.show_run(run(), teller.curves)
    view.what_if.slider.setValue(3)
    best, what_if, projected, bad = view.stack.markers.stops
    value = teller.curves.best.value
    assert spoken_name(best) == f"Best validation loss {value:.4f} at epoch 14."
    assert spoken_name(what_if) == "What if: stops at epoch 17 and keeps epoch 14."
    assert spoken_name(projected) == "Stops at epoch 22 if no better."
    assert spoken_name(bad) == "Training loss is NaN from step 1001."
    for stop, epoch in ((best, 14), (what_if, 17), (projected, 20), (bad, 20)):
        view.stack.set_cursor(None)
        qtbot.keyClick(stop, Qt.Key.Key_Return)
        assert view.stack.shown.cursor.epoch == epoch, spoken_name(stop)


def test_an_early_stop_says_why(view, teller, run, qtbot) -> None:
    teller.epochs(17, best_at=9)
    teller.stop_early()
    view.show_run(run(State.ENDED, Ending.EARLY_STOPPED), teller.curves)
    best, early = view.stack.markers.stops
    assert spoken_name(early) == "Stopped early at epoch 17. No new best."
    qtbot.keyClick(early, Qt.Key.Key_Enter)
    assert view.stack.shown.cursor.epoch == 17
    qtbot.keyClick(best, Qt.Key.Key_Enter)
    assert view.stack.shown.cursor.epoch == 9


def test_what_a_screen_reader_hears_of_a_flag_is_its_sentence(view, teller, run) -> None:
    eventful(teller)
    view.show_run(run(), teller.curves)
    said = [spoken_name(button) for button in view.stack.events.buttons]
    assert said == [flag.sentence for flag in view.stack.shown.flags()]
    assert said[0] == "Epoch 4: Paused 14 min"
    assert [button.toolTip() for button in view.stack.events.buttons] == said


def test_folded_flags_tell_all(view, teller, run, qtbot) -> None:
    teller.epochs(9)
    teller.change_rate()
    teller.say(Warned("3 pictures <b>could</b> not be read."))
    teller.change_rate()
    view.show_run(run(), teller.curves)
    (button,) = view.stack.events.buttons
    sentences = [flag.sentence for flag in view.stack.shown.flags()]
    assert len(sentences) == 3
    assert spoken_name(button) == "\n".join(sentences)
    qtbot.keyClick(button, Qt.Key.Key_Return)
    card = button.findChild(HelpPopover)
    assert card.accessibleName() == "3 events"
    for sentence in sentences:
        assert sentence in card.accessibleDescription()
    card.close()


def test_flags_and_the_stops_over_labels_follow_a_zoom_of_a_run_that_has_ended(view, teller, run) -> None:
    eventful(teller)
    view.show_run(run(State.ENDED, Ending.STOPPED), teller.curves)
    zoom_to(view, 7.0, 15.0)
    (rate,) = view.stack.events.buttons
    (best,) = view.stack.markers.stops
    frame, left = view.stack.loss.frame(), view.stack.loss.axis_width()
    assert abs(rate.x() - (left + frame.px1(9.0))) < 4
    (marker,) = view.stack.loss.markers(frame)
    assert abs(best.x() - (left + marker.rect.left())) <= 1
    assert best.height() >= marker.rect.height()
    zoom_to(view, 15.5, 15.9)
    assert view.stack.events.buttons == []
    assert view.stack.markers.stops == []
    view.stack.fit()
    assert len(view.stack.events.buttons) == 3


def test_the_stops_follow_another_size_and_another_theme(view, teller, run, theme, qtbot) -> None:
    eventful(teller)
    view.show_run(run(State.ENDED, Ending.STOPPED), teller.curves)

    def fits() -> bool:
        lane = view.stack.loss
        (marker,), (stop,) = lane.markers(lane.frame()), view.stack.markers.stops
        corner = lane.mapFromScene(lane.box.mapToScene(0, 0))
        return abs(stop.x() - (corner.x() + marker.rect.left())) <= 1 and abs(stop.width() - marker.rect.width()) <= 1

    assert fits()
    view.resize(640, 500)
    qtbot.waitUntil(fits)
    theme.set_text_scale(1.5)
    qtbot.waitUntil(fits)
    theme.set_text_scale(1.0)


def test_a_view_of_no_run_has_neither_flags_nor_labels(view, teller, run) -> None:
    teller.epochs(4)
    teller.change_rate()
    view.show_run(run(), teller.curves)
    assert view.stack.events.buttons
    assert view.stack.markers.stops
    view.clear()
    assert view.stack.events.buttons == []
    assert view.stack.markers.stops == []


@pytest.mark.parametrize("axis", list(Axis))
def test_flags_stand_on_their_steps_on_every_axis(view, teller, run, axis) -> None:
    eventful(teller)
    view._choose(Choices(axis))
    view.show_run(run(), teller.curves)
    ends = teller.curves.axes.x_of_epochs(axis)
    frame, left = view.stack.loss.frame(), view.stack.loss.axis_width()
    for button, epoch in zip(view.stack.events.buttons[:2], (3, 9), strict=True):
        assert abs(button.x() - (left + frame.px1(float(ends[epoch - 1])))) < 4


# --- the whole in words ---------------------------------------------------------------------------------


def test_the_summary_is_what_is_read_and_copied_after_each_epoch(view, teller, run, qtbot) -> None:
    view.show_run(run(), teller.curves)
    for _ in range(3):
        teller.epochs(1)
        view.refresh()
        assert view.accessibleDescription() == view.summary()
        assert view.summary() in view.stack.accessibleName()
        assert f"epoch {teller.curves.last_epoch} of 80" in view.summary()
    view.stack.setFocus()
    QGuiApplication.clipboard().clear()
    with qtbot.waitSignal(view.status):
        qtbot.keyClick(view.stack, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == view.accessibleDescription()
    view.show_run(run(name="Ears & tails"), teller.curves)
    assert view.accessibleDescription().startswith("Ears & tails, running")


# --- forks ----------------------------------------------------------------------------------------------


def fork_action(view):
    menus = [menu for menu in view.findChildren(QMenu) if menu.isVisible()]
    return next((each for menu in menus for each in menu.actions() if each.text().startswith("Fork after")), None)


def test_the_menu_at_the_crosshair_offers_a_fork_after_its_epoch_also_when_the_mouse_has_gone(
    view, teller, run, qtbot
) -> None:
    teller.epochs(9)
    view.show_run(run(), teller.curves)
    view.stack.go_to(4)
    qtbot.keyClick(view.stack, Qt.Key.Key_Menu)
    action = fork_action(view)
    assert action.text() == "Fork after epoch 4 with…"
    view.stack.set_cursor(None)
    with qtbot.waitSignal(view.fork_asked) as asked:
        action.trigger()
    assert asked.args == [4]
    QApplication.activePopupWidget().close()


def test_within_an_epoch_it_is_the_one_before_that_is_offered_and_before_the_first_none(view, teller, run) -> None:
    teller.epochs(3)
    view.show_run(run(), teller.curves)
    for place, epoch in ((2 * SPE + 9, 2), (SPE - 1, 1), (4, 0)):
        view.stack.set_cursor(Cursor(place, None))
        assert view._epoch_at_cursor() == epoch


def test_a_fork_has_its_flag_on_its_parents_curve(view, teller, run, qtbot) -> None:
    teller.epochs(9)
    view.show_run(run(), teller.curves)
    view.set_forks([("Run 18", 4)])
    (button,) = view.stack.events.buttons
    (flag,) = button.flags
    assert (flag.text, flag.epoch, flag.step) == ("Fork → Run 18", 4, 4 * SPE)
    assert spoken_name(button) == "Epoch 4: Run 18 grew from here."
    qtbot.keyClick(button, Qt.Key.Key_Return)
    assert view.stack.shown.cursor.epoch == 4
    button.findChild(HelpPopover).close()
    view.set_forks([])
    assert view.stack.events.buttons == []
