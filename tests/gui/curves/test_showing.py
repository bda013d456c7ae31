"""What the curves show as it was chosen: the menu, the legend, metrics, clipping, strips, the gap, values at the crosshair."""

import itertools
import math

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QMenu

from tests.bench.long_runs import Tale
from tests.gui.curves.spikes import Spikes, pixels, zoom_to
from workbench.curves.axes import Axis
from workbench.curves.smoothing import Kind
from workbench.events import AttemptStarted, CheckpointSaved, Ending, State, StepBlock
from workbench.gui import words
from workbench.gui.curves import readout, view_menu
from workbench.gui.curves.choices import Choices, Clip, Strip
from workbench.gui.curves.metric_lane import metrics_of
from workbench.gui.curves.samples import Line
from workbench.gui.curves.shown import Cursor
from workbench.gui.curves.values import spoken, values_at
from workbench.gui.curves.view import CurvesView
from workbench.journal import Said, Steps

from .conftest import SPE, Teller

pytestmark = pytest.mark.window
REMEASURED = {"remeasured_loss": 0.25, "remeasured_accuracy": 0.91, "val_f1": 0.7, "val_mean_iou": 0.6}


def count(lane, colour: QColor) -> int:
    return int(np.count_nonzero(pixels(lane.viewport()) == (colour.rgb() & 0xFFFFFF)))


@pytest.fixture
def menu(view):
    """The menu of what the curves show, as it is just now; an entry is named by its texts from the outside in."""
    kept = []

    def choose(*path: str) -> None:
        made = QMenu(view)
        kept.append(made)
        view_menu.fill(made, view.choices, metrics_of(view.stack.shown), view._choose)
        here = made
        for text in path[:-1]:
            here = next(action.menu() for action in here.actions() if action.text() == text)
        next(action for action in here.actions() if action.text() == path[-1]).trigger()

    def checked(*path: str) -> list[str]:
        made = QMenu(view)
        kept.append(made)
        view_menu.fill(made, view.choices, metrics_of(view.stack.shown), view._choose)
        here = made
        for text in path:
            here = next(action.menu() for action in here.actions() if action.text() == text)
        return [action.text() for action in here.actions() if action.isChecked()]

    choose.checked = checked
    return choose


# --- the menu -------------------------------------------------------------------------------------------


def test_the_menu_chooses_the_metric_of_the_second_lane(view, teller, run, menu) -> None:
    teller.more = REMEASURED
    teller.epochs(5)
    view.show_run(run(), teller.curves)
    assert menu.checked("Metric") == ["Accuracy"]
    menu("Metric", "F1 (macro)")
    assert view.stack.metric_lane.title() == "F1 (macro)"
    assert view.stack.shown.metric == "f1"
    assert menu.checked("Metric") == ["F1 (macro)"]


@pytest.mark.parametrize("strip", list(Strip))
def test_the_menu_turns_each_strip_on_and_off(view, teller, run, menu, strip) -> None:
    teller.epochs(5)
    view.show_run(run(), teller.curves)
    before = strip is Strip.RATE
    for expected in (not before, before):
        menu(strip.words)
        assert (strip in view.choices.strips) is expected
        assert (strip in view.stack.strips.visible) is expected
        assert (strip.words in menu.checked()) is expected


def test_strips_stand_in_their_order_however_they_were_chosen(view, teller, run, menu) -> None:
    teller.epochs(5)
    view.show_run(run(), teller.curves)
    for strip in (Strip.PENALTY, Strip.SPEED, Strip.GAP, Strip.NORM):
        menu(strip.words)
    view.stack.layout().activate()
    tops = [view.stack.strips[strip].y() for strip in Strip]
    assert tops == sorted(tops)
    assert view.stack.metric_lane.y() < tops[0]
    assert tops[-1] < view.stack.ticks.y()


def test_the_menu_chooses_how_is_smoothed_and_over_how_many_steps_stays_what_suits_the_run(
    view, teller, run, menu
) -> None:
    teller.epochs(5)
    view.show_run(run(), teller.curves)
    menu("Smoothing", "Mean of a window")
    assert teller.curves.smoothing.kind is Kind.WINDOW
    assert teller.curves.smoothing.steps == SPE // 5
    assert view.choices.smoothing_steps is None
    assert view.legend._value.text() == str(SPE // 5)
    assert menu.checked("Smoothing") == ["Mean of a window"]
    menu("Smoothing", "Exponential mean")
    assert teller.curves.smoothing.kind is Kind.EXPONENTIAL
    assert view.legend._value.text() == "0.90"


@pytest.mark.parametrize("clip", list(Clip))
def test_the_menu_chooses_which_losses_decide_the_scale(view, teller, run, menu, clip) -> None:
    teller.epochs(5)
    view.show_run(run(), teller.curves)
    menu("Clip losses", Clip.OFF.words)
    menu("Clip losses", clip.words)
    assert view.stack.shown.clip is clip
    assert menu.checked("Clip losses") == [clip.words]


def test_the_menu_opens_and_closes_what_if(view, teller, run, menu) -> None:
    teller.epochs(5)
    view.show_run(run(), teller.curves)
    assert not view.what_if.isVisible()
    menu("What if early stopping…")
    assert view.what_if.isVisible()
    menu("What if early stopping…")
    assert not view.what_if.isVisible()


def test_what_is_chosen_is_told_once_and_is_what_is_shown(view, teller, run, menu, qtbot) -> None:
    teller.epochs(5)
    view.show_run(run(), teller.curves)
    told = []
    view.choices_changed.connect(told.append)
    menu("Smoothing", "Mean of a window")
    assert told == [view.choices]
    view.legend.slider.setValue(50)
    assert told[1:] == [view.choices]
    assert view.choices.kind is Kind.WINDOW
    assert view.choices.smoothing_steps == pytest.approx(31.6, abs=0.1)


def test_choices_from_before_are_shown_without_a_run_and_kept_for_the_first_one(view, teller, run) -> None:
    wanted = Choices(
        Axis.STEP,
        log=True,
        kind=Kind.WINDOW,
        smoothing_steps=31.0,
        clip=Clip.P95,
        metric="f1",
        strips=(Strip.NORM,),
        what_if=True,
    )
    told = []
    view.choices_changed.connect(told.append)
    view.set_choices(wanted)
    teller.more = REMEASURED
    teller.epochs(4)
    view.show_run(run(), teller.curves)
    shown = view.stack.shown
    assert (shown.axis, shown.log, shown.clip, shown.metric) == (Axis.STEP, True, Clip.P95, "f1")
    assert (teller.curves.smoothing.kind, teller.curves.smoothing.steps) == (Kind.WINDOW, 31.0)
    assert view.stack.strips[Strip.NORM].isVisible()
    assert not view.stack.rate.isVisible()
    assert view.what_if.isVisible()
    assert view.choices == wanted
    assert told == []


def test_a_chosen_metric_that_a_run_lacks_is_found_again_at_the_next_one(view, teller, run) -> None:
    teller.more = REMEASURED
    teller.epochs(4)
    view.show_run(run(), teller.curves)
    view._choose(Choices(metric="mean_iou"))
    bare = Teller()
    bare.epochs(4)
    view.show_run(run(id="r18"), bare.curves)
    assert view.stack.shown.metric == "accuracy"
    view.show_run(run(), teller.curves)
    assert view.stack.shown.metric == "mean_iou"


def test_a_chosen_metric_is_shown_as_soon_as_an_epoch_has_it(view, teller, run) -> None:
    view.set_choices(Choices(metric="f1"))
    teller.steps(20)
    view.show_run(run(), teller.curves)
    assert view.stack.shown.metric == "accuracy"
    teller.more = REMEASURED
    teller.epochs(1)
    view.refresh()
    assert view.stack.shown.metric == "f1"


# --- the legend -----------------------------------------------------------------------------------------


def entries(view) -> dict[Line, object]:
    return {entry.line: entry for entry in view.legend._entries if not entry.isHidden()}


def test_the_legend_names_the_lines_that_there_are(view, teller, run) -> None:
    view.resize(1200, 820)
    teller.steps(10)
    view.show_run(run(), teller.curves)
    assert set(entries(view)) == {Line.TRAINING, Line.VALIDATION}
    teller.epochs(1)
    view.refresh()
    assert set(entries(view)) == {Line.TRAINING, Line.VALIDATION, Line.MEAN}
    teller.more = REMEASURED
    teller.epochs(1)
    view.refresh()
    assert set(entries(view)) == {Line.TRAINING, Line.VALIDATION, Line.MEAN, Line.REMEASURED}
    teller.penalty = 0.1
    teller.epochs(1)
    view.refresh()
    assert set(entries(view)) == {line for line in Line if line is not Line.RAW}
    other = Teller()
    other.steps(10)
    view.show_run(run(id="r18"), other.curves)
    assert set(entries(view)) == {Line.TRAINING, Line.VALIDATION}


def test_a_narrow_legend_keeps_the_samples_of_unusual_lines_whose_names_their_tooltips_say(view, teller, run) -> None:
    teller.more, teller.penalty = REMEASURED, 0.1
    teller.epochs(3)
    view.show_run(run(), teller.curves)
    view.resize(1300, 820)
    wide = {line: entry.sizeHint().width() for line, entry in entries(view).items()}
    view.resize(720, 820)
    for line, entry in entries(view).items():
        short = line in {Line.REMEASURED, Line.MEAN, Line.PENALTY}
        assert (entry.sizeHint().width() < wide[line]) is short, line
    names = {line: entry.toolTip().split(":")[0] for line, entry in entries(view).items()}
    assert (names[Line.REMEASURED], names[Line.MEAN], names[Line.PENALTY]) == ("Re-measured", "Epoch mean", "Penalty")
    view.resize(1300, 820)
    assert {line: entry.sizeHint().width() for line, entry in entries(view).items()} == wide


@pytest.mark.parametrize("width", [560, 700, 792, 900, 1200])
def test_nothing_in_the_legend_is_cut_off_or_overlaps(view, teller, run, width) -> None:
    teller.more, teller.penalty = REMEASURED, 0.1
    teller.epochs(3)
    view.show_run(run(), teller.curves)
    view.resize(width, 540)
    view.legend._row.activate()
    legend = view.legend
    parts = [
        *entries(view).values(), legend._label, legend.slider, legend._value, legend.scale, legend.axis, legend.more, legend.export,
    ]  # fmt: skip
    visible = sorted((part.geometry() for part in parts if part.isVisible()), key=lambda rect: rect.left())
    assert visible[-1].right() < legend.width()
    assert all(one.right() < other.left() for one, other in itertools.pairwise(visible))
    assert all(entry.width() >= entry.sizeHint().width() for entry in entries(view).values())


# --- another metric, and what is no number -------------------------------------------------------------------


@pytest.mark.parametrize(("name", "title"), [("f1", "F1 (macro)"), ("mean_iou", "Mean IoU")])
def test_another_metric_has_its_line_its_range_and_its_value(view, teller, run, theme, name, title) -> None:  # noqa: PLR0917 - fixtures
    teller.more = REMEASURED
    teller.epochs(5)
    view.show_run(run(), teller.curves)
    view._choose(Choices(metric=name))
    lane = view.stack.metric_lane
    assert lane.title() == title
    assert lane.y_range[0] < REMEASURED[f"val_{name}"] < lane.y_range[1]
    assert count(lane, theme.series("validation")) > 20
    assert count(lane, theme.series("training")) == 0, "it is not told of single steps"
    view.stack.go_to(3)
    at = values_at(view.stack.shown)
    assert at.metric_validation == REMEASURED[f"val_{name}"]
    assert [text for text, _ in lane.told(at)] == [words.percent(REMEASURED[f"val_{name}"], 1)]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("lane", ["loss", "metric_lane"])
def test_a_validation_that_is_no_number_is_marked_at_the_edge(view, teller, run, theme, value, lane) -> None:  # noqa: PLR0917 - fixtures
    teller.epochs(3)
    view.show_run(run(), teller.curves)
    plot = getattr(view.stack, lane)
    assert count(plot, theme.colour("err")) == 0
    teller.more = {"val_loss" if lane == "loss" else "val_accuracy": value}
    teller.epochs(1)
    teller.more = {}
    teller.epochs(1)
    view.refresh()
    shot = pixels(plot.viewport()) == (theme.colour("err").rgb() & 0xFFFFFF)
    rows, columns = np.nonzero(shot)
    assert len(rows) > 5
    middle = plot.axis_width() + plot.frame().px1(4.0)
    assert abs(columns.mean() - middle) < 3
    below = value == -math.inf
    assert (rows.mean() > plot.frame().height / 2) == below


# --- the crosshair -------------------------------------------------------------------------------------------


def test_the_crosshair_tells_every_line_in_view_exactly_and_the_card_names_it(view, teller, run) -> None:
    teller.more, teller.penalty = REMEASURED, 0.125
    teller.epochs(6)
    view._choose(Choices(strips=tuple(Strip)))
    view.show_run(run(), teller.curves)
    view.stack.go_to(4)
    curves, at = teller.curves, values_at(view.stack.shown)
    place = 4 * SPE - 1
    own = float(curves.loss.values[place])
    assert (at.epoch, at.step, at.own) == (4, place + 1, own)
    assert at.training == float(curves.smooth_loss.at([place])[0])
    value = float(curves.epochs.metric("val_loss")[3])
    assert (at.validation, at.remeasured, at.penalty, at.mean) == (value, 0.25, 0.125, 0.3)
    assert at.above_best == value - curves.best.value
    assert (at.metric_validation, at.metric_remeasured) == (1 - value / 4, 0.91)
    assert at.metric == float(curves.smooth_accuracy.at([place])[0])
    assert (at.rate, at.norm) == (np.float32(1e-3), own)
    assert at.speed == pytest.approx(100 / 1.0)
    assert at.gap == value - 0.25
    assert at.accuracy_gap == 1 - value / 4 - 0.91
    assert at.penalty_share == pytest.approx(0.125 / (0.125 + own))
    card = {name: text for name, text, _ in readout._Card(view.stack.shown, at)._rows}
    assert card == {
        "Training": words.loss(at.training), "This step": words.loss(own), "Validation": words.loss(value),
        "Re-measured": words.loss(0.25), "Epoch mean": words.loss(0.3), "Penalty": words.loss(0.125),
        "Above best": words.signed(at.above_best),
    }  # fmt: skip
    for part in (words.loss(at.training), words.loss(value), words.loss(0.25)):
        assert part in spoken(view.stack.shown)
    for lane in view.stack.lanes[1:]:
        assert lane.told(at), lane.objectName()


def test_a_step_within_an_epoch_has_its_own_numbers_and_those_of_the_epoch_before(view, teller, run) -> None:
    teller.epochs(3)
    view.show_run(run(), teller.curves)
    view.stack.set_cursor(Cursor(2 * SPE + 9, None))
    at = values_at(view.stack.shown)
    assert (at.epoch, at.step) == (3, 2 * SPE + 10)
    assert at.own == teller.curves.loss.values[2 * SPE + 9]
    assert at.validation == teller.curves.epochs.metric("val_loss")[1]
    view.stack.set_cursor(Cursor(5, None))
    assert math.isnan(values_at(view.stack.shown).validation)


@pytest.mark.parametrize(("width", "height"), [(792, 360), (560, 420), (560, 360), (792, 540), (900, 820)])
def test_the_card_is_whole_in_a_low_lane_too(view, teller, run, qapp, width, height) -> None:  # noqa: PLR0917 - fixtures
    teller.more, teller.penalty = REMEASURED, 0.125
    teller.epochs(20)
    view.resize(width, height)
    view.show_run(run(), teller.curves)
    qapp.processEvents()  # the lanes get their places
    lane = view.stack.loss
    for epoch in (2, 8, 19):
        view.stack.go_to(epoch)
        (_, card) = lane.cursor_area()
        assert QRectF(0, 0, lane.frame().width, lane.frame().height).contains(card), (epoch, card)
    rows = readout._Card(view.stack.shown, values_at(view.stack.shown), lane.frame().height)
    assert rows._row >= view.stack.shown.inks.metrics.height() - 2, "its words are not squeezed into each other"


# --- strips ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("axis", list(Axis))
def test_every_strip_draws_its_line_on_every_axis(view, teller, run, theme, axis) -> None:
    teller.penalty = 0.2
    teller.epochs(6)
    view._choose(Choices(axis, strips=tuple(Strip)))
    view.show_run(run(), teller.curves)
    for strip in (Strip.NORM, Strip.SPEED, Strip.PENALTY):  # the rate is tested beside loss and metric
        lane = view.stack.strips[strip]
        shot = pixels(lane.viewport()) == (theme.colour("text2").rgb() & 0xFFFFFF)
        right = lane.axis_width() + lane.frame().px1(teller.curves.axes.now(axis))
        shot[:30, :300] = False  # its name
        columns = np.flatnonzero(shot.any(axis=0))
        assert len(columns) > 20, strip
        assert columns.max() > right - 6, strip
        assert columns.max() < right + 3, strip
    assert count(view.stack.strips[Strip.GAP], theme.series("validation")) > 20


def test_a_norm_that_spans_decades_is_on_a_logarithmic_scale_and_all_in_view(view, teller, run) -> None:
    for loss in (0.01, 1.0, 30.0):
        teller.steps(SPE, loss)
    view._choose(Choices(strips=(Strip.NORM,)))
    view.show_run(run(), teller.curves)
    lane = view.stack.strips[Strip.NORM]
    low, high = lane.y_range
    assert low < math.log10(0.01)
    assert math.log10(30.0) < high < 3
    assert {tick.text for tick in lane.ticks()} <= {"0.01", "0.1", "1", "10"}
    other = Teller()
    other.steps(SPE, 1.0)
    view.show_run(run(id="r18"), other.curves)
    assert lane.y_range == (0.0, 1.6)


def test_a_norm_that_is_no_number_is_marked(view, teller, run, theme) -> None:
    view._choose(Choices(strips=(Strip.NORM,)))
    teller.epochs(2)
    view.show_run(run(), teller.curves)
    lane = view.stack.strips[Strip.NORM]
    assert count(lane, theme.colour("err")) == 0
    teller.steps(1, math.nan)
    view.refresh()
    assert count(lane, theme.colour("err")) > 5


def test_the_strip_of_penalties_says_when_a_run_has_none(view, teller, run) -> None:
    view._choose(Choices(strips=(Strip.PENALTY,)))
    teller.epochs(2)
    view.show_run(run(), teller.curves)
    lane = view.stack.strips[Strip.PENALTY]
    assert lane.title() == "Penalty share: this run has no penalties"
    teller.penalty = 0.2
    teller.epochs(1)
    view.refresh()
    assert lane.title() == "Penalty share"


# --- spikes ---------------------------------------------------------------------------------------------


STEPS = 100_000


@pytest.fixture
def spiky(view, run):
    """A long run with spikes of one step, on the axis of steps."""
    spikes = Spikes(STEPS, 60, seed=3)
    tale = spikes.tale(1_000)
    tale.grow(STEPS, 20_000)
    view._choose(Choices(Axis.STEP, clip=Clip.OFF, strips=(Strip.NORM,)))
    view.show_run(run(State.ENDED, Ending.COMPLETED, epochs_planned=100), tale.curves)
    return spikes


@pytest.mark.parametrize("zoom", [1, 7, 100])
def test_spikes_of_single_steps_are_seen_at_any_zoom(view, spiky, zoom) -> None:
    span = 1.02 * STEPS / zoom
    begin = max(0.0, float(spiky.places[30]) - span / 3) if zoom > 1 else 0.0
    zoom_to(view, begin, begin + span)
    inside = (spiky.places + 1 >= begin) & (spiky.places + 1 < begin + span)
    assert inside.any()
    assert spiky.hidden(view) == []


def test_a_spike_that_was_dropped_is_found_out(view, spiky) -> None:
    place = int(spiky.places[30])
    curves = view.stack.shown.curves
    curves.loss._values.view[place] = 0.5
    curves.loss._rebuild(0)
    view.stack.rerange()
    assert spiky.hidden(view) == [place + 1]


def test_a_spike_of_one_step_in_the_gradients_norm_is_seen_in_the_whole_run(view, run, theme) -> None:
    norms = Spikes(STEPS, 12, seed=5)

    def change(first: int, numbers: np.ndarray) -> None:
        numbers[:, 2] = 0.2
        low, high = np.searchsorted(norms.places, [first - 1, first - 1 + len(numbers)])
        numbers[norms.places[low:high] - first + 1, 2] = norms.heights[low:high]

    tale = Tale(1_000, change=change)
    tale.grow(STEPS, 20_000)
    view._choose(Choices(Axis.STEP, strips=(Strip.NORM,)))
    view.show_run(run(State.ENDED, Ending.COMPLETED, epochs_planned=100), tale.curves)
    lane = view.stack.strips[Strip.NORM]
    frame = lane.frame()
    shot = pixels(lane.viewport()) == (theme.colour("text2").rgb() & 0xFFFFFF)
    corner = lane.mapFromScene(lane.box.mapToScene(0, 0))
    for place, height in zip(norms.places.tolist(), norms.heights.tolist(), strict=True):
        column = corner.x() + int(frame.px1(place + 1.0))
        row = corner.y() + round(frame.py1(math.log10(height) if lane._log else height))
        assert shot[max(0, row - 1) : row + 3, max(0, column - 1) : column + 2].any(), place


# --- clipping -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [300, 5_000])
@pytest.mark.parametrize(("clip", "share"), [(Clip.P99, 0.99), (Clip.P95, 0.95), (Clip.P90, 0.9)])
def test_the_range_reaches_up_to_the_chosen_percentile_and_what_lies_above_is_marked(  # noqa: PLR0917 - fixtures
    view, teller, run, clip, share, steps
) -> None:
    losses = np.random.default_rng(2).exponential(1.0, steps)
    teller.steps(1, 0.5)
    for loss in losses.tolist() if steps == 300 else ():
        teller.steps(1, loss)
    if steps != 300:
        for first in range(0, steps, 10):
            teller.steps(10, float(losses[first]))
    view._choose(Choices(clip=clip))
    view.show_run(run(), teller.curves)
    wanted = float(np.quantile(teller.curves.loss.values, share))
    low, high = view.stack.loss.y_range
    assert high == pytest.approx(wanted, rel=0.12)
    assert low == 0.0
    assert view.stack.loss.clipped == pytest.approx(float(teller.curves.loss.values.max()))


def test_with_clipping_off_every_loss_is_in_view_and_nothing_is_marked(view, teller, run) -> None:
    teller.steps(5, 1000.0)
    teller.steps(45)
    teller.epochs(20)
    view.show_run(run(), teller.curves)
    assert view.stack.loss.clipped == 1000.0
    view._choose(Choices(clip=Clip.OFF))
    assert view.stack.loss.clipped is None
    assert view.stack.loss.y_range[1] > 1000
    view._choose(Choices(clip=Clip.P90))
    assert view.stack.loss.clipped == 1000.0
    assert view.stack.loss.y_range[1] < 3


# --- the gap ----------------------------------------------------------------------------------------------


def overfitting(teller: Teller) -> None:
    for epoch in range(1, 21):
        turned = max(0, epoch - 8)
        teller.more = {
            "loss": 1.0 / epoch, "val_loss": 1.2 / min(epoch, 8) + 0.05 * turned, "accuracy": 0.95, "val_accuracy": 0.9 - 0.005 * turned,
        }  # fmt: skip
        teller.epochs(1)


def test_the_gap_has_a_line_for_the_loss_and_one_for_accuracy_which_says_its_last_value(
    view, teller, run, theme
) -> None:
    overfitting(teller)
    view._choose(Choices(strips=(Strip.GAP,)))
    view.show_run(run(), teller.curves)
    lane = view.stack.strips[Strip.GAP]
    frame, left = lane.frame(), lane.axis_width()
    stretch = slice(left + round(frame.px1(1.0)), left + round(frame.px1(7.5)))  # clear of best and ends
    loss = pixels(lane.viewport())[:, stretch] == (theme.series("validation").rgb() & 0xFFFFFF)
    assert loss.any(axis=0).sum() > 20
    level = round(frame.py1(-0.05 * lane._factor()))  # accuracy begins five points below training's
    dashes = pixels(lane.viewport())[level - 1 : level + 2, stretch] != (theme.colour("plot").rgb() & 0xFFFFFF)
    assert 0.4 < dashes.any(axis=0).mean() < 0.95
    said = []
    lane._paint_end = lambda _painter, _frame, x, y, text: said.append((x, y, text))
    view.grab()
    (x, y, text) = said[0]
    assert text == f"{words.signed(-11.0, 1)} points"
    assert x == pytest.approx(frame.px1(20.0))
    assert frame.py1(0.0) < y < frame.height
    view.stack.go_to(20)
    told = [text for text, _ in lane.told(values_at(view.stack.shown))]
    assert told == [words.signed(1.2 / 8 + 0.6 - 0.05), f"{words.signed(-11.0, 1)} points"]


def test_the_gap_says_when_training_was_not_re_measured(view, teller, run) -> None:
    view._choose(Choices(strips=(Strip.GAP,)))
    teller.epochs(3)
    view.show_run(run(), teller.curves)
    lane = view.stack.strips[Strip.GAP]
    assert lane.title() == "Generalisation gap (training not re-measured)"
    other = Teller()
    other.more = REMEASURED
    other.epochs(3)
    view.show_run(run(id="r18"), other.curves)
    assert lane.title() == "Generalisation gap"


def test_overfitting_has_its_flag_at_the_epoch_where_it_began(view, teller, run) -> None:
    overfitting(teller)
    view.show_run(run(), teller.curves)
    (flag,) = (flag for flag in view.stack.shown.flags() if flag.kind == "overfits")
    assert (flag.epoch, flag.step) == (8, 8 * SPE)
    assert "Overfits since epoch 8" in flag.sentence
    button = next(button for button in view.stack.events.buttons if flag in button.flags)
    frame = view.stack.loss.frame()
    assert abs(button.x() - (view.stack.loss.axis_width() + frame.px1(8.0))) < 4


# --- runs that end, ranges that are left ---------------------------------------------------------------------


def test_a_run_that_ended_before_ones_eyes_looks_as_it_does_in_a_view_that_opens_later(
    view, teller, run, qtbot, theme
) -> None:
    choices = Choices(strips=tuple(Strip))
    view._choose(choices)
    teller.steps(3, 40.0)
    teller.steps(SPE - 3)
    view.show_run(run(), teller.curves)
    for _ in range(14):
        teller.epochs(1, best_at=6)
        view.refresh()
    teller.stop_early()
    over = run(State.ENDED, Ending.EARLY_STOPPED)
    view.show_run(over, teller.curves)
    view.refresh()
    fresh = CurvesView(theme)
    qtbot.addWidget(fresh)
    fresh.resize(view.size())
    with qtbot.waitExposed(fresh):
        fresh.show()
    fresh.set_choices(choices)
    fresh.show_run(over, teller.curves)
    for lane, other in zip(view.stack.lanes, fresh.stack.lanes, strict=True):
        assert lane.y_range == other.y_range, lane.objectName()
        assert (pixels(lane.viewport()) == pixels(other.viewport())).all(), lane.objectName()


def test_a_run_looked_at_again_is_found_where_it_was_left_and_a_double_click_fits(view, teller, run, qtbot) -> None:
    teller.epochs(20)
    view.show_run(run(), teller.curves)
    whole = view.stack.shown.x
    zoom_to(view, 3.0, 7.0)
    other = Teller()
    other.epochs(5)
    view.show_run(run(id="r18"), other.curves)
    assert view.stack.following
    assert view.stack.shown.x == (0.0, 10.0)
    view.show_run(run(), teller.curves)
    assert view.stack.shown.x == (3.0, 7.0)
    assert not view.stack.following
    qtbot.mouseDClick(view.stack.loss.viewport(), Qt.MouseButton.LeftButton)
    assert view.stack.shown.x == whole
    view.show_run(run(id="r18"), other.curves)
    view.show_run(run(), teller.curves)
    assert view.stack.shown.x == whole
    assert view.stack.following


def test_a_range_that_was_left_on_another_axis_is_not_taken_for_this_one(view, teller, run) -> None:
    teller.epochs(20)
    view.show_run(run(), teller.curves)
    zoom_to(view, 3.0, 7.0)
    other = Teller()
    other.epochs(5)
    view.show_run(run(id="r18"), other.curves)
    view.legend.axis.button("step").click()
    view.show_run(run(), teller.curves)
    assert view.stack.shown.x[1] >= 20 * SPE


def test_a_fork_has_its_lines_where_it_grew_and_nothing_before(view, run, theme) -> None:
    fork = Teller()
    fork.curves.feed([Said(900, 2, 0.0, AttemptStarted(4, 4 * SPE, 2))], [])
    numbers = np.full((SPE, 5), 0.5, np.float32)
    fork.curves.feed([], [Steps(901, 2, StepBlock(4 * SPE + 1, numbers, 0.0, 1.0))])
    view.show_run(run(), fork.curves)
    lane = view.stack.loss
    shot = pixels(lane.viewport()) == (theme.series("training").rgb() & 0xFFFFFF)
    columns = np.flatnonzero(shot.any(axis=0))
    assert columns.min() >= lane.axis_width() + lane.frame().px1(4.0) - 3
    fork.say(CheckpointSaved(4, 4 * SPE, "last", 1))
    assert count(lane, theme.colour("err")) == 0
