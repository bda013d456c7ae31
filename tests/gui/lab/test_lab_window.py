"""The descent lab in a real window, with an engine that races by heavy ball: settings, race, views and steps go together."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import OpenWindow
from workbench.gui.lab.shown import Shown
from workbench.gui.lab.table import share
from workbench.gui.recipe.rows import SettingRow
from workbench.gui.window import Window
from workbench.launch.lab import LabEngine
from workbench.spec import lab_presets

Opened = Callable[[], Window]


@pytest.fixture
def lab(qtbot: QtBot, open_window: OpenWindow) -> Window:
    """A window with the lab in view and its first race shown."""
    window = open_window()
    window.finish()
    window.tabs.show_tab("lab")
    raced(qtbot, window)
    return window


def raced(qtbot: QtBot, window: Window) -> Shown:
    """Wait until what is asked was raced and is shown."""

    def there() -> bool:
        shown = window.racing.shown
        return not window.racing.racing.waiting and shown is not None and shown.lab == window.lab_panel.lab

    qtbot.waitUntil(there, timeout=20_000)
    assert window.racing.shown is not None
    return window.racing.shown


def named(window: Window, name: str) -> QWidget:
    found = window.findChild(QWidget, name)
    assert isinstance(found, QWidget)
    return found


def slider(window: Window, name: str) -> QAbstractSlider:
    found = named(window, name)
    assert isinstance(found, QAbstractSlider)
    return found


def button(window: Window, name: str) -> QAbstractButton:
    found = named(window, name)
    assert isinstance(found, QAbstractButton)
    return found


def test_nothing_is_started_before_the_tab_is_looked_at(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    window.finish()
    assert window.racing.racing._engine is None
    assert not window.left.shows_lab
    window.tabs.show_tab("lab")
    assert window.left.shows_lab
    raced(qtbot, window)
    engine = window.racing.racing._engine
    assert isinstance(engine, LabEngine)
    assert engine.alive
    window.tabs.show_tab("curves")
    assert not window.left.shows_lab
    window.close()
    assert not engine.alive


def test_the_first_preset_is_raced_and_told_in_the_table(lab: Window) -> None:
    rows = {row.title: row.cells for row in lab.lab.table.rows}
    assert list(rows) == ["Gradient descent", "Momentum", "Nesterov", "Adam", "Newton"]
    assert rows["Gradient descent"][3] == rows["Gradient descent"][4] == "0.928"
    assert rows["Adam"][4] == "none"
    assert "κ = 25" in lab.lab.sentence.text()


def test_what_rounding_keeps_of_an_error_is_nothing() -> None:
    assert share(1.78e-15) == share(0.0) == "0"
    assert share(0.928) == "0.928"
    assert share(0.999977) == "0.999977"
    assert share(24.0) == "24.0"


def test_dragging_the_start_races_anew_and_all_of_a_drag_is_one_undo(qtbot: QtBot, lab: Window) -> None:
    for place in ((0.5, 1.0), (1.0, -1.0), (1.5, -2.25)):
        lab.lab.landscape.start_moved.emit(*place)
    lab.lab.landscape.start_settled.emit()
    shown = raced(qtbot, lab)
    assert (shown.lab.landscape.start_x, shown.lab.landscape.start_y) == (1.5, -2.25)
    assert shown.lines[0].path.places[0].tolist() == [1.5, -2.25]
    assert lab.lab_panel.edits.value("lab.start_x") == (1.5, None)
    lab.commands["undo"].trigger()
    assert raced(qtbot, lab).lines[0].path.places[0].tolist() == [-3.92, -1.58]
    lab.commands["redo"].trigger()
    assert raced(qtbot, lab).lines[0].path.places[0].tolist() == [1.5, -2.25]
    lab.lab.landscape.start_moved.emit(2.0, 2.0)
    lab.lab.landscape.start_settled.emit()
    lab.commands["undo"].trigger()
    assert raced(qtbot, lab).lines[0].path.places[0].tolist() == [1.5, -2.25]
    field = named(lab, "lab.start_x")
    qtbot.waitUntil(lambda: field.property("text") == "1.5", timeout=5_000)


def test_the_start_is_dragged_by_the_mouse_and_moved_by_arrows(qtbot: QtBot, lab: Window) -> None:
    view = lab.lab.landscape
    box = view.plotItem.getViewBox()
    begin, end = (view.mapFromScene(box.mapViewToScene(QPointF(*place))) for place in ((-3.92, -1.58), (-2.0, 0.5)))
    qtbot.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=begin)
    qtbot.mouseMove(view.viewport(), end)
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=end)
    land = raced(qtbot, lab).lab.landscape
    assert (land.start_x, land.start_y) == (pytest.approx(-2.0, abs=0.05), pytest.approx(0.5, abs=0.05))
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert raced(qtbot, lab).lab.landscape.start_x > land.start_x
    assert lab.lab_panel.lab.landscape.start_y == land.start_y


def test_a_racer_that_is_turned_off_goes_without_a_race(qtbot: QtBot, lab: Window) -> None:
    assert lab.racing.racing._engine is not None
    before = lab.racing.racing._engine._numbers
    qtbot.mouseClick(named(lab, "lab.adam"), Qt.MouseButton.LeftButton)
    assert lab.racing.shown is not None
    assert "Adam" not in [line.title for line in lab.racing.shown.lines]
    assert not lab.racing.racing.waiting
    assert lab.racing.racing._engine._numbers is before
    qtbot.mouseClick(named(lab, "lab.adam"), Qt.MouseButton.LeftButton)
    assert "Adam" in [row.title for row in lab.lab.table.rows]


def test_a_second_racer_of_a_method_has_a_number_and_a_line_of_its_own(qtbot: QtBot, lab: Window) -> None:
    lab.lab_panel.add_racer("adam")
    titles = [line.title for line in raced(qtbot, lab).lines]
    assert "Adam 1" in titles
    assert "Adam 2" in titles
    lab.lab_panel._remove("adam_2")
    assert "Adam" in [line.title for line in raced(qtbot, lab).lines]


def test_paths_curves_and_slider_share_one_step(qtbot: QtBot, lab: Window) -> None:
    steps = slider(lab, "labStepSlider")
    assert steps.value() == 100
    steps.setValue(30)
    assert lab.lab.course._cursor.value() == 30
    assert len(lab.lab.landscape._paths._strokes[0].x) == 31
    lab.lab.course.step_asked.emit(12)
    assert steps.value() == 12
    assert len(lab.lab.landscape._paths._strokes[0].x) == 13


def test_play_goes_to_the_end_and_begins_anew_from_there(qtbot: QtBot, lab: Window) -> None:
    lab.lab_panel.set_value("lab.steps", 10)
    raced(qtbot, lab)
    lab.lab.bar.speed.choose("fast")
    bar, seen = lab.lab.bar, list[int]()
    bar.turned.connect(seen.append)
    qtbot.mouseClick(button(lab, "labPlayButton"), Qt.MouseButton.LeftButton)
    assert bar.playing
    assert bar.step == 0
    qtbot.waitUntil(lambda: not bar.playing, timeout=10_000)
    assert bar.step == 10
    assert seen == sorted(seen)
    qtbot.mouseClick(button(lab, "labResetButton"), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(button(lab, "labStepButton"), Qt.MouseButton.LeftButton)
    assert bar.step == 1


def test_leaving_the_tab_pauses(qtbot: QtBot, lab: Window) -> None:
    lab.lab.bar.speed.choose("slow")
    qtbot.mouseClick(button(lab, "labPlayButton"), Qt.MouseButton.LeftButton)
    lab.tabs.show_tab("curves")
    assert not lab.lab.bar.playing


def test_the_slider_of_the_step_size_is_marked_and_says_what_it_does(qtbot: QtBot, lab: Window) -> None:
    row = lab.lab_panel.racers["gradient_descent"]
    marks = {name: place for place, name in row.rows[0].slider._marks}  # type: ignore[union-attr]
    assert set(marks) == {"1/L", "2/(L+μ)", "2/L"}
    assert marks["1/L"] == pytest.approx(0.4, abs=0.01)
    assert row.verdict.text().startswith("Oscillates and converges")
    lab.lab_panel.set_value("lab.gradient_descent.learning_rate", 0.03)
    assert row.verdict.text().startswith("Converges")
    lab.lab_panel.set_value("lab.gradient_descent.learning_rate", 0.081)
    assert row.verdict.text().startswith("Diverges")
    raced(qtbot, lab)
    lab.lab_panel.set_value("lab.condition", 4.0)
    raced(qtbot, lab)
    assert row.verdict.text().startswith("Converges")
    lab.lab_panel.set_value("lab.kind", "kink")
    raced(qtbot, lab)
    assert "no L" in row.verdict.text()


def test_sliding_changes_the_value_and_the_field_follows(qtbot: QtBot, lab: Window) -> None:
    slider(lab, "lab.condition.slider").setValue(1000)
    assert lab.lab_panel.lab.landscape.condition == 1000.0
    assert raced(qtbot, lab).curvature is not None
    slider(lab, "lab.condition.slider").setValue(0)
    assert lab.lab_panel.lab.landscape.condition == 1.0


def test_a_value_that_is_not_allowed_is_said_and_the_last_race_stays(qtbot: QtBot, lab: Window) -> None:
    before = lab.racing.shown
    lab.lab_panel.set_value("lab.condition", 0.5)
    row = lab.lab_panel._rows["lab.condition"]
    assert row.problem.text == "Must be a number of at least 1 and at most 10,000, got 0.5."
    assert lab.racing.shown is before
    lab.lab_panel.save_as("Mine")
    assert not lab_presets.own_lab(lab.workspace).exists()
    lab.lab_panel.set_value("lab.condition", 5.0)
    assert row.problem.text == ""


def test_another_shape_begins_where_it_is_interesting_and_shows_its_view(qtbot: QtBot, lab: Window) -> None:
    lab.lab_panel.set_value("lab.kind", "himmelblau")
    shown = raced(qtbot, lab)
    assert (shown.lab.landscape.start_x, shown.lab.landscape.start_y) == (-0.5, -0.5)
    (left, right), _ = lab.lab.landscape.plotItem.getViewBox().viewRange()
    assert left <= -5.5
    assert right >= 5.5
    assert len(lab.lab.landscape._labels.minima) == 4
    assert not named(lab, "lab.condition").isVisible()


def test_a_slice_without_a_run_says_what_to_do(qtbot: QtBot, lab: Window) -> None:
    lab.lab_panel.set_value("lab.kind", "slice")
    assert "Choose a run" in lab.lab.sentence.text()
    lab.lab_panel.set_value("lab.kind", "beale")
    raced(qtbot, lab)


def test_every_shipped_preset_races(qtbot: QtBot, lab: Window) -> None:
    presets, broken = lab_presets.available(lab.workspace)
    assert not broken
    assert len(presets) >= 10
    for preset in presets:
        lab.lab_panel.pick(preset.name)
        shown = raced(qtbot, lab)
        assert shown.lab == preset.lab
        assert len(lab.lab.table.rows) == sum(racer.on for racer in preset.lab.racers.values())


def test_a_preset_of_one_s_own_is_saved_found_again_and_reverted_to(qtbot: QtBot, lab: Window) -> None:
    panel = lab.lab_panel
    panel.set_value("lab.tilt", 10.0)
    panel.save_as("My valley")
    assert panel.edits.changes == {}
    again, _ = lab_presets.available(lab.workspace)
    mine = next(each for each in again if each.title == "My valley")
    assert mine.lab == panel.lab
    panel.set_value("lab.tilt", -20.0)
    assert panel.edits.changes == {"lab.tilt": 10.0}
    lab.commands["revert"].trigger()
    assert panel.lab == mine.lab
    panel.save_as("Long valley")  # the file name of a shipped one
    assert [each.title for each in lab_presets.available(lab.workspace)[0] if not each.shipped] == ["My valley"]


def test_under_the_pointer_height_slope_and_bends_are_told(lab: Window) -> None:
    view = lab.lab.landscape
    view._point(view.plotItem.getViewBox().mapViewToScene(QPointF(0.0, 0.0)))
    assert lab.lab.pointed.whole.endswith("λ 1.00, 25.0")
    view.pointed.emit("")
    assert lab.lab.pointed.whole == "contours of equal loss"


def test_curves_show_heights_or_slopes_with_the_bounds_that_hold(qtbot: QtBot, lab: Window) -> None:
    course = lab.lab.course
    assert course._legend.names == ("slowest gradient descent can be", "no gradient method beats this on every valley")
    qtbot.mouseClick(lab.lab.what.button("slopes"), Qt.MouseButton.LeftButton)
    assert course._legend.names == ("slowest gradient descent can be",)
    assert course.accessibleName() == "Slope by step"
    lab.lab_panel.set_value("lab.kind", "saddle")
    raced(qtbot, lab)
    assert course._legend.names == ()


def test_the_relief_is_lowest_at_the_minimum_and_follows_the_theme(qtbot: QtBot, lab: Window) -> None:
    view = lab.lab.landscape
    qtbot.waitUntil(lambda: view._relief.image is not None and not view._painting, timeout=10_000)
    picture = view._relief.image
    box = view.plotItem.getViewBox()
    (left, right), (bottom, top) = box.viewRange()
    row, column = (
        round((0 - bottom) / (top - bottom) * len(picture)),
        round((0 - left) / (right - left) * picture.shape[1]),
    )
    deep, _, _ = view._reliefs_inks()
    assert np.abs(picture[row, column, :3].astype(int) - [deep.red(), deep.green(), deep.blue()]).max() <= 2
    assert QColor(*picture[2, 2, :3].tolist()) != deep


def test_screen_readers_hear_paths_table_and_step(lab: Window) -> None:
    assert "Gradient descent" in lab.lab.landscape.accessibleDescription()
    assert "Error kept".lower() in lab.lab.table.accessibleDescription()
    assert slider(lab, "labStepSlider").accessibleDescription() == "Step 100 of 100"


def test_an_engine_that_dies_is_told_of_and_comes_back_with_the_next_change(qtbot: QtBot, lab: Window) -> None:
    engine = lab.racing.racing._engine
    assert engine is not None
    engine._process.kill()
    engine._process.wait()
    lab.lab_panel.set_value("lab.tilt", 5.0)
    raced(qtbot, lab)
    assert lab.racing.racing._engine is not engine


def test_a_dot_that_appears_takes_its_room_from_the_control_and_not_from_beyond_the_row(
    qtbot: QtBot, lab: Window
) -> None:
    lab.resize(1440, 900)
    row = named(lab, "lab.start_y").parentWidget()
    assert isinstance(row, SettingRow)
    qtbot.waitUntil(lambda: row.editor.geometry().right() <= row.width(), timeout=5_000)
    for dot in (None, "1", None, "1"):
        row.set_changed(dot)
        qtbot.waitUntil(lambda shown=dot is not None: row.head.dot.isVisible() == shown)
        row._grid.activate()
        assert row.editor.geometry().right() <= row.width(), f"{row.editor.geometry()} in a row of {row.width()}"


def test_the_line_at_the_step_in_view_is_thin_however_few_steps_there_are(qtbot: QtBot, lab: Window) -> None:
    lab.lab_panel.set_value("lab.steps", 10)
    raced(qtbot, lab)
    course = lab.lab.course
    lab.lab.bar.go(5)
    qtbot.waitUntil(lambda: course.drawn is lab.lab.shown)
    pictures = []
    for there in (True, False):
        course._cursor.setVisible(there)
        pictures.append(course.grab().toImage())
    row = course.height() // 2
    other = [x for x in range(course.width()) if pictures[0].pixel(x, row) != pictures[1].pixel(x, row)]
    assert 1 <= len(other) <= 3
