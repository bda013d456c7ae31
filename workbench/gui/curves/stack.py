"""The lanes one over the other on one x axis, with one crosshair; one focus stop with the plot's keys.

Follow mode: while it is on, the x range grows with the run (in strides, a quarter stays free). Any zoom or pan
ends it; 0 or a double click brings it back.
"""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.curves.run_curves import Axis, RunCurves
from workbench.gui.curves import scales
from workbench.gui.curves.event_lane import EventLane
from workbench.gui.curves.inks import Inks
from workbench.gui.curves.loss_lane import LossLane
from workbench.gui.curves.readout import spoken
from workbench.gui.curves.shown import Cursor, Shown
from workbench.gui.curves.small_lanes import MetricLane, RateLane
from workbench.gui.curves.x_axis import XAxis
from workbench.gui.theme import Theme
from workbench.gui.widgets.paint import ring
from workbench.journal import Run

#: Heights at 100 %, roomy and small; below so much window height lanes are small and the rate lane hides.
METRIC_HEIGHT, METRIC_SMALL, RATE_HEIGHT = 104, 74, 74
SMALL_WINDOW = 800
_RING = 4
#: Epochs further apart than this many pixels let the crosshair stop at single steps.
_STEPS_FROM = 90.0
_GAP = 6


class PlotStack(QWidget):
    """Event lane, loss, accuracy, learning rate and the x axis."""

    #: The crosshair moved, or vanished.
    cursor_moved = Signal()
    #: Linear and logarithmic were exchanged by key.
    scale_turned = Signal()
    #: A menu is wanted at this point of the screen (QPoint).
    menu_asked = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("plots")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._theme = theme
        self.shown = Shown(Inks(theme))
        self.following = True
        self._roomy = True
        self._hovering = False
        self.events = EventLane(self.shown)
        self.loss = LossLane(self.shown)
        self.accuracy = MetricLane(self.shown)
        self.rate = RateLane(self.shown)
        self.ticks = XAxis(self.shown)
        self.lanes: tuple[LossLane | MetricLane | RateLane, ...] = (self.loss, self.accuracy, self.rate)
        column = QVBoxLayout(self)
        column.setContentsMargins(_RING, 0, _RING, _RING)
        column.setSpacing(0)
        column.addWidget(self.events)
        column.addWidget(self.loss, 1)
        column.addSpacing(_GAP)
        column.addWidget(self.accuracy)
        column.addSpacing(_GAP)
        column.addWidget(self.rate)
        column.addWidget(self.ticks)
        self._connect()
        self.dress()

    def _connect(self) -> None:
        for lane in self.lanes:
            lane.hovered.connect(self._hover)
            lane.zoom_asked.connect(self._zoom)
            lane.pan_asked.connect(self._pan)
            lane.fit_asked.connect(self.fit)
            lane.menu_asked.connect(self.menu_asked)
            lane.pressed.connect(self._pressed)

    def _pressed(self) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)

    def dress(self) -> None:
        """The theme changed: pens, brushes and fonts anew, and heights with them."""
        self.shown.inks = Inks(self._theme)
        left = self.loss.axis_width()
        for lane in self.lanes:
            lane.dress()
        self.events.set_left(left)
        self.ticks.set_left(left)
        self._fit_heights()
        self.update()

    def _fit_heights(self) -> None:
        px = self._theme.px
        self.accuracy.setFixedHeight(px(METRIC_HEIGHT if self._roomy else METRIC_SMALL))
        self.rate.setFixedHeight(px(RATE_HEIGHT))
        self.rate.setVisible(self._roomy)
        self.loss.setMinimumHeight(px(90))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        roomy = self.window().height() >= SMALL_WINDOW
        if roomy != self._roomy:
            self._roomy = roomy
            self._fit_heights()

    # --- what is shown ----------------------------------------------------------------------------------

    def show_run(self, run: Run | None, curves: RunCurves | None) -> None:
        """Show a run's curves. The same run again (a newer snapshot of its row) keeps range and crosshair."""
        shown = self.shown
        same = run is not None and shown.run is not None and run.id == shown.run.id and curves is shown.curves
        turned = same and (run, shown.run) != (None, None) and _state(run) != _state(shown.run)
        shown.run, shown.curves = run, curves
        if not same:
            shown.cursor = None
            self.fit()
        elif turned:
            if self.following:
                self._follow(anew=True)
            self._repaint()
            self.refresh()

    def set_axis(self, axis: Axis) -> None:
        self.shown.axis = axis
        self.fit()

    def set_log(self, log: bool) -> None:  # noqa: FBT001 - reads like Qt's own setters
        self.shown.log = log
        self.loss.forget_range()
        self._repaint()

    def refresh(self) -> None:
        """Paint what is new; cheap when little is."""
        if self.shown.curves is None:
            return
        if self.following:
            self._follow()
        self.events.refresh()
        for lane in self.lanes:
            lane.refresh()

    def rerange(self) -> None:
        """The curves were smoothed anew: everything is to be painted."""
        self._repaint()

    def _repaint(self) -> None:
        for lane in self.lanes:
            lane.repaint_all()
        self.events.update()
        self.ticks.update()

    # --- the x range -------------------------------------------------------------------------------------

    def fit(self) -> None:
        """Show everything, and follow the run as it grows."""
        self.following = True
        self._follow(anew=True)
        for lane in self.lanes:
            lane.forget_range()
        self._repaint()
        self.refresh()

    def _stride(self) -> float:
        """Ten epochs, on the present axis."""
        curves = self.shown.curves
        if curves is None or self.shown.axis is Axis.EPOCH:
            return float(scales.STRIDE)
        stride = scales.STRIDE * float(curves.steps_per_epoch or 100)
        if self.shown.axis is Axis.STEP:
            return stride
        # Run time has no natural stride: a round one near ten epochs, so that it does not creep with each epoch.
        return scales.nice_step(max(1.0, scales.STRIDE * curves.seconds_per_epoch), 1)

    def _follow(self, *, anew: bool = False) -> None:
        curves = self.shown.curves
        now = curves.now(self.shown.axis) if curves is not None else 0.0
        if not self.shown.alive and curves is not None and now > 0:
            wanted = scales.fitted(now, self._stride())
        else:
            wanted = scales.grown(now, self._stride())
            stop = self.shown.projected()
            # The stop comes into view once half of the patience is used up; before, it would only squeeze the curve.
            if curves is not None and stop is not None and 2 * (curves.waited or 0) >= (curves.patience or 0):
                stop_x = curves.x_of_epoch(self.shown.axis, stop)
                if stop_x > wanted:
                    wanted = self._stride() * math.ceil(stop_x / self._stride())
        if anew or wanted > self.shown.x[1]:
            self._set_x(0.0, wanted)

    def _set_x(self, low: float, high: float) -> None:
        if (low, high) == self.shown.x:
            return
        self.shown.x = (low, high)
        for lane in self.lanes:
            lane.sync_range()
        self.events.update()
        self.ticks.update()

    def _zoom(self, factor: float, pixel: float) -> None:
        frame = self.loss.frame()
        centre = frame.x_at(min(max(pixel, 0.0), frame.width))
        low, high = self.shown.x
        span = (high - low) * factor
        whole = max(self._stride() * 1000, high)
        if span < self._stride() / 1e4 or span > whole:
            return
        self.following = False
        share = (centre - low) / (high - low)
        begin = max(0.0, centre - share * span)
        self._set_x(begin, begin + span)

    def _pan(self, pixels: float) -> None:
        low, high = self.shown.x
        by = -pixels * (high - low) / self.loss.frame().width
        if low + by < 0:
            by = -low
        if by:
            self.following = False
            self._set_x(low + by, high + by)

    # --- the crosshair -------------------------------------------------------------------------------------

    def _hover(self, pixel: float | None) -> None:
        if pixel is None:
            if self._hovering:
                self._hovering = False
                self.set_cursor(None)
            return
        self._hovering = True
        self.set_cursor(self._cursor_at(self.loss.frame().x_at(pixel)))

    def _cursor_at(self, x: float) -> Cursor | None:
        curves, axis = self.shown.curves, self.shown.axis
        if curves is None or not (curves.steps or len(curves.epochs)):
            return None
        ends = curves.x_of_epochs(axis)
        frame = self.loss.frame()
        apart = abs(frame.px1(float(ends[-1])) - frame.px1(0.0)) / max(1, curves.last_epoch) if len(ends) else np.inf
        if len(ends) and apart < _STEPS_FROM and x < float(ends[-1]) + (float(ends[-1]) / curves.last_epoch) / 2:
            row = int(np.argmin(np.abs(ends - x)))
            return self._on_epoch(int(curves.epochs.number.view[row]))
        return Cursor(max(0, min(curves.steps, curves.place_of_x(axis, x)) - 1), None)

    def _on_epoch(self, epoch: int) -> Cursor:
        curves = self.shown.curves
        assert curves is not None
        row = int(np.searchsorted(curves.epochs.number.view, epoch))
        return Cursor(int(curves.epochs.step.view[row]) - 1, epoch)

    def set_cursor(self, cursor: Cursor | None) -> None:
        """Move the crosshair, or take it away."""
        if cursor == self.shown.cursor:
            return
        before = [lane.cursor_area() for lane in self.lanes]
        self.shown.cursor = cursor
        for lane, areas in zip(self.lanes, before, strict=True):
            for area in (*areas, *lane.cursor_area()):
                lane.over.update(area)
        self.setAccessibleDescription(spoken(self.shown))
        self.cursor_moved.emit()

    def move_cursor(self, epochs: int) -> None:
        """So many epochs on from where the crosshair is (from the last epoch when there is none)."""
        curves = self.shown.curves
        if curves is None or not len(curves.epochs):
            return
        first, last = int(curves.epochs.number.view[0]), curves.last_epoch
        cursor = self.shown.cursor
        if cursor is None:
            here = last if epochs < 0 else first - epochs
        else:
            here = cursor.epoch or int(cursor.place / (curves.steps_per_epoch or 1)) + (1 if epochs < 0 else 0)
        self._go(min(max(here + epochs, first), last))

    def go_to_best(self) -> None:
        curves = self.shown.curves
        if curves is not None and curves.best is not None:
            self._go(curves.best.epoch)

    def go_to_next_event(self) -> None:
        """To the next flag, best epoch or stop to the right, and round again."""
        curves = self.shown.curves
        if curves is None or not len(curves.epochs):
            return
        places = {max(1, flag.epoch) for flag in curves.flags}
        places |= {curves.best.epoch} if curves.best else set()
        places |= {curves.stopped_early.epoch} if curves.stopped_early else set()
        known = sorted(place for place in places if place <= curves.last_epoch)
        here = self.shown.cursor.epoch or 0 if self.shown.cursor else 0
        if known:
            self._go(next((place for place in known if place > here), known[0]))

    def _go(self, epoch: int) -> None:
        self.set_cursor(self._on_epoch(epoch))
        x = self.shown.cursor_x()
        low, high = self.shown.x
        if x is not None and not low <= x <= high:
            begin = max(0.0, x - (high - low) / 2)
            self._set_x(begin, begin + high - low)
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, spoken(self.shown)))

    # --- keys and focus ---------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, far = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
            super().keyPressEvent(event)
            return
        middle = self.loss.frame().px1(self.shown.cursor_x() or sum(self.shown.x) / 2)
        many = 1_000_000_000
        keys = {
            Qt.Key.Key_Left: lambda: self.move_cursor(-10 if far else -1),
            Qt.Key.Key_Right: lambda: self.move_cursor(10 if far else 1),
            Qt.Key.Key_Home: lambda: self.move_cursor(-many),
            Qt.Key.Key_End: lambda: self.move_cursor(many),
            Qt.Key.Key_B: self.go_to_best,
            Qt.Key.Key_E: self.go_to_next_event,
            Qt.Key.Key_Plus: lambda: self._zoom(0.7, middle),
            Qt.Key.Key_Equal: lambda: self._zoom(0.7, middle),
            Qt.Key.Key_Minus: lambda: self._zoom(1 / 0.7, middle),
            Qt.Key.Key_0: self.fit,
            Qt.Key.Key_G: self.scale_turned.emit,
            Qt.Key.Key_Return: self._ask_menu,
            Qt.Key.Key_Enter: self._ask_menu,
            Qt.Key.Key_Menu: self._ask_menu,
        }
        act = keys.get(Qt.Key(key))
        if act is None:
            super().keyPressEvent(event)
        else:
            act()

    def _ask_menu(self) -> None:
        x = self.shown.cursor_x()
        frame = self.loss.frame()
        pixel = frame.px1(x) if x is not None else frame.width / 2
        self.menu_asked.emit(self.loss.mapToGlobal(QPoint(round(pixel) + self.loss.axis_width() + 8, 30)))

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


def _state(run: Run | None) -> object:
    return (run.state, run.ending, run.epochs_planned) if run is not None else None
