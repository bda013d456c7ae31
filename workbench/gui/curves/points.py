"""What is told of a whole epoch: validation and re-measured training at its end, the mean of its steps at its middle."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from workbench.curves.axes import Doubles
from workbench.curves.pyramid import ABOVE, BELOW, NAN
from workbench.gui.curves import marks
from workbench.gui.curves.frame import Frame
from workbench.gui.curves.inks import CIRCLE, SQUARE
from workbench.gui.curves.shown import Shown, heights
from workbench.gui.curves.strokes import circles, polyline

Places = npt.NDArray[np.int64]
#: Points of a thick line, at most.
THICK_POINTS = 600
#: Circles stand at least so many pixels apart; closer, only some are drawn.
_CIRCLE_ROOM = 7.0


def spacing(shown: Shown, frame: Frame) -> tuple[int, int]:
    """Of how many epochs one is a point of the validation line, and of how many points one has a circle."""
    assert shown.curves is not None
    x = shown.curves.axes.x_of_epochs(shown.axis)
    visible = int(np.searchsorted(x, frame.x[1]) - np.searchsorted(x, frame.x[0]))
    stride = max(1, -(-visible // THICK_POINTS))
    apart = frame.width / max(1, visible // stride)
    return stride, max(1, math.ceil(_CIRCLE_ROOM / apart))


def _chosen(shown: Shown, frame: Frame, name: str, *, log: bool) -> tuple[Places, Doubles, Doubles]:
    """The epochs that are points of a line in what is painted, and where they stand in pixels."""
    curves = shown.curves
    assert curves is not None
    x, values = curves.axes.x_of_epochs(shown.axis), curves.epochs.metric(name)
    low, high = frame.shown(20)
    first = max(0, int(np.searchsorted(x, low)) - 1)
    stop = int(np.searchsorted(x, high)) + 1
    stride, _ = spacing(shown, frame)
    chosen = np.arange(first // stride * stride, min(stop + stride, len(x)), stride)
    return chosen, frame.px(x[chosen]), frame.py(heights(values[chosen], log=log))


def paint_validation(painter: QPainter, shown: Shown, frame: Frame, name: str, *, log: bool, small: bool) -> None:
    """A metric at the ends of epochs: line and hollow circles; where it is no number, a mark at the edge."""
    inks = shown.inks
    chosen, px, py = _chosen(shown, frame, name, log=log)
    if not len(chosen):
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(inks.small_line if small else inks.line)
    polyline(painter, px, py)
    stride, thin = spacing(shown, frame)
    keep = (chosen // stride) % thin == 0
    circles(painter, inks, px[keep], py[keep], CIRCLE * (0.8 if small else 1.0))
    _paint_bad(painter, shown, frame, name)


def _paint_bad(painter: QPainter, shown: Shown, frame: Frame, name: str) -> None:
    """Of every epoch, not only of those that are points: none is swallowed."""
    curves = shown.curves
    assert curves is not None
    if name not in curves.epochs.names:
        return
    values = curves.epochs.metric(name)
    bad = np.flatnonzero(~np.isfinite(values))
    if not len(bad):
        return
    flags = np.where(np.isnan(values[bad]), NAN, np.where(values[bad] > 0, ABOVE, BELOW))
    marks.paint_bad(painter, shown, frame, frame.px(curves.axes.x_of_epochs(shown.axis)[bad]).tolist(), flags.tolist())


def paint_remeasured(
    painter: QPainter, shown: Shown, frame: Frame, name: str, *, log: bool, small: bool = False
) -> None:
    """Training pictures judged at an epoch's end as validation pictures are: dashed line and hollow squares."""
    assert shown.curves is not None
    if name not in shown.curves.epochs.names:
        return
    chosen, px, py = _chosen(shown, frame, name, log=log)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(shown.inks.remeasured)
    polyline(painter, px, py)
    stride, thin = spacing(shown, frame)
    painter.setPen(shown.inks.square)
    painter.setBrush(shown.inks.ground)
    side = SQUARE * (0.8 if small else 1.0)
    keep = ((chosen // stride) % thin == 0) & np.isfinite(py)
    for x, y in zip(px[keep].tolist(), py[keep].tolist(), strict=True):
        painter.drawRect(QRectF(x - side / 2, y - side / 2, side, side))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def paint_means(painter: QPainter, shown: Shown, frame: Frame) -> None:
    """The mean of an epoch's steps, told of the middle of that epoch: a small diamond, no line."""
    curves, inks = shown.curves, shown.inks
    assert curves is not None
    stride, thin = spacing(shown, frame)
    if stride * thin > 1:  # so close that they would hide the line they stand on
        return
    x, values = curves.axes.x_of_middles(shown.axis), curves.epochs.metric("loss")
    low, high = frame.shown(20)
    seen = (x >= low) & (x <= high)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(inks.mean)
    for px, py in zip(frame.px(x[seen]).tolist(), frame.py(heights(values[seen], log=shown.log)).tolist(), strict=True):
        if math.isfinite(py):
            painter.drawPolygon(inks.diamond(QPointF(px, py)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
