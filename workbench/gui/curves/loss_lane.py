"""The loss lane: per-step loss thin, smoothed over it, validation with circles, best epoch, stops and what is no number."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from workbench.gui import words
from workbench.gui.curves import marks, points, readout
from workbench.gui.curves.beside import beside, values_of
from workbench.gui.curves.choices import Clip
from workbench.gui.curves.frame import Frame
from workbench.gui.curves.labels import Marker, place_markers
from workbench.gui.curves.lane import Lane
from workbench.gui.curves.others import Others
from workbench.gui.curves.scales import (
    Numbers,
    Range,
    Tick,
    linear_range,
    log_range,
    log_ticks,
    settled,
    value_ticks,
    whole_range,
)
from workbench.gui.curves.shown import Shown, heights
from workbench.gui.curves.strokes import Label, envelope, polyline, star

#: Room of one tick at the left, in pixels at 100 %.
_TICK_ROOM = 36
#: Steps of which a percentile is told.
_SAMPLED = 4096


class LossLane(Lane):
    """See the module."""

    def __init__(self, shown: Shown) -> None:
        super().__init__(shown, "lossPlot")
        self._others = Others(self)
        self._clipped: float | None = None
        self._markers: tuple[tuple[object, ...], list[Marker]] = ((), [])

    # --- range ----------------------------------------------------------------------------------------

    def _known(self) -> tuple[Numbers, Numbers, Numbers]:
        """Maxima and minima of at most some hundred stretches of steps, and the validation values."""
        curves = self.shown.curves
        assert curves is not None
        seen = curves.loss.see(0, curves.steps, 64)
        values = seen.values
        own = [curves.epochs.metric(name) for name in ("val_loss", "remeasured_loss")]
        ends = np.concatenate([*(values_of(other, "val_loss") for other in beside(self.shown)), *own])
        if len(values) and len(seen.places) > 1 and seen.places[0] == seen.places[1]:
            return values[1::2], values[0::2], ends
        return values, values, ends

    def _penalties(self) -> Numbers:
        """What the penalties add, which is to be in view beside the loss: some hundred values tell its range."""
        curves = self.shown.curves
        assert curves is not None
        values = curves.penalty.values if curves.penalized else np.empty(0)
        values = values[:: max(1, len(values) // 256)]
        return values[np.isfinite(values)]

    def wanted_y(self) -> Range:
        curves = self.shown.curves
        if curves is None or not (curves.steps or len(curves.epochs)):
            return (-3.0, 1.0) if self.shown.log else (0.0, 1.0)
        highs, lows, ends = self._known()
        if self.shown.log:
            self._clip(None)
            return settled(self.y_range, log_range(highs, lows, np.concatenate([ends, self._penalties()])))
        low, high = self._linear(highs, lows, ends)
        beside = self._penalties()
        if len(beside):
            low, high = min(low, float(beside.min())), max(high, 1.06 * float(beside.max()))
        wanted = settled(self.y_range, (low, high))
        everything = np.concatenate([highs, ends])
        everything = everything[np.isfinite(everything)]
        top = float(everything.max()) if len(everything) else 0.0
        self._clip(top if top > wanted[1] else None)
        return wanted

    def _linear(self, highs: Numbers, lows: Numbers, ends: Numbers) -> Range:
        """The linear range as it was chosen: without the first outliers, of everything, or up to a percentile of the steps."""
        curves, clip = self.shown.curves, self.shown.clip
        assert curves is not None
        if clip is Clip.AUTO:
            return linear_range(highs, lows, ends)
        ends = ends[np.isfinite(ends)]
        tops = highs[np.isfinite(highs)]
        if clip.share is not None and curves.steps:
            # Some thousand steps are enough to know a percentile.
            some = curves.loss.values[:: max(1, curves.steps // _SAMPLED)]
            some = some[np.isfinite(some)]
            tops = np.quantile(some, [clip.share]) if len(some) else tops
            ends = np.minimum(ends, np.quantile(ends, clip.share)) if len(ends) else ends
        floor = lows[np.isfinite(lows)]
        return whole_range(np.concatenate([tops, ends, [floor.min()] if len(floor) else []]))

    def _clip(self, top: float | None) -> None:
        """Whether and how far the losses reach past the range stands beside the axis."""
        if top != self._clipped:
            self._clipped = top
            self.plotItem.getAxis("left").update()

    def own_past(self) -> tuple[object, ...]:
        """The best epoch's star, level and label, the stop's label and where the loss stopped being a number."""
        shown, curves = self.shown, self.shown.curves
        assert curves is not None
        return shown.best_point(), shown.projected(), curves.loss.first_bad(), points.spacing(shown, self.frame())

    @property
    def clipped(self) -> float | None:
        """The greatest loss, when it lies above the range; None when all fits."""
        return self._clipped

    def forget_range(self) -> None:
        """Take the range that suits best, whatever was there before."""
        self.y_range, self.y_free = (0.0, -1.0), False
        self._clipped = None
        self.set_y(self.wanted_y())

    def ticks(self) -> Sequence[Tick]:
        if self.shown.empty:
            return []
        most = max(2, int(self.frame().height / self.shown.inks.theme.px(_TICK_ROOM)))
        return log_ticks(*self.y_range, most) if self.shown.log else value_ticks(*self.y_range, most)

    def paint_axis_extra(self, painter: QPainter, right: float) -> float:
        """The mark that says that something lies above the range."""
        if self._clipped is None:
            return 0.0
        inks = self.shown.inks
        text = _short(self._clipped)
        height = inks.metrics.height()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(inks.text2)
        painter.drawText(QRectF(0, 0, right, height), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        tip = right - inks.metrics.horizontalAdvance(text) - 9
        painter.setBrush(inks.text2)
        painter.setPen(Qt.PenStyle.NoPen)
        middle = height / 2
        painter.drawPolygon(
            QPolygonF([QPointF(tip, middle - 3), QPointF(tip - 4, middle + 3), QPointF(tip + 4, middle + 3)])
        )
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(inks.text3)
        return height

    # --- painting ---------------------------------------------------------------------------------------

    def paint_curves(self, painter: QPainter, frame: Frame) -> None:
        shown, inks, curves = self.shown, self.shown.inks, self.shown.curves
        assert curves is not None
        log = shown.log
        self._others.paint(painter, frame, "val_loss", log=log)
        if curves.steps:
            first, stop = self.exposed_steps(frame)
            width = max(1.0, frame.width * (stop - first) / max(1, self.visible_steps(frame)))
            seen = curves.loss.see(first, stop, width)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
            painter.setPen(inks.raw)
            px = frame.px(curves.axes.x_of_places(shown.axis, seen.places))
            polyline(painter, *envelope(px, frame.py(heights(seen.values, log=log))))
            places = self.thick_places(frame)
            smooth = curves.smooth_loss.at(places)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(inks.smooth)
            polyline(painter, frame.px(curves.axes.x_of_places(shown.axis, places)), frame.py(heights(smooth, log=log)))
            if curves.penalized:
                painter.setPen(inks.penalty)
                penalty = heights(curves.penalty.values[places.astype(np.int64)], log=log)
                polyline(painter, frame.px(curves.axes.x_of_places(shown.axis, places)), frame.py(penalty))
            marked = frame.px(curves.axes.x_of_places(shown.axis, seen.marks.astype(np.float64)))
            marks.paint_bad(painter, shown, frame, marked.tolist(), seen.flags.tolist())
        points.paint_means(painter, shown, frame)
        points.paint_remeasured(painter, shown, frame, "remeasured_loss", log=log)
        points.paint_validation(painter, shown, frame, "val_loss", log=log, small=False)

    def paint_lane(self, painter: QPainter, frame: Frame) -> None:
        super().paint_lane(painter, frame)
        if self.shown.empty:
            painter.setFont(self.shown.inks.secondary)
            painter.setPen(self.shown.inks.text2)
            room = QRectF(24, 12, frame.width - 48, frame.height - 24)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.shown.nothing())
            return
        best = self.shown.best_point()
        if best is not None:
            height = frame.py1(float(heights(np.array([best[2]]), log=self.shown.log)[0]))
            if math.isfinite(height):
                self._paint_best(painter, frame, frame.px1(best[1]), height)
        self._paint_what_if(painter, frame)
        for label, rect in self.labels(frame):
            if rect.intersects(frame.exposed):
                label.paint(painter, rect)
        self._paint_patience(painter, frame)

    def _paint_best(self, painter: QPainter, frame: Frame, x: float, y: float) -> None:
        inks = self.shown.inks
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.setPen(inks.best_level)
        painter.drawLine(QPointF(0, round(y)), QPointF(frame.width, round(y)))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(inks.star_edge)
        painter.setBrush(inks.validation)
        painter.drawPolygon(star(QPointF(x, y), 8.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_what_if(self, painter: QPainter, frame: Frame) -> None:
        """A hollow star where another rule would have kept the weights."""
        asked, curves = self.shown.what_if, self.shown.curves
        if asked is None or asked.best_epoch is None or curves is None:
            return
        row = int(np.searchsorted(curves.epochs.number.view, asked.best_epoch))
        if row >= len(curves.epochs):  # the run was taken back since it was asked
            return
        value = heights(curves.epochs.metric("val_loss")[row : row + 1], log=self.shown.log)
        centre = QPointF(
            frame.px1(curves.axes.x_of_epoch(self.shown.axis, asked.best_epoch)), frame.py1(float(value[0]))
        )
        if math.isfinite(centre.y()):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(self.shown.inks.what_if_edge)
            painter.drawPolygon(star(centre, 11.5))

    def markers(self, frame: Frame) -> list[Marker]:
        """The labels of best epoch, stops and what is no number, where they belong now."""
        shown, curves = self.shown, self.shown.curves
        if curves is None:
            return []
        # They change with an event or a range, not with each frame.
        known = (
            curves, curves.told, shown.run, shown.axis, frame.x, frame.width, frame.height, shown.inks,
            curves.loss.first_bad(), shown.what_if,
        )  # fmt: skip
        if known != self._markers[0]:
            self._markers = (known, place_markers(shown, curves, frame))
        return self._markers[1]

    def labels(self, frame: Frame) -> list[tuple[Label, QRectF]]:
        """The labels and where they stand."""
        return [(marker.label, marker.rect) for marker in self.markers(frame)]

    def _paint_patience(self, painter: QPainter, frame: Frame) -> None:
        """`patience 8` inside the window of a run that was stopped early."""
        curves, best = self.shown.curves, self.shown.best_point()
        if curves is None or best is None or curves.stopped_early is None or not curves.patience:
            return
        since = curves.patience_since
        assert since is not None  # there is a best epoch
        inks = self.shown.inks
        text = f"patience {words.count(curves.patience)}"
        left, right = (
            frame.px1(curves.axes.x_of_epoch(self.shown.axis, epoch)) for epoch in (since, curves.stopped_early.epoch)
        )
        room = inks.strong_metrics.horizontalAdvance(text)
        if right - left < room + 8:
            return
        painter.setFont(inks.caption_strong)
        painter.setPen(inks.text2)
        star_at = frame.py1(float(heights(np.array([best[2]]), log=self.shown.log)[0]))
        height = inks.strong_metrics.height()
        tops = (star_at + 18, frame.height - height - 6, star_at - height - 18, star_at / 2 + 20)
        places = [
            QRectF((left + right - room) / 2, top, room, height)
            for top in tops
            if 0 <= top <= frame.height - height - 4
        ]
        if places:
            emptiest = min(places, key=lambda place: readout.drawn_under(self.shown, frame, place))
            painter.drawText(emptiest, Qt.AlignmentFlag.AlignCenter, text)

    def cursor_area(self) -> list[QRectF]:
        frame = self.frame()
        card = readout.card_rect(self.shown, frame, [rect for _, rect in self.labels(frame)])
        return [*super().cursor_area(), *([card] if card is not None else [])]

    def paint_over(self, painter: QPainter, frame: Frame) -> None:
        marks.paint_cross(painter, self.shown, frame)
        readout.paint(painter, self.shown, frame, [rect for _, rect in self.labels(frame)])


def _short(value: float) -> str:
    if abs(value) >= 1e4:  # noqa: PLR2004 - more digits do not fit beside the axis
        return f"{value:.0e}".replace("e+0", "e").replace("e+", "e")
    return words.decimals(value, 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2)  # noqa: PLR2004 - three figures
