import itertools
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel, QTabBar

from workbench.curves.run_curves import RunCurves
from workbench.events import AttemptStarted, DataReady, Ending, EpochEnded, State
from workbench.gui.compared import Compared
from workbench.gui.curves.compare_plot import ComparePlot
from workbench.gui.curves.overlaid import Band
from workbench.gui.tabs.compare_page import ComparePage, Comparison
from workbench.gui.tabs.compare_words import NOTHING, summary
from workbench.gui.tabs.settings_table import Cell, Column, SettingRow, SettingsShown
from workbench.gui.tabs.verdict_card import Verdict
from workbench.journal import Run, Said

pytestmark = pytest.mark.window


def a_run(number: int, best: float | None = None, epoch: int | None = None, **changes: object) -> Run:
    fields: dict[str, object] = {
        "id": f"r{number}", "number": number, "name": f"Run {number}", "preset": "", "recipe_toml": "", "created": 0.0,
        "state": State.ENDED, "ending": Ending.COMPLETED, "reason": "", "reserved": 0.0, "process": 1, "started": 0.0, "ended": None,
        "epochs_planned": 80, "epochs": 0, "seconds": 0.0, "images_per_second": 0.0, "best_epoch": epoch,
        "best": {"val_loss": best} if best is not None else {}, "last": {}, "weights_sha256": None, "last_weights_sha256": None,
        "device": "CPU",
    }  # fmt: skip
    return Run(**(fields | changes))


def curves(epochs: int) -> RunCurves:
    made, ids = RunCurves(), itertools.count(1)
    made.feed(
        [
            Said(next(ids), 1, 0.0, each)
            for each in (AttemptStarted(0, 0, 1), DataReady(100, 20, 0, ("a",), (8, 8, 1), 50, "f"))
        ],
        [],
    )
    for epoch in range(1, epochs + 1):
        event = EpochEnded(
            epoch, epoch * 50, float(epoch), {"val_loss": 0.2 + 1 / epoch, "val_accuracy": 0.9}, 100.0, None, None
        )
        made.feed([Said(next(ids), 1, 0.0, event)], [])
    return made


def comparison(count: int = 3, **changes: object) -> Comparison:
    runs = tuple(
        Compared(
            a_run(number, 0.2 + number / 100, number),
            number - 1,
            f"lr {number}",
            baseline=number == 1,
            curves=curves(9 + number),
        )
        for number in range(1, count + 1)
    )
    columns = tuple(Column(each.run.id, each.run.name, each.slot, each.baseline) for each in runs)

    def row(label: str, differs: bool = True) -> SettingRow:
        return SettingRow(
            label, tuple(Cell(f"{label} {place}", dim=place == 2, star=place == 1) for place in range(count)), differs
        )

    shown = SettingsShown(
        columns, (row("Optimizer"), row("Depth", differs=False), row("Rate")), (row("Best val. loss"), row("Epochs"))
    )
    made = Comparison(
        runs, "Baseline is Run 1, two seeds", shown, Verdict("Run 2 is better", "The gap is 3 times the spread.", "ok")
    )
    return replace(made, **changes)


@pytest.fixture
def page(qtbot, theme) -> ComparePage:
    made = ComparePage(theme)
    qtbot.addWidget(made)
    made.put_plot(ComparePlot(theme))
    made.resize(1030, 520)
    with qtbot.waitExposed(made):
        made.show()
    return made


def table(page: ComparePage) -> list[list[str]]:
    model = page.table.model
    return [
        [model.index(row, column).data() for column in range(model.columnCount())] for row in range(model.rowCount())
    ]


def test_the_empty_page_names_the_next_step_and_nothing_else(page) -> None:
    assert page.nothing.isVisible()
    assert page.nothing.text() == NOTHING
    assert not page.begin.isVisible(), "there are no two runs"
    assert page.title.text() == "Nothing to compare yet"
    assert not page.series.isVisible()
    assert not page.export.isVisible()
    assert NOTHING in page.accessibleDescription()
    page.show_comparison(comparison())
    assert not page.nothing.isVisible()
    assert page.plot.isVisible()
    page.show_comparison(Comparison())
    assert page.nothing.isVisible()
    assert not page.plot.isVisible()


def test_the_empty_page_offers_to_compare_the_two_newest_runs_where_there_are_two(page, qtbot) -> None:
    page.show_comparison(Comparison(newest=("r1", "r2")))
    assert page.begin.isVisible()
    assert page.begin.kind == "tonal", "the one filled button is Start"
    with qtbot.waitSignal(page.runs_wanted) as wanted:
        qtbot.mouseClick(page.begin, Qt.MouseButton.LeftButton)
    assert wanted.args == [("r1", "r2")]
    page.show_comparison(comparison())
    assert not page.begin.isVisible()


def test_only_the_settings_that_differ_are_listed_until_all_are_wanted(page, qtbot) -> None:
    page.show_comparison(comparison())
    assert [row[0] for row in table(page)] == ["Optimizer", "Rate", "Best val. loss", "Epochs"]
    assert (page.table.title.text(), page.table.count.text()) == ("Settings that differ", "2 of 3")
    qtbot.mouseClick(page.table.choice.button("all"), Qt.MouseButton.LeftButton)
    assert [row[0] for row in table(page)] == ["Optimizer", "Depth", "Rate", "Best val. loss", "Epochs"]
    assert page.table.title.text() == "Settings"


def test_the_baseline_is_pinned_at_the_right_whatever_its_place(page) -> None:
    page.show_comparison(comparison())
    assert table(page)[0] == ["Optimizer", "Optimizer 1", "Optimizer 2", "Optimizer 0"]
    header = [page.table.model.headerData(column, Qt.Orientation.Horizontal) for column in range(4)]
    assert header == ["Setting", "Run 2", "Run 3", "Run 1"]
    assert page.table.model.is_baseline(3)
    assert page.table.baseline.isVisible()
    assert not page.table.baseline.isColumnHidden(3)
    assert page.table.values.isColumnHidden(3)
    assert page.table.values.isColumnHidden(0)


def test_without_a_baseline_no_column_is_pinned(page) -> None:
    shown = comparison()
    columns = tuple(replace(each, baseline=False) for each in shown.settings.columns)
    page.show_comparison(replace(shown, settings=replace(shown.settings, columns=columns)))
    assert not page.table.baseline.isVisible()
    assert table(page)[0] == ["Optimizer", "Optimizer 0", "Optimizer 1", "Optimizer 2"]


def test_many_runs_scroll_sideways_while_labels_and_baseline_stay_and_the_plot_keeps_its_room(page) -> None:
    page.show_comparison(comparison(40))
    bar = page.table.values.horizontalScrollBar()
    assert bar.maximum() > 0
    bar.setValue(bar.maximum())
    assert page.table.labels.isVisible()
    assert page.table.baseline.isVisible()
    assert page.plot.width() > 0.5 * page.width()


def test_the_three_parts_scroll_down_together(page) -> None:
    shown = comparison()
    rows = tuple(replace(shown.settings.settings[0], label=f"Setting {number}") for number in range(60))
    page.show_comparison(replace(shown, settings=replace(shown.settings, settings=rows)))
    page.table.values.verticalScrollBar().setValue(300)
    assert page.table.labels.verticalScrollBar().value() == 300
    assert page.table.baseline.verticalScrollBar().value() == 300


def test_cells_are_spoken_with_setting_run_and_standing(page) -> None:
    page.show_comparison(comparison())
    index = page.table.model.index(2, 1)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "Best val. loss, Run 2: Best val. loss 1, the best"


def test_equal_values_are_dimmed_and_the_baseline_is_tinted(page, theme) -> None:
    page.show_comparison(comparison())

    def colours(view, column: int) -> set[int]:
        rect = view.visualRect(page.table.model.index(0, column))
        shot = view.viewport().grab(rect).toImage().convertToFormat(QImage.Format.Format_RGB32)
        return {int(pixel) for pixel in np.unique(np.frombuffer(shot.constBits(), np.uint32) & 0xFFFFFF)}

    text, dim = theme.colour("text").rgb() & 0xFFFFFF, theme.colour("text3").rgb() & 0xFFFFFF
    tint, warn = theme.colour("muted_tint").rgb() & 0xFFFFFF, theme.colour("warn").rgb() & 0xFFFFFF
    best, equal, baseline = (
        colours(page.table.values, 1),
        colours(page.table.values, 2),
        colours(page.table.baseline, 3),
    )
    assert text in best
    assert warn in best
    assert text not in equal
    assert dim in equal
    assert tint in baseline
    assert tint not in best


def test_names_and_values_of_strangers_are_plain_text(page) -> None:
    shown = comparison()
    bold = "<b>&amp;</b>"
    runs = tuple(replace(each, run=replace(each.run, name=bold), label=bold) for each in shown.runs)
    columns = tuple(replace(each, name=bold) for each in shown.settings.columns)
    rows = (SettingRow(bold, (Cell(bold),) * 3),)
    page.show_comparison(
        replace(shown, runs=runs, note=bold, settings=SettingsShown(columns, rows), verdict=Verdict(bold, bold))
    )
    for label in page.findChildren(QLabel):
        assert label.textFormat() is Qt.TextFormat.PlainText or not label.text()
    assert "&lt;b&gt;" in page.legend.toolTip()
    assert "&lt;b&gt;" in page.table.model.index(0, 1).data(Qt.ItemDataRole.ToolTipRole)
    assert (bold, bold) in page.legend.fitting()[0] or (bold, "") in page.legend.fitting()[0]
    page.plot.set_cursor(3.0)
    page.grab()


def test_series_axis_and_scale_are_chosen_above_the_plot(page) -> None:
    band = Band("val_loss", "r1", np.arange(1.0, 4), np.ones(3), np.zeros(3), np.ones(3))
    page.show_comparison(comparison(bands=(band,)))
    assert page.plot.shown.series == "val_loss"
    assert page.plot.shown.band is band
    page.series.button("val_accuracy").click()
    assert page.plot.shown.series == "val_accuracy"
    assert page.plot.shown.band is None
    assert not page.scale.isEnabled()
    page.series.button("loss").click()
    page.axis.button("time").click()
    page.scale.button("log").click()
    assert (page.plot.shown.series, page.plot.shown.axis.value, page.plot.shown.log) == ("loss", "time", True)
    page.plot.scale_turned.emit()
    assert page.scale.key == "linear"
    assert not page.plot.shown.log


def test_other_metrics_are_offered_and_the_choice_stays_where_it_can(page) -> None:
    page.show_comparison(comparison())
    page.series.button("loss").click()
    page.show_comparison(comparison(series=(("val_loss", "Validation loss"), ("loss", "Training loss"))))
    assert page.series.key == page.plot.shown.series == "loss"
    page.show_comparison(comparison(series=(("val_loss", "Validation loss"),)))
    assert page.series.key == page.plot.shown.series == "val_loss"


def test_what_is_asked_in_the_plot_is_passed_on(page, qtbot) -> None:
    page.show_comparison(comparison())
    for ours, theirs, said in (
        (page.fork_asked, page.plot.fork_asked, ("r2", 5)), (page.baseline_asked, page.plot.baseline_asked, ("r2",)),
        (page.hide_asked, page.plot.hide_asked, ("r2",)),
    ):  # fmt: skip
        with qtbot.waitSignal(ours) as passed:
            theirs.emit(*said)
        assert passed.args == list(said)
    with qtbot.waitSignal(page.export_asked):
        page.export.click()


def test_the_verdict_is_shown_in_its_tone_or_not_at_all(page) -> None:
    page.show_comparison(comparison())
    assert page.verdict.isVisible()
    assert page.verdict.accessibleName() == "Run 2 is better. The gap is 3 times the spread."
    page.show_comparison(comparison(verdict=None))
    assert not page.verdict.isVisible()
    for tone in ("ok", "warn", "muted"):
        page.show_comparison(comparison(verdict=Verdict("a", "b", tone)))
        page.grab()


def test_the_summary_tells_the_runs_in_the_order_of_their_best_value(page) -> None:
    shown = comparison()
    late = Compared(a_run(4, state=State.RUNNING, ending=None), 3, "lr 4", curves=curves(1))
    page.show_comparison(replace(shown, runs=(*reversed(shown.runs), late)))
    said = page.accessibleDescription()
    assert said.startswith("4\xa0runs. Baseline is Run 1. Run 1, lr 1: best validation loss 0.2100 at epoch 1.")
    assert said.index("Run 2") < said.index("Run 3") < said.index("Run 4, lr 4: no best value yet.")
    assert "Run 2 is better" in said
    assert said in page.plot.accessibleName()
    assert summary(()) == NOTHING


def test_a_narrow_legend_leaves_out_labels_then_the_star_then_runs(page) -> None:
    page.show_comparison(comparison())
    legend = page.legend
    legend.resize(900, 24)
    assert legend.fitting() == ([("Run 1", "lr 1"), ("Run 2", "lr 2"), ("Run 3", "lr 3")], 0, True)
    widths = sum(legend._widths(legend.texts(labelled=False)))
    legend.resize(int(widths + 2 * 16 + 2), 24)
    assert legend.fitting() == ([("Run 1", ""), ("Run 2", ""), ("Run 3", "")], 0, False)
    legend.resize(int(widths * 2 / 3 + 40), 24)
    texts, more, _ = legend.fitting()
    assert len(texts) + more == 3
    assert more > 0


def test_a_page_without_its_plot_can_be_filled_already(qtbot, theme) -> None:
    page = ComparePage(theme)
    qtbot.addWidget(page)
    page.show_comparison(comparison())
    page.axis.button("step").click()
    page.series.button("loss").click()
    page.put_plot(ComparePlot(theme))
    assert page.plot.shown.series == "loss"
    assert page.plot.shown.axis.value == page.axis.key
    assert page.plot.shown.runs == page.shown.runs


def test_another_theme_is_taken_over(page, theme) -> None:
    page.show_comparison(comparison())
    theme.set_mode("light")
    shot = page.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(shot.constBits(), np.uint32) & 0xFFFFFF
    assert np.count_nonzero(pixels == 0xFFFFFF) > 0.5 * len(pixels)


def test_the_window_has_the_tab_with_its_key_and_panels_of_its_own(open_window, qtbot) -> None:
    window = open_window()
    bar = window.findChild(QTabBar, "tabs")
    assert [bar.tabText(place) for place in range(bar.count())] == [
        "Curves",
        "Data",
        "Model",
        "Results",
        "Compare",
        "Descent lab",
    ]
    window.finish()
    assert window.regions.panels.right
    window.commands["show_compare"].trigger()
    assert window.tabs.name == "compare"
    assert not window.regions.panels.right
    assert window.regions.panels.table
    assert window.compare.nothing.isVisible()
    window.commands["show_curves"].trigger()
    assert window.regions.panels.right
