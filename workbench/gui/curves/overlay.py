"""Paints one run among several: its line with dash and markers, and its seam to a parent; its steps are in envelopes.py.

A picture of these is kept for all runs that do not grow (see sheets.py), so everything here depends on the view and the
run only: neither on what is exposed nor on what was painted before.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPixmap

from workbench.curves.axes import Axis, Doubles
from workbench.gui import tokens
from workbench.gui.compared import Compared
from workbench.gui.curves.dashes import draw, draw_copies, strokes
from workbench.gui.curves.frame import Frame
from workbench.gui.curves.inks import Inks
from workbench.gui.curves.overlaid import TRAINING
from workbench.gui.curves.points import THICK_POINTS
from workbench.gui.curves.scales import Range
from workbench.gui.curves.shown import heights
from workbench.gui.theme import mixed
from workbench.gui.widgets.sample import marker_shape

SLOTS = len(tokens.RUN_MARKERS)
WIDTH = 2.0
_MARKERS = [marker_shape(marker, QPointF(0, 0), 4.2) for marker in tokens.RUN_MARKERS]
#: Half the side of a marker's picture, in pixels.
_REACH = 7
#: A marker every so many epochs, and no closer than so many pixels.
EVERY = 6
_MARKER_ROOM = 26.0
#: Pixels between two points of a smoothed line: nobody sees a bend closer to the next.
_ROOM = 2.0
#: The same of a line that is smoothed: it has no bends that close.
_SMOOTH_ROOM = 3.0
_SEAM = 9.0
#: Pixels around the view in which a line is still drawn: no end of it, and no cap, is to be seen.
_PAST = 8.0

#: The points of a run's line: places on x and values.
Line = tuple[Doubles, Doubles]
#: The run that another one grew from, where it is at hand.
Parents = Callable[[Compared], Compared | None]


class RunInks:
    """Pens and colours of the run colours, made from the theme with all other inks."""

    def __init__(self, inks: Inks) -> None:
        self.inks = inks
        theme = inks.theme
        self.colours = [theme.series(f"run{slot + 1}") for slot in range(SLOTS)]
        share = tokens.RAW_SHARE["dark" if theme.dark else "light"]
        #: of the picture of envelopes: 0 is nothing, then one for each run colour
        self.palette = [0, *(mixed(colour, inks.ground, share).rgba() for colour in self.colours)]
        self._markers: dict[tuple[int, bool, float], QPixmap] = {}
        self.seam = QPen(theme.colour("violet"), 1.0)
        self.seam.setCapStyle(Qt.PenCapStyle.FlatCap)

    def marker(self, slot: int, ratio: float) -> QPixmap:
        """A marker as a picture: drawing it is ten times as quick as painting it anew."""
        key = (slot % SLOTS, slot >= SLOTS, ratio)
        if key not in self._markers:
            side = math.ceil(2 * _REACH * ratio)
            image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
            image.setDevicePixelRatio(ratio)
            image.fill(0)
            painter = QPainter(image)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(self.colour(slot), 1.6))
            painter.setBrush(self.inks.ground if slot >= SLOTS else self.colour(slot))
            painter.drawPolygon(_MARKERS[slot % SLOTS].translated(_REACH, _REACH))
            painter.end()
            self._markers[key] = QPixmap.fromImage(image)
        return self._markers[key]

    def colour(self, slot: int) -> QColor:
        return self.colours[slot % SLOTS]

    def pen(self, slot: int) -> QPen:
        """Of a line that is cut into dashes already."""
        pen = QPen(self.colour(slot), WIDTH)
        solid = not tokens.RUN_DASHES[slot % SLOTS]
        pen.setCapStyle(Qt.PenCapStyle.SquareCap if solid else Qt.PenCapStyle.FlatCap)
        return pen


@dataclass(frozen=True)
class View:
    """All that decides how a run looks: for the same view and run, the picture is the same."""

    x: Range
    y: Range
    width: float
    height: float
    #: pixels of the screen for one of ours
    ratio: float
    series: str
    axis: Axis
    log: bool
    inks: RunInks

    @property
    def pixels(self) -> tuple[int, int]:
        """Rows and columns of the screen's pixels."""
        return max(1, round(self.height * self.ratio)), max(1, round(self.width * self.ratio))

    @cached_property
    def frame(self) -> Frame:
        """From values to pixels of the whole view."""
        return Frame(self.x, self.y, self.width, self.height, QRectF(0, 0, self.width, self.height))

    def same_values(self, other: View) -> bool:
        """Whether the other shows the same numbers in the same way, in another stretch or size."""
        ours, theirs = ((each.series, each.axis, each.log, each.inks) for each in (self, other))
        return ours == theirs


def places_in(run: Compared, view: View) -> tuple[int, int]:
    """The steps of a run that are in view, a little more at each side; none from before a fork grew."""
    assert run.curves is not None
    low, high = view.frame.shown(_PAST + 2)
    first = max(run.curves.grown_at, run.curves.axes.place_of_x(view.axis, low) - 1)
    return first, min(run.curves.steps, run.curves.axes.place_of_x(view.axis, high) + 2)


def line_of(run: Compared, parent: Compared | None, view: View) -> Line:
    """The points of a run's line, as places on x and values; a fork's begins at its parent's point."""
    curves = run.curves
    assert curves is not None
    if view.series == TRAINING:
        first, stop = places_in(run, view)
        most = min(THICK_POINTS, int(view.width / _SMOOTH_ROOM) + 1)
        stride = 1 << max(0, -(-(stop - first) // most) - 1).bit_length()
        # Where strides end: at the ends of the mean's blocks, which is quick.
        places = np.arange(first // stride * stride + stride - 1, stop, stride)
        places = places[places >= curves.grown_at]
        values = curves.smooth_loss.at(places)
        if stop > first == curves.grown_at and (not len(places) or places[0] > first):
            # The mean over one step is that step.
            places, values = np.append(first, places), np.append(float(curves.loss.values[first]), values)
        if len(places) and places[-1] != curves.steps - 1 and stop == curves.steps:
            # Asked for by itself, as it seldom stands there.
            places = np.append(places, curves.steps - 1)
            values = np.append(values, curves.smooth_loss.at(places[-1:]))
        return curves.axes.x_of_places(view.axis, places.astype(np.float64)), values
    x, values = curves.axes.x_of_epochs(view.axis), curves.epochs.metric(view.series)
    low, high = view.frame.shown(_PAST + 2)
    first, stop = max(0, int(np.searchsorted(x, low)) - 1), int(np.searchsorted(x, high)) + 1
    x, values = x[first:stop], values[first:stop]
    root = grown_from(run, parent, view)
    if root is not None and first == 0:
        x, values = np.insert(x, 0, root[0]), np.insert(values, 0, root[1])
    return _thinned(x, values, view)


def _thinned(x: Doubles, values: Doubles, view: View) -> Line:
    """At most the least and the greatest value in every two pixels, in their order: a spike stays, whatever the width."""
    column = np.floor(view.frame.px(x) / _ROOM)
    starts = np.flatnonzero(np.concatenate(([True], column[1:] != column[:-1]))) if len(x) else np.empty(0, np.int64)
    if len(x) <= 2 * len(starts):
        return x, values
    stretch = np.cumsum(np.concatenate(([True], column[1:] != column[:-1]))) - 1
    order = np.lexsort((values, stretch))
    counts = np.diff(np.append(starts, len(x)))
    numbers = np.add.reduceat(np.isfinite(values).astype(np.int64), starts)
    # What is no number is sorted to the end of its stretch: the greatest is the last of the numbers.
    last = starts + np.maximum(np.where(numbers > 0, numbers, counts) - 1, 0)
    chosen = np.unique(np.concatenate([order[starts], order[last]]))
    return x[chosen], values[chosen]


def grown_from(run: Compared, parent: Compared | None, view: View) -> tuple[float, float] | None:
    """Where a fork left its parent's curve: place on x and the parent's value there.

    Each run has a clock of its own, so in run time the two do not meet.
    """
    epoch = run.run.parent_epoch
    if parent is None or parent.curves is None or not epoch or view.axis is Axis.TIME or run.curves is None:
        return None
    epochs = parent.curves.epochs
    row = int(np.searchsorted(epochs.number.view, epoch))
    if row >= len(epochs) or epochs.number.view[row] != epoch:
        return None
    if view.series != TRAINING:
        value = float(epochs.metric(view.series)[row])
    else:
        last = int(epochs.step.view[row]) - 1
        value = float(parent.curves.smooth_loss.at([last])[0]) if 0 <= last < parent.curves.steps else math.nan
    return (run.curves.axes.x_of_epoch(view.axis, epoch), value) if math.isfinite(value) else None


# --- lines ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outline:
    """What is worked out of a run before its line is painted: its points, and the straight pieces it is drawn with."""

    run: Compared
    parent: Compared | None
    line: Line
    pieces: Doubles


def outlines(runs: Sequence[Compared], view: View, parents: Parents) -> list[Outline]:
    """The outlines of some runs; together they cost less than each alone."""
    lines = [line_of(run, parents(run), view) for run in runs]
    placed = [(view.frame.px(x), view.frame.py(heights(values, log=view.log))) for x, values in lines]
    dashes = [tokens.RUN_DASHES[run.slot % SLOTS] for run in runs]
    pieces = strokes(placed, dashes, (-_PAST, view.width + _PAST), (-_PAST, view.height + _PAST))
    return [Outline(run, parents(run), line, part) for run, line, part in zip(runs, lines, pieces, strict=True)]


def paint_line(painter: QPainter, outline: Outline, view: View) -> None:
    """The line of a run with its markers, the seam to its parent, and a mark where a loss was no number."""
    run, line = outline.run, outline.line
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(view.inks.pen(run.slot))
    draw(painter, outline.pieces)
    if len(line[0]) == 1:
        _paint_point(painter, view, line)
    _paint_seam(painter, run, outline.parent, view)
    _paint_markers(painter, run, view, line)
    if view.series == TRAINING:
        _paint_bad(painter, run, view)


def _paint_point(painter: QPainter, view: View, line: Line) -> None:
    """A line of one point."""
    height = view.frame.py1(float(heights(line[1], log=view.log)[0]))
    if math.isfinite(height):
        painter.drawPoint(QPointF(view.frame.px1(float(line[0][0])), height))


def _paint_seam(painter: QPainter, run: Compared, parent: Compared | None, view: View) -> None:
    """A thin line where a fork leaves its parent: from the parent's value to the fork's own first one."""
    root = grown_from(run, parent, view)
    if root is None:
        return
    assert run.curves is not None
    ends = [root[1]]
    if view.series == TRAINING and run.curves.steps > run.curves.grown_at:
        ends.append(float(run.curves.smooth_loss.at([run.curves.grown_at])[0]))
    tops = view.frame.py(heights(np.array(ends), log=view.log))
    tops = tops[np.isfinite(tops)]
    if len(tops):
        x = round(view.frame.px1(root[0]))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.setPen(view.inks.seam)
        painter.drawLine(QPointF(x, float(tops.min()) - _SEAM), QPointF(x, float(tops.max()) + _SEAM))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)


def _paint_markers(painter: QPainter, run: Compared, view: View, line: Line) -> None:
    """A marker every few epochs, shifted from run to run, so that they do not stack."""
    curves, frame = run.curves, view.frame
    assert curves is not None
    numbers, x = curves.epochs.number.view, curves.axes.x_of_epochs(view.axis)
    if not len(x):
        return
    width = frame.px1(float(x[-1])) - frame.px1(float(x[0]))
    apart = width / max(1, int(numbers[-1] - numbers[0]))
    every = EVERY * max(1, math.ceil(_MARKER_ROOM / max(1e-9, EVERY * apart)))
    chosen = np.flatnonzero(numbers % every == run.slot % SLOTS * every // EVERY)
    x = x[chosen]
    if view.series == TRAINING:
        # On the line as it is drawn, whose points are wider apart than steps.
        values = np.interp(x, *line, left=math.nan, right=math.nan) if len(line[0]) else x * math.nan
    else:
        values = curves.epochs.metric(view.series)[chosen]
    middles = np.stack([frame.px(x), frame.py(heights(values, log=view.log))], axis=1)
    with np.errstate(invalid="ignore"):
        near = ((middles >= -_PAST) & (middles <= (view.width + _PAST, view.height + _PAST))).all(axis=1)
    # On whole pixels of the screen, as a picture between them would be blurred.
    middles = np.rint(middles[near] * view.ratio) / view.ratio
    marker = view.inks.marker(run.slot, view.ratio)
    draw_copies(painter, marker, middles)


def _paint_bad(painter: QPainter, run: Compared, view: View) -> None:
    """A mark at the upper edge, in the run's colour, at the first step whose loss is no number."""
    assert run.curves is not None
    first = run.curves.loss.first_bad()
    if first is None:
        return
    x = view.frame.px1(float(run.curves.axes.x_of_places(view.axis, np.array([float(first[0])]))[0]))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(view.inks.colour(run.slot))
    painter.drawPolygon([QPointF(x - 4, 7), QPointF(x + 4, 7), QPointF(x, 1)])
    painter.setBrush(Qt.BrushStyle.NoBrush)
