"""From values to pixels of a lane, and what has to be painted again. Plain numbers and rectangles."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QRectF

from workbench.curves.axes import Doubles
from workbench.gui.curves.scales import Range

#: Room around what is painted, in pixels.
MARGIN = 8.0


@dataclass(frozen=True)
class Frame:
    """From values to pixels of a lane, and which part of it is to be painted."""

    x: Range
    y: Range
    width: float
    height: float
    exposed: QRectF

    def px(self, x: Doubles) -> Doubles:
        return (x - self.x[0]) * (self.width / (self.x[1] - self.x[0]))

    def py(self, y: Doubles) -> Doubles:
        return (self.y[1] - y) * (self.height / (self.y[1] - self.y[0]))

    def px1(self, x: float) -> float:
        return (x - self.x[0]) * self.width / (self.x[1] - self.x[0])

    def py1(self, y: float) -> float:
        return (self.y[1] - y) * self.height / (self.y[1] - self.y[0])

    def x_at(self, pixel: float) -> float:
        return self.x[0] + pixel * (self.x[1] - self.x[0]) / max(1.0, self.width)

    def shown(self, margin: float = MARGIN) -> Range:
        """The stretch of x that is to be painted."""
        return self.x_at(self.exposed.left() - margin), self.x_at(self.exposed.right() + margin)


@dataclass(frozen=True)
class Past:
    """What of a run was drawn, apart from its steps: what has to be painted again follows from a comparison."""

    epochs: int = 0
    #: where the best epoch's line stands on x; None without one
    best: float | None = None
    #: whatever else is drawn anywhere
    rest: tuple[object, ...] = ()

    def differs_from(self, before: Past, ends: Doubles) -> float | None:
        """From which x on this looks different (the end of the last epoch that was drawn); None: everywhere."""
        if self.rest != before.rest or self.epochs < before.epochs:
            return None
        begin = float(ends[before.epochs - 1]) if before.epochs else 0.0
        if self.best != before.best:
            begin = min(begin, *(best for best in (self.best, before.best) if best is not None))
        return begin if self != before else math.inf
