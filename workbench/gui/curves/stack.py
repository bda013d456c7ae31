"""The lanes one over the other on one x axis, with one crosshair; one focus stop with the plot's keys.

Follow mode: while it is on, the x range grows with the run (in strides, a quarter stays free). Any zoom or pan
ends it; 0 or a double click brings it back.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.curves.axes import Axis
from workbench.curves.run_curves import RunCurves
from workbench.gui.compared import Compared
from workbench.gui.curves import crosshair, following, scales
from workbench.gui.curves.choices import Clip, Strip
from workbench.gui.curves.event_lane import EventLane
from workbench.gui.curves.inks import Inks
from workbench.gui.curves.loss_lane import LossLane
from workbench.gui.curves.marker_stops import MarkerStops
from workbench.gui.curves.metric_lane import MetricLane
from workbench.gui.curves.named_lane import NamedLane
from workbench.gui.curves.shown import Cursor, Shown, standing
from workbench.gui.curves.strip_lanes import LEAST as STRIP_LEAST
from workbench.gui.curves.strip_lanes import StripLanes
from workbench.gui.curves.values import spoken
from workbench.gui.curves.x_axis import XAxis
from workbench.gui.theme import Theme
from workbench.gui.widgets.paint import ring
from workbench.journal import Run
from workbench.stopping import Outcome

#: Heights at 100 %, roomy and small; below so much window height lanes are small and the rate lane hides.
METRIC_HEIGHT, METRIC_SMALL = 104, 74
SMALL_WINDOW = 800
#: What the loss lane has at least while strips can be made lower.
LOSS_LEAST = 150
#: What it has however little room there is.
LOSS_LOWEST = 60
_RING = 4
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
        self.metric_lane = MetricLane(self.shown)
        self.ticks = XAxis(self.shown)
        self.markers = MarkerStops(self.loss)
        #: where other runs were left, by their ids: the axis and its range
        self._ranges: dict[str, tuple[Axis, scales.Range]] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(_RING, 0, _RING, _RING)
        column.setSpacing(0)
        column.addWidget(self.events)
        column.addWidget(self.loss, 1)
        column.addSpacing(_GAP)
        column.addWidget(self.metric_lane)
        column.addSpacing(_GAP)
        column.addWidget(self.ticks)
        self.strips = StripLanes(self.shown, column, self.ticks)
        for lane in (self.loss, self.metric_lane, *self.strips.choose((Strip.RATE,))):
            self._connect_lane(lane)
        self.loss.box.sigResized.connect(self._arrange_marks)
        self.dress()

    def _connect_lane(self, lane: LossLane | NamedLane) -> None:
        lane.hovered.connect(self._hover)
        lane.zoom_asked.connect(self._zoom)
        lane.pan_asked.connect(self._pan)
        lane.fit_asked.connect(self.fit)
        lane.menu_asked.connect(self.menu_asked)
        lane.pressed.connect(self._pressed)

    @property
    def lanes(self) -> tuple[LossLane | NamedLane, ...]:
        """The lanes from top to bottom, hidden ones too."""
        return (self.loss, self.metric_lane, *self.strips.lanes)

    @property
    def rate(self) -> NamedLane:
        return self.strips[Strip.RATE]

    def set_strips(self, chosen: tuple[Strip, ...]) -> None:
        """Which lanes stand under loss and metric."""
        for lane in self.strips.choose(chosen):
            self._connect_lane(lane)
        self._fit_heights()
        for lane in self.strips.lanes:
            lane.forget_range()
        self.refresh()

    def show_others(self, others: tuple[Compared, ...]) -> None:
        """The runs that are shown beside the one in focus."""
        if others != self.shown.others:
            self.shown.others = others
            if self.following:
                self._follow(anew=True)
            for lane in (self.loss, self.metric_lane):
                if not lane.y_free:
                    lane.forget_range()
                lane.repaint_all()

    def show_what_if(self, outcome: Outcome | None) -> None:
        """Where another rule would have stopped and what it would have kept; None: nobody asks."""
        if outcome != self.shown.what_if:
            self.shown.what_if = outcome
            for lane in self.lanes:
                lane.repaint_all()
            self._arrange_marks()

    def set_metric(self, name: str) -> None:
        """The metric of the second lane, by its name for training pictures."""
        self.shown.metric = name
        self.metric_lane.forget_range()
        self._repaint()
        self.refresh()

    def set_clip(self, clip: Clip) -> None:
        self.shown.clip = clip
        self.loss.forget_range()
        self._repaint()
        self.refresh()

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
        self._arrange_marks()
        self.update()

    def _fit_heights(self) -> None:
        px = self._theme.px
        metric = px(METRIC_HEIGHT if self._roomy else METRIC_SMALL)
        room = self.height() - self.events.height() - self.ticks.height() - metric - px(LOSS_LEAST) - 4 * _GAP
        # Where even low strips do not fit, the metric lane gives way, and then the loss lane.
        lacking = max(0, self.strips.least(roomy=self._roomy) - room)
        self.metric_lane.setFixedHeight(max(px(STRIP_LEAST), metric - lacking))
        self.strips.fit(room, roomy=self._roomy)
        self.loss.setMinimumHeight(px(LOSS_LOWEST))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._roomy = self.window().height() >= SMALL_WINDOW
        self._fit_heights()

    # --- what is shown ----------------------------------------------------------------------------------

    def show_run(self, run: Run | None, curves: RunCurves | None) -> None:
        """Show a run's curves. The same run again (a newer snapshot of its row) keeps range and crosshair."""
        shown = self.shown
        same = run is not None and shown.run is not None and run.id == shown.run.id and curves is shown.curves
        turned = same and (run, shown.run) != (None, None) and standing(run) != standing(shown.run)
        if not same:
            self._remember_range()
        shown.run, shown.curves = run, curves
        if not same:
            shown.cursor = shown.what_if = None
            self.fit()
            self._recall_range()
        elif turned:
            if self.following:
                self._follow(anew=True)
            if not shown.alive:
                # While a run grows its ranges keep still as long as they will do; the picture that stays is that of a reload.
                for lane in (lane for lane in self.lanes if not lane.y_free):
                    lane.forget_range()
            self._repaint()
            self.refresh()

    def _remember_range(self) -> None:
        """A run that is looked at again later is found as it was left."""
        run = self.shown.run
        if run is not None:
            self._ranges.pop(run.id, None)
            if not self.following:
                self._ranges[run.id] = self.shown.axis, self.shown.x

    def _recall_range(self) -> None:
        axis, x = (
            self._ranges.get(self.shown.run.id, (None, (0.0, 0.0)))
            if self.shown.run is not None
            else (None, (0.0, 0.0))
        )
        if axis is self.shown.axis:
            self.following = False
            self._set_x(*x)

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
            self._arrange_marks()
            return
        if self.following:
            self._follow()
        for lane in self.lanes:
            lane.refresh()
        self._arrange_marks()

    def _arrange_marks(self) -> None:
        """Flags and the stops over labels follow what is in view."""
        self.events.refresh()
        for stop in self.markers.arrange(self):
            stop.chosen.connect(self.go_to)

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

    def _follow(self, *, anew: bool = False) -> None:
        wanted = following.wanted_end(self.shown)
        if anew or wanted > self.shown.x[1]:
            self._set_x(0.0, wanted)

    def _set_x(self, low: float, high: float) -> None:
        if (low, high) == self.shown.x:
            return
        self.shown.x = (low, high)
        for lane in self.lanes:
            lane.sync_range()
        self.ticks.update()
        self._arrange_marks()

    def _zoom(self, factor: float, pixel: float) -> None:
        share = min(max(pixel / self.loss.frame().width, 0.0), 1.0)
        wanted = scales.zoomed(self.shown.x, factor, share, following.stride(self.shown))
        if wanted is not None:
            self.following = False
            self._set_x(*wanted)

    def _pan(self, pixels: float) -> None:
        wanted = scales.panned(self.shown.x, -pixels / self.loss.frame().width)
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
        self.set_cursor(crosshair.at(self.shown, self.loss.frame(), self.loss.frame().x_at(pixel)))

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
        epoch = crosshair.moved(self.shown, epochs)
        if epoch is not None:
            self.go_to(epoch)

    def go_to_best(self) -> None:
        curves = self.shown.curves
        if curves is not None and curves.best is not None:
            self.go_to(curves.best.epoch)

    def go_to_next_event(self) -> None:
        """To the next flag, best epoch or stop to the right, and round again."""
        epoch = crosshair.next_event(self.shown)
        if epoch is not None:
            self.go_to(epoch)

    def go_to(self, epoch: int) -> None:
        """Put the crosshair on an epoch's end, and say what stands there."""
        if self.shown.curves is None or not len(self.shown.curves.epochs):
            return
        self.set_cursor(crosshair.on_epoch(self.shown.curves, epoch))
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
