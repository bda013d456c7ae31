"""What stands over the lines of several runs: the best epoch's star, the run's number at its end, dots at the crosshair."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from workbench.gui.compared import Compared
from workbench.gui.curves.overlaid import TRAINING, Overlaid, value_at
from workbench.gui.curves.overlay import RunInks, View
from workbench.gui.curves.shown import heights
from workbench.gui.curves.strokes import star
from workbench.gui.widgets.paint import box

_STAR = 8.0
_AWAY = 8.0
_GAP = 2.0
#: A label this many of its heights from the end of its line would be taken for another line's.
_FARTHEST = 3


@dataclass(frozen=True)
class EndLabel:
    """The number of a run in a box at the end of its line."""

    run: Compared
    rect: QRectF


def point_of(run: Compared, view: View, x: float) -> QPointF | None:
    """Where a run's line is at a place on x, in pixels; None where it is not."""
    value = value_at(run, view.series, view.axis, x)
    if value is None:
        return None
    height = view.frame.py1(float(heights(np.array([value]), log=view.log)[0]))
    return QPointF(view.frame.px1(x), height) if math.isfinite(height) else None


def end_labels(runs: Sequence[Compared], view: View) -> list[EndLabel]:
    """A label for each line that ends in view, pushed apart; those far from their line's end are left out.

    The baseline's comes first, then in order: later ones make way.
    """
    metrics = view.inks.inks.strong_metrics
    height = metrics.height() + 5
    found: list[EndLabel] = []
    for run in sorted(runs, key=lambda run: not run.baseline):
        end = _end_of(run, view)
        if end is None:
            continue
        width = metrics.horizontalAdvance(str(run.run.number)) + 12
        left = end.x() + _AWAY
        top = end.y() - height / 2
        if left + width > view.width:
            left, top = max(0.0, end.x() - width - _AWAY), top - height / 2 - 4
        rect = _apart(QRectF(round(left), round(top), math.ceil(width), math.ceil(height)), found, view.height)
        if rect is not None:
            found.append(EndLabel(run, rect))
    return found


def _end_of(run: Compared, view: View) -> QPointF | None:
    curves = run.curves
    assert curves is not None
    if view.series == TRAINING:
        x = curves.now(view.axis) if curves.steps else math.nan
    else:
        good = np.flatnonzero(np.isfinite(curves.epochs.metric(view.series)))
        x = float(curves.x_of_epochs(view.axis)[good[-1]]) if len(good) else math.nan
    if not view.x[0] <= x <= view.x[1]:
        return None
    point = point_of(run, view, x)
    return point if point is not None and 0 <= point.y() <= view.height else None


def _apart(rect: QRectF, others: Sequence[EndLabel], most: float) -> QRectF | None:
    """The place nearest to where it belongs that is free."""
    places = [rect.top()]
    for other in others:
        if other.rect.left() < rect.right() and rect.left() < other.rect.right():
            places += [other.rect.bottom() + _GAP, other.rect.top() - _GAP - rect.height()]
    for top in sorted(places, key=lambda top: abs(top - rect.top())):
        moved = QRectF(rect)
        moved.moveTop(min(max(top, 0.0), most - rect.height()))
        if abs(moved.top() - rect.top()) > _FARTHEST * rect.height():
            return None
        if not any(moved.intersects(other.rect) for other in others):
            return moved
    return None


def paint_labels(painter: QPainter, labels: Sequence[EndLabel], inks: RunInks, exposed: QRectF) -> None:
    theme = inks.inks.theme
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(inks.inks.caption_strong)
    for label in labels:
        if label.rect.intersects(exposed):
            box(painter, label.rect, theme.colour("card"), theme.colour("line2"), radius=5)
            painter.setPen(inks.colour(label.run.slot))
            painter.drawText(label.rect, Qt.AlignmentFlag.AlignCenter, str(label.run.run.number))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def paint_stars(painter: QPainter, runs: Sequence[Compared], view: View) -> None:
    """A star at the best epoch of each run."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(view.inks.inks.star_edge)
    for run in runs:
        assert run.curves is not None
        best = run.curves.best
        if best is None:
            continue
        row = int(np.searchsorted(run.curves.epochs.number.view, best.epoch))
        ends = run.curves.x_of_epochs(view.axis)
        if row >= len(ends) or not view.x[0] <= ends[row] <= view.x[1]:
            continue
        point = point_of(run, view, float(ends[row]))
        if point is not None and 0 <= point.y() <= view.height:
            painter.setBrush(view.inks.colour(run.slot))
            painter.drawPolygon(star(point, _STAR))
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
