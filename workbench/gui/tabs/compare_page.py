"""The Compare tab: curves of several runs over each other, the settings in which they differ, and what that comes to.

It is filled by a presenter and decides nothing. The plot is put in after the window's first paint.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from workbench.gui.compared import Compared
from workbench.gui.tabs.compare_words import NOTHING, summary
from workbench.gui.tabs.run_legend import RunLegend
from workbench.gui.tabs.settings_table import SettingsShown, SettingsTable
from workbench.gui.tabs.verdict_card import Verdict, VerdictCard
from workbench.gui.text import Elided, Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button, TonalButton
from workbench.gui.widgets.paint import box
from workbench.gui.widgets.segments import Segments

if TYPE_CHECKING:
    from workbench.gui.curves.compare_plot import ComparePlot
    from workbench.gui.curves.overlaid import Band

MARGIN = 12
#: The table takes no more than this share of the page, as the plot is what one looks at; and no less than so much.
_TABLE_SHARE, _TABLE_LEAST = 0.44, 300
#: What a card's padding adds to the table's width.
_PADDING = 28
#: Key of a series and its title: a metric at the ends of epochs, or "loss", which is the training loss of every step.
Series = tuple[str, str]
USUAL: tuple[Series, ...] = (
    ("val_loss", "Validation loss"), ("val_accuracy", "Accuracy"), ("loss", "Training loss"),
)  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """All that the page shows."""

    runs: tuple[Compared, ...] = ()
    #: "Baseline is Run 12, three seeds"
    note: str = ""
    settings: SettingsShown = field(default_factory=SettingsShown)
    verdict: Verdict | None = None
    #: what can be plotted of these runs
    series: tuple[Series, ...] = USUAL
    #: mean and range over seeds, at most one for each series
    bands: tuple[Band, ...] = ()
    #: while nothing is shown: the ids of two runs that could be
    newest: tuple[str, ...] = ()


class _Card(QWidget):
    """A ground with a border."""

    def __init__(self, theme: Theme, token: str) -> None:
        super().__init__()
        self._theme, self._token = theme, token
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._theme
        box(painter, QRectF(self.rect()), theme.colour(self._token), theme.colour("line"), radius=8)
        painter.end()


class ComparePage(QWidget):
    """What the Compare tab shows."""

    #: A fork is wanted of this run, after this epoch.
    fork_asked = Signal(str, int)
    #: This run is to be what the others are measured against.
    baseline_asked = Signal(str)
    #: This run is not to be shown here any more.
    hide_asked = Signal(str)
    #: These runs are to be shown, as none is (a tuple of ids).
    runs_wanted = Signal(object)
    #: The picture is to be written to a file.
    export_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("comparePage")
        self.setAccessibleName("Compare")
        self._theme = theme
        self.shown = Comparison()
        self.plot: ComparePlot | None = None
        self.title = Text(theme, "", "title")
        self.note = Elided(theme, "", "secondary", "text2")
        self._choices = USUAL
        self.series = self._series_segments(USUAL)
        self.axis = Segments(theme, [("epoch", "Epoch"), ("step", "Step"), ("time", "Time")])
        self.axis.setAccessibleName("Along x")
        self.scale = Segments(theme, [("linear", "Linear"), ("log", "Log")])
        self.scale.setAccessibleName("Scale of the values")
        self.export = Button(theme, "", "export", "flat", height=28)
        self.export.setObjectName("exportComparisonButton")
        self.export.setAccessibleName("Export the comparison")
        self.export.setToolTip("Export the curves of these runs")
        self.legend = RunLegend(theme)
        self.table = SettingsTable(theme)
        self.verdict = VerdictCard(theme)
        self.nothing = Text(theme, NOTHING, "body", "text2", wrap=True)
        self.begin = TonalButton(theme, "Compare the two newest runs", "compare", height=34)
        self.begin.setObjectName("compareNewestButton")
        self._arrange()
        self._connect()
        self.show_comparison(self.shown)

    def _series_segments(self, choices: Sequence[Series]) -> Segments:
        made = Segments(self._theme, choices)
        made.setObjectName("seriesSegments")
        made.setAccessibleName("What is compared")
        made.chosen.connect(self._show_series)
        return made

    def _arrange(self) -> None:
        self._plot_card = _Card(self._theme, "plot")
        self._plot_column = QVBoxLayout(self._plot_card)
        self._plot_column.setContentsMargins(12, 6, 8, 6)
        self._plot_column.setSpacing(2)
        self._plot_column.addWidget(self.legend)
        self._table_card = _Card(self._theme, "card")
        column = QVBoxLayout(self._table_card)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(10)
        column.addWidget(self.table, 1)
        column.addWidget(self.verdict)
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(MARGIN)
        row.addWidget(self._plot_card, 1)
        row.addWidget(self._table_card)
        empty = _Card(self._theme, "plot")
        inner = QVBoxLayout(empty)
        inner.setContentsMargins(24, 24, 24, 24)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        inner.addStretch(1)
        inner.addWidget(self.nothing)
        inner.addSpacing(16)
        inner.addWidget(self.begin, 0, Qt.AlignmentFlag.AlignHCenter)
        inner.addStretch(1)
        self._pages = QStackedWidget()
        self._pages.addWidget(both)
        self._pages.addWidget(empty)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        whole.setSpacing(10)
        whole.addLayout(self._heading())
        whole.addWidget(self._pages, 1)

    def _heading(self) -> QHBoxLayout:
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self.title)
        words.addWidget(self.note)
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._top = row = QHBoxLayout()
        row.setSpacing(8)
        row.addLayout(words, 1)
        for part in (self.series, self.axis, self.scale, self.export):
            row.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
        return row

    def _connect(self) -> None:
        self.axis.chosen.connect(self._turn)
        self.scale.chosen.connect(self._scale)
        self.export.clicked.connect(self.export_asked)
        self.begin.clicked.connect(self._want_newest)
        self.table.width_changed.connect(self._fit)

    # --- what is shown ----------------------------------------------------------------------------------

    def put_plot(self, plot: ComparePlot) -> None:
        """The plot is ready."""
        self.plot = plot
        self._plot_column.addWidget(plot, 1)
        plot.fork_asked.connect(self.fork_asked)
        plot.baseline_asked.connect(self.baseline_asked)
        plot.hide_asked.connect(self.hide_asked)
        plot.scale_turned.connect(self._turn_scale)
        self._show_series(self.series.key)
        self._turn(self.axis.key)
        self._scale(self.scale.key)

    def show_comparison(self, comparison: Comparison) -> None:
        """Show other runs, or the same with what has become known of them."""
        self.shown = comparison
        count = len(comparison.runs)
        self.title.say(f"{count} run{'' if count == 1 else 's'}" if count else "Nothing to compare yet")
        self.note.say(comparison.note)
        self.note.setVisible(bool(comparison.note))
        self._offer(comparison.series)
        for part in (self.series, self.axis, self.scale, self.export):
            part.setVisible(count > 0)
        self.legend.show_runs(comparison.runs)
        self.table.show_settings(comparison.settings)
        self.verdict.show_verdict(comparison.verdict)
        self.begin.setVisible(bool(comparison.newest))
        self._pages.setCurrentIndex(0 if count else 1)
        said = f" {comparison.verdict.title}. {comparison.verdict.sentence}" if comparison.verdict else ""
        self.setAccessibleDescription(summary(comparison.runs) + said)
        self._fill_plot()
        self._fit()

    def look_at(self, series: str, axis: str) -> None:
        """Show a measure along an axis, as if they were chosen."""
        if series in dict(self._choices):
            self.series.choose(series)
            self._show_series(series)
        self.axis.choose(axis)
        self._turn(axis)

    def refresh(self) -> None:
        """Draw what the living runs have told since."""
        if self.plot is not None and self.plot.isVisible():
            self.plot.refresh()

    def _fill_plot(self) -> None:
        if self.plot is not None:
            self.plot.show_runs(self.shown.runs, self._band())
            self.plot.describe(self.accessibleDescription())

    def _band(self) -> Band | None:
        return next((band for band in self.shown.bands if band.series == self.series.key), None)

    def _offer(self, choices: tuple[Series, ...]) -> None:
        """Other runs have other numbers to show; the present choice stays where it can."""
        if choices == self._choices:
            return
        before, self._choices = self.series, choices
        self.series = self._series_segments(choices)
        if before.key in dict(choices):
            self.series.choose(before.key)
        self._top.replaceWidget(before, self.series)
        before.deleteLater()
        self._show_series(self.series.key)

    def _want_newest(self) -> None:
        self.runs_wanted.emit(self.shown.newest)

    # --- controls -----------------------------------------------------------------------------------------

    def _show_series(self, key: str) -> None:
        # A share of one has nothing to gain from a logarithmic scale.
        self.scale.setEnabled("accuracy" not in key)
        if self.plot is not None:
            self.plot.set_series(key)
            self._fill_plot()

    def _turn(self, key: str) -> None:
        if self.plot is not None:
            from workbench.curves.axes import Axis  # noqa: PLC0415 - numpy, which is loaded once there is a plot

            self.plot.set_axis(Axis(key))

    def _scale(self, key: str) -> None:
        if self.plot is not None:
            self.plot.set_log(key == "log")

    def _turn_scale(self) -> None:
        key = "linear" if self.scale.key == "log" else "log"
        self.scale.choose(key)
        self._scale(key)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """The table is as wide as it needs to be, within its share of the page."""
        most = max(self._theme.px(_TABLE_LEAST), round(_TABLE_SHARE * self.width()))
        self._table_card.setFixedWidth(
            min(most, max(self._theme.px(_TABLE_LEAST), self.table.wanted_width() + _PADDING))
        )
