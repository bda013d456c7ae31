"""The table's eyes: opened and closed by click and key, several runs selected, the baseline."""

from __future__ import annotations

import dataclasses

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QColor
from pytestqt.qtbot import QtBot

from workbench.events import Ending, State
from workbench.gui.runs.columns import Column
from workbench.gui.runs.menu import RunMenu
from workbench.gui.runs.table import RunTable
from workbench.gui.runs.view import LEAVING
from workbench.gui.runs.watch import Row
from workbench.gui.theme import Theme
from workbench.journal import Journal, Run
from workbench.journal.shown import Shown
from workbench.paths import Workspace
from workbench.spec import Recipe

pytestmark = pytest.mark.window
CONTROL = Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def run(workspace: Workspace) -> Run:
    with Journal(workspace) as journal:
        return journal.create_run(Recipe())


def row(run: Run, number: int, loss: float = 0.5, **more: object) -> Row:
    ended = dataclasses.replace(
        run, id=f"run{number}", number=number, name=f"Run {number}", state=State.ENDED, ending=Ending.COMPLETED, best_epoch=1,
        best={"val_loss": loss}, epochs=1,
    )  # fmt: skip
    return dataclasses.replace(Row(ended, "CNN, Adam", ("SGD",), (loss,), "digits", f"kin{number}"), **more)


@pytest.fixture
def table(run: Run, qtbot: QtBot, theme: Theme) -> RunTable:
    """Four runs, the newest first and in focus; eyes are turned as the window would do it."""
    table = RunTable(theme)
    qtbot.addWidget(table)
    table.resize(1120, 218)
    table.show()
    table.set_rows([row(run, number) for number in (4, 3, 2, 1)])
    table.focus_run("run4")
    return table


def place(table: RunTable, run: str, column: Column) -> QPoint:
    at = next(n for n in range(table.runs.rowCount()) if table.view.row_at(table.runs.index(n, 0)).run.id == run)
    return table.view.visualRect(table.runs.index(at, column)).center()


def click(qtbot: QtBot, table: RunTable, run: str, column: Column, held: Qt.KeyboardModifier | None = None) -> None:
    qtbot.mouseClick(table.view.viewport(), LEFT, held or Qt.KeyboardModifier.NoModifier, place(table, run, column))


def selected(table: RunTable) -> list[str]:
    return [row.run.id for row in table.view.selected()]


def shown(*runs: str, baseline: str = "") -> Shown:
    return Shown(frozenset(runs), {run: slot for slot, run in enumerate(runs)}, baseline)


def test_a_click_on_an_eye_turns_it_and_changes_neither_selection_nor_focus(qtbot: QtBot, table: RunTable) -> None:
    opened: list[str] = []
    table.run_opened.connect(opened.append)
    with qtbot.waitSignal(table.show_asked) as asked:
        click(qtbot, table, "run2", Column.SHOW)
    assert asked.args == [["run2"], True]
    table.set_shown(shown("run2"))
    with qtbot.waitSignal(table.show_asked) as asked:
        click(qtbot, table, "run2", Column.SHOW)
    assert asked.args == [["run2"], False]
    assert selected(table) == ["run4"]
    assert not opened


def test_two_quick_clicks_on_an_eye_are_two(qtbot: QtBot, table: RunTable) -> None:
    asked: list[object] = []
    table.show_asked.connect(lambda runs, _: asked.append(runs))
    spot = place(table, "run3", Column.SHOW)
    qtbot.mouseClick(table.view.viewport(), LEFT, pos=spot)
    qtbot.mouseDClick(table.view.viewport(), LEFT, pos=spot)
    assert asked == [["run3"], ["run3"]]
    assert selected(table) == ["run4"]


def test_space_shows_what_is_selected_and_hides_it_when_all_is_shown(qtbot: QtBot, table: RunTable) -> None:
    click(qtbot, table, "run2", Column.RUN, CONTROL)
    table.set_shown(shown("run4"))
    with qtbot.waitSignal(table.show_asked) as asked:
        qtbot.keyClick(table.view, Qt.Key.Key_Space)
    assert asked.args == [["run4", "run2"], True]
    table.set_shown(shown("run4", "run2"))
    with qtbot.waitSignal(table.show_asked) as asked:
        qtbot.keyClick(table.view, Qt.Key.Key_Space)
    assert asked.args == [["run4", "run2"], False]
    assert selected(table) == ["run4", "run2"], "the selection stays"


def test_a_plain_click_opens_a_run_and_one_that_adds_to_the_selection_does_not(qtbot: QtBot, table: RunTable) -> None:
    opened: list[str] = []
    table.run_opened.connect(opened.append)
    click(qtbot, table, "run3", Column.RUN)
    click(qtbot, table, "run1", Column.RUN, Qt.KeyboardModifier.ShiftModifier)
    click(qtbot, table, "run2", Column.STATE, CONTROL)
    assert opened == ["run3"]
    assert selected(table) == ["run3", "run1"]


def test_what_is_selected_stays_so_when_rows_come_until_another_run_is_in_focus(
    run: Run, qtbot: QtBot, table: RunTable
) -> None:
    click(qtbot, table, "run2", Column.RUN, CONTROL)
    table.set_rows([row(run, number, 0.4) for number in (5, 4, 3, 2, 1)])
    assert selected(table) == ["run4", "run2"]
    table.focus_run("run1")
    assert selected(table) == ["run1"]


def test_a_run_that_is_in_focus_before_the_table_has_its_row_is_selected_when_it_comes(
    run: Run, table: RunTable
) -> None:
    table.focus_run("run5")  # just started: the watch has not seen it yet
    assert selected(table) == ["run4"]
    table.set_rows([row(run, number) for number in (5, 4, 3, 2, 1)])
    assert selected(table) == ["run5"]


def test_comparing_shows_only_the_selected_runs_and_asks_for_the_tab(qtbot: QtBot, table: RunTable) -> None:
    assert table.compare_button.text() == "Compare"
    assert not table.compare_button.isEnabled(), "there is nothing to compare"
    click(qtbot, table, "run2", Column.RUN, CONTROL)
    click(qtbot, table, "run1", Column.RUN, CONTROL)
    assert table.compare_button.text() == "Compare 3"
    with qtbot.waitSignals([table.only_asked, table.compare_asked]):
        qtbot.keyClick(table.view, "c")
    with qtbot.waitSignal(table.only_asked) as asked:
        qtbot.mouseClick(table.compare_button, LEFT)
    assert asked.args == [["run4", "run2", "run1"]]


def test_comparing_with_one_run_selected_leaves_the_eyes_as_they_are(qtbot: QtBot, table: RunTable) -> None:
    table.set_shown(shown("run1", "run2"))
    assert table.compare_button.isEnabled()
    with qtbot.assertNotEmitted(table.only_asked), qtbot.waitSignal(table.compare_asked):
        qtbot.keyClick(table.view, "c")


def test_the_eye_is_told_in_words_and_sorts(table: RunTable) -> None:
    table.set_shown(shown("run1", "run3"))
    assert [table.runs.index(n, Column.SHOW).data() for n in range(4)] == ["hidden", "shown", "hidden", "shown"]
    table.view.sortByColumn(Column.SHOW, Qt.SortOrder.AscendingOrder)
    assert [table.runs.index(n, Column.RUN).data() for n in range(4)] == ["Run 1", "Run 3", "Run 4", "Run 2"]
    table.set_shown(shown("run2"))
    assert table.runs.index(0, Column.RUN).data() == "Run 2"


def test_turning_one_eye_tells_the_views_of_one_row(table: RunTable) -> None:
    table.set_shown(shown("run1", "run3"))
    told: list[tuple[int, int]] = []
    table.model.dataChanged.connect(lambda first, last, _roles: told.append((first.row(), last.row())))
    table.set_shown(Shown(frozenset({"run1"}), {"run1": 0, "run3": 1}))
    assert told == [(1, 1)]
    table.set_shown(Shown(frozenset({"run1"}), {"run1": 0, "run3": 1}, "run4"))
    assert told == [(1, 1), (0, 0)]


def test_a_shown_run_has_its_colour_and_a_hidden_one_is_grey(table: RunTable, theme: Theme) -> None:
    def colours(run: str) -> set[str]:
        cell = table.view.visualRect(table.runs.index(int(4 - int(run[-1])), Column.SHOW))
        image = table.view.viewport().grab(cell).toImage()
        return {QColor(image.pixel(x, y)).name() for x in range(image.width()) for y in range(image.height())}

    first, grey = theme.series("run1").name(), theme.colour("text3").name()
    assert first not in colours("run3")
    table.set_shown(shown("run3"))
    assert first in colours("run3")
    table.set_shown(Shown(frozenset(), {"run3": 0}))
    assert first not in colours("run3")
    assert grey in colours("run3")


def test_the_baseline_has_a_mark_and_the_title_says_against_what(run: Run, table: RunTable) -> None:
    title = table.model.headerData(Column.CHIPS, Qt.Orientation.Horizontal)
    assert title == "Differs from its preset"
    before = table.view.viewport().grab().toImage()
    table.set_shown(Shown(frozenset(), {}, "run2"))
    assert table.view.viewport().grab().toImage() != before
    tip = table.model.index(2, Column.RUN).data(Qt.ItemDataRole.ToolTipRole)
    assert tip.startswith("Run 2 (baseline)")
    table.set_rows([row(run, number, against="Run 2") for number in (4, 3, 2, 1)])
    assert table.model.headerData(Column.CHIPS, Qt.Orientation.Horizontal) == "Differs from Run 2"


def test_a_best_value_within_the_spread_is_grey_and_says_why(run: Run, table: RunTable) -> None:
    table.set_rows([row(run, number, 0.1 * number, against="Run 1") for number in (4, 3, 2, 1)])
    before = table.view.viewport().grab().toImage()
    table.set_rows([row(run, number, 0.1 * number, against="Run 1", greyed=number == 3) for number in (4, 3, 2, 1)])
    assert table.view.viewport().grab().toImage() != before
    tips = [table.model.index(n, Column.LOSS).data(Qt.ItemDataRole.ToolTipRole) for n in range(2)]
    assert "No difference from Run 1 is shown: it is within the spread between seeds." in tips[1]
    assert "spread" not in tips[0]


def test_columns_leave_in_their_order_and_the_eyes_never(table: RunTable) -> None:
    for count, (_, width) in enumerate(LEAVING, 1):
        table.resize(width - 1, 218)
        hidden = [column for column in Column if table.view.isColumnHidden(column)]
        assert set(hidden) == {column for column, _ in LEAVING[:count]}
    assert [column for column, _ in LEAVING] == [Column.NOTES, Column.TIME, Column.ACCURACY, Column.CURVE]


def entries(table: RunTable, run: str) -> dict[str, QAction]:
    found = table.row(run)
    assert found is not None
    menu = RunMenu(table, found, [each.run for each in table.view.selected()])
    return {action.text().split("\t")[0]: action for action in menu.actions() if action.text()}


def test_the_menu_asks_for_eyes_seeds_comparing_and_baseline(run: Run, qtbot: QtBot, table: RunTable) -> None:
    assert "Show all seeds of this recipe" not in entries(table, "run4")
    assert "Compare the 2 selected" not in entries(table, "run4")
    table.set_rows([row(run, number, kin="same") for number in (4, 3, 2, 1)])
    click(qtbot, table, "run2", Column.RUN, CONTROL)
    for entry, signal, wanted in (
        ("Show in the plots", table.show_asked, [["run4"], True]),
        ("Show all seeds of this recipe", table.seeds_asked, ["run4"]),
        ("Compare the 2 selected", table.only_asked, [["run4", "run2"]]),
        ("Use as baseline", table.baseline_asked, ["run4"]),
    ):
        with qtbot.waitSignal(signal) as asked:
            entries(table, "run4")[entry].trigger()
        assert asked.args == wanted, entry
    table.set_shown(shown("run4", baseline="run4"))
    with qtbot.waitSignal(table.baseline_asked) as asked:
        entries(table, "run4")["No baseline"].trigger()
    assert asked.args == [""]
    with qtbot.waitSignal(table.show_asked) as asked:
        entries(table, "run4")["Hide in the plots"].trigger()
    assert asked.args == [["run4"], False]
