"""The curves of the run in focus: legend and controls over the plots, in a card. The tab shows nothing else.

It draws what it is given and decides nothing: ranges are the stack's, numbers are the curves'.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QFileDialog, QMenu, QVBoxLayout, QWidget

from workbench.curves.run_curves import Axis, RunCurves
from workbench.curves.smoothing import Smoothing
from workbench.curves.summary import summary_text
from workbench.errors import WorkspaceError
from workbench.gui.curves.legend import Legend
from workbench.gui.curves.stack import PlotStack
from workbench.gui.curves.table import CurvesTable
from workbench.gui.theme import Theme
from workbench.gui.widgets.paint import box
from workbench.journal import Run

_KINDS = "Picture (*.png);;Vector drawing (*.svg)"


class CurvesView(QWidget):
    """Live and finished curves of one run."""

    #: Something about the view that the status bar should say (a sentence).
    status = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("curvesView")
        self._theme = theme
        self._run: Run | None = None
        self._curves: RunCurves | None = None
        self._summary_of: tuple[object, ...] = ()
        self._smoothing: Smoothing | None = None
        self.legend = Legend(theme)
        self.stack = PlotStack(theme)
        self.stack.setAccessibleName("Curves")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 8, 6)
        column.setSpacing(2)
        column.addWidget(self.legend)
        column.addWidget(self.stack, 1)
        self._copy = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self.stack)
        self._copy.setContext(Qt.ShortcutContext.WidgetShortcut)
        self._connect()

    def _connect(self) -> None:
        self.legend.smoothing_changed.connect(self._smooth)
        self.legend.scale_chosen.connect(self._scale)
        self.legend.axis_chosen.connect(self._turn)
        self.legend.export_asked.connect(self.ask_export)
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
        self._run, self._curves = run, curves
        if self._smoothing is not None and curves.smoothing != self._smoothing:
            curves.set_smoothing(self._smoothing)
        self.stack.show_run(run, curves)
        self._describe()

    def refresh(self) -> None:
        """Draw what has come since the last call; cheap when that is little."""
        self.stack.refresh()
        self._describe()

    def clear(self) -> None:
        """Show no run."""
        self._run = self._curves = None
        self.stack.show_run(None, None)
        self._describe()

    def summary(self) -> str:
        """The curves in sentences."""
        if self._run is None or self._curves is None:
            return "No run is shown."
        return summary_text(self._run, self._curves)

    def _describe(self) -> None:
        """Keep the accessible text in step with the epochs (not with every step)."""
        curves = self._curves
        self.legend.show_penalty(curves is not None and curves.penalized)
        now = (curves, curves.told if curves else 0, self._run.state if self._run else None)
        if now != self._summary_of:
            if curves is not None:
                self.legend.show_smoothing(curves.smoothing)
            self._summary_of = now
            text = self.summary()
            self.setAccessibleDescription(text)
            self.stack.setAccessibleName(f"Curves. {text}")

    # --- controls ---------------------------------------------------------------------------------------

    def _smooth(self, smoothing: Smoothing) -> None:
        self._smoothing = smoothing
        if self._curves is not None:
            self._curves.set_smoothing(smoothing)
            self.stack.rerange()

    def _scale(self, key: str) -> None:
        self.stack.set_log(key == "log")

    def _turn_scale(self) -> None:
        key = "linear" if self.stack.shown.log else "log"
        self.legend.scale.choose(key)
        self._scale(key)

    def _turn(self, key: str) -> None:
        self.stack.set_axis(Axis(key))

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
        menu.addAction("Show as table…", self.show_table)
        menu.addAction("Copy summary", self.copy_summary)
        menu.addAction("Export…", self.ask_export)
        menu.addSeparator()
        menu.addAction("Show everything and follow", self.stack.fit)
        menu.addAction("Linear scale" if self.stack.shown.log else "Logarithmic scale", self._turn_scale)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(point)

    # --- export -----------------------------------------------------------------------------------------

    def ask_export(self) -> None:
        """Ask for a file and write the curves there."""
        if self._run is None or self._curves is None:
            self.status.emit("There are no curves to export yet. Start a run or choose one in the table.")
            return
        path, chosen = QFileDialog.getSaveFileName(self, "Export curves", f"{self._run.name}.png", _KINDS)
        if path:
            kind = ".svg" if "svg" in chosen else ".png"
            target = Path(path)
            self.export_to(target if target.suffix else target.with_suffix(kind))

    def export_to(self, path: Path) -> None:
        """Write the curves to a PNG or SVG file; the status says how it went."""
        assert self._run is not None
        assert self._curves is not None
        from workbench.export.figure import save_figure  # noqa: PLC0415 - matplotlib costs half a second, once it is wanted

        try:
            save_figure(self._run, self._curves, path)
        except WorkspaceError as error:
            self.status.emit(str(error))
        else:
            self.status.emit(f"Wrote the curves of {self._run.name} to {path}.")

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box(painter, QRectF(self.rect()), self._theme.colour("plot"), self._theme.colour("line"), radius=8)
        painter.end()
