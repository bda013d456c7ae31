"""One of a few ways in a column: a radio button that is a whole row, with a title and a line about it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QRadioButton, QSizePolicy, QWidget

from workbench.gui.theme import Theme
from workbench.gui.widgets.paint import GAP, RING, box, ring

#: The middle of the circle from the left, and where the words begin.
CIRCLE, WORDS = 22, 42
RADIUS, DOT = 7.5, 3.5
EDGE = 10
_WRAP = int(Qt.TextFlag.TextWordWrap)


class ChoiceRow(QRadioButton):
    """A row that is chosen as a whole; the line under the title wraps."""

    def __init__(self, theme: Theme, title: str, note: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._title, self._note = title, note
        self.setAccessibleName(title)
        self.setAccessibleDescription(note)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self._dress)
        self.toggled.connect(self.update)

    def _dress(self) -> None:
        self.updateGeometry()
        self.update()

    def _heights(self, width: int) -> tuple[int, int]:
        """Of the title and of the note in a row so wide."""
        room = max(width - WORDS - EDGE, 40)
        title = QFontMetrics(self._theme.font("strong")).lineSpacing()
        metrics = QFontMetrics(self._theme.font("secondary"))
        note = metrics.boundingRect(0, 0, room, 10_000, _WRAP, self._note).height() if self._note else 0
        return title, note

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return sum(self._heights(width)) + 2 * EDGE + (2 if self._note else 0)

    def sizeHint(self) -> QSize:
        width = QFontMetrics(self._theme.font("strong")).horizontalAdvance(self._title) + WORDS + EDGE
        return QSize(width, self.heightForWidth(max(width, self.width())))

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.heightForWidth(max(self.width(), 200)))

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, rect, chosen = self._theme, QRectF(self.rect()), self.isChecked()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus():
            ring(painter, rect, theme)
        inset = RING + GAP if self.hasFocus() else 0.0
        fill = theme.colour("sel" if chosen else "hover" if self.underMouse() else "card")
        edge = theme.colour("accent" if chosen else "line2")
        box(painter, rect.adjusted(inset, inset, -inset, -inset), fill, edge, radius=4 if self.hasFocus() else 6)
        middle = rect.center().y()
        circle = QRectF(CIRCLE - RADIUS, middle - RADIUS, 2 * RADIUS, 2 * RADIUS)
        box(painter, circle, theme.colour("field"), theme.colour("accent" if chosen else "ctl"), RADIUS, width=1.5)
        if chosen:
            dot = QRectF(CIRCLE - DOT, middle - DOT, 2 * DOT, 2 * DOT)
            box(painter, dot, theme.colour("accent"), None, DOT)
        title, note = self._heights(self.width())
        room = self.width() - WORDS - EDGE
        painter.setPen(theme.colour("text"))
        painter.setFont(theme.font("strong"))
        shown = painter.fontMetrics().elidedText(self._title, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(WORDS, EDGE, room, title), Qt.AlignmentFlag.AlignVCenter, shown)
        painter.setPen(theme.colour("text2"))
        painter.setFont(theme.font("secondary"))
        painter.drawText(QRectF(WORDS, EDGE + title + 2, room, note), _WRAP, self._note)
        painter.end()
