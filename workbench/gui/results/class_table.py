"""What the answers say of each class, the weakest first: a row a class, with bars that start at 0."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.gui import words
from workbench.gui.theme import Theme
from workbench.gui.widgets.paint import box

_ROW, _HEAD = 27, 24
#: Shares of the width: the name, each of the measures, the number of pictures.
_NAME, _COUNT = 0.24, 0.13
#: Below this a bar is told apart: that class is much weaker than the mean of all.
_WEAK = 0.9


@dataclass(frozen=True)
class ClassRow:
    """One class; a measure without a value is NaN."""

    number: int
    name: str
    values: tuple[float, ...]
    pictures: str


class ClassTable(QWidget):
    """See the module."""

    #: A class was chosen (its number). `of` names what the last column counts.
    class_chosen = Signal(int)

    def __init__(self, theme: Theme, *, of: str = "Pictures", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._of, self._count_width = of, 0
        self.setObjectName("classTable")
        self.setAccessibleName("By class, weakest first")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._theme = theme
        self._heads: tuple[str, ...] = ()
        #: as they are shown
        self.rows: tuple[ClassRow, ...] = ()
        #: of each measure the mean over the classes that have one; NaN where none has
        self._means: tuple[float, ...] = ()
        self._chosen: int | None = None
        theme.changed.connect(self._dress)

    def show_rows(self, heads: Sequence[str], rows: Sequence[ClassRow]) -> None:
        """`heads` name the measures; the last of them is the one that the rows are sorted by."""
        self._heads, self.rows = tuple(heads), tuple(rows)
        self._means = tuple(_known_mean([row.values[place] for row in rows]) for place in range(len(heads)))
        self.choose(self._chosen)
        self._dress()

    def choose(self, number: int | None) -> None:
        """Mark a class without saying so."""
        self._chosen = number
        row = next((row for row in self.rows if row.number == number), None)
        self.setAccessibleDescription(self.sentence(row) if row else "")
        self.update()

    def sentence(self, row: ClassRow) -> str:
        """A row in words."""
        told = ", ".join(f"{head} {_percent(value)}" for head, value in zip(self._heads, row.values, strict=True))
        return f"{row.name}: {told}, {row.pictures} {self._of.lower()}"

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(380), self._theme.px(_HEAD) + len(self.rows) * self._theme.px(_ROW))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(270), self.sizeHint().height())

    def _dress(self) -> None:
        self._count_width = QFontMetrics(self._theme.font("caption")).horizontalAdvance(self._of) + 14
        self.updateGeometry()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, height = self._theme, self._theme.px(_ROW)
        self._paint_heads(painter)
        # A thousand classes are far higher than what is in sight of them.
        first, last = ((at - theme.px(_HEAD)) // height for at in (event.rect().top(), event.rect().bottom()))
        for place in range(max(0, first), min(last + 1, len(self.rows))):
            row = self.rows[place]
            rect = QRectF(0, theme.px(_HEAD) + place * height, self.width(), height)
            if row.number == self._chosen:
                box(painter, rect, theme.colour("sel"), theme.colour("accent") if self.hasFocus() else None, radius=4)
            self._paint_row(painter, rect, row)
        painter.end()

    def _columns(self) -> tuple[float, float, float]:
        """Where the measures begin, how wide each is, and where the pictures begin."""
        count = max(self.width() * _COUNT, self._count_width)
        first, last = self.width() * _NAME, self.width() - count
        return first, (last - first) / max(1, len(self._heads)), last

    def _paint_heads(self, painter: QPainter) -> None:
        theme, (first, width, last) = self._theme, self._columns()
        high = theme.px(_HEAD)
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.colour("text3"))
        left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(QRectF(6, 0, first, high - 4), left, "Class")
        for place, head in enumerate(self._heads):
            mark = " ↑" if place == len(self._heads) - 1 else ""
            painter.drawText(QRectF(first + place * width, 0, width, high - 4), left, f"{head}{mark}")
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(QRectF(last, 0, self.width() - last - 6, high - 4), right, self._of)
        painter.fillRect(QRectF(0, high - 2, self.width(), 1), theme.colour("line"))

    def _paint_row(self, painter: QPainter, rect: QRectF, row: ClassRow) -> None:
        theme, (first, width, last) = self._theme, self._columns()
        painter.setFont(theme.font("secondary", 600 if row.number == self._chosen else None))
        painter.setPen(theme.colour("text"))
        centre = Qt.AlignmentFlag.AlignVCenter
        cut = painter.fontMetrics().elidedText(row.name, Qt.TextElideMode.ElideRight, int(first - 12))
        painter.drawText(QRectF(6, rect.top(), first - 8, rect.height()), centre | Qt.AlignmentFlag.AlignLeft, cut)
        painter.setFont(theme.font("secondary"))
        number = painter.fontMetrics().horizontalAdvance("100.0 %") + 4
        for place, value in enumerate(row.values):
            cell = QRectF(first + place * width, rect.top(), width - 12, rect.height())
            room = cell.width() - number - 6
            if room > theme.px(12) and not math.isnan(value):
                bar = QRectF(cell.left(), cell.center().y() - 3, room, 6)
                box(painter, bar, theme.colour("line"), None, radius=3)
                bar.setWidth(max(room * value, 0.0))
                box(painter, bar, self._bar(row, place), None, radius=3)
            painter.setPen(theme.colour("text"))
            painter.drawText(cell, centre | Qt.AlignmentFlag.AlignRight, _percent(value))
        painter.setPen(theme.colour("text2"))
        painter.drawText(
            QRectF(last, rect.top(), self.width() - last - 6, rect.height()),
            centre | Qt.AlignmentFlag.AlignRight,
            row.pictures,
        )

    def _bar(self, row: ClassRow, place: int) -> QColor:
        weak = row.values[place] < _WEAK * self._means[place]
        return self._theme.series("validation") if weak else self._theme.colour("text3")

    def _pick(self, place: int) -> None:
        if 0 <= place < len(self.rows):
            self.choose(self.rows[place].number)
            self.class_chosen.emit(self.rows[place].number)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pick(int((event.position().y() - self._theme.px(_HEAD)) // self._theme.px(_ROW)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        now = next((place for place, row in enumerate(self.rows) if row.number == self._chosen), -1)
        moves = {
            Qt.Key.Key_Up: max(now - 1, 0), Qt.Key.Key_Down: min(now + 1, len(self.rows) - 1),
            Qt.Key.Key_Home: 0, Qt.Key.Key_End: len(self.rows) - 1,
        }  # fmt: skip
        place = moves.get(Qt.Key(event.key()))
        if place is None:
            super().keyPressEvent(event)
        else:
            self._pick(place)


def _known_mean(values: Sequence[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return sum(known) / len(known) if known else math.nan


def _percent(value: float) -> str:
    return "–" if math.isnan(value) else words.percent(value, 1)
