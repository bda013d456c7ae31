"""The landscape with the paths on it: contours of equal height, the start that is dragged, the minima, what is under the pointer."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyqtgraph
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPen, QTransform
from PySide6.QtWidgets import QGraphicsItem, QGraphicsSceneMouseEvent, QStyleOptionGraphicsItem, QWidget

from workbench.descent.surfaces import Surface, View
from workbench.gui import words
from workbench.gui.curves.inks import Inks
from workbench.gui.curves.strokes import Label
from workbench.gui.errand import Errands
from workbench.gui.lab.overlay import Overlay
from workbench.gui.lab.relief import relief
from workbench.gui.lab.shown import Shown
from workbench.gui.lab.strokes import Stroke, Strokes, racer_colour, racer_look
from workbench.gui.theme import Theme, mixed

#: While the view moves the relief follows at most this often.
_RELIEF_MS = 33
_KNOB = 8.0
#: One press of an arrow moves the start by this share of the view.
_NUDGE = 0.01


@dataclass(frozen=True)
class _Painted:
    """A relief and what it is the relief of."""

    view: View
    picture: NDArray[np.uint8]


def _painted(surface: Surface, view: View, size: tuple[int, int], inks: tuple[QColor, QColor, QColor]) -> _Painted:
    return _Painted(view, relief(surface, view, size, inks))


class _Handle(pyqtgraph.GraphicsObject):  # type: ignore[misc] # pyqtgraph has no types
    """A ring that can be dragged; as large on screen whatever the scale."""

    def __init__(self, dragged: Callable[[float, float], object], settled: Callable[[], object], theme: Theme) -> None:
        super().__init__()
        self._dragged, self._settled, self._theme = dragged, settled, theme
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setZValue(30)
        self._moving = False

    def boundingRect(self) -> QRectF:
        return QRectF(-_KNOB - 3, -_KNOB - 3, 2 * _KNOB + 6, 2 * _KNOB + 6)

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(self._theme.colour("plot"))
        painter.setPen(QPen(self._theme.colour("text"), 2.4))
        painter.drawEllipse(QPointF(0, 0), _KNOB, _KNOB)

    def mousePressEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self._moving = True
        self.setCursor(Qt.CursorShape.ClosedHandCursor)
        event.accept()

    def mouseMoveEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        if self._moving:
            place = self.getViewBox().mapSceneToView(event.scenePos())
            self._dragged(place.x(), place.y())

    def mouseReleaseEvent(self, _event: QGraphicsSceneMouseEvent) -> None:
        self._moving = False
        self._settled()
        self.setCursor(Qt.CursorShape.OpenHandCursor)


class _Labels(Overlay):
    """The minima as crosses with a label at the first, and the label of the start; painted in pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.setZValue(25)
        self.inks: Inks
        self.minima: tuple[tuple[float, float], ...] = ()
        self.start = (0.0, 0.0)
        self.dragged = False

    def paint_pixels(self, painter: QPainter, to_pixels: QTransform, seen: QRectF) -> None:
        arm = 6.0
        places = [to_pixels.map(QPointF(*place)) for place in self.minima]
        for place in places:
            for pen in (QPen(self.inks.ground, 6.0), QPen(self.inks.text, 3.0)):
                painter.setPen(pen)
                painter.drawLine(place - QPointF(arm, 0), place + QPointF(arm, 0))
                painter.drawLine(place - QPointF(0, arm), place + QPointF(0, arm))
        if places:
            self._paint_label(painter, "Minimum", places[0] + QPointF(12, 14), seen)
        if not self.dragged:
            self._paint_label(painter, "Start, drag me", to_pixels.map(QPointF(*self.start)) + QPointF(-16, -36), seen)

    def _paint_label(self, painter: QPainter, said: str, place: QPointF, seen: QRectF) -> None:
        label = Label(self.inks, [said], self.inks.text)
        rect = label.at(place.x(), place.y())
        if not seen.adjusted(-20, -20, 20, 20).contains(place):
            return
        rect.moveLeft(min(max(rect.left(), seen.left() + 4), seen.right() - rect.width() - 4))
        rect.moveTop(min(max(rect.top(), seen.top() + 4), seen.bottom() - rect.height() - 4))
        label.paint(painter, rect)


class LandscapeView(pyqtgraph.PlotWidget):  # type: ignore[misc] # pyqtgraph has no types
    """See the module."""

    #: The start is being dragged, or was moved by keys (x, y).
    start_moved = Signal(float, float)
    #: The start was let go of.
    start_settled = Signal()
    #: What is under the pointer, in words; empty when it is elsewhere.
    pointed = Signal(str)
    #: The relief of the landscape in view is there.
    relief_painted = Signal()

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        super().__init__(background=None, enableMenu=False)
        self.setObjectName("labLandscape")
        self.setAccessibleName("Paths downhill")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._surface: Surface | None = None
        self._shown: Shown | None = None
        self._step = 0
        item = self.plotItem
        item.hideButtons()
        item.setAspectLocked(True)
        item.getViewBox().setDefaultPadding(0)
        self._relief = pyqtgraph.ImageItem(axisOrder="row-major")
        self._relief.setZValue(-10)
        self._paths = Strokes(theme.colour("plot"))
        self._labels = _Labels()
        self._handle = _Handle(self._drag, self.start_settled.emit, theme)
        for part in (self._relief, self._paths, self._labels, self._handle):
            item.addItem(part, ignoreBounds=True)
        for axis in ("bottom", "left"):
            item.getAxis(axis).enableAutoSIPrefix(enable=False)
        self._errands = Errands(self)
        self._painting = self._stale = False
        self._clock = QTimer(self, singleShot=True, interval=_RELIEF_MS)
        self._clock.setObjectName("labReliefClock")
        self._clock.timeout.connect(self._paint_relief)
        item.getViewBox().sigRangeChanged.connect(self._view_moved)
        item.getViewBox().sigResized.connect(self._view_moved)
        self.scene().sigMouseMoved.connect(self._point)
        theme.changed.connect(self.dress)
        self.dress()

    def sizeHint(self) -> QSize:
        # It takes whatever room there is; this is what it asks for where there is none.
        return QSize(self._theme.px(220), self._theme.px(220))

    # --- what is shown --------------------------------------------------------------------------------------

    def show_surface(self, surface: Surface, *, anew: bool) -> None:
        """Another landscape, or the same with other settings; `anew` shows its usual view."""
        self._surface = surface
        for part in (self._handle, self._labels):
            part.show()
        self._labels.minima = surface.minima
        landscape = surface.landscape
        self._labels.start = (landscape.start_x, landscape.start_y)
        self._handle.setPos(landscape.start_x, landscape.start_y)
        self._labels.update()
        if anew:
            self.fit()
        self._paint_relief()

    def fit(self) -> None:
        """The landscape's usual view, with the start in it."""
        if self._surface is None:
            return
        left, right, bottom, top = self._surface.view
        x, y = self._labels.start
        if abs(x) < 1e3 and abs(y) < 1e3:  # noqa: PLR2004 - a start that far away would leave nothing to see
            left, right = min(left, x), max(right, x)
            bottom, top = min(bottom, y), max(top, y)
        self.plotItem.getViewBox().setRange(xRange=(left, right), yRange=(bottom, top), padding=0.02)

    def show_race(self, shown: Shown, step: int) -> None:
        """The paths up to a step."""
        self._shown, self._step = shown, step
        self._draw_paths()

    def show_step(self, step: int) -> None:
        self._step = step
        self._draw_paths()

    def show_nothing(self) -> None:
        """There is no landscape to show."""
        self._surface = self._shown = None
        for part in (self._handle, self._labels):
            part.hide()
        self._relief.clear()
        self._paths.draw((), self._theme.colour("plot"))

    def _draw_paths(self) -> None:
        if self._shown is None:
            return
        strokes = []
        for line in self._shown.lines:
            dash, marker, hollow = racer_look(line.slot)
            places = line.path.places[: self._step + 1]
            colour = racer_colour(self._theme, line.slot)
            strokes.append(Stroke(places[:, 0], places[:, 1], colour, dash, marker, hollow))
        self._paths.draw(strokes, self._theme.colour("plot"))
        gone = [
            f"{line.title} leaves at step {line.path.gone}" for line in self._shown.lines if line.path.gone is not None
        ]
        told = [
            f"{line.title}: {_height(line.path.heights[min(self._step, line.path.steps)])}"
            for line in self._shown.lines
        ]
        self.setAccessibleDescription(f"After step {self._step}, height above the minimum. {'. '.join(told + gone)}")

    # --- the relief -----------------------------------------------------------------------------------------

    def _view_moved(self) -> None:
        if self._surface is not None and not self._clock.isActive():
            self._clock.start()

    def _paint_relief(self) -> None:
        """Have the relief of the view painted; what is on its way is shown first, and this one after it."""
        self._clock.stop()
        box = self.plotItem.getViewBox()
        size = (round(box.width()), round(box.height()))
        if self._surface is None or min(size) < 2:  # noqa: PLR2004 - nothing to see
            return
        self._stale = self._painting
        if self._painting:
            return
        (left, right), (bottom, top) = box.viewRange()
        self._painting = True
        job = functools.partial(_painted, self._surface, (left, right, bottom, top), size, self._reliefs_inks())
        self._errands.send(job, self._take_relief, self._take_relief)

    def _reliefs_inks(self) -> tuple[QColor, QColor, QColor]:
        theme = self._theme
        deep = mixed(theme.colour("accent"), theme.colour("plot"), 0.42 if theme.dark else 0.30)
        flat = mixed(theme.colour("accent"), theme.colour("plot"), 0.06 if theme.dark else 0.02)
        line = QColor(theme.colour("text3"))
        line.setAlphaF(0.40 if theme.dark else 0.55)
        return deep, flat, line

    def _take_relief(self, painted: object) -> None:
        self._painting = False
        if isinstance(painted, _Painted) and self._surface is not None:
            left, right, bottom, top = painted.view
            self._relief.setImage(painted.picture, autoLevels=False)
            self._relief.setRect(QRectF(left, bottom, right - left, top - bottom))
        if self._stale:
            self._paint_relief()
        else:
            self.relief_painted.emit()

    def close_errands(self) -> None:
        """Nothing is painted any more: the window closes."""
        self._clock.stop()
        self._errands.close()

    # --- the start and the pointer --------------------------------------------------------------------------

    def _drag(self, x: float, y: float) -> None:
        self._labels.dragged = True
        self.start_moved.emit(x, y)

    def show_start(self, x: float, y: float) -> None:
        """Where the start is now; the relief does not depend on it."""
        self._handle.setPos(x, y)
        self._labels.start = (x, y)
        self._labels.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        ways = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}
        way = ways.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_0:
            self.fit()
        elif way is None:
            super().keyPressEvent(event)
        else:
            (left, right), (bottom, top) = self.plotItem.getViewBox().viewRange()
            share = _NUDGE * (10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
            x, y = self._labels.start
            self._drag(x + way[0] * share * (right - left), y + way[1] * share * (top - bottom))
            self.start_settled.emit()

    def _point(self, scene: QPointF) -> None:
        box = self.plotItem.getViewBox()
        if self._surface is None or not box.sceneBoundingRect().contains(scene):
            self.pointed.emit("")
            return
        place = box.mapSceneToView(scene)
        self.pointed.emit(told(self._surface, place.x(), place.y()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.pointed.emit("")

    def dress(self) -> None:
        """Pens and fonts of a theme that has changed."""
        inks = Inks(self._theme)
        self._labels.inks = inks
        self.setBackground(inks.ground)
        for name in ("bottom", "left"):
            inks.dress_axis(self.plotItem.getAxis(name))
        self._draw_paths()
        self._paint_relief()


def told(surface: Surface, x: float, y: float) -> str:
    """A place in words: the height, the slope, and how the ground bends there."""
    here = (np.asarray(x), np.asarray(y))
    with np.errstate(all="ignore"):
        value = float(surface.value(*here))
        slope = math.hypot(*(float(each) for each in surface.gradient(*here)))
        low, high = (float(each) for each in surface.eigenvalues(*here))
    place = f"({figure(x)}, {figure(y)})"
    return f"{place}   f {figure(value)}   ‖∇f‖ {figure(slope)}   λ {figure(low)}, {figure(high)}"


def figure(value: float) -> str:
    """A number in three figures."""
    if not math.isfinite(value):
        return "∞" if value > 0 else "–"
    value = float(f"{value:.3g}")
    if value == 0:
        return "0"
    if not 1e-3 <= abs(value) < 1e5:  # noqa: PLR2004 - beyond these a power of ten says more
        return words.number(float(f"{value:.2e}"), scientific=True)
    return words.decimals(value, max(0, 2 - math.floor(math.log10(abs(value)))))


def _height(value: float) -> str:
    return "gone" if not math.isfinite(value) else figure(value)
