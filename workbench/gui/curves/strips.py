"""The optional lanes of single steps: learning rate, gradient norm, images a second, penalty share. Same x, own y.

Lines come from their pyramids, with the least and the greatest of what lies behind each pixel.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter

from workbench.curves.axes import Doubles
from workbench.curves.pyramid import Pyramid
from workbench.curves.run_curves import RunCurves
from workbench.gui import words
from workbench.gui.curves import marks
from workbench.gui.curves.choices import Strip
from workbench.gui.curves.frame import Frame
from workbench.gui.curves.named_lane import Named, NamedLane
from workbench.gui.curves.points import THICK_POINTS
from workbench.gui.curves.scales import (
    RATE_ROOM,
    Range,
    Tick,
    log_ticks,
    percent_ticks,
    rate_ticks,
    settled,
    value_ticks,
)
from workbench.gui.curves.shown import Shown, heights
from workbench.gui.curves.strokes import envelope, in_direction, polyline
from workbench.gui.curves.values import Values

#: A rate that changes by more than this factor is shown on a logarithmic scale; a norm, which is noisy, by more than that.
_RATE_FACTOR, _NORM_FACTOR = 5.0, 50.0
#: A lane's name stands above its line: the range reaches so much further.
_NAME_ROOM = 1.6


class StepsLane(NamedLane):
    """A line of single steps out of a pyramid."""

    STRIP: Strip
    #: a range wider than this factor is shown on a logarithmic scale; None: never
    LOG_FACTOR: float | None = None

    def __init__(self, shown: Shown, name: str, line: Callable[[RunCurves], Pyramid]) -> None:
        """`line`: what is drawn of a run."""
        self._log = False
        self._line = line
        super().__init__(shown, name)

    def title(self) -> str:
        return self.STRIP.words

    def forget_range(self) -> None:
        self._log = False
        super().forget_range()

    def wanted_y(self) -> Range:
        curves = self.shown.curves
        line = self._line(curves) if curves is not None else Pyramid()
        seen = line.see(0, len(line), 64).values
        good = seen[np.isfinite(seen)]
        if not len(good):
            self._log = False
            return (0.0, 1.0)
        low, high = float(good.min()), float(good.max())
        self._log = self.LOG_FACTOR is not None and low > 0 and high > self.LOG_FACTOR * low
        if self._log:
            return settled(self.y_range, self._log_range(math.log10(low), math.log10(high)))
        return settled(self.y_range, (min(0.0, low), (high or 1.0) * _NAME_ROOM), kept=0.6)

    def _log_range(self, low: float, high: float) -> Range:
        room = 0.1 * (high - low)
        return (low - room, high + 3.0 * room)

    def ticks(self) -> Sequence[Tick]:
        if self.shown.empty:
            return []
        ticks = (log_ticks if self._log else value_ticks)(*self.y_range, self.most_ticks())
        return [tick for tick in ticks if tick.value < self.y_range[1] - 0.2 * (self.y_range[1] - self.y_range[0])]

    def paint_curves(self, painter: QPainter, frame: Frame) -> None:
        curves = self.shown.curves
        assert curves is not None
        line = self._line(curves)
        if not len(line):
            return
        first, stop = self.exposed_steps(frame)
        width = max(1.0, frame.width * (stop - first) / max(1, self.visible_steps(frame)))
        seen = line.see(first, stop, width)
        x = frame.px(curves.axes.x_of_places(self.shown.axis, seen.places))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.setPen(self.shown.inks.strip)
        polyline(painter, *envelope(x, frame.py(heights(seen.values, log=self._log))))
        marked = frame.px(curves.axes.x_of_places(self.shown.axis, seen.marks.astype(np.float64)))
        marks.paint_bad(painter, self.shown, frame, marked.tolist(), seen.flags.tolist())


class RateLane(StepsLane):
    """The learning rate of each step."""

    STRIP = Strip.RATE
    LOG_FACTOR = _RATE_FACTOR

    def __init__(self, shown: Shown) -> None:
        super().__init__(shown, "ratePlot", lambda curves: curves.learning_rate)

    def wanted_y(self) -> Range:
        wanted = super().wanted_y()
        if self._log or self.shown.curves is None or not self.shown.curves.steps:
            return wanted
        seen = self._line(self.shown.curves).see(0, self.shown.curves.steps, 64).values
        high = float(np.nanmax(seen)) if np.isfinite(seen).any() else 0.0
        return settled(self.y_range, (0.0, (high or 1.0) * RATE_ROOM), kept=0.9)

    def _log_range(self, low: float, high: float) -> Range:
        room = 0.22 * (high - low)
        return (low - room, high + 2.6 * room)

    def ticks(self) -> Sequence[Tick]:
        if self.shown.curves is None or not self.shown.curves.steps:
            return []
        return rate_ticks(*self.y_range, self.most_ticks(), log=self._log)

    def paint_curves(self, painter: QPainter, frame: Frame) -> None:
        curves = self.shown.curves
        assert curves is not None
        if not curves.steps:
            return
        first, stop = self.exposed_steps(frame)
        whole = THICK_POINTS / 8
        seen = curves.learning_rate.see(
            first, stop, max(1.0, whole * (stop - first) / max(1, self.visible_steps(frame)))
        )
        rates = in_direction(heights(seen.values, log=self._log), seen.places)
        x = frame.px(curves.axes.x_of_places(self.shown.axis, seen.places))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self.shown.inks.rate)
        # A rate holds until it changes: steps, not slopes.
        polyline(painter, np.repeat(x, 2)[1:], frame.py(np.repeat(rates, 2)[:-1]))
        if len(x) == 1:
            painter.drawPoint(QPointF(float(x[0]), float(frame.py(rates)[0])))

    def told(self, at: Values) -> Sequence[Named]:
        return [(words.rate(at.rate), self.shown.inks.text)] if not math.isnan(at.rate) else []


class NormLane(StepsLane):
    """The gradient's global norm of each step, before clipping."""

    STRIP = Strip.NORM
    LOG_FACTOR = _NORM_FACTOR

    def __init__(self, shown: Shown) -> None:
        super().__init__(shown, "normPlot", lambda curves: curves.gradient_norm)

    def told(self, at: Values) -> Sequence[Named]:
        return [(words.decimals(at.norm, 4), self.shown.inks.text)]


class PenaltyLane(StepsLane):
    """Which share of loss and penalty together the penalty is."""

    STRIP = Strip.PENALTY

    def __init__(self, shown: Shown) -> None:
        super().__init__(shown, "penaltyPlot", lambda curves: curves.penalty_share)

    def title(self) -> str:
        penalized = self.shown.curves is None or not self.shown.curves.steps or self.shown.curves.penalized
        return super().title() if penalized else "Penalty share: this run has no penalties"

    def ticks(self) -> Sequence[Tick]:
        if self.shown.empty:
            return []
        ticks = percent_ticks(*self.y_range, self.most_ticks())
        return [tick for tick in ticks if tick.value <= self.y_range[1] / _NAME_ROOM * 1.01]

    def told(self, at: Values) -> Sequence[Named]:
        share = at.penalty_share
        return [] if math.isnan(share) else [(words.percent(share, 1), self.shown.inks.text)]


class SpeedLane(NamedLane):
    """Training pictures a second, of each stretch in which steps were written down together."""

    def __init__(self, shown: Shown) -> None:
        super().__init__(shown, "speedPlot")

    def title(self) -> str:
        return Strip.SPEED.words

    def _speeds(self, first: int, stop: int) -> tuple[npt.NDArray[np.int64], Doubles]:
        curves = self.shown.curves
        return curves.speeds(first, stop) if curves is not None else (np.empty(0, np.int64), np.empty(0))

    def wanted_y(self) -> Range:
        curves = self.shown.curves
        _, speeds = self._speeds(0, curves.steps if curves is not None else 0)
        good = speeds[np.isfinite(speeds)]
        return settled(self.y_range, (0.0, float(good.max()) * _NAME_ROOM), kept=0.6) if len(good) else (0.0, 1.0)

    def ticks(self) -> Sequence[Tick]:
        if self.shown.empty:
            return []
        ticks = value_ticks(*self.y_range, self.most_ticks())
        return [
            Tick(tick.value, words.short_count(tick.value)) for tick in ticks if tick.value < 0.75 * self.y_range[1]
        ]

    def paint_curves(self, painter: QPainter, frame: Frame) -> None:
        curves = self.shown.curves
        assert curves is not None
        first, stop = self.exposed_steps(frame)
        stops, speeds = self._speeds(first, stop)
        if not len(stops):
            return
        edges = np.concatenate([[curves.times.stop_before(first)], stops]) - 1.0
        x = frame.px(curves.axes.x_of_places(self.shown.axis, np.maximum(edges, 0.0)))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.setPen(self.shown.inks.strip)
        polyline(painter, *envelope(np.repeat(x, 2)[1:-1], frame.py(np.repeat(speeds, 2))))

    def told(self, at: Values) -> Sequence[Named]:
        return [(words.count(at.speed), self.shown.inks.text)] if not math.isnan(at.speed) else []
