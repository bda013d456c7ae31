"""The strip of what if under the plots: dragging moves line, star and sentence at once."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt

from tests.gui.curves.spikes import pixels
from workbench.curves.what_if import tell
from workbench.events import AttemptEnded, Ending, State
from workbench.gui.curves.choices import Choices
from workbench.gui.curves.what_if import Knob, _position_of_gain, gain_of
from workbench.spec import Recipe, presets
from workbench.spec.recipe import changed
from workbench.stopping import Rule

from .conftest import Teller

pytestmark = pytest.mark.window


@pytest.fixture
def strip(view, teller, run):
    """The strip over a run whose validation loss was best at epoch 9 of 30."""
    teller.epochs(30, best_at=9)
    teller.say(AttemptEnded(Ending.STOPPED, "Stopped.", 30))
    view._choose(Choices(what_if=True))
    view.show_run(run(State.ENDED, Ending.STOPPED), teller.curves)
    return view.what_if


def lines(view, theme) -> list[int]:
    """The columns of the second lane in which something is in the colour of what if."""
    lane = view.stack.metric_lane
    shot = pixels(lane.viewport()) == (theme.colour("accent").rgb() & 0xFFFFFF)
    return np.flatnonzero(shot.sum(axis=0) > 20).tolist()


def test_dragging_patience_moves_line_star_and_sentence_at_once(view, strip, teller, theme, qtbot) -> None:
    frame, left = view.stack.loss.frame(), view.stack.loss.axis_width()
    values = []
    for patience in (3, 7, 12):
        strip.slider.setValue(patience)
        asked = view.stack.shown.what_if
        assert (asked.best_epoch, asked.stop_epoch) == (9, 9 + patience)
        assert strip.sentence.whole.startswith(f"Stops at {9 + patience}, keeps epoch 9, the same best. Saves ")
        columns = lines(view, theme)
        assert columns
        assert abs(np.mean(columns) - (left + frame.px1(9.0 + patience))) < 3
        values.append(strip._value.text())
    assert values == ["3", "7", "12"]
    strip.slider.setValue(25)
    assert view.stack.shown.what_if.stop_epoch is None
    assert strip.sentence.whole == "Does not stop within the 30 epochs that are recorded; has waited 21 of 25."
    assert lines(view, theme) == []


def test_a_gain_that_is_too_great_moves_the_hollow_star_to_an_earlier_epoch(view, strip, teller, theme) -> None:
    strip.slider.setValue(5)
    strip.knob.setCurrentText("Smallest gain")
    strip.slider.setValue(_position_of_gain(0.5))
    kept = view.stack.shown.what_if.best_epoch
    assert kept < 9
    assert view.stack.shown.what_if == tell(teller.curves, Rule(5, gain_of(_position_of_gain(0.5)))).outcome
    assert "above the best" in strip.sentence.whole
    lane = view.stack.loss
    frame = lane.frame()
    value = float(teller.curves.epochs.metric("val_loss")[kept - 1])
    x, y = lane.axis_width() + round(frame.px1(float(kept))), round(frame.py1(value))
    near = pixels(lane.viewport())[max(0, y - 12) : y + 13, x - 12 : x + 13]
    assert np.count_nonzero(near == (theme.colour("accent").rgb() & 0xFFFFFF)) > 10


def test_dragging_the_smoothing_judges_the_mean(view, strip, teller) -> None:
    strip.knob.setCurrentText("Smoothing")
    strip.slider.setValue(90)
    assert strip.rule == Rule(8, 0.0, 0.9)
    assert strip._value.text() == "0.90"
    assert view.stack.shown.what_if == tell(teller.curves, Rule(8, 0.0, 0.9)).outcome
    assert strip.sentence.whole == tell(teller.curves, Rule(8, 0.0, 0.9)).sentence


def test_another_knob_keeps_what_was_dragged_before(strip) -> None:
    strip.slider.setValue(5)
    strip.knob.setCurrentText("Smoothing")
    strip.slider.setValue(50)
    strip.knob.setCurrentText("Smallest gain")
    strip.slider.setValue(50)
    assert strip.rule == Rule(5, 0.001, 0.5)
    strip.knob.setCurrentText("Patience")
    assert strip.slider.value() == 5
    assert strip.slider.accessibleName() == "Patience of early stopping"
    assert strip.slider.accessibleDescription() == "5"


def test_it_begins_with_the_rule_of_the_runs_own_recipe(view, teller, run) -> None:
    recipe = Recipe()
    for name, value in (("on", True), ("patience", 4), ("min_delta", 0.01), ("smoothing", 0.5)):
        recipe = changed(recipe, f"tricks.early_stopping.{name}", value)
    teller.epochs(12)
    view._choose(Choices(what_if=True))
    view.show_run(run(recipe_toml=presets.dump(recipe, "")), teller.curves)
    assert view.what_if.rule == Rule(4, 0.01, 0.5)
    other = Teller()
    other.epochs(3)
    view.show_run(run(id="r18", recipe_toml="recipe = of a later version"), other.curves)
    assert view.what_if.rule == Rule(8), "its curves can be asked all the same"


def test_use_in_recipe_asks_for_the_rule_that_is_shown(view, strip, qtbot) -> None:
    strip.slider.setValue(5)
    with qtbot.waitSignal(view.rule_wanted) as wanted:
        qtbot.mouseClick(strip.use, Qt.MouseButton.LeftButton)
    assert wanted.args == [Rule(5)]


def test_closing_the_strip_takes_its_marks_away(view, strip, theme, qtbot) -> None:
    strip.slider.setValue(5)
    assert lines(view, theme)
    assert len(view.stack.markers.stops) == 2
    qtbot.mouseClick(strip.close_button, Qt.MouseButton.LeftButton)
    assert not strip.isVisible()
    assert not view.choices.what_if
    assert view.stack.shown.what_if is None
    assert lines(view, theme) == []
    assert len(view.stack.markers.stops) == 1


def test_it_follows_a_growing_run(view, teller, run) -> None:
    teller.epochs(10, best_at=9)
    view._choose(Choices(what_if=True))
    view.show_run(run(), teller.curves)
    view.what_if.slider.setValue(3)
    assert view.what_if.sentence.whole == "Has waited 1 of 3: stops at 12 if no better."
    teller.epochs(2, best_at=9)
    view.refresh()
    assert view.what_if.sentence.whole == "Stops at 12, keeps epoch 9, the same best."
    assert view.stack.shown.what_if.stop_epoch == 12
    teller.epochs(2, best_at=9)
    view.refresh()
    assert "Saves 2 epochs, 2\u00a0s." in view.what_if.sentence.whole


def test_where_the_plan_ends_first_it_says_so_and_no_line_is_drawn_until_the_plan_is_longer(
    view, teller, run, theme
) -> None:
    teller.epochs(20, best_at=9)
    view._choose(Choices(what_if=True))
    view.show_run(run(epochs_planned=24), teller.curves)
    view.what_if.slider.setValue(14)
    assert view.what_if.sentence.whole == "Has waited 11 of 14: stops at 23 if no better."
    view.what_if.slider.setValue(15)
    assert view.what_if.sentence.whole == "Has waited 11 of 15: the plan ends first, at 24."
    assert view.stack.shown.what_if.stop_epoch is None
    assert lines(view, theme) == []
    view.show_run(run(epochs_planned=40), teller.curves)
    assert view.what_if.sentence.whole == "Has waited 11 of 15: stops at 24 if no better."
    assert view.what_if.slider.value() == 15, "what was dragged stays"


def test_another_run_is_asked_with_its_own_rule_and_no_run_with_none(view, strip, run) -> None:
    strip.slider.setValue(3)
    other = Teller()
    other.epochs(4)
    view.show_run(run(id="r18"), other.curves)
    assert strip.rule == Rule(8)
    assert strip.sentence.whole.startswith("Has waited 0 of 8")
    view.clear()
    assert strip.sentence.whole == ""
    assert view.stack.shown.what_if is None


@pytest.mark.parametrize(
    ("width", "scale"), [(575, 1), (730, 1), (778, 1), (1200, 1), (778, 1.3), (1200, 1.3), (800, 2)]
)
def test_nothing_in_the_strip_is_cut_off(view, strip, theme, width, scale) -> None:
    theme.set_text_scale(scale)
    view.resize(width, 820)
    for knob in Knob:
        strip.knob.setCurrentText(str(knob))
        strip.layout().activate()
        for part in (strip._lead, strip._value, strip.use, strip.knob, strip.sentence):
            assert strip.rect().contains(part.geometry()), part
            assert part.height() >= part.fontMetrics().height()
        for text in (strip._lead, strip._value):
            assert text.width() >= text.fontMetrics().horizontalAdvance(text.text())
        assert strip.use.width() >= strip.use.sizeHint().width()
        sentence = strip.sentence
        assert sentence.height() >= sentence.fontMetrics().lineSpacing() * len(sentence.text().split("\n"))


def test_it_is_one_row_in_a_window_of_usual_width_and_two_in_a_narrow_one(strip) -> None:
    for width, height, below in (
        (778, 46, False),
        (900, 46, False),
        (730, 70, True),
        (575, 70, True),
        (778, 46, False),
    ):
        strip.resize(width, strip.height())
        strip.layout().activate()
        assert strip.height() == height
        for part in (strip.sentence, strip.use, strip.close_button):
            assert (part.y() >= strip.knob.geometry().bottom()) is below


def test_a_sentence_without_room_ends_in_dots_and_is_whole_in_tooltip_and_name(strip) -> None:
    strip.resize(778, strip.height())
    strip.layout().activate()
    whole = (
        "Stops at 13, keeps epoch 11, the same best. Saves 1 epoch, 1\u00a0s. Counted from epoch 11, this run's first."
    )
    whole = f"{whole} {whole}"  # more than two lines in any font
    strip.sentence.say(whole)
    assert strip.sentence.text().endswith("…")
    assert strip.sentence.toolTip() == strip.sentence.accessibleName() == whole
    strip.sentence.say("Stops at 13.")
    assert (strip.sentence.text(), strip.sentence.toolTip()) == ("Stops at 13.", "")


@pytest.mark.parametrize("position", [0, 1, 37, 50, 99, 100])
def test_each_place_of_the_gains_slider_is_found_again_from_its_gain(position: int) -> None:
    assert _position_of_gain(gain_of(position)) == position
    assert replace(Rule(8), min_delta=gain_of(position)).min_delta <= 1.0
