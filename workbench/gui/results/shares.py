"""The share of every class as bars that start at 0, the largest first; a class may be chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QWidget

from workbench.gui import words
from workbench.gui.theme import Theme
from workbench.gui.widgets.paint import box

_ROW = 27
#: Share of the width that names have.
_NAME = 0.36
_TOLD = 5


@dataclass(frozen=True)
class Share:
    """One class."""

    number: int
    name: str
    share: float
    #: the colour that it has in a picture; none where it has no colour of its own
    colour: QColor | None = None


class Shares(QWidget):
    """See the module."""

    #: A class was chosen (its number).
    class_chosen = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("shareBars")
        self.setAccessibleName("Share of each class, largest first")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._theme = theme
        #: as they are shown
        self.rows: tuple[Share, ...] = ()
        self._at = 0
        theme.changed.connect(self._dress)

    def show_shares(self, rows: Sequence[Share], chosen: int) -> None:
        """Show these, the class of number `chosen` chosen."""
        self.rows = tuple(sorted(rows, key=lambda row: -row.share))
        self._at = next((at for at, row in enumerate(self.rows) if row.number == chosen), 0)
        told = [f"{row.name} {words.percent(row.share, 1)}" for row in self.rows[:_TOLD]]
        self.setAccessibleDescription(", ".join(told))
        self._dress()

    @property
    def chosen(self) -> int | None:
        """The number of the chosen class."""
        return self.rows[self._at].number if self.rows else None

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(240), len(self.rows) * self._theme.px(_ROW))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(180), self.sizeHint().height())

    def _dress(self) -> None:
        self.setFixedHeight(self.sizeHint().height())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        high = self._theme.px(_ROW)
        first = max(0, event.rect().top() // high)
        for place in range(first, min(len(self.rows), event.rect().bottom() // high + 1)):
            self._paint(painter, QRectF(0, place * high, self.width(), high), place)
        painter.end()

    def _paint(self, painter: QPainter, rect: QRectF, place: int) -> None:
        theme, row, chosen = self._theme, self.rows[place], place == self._at
        if chosen:
            box(painter, rect, theme.colour("sel"), theme.colour("accent") if self.hasFocus() else None, radius=4)
        left, name = 6.0, self.width() * _NAME
        if row.colour is not None:
            box(painter, QRectF(left, rect.center().y() - 5, 10, 10), row.colour, theme.colour("line2"), radius=2)
            left += 18
        centre = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(theme.font("secondary", 600 if chosen else None))
        painter.setPen(theme.colour("text"))
        cut = painter.fontMetrics().elidedText(row.name, Qt.TextElideMode.ElideRight, int(name - left - 6))
        painter.drawText(QRectF(left, rect.top(), name - left, rect.height()), centre | Qt.AlignmentFlag.AlignLeft, cut)
        painter.setFont(theme.font("secondary"))
        painter.drawText(rect.adjusted(0, 0, -6, 0), centre | Qt.AlignmentFlag.AlignRight, words.percent(row.share, 1))
        room = rect.width() - name - painter.fontMetrics().horizontalAdvance("100.0 %") - 16
        bar = QRectF(name, rect.center().y() - 3, room, 6)
        box(painter, bar, theme.colour("line"), None, radius=3)
        if row.share > 0:
            bar.setWidth(room * min(row.share, 1.0))
            box(painter, bar, theme.colour("text2" if chosen else "text3"), None, radius=3)

    def _pick(self, at: int) -> None:
        if 0 <= at < len(self.rows):
            self._at = at
            self.update()
            viewport = self.parentWidget()
            area = viewport.parentWidget() if viewport is not None else None
            if isinstance(area, QScrollArea):
                high = self._theme.px(_ROW)
                area.ensureVisible(10, at * high + high // 2, 0, high)
            self.class_chosen.emit(self.rows[at].number)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pick(int(event.position().y() // self._theme.px(_ROW)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self.rows) - 1
        moves = {
            Qt.Key.Key_Up: self._at - 1, Qt.Key.Key_Down: self._at + 1, Qt.Key.Key_Home: 0, Qt.Key.Key_End: last,
        }  # fmt: skip
        at = moves.get(Qt.Key(event.key()))
        if at is None or not self.rows:
            super().keyPressEvent(event)
        else:
            self._pick(min(max(at, 0), last))
