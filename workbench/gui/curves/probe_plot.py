"""The live curve of a probe: a thin line of what came, a thick one of what it means, a level and a place that are marked.

A few hundred points at most, so pyqtgraph's own curves do. It knows no probe.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QWidget

from workbench.gui.curves.inks import Inks
from workbench.gui.theme import Theme

#: Up to so many values each has a circle; at least so many have room.
_FEW, _LEAST = 40, 10

Pairs = Sequence[tuple[float, float]]


class ProbePlot(pyqtgraph.PlotWidget):  # type: ignore[misc] # pyqtgraph has no types
    """x from left to right in the order in which values come."""

    def __init__(self, theme: Theme, across: str, upright: str, parent: QWidget | None = None) -> None:
        """`across` and `upright` name the axes."""
        self._theme = theme
        super().__init__(parent, background=None, enableMenu=False)
        self.setObjectName("probePlot")
        self.setAccessibleName(f"{upright} over {across.lower()}")
        self._names = {"bottom": across, "left": upright}
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        item = self.plotItem
        item.hideButtons()
        item.setMouseEnabled(x=False, y=False)
        item.getViewBox().setDefaultPadding(0)
        self.raw = item.plot([], [])
        self.line = item.plot([], [], antialias=True)
        self.level = pyqtgraph.InfiniteLine(angle=0)
        self.mark = pyqtgraph.InfiniteLine(angle=90, label="", labelOpts={"position": 0.92})
        for marked in (self.level, self.mark):
            marked.hide()
            item.addItem(marked, ignoreBounds=True)
        for axis in ("bottom", "left"):
            item.getAxis(axis).enableAutoSIPrefix(enable=False)
        theme.changed.connect(self.dress)
        self.dress()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(560), self._theme.px(260))

    def dress(self) -> None:
        """Pens and fonts of a theme that has changed."""
        inks = Inks(self._theme)
        self.setBackground(inks.ground)
        for name, words in self._names.items():
            axis = self.plotItem.getAxis(name)
            inks.dress_axis(axis)
            axis.setLabel(words)
            axis.label.setFont(inks.caption)
            axis.label.setDefaultTextColor(inks.text3)
        for drawn, pen in (
            (self.raw, inks.raw),
            (self.line, inks.smooth),
            (self.level, inks.best_level),
            (self.mark, inks.projected),
        ):
            pen.setCosmetic(True)  # as wide as it says whatever the range is
            drawn.setPen(pen)
        self.line.setSymbolSize(6)
        self.line.setSymbolPen(inks.smooth.color())
        self.line.setSymbolBrush(inks.ground)
        self.mark.label.setColor(inks.text)
        self.mark.label.textItem.setFont(inks.caption_strong)

    # --- what is shown ------------------------------------------------------------------------------------

    def set_decades(self, low: int, high: int) -> None:
        """Show powers of ten below; x values are logarithms then."""
        self.plotItem.setXRange(low, high, padding=0.04)
        self.plotItem.getAxis("bottom").setTicks([[(place, _power(place)) for place in range(low, high + 1)]])

    def set_percent(self, level: float) -> None:
        """Show shares at the left, with a level that is to be reached."""
        self.plotItem.setYRange(0, 1.04, padding=0)
        self.plotItem.getAxis("left").setTicks([[(share / 100, f"{share} %") for share in (0, 25, 50, 75, 100)]])
        self.level.setPos(level)
        self.level.show()

    def show_raw(self, points: Pairs) -> None:
        """What came so far; the range follows, without what runs away."""
        x, y = _columns(points)
        self.raw.setData(x, y, connect="finite")
        good = y[np.isfinite(y)]
        if len(good):
            low, high = (
                float(good.min()),
                min(float(good.max()), 1.5 * float(np.median(good[: max(1, len(good) // 4)]))),
            )
            room = 0.08 * max(high - low, 1e-9)
            self.plotItem.setYRange(low - room, high + room, padding=0)

    def show_line(self, points: Pairs) -> None:
        """The thick line."""
        self.line.setData(*_columns(points), connect="finite")

    def show_steps(self, values: Sequence[float]) -> None:
        """The thick line over 1, 2, 3 …, with a circle at each while they are few."""
        self.show_line([(place, value) for place, value in enumerate(values, 1)])
        self.line.setSymbol("o" if len(values) <= _FEW else None)
        self.plotItem.setXRange(0.5, max(_LEAST, len(values)) + 0.5, padding=0)

    def show_mark(self, x: float | None, words: str = "") -> None:
        """A place that is marked, or none."""
        self.mark.setVisible(x is not None)
        if x is not None:
            self.mark.setPos(x)
            self.mark.label.setFormat(words)


def _columns(points: Pairs) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], ...]:
    found = np.array(points, np.float64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def _power(place: int) -> str:
    return f"{10.0**place:g}" if -2 <= place <= 1 else f"1e{place}"  # noqa: PLR2004 - as people write them


def decades(rate: float) -> float:
    """Where a rate stands on an axis of powers of ten."""
    return math.log10(rate)
