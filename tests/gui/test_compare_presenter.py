"""The Compare tab in the real window: filled from the journal, and what is asked there is done."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from workbench.events import Ending
from workbench.gui import tokens
from workbench.gui.tabs.settings_table import SettingRow
from workbench.gui.window import Window
from workbench.journal import Journal
from workbench.paths import Workspace
from workbench.spec import Recipe
from workbench.spec.recipe import changed

from .test_comparing import make

pytestmark = pytest.mark.window
OpenWindow = Callable[[], Window]
SGD = changed(Recipe(), "optimizer.method", "sgd")


@pytest.fixture
def runs(workspace: Workspace) -> list[str]:
    """Three seeds of one recipe, one that is as good, and one that is much better."""
    with Journal(workspace) as journal:
        seeds = [
            make(journal, changed(Recipe(), "training.seed", seed), best)
            for seed, best in ((1, 0.50), (2, 0.54), (3, 0.52))
        ]
        return [*seeds, make(journal, SGD, 0.53), make(journal, changed(SGD, "optimizer.learning_rate", 0.3), 0.1)]


@pytest.fixture
def window(open_window: OpenWindow, runs: list[str], qtbot: QtBot) -> Window:
    """A window on the Compare tab, with all of these runs shown and read."""
    made = open_window()
    made.finish()
    qtbot.waitUntil(lambda: len(made.session.rows or ()) == len(runs), timeout=20_000)
    made.session.compare(runs)
    made.session.set_baseline(runs[0])
    made.tabs.show_tab("compare")
    qtbot.waitUntil(
        lambda: len(made.session.compared) == len(runs) and all(each.curves for each in made.session.compared),
        timeout=20_000,
    )
    return made


def cells(rows: tuple[SettingRow, ...], label: str) -> list[str]:
    return [cell.text for cell in next(row for row in rows if row.label == label).cells]


def test_the_tab_shows_the_runs_their_differences_and_what_came_of_them(window: Window, runs: list[str]) -> None:
    shown = window.compare.shown
    assert [run.run.id for run in shown.runs] == runs[::-1]
    assert shown.note == "Baseline is Run 1, three seeds"
    assert cells(shown.settings.settings, "Optimizer") == ["SGD", "SGD", "Adam", "Adam", "Adam"]
    differing = [row.label for row in shown.settings.settings if row.differs]
    # What only follows from the method is no difference of its own, and a seed is none.
    assert differing == ["Optimizer", "Learning rate"]
    assert cells(shown.settings.results, "Best val. loss") == ["0.1000", "0.5300", "0.5200", "0.5400", "0.5000"]
    stars = [cell.star for cell in shown.settings.results[0].cells]
    assert stars == [True, False, False, False, False]


def test_a_difference_within_the_seeds_spread_is_dim_and_the_verdict_says_so(
    window: Window, runs: list[str], qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: any(row.greyed for row in window.session.rows or ()), timeout=20_000)
    assert [cell.dim for cell in window.compare.shown.settings.results[0].cells] == [False, True, True, True, False]
    window.session.show_run(runs[3])
    verdict = window.compare.shown.verdict
    assert verdict is not None
    assert verdict.tone == "muted"
    assert "within the spread between seeds" in verdict.sentence
    window.session.show_run(runs[4])
    verdict = window.compare.shown.verdict
    assert verdict is not None
    assert (verdict.tone, verdict.title) == ("ok", "Run 5 clearly beats the baseline")


def test_mean_and_range_over_the_baselines_seeds_are_a_band(window: Window) -> None:
    bands = {band.series: band for band in window.compare.shown.bands}
    assert set(bands) >= {"val_loss"}
    assert bands["val_loss"].mean.tolist() == pytest.approx([0.72, 0.62, 0.52])
    assert bands["val_loss"].low.tolist() == pytest.approx([0.70, 0.60, 0.50])
    assert bands["val_loss"].high.tolist() == pytest.approx([0.74, 0.64, 0.54])


def test_another_baseline_hiding_and_forking_are_asked_for_from_the_plot(
    window: Window, runs: list[str], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.compare.hide_asked.emit(runs[4])
    qtbot.waitUntil(lambda: len(window.compare.shown.runs) == 4, timeout=20_000)
    window.compare.baseline_asked.emit(runs[3])
    qtbot.waitUntil(lambda: window.compare.shown.note == "Baseline is Run 4", timeout=20_000)
    asked: list[int | None] = []
    monkeypatch.setattr(window.steering, "fork_after", asked.append)
    window.compare.fork_asked.emit(runs[1], 2)
    assert window.session.focus == runs[1]
    assert asked == [2]


def test_comparing_what_is_selected_opens_the_tab(window: Window, qtbot: QtBot) -> None:
    window.tabs.show_tab("curves")
    window.table.compare_asked.emit()
    assert window.tabs.name == "compare"
    assert window.compare.shown.runs == window.session.compared


def test_with_no_eye_open_the_two_newest_runs_that_have_curves_are_offered_and_shown_when_wanted(
    window: Window, workspace: Workspace, runs: list[str], qtbot: QtBot
) -> None:
    with Journal(workspace) as journal:
        journal.end(journal.create_run(Recipe()).id, Ending.FAILED, "It never began.")
    window.session.compare([])
    qtbot.waitUntil(lambda: len(window.session.rows or ()) == len(runs) + 1, timeout=20_000)
    assert window.compare.shown.runs == ()
    assert window.compare.shown.newest == (runs[3], runs[4])
    qtbot.mouseClick(window.compare.begin, Qt.MouseButton.LeftButton)
    assert {run.run.id for run in window.compare.shown.runs} == {runs[3], runs[4]}
    assert not window.compare.begin.isVisible()


def test_the_comparison_is_given_out_with_every_run(window: Window, qtbot: QtBot) -> None:
    from workbench.gui.curves.compare_export import ask_export

    dialog = ask_export(window.theme, window.compare)
    assert dialog is not None
    qtbot.addWidget(dialog)
    wish = dialog.wish()
    assert dialog.windowTitle() == "Export the curves of Run 1 and 4 more runs"
    assert len(wish.others) == 4
    assert wish.band is not None
    assert wish.band.mean.tolist() == pytest.approx([0.72, 0.62, 0.52])
    assert wish.band.low.tolist() == pytest.approx([0.70, 0.60, 0.50])
    assert wish.band.high.tolist() == pytest.approx([0.74, 0.64, 0.54])
    assert wish.band.curves in {each.curves for each in wish.beside}
    assert (wish.lanes, wish.training) == (("loss",), False)
    assert not dialog.asked.switches, "no run is in focus, so there are no flags"
    dialog.close()


def test_in_the_figure_of_a_comparison_each_run_looks_as_on_the_tab_and_the_baseline_is_marked(
    window: Window, runs: list[str], qtbot: QtBot
) -> None:
    from workbench.gui.curves.compare_export import ask_export

    window.compare.baseline_asked.emit(runs[3])
    qtbot.waitUntil(lambda: window.compare.shown.note.startswith("Baseline is Run 4"), timeout=20_000)
    window.compare.series.choose("loss")
    dialog = ask_export(window.theme, window.compare)
    assert dialog is not None
    qtbot.addWidget(dialog)
    wish = dialog.wish()
    assert wish.training
    assert wish.band is None, "the band is of validation losses"
    assert wish.first is not None
    assert [(each.name, each.baseline) for each in wish.beside if each.baseline] == [("Run 4", True)]
    assert wish.first.baseline
    window.theme.set_mode("light")
    seen = {each.run.name: each.slot for each in window.compare.shown.runs}
    for each in wish.beside:
        place = seen[each.name]
        assert each.colour.lower() == window.theme.series(f"run{place % 6 + 1}").name()
        assert (each.dash, each.marker) == (tokens.RUN_DASHES[place % 6], tokens.RUN_MARKERS[place % 6])
    assert len({each.colour for each in wish.beside}) == 5
    dialog.close()


def test_runs_whose_eyes_are_open_lie_under_the_curves_of_the_run_in_focus(
    window: Window, runs: list[str], qtbot: QtBot
) -> None:
    window.session.show_run(runs[0])
    window.tabs.show_tab("curves")
    view = window.presenter._curves
    assert view is not None
    qtbot.waitUntil(
        lambda: view.stack.shown.curves is not None and view.stack.shown.curves.last_epoch == 3, timeout=20_000
    )
    assert {other.run.id for other in view.stack.shown.others} == set(runs)
    window.show()
    slot = next(each.slot for each in window.session.compared if each.run.id == runs[4])
    colour = window.theme.series(f"run{slot % 6 + 1}")

    def drawn() -> bool:
        shot = view.stack.loss.viewport().grab().toImage()
        return any(
            shot.pixelColor(x, y) == colour for x in range(60, shot.width(), 2) for y in range(0, shot.height(), 2)
        )

    qtbot.waitUntil(drawn, timeout=20_000)
    window.session.show_in_plots([runs[4]], shown=False)
    qtbot.waitUntil(lambda: not drawn(), timeout=20_000)


def test_a_run_that_ends_is_told_anew(window: Window, workspace: Workspace, qtbot: QtBot) -> None:
    with Journal(workspace) as journal:
        sixth = make(journal, changed(SGD, "optimizer.learning_rate", 0.2), 0.05, end=False)
        window.session.show_in_plots([sixth], shown=True)
        qtbot.waitUntil(lambda: len(window.compare.shown.runs) == 6, timeout=20_000)
        journal.end(sixth, Ending.COMPLETED, "As planned.")
    qtbot.waitUntil(lambda: window.compare.shown.runs[0].run.ending is Ending.COMPLETED, timeout=20_000)


def test_where_all_runs_did_equally_well_none_has_a_star(window: Window) -> None:
    time = next(row for row in window.compare.shown.settings.results if row.label == "Time")
    assert len({cell.text for cell in time.cells}) == 1
    assert not any(cell.star for cell in time.cells)
