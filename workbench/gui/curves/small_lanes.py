"""The accuracy and learning-rate lanes: same x, own y, their names and values inside."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from workbench.gui import words
from workbench.gui.curves.lane import Frame, Lane
from workbench.gui.curves.loss_lane import paint_validation, spacing
from workbench.gui.curves.readout import values_at
from workbench.gui.curves.scales import RATE_ROOM, Range, Tick, percent_ticks, rate_ticks, settled, share_range
from workbench.gui.curves.shown import Shown
from workbench.gui.curves.strokes import polyline

_TICK_ROOM = 24
#: A lane's name and its values at the crosshair take no more than this, in pixels at 100 %.
_NAME_ROOM = 280
#: A rate that changes by more than this factor is shown on a logarithmic scale.
_LOG_FACTOR = 5.0


def _name(painter: QPainter, shown: Shown, frame: Frame, name: str, values: Sequence[tuple[str, QColor]]) -> None:
    """The lane's name at its top left, and the values at the crosshair, on the plot's ground so that they stay readable."""
    inks = shown.inks
    if frame.exposed.left() > inks.theme.px(_NAME_ROOM):
        return
    gap = 10.0
    width = inks.strong_metrics.horizontalAdvance(name) + sum(
        inks.strong_metrics.horizontalAdvance(text) + gap for text, _ in values
    )
    height = inks.strong_metrics.height()
    painter.fillRect(QRectF(4, 4, width + 6, height + 2), inks.ground)
    painter.setFont(inks.caption_strong)
    left = 7.0
    for text, colour in ((name, inks.text2), *values):
        painter.setPen(colour)
        painter.drawText(
            QRectF(left, 5, width, height), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text
        )
        left += inks.strong_metrics.horizontalAdvance(text) + gap


class _NamedLane(Lane):
    """A lane with its name inside, and the values at the crosshair beside it."""

    def cursor_area(self) -> list[QRectF]:
        width, height = self.shown.inks.theme.px(_NAME_ROOM), self.shown.inks.strong_metrics.height()
        return [*super().cursor_area(), QRectF(0, 0, width, height + 8)]


class MetricLane(_NamedLane):
    """Accuracy of training (smoothed) and validation."""

    def __init__(self, shown: Shown) -> None:
        super().__init__(shown, "metricPlot")

    def wanted_y(self) -> Range:
        curves = self.shown.curves
        if curves is None:
            return self.y_range
        # Some hundred values are enough to know the range.
        smooth = curves.smooth_accuracy.at(np.arange(0, curves.steps, max(1, curves.steps // 256)))
        parts = [smooth, curves.epochs.metric("val_accuracy")]
        ranges = [share_range(part) for part in parts if np.isfinite(part).any()]
        if not ranges:
            return (0.0, 1.0)
        low, high = min(low for low, _ in ranges), max(high for _, high in ranges)
        # A little more than 100 % may be in view, so that a circle at the top is whole.
        return settled(self.y_range, (low, high + 0.06 * (high - low)), kept=0.6)

    def own_past(self) -> tuple[object, ...]:
        return spacing(self.shown, self.frame())

    def forget_range(self) -> None:
        self.y_range = (0.0, -1.0)
        self.set_y(self.wanted_y())

    def ticks(self) -> Sequence[Tick]:
        if self.shown.empty:
            return []
        ticks = percent_ticks(*self.y_range, max(2, int(self.frame().height / self.shown.inks.theme.px(_TICK_ROOM))))
        return [tick for tick in ticks if tick.value <= 1]

    def paint_curves(self, painter: QPainter, frame: Frame) -> None:
        curves, inks = self.shown.curves, self.shown.inks
        assert curves is not None
        if curves.steps:
            places = self.thick_places(frame)
            values = curves.smooth_accuracy.at(places)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(inks.small_smooth)
            polyline(painter, frame.px(curves.x_of_places(self.shown.axis, places)), frame.py(values))
        paint_validation(painter, self.shown, frame, "val_accuracy", log=False, small=True)

    def paint_over(self, painter: QPainter, frame: Frame) -> None:
        super().paint_over(painter, frame)
        inks, found = self.shown.inks, []
        at = values_at(self.shown)
        if at is not None:
            if math.isfinite(at.training_accuracy):
                found.append((words.percent(at.training_accuracy, 1), inks.training))
            if math.isfinite(at.validation_accuracy):
                found.append((words.percent(at.validation_accuracy, 1), inks.validation_text))
        _name(painter, self.shown, frame, "Accuracy", found)


class RateLane(_NamedLane):
    """The learning rate of each step."""

    def __init__(self, shown: Shown) -> None:
        super().__init__(shown, "ratePlot")
        self._log = False

    def wanted_y(self) -> Range:
        curves = self.shown.curves
        rates = curves.learning_rate.values if curves is not None else np.empty(0)
        rates = rates[:: max(1, len(rates) // 512)]
        good = rates[np.isfinite(rates) & (rates > 0)]
        if not len(good):
            self._log = False
            return (0.0, 1.0)
        low, high = float(good.min()), float(good.max())
        self._log = high > _LOG_FACTOR * low
        if self._log:
            wanted = (math.log10(low), math.log10(high))
            room = 0.22 * (wanted[1] - wanted[0])
            return settled(self.y_range, (wanted[0] - room, wanted[1] + 2.6 * room))
        return settled(self.y_range, (0.0, high * RATE_ROOM), kept=0.9)

    def forget_range(self) -> None:
        self.y_range = (0.0, -1.0)
        self.set_y(self.wanted_y())

    def ticks(self) -> Sequence[Tick]:
        if self.shown.curves is None or not self.shown.curves.steps:
            return []
        most = max(1, int(self.frame().height / self.shown.inks.theme.px(_TICK_ROOM)))
        return rate_ticks(*self.y_range, most, log=self._log)

    def _heights(
        self, rates: np.ndarray[tuple[int], np.dtype[np.float32]]
    ) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        values = rates.astype(np.float64)
        if not self._log:
            return values
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(values > 0, np.log10(values), np.nan)

    def paint_curves(self, painter: QPainter, frame: Frame) -> None:
        curves = self.shown.curves
        assert curves is not None
        if not curves.steps:
            return
        places = self.thick_places(frame)
        rates = self._heights(curves.learning_rate.values[places.astype(np.int64)])
        x = frame.px(curves.x_of_places(self.shown.axis, places))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self.shown.inks.rate)
        # A rate holds until it changes: steps, not slopes.
        polyline(painter, np.repeat(x, 2)[1:], frame.py(np.repeat(rates, 2)[:-1]))
        if len(x) == 1:
            painter.drawPoint(QPointF(float(x[0]), float(frame.py(rates)[0])))

    def paint_over(self, painter: QPainter, frame: Frame) -> None:
        super().paint_over(painter, frame)
        at = values_at(self.shown)
        found = [(words.rate(at.rate), self.shown.inks.text)] if at is not None and math.isfinite(at.rate) else []
        _name(painter, self.shown, frame, "Learning rate", found)
