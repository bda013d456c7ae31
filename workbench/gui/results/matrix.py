"""The confusion matrix: true classes down, said ones across; one cell is chosen, by a click or the arrows.

The diagonal is blue, mistakes are orange on a square-root scale, and a cell without pictures is a dot. It is painted once into a
picture, so that a hundred classes cost no more to show than ten.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from workbench.gui import tokens, words
from workbench.gui.text import plain_tip
from workbench.gui.theme import Theme, mixed
from workbench.gui.widgets.paint import box

if TYPE_CHECKING:
    from workbench.results.answers import Whole

#: Widths and heights of a cell: as there is room, within these.
_WIDTH, _HEIGHT = (12, 46), (12, 27)
#: So few classes get rows that are high enough for numbers, whatever the window.
_FEW, _NUMBER_HEIGHT = 12, 18
_LONGEST_NAME = 104
_ANGLE = 40.0
_CORNER = ("Predicted →", "True ↓")
#: How much of its colour the palest cell has.
_PALEST = 0.22
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
        self._counts: list[list[int]] = []
        self._totals: list[int] = []
        #: the largest count off the diagonal
        self._most = 0
        self._classes: tuple[str, ...] = ()
        self._shares = False
        self._picture: QPixmap | None = None
        self._left = self._top = self._out = 0
        #: true class, said class
        self.cell = (0, 0)
        theme.changed.connect(self._anew)

    # --- what is shown -----------------------------------------------------------------------------

    def show_matrix(self, matrix: Whole, classes: tuple[str, ...]) -> None:
        """Show other counts; the cell stays where it can."""
        self._counts = [[int(count) for count in row] for row in matrix]
        self._totals = [sum(row) for row in self._counts]
        self._most = max((self._counts[true][said] for true, said in self._mistakes(len(classes))), default=0)
        self._classes = classes
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
        mistakes = self._mistakes(len(self._classes))
        return max(mistakes, key=lambda cell: self._counts[cell[0]][cell[1]]) if self._most else (0, 0)

    @staticmethod
    def _mistakes(classes: int) -> list[tuple[int, int]]:
        return [(true, said) for true in range(classes) for said in range(classes) if true != said]

    def sentence(self, true: int, said: int) -> str:
        """What a cell means, with its number."""
        count, total = self._counts[true][said], self._totals[true]
        of = f"{words.count(count)} of {words.plural(total, 'picture', 'pictures')}"
        share = f", {words.percent(count / total, 1)}" if total else ""
        verb = "recognised as" if true == said else "taken for"
        return f"{self._classes[true]} {verb} {self._classes[said]}: {of}{share}"

    def _describe(self) -> None:
        chosen = self.sentence(*self.cell) if self._counts else ""
        self.setAccessibleName("Confusion matrix, true classes down, predicted ones across")
        self.setAccessibleDescription(chosen)

    # --- where things are ----------------------------------------------------------------------------

    def _measure(self) -> None:
        """Room for the names: at the left, over the columns, and by how much the last of these stands out at the right."""
        metrics, turn = self.fontMetrics(), math.radians(_ANGLE)
        longest = max((metrics.horizontalAdvance(name) for name in self._classes), default=0)
        length = min(longest, self._theme.px(_LONGEST_NAME)) + 12
        self._left = max(length, metrics.horizontalAdvance(_CORNER[0]) + 12)
        self._top = max(round(length * math.sin(turn)) + metrics.height(), metrics.height() * 2 + 8)
        self._out = round(length * math.cos(turn))

    def _cell_size(self) -> tuple[int, int]:
        count = max(1, len(self._classes))
        wide, high = self.width() - self._left - self._out, self.height() - self._top
        low, top = (self._theme.px(size) for size in _WIDTH)
        short, tall = (self._theme.px(size) for size in _HEIGHT)
        return max(low, min(top, wide // count)), max(short, min(tall, high // count))

    def _rect(self, true: int, said: int) -> QRect:
        width, height = self._cell_size()
        return QRect(self._left + said * width, self._top + true * height, width - 2, height - 2)

    def _at(self, point: QPoint) -> tuple[int, int] | None:
        width, height = self._cell_size()
        said, true = (point.x() - self._left) // width, (point.y() - self._top) // height
        inside = 0 <= said < len(self._classes) and 0 <= true < len(self._classes)
        return (true, said) if inside else None

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
        self._picture = None
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._picture = None

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self._counts:
            return
        if self._picture is None:
            self._picture = self._painted()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_names(painter)
        edge = self._theme.colour("accent" if self.hasFocus() else "text")
        box(painter, QRectF(self._rect(*self.cell)).adjusted(-1, -1, 1, 1), None, edge, radius=4, width=2)
        painter.end()

    def _painted(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        picture = QPixmap(QSize(self.width(), self.height()) * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._theme.font("secondary", 500))
        numbers = self._has_room(painter.fontMetrics())
        for true in range(len(self._classes)):
            for said in range(len(self._classes)):
                self._paint_cell(painter, true, said, numbers=numbers)
        painter.end()
        return picture

    def colour(self, true: int, said: int) -> QColor | None:
        """The ground of a cell; None for one without pictures."""
        count, total = self._counts[true][said], self._totals[true]
        if not count:
            return None
        if true == said:
            share, series = (count / total) ** 2, "training"
        else:
            share, series = math.sqrt(count / self._most), "validation"
        return mixed(self._theme.series(series), self._theme.colour("plot"), _PALEST + (1 - _PALEST) * share)

    def _paint_cell(self, painter: QPainter, true: int, said: int, *, numbers: bool) -> None:
        rect, ground = self._rect(true, said), self.colour(true, said)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground or self._theme.colour("plot"))
        if numbers:
            painter.drawRoundedRect(QRectF(rect), 3, 3)
        else:
            painter.drawRect(rect)
        if ground is None:
            painter.setBrush(self._theme.colour("text3"))
            painter.drawEllipse(QRectF(rect).center(), 1.0, 1.0)
        elif numbers:
            painter.setPen(ink_on(ground))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self._number(true, said))

    def _has_room(self, metrics: QFontMetrics) -> bool:
        """Whether cells have room for the longest number."""
        longest = "88.8" if self._shares else words.count(max(max(row) for row in self._counts))
        width, height = self._cell_size()
        return metrics.horizontalAdvance(longest) + 4 <= width and metrics.height() <= height

    def _number(self, true: int, said: int) -> str:
        count = self._counts[true][said]
        if not self._shares:
            return words.count(count)
        share = 100 * count / self._totals[true]
        return words.decimals(share, 0 if share >= 9.95 else 1)  # noqa: PLR2004 - two figures

    def _paint_names(self, painter: QPainter) -> None:
        theme, metrics, length = self._theme, self.fontMetrics(), self._left - 12
        width, height = self._cell_size()
        every = max(1, math.ceil((metrics.height() - 2) / height))
        aside = max(1, math.ceil(metrics.height() * 0.9 / width))
        head = self._top
        for place, name in enumerate(self._classes):
            cut = metrics.elidedText(name, Qt.TextElideMode.ElideRight, length)
            if place % every == 0 or place == self.cell[0]:
                self._ink(painter, chosen=place == self.cell[0])
                row = QRectF(0, head + place * height - 4, length + 2, height + 6)
                painter.drawText(row, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, cut)
            if place % aside == 0 or place == self.cell[1]:
                self._ink(painter, chosen=place == self.cell[1])
                painter.save()
                painter.translate(QPointF(length + 12 + (place + 0.5) * width, head - 5))
                painter.rotate(-_ANGLE)
                painter.drawText(QPointF(0, 0), cut)
                painter.restore()
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.colour("text3"))
        corner = QRectF(0, head - 2 * metrics.height() - 4, length + 2, metrics.height())
        for line, text in enumerate(_CORNER):
            painter.drawText(corner.translated(0, line * metrics.height()), Qt.AlignmentFlag.AlignRight, text)

    def _ink(self, painter: QPainter, *, chosen: bool) -> None:
        painter.setFont(self._theme.font("secondary", 600 if chosen else None))
        painter.setPen(QPen(self._theme.colour("text" if chosen else "text2")))

    # --- what is pressed ----------------------------------------------------------------------------------

    def _pick(self, true: int, said: int) -> None:
        self.choose(true, said)
        self.cell_chosen.emit(true, said)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self._at(event.position().toPoint())
        if found is not None and self._counts:
            self._pick(*found)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self._classes) - 1
        true, said = self.cell
        moves = {
            Qt.Key.Key_Left: (true, said - 1), Qt.Key.Key_Right: (true, said + 1), Qt.Key.Key_Up: (true - 1, said),
            Qt.Key.Key_Down: (true + 1, said), Qt.Key.Key_Home: (true, 0), Qt.Key.Key_End: (true, last),
        }  # fmt: skip
        target = moves.get(Qt.Key(event.key()))
        if target is None or not self._counts:
            super().keyPressEvent(event)
            return
        row, column = (min(max(place, 0), last) for place in target)
        self._pick(row, column)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self._counts:
            found = self._at(event.pos())
            QToolTip.showText(event.globalPos(), plain_tip(self.sentence(*found)) if found else "", self)
            return True
        return super().event(event)
