"""The curves of the run in focus: legend and controls over the plots, in a card. The tab shows nothing else.

It draws what it is given and decides nothing: ranges are the stack's, numbers are the curves'.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from workbench.curves.axes import Axis
from workbench.curves.run_curves import RunCurves
from workbench.curves.smoothing import Smoothing
from workbench.curves.summary import summary_text
from workbench.curves.what_if import Told
from workbench.errors import RecipeError
from workbench.export.wish import Wish
from workbench.gui.compared import Compared
from workbench.gui.curves import view_menu
from workbench.gui.curves.beside import beside
from workbench.gui.curves.choices import Choices
from workbench.gui.curves.compare_export import other_of
from workbench.gui.curves.event_lane import FlagButton
from workbench.gui.curves.legend import Legend
from workbench.gui.curves.metric_lane import metrics_of
from workbench.gui.curves.samples import Line
from workbench.gui.curves.stack import PlotStack
from workbench.gui.curves.table import CurvesTable
from workbench.gui.curves.what_if import WhatIfStrip
from workbench.gui.theme import Theme
from workbench.gui.widgets.help import Help, HelpPopover
from workbench.gui.widgets.paint import box
from workbench.journal import Run
from workbench.stopping import Rule

if TYPE_CHECKING:
    from workbench.gui.curves.export_dialog import ExportDialog


class CurvesView(QWidget):
    """Live and finished curves of one run."""

    #: Something about the view that the status bar should say (a sentence).
    status = Signal(str)
    #: The person chose what the curves show (the Choices).
    choices_changed = Signal(object)
    #: A run is to grow from this epoch of the run in focus.
    fork_asked = Signal(int)
    #: A rule of early stopping is to be put into the recipe (a Rule).
    rule_wanted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("curvesView")
        self._theme = theme
        self._run: Run | None = None
        self._curves: RunCurves | None = None
        self._summary_of: tuple[object, ...] = ()
        self.choices = Choices()
        self.legend = Legend(theme)
        self.what_if = WhatIfStrip(theme)
        self.what_if.hide()
        self.stack = PlotStack(theme)
        self.stack.setAccessibleName("Curves")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 8, 6)
        column.setSpacing(2)
        column.addWidget(self.legend)
        column.addWidget(self.stack, 1)
        column.addWidget(self.what_if)
        self._copy = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self.stack)
        self._copy.setContext(Qt.ShortcutContext.WidgetShortcut)
        self._connect()

    def _connect(self) -> None:
        self.legend.smoothing_changed.connect(self._smooth)
        self.legend.scale_chosen.connect(self._scale)
        self.legend.axis_chosen.connect(self._turn)
        self.legend.more_asked.connect(self._show_choices)
        self.legend.export_asked.connect(self.ask_export)
        self.stack.events.opened.connect(self._tell_flag)
        self.what_if.told_changed.connect(self._show_what_if)
        self.what_if.rule_wanted.connect(self.rule_wanted)
        self.what_if.closed.connect(self._close_what_if)
        self.stack.scale_turned.connect(self._turn_scale)
        self.stack.menu_asked.connect(self._menu)
        self._copy.activated.connect(self.copy_summary)
        self._theme.changed.connect(self._dress)

    def _dress(self) -> None:
        self.stack.dress()
        self.update()

    # --- what is shown --------------------------------------------------------------------------------

    def show_run(self, run: Run, curves: RunCurves) -> None:
        """Show a run; called again with a newer snapshot of the same run it keeps range and crosshair."""
        other = curves is not self._curves
        self._run, self._curves = run, curves
        self._smooth_as_chosen()
        self.stack.show_run(run, curves)
        if other:
            self._ask_what_if()
        elif self.choices.what_if:
            self.what_if.show_plan(run.epochs_planned)
        self._describe()

    def refresh(self) -> None:
        """Draw what has come since the last call; cheap when that is little."""
        self.stack.refresh()
        if self.choices.what_if:
            self.what_if.refresh()
        self._describe()

    def clear(self) -> None:
        """Show no run."""
        self._run = self._curves = None
        self.stack.show_run(None, None)
        self._ask_what_if()
        self._describe()

    def set_others(self, others: tuple[Compared, ...]) -> None:
        """The runs whose eyes are open: their lines are under those of the run in focus."""
        self.stack.show_others(others)

    def set_forks(self, forks: Sequence[tuple[str, int]]) -> None:
        """The run's forks, by name and the epoch after which each grew."""
        if tuple(forks) != self.stack.shown.forks:
            self.stack.shown.forks = tuple(forks)
            self.stack.rerange()
            self.stack.events.refresh()

    def summary(self) -> str:
        """The curves in sentences."""
        if self._run is None or self._curves is None:
            return "No run is shown."
        return summary_text(self._run, self._curves)

    def _describe(self) -> None:
        """Keep the accessible text in step with the epochs (not with every step)."""
        curves = self._curves
        self.legend.show_lines(_lines(curves) if curves is not None else frozenset())
        now = (
            curves,
            curves.told if curves else 0,
            self._run and (self._run.name, self._run.state, self._run.epochs_planned),
        )
        if now != self._summary_of:
            if curves is not None:
                self._metric_as_chosen()
                self.legend.show_smoothing(curves.smoothing)
            self._summary_of = now
            text = self.summary()
            self.setAccessibleDescription(text)
            self.stack.setAccessibleName(f"Curves. {text}")

    # --- what is chosen ---------------------------------------------------------------------------------

    def set_choices(self, choices: Choices) -> None:
        """Show curves as they were chosen before."""
        before, self.choices = self.choices, choices
        self.legend.scale.choose("log" if choices.log else "linear")
        self.legend.axis.choose(choices.axis)
        self.legend.show_kind(choices.kind)
        stack, shown = self.stack, self.stack.shown
        if choices.log != shown.log:
            stack.set_log(choices.log)
        if choices.axis is not shown.axis:
            stack.set_axis(choices.axis)
        if choices.clip is not shown.clip:
            stack.set_clip(choices.clip)
        self._metric_as_chosen()
        if set(choices.strips) != set(stack.strips.chosen):
            stack.set_strips(choices.strips)
        self._smooth_as_chosen()
        if choices.what_if != before.what_if:
            self.what_if.setVisible(choices.what_if)
            self._ask_what_if()
        self._describe()

    def _choose(self, choices: Choices) -> None:
        self.set_choices(choices)
        self.choices_changed.emit(choices)

    def _smooth_as_chosen(self) -> None:
        curves, wanted = self._curves, self.choices.smoothing
        if curves is None:
            return
        if wanted is None:  # what suits the run, in the chosen way
            wanted = replace(curves.smoothing, kind=self.choices.kind)
            chosen = False
        else:
            chosen = True
        if curves.smoothing != wanted:
            curves.set_smoothing(wanted, chosen=chosen)
            self.stack.rerange()
        self.legend.show_smoothing(wanted)

    def _metric_as_chosen(self) -> None:
        """The chosen metric where the run has it, which may be after some epochs only."""
        known = metrics_of(self.stack.shown)
        wanted = self.choices.metric if self.choices.metric in known else known[0]
        if wanted != self.stack.shown.metric:
            self.stack.set_metric(wanted)

    def _smooth(self, smoothing: Smoothing) -> None:
        self._choose(replace(self.choices, kind=smoothing.kind, smoothing_steps=smoothing.steps))

    def _scale(self, key: str) -> None:
        self._choose(replace(self.choices, log=key == "log"))

    def _turn_scale(self) -> None:
        self._choose(replace(self.choices, log=not self.choices.log))

    def _turn(self, key: str) -> None:
        self._choose(replace(self.choices, axis=Axis(key)))

    def _show_choices(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        view_menu.fill(menu, self.choices, metrics_of(self.stack.shown), self._choose)
        menu.popup(self.legend.more.mapToGlobal(QPoint(0, self.legend.more.height())))

    # --- what if ----------------------------------------------------------------------------------------

    def _ask_what_if(self) -> None:
        """Ask about the run that is shown, while somebody asks."""
        if not self.choices.what_if or self._run is None:
            self.what_if.show_run(None, None)
            return
        try:
            rule = Rule.of(self._run.recipe.tricks.early_stopping)
        except RecipeError:  # of a later version: its curves can be asked all the same
            rule = None
        self.what_if.show_run(self._curves, rule, self._run.epochs_planned)

    def _show_what_if(self, told: Told | None) -> None:
        self.stack.show_what_if(told.outcome if told is not None else None)

    def _close_what_if(self) -> None:
        self._choose(replace(self.choices, what_if=False))

    # --- flags, words, menus ------------------------------------------------------------------------------

    def _tell_flag(self, button: FlagButton) -> None:
        """What a flag has to tell, in a card beside it; the crosshair goes there."""
        flags = button.flags
        self.stack.go_to(max(1, flags[0].epoch))
        name = flags[0].text if len(flags) == 1 else f"{len(flags)} events"
        told = Help(name, flags[0].sentence, tuple((flag.text, flag.sentence) for flag in flags[1:]))
        HelpPopover(self._theme, told, button).open_at(button)

    def copy_summary(self) -> None:
        """Put the summary on the clipboard."""
        QGuiApplication.clipboard().setText(self.summary())
        self.status.emit("Copied the summary of the curves.")

    def show_table(self) -> CurvesTable | None:
        """The curves as a table of epochs."""
        if self._run is None or self._curves is None:
            return None
        table = CurvesTable(self._theme, self._run.name, self._curves, self)
        table.open()
        return table

    def _menu(self, point: QPoint) -> None:
        menu = QMenu(self)
        epoch = self._epoch_at_cursor()
        if epoch:
            # The crosshair may have gone with the mouse by the time it is chosen.
            menu.addAction(f"Fork after epoch {epoch} with…", lambda: self.fork_asked.emit(epoch))
            menu.addSeparator()
        menu.addAction("Show as table…", self.show_table)
        menu.addAction("Copy summary", self.copy_summary)
        menu.addAction("Export…", self.ask_export)
        menu.addSeparator()
        menu.addAction("Show everything and follow", self.stack.fit)
        menu.addAction("Linear scale" if self.stack.shown.log else "Logarithmic scale", self._turn_scale)
        view_menu.fill(menu.addMenu("What the curves show"), self.choices, metrics_of(self.stack.shown), self._choose)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(point)

    def _epoch_at_cursor(self) -> int:
        """The epoch that has ended at or before the crosshair; 0 without one."""
        cursor, curves = self.stack.shown.cursor, self._curves
        if cursor is None or curves is None or not len(curves.epochs):
            return 0
        row = int(np.searchsorted(curves.epochs.step.view, cursor.place + 1, side="right")) - 1
        return cursor.epoch or (int(curves.epochs.number.view[row]) if row >= 0 else 0)

    # --- export -----------------------------------------------------------------------------------------

    def ask_export(self) -> ExportDialog | None:
        """Ask what to give out, and how; the dialog saves or copies it."""
        if self._run is None or self._curves is None:
            self.status.emit("There are no curves to export yet. Start a run or choose one in the table.")
            return None
        from workbench.gui.curves.export_dialog import ExportDialog  # noqa: PLC0415 - not before the first paint

        dialog = ExportDialog(self._theme, self._run, self._curves, self.wish(), self)
        dialog.status.connect(self.status)
        dialog.open()
        return dialog

    def wish(self) -> Wish:
        """What is on screen, to be drawn or written elsewhere."""
        shown, (low, high) = self.stack.shown, self.stack.loss.y_range
        return Wish(
            axis=shown.axis, log=shown.log, x=shown.x, y=(10**low, 10**high) if shown.log else (low, high),
            metric=shown.metric, others=tuple(told for each in beside(shown) if (told := other_of(each)) is not None),
            lanes=("loss", "metric", *(strip.value for strip in self.stack.strips.visible)), flags=True, forks=shown.forks,
        )  # fmt: skip

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box(painter, QRectF(self.rect()), self._theme.colour("plot"), self._theme.colour("line"), radius=8)
        painter.end()


def _lines(curves: RunCurves) -> frozenset[Line]:
    """Which lines the run has beside those that every run has."""
    found = {Line.MEAN} if len(curves.epochs) else set()
    found |= {Line.REMEASURED} if "remeasured_loss" in curves.epochs.names else set()
    return frozenset(found | ({Line.PENALTY} if curves.penalized else set()))
