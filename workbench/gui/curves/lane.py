"""One lane: a pyqtgraph plot that keeps ranges and scene, with curves painted in pixels by one layer.

pyqtgraph's own curves are left aside for a live plot: they build a path of all points for each frame. The layer
paints what lies in the exposed rectangle only, so that a new point costs a narrow strip. The lane's mouse events
skip pyqtgraph's scene: they are one crosshair, one zoom and one pan for all lanes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QPainter, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from workbench.curves.run_curves import Axis, Doubles
from workbench.gui.curves import marks
from workbench.gui.curves.scales import Range, Tick
from workbench.gui.curves.shown import Shown

#: Points of a thick line, at most.
THICK_POINTS = 600
_MARGIN = 8.0
#: Up to so many steps each chunk is painted, however narrow it is.
_ALWAYS = 200
#: Pixels between two points of a thick line, at least.
_THICK_ROOM = 1.5


@dataclass(frozen=True)
class Frame:
    """From values to pixels of a lane, and which part of it is to be painted."""

    x: Range
    y: Range
    width: float
    height: float
    exposed: QRectF

    def px(self, x: Doubles) -> Doubles:
        return (x - self.x[0]) * (self.width / (self.x[1] - self.x[0]))

    def py(self, y: Doubles) -> Doubles:
        return (self.y[1] - y) * (self.height / (self.y[1] - self.y[0]))

    def px1(self, x: float) -> float:
        return (x - self.x[0]) * self.width / (self.x[1] - self.x[0])

    def py1(self, y: float) -> float:
        return (self.y[1] - y) * self.height / (self.y[1] - self.y[0])

    def x_at(self, pixel: float) -> float:
        return self.x[0] + pixel * (self.x[1] - self.x[0]) / max(1.0, self.width)

    def shown(self, margin: float = _MARGIN) -> Range:
        """The stretch of x that is to be painted."""
        return self.x_at(self.exposed.left() - margin), self.x_at(self.exposed.right() + margin)


@dataclass(frozen=True)
class Past:
    """What of a run was drawn, apart from its steps: what has to be painted again follows from a comparison."""

    epochs: int = 0
    #: where the best epoch's line stands on x; None without one
    best: float | None = None
    #: whatever else is drawn anywhere
    rest: tuple[object, ...] = ()

    def differs_from(self, before: Past, ends: Doubles) -> float | None:
        """From which x on this looks different (the end of the last epoch that was drawn); None: everywhere."""
        if self.rest != before.rest or self.epochs < before.epochs:
            return None
        begin = float(ends[before.epochs - 1]) if before.epochs else 0.0
        if self.best != before.best:
            begin = min(begin, *(best for best in (self.best, before.best) if best is not None))
        return begin if self != before else math.inf


class TickAxis(pyqtgraph.AxisItem):  # type: ignore[misc] # pyqtgraph has no types
    """The left axis: words beside the plot, nothing else (pyqtgraph draws ticks of length 0 as dots)."""

    def __init__(self, lane: Lane) -> None:
        super().__init__("left")
        self._lane = lane
        # Ticks would reach into the plot, and every curve painted would have the words painted too.
        self.setStyle(tickLength=0)
        # It has no label whose unit would have to follow the range.
        self.enableAutoSIPrefix(enable=False)

    def paint(self, painter: QPainter, _option: object, _widget: object) -> None:
        lane, inks = self._lane, self._lane.shown.inks
        frame = lane.frame()
        painter.setFont(inks.caption)
        painter.setPen(inks.text3)
        height = inks.metrics.height()
        right = self.size().width() - 6
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        taken = lane.paint_axis_extra(painter, right)
        for tick in lane.ticks():
            middle = min(max(frame.py1(tick.value), height / 2 - 2), frame.height - height / 2 + 2)
            if middle - height / 2 >= taken:
                painter.drawText(QRectF(0, middle - height / 2, right, height), flags, tick.text)


class _Layer(QGraphicsItem):
    """The painted part of a lane: below the curves, above (`over`) what follows the crosshair."""

    def __init__(self, lane: Lane, parent: QGraphicsItem, *, over: bool) -> None:
        super().__init__(parent)
        self._lane, self._over = lane, over
        self._rect = QRectF()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self.setZValue(20 if over else 10)

    def resize(self, rect: QRectF) -> None:
        self.prepareGeometryChange()
        self._rect = rect

    def boundingRect(self) -> QRectF:
        return self._rect

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        frame = self._lane.frame(QRectF(option.exposedRect))
        if self._over:
            self._lane.paint_over(painter, frame)
        else:
            self._lane.paint_lane(painter, frame)


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
        self._drag: float | None = None
        self._drawn = (0, 0, 0)
        self._past = Past()
        self._stride = 1
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
        self.layer = _Layer(self, self.box, over=False)
        self.over = _Layer(self, self.box, over=True)
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
        wanted = self.y_range if few else self.wanted_y()
        if wanted != self.y_range:
            self.set_y(wanted)
            self._drawn = now
            return
        begin = self._past.differs_from(before, curves.x_of_epochs(self.shown.axis))
        frame = self.frame()
        stride, self._stride = self._stride, self.stride(frame)
        if rewritten != now[2] or now[0] < steps or steps <= 0 or begin is None or stride != self._stride:
            self.layer.update()
            self.over.update()
            return
        back = 2 * stride + 1
        begin = min(begin, float(curves.x_of_places(self.shown.axis, np.array([max(0.0, float(steps - back))]))[0]))
        left = frame.px1(begin) - _MARGIN
        # An epoch's end moves what stands ahead of the curves, too.
        right = frame.px1(curves.now(self.shown.axis)) + _MARGIN if only_steps else frame.width
        self.layer.update(QRectF(left, 0, right - left, frame.height))

    def past(self) -> Past:
        """How everything but the steps stands now."""
        shown, curves = self.shown, self.shown.curves
        assert curves is not None
        best = shown.best_point()
        # In time, lines lie where the speed so far puts them: each event moves them all.
        where = (curves.told if shown.axis is Axis.TIME else 0, curves.steps_per_epoch)
        rest = (where, tuple(curves.flags), curves.stopped_early, curves.ended, self.own_past())
        return Past(len(curves.epochs), best[1] if best is not None else None, rest)

    def own_past(self) -> tuple[object, ...]:
        """What else is drawn here, left of the best epoch's line too, and changes with an event; for subclasses."""
        return ()

    def _progress(self, steps: int) -> float:
        """Pixels from a step to the newest: what is less than one nobody would see."""
        curves, axis, frame = self.shown.curves, self.shown.axis, self.frame()
        assert curves is not None
        then, now = curves.x_of_places(axis, np.array([steps - 1.0, curves.steps - 1.0]))
        return frame.px1(float(now)) - frame.px1(float(then))

    def stride(self, frame: Frame) -> int:
        """Steps between two points of a thick line over the whole width."""
        assert self.shown.curves is not None
        curves, axis = self.shown.curves, self.shown.axis
        steps = curves.place_of_x(axis, frame.x[1]) - curves.place_of_x(axis, frame.x[0])
        most = min(THICK_POINTS, int(frame.width / _THICK_ROOM) + 1)
        # A power of two: a range that grows a little keeps the points it had.
        return 1 << max(0, -(-steps // most) - 1).bit_length()

    def exposed_steps(self, frame: Frame) -> tuple[int, int]:
        """The indices of the steps that are to be painted, one more at each side."""
        assert self.shown.curves is not None
        curves, axis = self.shown.curves, self.shown.axis
        low, high = frame.shown()
        return max(0, curves.place_of_x(axis, low) - 1), min(curves.steps, curves.place_of_x(axis, high) + 2)

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
        return [QRectF(frame.px1(x) - _MARGIN, 0, 2 * _MARGIN, frame.height)]

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
        pixel = self._pixel(event)
        if self._drag is not None:
            self.pan_asked.emit(pixel.x() - self._drag)
            self._drag = pixel.x()
        else:
            self.hovered.emit(pixel.x() if pixel.x() >= -_MARGIN else None)
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
        if turn:
            self.zoom_asked.emit(0.85 ** (turn / 120), self._pixel(event).x())
        event.accept()

    def leaveEvent(self, _event: object) -> None:
        self.hovered.emit(None)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_asked.emit(event.globalPos())
        event.accept()
