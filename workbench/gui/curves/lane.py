"""One lane: a pyqtgraph plot that keeps ranges and scene, with curves painted in pixels by one layer.

pyqtgraph's own curves are left aside for a live plot: they build a path of all points for each frame. The layer
paints what lies in the exposed rectangle only, so that a new point costs a narrow strip. The lane's mouse events
skip pyqtgraph's scene: they are one crosshair, one zoom and one pan for all lanes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QPainter, QResizeEvent, QWheelEvent

from workbench.curves.axes import Axis, Doubles
from workbench.gui.curves import marks
from workbench.gui.curves.frame import MARGIN, Frame, Past
from workbench.gui.curves.lane_parts import Layer, TickAxis
from workbench.gui.curves.points import THICK_POINTS
from workbench.gui.curves.scales import Range, Tick
from workbench.gui.curves.shown import Shown

#: Up to so many steps each chunk is painted, however narrow it is.
_ALWAYS = 200
#: Pixels between two points of a thick line, at least.
_THICK_ROOM = 1.5


class Lane(pyqtgraph.PlotWidget):  # type: ignore[misc] # pyqtgraph has no types
    """A lane over the shared x axis. Subclasses say which y range they want, their ticks and their curves."""

    #: The mouse is over this pixel of the plot (x); None when it has left.
    hovered = Signal(object)
    #: The wheel asks for a zoom: factor, and the pixel that stays where it is.
    zoom_asked = Signal(float, float)
    #: The mouse drags the curves by so many pixels to the right.
    pan_asked = Signal(float)
    #: Back to following.
    fit_asked = Signal()
    #: A menu is wanted at this point of the screen.
    menu_asked = Signal(object)
    #: The plot was clicked.
    pressed = Signal()

    def __init__(self, shown: Shown, name: str) -> None:
        self.shown = shown
        super().__init__(background=None, axisItems={"left": TickAxis(self)}, enableMenu=False)
        self.setObjectName(name)
        self.y_range: Range = (0.0, 1.0)
        #: whether the range was chosen by hand
        self.y_free = False
        #: where in the plot the mouse was seen last
        self.pointer = QPointF()
        self._drag: float | None = None
        self._drawn = (0, 0, 0)
        self._past = Past()
        #: how finely steps were drawn: between two points of a thick line, and in all of the lane's width
        self._stride = (1, 1)
        self._ranged = 0
        item = self.plotItem
        item.hideButtons()
        item.hideAxis("bottom")
        item.setContentsMargins(0, 0, 0, 0)
        item.layout.setSpacing(0)
        self.box = item.getViewBox()
        self.box.setDefaultPadding(0)
        self.box.disableAutoRange()
        self.box.setMouseEnabled(x=False, y=False)
        self.layer = Layer(self, self.box, over=False)
        self.over = Layer(self, self.box, over=True)
        self.box.sigResized.connect(self._resized)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setMouseTracking(True)
        self.setMinimumHeight(40)
        self.dress()

    def sizeHint(self) -> QSize:
        return QSize(600, 120)

    def dress(self) -> None:
        """Take over the inks and fonts of a theme that has changed."""
        self.setBackground(self.shown.inks.ground)
        self.plotItem.getAxis("left").setWidth(self.axis_width())
        self.repaint_all()

    def axis_width(self) -> int:
        """Room for the words of the left axis."""
        return round(max(50.0, self.shown.inks.metrics.horizontalAdvance("100.0 %") + 12))

    # --- ranges ---------------------------------------------------------------------------------------

    def frame(self, exposed: QRectF | None = None) -> Frame:
        rect = self.layer.boundingRect()
        return Frame(self.shown.x, self.y_range, max(1.0, rect.width()), max(1.0, rect.height()), exposed or rect)

    def set_y(self, wanted: Range) -> None:
        """Show this y range; does nothing when it is the present one."""
        if wanted != self.y_range:
            self.y_range = wanted
            self.sync_range()

    def zoom_y(self, factor: float, pixel: float) -> None:
        """Show more or less of this lane's values; the one at `pixel` stays where it is. Its range is free until it is fitted again."""
        low, high = self.y_range
        fixed = high - pixel / self.frame().height * (high - low)
        self.y_free = True
        self.set_y((fixed - (fixed - low) * factor, fixed + (high - fixed) * factor))

    def sync_range(self) -> None:
        """Tell pyqtgraph the ranges, and paint everything anew."""
        self.box.setRange(xRange=self.shown.x, yRange=self.y_range, padding=0, update=True)
        self.repaint_all()

    def repaint_all(self) -> None:
        self._drawn = (-1, -1, -1)
        self.layer.update()
        self.over.update()
        self.plotItem.getAxis("left").update()

    def _resized(self, _box: object) -> None:
        rect = self.box.rect()
        self.layer.resize(QRectF(0, 0, rect.width(), rect.height()))
        self.over.resize(QRectF(0, 0, rect.width(), rect.height()))
        self.repaint_all()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._drawn = (-1, -1, -1)

    # --- what changed -----------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Paint what is new: the strip from the last painted step or epoch on, and all of it when the past looks different."""
        curves = self.shown.curves
        if curves is None or not self.isVisible():
            return
        now = (curves.steps, curves.told, curves.rewritten)
        steps, told, rewritten = self._drawn
        if now == self._drawn:
            return
        only_steps = (told, rewritten) == now[1:] and now[0] >= steps > 0
        if only_steps and now[0] > _ALWAYS and self._progress(steps) < 1.0:
            return
        self._drawn = now
        before, self._past = self._past, self._past if only_steps else self.past()
        # A few more steps among thousands do not change a range.
        few = only_steps and 0 <= now[0] - self._ranged < max(8, now[0] // 64)
        if not few:
            self._ranged = now[0]
        wanted = self.y_range if few or self.y_free else self.wanted_y()
        if wanted != self.y_range:
            self.set_y(wanted)
            self._drawn = now
            return
        begin = self._past.differs_from(before, curves.axes.x_of_epochs(self.shown.axis))
        frame = self.frame()
        stride, self._stride = self._stride, (self.stride(frame), self.visible_steps(frame))
        if rewritten != now[2] or now[0] < steps or steps <= 0 or begin is None or stride != self._stride:
            self.layer.update()
            self.over.update()
            return
        back = 2 * stride[0] + 1
        begin = min(
            begin, float(curves.axes.x_of_places(self.shown.axis, np.array([max(0.0, float(steps - back))]))[0])
        )
        left = frame.px1(begin) - MARGIN
        # An epoch's end moves what stands ahead of the curves, too.
        right = frame.px1(curves.axes.now(self.shown.axis)) + MARGIN if only_steps else frame.width
        self.layer.update(QRectF(left, 0, right - left, frame.height))

    def past(self) -> Past:
        """How everything but the steps stands now."""
        shown, curves = self.shown, self.shown.curves
        assert curves is not None
        best = shown.best_point()
        # In time, lines lie where the speed so far puts them: each event moves them all.
        where = (curves.told if shown.axis is Axis.TIME else 0, curves.axes.steps_per_epoch)
        rest = (where, shown.flags(), curves.stopped_early, curves.ended, shown.what_if, self.own_past())
        return Past(len(curves.epochs), best[1] if best is not None else None, rest)

    def own_past(self) -> tuple[object, ...]:
        """What else is drawn here, left of the best epoch's line too, and changes with an event; for subclasses."""
        return ()

    def _progress(self, steps: int) -> float:
        """Pixels from a step to the newest: what is less than one nobody would see."""
        curves, axis, frame = self.shown.curves, self.shown.axis, self.frame()
        assert curves is not None
        then, now = curves.axes.x_of_places(axis, np.array([steps - 1.0, curves.steps - 1.0]))
        return frame.px1(float(now)) - frame.px1(float(then))

    def stride(self, frame: Frame) -> int:
        """Steps between two points of a thick line over the whole width."""
        assert self.shown.curves is not None
        curves, axis = self.shown.curves, self.shown.axis
        steps = curves.axes.place_of_x(axis, frame.x[1]) - curves.axes.place_of_x(axis, frame.x[0])
        most = min(THICK_POINTS, int(frame.width / _THICK_ROOM) + 1)
        # A power of two: a range that grows a little keeps the points it had.
        return 1 << max(0, -(-steps // most) - 1).bit_length()

    def visible_steps(self, frame: Frame) -> int:
        """How many steps the axis' whole width has room for, also where none has come yet: decimation must not change as they come."""
        curves, axis = self.shown.curves, self.shown.axis
        assert curves is not None
        if axis is Axis.TIME:
            here = curves.axes.place_of_x(axis, frame.x[1]) - curves.axes.place_of_x(axis, frame.x[0])
            return 1 << max(0, here - 1).bit_length()  # a power of two: it changes seldom, and then all is painted anew
        return max(1, round((frame.x[1] - frame.x[0]) * (1 if axis is Axis.STEP else curves.axes.steps_per_epoch or 1)))

    def exposed_steps(self, frame: Frame) -> tuple[int, int]:
        """The indices of the steps that are to be painted, one more at each side."""
        assert self.shown.curves is not None
        curves, axis = self.shown.curves, self.shown.axis
        low, high = frame.shown()
        return max(0, curves.axes.place_of_x(axis, low) - 1), min(curves.steps, curves.axes.place_of_x(axis, high) + 2)

    def thick_places(self, frame: Frame) -> Doubles:
        """The steps at which a thick line has its points: fixed places, and the last step."""
        assert self.shown.curves is not None
        stride = self.stride(frame)
        first, stop = self.exposed_steps(frame)
        first = max(0, first // stride * stride - stride)
        places = np.arange(first, min(stop + stride, self.shown.curves.steps), stride)
        last = self.shown.curves.steps - 1
        if len(places) and stop + stride > last and places[-1] != last:
            places = np.append(places, last)
        return places.astype(np.float64)

    # --- painting: for subclasses -------------------------------------------------------------------------

    def wanted_y(self) -> Range:
        """The y range that suits what is known now; the present one whenever it still will do."""
        return self.y_range

    def ticks(self) -> Sequence[Tick]:
        return ()

    def paint_curves(self, painter: QPainter, frame: Frame) -> None:
        """The curves themselves."""

    def cursor_area(self) -> list[QRectF]:
        """What the crosshair covers: to be painted anew when it moves."""
        x = self.shown.cursor_x()
        if x is None:
            return []
        frame = self.frame()
        return [QRectF(frame.px1(x) - MARGIN, 0, 2 * MARGIN, frame.height)]

    def paint_over(self, painter: QPainter, frame: Frame) -> None:
        """What follows the crosshair."""
        marks.paint_cross(painter, self.shown, frame)

    def paint_axis_extra(self, _painter: QPainter, _right: float) -> float:
        """Something at the top of the left axis; returns how many pixels it took."""
        return 0.0

    def paint_lane(self, painter: QPainter, frame: Frame) -> None:
        inks = self.shown.inks
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.setPen(inks.grid)
        for tick in self.ticks():
            height = round(frame.py1(tick.value))
            painter.drawLine(QPointF(frame.exposed.left(), height), QPointF(frame.exposed.right(), height))
        marks.paint_x_grid(painter, self.shown, frame)
        painter.setPen(inks.frame)
        painter.drawLine(QPointF(0, 0), QPointF(0, frame.height))
        marks.paint_below(painter, self.shown, frame)
        if self.shown.curves is not None:
            self.paint_curves(painter, frame)
        marks.paint_lines(painter, self.shown, frame)

    # --- mouse: one for all lanes -------------------------------------------------------------------------

    def _pixel(self, event: QMouseEvent | QWheelEvent) -> QPointF:
        return QPointF(self.box.mapFromScene(self.mapToScene(event.position().toPoint())))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        pixel = self.pointer = self._pixel(event)
        if self._drag is not None:
            self.pan_asked.emit(pixel.x() - self._drag)
            self._drag = pixel.x()
        else:
            self.hovered.emit(pixel.x() if pixel.x() >= -MARGIN else None)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.pressed.emit()
        if event.button() is Qt.MouseButton.LeftButton:
            self._drag = self._pixel(event).x()
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._drag = None
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.fit_asked.emit()
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn = event.angleDelta().y() or event.angleDelta().x()
        if turn and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_y(0.85 ** (turn / 120), self._pixel(event).y())
        elif turn:
            self.zoom_asked.emit(0.85 ** (turn / 120), self._pixel(event).x())
        event.accept()

    def leaveEvent(self, _event: object) -> None:
        self.hovered.emit(None)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_asked.emit(event.globalPos())
        event.accept()
