"""How a share went through the epochs of a run, with a line at the epoch that is shown."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from workbench.gui import words
from workbench.gui.results.charts import UnitChart
from workbench.gui.theme import Theme

_DOT = 4.0


class CourseChart(UnitChart):
    """See the module."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Epoch", "")
        self.setObjectName("courseChart")
        self._epochs: tuple[int, ...] = ()
        self._shares: tuple[float, ...] = ()
        self._guess: float | None = None
        self._at = 0

    def show_course(self, epochs: Sequence[int], shares: Sequence[float], guess: float | None, up: str) -> None:
        """A share at each epoch, NaN where there is none; `guess` is what guessing gives, `up` what the share is of."""
        self._epochs, self._shares, self._guess, self._up = tuple(epochs), tuple(shares), guess, up
        self.setAccessibleName(up)
        self.show_epoch(min(self._at, len(epochs) - 1))

    def show_epoch(self, at: int) -> None:
        """Mark another of the epochs."""
        self._at = at
        share = self._shares[at] if self._shares else math.nan
        said = "no value" if math.isnan(share) else words.percent(share, 0)
        self.setAccessibleDescription(f"Epoch {self._epochs[at]}: {said}" if self._epochs else "")
        self.update()

    def word_across(self, tick: float) -> str:
        """The first, the middle and the last epoch; between few epochs there is none in the middle."""
        if not self._epochs:
            return ""
        first, last = self._epochs[0], self._epochs[-1]
        epoch = first + tick * (last - first)
        return words.count(epoch) if epoch == int(epoch) and (last > first or not tick) else ""

    def _place(self, epoch: int) -> float:
        first, last = self._epochs[0], self._epochs[-1]
        return (epoch - first) / (last - first) if last > first else 0.0

    def paint_data(self, painter: QPainter) -> None:
        if not self._epochs:
            return
        theme = self._theme
        if self._guess is not None:
            painter.setPen(QPen(theme.colour("text3"), 1.2, Qt.PenStyle.DashLine))
            painter.drawLine(self._point(0, self._guess), self._point(1, self._guess))
        ink = theme.series("validation")
        painter.setPen(QPen(ink, 2))
        points = QPolygonF()
        for epoch, share in zip(self._epochs, self._shares, strict=True):
            if math.isnan(share):
                painter.drawPolyline(points)
                points = QPolygonF()
            else:
                points.append(self._point(self._place(epoch), share))
        painter.drawPolyline(points)
        self._paint_now(painter)

    def _paint_now(self, painter: QPainter) -> None:
        theme, share = self._theme, self._shares[self._at]
        x = self._place(self._epochs[self._at])
        painter.setPen(QPen(theme.colour("accent"), 1.4))
        painter.drawLine(self._point(x, 0), self._point(x, 1))
        if math.isnan(share):
            return
        painter.setBrush(theme.series("validation"))
        painter.setPen(QPen(theme.colour("plot"), 1.5))
        painter.drawEllipse(self._point(x, share), _DOT, _DOT)
        painter.setBrush(Qt.BrushStyle.NoBrush)
