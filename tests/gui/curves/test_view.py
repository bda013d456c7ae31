import gc
import itertools
import math
import sys

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QGuiApplication, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from workbench.curves.axes import Axis
from workbench.events import AttemptStarted, Ending, State
from workbench.gui.curves.export_dialog import ExportDialog
from workbench.gui.curves.legend import position_of, steps_of
from workbench.gui.curves.readout import values_at

from .conftest import SPE

pytestmark = pytest.mark.window


def image(widget: QWidget) -> QImage:
    return widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def pixels(widget: QWidget) -> np.ndarray:
    shot = image(widget)
    return np.frombuffer(shot.constBits(), np.uint32).reshape(shot.height(), shot.width()) & 0xFFFFFF


def has(widget: QWidget, colour: QColor) -> int:
    return int(np.count_nonzero(pixels(widget) == (colour.rgb() & 0xFFFFFF)))


def labels(view) -> list[QRectF]:
    return [rect for _, rect in view.stack.loss.labels(view.stack.loss.frame())]


def test_the_plots_bear_their_names_and_are_one_focus_stop(view) -> None:
    for name in ("lossPlot", "metricPlot", "ratePlot"):
        plot = view.findChild(QWidget, name)
        assert plot is not None
        assert plot.focusPolicy() is Qt.FocusPolicy.NoFocus
    assert view.stack.focusPolicy() is Qt.FocusPolicy.StrongFocus


def test_each_series_is_drawn_in_its_colour(view, teller, run, theme) -> None:
    teller.epochs(9)
    assert has(view.stack.loss, theme.series("training")) == 0
    view.show_run(run(), teller.curves)
    for name in ("training", "training_raw", "validation"):
        assert has(view.stack.loss, theme.series(name)) > 20, name
    for name in ("training", "validation"):
        assert has(view.stack.metric_lane, theme.series(name)) > 20, name
    assert has(view.stack.rate, theme.colour("text2")) > 20


@pytest.mark.parametrize("axis", list(Axis))
@pytest.mark.parametrize("scale", ["linear", "log"])
def test_every_stage_of_a_run_can_be_drawn_on_every_axis(view, teller, run, axis, scale) -> None:
    view.legend.axis.button(axis.value).click()
    view.legend.scale.button(scale).click()
    view.grab()
    view.show_run(run(State.PREPARING), teller.curves)
    view.grab()
    for tell in (
        lambda: teller.steps(1), lambda: teller.steps(20), lambda: teller.epochs(1), lambda: teller.epochs(12, best_at=5),
        teller.change_rate, lambda: teller.steps(30, math.nan), lambda: teller.steps(3, math.inf), lambda: teller.steps(3, -math.inf),
        lambda: teller.steps(5, 1e30), lambda: teller.epochs(1),
    ):  # fmt: skip
        tell()
        view.refresh()
        view.stack.move_cursor(1)
        assert not view.grab().isNull()
        low, high = view.stack.loss.y_range
        assert math.isfinite(low)
        assert low < high < math.inf
    view.clear()
    view.grab()


def test_patience_is_shaded_from_where_its_count_began(view, teller, run) -> None:
    teller.epochs(16, best_at=8)
    teller.stop_early()
    view.show_run(run(State.ENDED, Ending.EARLY_STOPPED, epochs_planned=16), teller.curves)
    lane = view.stack.loss

    def grounds(*epochs: float) -> list[int]:
        """The commonest colour of the lane's pixels at these places."""
        seen, frame = pixels(lane.viewport()), lane.frame()
        columns = [round(lane.axis_width() + frame.px1(epoch)) for epoch in epochs]
        return [int(np.bincount(seen[:, column]).argmax()) for column in columns]

    plain, *shaded = grounds(7.5, 8.5, 15.5)
    assert plain not in shaded
    teller.say(AttemptStarted(16, 16 * SPE, 2))
    teller.epochs(3, best_at=8)
    view.show_run(run(State.RUNNING, epochs_planned=40), teller.curves)
    view.stack.shown.x = (0.0, 20.0)
    view.stack.refresh()
    assert grounds(7.5, 8.5, 15.5, 16.5, 18.5) == [plain, plain, plain, shaded[0], shaded[0]]


def test_a_live_plot_painted_in_strips_is_the_plot_painted_whole(view, teller, run, qapp) -> None:
    teller.epochs(6)
    view.show_run(run(), teller.curves)
    lane = view.stack.loss
    qapp.processEvents()
    kept = pixels(lane.viewport()).copy()  # what stands on the screen before
    for _ in range(12):
        teller.steps(3)
        before = (lane.y_range, view.stack.shown.x)
        lane.refresh()
        assert (lane.y_range, view.stack.shown.x) == before
    changed = pixels(lane.viewport())
    columns = np.flatnonzero((changed != kept).any(axis=0))
    now = lane.axis_width() + lane.frame().px1(teller.curves.axes.now(Axis.EPOCH))
    # The past is what it was: only the newest stretch differs.
    assert len(columns)
    assert columns.min() > now - 60


@pytest.mark.parametrize("axis", list(Axis))
@pytest.mark.parametrize("hour", ["improving", "waiting", "turning", "falling rate"])
def test_an_epochs_end_painted_in_strips_is_the_plot_painted_whole(view, teller, run, qapp, axis, hour) -> None:  # noqa: PLR0917 - fixtures
    stack = view.stack
    stack.set_axis(axis)
    teller.epochs(12, best_at=10 if hour == "waiting" else 10_000)
    view.show_run(run(), teller.curves)
    qapp.processEvents()
    asked: list[QRectF] = []
    for lane in stack.lanes:
        # What a lane asks to have painted: everything, or a rectangle.
        lane.layer.update = lambda *area, lane=lane: asked.append(area[0] if area else lane.layer.boundingRect())

    def news(number: int) -> None:
        if number == 0:
            teller.steps(SPE - 10)
        elif hour == "falling rate" and number == 1:
            teller.change_rate()
        else:
            teller.epochs(1, best_at=0 if hour == "waiting" or (hour, number) == ("turning", 2) else 10_000)

    for number in range(3):
        before = [pixels(lane.viewport()).copy() for lane in stack.lanes]
        news(number)
        stack._follow()
        for lane, was in zip(stack.lanes, before, strict=True):
            asked.clear()
            lane.refresh()
            # Of the layer: the frame's last column lies outside it, and is painted when the range changes.
            layer = slice(lane.axis_width(), lane.axis_width() + math.ceil(lane.layer.boundingRect().right()) + 1)
            differing = np.flatnonzero((pixels(lane.viewport()) != was)[:, layer].any(axis=0))
            painted = np.zeros(was.shape[1], bool)
            for area in asked:
                painted[max(0, math.floor(area.left())) : math.ceil(area.right()) + 1] = True
            assert painted[differing].all(), (lane.objectName(), number, asked, differing)
            if axis is Axis.EPOCH and hour == "waiting":
                assert not painted[: len(painted) // 4].any(), (
                    "the past is not painted again when nothing in it changed"
                )


def test_the_range_grows_in_strides_and_only_when_it_must(view, teller, run) -> None:
    teller.epochs(5)
    view.show_run(run(), teller.curves)
    assert view.stack.shown.x == (0.0, 10.0)
    teller.epochs(2)
    view.refresh()
    assert view.stack.shown.x == (0.0, 10.0)
    teller.epochs(1)
    view.refresh()
    assert view.stack.shown.x == (0.0, 20.0)
    assert view.stack.loss.box.viewRange()[0] == [0.0, 20.0]


def test_any_zoom_ends_following_and_0_brings_it_back(view, teller, run, qtbot) -> None:
    teller.epochs(5)
    view.show_run(run(), teller.curves)
    viewport = view.stack.loss.viewport()
    middle = QPointF(viewport.width() / 2, viewport.height() / 2)
    turn = QWheelEvent(
        middle, viewport.mapToGlobal(middle), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(viewport, turn)
    zoomed = view.stack.shown.x
    assert zoomed[1] - zoomed[0] < 10
    assert not view.stack.following
    teller.epochs(20)
    view.refresh()
    assert view.stack.shown.x == zoomed
    qtbot.keyClick(view.stack, Qt.Key.Key_0)
    assert view.stack.following
    assert view.stack.shown.x == (0.0, 40.0)
    qtbot.keyClick(view.stack, Qt.Key.Key_Plus)
    assert not view.stack.following
    qtbot.mouseDClick(viewport, Qt.MouseButton.LeftButton)
    assert view.stack.following


def test_keys_move_the_crosshair_by_epochs(view, teller, run, qtbot) -> None:
    teller.epochs(25, best_at=7)
    view.show_run(run(), teller.curves)
    stack = view.stack

    def press(key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> int | None:
        qtbot.keyClick(stack, key, modifier)
        return stack.shown.cursor.epoch if stack.shown.cursor else None

    assert press(Qt.Key.Key_Home) == 1
    assert press(Qt.Key.Key_Right) == 2
    assert press(Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier) == 12
    assert press(Qt.Key.Key_Left) == 11
    assert press(Qt.Key.Key_End) == 25
    assert press(Qt.Key.Key_Right) == 25
    assert press(Qt.Key.Key_B) == 7
    assert "Epoch 7, step 350." in stack.accessibleDescription()
    assert "Validation" in stack.accessibleDescription()


def test_e_goes_from_event_to_event(view, teller, run, qtbot) -> None:
    teller.epochs(4)
    teller.change_rate()
    teller.epochs(6, best_at=6)
    view.show_run(run(), teller.curves)
    seen = []
    for _ in range(3):
        qtbot.keyClick(view.stack, Qt.Key.Key_E)
        seen.append(view.stack.shown.cursor.epoch)
    assert seen == [4, 6, 4]


def test_g_turns_the_scale_and_the_segments_follow(view, teller, run, qtbot) -> None:
    teller.epochs(3)
    view.show_run(run(), teller.curves)
    qtbot.keyClick(view.stack, Qt.Key.Key_G)
    assert view.stack.shown.log
    assert view.legend.scale.key == "log"
    qtbot.keyClick(view.stack, Qt.Key.Key_G)
    assert view.legend.scale.key == "linear"


def test_the_mouse_brings_a_card_that_covers_neither_dots_nor_leaves_the_plot(view, teller, run, qtbot) -> None:
    teller.epochs(20)
    view.show_run(run(), teller.curves)
    lane = view.stack.loss
    for share in (0.06, 0.3, 0.6, 0.99):
        qtbot.mouseMove(lane.viewport(), QPoint(round(lane.axis_width() + share * lane.frame().width), 60))
        (line, card) = lane.cursor_area()
        assert not card.contains(line.center().x(), card.center().y())
        assert card.left() >= 0
        assert card.right() <= lane.frame().width
        view.grab()
    QApplication.sendEvent(lane, QEvent(QEvent.Type.Leave))
    assert view.stack.shown.cursor is None


def test_a_running_run_shows_best_and_projected_stop(view, teller, run) -> None:
    teller.epochs(12, best_at=9)
    view.show_run(run(), teller.curves)
    assert view.stack.shown.projected() == 17
    texts = [line for label, _ in view.stack.loss.labels(view.stack.loss.frame()) for line in label.lines]
    assert texts[0].startswith("Best 0.27")
    assert texts[0].endswith("epoch 9")
    assert texts[1:] == ["Stops at epoch 17", "if no better"]


def test_no_stop_is_projected_past_the_plan(view, teller, run) -> None:
    teller.epochs(12, best_at=9)
    view.show_run(run(epochs_planned=15), teller.curves)
    assert view.stack.shown.projected() is None


def test_an_early_stop_has_its_label_and_violet_line(view, teller, run, theme) -> None:
    teller.epochs(17, best_at=9)
    view.show_run(run(), teller.curves)
    assert has(view.stack.metric_lane, theme.colour("violet")) == 0
    teller.stop_early()
    view.show_run(run(State.ENDED, Ending.EARLY_STOPPED), teller.curves)
    view.refresh()
    texts = [line for label, _ in view.stack.loss.labels(view.stack.loss.frame()) for line in label.lines]
    assert texts[1:] == ["Stopped early · epoch 17"]
    assert has(view.stack.metric_lane, theme.colour("violet")) > 50
    assert view.stack.shown.x[1] < 20


def test_labels_stay_inside_the_plot_and_apart(view, teller, run) -> None:
    for total, best in ((1, 1), (3, 1), (9, 8), (30, 25)):
        teller.epochs(total - teller.curves.last_epoch, best_at=best)
        view.show_run(run(), teller.curves)
        view.refresh()
        frame = view.stack.loss.frame()
        found = labels(view)
        for rect in found:
            assert rect.left() >= 0
            assert rect.right() <= frame.width + 1
        assert not any(one.intersects(other) for place, one in enumerate(found) for other in found[place + 1 :])


def test_a_loss_that_is_nan_is_marked_at_the_edge_with_its_step(view, teller, run, theme) -> None:
    teller.epochs(2)
    view.show_run(run(), teller.curves)
    assert has(view.stack.loss, theme.colour("err")) == 0
    teller.steps(1, math.nan)
    view.refresh()
    assert has(view.stack.loss, theme.colour("err")) > 10
    texts = [line for label, _ in view.stack.loss.labels(view.stack.loss.frame()) for line in label.lines]
    assert "NaN from step 101" in texts
    found = labels(view)
    assert not any(one.intersects(other) for place, one in enumerate(found) for other in found[place + 1 :])


def test_the_clip_is_marked_when_the_first_losses_lie_above(view, teller, run) -> None:
    teller.steps(5, 1000.0)
    teller.steps(45)
    teller.epochs(20)
    view.show_run(run(), teller.curves)
    assert view.stack.loss.clipped == 1000.0
    assert view.stack.loss.y_range[1] < 3
    view.legend.scale.button("log").click()
    assert view.stack.loss.clipped is None


def test_penalties_are_a_line_of_their_own_with_its_name_and_its_place_in_the_range(view, teller, run) -> None:
    teller.epochs(3)
    view.show_run(run(), teller.curves)
    penalty = view.legend._entries[-1]
    assert penalty.isHidden()
    before = pixels(view.stack.loss.viewport()).copy()
    teller.penalty = 9.0
    teller.epochs(1)
    view.refresh()
    assert not penalty.isHidden()
    assert view.stack.loss.y_range[1] >= 9.0
    assert (pixels(view.stack.loss.viewport()) != before).any()
    view.stack.go_to_best()
    assert values_at(view.stack.shown).penalty == 9.0


def test_another_theme_gives_every_line_its_new_colour(view, teller, run, theme) -> None:
    teller.epochs(9)
    view.show_run(run(), teller.curves)
    dark = [theme.series(name) for name in ("training", "validation", "training_raw")]
    theme.set_mode("light")
    for old, name in zip(dark, ("training", "validation", "training_raw"), strict=True):
        assert has(view.stack.loss, old) == 0
        assert has(view.stack.loss, theme.series(name)) > 20
    assert has(view.stack.loss, QColor("#FFFFFF")) > 1000


def test_a_low_window_hides_the_rate_lane_and_shrinks_accuracy(view, teller, run, qtbot) -> None:
    tall = view.stack.metric_lane.height()
    assert view.stack.rate.isVisible()
    view.resize(900, 600)
    qtbot.waitUntil(lambda: not view.stack.rate.isVisible())
    assert view.stack.metric_lane.height() < tall
    view.resize(900, 820)
    qtbot.waitUntil(view.stack.rate.isVisible)


def test_smoothing_is_chosen_by_slider_and_kept_for_the_next_run(view, teller, run) -> None:
    teller.epochs(3)
    view.show_run(run(), teller.curves)
    assert view.legend.slider.value() == position_of(10)
    every = np.arange(teller.curves.steps)
    before = teller.curves.smooth_loss.at(every)
    view.legend.slider.setValue(0)
    np.testing.assert_allclose(teller.curves.smooth_loss.at(every), teller.curves.loss.values)
    assert not np.allclose(before, teller.curves.smooth_loss.at(every))
    other = type(teller)()
    other.epochs(1)
    view.show_run(run(id="r18"), other.curves)
    np.testing.assert_allclose(other.curves.smooth_loss.at(np.arange(other.curves.steps)), other.curves.loss.values)


def test_words_are_left_out_of_a_narrow_legend_and_come_back(view, theme) -> None:
    legend = view.legend
    view.resize(520, 820)
    assert not legend._label.isVisible()
    view.resize(900, 820)
    assert legend._label.isVisible()
    theme.set_text_scale(1.9)
    assert not legend._label.isVisible()
    theme.set_text_scale(1.0)
    assert legend._label.isVisible()


def test_the_slider_reaches_from_nothing_to_a_thousand_steps() -> None:
    assert steps_of(0) == 1
    assert steps_of(100) == pytest.approx(1000)
    assert steps_of(position_of(100)) == pytest.approx(100, rel=0.04)


def test_the_summary_is_the_accessible_text_and_can_be_copied(view, teller, run, qtbot) -> None:
    teller.epochs(4)
    view.show_run(run(), teller.curves)
    assert "Run 17, running, epoch 4 of 80. Best validation loss" in view.accessibleDescription()
    view.stack.setFocus()
    with qtbot.waitSignal(view.status):
        view.copy_summary()
    assert QGuiApplication.clipboard().text() == view.summary()
    teller.epochs(1)
    view.refresh()
    assert "epoch 5 of 80" in view.accessibleDescription()


def test_the_table_has_a_row_an_epoch(view, teller, run) -> None:
    assert view.show_table() is None
    teller.epochs(4)
    view.show_run(run(), teller.curves)
    table = view.show_table()
    model = table.table.model()
    assert model.rowCount() == 4
    assert model.index(3, 0).data() == "4"
    assert model.index(3, 2).data() == f"{teller.curves.epochs.metric('val_loss')[3]:.4f}"
    assert model.index(3, 4).data().endswith("%")
    table.close()


def heads(table) -> list[str]:
    model = table.table.model()
    return [model.headerData(column, Qt.Orientation.Horizontal, 0) for column in range(model.columnCount())]


def test_the_table_has_columns_of_re_measured_values_where_the_run_has_them(view, teller, run) -> None:
    teller.epochs(2)
    view.show_run(run(), teller.curves)
    without = view.show_table()
    usual = ["Epoch", "Training loss", "Validation loss", "Training accuracy", "Validation accuracy", "Time"]
    assert heads(without) == usual
    teller.more = {"remeasured_loss": 0.1234, "remeasured_accuracy": 0.9543}
    teller.epochs(1)
    table = view.show_table()
    assert heads(table) == [*usual[:2], "Re-measured loss", *usual[2:4], "Re-measured accuracy", *usual[4:]]
    model = table.table.model()
    assert [model.index(2, column).data() for column in (2, 5)] == ["0.1234", "95.43\N{NO-BREAK SPACE}%"]
    assert [model.index(0, column).data() for column in (2, 5)] == ["–", "–"], "not measured then"
    tip = model.headerData(2, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
    assert tip == "Training pictures judged as validation pictures are"
    assert heads(without) == usual, "an open table stays what it was"
    for each in (without, table):
        each.close()


@pytest.mark.parametrize("more", [{}, {"remeasured_loss": 0.1, "remeasured_accuracy": 0.9}])
def test_no_head_of_the_table_is_cut_off(view, teller, run, theme, more) -> None:
    teller.more = more
    teller.epochs(2)
    view.show_run(run(), teller.curves)
    table = view.show_table()
    header, metrics = table.table.horizontalHeader(), QFontMetrics(theme.font("caption"))
    for column, head in list(enumerate(heads(table)))[1:-1]:  # the first and the last are as wide as what is in them
        assert header.sectionSize(column) >= metrics.horizontalAdvance(head) + 16, head
    table.close()


def test_flags_that_would_collide_fold(view, teller, run) -> None:
    teller.epochs(2)
    teller.change_rate()
    view.show_run(run(), teller.curves)
    (pennant,) = view.stack.events.pennants()
    assert pennant.text == "LR ÷ 5"
    for _ in range(3):
        teller.change_rate()
    (pennant,) = view.stack.events.pennants()
    assert pennant.text == "4"
    view.refresh()
    view.grab()


def test_export_opens_its_dialog_with_what_is_on_screen(view, teller, run, qtbot) -> None:
    with qtbot.waitSignal(view.status) as said:
        view.legend.export.click()
    assert "no curves to export" in said.args[0]
    assert view.findChild(ExportDialog) is None
    teller.epochs(3)
    view.show_run(run(), teller.curves)
    view.legend.axis.button("step").click()
    view.legend.scale.button("log").click()
    view.legend.export.click()
    dialog = view.findChild(ExportDialog)
    assert dialog is not None
    wish = dialog.wish()
    assert (wish.axis, wish.log, wish.x) == (Axis.STEP, True, view.stack.shown.x)
    with qtbot.waitSignal(view.status) as said:
        dialog.status.emit("Wrote it.")
    assert said.args == ["Wrote it."]
    dialog.reject()


def test_another_run_is_shown_whole_and_the_same_run_keeps_its_place(view, teller, run, qtbot) -> None:
    teller.epochs(5)
    view.show_run(run(), teller.curves)
    view.stack.move_cursor(1)
    qtbot.keyClick(view.stack, Qt.Key.Key_Plus)
    place = view.stack.shown.x
    view.show_run(run(epochs=5), teller.curves)
    assert view.stack.shown.x == place
    assert view.stack.shown.cursor is not None
    other = type(teller)()
    other.epochs(30)
    view.show_run(run(id="r18"), other.curves)
    assert view.stack.shown.x == (0.0, 40.0)
    assert view.stack.shown.cursor is None


def test_a_run_taken_back_to_a_checkpoint_is_drawn_anew(view, teller, run, theme) -> None:
    from workbench.events import AttemptStarted
    from workbench.journal import Said

    teller.epochs(9)
    view.show_run(run(), teller.curves)
    full = has(view.stack.loss, theme.series("training_raw"))
    teller.curves.feed([Said(9_999, 2, 0.0, AttemptStarted(2, 100, 7))], [])
    view.refresh()
    assert 0 < has(view.stack.loss, theme.series("training_raw")) < 0.7 * full


def test_three_thousand_redraws_lose_no_reference_to_none_or_true(view, teller, run, qapp) -> None:
    view.resize(620, 420)  # the less there is to paint, the sooner it is done
    teller.epochs(5)
    view.show_run(run(), teller.curves)
    gc.collect()
    before = sys.getrefcount(None), sys.getrefcount(True)
    for number in range(3_000):
        if number % 100 == 99:
            teller.epochs(1)
        else:
            teller.steps(1)
        view.refresh()
        qapp.processEvents()  # paints
    # Some hundred may come and go with caches; a leak of one a redraw would be thousands.
    assert sys.getrefcount(None) > before[0] - 500
    assert sys.getrefcount(True) > before[1] - 500


def test_the_wheel_with_ctrl_zooms_one_lanes_values_until_everything_is_fitted_again(view, teller, run, qapp) -> None:
    teller.epochs(9)
    view.show_run(run(), teller.curves)
    lane, x = view.stack.loss, view.stack.shown.x
    (low, high), others = lane.y_range, view.stack.metric_lane.y_range
    spot = lane.mapFromScene(lane.box.mapToScene(100, lane.frame().height))  # the lower edge stays
    wheel = QWheelEvent(
        QPointF(spot), QPointF(lane.mapToGlobal(spot)), QPoint(0, 0), QPoint(0, 240), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ControlModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(lane.viewport(), wheel)
    near = lane.y_range
    assert near[0] == pytest.approx(low, abs=0.02)
    assert near[1] - near[0] == pytest.approx((high - low) * 0.85**2, rel=0.02)
    assert (view.stack.shown.x, view.stack.metric_lane.y_range) == (x, others)
    teller.epochs(1)
    view.refresh()
    assert lane.y_range == near, "a growing run leaves a range that was chosen by hand"
    view.stack.fit()
    assert lane.y_range != near


def test_the_card_at_the_crosshair_lists_the_other_runs_that_are_shown(view, teller, run) -> None:
    from workbench.gui.compared import Compared
    from workbench.gui.curves.readout import _others

    teller.epochs(9)
    longer, shorter = type(teller)(), type(teller)()
    longer.epochs(12)
    shorter.epochs(4)
    view.show_run(run(), teller.curves)
    view.set_others(
        (
            Compared(run(id="r1", name="Run 1", epochs=12), 1, "", curves=longer.curves),
            Compared(run(id="r2", name="Run 2", epochs=4), 2, "", curves=shorter.curves),
            Compared(run(id="r3", name="Run 3"), 3, ""),
            Compared(run(), 0, "", curves=teller.curves),
        )
    )
    view.stack.go_to(7)
    expected = f"{longer.curves.epochs.metric('val_loss')[6]:.4f}"
    assert _others(view.stack.shown, 7) == [("Run 1", expected, 1), ("Run 2", "ended at 4", 2)]
    assert view.stack.shown.x[1] >= 12


@pytest.mark.parametrize("height", [330, 420, 560])
def test_however_low_the_view_is_no_lane_covers_another(view, teller, run, qapp, height) -> None:
    from dataclasses import replace

    from workbench.gui.curves.choices import Strip

    teller.epochs(9)
    view.show_run(run(), teller.curves)
    view.set_choices(replace(view.choices, strips=(Strip.GAP,), what_if=True))
    # As in the window, which gives it a place and does not ask how much it wants.
    place = QWidget()
    view.setParent(place)
    view.setMinimumSize(0, 0)
    place.resize(760, height)
    view.setGeometry(0, 0, 760, height)
    place.show()
    view.show()
    qapp.processEvents()
    shown = [lane for lane in view.stack.lanes if lane.isVisible()]
    assert len(shown) >= 3
    for above, below in itertools.pairwise(shown):
        assert above.geometry().bottom() < below.geometry().top()
    assert shown[-1].geometry().bottom() < view.stack.ticks.geometry().top()
    view.setParent(None)
