"""The table of runs: what changes is told row by row, the filter, the star."""

from __future__ import annotations

import dataclasses

import pytest
from PySide6.QtCore import Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from workbench.events import Ending, State
from workbench.gui.runs.columns import Column
from workbench.gui.runs.model import RunFilter, RunModel
from workbench.gui.runs.table import RunTable
from workbench.gui.runs.watch import Row
from workbench.gui.theme import Theme
from workbench.journal import Journal, Run
from workbench.paths import Workspace
from workbench.spec import Recipe

pytestmark = pytest.mark.window


@pytest.fixture
def run(workspace: Workspace) -> Run:
    with Journal(workspace) as journal:
        return journal.create_run(Recipe())


def row(
    run: Run, number: int, loss: float | None = 0.5, name: str = "", pictures: str = "digits", **more: object
) -> Row:
    ended = dataclasses.replace(
        run, id=f"run{number}", number=number, name=name or f"Run {number}", state=State.ENDED, ending=Ending.COMPLETED,
        best_epoch=None if loss is None else 1, best={} if loss is None else {"val_loss": loss},
        last={"val_loss": 1.0 - (loss or 0.0), "val_accuracy": 0.1}, epochs=1,
    )  # fmt: skip
    ended = dataclasses.replace(ended, **more)
    return Row(ended, "CNN, Adam", ("SGD",), () if loss is None else (loss,), pictures)


def test_rows_come_change_and_go_without_a_reset(run: Run, qtmodeltester: ModelTester, qtbot: QtBot) -> None:
    model = RunModel()
    qtmodeltester.check(model)
    resets: list[int] = []
    model.modelReset.connect(lambda: resets.append(1))
    model.set_rows([row(run, 2), row(run, 1)])
    model.set_rows([row(run, 3), row(run, 2), row(run, 1)])
    with qtbot.waitSignal(model.dataChanged):
        model.set_rows([row(run, 3, 0.1), row(run, 2), row(run, 1)])
    model.set_rows([row(run, 3, 0.1), row(run, 1)])
    assert [each.run.number for each in model.rows] == [3, 1]
    assert not resets


def test_the_star_is_on_the_best_of_the_runs_on_the_same_pictures(run: Run) -> None:
    model = RunModel()
    model.set_rows(
        [row(run, 4, 0.01, pictures="shapes"), row(run, 3, 0.3), row(run, 2, 0.2), row(run, 1, float("nan"))]
    )
    assert [model.is_best(f"run{number}") for number in (4, 3, 2, 1)] == [False, False, True, False]


def test_the_filter_wants_every_word_and_keeps_the_run_in_focus(run: Run) -> None:
    model = RunModel()
    runs = RunFilter(model)
    model.set_rows([row(run, 3, name="wide net"), row(run, 2, name="deep net"), row(run, 1)])
    runs.set_words("NET wide")
    assert runs.rowCount() == 1
    runs.keep("run1")
    assert runs.rowCount() == 2
    runs.set_words("sgd")
    assert runs.rowCount() == 3


def test_numbers_sort_as_numbers_and_newest_is_first(run: Run, qtbot: QtBot, theme: Theme) -> None:
    table = RunTable(theme)
    qtbot.addWidget(table)
    table.set_rows([row(run, 11, 0.3), row(run, 10, 0.1), row(run, 9, 0.2)])
    assert [table.runs.index(place, Column.RUN).data() for place in range(3)] == ["Run 11", "Run 10", "Run 9"]
    table.view.sortByColumn(Column.LOSS, Qt.SortOrder.AscendingOrder)
    assert [table.runs.index(place, Column.RUN).data() for place in range(3)] == ["Run 10", "Run 9", "Run 11"]


def test_the_selection_stays_on_its_run_when_another_comes(run: Run, qtbot: QtBot, theme: Theme) -> None:
    table = RunTable(theme)
    qtbot.addWidget(table)
    table.set_rows([row(run, 2), row(run, 1)])
    table.focus_run("run1")
    table.set_rows([row(run, 3), row(run, 2), row(run, 1)])
    assert table.view.currentIndex().siblingAtColumn(Column.RUN).data() == "Run 1"


def test_an_empty_table_says_what_will_be_there_and_every_cell_paints(run: Run, qtbot: QtBot, theme: Theme) -> None:
    table = RunTable(theme)
    qtbot.addWidget(table)
    table.resize(1000, 218)
    table.show()
    table.set_rows([])
    assert not table.view.isVisible()
    table.set_rows([row(run, 2, 0.1), row(run, 1)])
    assert table.view.isVisible()
    assert not table.grab().isNull()


def test_renaming_in_place_says_the_new_name(run: Run, qtbot: QtBot, theme: Theme) -> None:
    table = RunTable(theme)
    qtbot.addWidget(table)
    table.show()
    table.set_rows([row(run, 1)])
    table.focus_run("run1")
    table.start_rename("run1")
    editor = table.view.indexWidget(table.view.currentIndex()) or table.view.focusWidget()
    with qtbot.waitSignal(table.run_renamed) as renamed:
        editor = next(each for each in table.view.viewport().children() if each.metaObject().className() == "QLineEdit")
        editor.setText("best so far")
        table.view.itemDelegate().commitData.emit(editor)
    assert renamed.args == ["run1", "best so far"]


def shown(table: RunTable) -> list[str]:
    return [table.runs.index(place, Column.RUN).data() for place in range(table.runs.rowCount())]


@pytest.mark.parametrize("column", [Column.LOSS, Column.CURVE])
def test_runs_are_ranked_by_their_best_value_and_those_without_one_come_last_either_way(
    run: Run, qtbot: QtBot, theme: Theme, column: Column
) -> None:
    table = RunTable(theme)
    qtbot.addWidget(table)
    # By their last values, which run against the best ones here, the order would be the other one.
    table.set_rows([row(run, 5, None), row(run, 4, float("nan")), row(run, 3, 0.3), row(run, 2, 0.1), row(run, 1, 0.2)])
    table.view.sortByColumn(column, Qt.SortOrder.AscendingOrder)
    assert shown(table) == ["Run 2", "Run 1", "Run 3", "Run 5", "Run 4"]
    table.view.sortByColumn(column, Qt.SortOrder.DescendingOrder)
    assert shown(table) == ["Run 3", "Run 1", "Run 2", "Run 5", "Run 4"]


def test_an_accuracy_that_is_not_of_the_best_epoch_is_neither_shown_nor_sorted_by(
    run: Run, qtbot: QtBot, theme: Theme
) -> None:
    table = RunTable(theme)
    qtbot.addWidget(table)
    good = {"val_loss": 0.5, "val_accuracy": 0.9}
    table.set_rows([row(run, 3, None), row(run, 2, best=good), row(run, 1, best={**good, "val_accuracy": 0.05})])
    table.view.sortByColumn(Column.ACCURACY, Qt.SortOrder.DescendingOrder)
    assert shown(table) == ["Run 2", "Run 1", "Run 3"]
    assert table.runs.index(2, Column.ACCURACY).data() == "–"


def test_a_pinned_run_is_on_top_whatever_the_sort(run: Run, qtbot: QtBot, theme: Theme) -> None:
    table = RunTable(theme)
    qtbot.addWidget(table)
    rows = [row(run, 3, 0.3), row(run, 2, 0.1), row(run, 1, 0.2)]
    table.set_rows(rows)
    table.focus_run("run2")
    pinned = row(run, 1, 0.2, pinned=True)
    table.set_rows([*rows[:2], pinned])
    for column in Column:
        for order in Qt.SortOrder:
            table.view.sortByColumn(column, order)
            assert shown(table)[0] == "Run 1", (column, order)
            assert table.view.currentIndex().siblingAtColumn(Column.RUN).data() == "Run 2", (
                "the selection stays on its run"
            )
    table.set_rows(rows)
    table.view.sortByColumn(Column.RUN, Qt.SortOrder.DescendingOrder)
    assert shown(table) == ["Run 3", "Run 2", "Run 1"]


def test_a_value_that_changes_moves_its_run_at_once_without_a_reset(
    run: Run, qtbot: QtBot, theme: Theme, qtmodeltester: ModelTester
) -> None:
    table = RunTable(theme)
    qtbot.addWidget(table)
    qtmodeltester.check(table.model)
    qtmodeltester.check(table.runs)
    resets: list[int] = []
    table.model.modelReset.connect(lambda: resets.append(1))
    table.view.sortByColumn(Column.LOSS, Qt.SortOrder.AscendingOrder)
    table.set_rows([row(run, 3, 0.3), row(run, 2, 0.1), row(run, 1, 0.2)])
    table.focus_run("run3")
    table.set_rows([row(run, 4, 0.25), row(run, 3, 0.05), row(run, 1, 0.2)])
    assert shown(table) == ["Run 3", "Run 1", "Run 4"]
    assert table.view.currentIndex().siblingAtColumn(Column.RUN).data() == "Run 3"
    assert not resets


def test_the_first_click_on_a_title_brings_the_best_to_the_top(run: Run) -> None:
    model = RunModel()
    role = Qt.ItemDataRole.InitialSortOrderRole
    first = {column: model.headerData(column, Qt.Orientation.Horizontal, role) for column in Column}
    assert first[Column.LOSS] is Qt.SortOrder.AscendingOrder
    assert first[Column.ACCURACY] is Qt.SortOrder.DescendingOrder


def test_the_place_of_a_run_among_those_on_the_same_pictures_is_told(run: Run) -> None:
    model = RunModel()
    model.set_rows([row(run, 3, 0.3), row(run, 2, 0.2), row(run, 1, 0.01, pictures="shapes")])
    tips = [model.index(place, Column.LOSS).data(Qt.ItemDataRole.ToolTipRole) for place in range(3)]
    assert tips[0] == "Number 2 of the 2 runs on the same pictures."
    assert tips[1] == "The lowest of the 2 runs on the same pictures."
    assert not tips[2]


def test_a_tooltip_shows_a_strangers_words_as_they_are(run: Run) -> None:
    model = RunModel()
    model.set_rows([row(run, 1, name="<b>bold</b>", note="<img src=x>", tags=("<i>",))])
    for column in (Column.RUN, Column.NOTES):
        tip = model.index(0, column).data(Qt.ItemDataRole.ToolTipRole)
        assert "&lt;" in tip
        assert not any(bad in tip for bad in ("<b>", "<img", "<i>"))


def test_the_count_says_how_many_of_all_are_found(run: Run, qtbot: QtBot, theme: Theme) -> None:
    table = RunTable(theme)
    qtbot.addWidget(table)
    table.set_rows([row(run, 3, tags=("holiday",)), row(run, 2), row(run, 1)])
    assert table._count.text() == "3"
    table.filter.setText("tag:hol")
    assert table._count.text() == "1 of 3"
    table.focus_run("run1")
    assert table._count.text() == "2 of 3", "the run in focus stays in sight"


@pytest.mark.parametrize(("key", "signal"), [("T", "tags_asked"), ("N", "note_asked"), ("P", "pin_asked")])
def test_tags_note_and_pin_are_a_key_away(run: Run, qtbot: QtBot, theme: Theme, key: str, signal: str) -> None:
    table = RunTable(theme)
    qtbot.addWidget(table)
    table.set_rows([row(run, 2), row(run, 1)])
    table.focus_run("run1")
    with qtbot.waitSignal(getattr(table, signal)) as asked:
        qtbot.keyClick(table.view, key.lower())
    assert asked.args == ["run1"]


def test_every_cell_paints_with_pins_tags_and_notes(run: Run, qtbot: QtBot, theme: Theme) -> None:
    table = RunTable(theme)
    qtbot.addWidget(table)
    table.resize(1120, 218)
    table.show()
    bare = row(run, 1)
    table.set_rows([bare])
    before = table.grab().toImage()
    for more in ({"tags": tuple("abcdefgh")}, {"note": "Rate?"}, {"tags": ("a",), "note": "x" * 300}, {"pinned": True}):
        table.set_rows([dataclasses.replace(bare, run=dataclasses.replace(bare.run, **more))])
        assert table.grab().toImage() != before, more
