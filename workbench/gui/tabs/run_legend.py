"""The legend over several curves: each run's line as it is in the plot, its name, and in what it differs. One row.

What does not fit is counted; the tooltip names every run.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.gui import words
from workbench.gui.compared import Compared
from workbench.gui.text import plain_tip
from workbench.gui.theme import Theme
from workbench.gui.widgets.sample import paint_sample

_SAMPLE, _GAP, _APART = 28, 6, 16
_NAME_MOST = 180
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class RunLegend(QWidget):
    """The runs in the order of the plot."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runLegend")
        self._theme = theme
        self.runs: tuple[Compared, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._dress)

    def _dress(self) -> None:
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, self._theme.px(24))

    def show_runs(self, runs: Sequence[Compared]) -> None:
        self.runs = tuple(runs)
        told = [run.run.name if run.label in {"", run.run.name} else f"{run.run.name}: {run.label}" for run in runs]
        self.setAccessibleName(f"Legend: {'; '.join(told)}" if told else "Legend")
        self.setToolTip(plain_tip("\n".join(told)))
        self.update()

    def texts(self, *, labelled: bool) -> list[tuple[str, str]]:
        """Name and label of each run, as they are written here."""
        names = QFontMetricsF(self._theme.font("secondary", 600))
        most = self._theme.px(_NAME_MOST)
        cut = Qt.TextElideMode.ElideRight
        return [
            (
                names.elidedText(run.run.name, cut, most),
                names.elidedText(run.label, cut, most) if labelled and run.label != run.run.name else "",
            )
            for run in self.runs
        ]

    def _widths(self, texts: Sequence[tuple[str, str]]) -> list[float]:
        names, labels = self._metrics()
        return [
            _SAMPLE + _GAP + names.horizontalAdvance(name) + (labels.horizontalAdvance(label) + 5 if label else 0)
            for name, label in texts
        ]

    def _metrics(self) -> tuple[QFontMetricsF, QFontMetricsF]:
        return QFontMetricsF(self._theme.font("secondary", 600)), QFontMetricsF(self._theme.font("secondary"))

    def fitting(self) -> tuple[list[tuple[str, str]], int, bool]:
        """What is written, how many runs are only counted, and whether there is room to say what a star is.

        What does not fit is left out in this order: what runs differ in, the star, the last runs.
        """
        star = self._metrics()[1].horizontalAdvance("best epoch") + self._theme.px(14) + 4
        for labelled, starred in ((True, True), (False, True), (False, False)):
            texts = self.texts(labelled=labelled)
            widths = self._widths(texts)
            if sum(widths) + _APART * len(widths) + (star if starred else -_APART) <= self.width():
                return texts, 0, starred
        room = self.width() - self._metrics()[0].horizontalAdvance("and 999 more")
        taken, count = 0.0, 0
        while count < len(widths) and taken + widths[count] + _APART <= room:
            taken += widths[count] + _APART
            count += 1
        return texts[:count], len(texts) - count, False

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self.runs:
            return
        theme, height = self._theme, self.height()
        names, labels = self._metrics()
        painter = QPainter(self)
        texts, more, starred = self.fitting()
        left = 0.0
        for run, (name, label), width in zip(self.runs, texts, self._widths(texts), strict=False):
            paint_sample(painter, QRect(QPoint(round(left), 0), QSize(_SAMPLE, height)), theme, run.slot)
            place = QRectF(left + _SAMPLE + _GAP, 0, width, height)
            painter.setFont(theme.font("secondary", 600))
            painter.setPen(theme.colour("text"))
            painter.drawText(place, _LEFT, name)
            painter.setFont(theme.font("secondary"))
            painter.setPen(theme.colour("text2"))
            painter.drawText(place.translated(names.horizontalAdvance(name) + 5, 0), _LEFT, label)
            left += width + _APART
        if more:
            painter.drawText(QRectF(left, 0, 200, height), _LEFT, f"and {words.count(more)} more")
        if starred:
            self._paint_star(painter, labels)
        painter.end()

    def _paint_star(self, painter: QPainter, metrics: QFontMetricsF) -> None:
        """What the star in the plot is."""
        theme, size = self._theme, self._theme.px(14)
        width = math.ceil(metrics.horizontalAdvance("best epoch"))
        left = self.width() - width - size - 4
        painter.drawPixmap(left, (self.height() - size) // 2, theme.pixmap("star", "text2", 14))
        painter.setFont(theme.font("secondary"))
        painter.setPen(theme.colour("text2"))
        painter.drawText(QRectF(left + size + 4, 0, width + 2, self.height()), _LEFT, "best epoch")
