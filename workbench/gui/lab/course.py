"""Heights or slopes of the racers by step, on a logarithmic axis, with the lines of theory and the step that is shown."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import pyqtgraph
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPen, QTransform

from workbench.descent.surfaces import Floats
from workbench.gui.curves.inks import Inks
from workbench.gui.lab.overlay import Overlay
from workbench.gui.lab.shown import Shown
from workbench.gui.lab.strokes import Stroke, Strokes, racer_colour, racer_look
from workbench.gui.theme import Theme

What = Literal["heights", "slopes"]
NAMES: dict[What, str] = {"heights": "f − f*", "slopes": "‖∇f‖"}
#: Decades in view at most: below the top of what is shown there is only rounding.
_DECADES = 16
#: Lines of theory, in turn: the dashes of the look.
_THEORY = ((9.0, 4.0), (3.0, 3.0))
#: Free room before the first step and after the last, as a share of all.
_BESIDE = 0.02
#: About so many markers along a line.
_MARKERS = 12


class _Legend(Overlay):
    """The names of theory's lines at the top right, painted in pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.setZValue(20)
        self.inks: Inks
        self.names: tuple[str, ...] = ()

    def paint_pixels(self, painter: QPainter, _to_pixels: QTransform, seen: QRectF) -> None:
        if not self.names:
            return
        painter.setFont(self.inks.caption_strong)
        metrics = painter.fontMetrics()
        room = int(seen.width() * 0.62)
        named = [metrics.elidedText(name, Qt.TextElideMode.ElideRight, room) for name in self.names]
        width = max(metrics.horizontalAdvance(name) for name in named)
        left, high = seen.right() - width - 10, metrics.height() + 3
        ground = QRectF(left - 42, seen.top() + 3, width + 50, high * len(named) + 4)
        painter.fillRect(ground, self.inks.ground)
        for place, name in enumerate(named):
            top = seen.top() + 5 + place * high
            pen = QPen(self.inks.text2, 1.4)
            pen.setDashPattern([length / 1.4 for length in _THEORY[place % len(_THEORY)]])
            painter.setPen(pen)
            painter.drawLine(QPointF(left - 36, top + high / 2), QPointF(left - 8, top + high / 2))
            painter.setPen(self.inks.text2)
            painter.drawText(QRectF(left, top, width + 4, high), Qt.AlignmentFlag.AlignVCenter, name)


class Course(pyqtgraph.PlotWidget):  # type: ignore[misc] # pyqtgraph has no types
    """See the module."""

    #: Another step is to be shown.
    step_asked = Signal(int)

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        super().__init__(background=None, enableMenu=False)
        self.setObjectName("labCourse")
        self.setAccessibleName("Height above the minimum by step")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._shown: Shown | None = None
        #: the race whose lines are drawn
        self.drawn: Shown | None = None
        self._what: What = "heights"
        #: the steps and the ends of the axis that are in view
        self._fitted: tuple[int, float, float] | None = None
        # The landscape's paths and these lines each take their own turn of the event loop: a drag stays smooth.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.setObjectName("labCourseClock")
        self._soon.timeout.connect(self._draw)
        item = self.plotItem
        item.hideButtons()
        item.setMouseEnabled(x=False, y=False)
        item.getViewBox().setDefaultPadding(0)
        item.showGrid(x=True, y=True, alpha=0.15)
        self._theory = Strokes(theme.colour("plot"))
        self._lines = Strokes(theme.colour("plot"))
        self._legend = _Legend()
        self._cursor = pyqtgraph.InfiniteLine(angle=90, movable=False)
        self._cursor.hide()
        for part in (self._theory, self._lines, self._cursor, self._legend):
            item.addItem(part, ignoreBounds=True)
        for axis in ("bottom", "left"):
            item.getAxis(axis).enableAutoSIPrefix(enable=False)
        theme.changed.connect(self.dress)
        self.dress()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(220), self._theme.px(110))

    def show_race(self, shown: Shown, step: int) -> None:
        """A race and the step it stands at; its lines follow in the event loop's next turn."""
        self._shown = shown
        self._soon.start()
        self.show_step(step)

    def show_nothing(self) -> None:
        """There is no race to show."""
        self._shown = self.drawn = None
        self._soon.stop()
        self._lines.draw((), self._theme.colour("plot"))
        self._theory.draw((), self._theme.colour("plot"))
        self._cursor.hide()
        self._legend.names = ()
        self._legend.update()

    def show_what(self, what: What) -> None:
        """Heights or slopes."""
        self._what = what
        self.setAccessibleName(f"{'Height above the minimum' if what == 'heights' else 'Slope'} by step")
        self._draw()

    def show_step(self, step: int) -> None:
        self._cursor.setPos(step)
        self._cursor.setVisible(self._shown is not None)

    def _draw(self) -> None:
        shown = self._shown
        self._soon.stop()
        if shown is None:
            return
        theme = self._theme
        count = np.arange(shown.steps + 1, dtype=np.float64)
        every = max(1, shown.steps // _MARKERS)
        lines, tops = [], []
        for line in shown.lines:
            dash, marker, hollow = racer_look(line.slot)
            values = _log(line.path.heights if self._what == "heights" else line.path.slopes)
            colour = racer_colour(theme, line.slot)
            lines.append(Stroke(count, values, colour, dash))
            lines.append(
                Stroke(
                    count[line.slot % every :: every],
                    values[line.slot % every :: every],
                    colour,
                    (1, 1e6),
                    marker,
                    hollow,
                )
            )
            tops.append(values)
        bounds = [bound for bound in shown.bounds if self._what == "heights" or bound.slopes is not None]
        grey = [
            Stroke(count, _log(bound.values if self._what == "heights" or bound.slopes is None else bound.slopes),
                   theme.colour("text2"), _THEORY[place % len(_THEORY)], width=1.4)
            for place, bound in enumerate(bounds)
        ]  # fmt: skip
        self._lines.draw(lines, theme.colour("plot"))
        self._theory.draw(grey, theme.colour("plot"))
        self._legend.names = tuple(bound.name for bound in bounds)
        self._legend.update()
        self._fit(tops, shown.steps)
        self.drawn = shown

    def _fit(self, values: list[Floats], steps: int) -> None:
        known = [each[np.isfinite(each)] for each in values]
        everything = np.concatenate([each for each in known if each.size] or [np.array([-2.0, 1.0])])
        first = max((float(each[0]) for each in known if each.size), default=1.0)
        # A path that runs away may leave by the top, so that the others are still told apart.
        # By half decades, so that the scale stands still while the start is dragged a little.
        high = math.ceil(2 * (min(float(everything.max()), first + 3.0) + 0.3)) / 2
        low = math.floor(2 * (max(float(everything.min()), high - _DECADES) - 0.1)) / 2
        if self._fitted == (steps, low, high):
            return
        self._fitted = (steps, low, high)
        box = self.plotItem.getViewBox()
        box.setRange(xRange=(-_BESIDE * steps, (1 + _BESIDE) * steps), yRange=(low, high), padding=0)
        # At once: pyqtgraph would do it while it paints, and then paint again.
        box.updateMatrix()
        each = max(1, math.ceil((high - low) / 8))
        marks = range(math.ceil(low / each) * each, math.floor(high) + 1, each)
        self.plotItem.getAxis("left").setTicks([[(place, _power(place)) for place in marks]])

    # --- choosing a step ------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._ask(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._ask(event)

    def _ask(self, event: QMouseEvent) -> None:
        if self._shown is not None and event.buttons() & Qt.MouseButton.LeftButton:
            place = self.plotItem.getViewBox().mapSceneToView(self.mapToScene(event.position().toPoint()))
            self.step_asked.emit(min(max(round(place.x()), 0), self._shown.steps))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Steps are the play bar's business; the view would scroll.
        event.ignore()

    def dress(self) -> None:
        inks = Inks(self._theme)
        self._legend.inks = inks
        self.setBackground(inks.ground)
        pen = QPen(self._theme.colour("text2"), 1)
        pen.setCosmetic(True)  # one pixel wide, not one step
        self._cursor.setPen(pen)
        for name in ("bottom", "left"):
            inks.dress_axis(self.plotItem.getAxis(name))
        self._draw()


def _log(values: Floats) -> Floats:
    with np.errstate(all="ignore"):
        found = np.log10(values)
    return np.where(np.isfinite(found), found, np.nan)


def _power(place: int) -> str:
    return f"{10.0**place:g}" if -2 <= place <= 2 else f"1e{place}"  # noqa: PLR2004 - as people write them
