import math
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication

from workbench.curves.axes import Axis
from workbench.curves.run_curves import RunCurves
from workbench.events import COLUMNS, AttemptStarted, Ending, State, StepBlock
from workbench.gui import tokens
from workbench.gui.compared import Compared
from workbench.gui.curves.compare_plot import ComparePlot
from workbench.gui.curves.dashes import strokes
from workbench.gui.curves.ends import Points, place_labels
from workbench.gui.curves.envelopes import envelopes
from workbench.gui.curves.overlaid import TRAINING, Band
from workbench.gui.curves.overlay import View
from workbench.gui.curves.sheets import Sheet, Sheets
from workbench.gui.curves.shown import heights
from workbench.journal import Steps

from .conftest import SPE, Teller, a_run

pytestmark = pytest.mark.window


def compared(number: int, epochs: int, *, slot: int | None = None, live: bool = False, **changes: object) -> Compared:
    teller = Teller()
    teller._noise = np.random.default_rng(number)
    teller.epochs(epochs, best_at=max(1, epochs - 3))
    state, ending = (State.RUNNING, None) if live else (State.ENDED, Ending.COMPLETED)
    run = a_run(state, ending, **({"id": f"r{number}", "number": number, "name": f"Run {number}"} | changes))
    return Compared(run, number - 1 if slot is None else slot, f"lr {number}", curves=teller.curves)


@pytest.fixture
def plot(qtbot, theme) -> ComparePlot:
    made = ComparePlot(theme)
    qtbot.addWidget(made)
    made.resize(760, 420)
    with qtbot.waitExposed(made):
        made.show()
    return made


def settle(plot: ComparePlot) -> None:
    """Paint, until the picture is complete."""
    plot.lane.grab()
    plot.lane.sheets.finish()


def picture(plot: ComparePlot) -> np.ndarray:
    settle(plot)
    shot = plot.lane.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(shot.constBits(), np.uint32).reshape(shot.height(), shot.width()).copy() & 0xFFFFFF


#: Half-covered pixels on several sheets are rounded once for each sheet; how the runs are spread over them may differ.
ROUNDING = 8


def apart(one: np.ndarray, other: np.ndarray) -> int:
    """The greatest difference of any colour's part, of 255."""
    parts = [np.stack([(each >> shift & 0xFF).astype(int) for shift in (0, 8, 16)]) for each in (one, other)]
    return int(np.abs(parts[0] - parts[1]).max())


def count(pixels: np.ndarray, colour: QColor) -> int:
    return int(np.count_nonzero(pixels == (colour.rgb() & 0xFFFFFF)))


@pytest.mark.parametrize("series", ["val_loss", "val_accuracy", TRAINING])
@pytest.mark.parametrize("axis", list(Axis))
def test_each_run_is_drawn_in_its_colour(plot, theme, series, axis) -> None:
    plot.set_series(series)
    plot.set_axis(axis)
    plot.show_runs(tuple(compared(number, 20 + number) for number in range(1, 7)))
    pixels = picture(plot)
    for slot in range(6):
        assert count(pixels, theme.series(f"run{slot + 1}")) > 10, slot
    plot.show_runs(plot.shown.runs[:2])
    pixels = picture(plot)
    assert count(pixels, theme.series("run2")) > 10
    assert count(pixels, theme.series("run3")) == 0


def test_the_envelope_of_steps_is_a_pale_shade_of_the_runs_colour_below_all_lines(plot) -> None:
    plot.set_series(TRAINING)
    plot.show_runs((compared(1, 12), compared(2, 12)))
    pixels = picture(plot)
    for slot in (1, 2):
        pale = QColor.fromRgba(plot.lane.view().inks.palette[slot])
        assert count(pixels, pale) > 100


def test_a_spike_of_one_step_among_a_hundred_thousand_is_drawn(plot) -> None:
    teller = Teller()
    teller.steps(60_000, 0.5)
    teller.steps(1, 0.9)
    teller.steps(40_000, 0.5)
    one = Compared(a_run(State.ENDED, Ending.COMPLETED, id="r1"), 0, "", curves=teller.curves)
    plot.set_series(TRAINING)
    plot.show_runs((one,))
    plot.lane.set_y((0.0, 1.0))
    settle(plot)
    frame = plot.lane.frame()
    x = int(frame.px1(60_001 / SPE))
    envelopes = plot.lane.sheets.envelopes
    column = [
        envelopes.pixel(near, y) for near in (x - 1, x, x + 1) for y in range(int(frame.py1(0.88)), int(frame.py1(0.6)))
    ]
    assert sum(pixel != 0 for pixel in column) >= len(column) // 3
    assert all(envelopes.pixel(x + 5, y) == 0 for y in range(int(frame.py1(0.88)), int(frame.py1(0.6))))


def test_a_spike_of_one_epoch_among_more_epochs_than_pixels_is_drawn(plot) -> None:
    run = compared(1, 1)
    teller = Teller()
    for _ in range(3000):
        teller.curves.epochs.add(replace(_epoch(len(teller.curves.epochs) + 1), metrics={"val_loss": 0.5}))
    teller.curves.epochs.metric("val_loss")[1234] = 0.9
    plot.show_runs((replace(run, curves=teller.curves),))
    plot.lane.set_y((0.0, 1.0))
    settle(plot)
    frame = plot.lane.frame()
    x, y = int(frame.px1(1235)), int(frame.py1(0.88))
    assert any(plot.lane.sheets.lines.pixel(near, y + 2) for near in range(x - 3, x + 4))


def _epoch(number: int):
    from workbench.events import EpochEnded

    return EpochEnded(number, number * SPE, float(number), {}, 100.0, None, None)


@pytest.mark.parametrize("series", ["val_loss", TRAINING])
def test_runs_shown_and_hidden_one_by_one_give_the_picture_painted_whole(plot, qtbot, theme, series) -> None:
    runs = tuple(compared(number, 14 + number % 5) for number in range(1, 30))
    plot.set_series(series)
    plot.show_runs(runs[:20])
    settle(plot)
    for change in (runs[:21], runs[:5] + runs[6:21], runs[:21], runs[3:], runs):
        plot.show_runs(change)
        settle(plot)
    other = ComparePlot(theme)
    qtbot.addWidget(other)
    other.resize(plot.size())
    other.set_series(series)
    other.show()
    other.show_runs(runs)
    plot.fit()  # a range that still fits is kept, so both start anew
    assert apart(picture(plot), picture(other)) <= ROUNDING


def test_a_run_hidden_has_only_its_own_sheet_painted_anew(plot, monkeypatch) -> None:
    runs = tuple(compared(number, 8) for number in range(1, 61))
    plot.show_runs(runs)
    settle(plot)
    painted = []
    from workbench.gui.curves import sheets

    paint, prepare = sheets.paint_line, sheets.outlines
    monkeypatch.setattr(
        sheets,
        "paint_line",
        lambda painter, outline, view: (painted.append(outline.run), paint(painter, outline, view))[1],
    )
    worked = []
    monkeypatch.setattr(sheets, "outlines", lambda runs, *rest: (worked.extend(runs), prepare(runs, *rest))[1])
    plot.show_runs(runs[:30] + runs[31:])
    settle(plot)
    assert 0 < len(painted) <= 6
    assert painted == worked
    painted.clear()
    plot.lane.viewport().repaint()
    assert not painted


def test_a_zoom_is_answered_with_the_old_picture_and_then_with_the_true_one(plot, qtbot, theme, monkeypatch) -> None:
    from workbench.gui.curves import sheets

    runs = tuple(compared(number, 30) for number in range(1, 9))
    plot.set_series(TRAINING)
    plot.show_runs(runs)
    settle(plot)
    monkeypatch.setattr(sheets, "FIRST", 0.0)  # so that one run only is painted before the first answer
    before = plot.lane.sheets.view
    point = QPointF(400, 200)
    wheel = QWheelEvent(
        point, plot.lane.viewport().mapToGlobal(point), QPoint(), QPoint(0, 360), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(plot.lane.viewport(), wheel)
    plot.lane.viewport().repaint()
    sheet = plot.lane.sheets
    assert not plot.following
    assert sheet.busy
    assert sheet.view == before
    shot = plot.lane.viewport().grab().toImage()
    shown = {shot.pixel(x, y) for x in range(60, shot.width(), 2) for y in range(0, shot.height(), 2)}
    assert any(QColor.fromRgb(pixel).name().upper() == "#2BE3A0" for pixel in shown)
    with qtbot.waitSignal(sheet.completed):
        pass
    assert sheet.view == plot.lane.view()
    other = ComparePlot(theme)
    qtbot.addWidget(other)
    other.resize(plot.size())
    other.set_series(TRAINING)
    other.show()
    other.show_runs(runs)
    other._set_x(*plot.shown.x)
    other.lane.set_y(plot.lane.y_range)
    assert (picture(plot) == picture(other)).all()


def test_a_living_run_is_drawn_over_the_picture_of_the_others(plot, theme) -> None:
    teller = Teller()
    teller.epochs(5)
    live = Compared(a_run(State.RUNNING, id="r9", number=9, name="Run 9"), 3, "", curves=teller.curves)
    plot.show_runs((compared(1, 30), live))
    settle(plot)
    kept = plot.lane.sheets.lines.copy()
    assert count(picture(plot), theme.series("run4")) > 10
    before = picture(plot)
    teller.epochs(4)
    plot.refresh()
    plot.lane.viewport().repaint()
    assert not plot.lane.sheets.busy
    assert plot.lane.sheets.lines == kept
    assert (picture(plot) != before).any()


def test_the_envelope_of_a_living_run_grows_with_it(plot, qtbot, theme) -> None:
    tellers = [Teller(), Teller()]
    for teller in tellers:
        teller.epochs(5)
    live = [
        Compared(a_run(State.RUNNING, id=f"r{9 + place}", number=9 + place), 3 + place, "", curves=teller.curves)
        for place, teller in enumerate(tellers)
    ]
    other = ComparePlot(theme)
    qtbot.addWidget(other)
    other.resize(plot.size())
    other.show()

    def same_as_painted_whole() -> bool:
        """Whether a plot that sees it for the first time shows the same."""
        other.show_runs(())
        other.set_series(plot.shown.series)
        other.show_runs(plot.shown.runs)
        other._set_x(*plot.shown.x)
        other.lane.set_y(plot.lane.y_range)
        other.lane.live = Sheet()
        return bool((picture(plot) == picture(other)).all())

    plot.set_series(TRAINING)
    plot.show_runs((compared(1, 30), live[0]))
    before = picture(plot)
    tellers[0].epochs(4)
    plot.refresh()
    assert same_as_painted_whole()
    assert (picture(plot) != before).any()
    # A second one beside it, whose picture is added to the first one's.
    plot.show_runs((compared(1, 30), *live))
    assert same_as_painted_whole()
    plot.set_series("val_loss")
    assert same_as_painted_whole()


def test_a_run_taken_back_to_a_checkpoint_is_drawn_anew(plot, theme) -> None:
    from workbench.journal import Said

    run = compared(1, 20)
    plot.show_runs((run,))
    full = count(picture(plot), theme.series("run1"))
    run.curves.feed([Said(9_999, 2, 0.0, AttemptStarted(8, 400, 7))], [])
    plot.refresh()
    assert 0 < count(picture(plot), theme.series("run1")) < full


def test_another_theme_gives_every_line_its_new_colour(plot, theme) -> None:
    plot.show_runs((compared(1, 9), compared(2, 9)))
    picture(plot)
    dark = [theme.series(name) for name in ("run1", "run2")]
    theme.set_mode("light")
    pixels = picture(plot)
    for old, name in zip(dark, ("run1", "run2"), strict=True):
        assert count(pixels, old) == 0
        assert count(pixels, theme.series(name)) > 10


def test_on_a_sharp_screen_pictures_have_its_pixels(plot, monkeypatch) -> None:
    monkeypatch.setattr(plot.lane, "devicePixelRatioF", lambda: 2.0)
    teller = Teller()
    teller.steps(9 * SPE, 0.5)
    plot.set_series(TRAINING)
    plot.show_runs((Compared(a_run(State.ENDED, Ending.STOPPED, id="r1"), 0, "", curves=teller.curves),))
    settle(plot)
    frame, sheets = plot.lane.frame(), plot.lane.sheets
    for image in (sheets.lines, sheets.envelopes, sheets.tops):
        assert image.width() == round(2 * frame.width)
        assert image.devicePixelRatio() == 2
    # The line is as thick, and stands where it does on any screen.
    point = QPoint(round(2 * frame.px1(4.5)), round(2 * frame.py1(0.5)))
    near = [sheets.lines.pixelColor(point + QPoint(0, dy)).alpha() / 255 for dy in range(-8, 9)]
    assert sum(near) == pytest.approx(4, abs=0.2)
    assert near[8] > 0.9


def test_the_readout_tells_each_runs_value_or_where_it_ended(plot) -> None:
    one, other = compared(1, 30), compared(2, 12)
    unread = replace(compared(3, 1), curves=None)
    plot.show_runs((one, other, unread))
    plot.set_cursor(20.0)
    values = [(each.run.run.number, each.value, each.words) for each in plot.shown.readings()]
    exact = float(one.curves.epochs.metric("val_loss")[19])
    assert values == [(1, exact, f"{exact:.4f}"), (2, None, "ended at 12"), (3, None, "is being read")]
    assert "Epoch 20. Run 1 " in plot.accessibleDescription()
    plot.set_series(TRAINING)
    assert plot.shown.readings()[0].value == float(one.curves.smooth_loss.at([20 * SPE - 1])[0])
    plot.set_series("val_accuracy")
    assert plot.shown.readings()[0].words.endswith("%")
    plot.set_axis(Axis.STEP)
    assert plot.shown.readings() == []
    plot.set_cursor(15.0 * SPE)
    assert plot.shown.readings()[1].words == f"ended at {12 * SPE}"
    assert plot.shown.heading() == "Step 750"


def test_the_card_leaves_the_line_free_and_lists_what_fits(plot) -> None:
    plot.show_runs(tuple(compared(number, 20) for number in range(1, 40)))
    settle(plot)
    for at in (1.0, 10.0, 19.0):
        plot.set_cursor(at)
        line, card = plot.lane.cursor_area()
        assert not card.contains(line.center().x(), card.center().y())
        assert card.left() >= 0
        assert card.right() <= plot.lane.frame().width
        assert card.height() < plot.lane.frame().height
        plot.grab()


def test_keys_move_the_crosshair_choose_a_run_and_zoom(plot, qtbot) -> None:
    plot.show_runs((compared(1, 25), compared(2, 18)))

    def press(key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> float | None:
        qtbot.keyClick(plot, key, modifier)
        return plot.shown.at

    assert press(Qt.Key.Key_Home) == 1
    assert press(Qt.Key.Key_Right) == 2
    assert press(Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier) == 12
    assert press(Qt.Key.Key_Left) == 11
    assert press(Qt.Key.Key_End) == 25
    assert press(Qt.Key.Key_Right) == 25
    assert plot.shown.chosen == "r1"
    press(Qt.Key.Key_Down)
    assert plot.shown.chosen == "r2"
    assert press(Qt.Key.Key_B) == 15
    whole = plot.shown.x
    press(Qt.Key.Key_Plus)
    assert plot.shown.x[1] - plot.shown.x[0] < whole[1] - whole[0]
    assert not plot.following
    press(Qt.Key.Key_0)
    assert plot.shown.x == whole
    assert plot.following
    with qtbot.waitSignal(plot.scale_turned):
        press(Qt.Key.Key_G)


def test_the_mouse_chooses_the_nearest_run_and_the_menu_is_about_it(plot, qtbot) -> None:
    one, other = compared(1, 25), compared(2, 25, name="A & <b>B</b>")
    other.curves.epochs.metric("val_loss")[:] += 0.4
    plot.show_runs((one, other))
    frame = plot.lane.frame()
    place = QPoint(
        round(plot.lane.axis_width() + frame.px1(15)),
        round(frame.py1(float(other.curves.epochs.metric("val_loss")[14]))),
    )
    qtbot.mouseMove(plot.lane.viewport(), place)
    assert plot.shown.at == 15
    assert plot.shown.chosen == "r2"
    menu = plot.menu()
    actions = {action.text(): action for action in menu.actions()}
    assert "A && <b>B</b> · epoch 15" in actions
    with qtbot.waitSignal(plot.fork_asked) as fork:
        actions["Fork here with…"].trigger()
    assert fork.args == ["r2", 15]
    with qtbot.waitSignal(plot.baseline_asked) as baseline:
        actions["Use as baseline"].trigger()
    with qtbot.waitSignal(plot.hide_asked) as hidden:
        actions["Hide"].trigger()
    assert baseline.args == hidden.args == ["r2"]
    menu.deleteLater()


def test_a_fork_grows_from_its_parents_curve_at_the_forked_epoch(plot, theme) -> None:
    parent = compared(1, 20)
    child = RunCurves()
    for epoch in range(9, 15):
        child.epochs.add(replace(_epoch(epoch), metrics={"val_loss": 0.5}))
    run = a_run(State.ENDED, Ending.COMPLETED, id="r2", number=2, name="Run 2", parent="r1", parent_epoch=8)
    fork = Compared(run, 1, "", curves=child)
    from workbench.gui.curves.overlay import line_of

    plot.show_runs((parent, fork))
    x, values = line_of(fork, parent, plot.lane.view())
    assert x[0] == 8
    assert values[0] == parent.curves.epochs.metric("val_loss")[7]
    assert list(x[1:]) == list(range(9, 15))
    assert count(picture(plot), theme.colour("violet")) > 5
    plot.set_cursor(5.0)
    assert plot.shown.readings()[1].words == "forked at 8"
    plot.show_runs((fork,))
    assert count(picture(plot), theme.colour("violet")) == 0


def test_numbers_at_the_ends_of_lines_stay_apart_and_inside(plot) -> None:
    plot.show_runs(tuple(compared(number, 20) for number in range(1, 12)))
    settle(plot)
    labels = [label.rect for label in plot.lane.sheets.labels]
    assert len(labels) >= 4
    assert not any(one.intersects(other) for place, one in enumerate(labels) for other in labels[place + 1 :])
    frame = plot.lane.frame()
    assert all(rect.top() >= 0 and rect.bottom() <= frame.height and rect.right() <= frame.width for rect in labels)


def test_the_baselines_number_comes_first_and_a_living_run_makes_way(plot) -> None:
    runs = [compared(number, 9) for number in (1, 2, 3)]
    runs[2] = replace(runs[2], baseline=True)
    plot.show_runs(tuple(runs))
    settle(plot)
    view, end = plot.lane.view(), QPointF(300, 150)
    found = place_labels([(run, Points(None, end)) for run in runs], view)
    assert found[0].run is runs[2]
    assert abs(found[0].rect.center().y() - 150) < 2
    (late,) = place_labels([(runs[0], Points(None, end))], view, found)
    assert not any(late.rect.intersects(each.rect) for each in found)


def test_the_band_of_seeds_is_drawn_for_its_own_series_only(plot) -> None:
    run = compared(1, 20)
    values = run.curves.epochs.metric("val_loss")
    band = Band("val_loss", "r1", run.curves.epochs.number.view.astype(float), values, values - 0.1, values + 0.1)
    plot.show_runs((run,))
    without = picture(plot)
    plot.show_runs((run,), band)
    assert np.count_nonzero(picture(plot) != without) > 1000
    plot.set_series("val_accuracy")
    with_band = picture(plot)
    plot.show_runs((run,))
    assert (picture(plot) == with_band).all()


def test_an_empty_plot_names_the_next_step_and_one_being_read_says_so(plot) -> None:
    assert plot.shown.nothing() == "Open the eyes of two runs in the table, or select runs and press C."
    plot.grab()
    plot.show_runs((replace(compared(1, 3), curves=None),))
    assert plot.shown.nothing() == "The curves are being read."
    plot.grab()


@pytest.mark.parametrize("series", ["val_loss", TRAINING])
@pytest.mark.parametrize("axis", list(Axis))
@pytest.mark.parametrize("log", [False, True])
def test_losses_that_are_no_numbers_leave_gaps_and_break_nothing(plot, series, axis, log) -> None:
    teller = Teller()
    teller.epochs(3)
    for loss in (math.nan, math.inf, -math.inf, 1e30, 0.0, -1.0):
        teller.steps(SPE, loss)
    teller.epochs(2)
    teller.curves.epochs.metric("val_loss")[1] = math.nan
    plot.set_series(series)
    plot.set_axis(axis)
    plot.set_log(log)
    plot.show_runs((Compared(a_run(State.ENDED, Ending.FAILED, id="r1"), 0, "", curves=teller.curves), compared(2, 5)))
    picture(plot)
    low, high = plot.lane.y_range
    assert math.isfinite(low)
    assert low < high < math.inf


def test_the_clock_of_slices_has_a_name_and_goes_with_its_lane(plot) -> None:
    (clock,) = plot.lane.sheets.children()
    assert clock.objectName() == "overlayClock"
    assert isinstance(plot.lane.sheets, Sheets)
    assert plot.lane.sheets.parent() is plot.lane


def _bent() -> tuple[np.ndarray, np.ndarray]:
    return np.array([0.0, 30.0, 30.0, 100.0]), np.array([0.0, 0.0, 40.0, 40.0])


def _alone(line: tuple[np.ndarray, np.ndarray], dash: tuple[float, ...]) -> np.ndarray:
    return strokes([line], [dash], (0.0, 100.0), (0.0, 100.0))[0]


def _lengths(pieces: np.ndarray) -> np.ndarray:
    return np.hypot(pieces[:, 2] - pieces[:, 0], pieces[:, 3] - pieces[:, 1])


def test_dashes_are_as_long_as_they_should_be_along_a_bent_line() -> None:
    found = _alone(_bent(), (7.0, 3.0))
    lengths = _lengths(found)
    assert lengths.sum() == pytest.approx(140 * 0.7)
    assert (lengths <= 7 + 1e-9).all()
    # Along the line from its begin: 0 to 7, 10 to 17, 20 to 27; the fourth turns the corner at 30.
    np.testing.assert_allclose(found[:3], [[0, 0, 7, 0], [10, 0, 17, 0], [20, 0, 27, 0]])
    np.testing.assert_allclose(found[3], [30, 0, 30, 7])


def test_a_dash_of_three_strokes_has_all_of_them() -> None:
    found = _alone((np.array([0.0, 36.0]), np.zeros(2)), (5, 2, 1.5, 2, 1.5, 2, 1, 3))
    np.testing.assert_allclose(found[:5, 0], [0, 7, 10.5, 14, 18], atol=2e-3)
    np.testing.assert_allclose(found[:5, 2], [5, 8.5, 12, 15, 23], atol=2e-3)


def test_no_stroke_crosses_a_gap_in_a_line() -> None:
    x, y = np.arange(0.0, 60.0, 10.0), np.array([0.0, 0.0, math.nan, 90.0, 90.0, 90.0])
    for dash in ((), (7.0, 3.0), (50.0, 1.0)):
        found = _alone((x, y), dash)
        assert (found[:, 1] == found[:, 3]).all()
        assert not ((found[:, 0] < 30) & (found[:, 2] > 10)).any()
        assert _lengths(found).sum() == pytest.approx({(): 30, (7.0, 3.0): 21, (50.0, 1.0): 30}[dash], abs=0.01)


@pytest.mark.parametrize("seed", range(5))
def test_a_line_is_cut_the_same_alone_and_among_others(seed) -> None:
    rng = np.random.default_rng(seed)
    lines = []
    for number in range(9):
        x, y = np.sort(rng.uniform(-20, 120, 40 * (number % 3))), rng.uniform(-60, 160, 40 * (number % 3))
        y[rng.random(len(y)) < 0.1] = math.nan
        lines.append((x, y))
    dashes = [tokens.RUN_DASHES[number % len(tokens.RUN_DASHES)] for number in range(9)]
    together = strokes(lines, dashes, (0.0, 100.0), (0.0, 100.0))
    assert sum(map(len, together)) > 100
    for line, dash, found in zip(lines, dashes, together, strict=True):
        np.testing.assert_allclose(found, _alone(line, dash), rtol=0, atol=1e-9)
        assert ((found >= -1e-9) & (found <= 100 + 1e-9)).all()


def test_only_what_is_in_view_is_left_of_a_line() -> None:
    pieces = _alone((np.array([-50.0, 50.0, 50.0, 150.0]), np.array([50.0, 50.0, -1e6, math.nan])), ())
    np.testing.assert_allclose(pieces, [[0, 50, 50, 50], [50, 50, 50, 0]], atol=1e-9)


@pytest.mark.parametrize("axis", list(Axis))
def test_the_envelope_of_a_run_is_the_same_alone_and_among_others(plot, axis) -> None:
    plot.set_series(TRAINING)
    plot.set_axis(axis)
    runs = tuple(compared(number, 3 * number) for number in range(1, 6))
    runs[2].curves.loss.truncate(0)
    plot.show_runs(runs)
    settle(plot)
    view = plot.lane.view()
    for run, envelope in zip(runs, envelopes(runs, view), strict=True):
        pictures = [np.zeros(view.pixels, np.uint8) for _ in range(2)]
        envelope.fill(pictures[0], 1)
        envelopes([run], view)[0].fill(pictures[1], 1)
        assert (pictures[0] == pictures[1]).all()
        assert pictures[0].any() == (run is not runs[2])


def _rows(run: Compared, view: View) -> dict[int, tuple[int, int]]:
    """By plain counting: the first and last row of each pixel column that the line through all steps meets."""
    loss = run.curves.loss.values.astype(np.float64)
    x = view.frame.px(run.curves.axes.x_of_places(view.axis, np.arange(float(len(loss))))) * view.ratio
    y = view.frame.py(heights(loss, log=view.log)) * view.ratio
    met: dict[int, list[float]] = {}
    for place in range(len(x)):
        if math.isfinite(y[place]):
            met.setdefault(math.floor(x[place]), []).append(y[place])
        if place + 1 < len(x) and math.isfinite(y[place]) and math.isfinite(y[place + 1]):
            for edge in range(math.floor(x[place]) + 1, math.floor(x[place + 1]) + 1):
                crossing = y[place] + (edge - x[place]) / (x[place + 1] - x[place]) * (y[place + 1] - y[place])
                met.setdefault(edge, []).append(crossing)
                met.setdefault(edge - 1, []).append(crossing)
    rows, columns = view.pixels
    found = {column: (math.floor(min(ys)), math.floor(max(ys))) for column, ys in met.items() if 0 <= column < columns}
    return {
        column: (max(0, first), min(rows - 1, last))
        for column, (first, last) in found.items()
        if first < rows and last >= 0
    }


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("stretch", [(0.0, 25.0), (3.0, 9.0), (4.9, 5.3)])
def test_the_envelope_is_what_the_line_through_all_steps_meets(plot, log, stretch) -> None:
    told = []
    for number, epochs in ((1, 20), (2, 7), (3, 2), (4, 1)):
        teller = Teller()
        teller.epochs(5)
        if number == 4:  # a fork, which begins far behind the end of the one before it
            teller = Teller()
            teller.say(AttemptStarted(12, 12 * SPE, 1))
            first = np.full((1, len(COLUMNS)), 0.5, np.float32)
            teller.curves.feed([], [Steps(99, 1, StepBlock(12 * SPE + 1, first, 12.0, 12.1))])
        # Numbers alone between such as are none, of which several share a pixel where the whole is in view.
        for loss in (math.nan, 1.9, math.nan, 0.2, math.nan):
            teller.steps(1, loss)
        teller._noise = np.random.default_rng(number)
        teller.epochs(epochs)
        run = a_run(State.ENDED, Ending.COMPLETED, id=f"r{number}", number=number)
        told.append(Compared(run, number, "", curves=teller.curves))
    plot.set_series(TRAINING)
    plot.set_axis(Axis.EPOCH)
    plot.set_log(log)
    plot.show_runs(tuple(told))
    plot._set_x(*stretch)
    view = plot.lane.view()
    for run, envelope in zip(told, envelopes(told, view), strict=True):
        painted = np.zeros(view.pixels, np.uint8)
        envelope.fill(painted, 1)
        wanted = np.zeros(view.pixels, np.uint8)
        for column, (first, last) in _rows(run, view).items():
            wanted[first : last + 1, column] = 1
        assert wanted.any() == (run.run.number != 4 or stretch[1] > 12)
        assert (painted == wanted).all()


def test_the_envelope_of_buckets_reaches_as_far_as_their_steps(plot) -> None:
    teller = Teller()
    rng = np.random.default_rng(3)
    for _ in range(1000):
        teller.steps(SPE, float(rng.uniform(0.2, 0.9)))
    run = Compared(a_run(State.ENDED, Ending.COMPLETED), 0, "", curves=teller.curves)
    plot.set_series(TRAINING)
    plot.set_axis(Axis.STEP)
    plot.show_runs((run,))
    plot.lane.set_y((0.0, 1.2))
    plot._set_x(7000.0, 43000.0)
    view = plot.lane.view()
    reach = teller.curves.loss.reach(7000, 43000, view.pixels[1])
    assert reach.size > 1
    painted = np.zeros(view.pixels, np.uint8)
    envelopes([run], view)[0].fill(painted, 1)
    lines = _rows(run, view)
    apart = math.ceil(reach.size / 36000 * view.pixels[1])
    for column in range(apart, view.pixels[1] - apart):
        near = [lines[each] for each in range(column - apart, column + apart + 1)]
        rows = np.flatnonzero(painted[:, column])
        assert len(rows)
        assert min(first for first, _ in near) <= rows[0]
        assert rows[-1] <= max(last for _, last in near)
    heads = [int(np.flatnonzero(painted.any(axis=1))[end]) for end in (0, -1)]
    assert heads == [min(first for first, _ in lines.values()), max(last for _, last in lines.values())]
