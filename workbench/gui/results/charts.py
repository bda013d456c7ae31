"""Small charts of shares against shares: the reliability of the answers, and the curves of two classes. Painted, without a plot library."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.gui import words
from workbench.gui.theme import Theme, mixed

if TYPE_CHECKING:
    from workbench.results.calibration import Calibration

#: More points than this say nothing more on a chart of this size.
_POINTS = 400


class UnitChart(QWidget):
    """A square field from 0 to 1 both ways, with grid, ticks and names of the axes."""

    def __init__(self, theme: Theme, across: str, up: str) -> None:
        super().__init__()
        self._theme, self._across, self._up = theme, across, up
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(260), self._theme.px(230))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(150), self._theme.px(150))

    def _field(self) -> QRectF:
        left, right, below = self._theme.px(46), self._theme.px(22), self._theme.px(36)
        above = self._theme.px(20)
        side = max(20, min(self.width() - left - right, self.height() - below - above))
        return QRectF(left, above, min(side * 1.5, self.width() - left - right), side)

    def _point(self, x: float, y: float) -> QPointF:
        field = self._field()
        return QPointF(field.left() + x * field.width(), field.bottom() - y * field.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_axes(painter)
        self.paint_data(painter)
        painter.end()

    def paint_data(self, painter: QPainter) -> None:
        """What the chart is of."""
        raise NotImplementedError

    def word_across(self, tick: float) -> str:
        """What stands below the axis across at a share of its length."""
        return words.percent(tick, 0) if tick else ""  # the corner is named once

    def _paint_axes(self, painter: QPainter) -> None:
        theme, field = self._theme, self._field()
        painter.fillRect(field, theme.colour("plot"))
        painter.setFont(theme.font("caption"))
        height = painter.fontMetrics().height()
        for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
            painter.setPen(QPen(theme.colour("grid"), 1))
            painter.drawLine(self._point(tick, 0), self._point(tick, 1))
            painter.drawLine(self._point(0, tick), self._point(1, tick))
            painter.setPen(theme.colour("text3"))
            below = QRectF(self._point(tick, 0).x() - 30, field.bottom() + 2, 60, height)
            painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, self.word_across(tick))
            beside = QRectF(0, self._point(0, tick).y() - height / 2, field.left() - 5, height)
            painter.drawText(beside, Qt.AlignmentFlag.AlignRight, words.percent(tick, 0))
        painter.setPen(theme.colour("text2"))
        painter.drawText(
            QRectF(field.left(), field.bottom() + 2 + height, field.width(), height),
            Qt.AlignmentFlag.AlignHCenter,
            self._across,
        )
        painter.drawText(QRectF(field.left(), 0, self.width(), height), Qt.AlignmentFlag.AlignLeft, self._up)


class ReliabilityChart(UnitChart):
    """How often it is right at each confidence: bars against the diagonal, where both would be equal."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Confidence", "Share right")
        self.setObjectName("reliabilityChart")
        self._calibration: Calibration | None = None

    def show_calibration(self, calibration: Calibration) -> None:
        self._calibration = calibration
        known = [
            f"{words.percent(float(sure), 0)} sure, {words.percent(float(right), 0)} right"
            for sure, right in zip(calibration.confidence, calibration.right, strict=True)
            if not math.isnan(sure)
        ]
        self.setAccessibleName("Reliability of the answers")
        self.setAccessibleDescription("; ".join(known))
        self.update()

    def paint_data(self, painter: QPainter) -> None:
        theme, found = self._theme, self._calibration
        if found is None:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(mixed(theme.series("training"), theme.colour("plot"), 0.75))
        most = max(1, int(found.counts.max()))
        for place, right in enumerate(found.right):
            if math.isnan(right):
                continue
            left, end = (
                self._point(float(found.edges[place]), 0),
                self._point(float(found.edges[place + 1]), float(right)),
            )
            # A bin of few pictures says little: its bar is narrow.
            room = (end.x() - left.x() - 2) * (0.3 + 0.7 * math.sqrt(found.counts[place] / most))
            middle = (left.x() + end.x()) / 2
            painter.drawRect(QRectF(middle - room / 2, end.y(), room, left.y() - end.y()))
        painter.setPen(QPen(theme.colour("text2"), 1.4, Qt.PenStyle.DashLine))
        painter.drawLine(self._point(0, 0), self._point(1, 1))


@dataclass(frozen=True)
class Line:
    """A curve: what it comes to, short and in whole words; the points from 0 to 1."""

    short: str
    name: str
    x: Sequence[float]
    y: Sequence[float]


class CurveChart(UnitChart):
    """One curve, and a dashed line for what guessing gives."""

    def __init__(self, theme: Theme, name: str, across: str, up: str) -> None:
        super().__init__(theme, across, up)
        self.setObjectName(name)
        self._line: Line | None = None
        self._guess: tuple[float, float] = (0.0, 1.0)

    def show_line(self, line: Line, guess: tuple[float, float]) -> None:
        """`guess`: the height of the dashed line at the left and at the right."""
        step = max(1, len(line.x) // _POINTS)
        self._line = Line(line.short, line.name, [*line.x[::step], line.x[-1]], [*line.y[::step], line.y[-1]])
        self._guess = guess
        self.setAccessibleName(line.name)
        self.update()

    def paint_data(self, painter: QPainter) -> None:
        if self._line is None:
            return
        theme = self._theme
        painter.setPen(QPen(theme.colour("text3"), 1.2, Qt.PenStyle.DashLine))
        painter.drawLine(self._point(0, self._guess[0]), self._point(1, self._guess[1]))
        painter.setPen(QPen(theme.series("training"), 2))
        points = [self._point(float(x), float(y)) for x, y in zip(self._line.x, self._line.y, strict=True)]
        painter.drawPolyline(QPolygonF(points))
        painter.setPen(theme.colour("text"))
        painter.setFont(theme.font("secondary", 600))
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
        painter.drawText(self._field().adjusted(8, 5, -8, -5), flags, self._line.short)
