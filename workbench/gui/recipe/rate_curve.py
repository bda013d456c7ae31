"""The planned learning rate as a small curve under the schedule's settings, with its rates in words.

It looks at the form only while it is seen: a closed section computes nothing.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from workbench.gui import words
from workbench.gui.recipe.edits import Edits
from workbench.gui.recipe.planned import Planned, planned
from workbench.gui.text import Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.paint import box

_HEIGHT = 92
#: Free space between the frame and the curve, and between the frame and what is written beside it.
_INSIDE, _BESIDE = 7.0, 6.0
_LINE = 1.6


class RateCurve(QWidget):
    """What the schedule of the form does, drawn before a run starts."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("scheduleCurve")
        self.setAccessibleName("Schedule, planned learning rate")
        self._edits: Edits | None = None
        self._stale = False
        self._plot = _Plot(theme, self)
        self._words = Text(theme, "", "secondary", "text2", wrap=True)
        column = QVBoxLayout(self)
        # As the rows, it ends 4 px before the edge that switches reach.
        column.setContentsMargins(0, 4, 4, 0)
        column.setSpacing(4)
        for part in (self._plot, self._words):
            column.addWidget(part)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    @property
    def plan(self) -> Planned | None:
        """What is drawn; None while a value that decides the rates is wrong."""
        return self._plot.plan

    def follow(self, edits: Edits) -> None:
        """The form's values are others now."""
        self._edits, self._stale = edits, True
        if self.isVisible():
            self._renew()

    def _renew(self) -> None:
        if self._edits is None or not self._stale:
            return
        self._stale = False
        plan = planned(self._edits)
        self._plot.plan = plan
        self._plot.update()
        if plan is None:
            self._words.say("Drawn once the marked settings are right")
            self.setAccessibleDescription(self._words.text())
        else:
            self._words.say(plan.sentence)
            self.setAccessibleDescription(f"{plan.sentence}, over {words.plural(plan.length, 'epoch', 'epochs')}")

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._renew()


class _Plot(QWidget):
    """The curve in its frame: rates at the left, epochs below."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.plan: Planned | None = None
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        self.setFixedHeight(self._theme.px(_HEIGHT))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._theme.font("caption"))
        if self.plan is not None:
            self._paint(painter, self.plan)
        else:
            # The frame stays: a number that is just being typed is wrong for a moment, and nothing should jump about.
            box(painter, self._frame(painter, 0.0), None, self._theme.colour("line"), 6)
        painter.end()

    def _frame(self, painter: QPainter, left: float) -> QRectF:
        """The frame from `left`, with a line of text free below it."""
        return QRectF(left, 0, self.width() - left, self.height() - QFontMetricsF(painter.font()).height() - 2)

    def _paint(self, painter: QPainter, plan: Planned) -> None:
        theme, metrics = self._theme, QFontMetricsF(painter.font())
        low = float(plan.rates.min()) if plan.log else 0.0
        top, bottom = words.rate(plan.highest), words.rate(low)
        gutter = math.ceil(max(metrics.horizontalAdvance(text) for text in (top, bottom))) + _BESIDE
        frame = self._frame(painter, gutter)
        box(painter, frame, theme.colour("plot"), theme.colour("line"), 6)
        area = frame.adjusted(_INSIDE, _INSIDE + 2, -_INSIDE, -_INSIDE)
        # Level lines lie on whole pixels, so that they are sharp.
        area.setTop(math.floor(area.top()) + 0.5)
        area.setBottom(math.floor(area.bottom()) + 0.5)
        painter.setPen(QPen(theme.colour("grid"), 1))
        for share in self._levels(plan, low):
            level = math.floor(area.bottom() - share * area.height()) + 0.5
            painter.drawLine(QPointF(area.left(), level), QPointF(area.right(), level))
        pen = QPen(theme.colour("text2"), _LINE)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(self._line(plan, low, area))
        painter.setPen(theme.colour("text3"))
        self._write_rates(painter, area, gutter - _BESIDE, (top, "log" if plan.log else "", bottom))
        below = QRectF(frame.left(), frame.bottom() + 2, frame.width(), metrics.height())
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, "0")
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, words.plural(plan.length, "epoch", "epochs"))

    def _write_rates(self, painter: QPainter, area: QRectF, width: float, texts: tuple[str, str, str]) -> None:
        """Beside the frame: the highest rate, the kind of scale, the lowest rate."""
        height = QFontMetricsF(painter.font()).height()
        for text, level in zip(texts, (area.top(), area.center().y(), area.bottom()), strict=True):
            place = QRectF(0, level - height / 2, width, height)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)

    @staticmethod
    def _levels(plan: Planned, low: float) -> list[float]:
        """Where faint lines lie, as shares of the height: 0 and half, or the powers of ten."""
        if not plan.log:
            return [0.0, 0.5]
        begin, end = math.log10(low), math.log10(plan.highest)
        return [(power - begin) / (end - begin) for power in range(math.ceil(begin), math.floor(end) + 1)]

    @staticmethod
    def _line(plan: Planned, low: float, area: QRectF) -> QPolygonF:
        begin, span = (math.log10(low), math.log10(plan.highest / low)) if plan.log else (0.0, plan.highest or 1.0)
        points = []
        for epoch, rate in zip(plan.epochs.tolist(), plan.rates.tolist(), strict=True):
            share = ((math.log10(rate) if plan.log else rate) - begin) / span
            points.append(
                QPointF(area.left() + area.width() * epoch / plan.length, area.bottom() - area.height() * share)
            )
        return QPolygonF(points)
