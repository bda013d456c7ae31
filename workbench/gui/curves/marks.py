"""What stands across all lanes: grid, patience, best epoch, stops, seams under flags and the crosshair's line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from workbench.curves.pyramid import BELOW
from workbench.gui.curves.shown import Shown
from workbench.gui.curves.x_axis import x_ticks

if TYPE_CHECKING:
    from workbench.gui.curves.frame import Frame


def _upright(painter: QPainter, frame: Frame, x: float, pen: QPen) -> None:
    """A line from top to bottom, sharp on its pixel; nothing when it lies outside of what is painted."""
    pixel = round(frame.px1(x))
    if frame.exposed.left() - 2 <= pixel <= frame.exposed.right() + 2:
        painter.setPen(pen)
        painter.drawLine(QPointF(pixel, 0), QPointF(pixel, frame.height))


def paint_x_grid(painter: QPainter, shown: Shown, frame: Frame) -> None:
    for tick in x_ticks(shown, frame.width):
        _upright(painter, frame, tick.value, shown.inks.grid)
    painter.drawLine(QPointF(frame.exposed.left(), 0), QPointF(frame.exposed.right(), 0))
    bottom = frame.height - 1
    painter.drawLine(QPointF(frame.exposed.left(), bottom), QPointF(frame.exposed.right(), bottom))


def _stop_epoch(shown: Shown) -> int | None:
    """The epoch at which patience ends: where it stopped, or where it would."""
    assert shown.curves is not None
    early = shown.curves.stopped_early
    return early.epoch if early is not None else shown.projected()


def paint_below(painter: QPainter, shown: Shown, frame: Frame) -> None:
    """The patience window: from where the count began to now shaded, from now to the stop hatched."""
    curves = shown.curves
    since = curves.patience_since if curves is not None else None
    if curves is None or since is None:
        return
    stop = _stop_epoch(shown)
    if stop is None or stop <= since:
        return
    now = min(curves.last_epoch, stop)
    left, middle, right = (frame.px1(curves.axes.x_of_epoch(shown.axis, epoch)) for epoch in (since, now, stop))
    painter.fillRect(QRectF(left, 0, middle - left, frame.height) & frame.exposed, shown.inks.shade)
    if right > middle:
        painter.fillRect(QRectF(middle, 0, right - middle, frame.height) & frame.exposed, shown.inks.hatch)
        if middle > left:
            _upright(painter, frame, curves.axes.x_of_epoch(shown.axis, now), shown.inks.now)


def paint_lines(painter: QPainter, shown: Shown, frame: Frame) -> None:
    """Lines through all lanes, over the curves."""
    curves, inks = shown.curves, shown.inks
    if curves is None:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    for flag in shown.flags():
        _upright(
            painter,
            frame,
            curves.axes.x_of_flag(shown.axis, flag),
            inks.seam(flag.kind),
        )
    best = shown.best_point()
    if best is not None:
        _upright(painter, frame, best[1], inks.best)
    if curves.stopped_early is not None:
        _upright(painter, frame, curves.axes.x_of_epoch(shown.axis, curves.stopped_early.epoch), inks.early)
    stop = shown.projected()
    if stop is not None:
        _upright(painter, frame, curves.axes.x_of_epoch(shown.axis, stop), inks.projected)
    asked = shown.what_if
    if asked is not None and asked.stop_epoch is not None:
        _upright(painter, frame, curves.axes.x_of_epoch(shown.axis, asked.stop_epoch), inks.what_if)


def paint_bad(painter: QPainter, shown: Shown, frame: Frame, pixels: Sequence[float], flags: Sequence[int]) -> None:
    """Where a value is no number: marks at the edge it left by."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(shown.inks.bad)
    columns: set[tuple[int, bool]] = set()
    for pixel, flag in zip(pixels, flags, strict=True):
        down = flag == BELOW
        column = (round(pixel / 4), down)  # one mark in four pixels is enough to be seen
        if column not in columns:
            columns.add(column)
            edge, inner = (frame.height - 1, frame.height - 7) if down else (1.0, 7.0)
            painter.drawPolygon(QPolygonF([QPointF(pixel - 4, inner), QPointF(pixel + 4, inner), QPointF(pixel, edge)]))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def paint_cross(painter: QPainter, shown: Shown, frame: Frame) -> None:
    x = shown.cursor_x()
    if x is not None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        _upright(painter, frame, x, shown.inks.cross)
