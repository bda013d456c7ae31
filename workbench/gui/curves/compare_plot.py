"""The plot of several runs: one lane on its x axis, with crosshair, keys, zoom and follow mode; one focus stop.

Follow mode as for one run: while it is on, the x range grows with the longest run that lives; any zoom or pan ends it,
0 or a double click brings it back. It says what is asked for a run; what is done about it is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from workbench.curves.axes import Axis
from workbench.gui import words
from workbench.gui.compared import Compared
from workbench.gui.curves import scales
from workbench.gui.curves.ends import point_of
from workbench.gui.curves.inks import Inks
from workbench.gui.curves.overlaid import Band, Overlaid, epoch_at
from workbench.gui.curves.overlay_lane import OverlayLane
from workbench.gui.curves.x_axis import XAxis
from workbench.gui.theme import Theme
from workbench.gui.widgets.paint import ring

_RING = 4
#: Epochs further apart than this many pixels let the crosshair stop between them.
_BETWEEN_FROM = 90.0
#: Room to the right of the longest line for its number, in pixels.
_END_ROOM = 46.0
_MANY = 1_000_000_000


class ComparePlot(QWidget):
    """Curves of several runs over each other."""

    #: A fork is wanted of this run, after this epoch.
    fork_asked = Signal(str, int)
    #: This run is to be what the others are measured against.
    baseline_asked = Signal(str)
    #: This run is not to be shown here any more.
    hide_asked = Signal(str)
    #: Linear and logarithmic were exchanged by key.
    scale_turned = Signal()
    #: The crosshair moved, or vanished.
    cursor_moved = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("comparePlots")
        self.setAccessibleName("Curves of the compared runs")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._theme = theme
        self.shown = Overlaid(Inks(theme))
        self.following = True
        self.lane = OverlayLane(self.shown)
        self.ticks = XAxis(self.shown)
        self._hovering = False
        self._summary = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(_RING, _RING, _RING, _RING)
        column.setSpacing(0)
        column.addWidget(self.lane, 1)
        column.addWidget(self.ticks)
        self._connect()
        self.dress()

    def _connect(self) -> None:
        lane = self.lane
        lane.hovered.connect(self._hover)
        lane.zoom_asked.connect(self._zoom)
        lane.pan_asked.connect(self._pan)
        lane.fit_asked.connect(self.fit)
        lane.menu_asked.connect(self.ask_menu)
        lane.pressed.connect(self._pressed)
        self._theme.changed.connect(self.dress)

    def _pressed(self) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)

    def dress(self) -> None:
        """The theme changed: pens, brushes and fonts anew."""
        self.shown.inks = Inks(self._theme)
        self.lane.dress()
        self.ticks.set_left(self.lane.axis_width())
        self.update()

    # --- what is shown ----------------------------------------------------------------------------------

    def show_runs(self, runs: tuple[Compared, ...], band: Band | None = None) -> None:
        """Show these runs; a range that was zoomed to, and the crosshair, stay where they are."""
        shown = self.shown
        if (runs, band) == (shown.runs, shown.band):
            return
        first = shown.empty
        shown.runs, shown.band = runs, band
        if shown.run_of(shown.chosen) is None:
            shown.chosen = ""
        if first or not runs:
            shown.at = None
            self.fit()
        elif self.following:
            self._follow(anew=True)
        self._repaint()

    def set_series(self, series: str) -> None:
        """Show other numbers of the runs: "val_loss", "loss" (training), or a metric at the ends of epochs."""
        if series != self.shown.series:
            self.shown.series = series
            self.lane.forget_range()
            self._repaint()

    def set_axis(self, axis: Axis) -> None:
        if axis is not self.shown.axis:
            self.shown.axis = axis
            self.shown.at = None
            self.fit()

    def set_log(self, log: bool) -> None:  # noqa: FBT001 - reads like Qt's own setters
        self.shown.log = log
        self.lane.forget_range()
        self._repaint()

    def refresh(self) -> None:
        """Paint what the living runs have told since; cheap when that is nothing."""
        if self.following:
            self._follow()
        self.lane.refresh()

    def describe(self, summary: str) -> None:
        """The comparison in sentences, for screen readers."""
        self._summary = summary
        self.setAccessibleName(f"Curves of the compared runs. {summary}")
        self._speak_cursor()

    def _repaint(self) -> None:
        self.lane.refresh()
        self.lane.repaint_all()
        self.ticks.update()

    # --- the x range -------------------------------------------------------------------------------------

    def fit(self) -> None:
        """Show everything, and follow the runs as they grow."""
        self.following = True
        self._follow(anew=True)
        self.lane.forget_range()
        self._repaint()

    def _stride(self) -> float:
        """Ten epochs, on the present axis."""
        stride = scales.STRIDE * self.shown.unit()
        return scales.nice_step(max(1.0, stride), 1) if self.shown.axis is Axis.TIME else stride

    def _follow(self, *, anew: bool = False) -> None:
        now, stride = self.shown.now(), self._stride()
        width = max(2.0 * _END_ROOM, self.lane.frame().width)
        ended = scales.fitted(now * width / (width - _END_ROOM) / scales.FITTED, stride)
        wanted = scales.grown(now, stride) if self.shown.alive or not now else ended
        if anew or wanted > self.shown.x[1]:
            self._set_x(0.0, wanted)

    def _set_x(self, low: float, high: float) -> None:
        if (low, high) != self.shown.x:
            self.shown.x = (low, high)
            self.lane.sync_range()
            self.ticks.update()

    def _zoom(self, factor: float, pixel: float) -> None:
        share = min(max(pixel / self.lane.frame().width, 0.0), 1.0)
        wanted = scales.zoomed(self.shown.x, factor, share, self._stride())
        if wanted is not None:
            self.following = False
            self._set_x(*wanted)

    def _pan(self, pixels: float) -> None:
        wanted = scales.panned(self.shown.x, -pixels / self.lane.frame().width)
        if wanted != self.shown.x:
            self.following = False
            self._set_x(*wanted)

    # --- the crosshair -------------------------------------------------------------------------------------

    def _hover(self, pixel: float | None) -> None:
        if pixel is None:
            if self._hovering:
                self._hovering = False
                self.set_cursor(None)
            return
        self._hovering = True
        self.set_cursor(self._snapped(self.lane.frame().x_at(pixel)))
        self._choose_near(self.lane.pointer.y())

    def _snapped(self, x: float) -> float | None:
        """The epoch's end next to a place; the place itself where epochs are far apart."""
        shown, unit = self.shown, self.shown.unit()
        if shown.empty:
            return None
        last = shown.now()
        frame = self.lane.frame()
        if unit * frame.width / (frame.x[1] - frame.x[0]) < _BETWEEN_FROM:
            x = max(1, round(x / unit)) * unit
        return min(max(x, 0.0), last)

    def _choose_near(self, y: float) -> None:
        """The run whose line is next to the pointer is the one that the menu is about."""
        shown, view = self.shown, self.lane.view()
        if shown.at is None:
            return
        near = [(abs(point.y() - y), run.run.id) for run in shown.lines if (point := point_of(run, view, shown.at))]
        self._choose(min(near)[1] if near else "")

    def _choose(self, run: str) -> None:
        if run != self.shown.chosen:
            self.shown.chosen = run
            self.lane.over.update()

    def set_cursor(self, at: float | None) -> None:
        """Move the crosshair, or take it away."""
        if at == self.shown.at:
            return
        before = self.lane.cursor_area()
        self.shown.at = at
        for area in (*before, *self.lane.cursor_area()):
            self.lane.over.update(area)
        self._speak_cursor()
        self.cursor_moved.emit()

    def _speak_cursor(self) -> None:
        self.setAccessibleDescription(self.shown.spoken() or self._summary)

    def move_cursor(self, epochs: int) -> None:
        """So many epochs on from where the crosshair is (from an end when there is none)."""
        shown, unit = self.shown, self.shown.unit()
        if shown.empty:
            return
        last = shown.now()
        here = shown.at if shown.at is not None else (last + unit if epochs < 0 else 0.0)
        self.set_cursor(min(max((round(here / unit) + epochs) * unit, min(unit, last)), last))
        if shown.run_of(shown.chosen) is None and shown.lines:
            self._choose(shown.lines[0].run.id)
        low, high = shown.x
        if shown.at is not None and not low <= shown.at <= high:
            begin = max(0.0, shown.at - (high - low) / 2)
            self._set_x(begin, begin + high - low)
        self._announce()

    def choose_next(self, by: int) -> None:
        """The next run, which the menu is about."""
        runs = [run.run.id for run in self.shown.lines]
        if runs:
            here = runs.index(self.shown.chosen) + by if self.shown.chosen in runs else 0
            self._choose(runs[here % len(runs)])
            self._announce()

    def go_to_best(self) -> None:
        """To the best epoch of the chosen run."""
        run = self.shown.run_of(self.shown.chosen) or (self.shown.lines[0] if self.shown.lines else None)
        if run is not None and run.curves is not None and run.curves.best is not None:
            self._choose(run.run.id)
            self.set_cursor(run.curves.axes.x_of_epoch(self.shown.axis, run.curves.best.epoch))
            self._announce()

    def _announce(self) -> None:
        if QAccessible.isActive():
            chosen = self.shown.run_of(self.shown.chosen)
            about = f"{chosen.run.name} is chosen. " if chosen is not None else ""
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, about + self.shown.spoken()))

    # --- keys, menu and focus -------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
            super().keyPressEvent(event)
            return
        act = self._keys(far=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)).get(Qt.Key(event.key()))
        if act is None:
            super().keyPressEvent(event)
        else:
            act()

    def _keys(self, *, far: bool) -> dict[Qt.Key, Callable[[], None]]:
        at = self.shown.at
        middle = self.lane.frame().px1(at if at is not None else sum(self.shown.x) / 2)
        return {
            Qt.Key.Key_Left: lambda: self.move_cursor(-10 if far else -1),
            Qt.Key.Key_Right: lambda: self.move_cursor(10 if far else 1),
            Qt.Key.Key_Up: lambda: self.choose_next(-1),
            Qt.Key.Key_Down: lambda: self.choose_next(1),
            Qt.Key.Key_Home: lambda: self.move_cursor(-_MANY),
            Qt.Key.Key_End: lambda: self.move_cursor(_MANY),
            Qt.Key.Key_B: self.go_to_best,
            Qt.Key.Key_Plus: lambda: self._zoom(0.7, middle),
            Qt.Key.Key_Equal: lambda: self._zoom(0.7, middle),
            Qt.Key.Key_Minus: lambda: self._zoom(1 / 0.7, middle),
            Qt.Key.Key_0: self.fit,
            Qt.Key.Key_G: self.scale_turned.emit,
            Qt.Key.Key_Return: self._ask_menu_by_key,
            Qt.Key.Key_Enter: self._ask_menu_by_key,
            Qt.Key.Key_Menu: self._ask_menu_by_key,
        }

    def _ask_menu_by_key(self) -> None:
        at = self.shown.at
        frame = self.lane.frame()
        pixel = frame.px1(at) if at is not None else frame.width / 2
        self.ask_menu(self.lane.mapToGlobal(QPoint(round(pixel) + self.lane.axis_width() + 8, 30)))

    def ask_menu(self, point: QPoint) -> None:
        """What can be done with the chosen run at the crosshair."""
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(point)

    def menu(self) -> QMenu:
        """The menu for the chosen run."""
        menu = QMenu(self)
        run = self.shown.run_of(self.shown.chosen)
        if run is not None:
            self._fill_menu(menu, run)
        menu.addAction("Show everything and follow", self.fit)
        menu.addAction("Linear scale" if self.shown.log else "Logarithmic scale", self.scale_turned.emit)
        return menu

    def _fill_menu(self, menu: QMenu, run: Compared) -> None:
        key, at = run.run.id, self.shown.at
        epoch = epoch_at(run, self.shown.axis, at) if at is not None else 0
        where = f" · epoch {words.count(epoch)}" if epoch else ""
        title = menu.addAction(f"{run.run.name}{where}".replace("&", "&&"))
        title.setEnabled(False)
        fork = menu.addAction("Fork here with…", lambda: self.fork_asked.emit(key, epoch))
        fork.setEnabled(epoch > 0)
        baseline = menu.addAction("Use as baseline", lambda: self.baseline_asked.emit(key))
        baseline.setEnabled(not run.baseline)
        menu.addAction("Hide", lambda: self.hide_asked.emit(key))
        menu.addSeparator()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.following:
            self._follow(anew=True)

    def event(self, event: QEvent) -> bool:
        if event.type() in {QEvent.Type.FocusIn, QEvent.Type.FocusOut}:
            self.update()
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            ring(painter, QRectF(self.rect()), self._theme, 6)
            painter.end()
