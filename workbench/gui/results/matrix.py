"""The confusion matrix: true classes down, said ones across; one cell is chosen, by a click or the arrows.

The diagonal is blue, mistakes are orange on a square-root scale, and a cell without pictures is a dot. What is in
sight of the cells is painted all at once (cells.py), so that a thousand classes cost no more to show than a hundred.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QStaticText,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from workbench.gui import tokens, words
from workbench.gui.results.grid import Grid
from workbench.gui.text import plain_tip
from workbench.gui.theme import Theme
from workbench.gui.widgets.paint import box

if TYPE_CHECKING:
    from workbench.gui.results.cells import Cells
    from workbench.results.answers import Whole

#: Widths and heights of a cell: as there is room, within these.
_WIDTH, _HEIGHT = (12, 46), (12, 27)
#: So few classes get rows that are high enough for numbers, whatever the window.
_FEW, _NUMBER_HEIGHT = 12, 18
#: The radius of the corners of cells that are large enough for numbers.
_ROUND = 3.0
_LONGEST_NAME = 104
#: The weight of the names of the chosen cell, which makes them wider.
_CHOSEN = 600
_ANGLE = 40.0
_CORNER = ("Predicted →", "True ↓")
#: Luminance (0 to 1) from which on dark ink reads better.
_BRIGHT = 0.36


def ink_on(ground: QColor) -> QColor:
    """Black or white, whichever reads better on a colour."""
    red, green, blue = (channel**2.2 for channel in (ground.redF(), ground.greenF(), ground.blueF()))
    bright = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return QColor(tokens.DARK["window"] if bright > _BRIGHT else tokens.DARK["on_fill"])


class ConfusionMatrix(QWidget):
    """See the module."""

    #: A cell was chosen (true class, said class).
    cell_chosen = Signal(int, int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("confusionMatrix")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._theme = theme
        self._cells: Cells | None = None
        self._classes: tuple[str, ...] = ()
        self._shares = False
        self._left = self._top = self._out = 0
        #: true class, said class
        self.cell = (0, 0)
        theme.changed.connect(self._anew)

    # --- what is shown -----------------------------------------------------------------------------

    def show_matrix(self, matrix: Whole, classes: tuple[str, ...]) -> None:
        """Show other counts; the cell stays where it can."""
        from workbench.gui.results.cells import Cells  # noqa: PLC0415 - NumPy: not before the first paint

        self._cells, self._classes = Cells(matrix), classes
        self.choose(*(self.cell if max(self.cell) < len(classes) else (0, 0)))
        self._anew()

    def show_shares(self, shares: bool) -> None:  # noqa: FBT001 - reads like Qt's own setters
        """Show shares of the true class in place of counts."""
        self._shares = shares
        self._anew()

    def choose(self, true: int, said: int) -> None:
        """Choose a cell without saying so."""
        self.cell = (true, said)
        self._describe()
        self.update()

    def worst(self) -> tuple[int, int]:
        """The commonest mistake; the first cell where there is none."""
        return (0, 0) if self._cells is None else self._cells.worst()

    def sentence(self, true: int, said: int) -> str:
        """What a cell means, with its number."""
        count, total = self._count(true, said)
        of = f"{words.count(count)} of {words.plural(total, 'picture', 'pictures')}"
        share = f", {words.percent(count / total, 1)}" if total else ""
        verb = "recognised as" if true == said else "taken for"
        return f"{self._classes[true]} {verb} {self._classes[said]}: {of}{share}"

    def _count(self, true: int, said: int) -> tuple[int, int]:
        """A cell's pictures, and all of the true class."""
        assert self._cells is not None
        return int(self._cells.counts[true, said]), int(self._cells.totals[true])

    def _describe(self) -> None:
        chosen = self.sentence(*self.cell) if self._cells is not None else ""
        self.setAccessibleName("Confusion matrix, true classes down, predicted ones across")
        self.setAccessibleDescription(chosen)

    # --- where things are ----------------------------------------------------------------------------

    def _measure(self) -> None:
        """Room for the names: at the left, over the columns, and by how much the last of these stands out at the right."""
        metrics, turn = self.fontMetrics(), math.radians(_ANGLE)
        chosen = QFontMetrics(self._theme.font("secondary", _CHOSEN))
        longest = max((chosen.horizontalAdvance(name) for name in self._classes), default=0)
        length = min(longest + 1, self._theme.px(_LONGEST_NAME)) + 12  # widths may have been rounded down
        self._left = max(length, metrics.horizontalAdvance(_CORNER[0]) + 12)
        self._top = max(round(length * math.sin(turn)) + metrics.height(), metrics.height() * 2 + 8)
        self._out = round(length * math.cos(turn))

    def _grid(self) -> Grid:
        count = max(1, len(self._classes))
        wide, high = self.width() - self._left - self._out, self.height() - self._top
        low, top = (self._theme.px(size) for size in _WIDTH)
        short, tall = (self._theme.px(size) for size in _HEIGHT)
        width, height = max(low, min(top, wide // count)), max(short, min(tall, high // count))
        return Grid(self._left, self._top, width, height, len(self._classes))

    def minimumSizeHint(self) -> QSize:
        count = len(self._classes)
        return QSize(
            self._left + self._out + count * self._theme.px(_WIDTH[0]),
            self._top + count * self._theme.px(_NUMBER_HEIGHT if count <= _FEW else _HEIGHT[0]),
        )

    # --- painting ---------------------------------------------------------------------------------------

    def _anew(self) -> None:
        self.setFont(self._theme.font("secondary"))
        self._measure()
        self.setMinimumSize(self.minimumSizeHint())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._cells is None:
            return
        painter, grid = QPainter(self), self._grid()
        numbers = self._has_room(self._cells, grid)
        self._cells.paint(painter, self._theme, grid, event.rect(), _ROUND if numbers else 0)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if numbers:
            self._paint_numbers(painter, self._cells, grid)
        self._paint_names(painter, grid, event.rect())
        edge = self._theme.colour("accent" if self.hasFocus() else "text")
        box(painter, QRectF(grid.rect(*self.cell)).adjusted(-1, -1, 1, 1), None, edge, radius=4, width=2)
        painter.end()

    def _paint_numbers(self, painter: QPainter, cells: Cells, grid: Grid) -> None:
        """The numbers of all cells with pictures; most are said more than once, and laid out only once."""
        laid: dict[tuple[int, int], QStaticText] = {}
        inks: dict[int, QColor] = {}
        whole = slice(0, grid.count)
        grounds, counts, totals = cells.colours(self._theme, whole, whole), cells.counts, cells.totals.tolist()
        painter.setFont(self._theme.font("secondary", 500))
        for true, said in zip(*(places.tolist() for places in counts.nonzero()), strict=True):
            ground, number = int(grounds[true, said]), (int(counts[true, said]), totals[true] if self._shares else 0)
            if number not in laid:
                laid[number] = QStaticText(self._number(*number))
                laid[number].prepare(font=painter.font())
            if ground not in inks:
                inks[ground] = ink_on(QColor(ground))
            size, rect = laid[number].size(), grid.rect(true, said)
            left, top = (rect.width() - size.width()) / 2, (rect.height() - size.height()) / 2
            painter.setPen(inks[ground])
            painter.drawStaticText(QPointF(rect.left() + left, rect.top() + top), laid[number])

    def _has_room(self, cells: Cells, grid: Grid) -> bool:
        """Whether cells have room for the longest number."""
        metrics = QFontMetrics(self._theme.font("secondary", 500))
        longest = "88.8" if self._shares else words.count(cells.largest)
        return metrics.horizontalAdvance(longest) + 4 <= grid.width and metrics.height() <= grid.height

    def _number(self, count: int, total: int) -> str:
        """What stands in a cell; `total` is asked for shares only."""
        if not self._shares:
            return words.count(count)
        share = 100 * count / total
        return words.decimals(share, 0 if share >= 9.95 else 1)  # noqa: PLR2004 - two figures

    def _paint_names(self, painter: QPainter, grid: Grid, area: QRect) -> None:
        """The names in sight; as many as stand clear of each other, and those of the chosen cell."""
        theme, metrics, length = self._theme, self.fontMetrics(), self._left - 12
        every = max(1, math.ceil((metrics.height() - 2) / grid.height))
        aside = max(1, math.ceil(metrics.height() * 0.9 / grid.width))
        head = self._top

        def cut(place: int) -> str:
            return painter.fontMetrics().elidedText(self._classes[place], Qt.TextElideMode.ElideRight, length)

        for place in grid.rows(area.top() - metrics.height(), area.bottom() + metrics.height()):
            if place % every == 0 or place == self.cell[0]:
                self._ink(painter, chosen=place == self.cell[0])
                row = QRectF(0, head + place * grid.height - 4, length + 2, grid.height + 6)
                painter.drawText(row, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, cut(place))
        # The slanting ones stand out to the right.
        for place in grid.columns(area.left() - self._out - metrics.height(), area.right() + metrics.height()):
            if place % aside == 0 or place == self.cell[1]:
                self._ink(painter, chosen=place == self.cell[1])
                painter.save()
                painter.translate(QPointF(length + 12 + (place + 0.5) * grid.width, head - 5))
                painter.rotate(-_ANGLE)
                painter.drawText(QPointF(0, 0), cut(place))
                painter.restore()
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.colour("text3"))
        corner = QRectF(0, head - 2 * metrics.height() - 4, length + 2, metrics.height())
        for line, text in enumerate(_CORNER):
            painter.drawText(corner.translated(0, line * metrics.height()), Qt.AlignmentFlag.AlignRight, text)

    def _ink(self, painter: QPainter, *, chosen: bool) -> None:
        painter.setFont(self._theme.font("secondary", _CHOSEN if chosen else None))
        painter.setPen(QPen(self._theme.colour("text" if chosen else "text2")))

    # --- what is pressed ----------------------------------------------------------------------------------

    def _pick(self, true: int, said: int) -> None:
        self.choose(true, said)
        self.cell_chosen.emit(true, said)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self._grid().at(event.position().toPoint())
        if found is not None and self._cells is not None:
            self._pick(*found)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self._classes) - 1
        true, said = self.cell
        moves = {
            Qt.Key.Key_Left: (true, said - 1), Qt.Key.Key_Right: (true, said + 1), Qt.Key.Key_Up: (true - 1, said),
            Qt.Key.Key_Down: (true + 1, said), Qt.Key.Key_Home: (true, 0), Qt.Key.Key_End: (true, last),
        }  # fmt: skip
        target = moves.get(Qt.Key(event.key()))
        if target is None or self._cells is None:
            super().keyPressEvent(event)
            return
        row, column = (min(max(place, 0), last) for place in target)
        self._pick(row, column)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self._cells is not None:
            found = self._grid().at(event.pos())
            QToolTip.showText(event.globalPos(), plain_tip(self.sentence(*found)) if found else "", self)
            return True
        return super().event(event)
