"""What stands over the lines of several runs: the best epoch's star, the run's number at its end, dots at the crosshair."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from workbench.gui.compared import Compared
from workbench.gui.curves.overlaid import Overlaid, value_at
from workbench.gui.curves.overlay import Line, RunInks, View
from workbench.gui.curves.shown import heights
from workbench.gui.curves.strokes import star
from workbench.gui.widgets.paint import box

_SHAPE = star(QPointF(0, 0), 8.0)
_AWAY = 8.0
_GAP = 2.0
#: A label this many of its heights from the end of its line would be taken for another line's.
_FARTHEST = 3


@dataclass(frozen=True)
class EndLabel:
    """The number of a run in a box at the end of its line."""

    run: Compared
    rect: QRectF


@dataclass(frozen=True)
class Points:
    """Two places of a run's line in a view, in pixels: its best epoch and its end; None where it is not in view."""

    best: QPointF | None
    end: QPointF | None


def point_of(run: Compared, view: View, x: float) -> QPointF | None:
    """Where a run's line is at a place on x, in pixels; None where it is not."""
    value = value_at(run, view.series, view.axis, x)
    if value is None:
        return None
    height = view.frame.py1(float(heights(np.array([value]), log=view.log)[0]))
    return QPointF(view.frame.px1(x), height) if math.isfinite(height) else None


def points_of(run: Compared, view: View, line: Line) -> Points:
    """Where the star and the number of a run belong, on its line as it is drawn (places on x and values)."""
    curves, (x, values) = run.curves, line
    assert curves is not None
    if not len(x):
        return Points(None, None)
    best = curves.best
    row = int(np.searchsorted(curves.epochs.number.view, best.epoch)) if best is not None else len(curves.epochs)
    found = [
        float(curves.axes.x_of_epochs(view.axis)[row]) if row < len(curves.epochs) else math.nan,
        # A line that goes on past the view has its last point there: then its end is not in view.
        float(x[-1]) if math.isfinite(values[-1]) else float(x[np.isfinite(values)].max(initial=-math.inf)),
    ]
    return Points(*(_on_line(view, line, place) for place in found))


def _on_line(view: View, line: Line, x: float) -> QPointF | None:
    """A place on x on a line as it is drawn, in pixels; None where it is not in view."""
    if not view.x[0] <= x <= view.x[1]:
        return None
    value = np.interp(x, *line, left=math.nan, right=math.nan)
    height = view.frame.py1(float(heights(np.array([value]), log=view.log)[0]))
    return QPointF(view.frame.px1(x), height) if 0 <= height <= view.height else None


def place_labels(runs: Sequence[tuple[Compared, Points]], view: View, taken: Sequence[EndLabel] = ()) -> list[EndLabel]:
    """A label for each line that ends in view, pushed apart; those far from their line's end are left out.

    The baseline's comes first, then in order: later ones make way, and all of them for those that stand there already.
    """
    metrics = view.inks.inks.strong_metrics
    height = metrics.height() + 5
    found: list[EndLabel] = []
    # Many more than fit below each other would only be tried in vain.
    tries = int(view.height / (height + _GAP)) + 8
    ending = [(run, points.end) for run, points in runs if points.end is not None]
    for run, end in sorted(ending, key=lambda each: not each[0].baseline)[:tries]:
        width = metrics.horizontalAdvance(str(run.run.number)) + 12
        left, top = end.x() + _AWAY, end.y() - height / 2
        if left + width > view.width:
            left, top = max(0.0, end.x() - width - _AWAY), top - height / 2 - 4
        place = QRectF(round(left), round(top), math.ceil(width), math.ceil(height))
        rect = _apart(place, (*taken, *found), view.height)
        if rect is not None:
            found.append(EndLabel(run, rect))
    return found


def _apart(rect: QRectF, others: Sequence[EndLabel], most: float) -> QRectF | None:
    """The place nearest to where it belongs that is free."""
    here = rect.top()
    near = [each.rect for each in others if each.rect.left() < rect.right() and rect.left() < each.rect.right()]
    places = [here]
    for other in near:
        places += [other.bottom() + _GAP, other.top() - _GAP - rect.height()]
    for place in sorted(places, key=lambda top: abs(top - here)):
        top = min(max(place, 0.0), most - rect.height())
        if abs(top - here) > _FARTHEST * rect.height():
            return None
        if all(top >= other.bottom() or other.top() >= top + rect.height() for other in near):
            return QRectF(rect.left(), top, rect.width(), rect.height())
    return None


def paint_labels(painter: QPainter, labels: Sequence[EndLabel], inks: RunInks) -> None:
    theme = inks.inks.theme
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(inks.inks.caption_strong)
    for label in labels:
        box(painter, label.rect, theme.colour("card"), theme.colour("line2"), radius=5)
        painter.setPen(inks.colour(label.run.slot))
        painter.drawText(label.rect, Qt.AlignmentFlag.AlignCenter, str(label.run.run.number))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def paint_stars(painter: QPainter, runs: Sequence[tuple[Compared, Points]], inks: RunInks) -> None:
    """A star at the best epoch of each run."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(inks.inks.star_edge)
    for run, points in runs:
        if points.best is not None:
            painter.setBrush(inks.colour(run.slot))
            painter.drawPolygon(_SHAPE.translated(points.best))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def paint_dots(painter: QPainter, shown: Overlaid, view: View) -> None:
    """Where the crosshair meets the lines; the run that its menu is about has the largest."""
    if shown.at is None:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(view.inks.inks.text, 1.4))
    for reading in shown.readings():
        if reading.value is None:
            continue
        height = view.frame.py1(float(heights(np.array([reading.value]), log=view.log)[0]))
        if math.isfinite(height) and 0 <= height <= view.height:
            radius = 6.0 if reading.run.run.id == shown.chosen else 4.6
            painter.setBrush(view.inks.colour(reading.run.slot))
            painter.drawEllipse(QPointF(view.frame.px1(shown.at), height), radius, radius)
    painter.setBrush(Qt.BrushStyle.NoBrush)
