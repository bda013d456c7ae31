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


def row(run: Run, number: int, loss: float = 0.5, name: str = "", pictures: str = "digits") -> Row:
    ended = dataclasses.replace(
        run, id=f"run{number}", number=number, name=name or f"Run {number}", state=State.ENDED, ending=Ending.COMPLETED,
        best_epoch=1, best={"val_loss": loss}, last={"val_loss": loss}, epochs=1,
    )  # fmt: skip
    return Row(ended, "CNN, Adam", ("SGD",), (loss,), pictures)


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
    assert [table.runs.index(place, 0).data() for place in range(3)] == ["Run 11", "Run 10", "Run 9"]
    table.view.sortByColumn(Column.LOSS, Qt.SortOrder.AscendingOrder)
    assert [table.runs.index(place, 0).data() for place in range(3)] == ["Run 10", "Run 9", "Run 11"]


def test_the_selection_stays_on_its_run_when_another_comes(run: Run, qtbot: QtBot, theme: Theme) -> None:
    table = RunTable(theme)
    qtbot.addWidget(table)
    table.set_rows([row(run, 2), row(run, 1)])
    table.focus_run("run1")
    table.set_rows([row(run, 3), row(run, 2), row(run, 1)])
    assert table.view.currentIndex().siblingAtColumn(0).data() == "Run 1"


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
