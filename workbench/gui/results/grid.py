"""Where the cells of a confusion matrix stand, for painting them and for pressing them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect

#: Pixels between two cells; pressed, they are of the cell before them.
GAP = 2


@dataclass(frozen=True)
class Grid:
    """`count` rows and columns of cells, the first at (left, top), the next `width` or `height` pixels on."""

    left: int
    top: int
    width: int
    height: int
    count: int

    def rect(self, row: int, column: int) -> QRect:
        """The ground of a cell."""
        x, y = self.left + column * self.width, self.top + row * self.height
        return QRect(x, y, self.width - GAP, self.height - GAP)

    def at(self, point: QPoint) -> tuple[int, int] | None:
        """Row and column of the cell at a point; None beside them."""
        row, column = (point.y() - self.top) // self.height, (point.x() - self.left) // self.width
        return (row, column) if 0 <= row < self.count and 0 <= column < self.count else None

    def rows(self, first: int, last: int) -> range:
        """The rows that have pixels between two heights."""
        return self._between(first - self.top, last - self.top, self.height)

    def columns(self, first: int, last: int) -> range:
        """The columns that have pixels between two places across."""
        return self._between(first - self.left, last - self.left, self.width)

    def _between(self, first: int, last: int, pitch: int) -> range:
        return range(min(max(0, first // pitch), self.count), min(max(0, last // pitch + 1), self.count))
