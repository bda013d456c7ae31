"""Pictures under each other, each with its name and a few words; one is chosen, by a click or the arrows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QWidget

from workbench.gui.theme import Theme
from workbench.gui.widgets.paint import box

_SIDE, _ROW = 64, 76


@dataclass(frozen=True)
class Listed:
    """One picture: its place among all, its name, what is told of it."""

    place: int
    picture: QImage
    name: str
    told: str


class PictureList(QWidget):
    """See the module."""

    #: A picture was chosen (its place).
    picture_chosen = Signal(int)

    def __init__(self, theme: Theme, name: str, said: str) -> None:
        """`name` is for drivers, `said` for those who hear what is on the screen."""
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(said)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._theme = theme
        #: as they are shown
        self.listed: tuple[Listed, ...] = ()
        self._at = 0
        theme.changed.connect(self._dress)

    def show_pictures(self, listed: Sequence[Listed], chosen: int | None = None) -> None:
        """Show others, that of the place `chosen` or else the first of them chosen."""
        self.listed = tuple(listed)
        self._at = next((at for at, each in enumerate(self.listed) if each.place == chosen), 0)
        self._dress()

    @property
    def chosen(self) -> int | None:
        """The place of the chosen picture."""
        return self.listed[self._at].place if self.listed else None

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(150), len(self.listed) * self._theme.px(_ROW) + 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(130), self.sizeHint().height())

    def _dress(self) -> None:
        if self.listed:
            self.setAccessibleDescription(f"{self.listed[self._at].name}: {self.listed[self._at].told}")
        self.setFixedHeight(self.sizeHint().height())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        theme, row, side = self._theme, self._theme.px(_ROW), self._theme.px(_SIDE)
        first = max(0, event.rect().top() // row)
        for place in range(first, min(len(self.listed), event.rect().bottom() // row + 1)):
            each, chosen = self.listed[place], place == self._at
            rect = QRectF(3, 3 + place * row, side, side)
            painter.drawImage(rect, each.picture)
            edge = theme.colour(("accent" if self.hasFocus() else "text2") if chosen else "line2")
            box(painter, rect.adjusted(-1, -1, 1, 1), None, edge, radius=4, width=2 if chosen else 1)
            words = QRectF(rect.right() + 10, rect.top() + 6, self.width() - rect.right() - 12, theme.px(18))
            left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            painter.setFont(theme.font("secondary", 600 if chosen else None))
            painter.setPen(theme.colour("text"))
            cut = painter.fontMetrics().elidedText(each.name, Qt.TextElideMode.ElideMiddle, int(words.width()))
            painter.drawText(words, left, cut)
            painter.setFont(theme.font("secondary"))
            painter.setPen(theme.colour("text2"))
            painter.drawText(words.translated(0, theme.px(18)), left, each.told)
        painter.end()

    def _pick(self, at: int) -> None:
        if 0 <= at < len(self.listed):
            self._at = at
            self._dress()
            viewport = self.parentWidget()
            area = viewport.parentWidget() if viewport is not None else None
            if isinstance(area, QScrollArea):
                row = self._theme.px(_ROW)
                area.ensureVisible(10, at * row + row // 2, 0, row)
            self.picture_chosen.emit(self.listed[at].place)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pick(int(event.position().y() // self._theme.px(_ROW)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self.listed) - 1
        moves = {
            Qt.Key.Key_Up: self._at - 1, Qt.Key.Key_Down: self._at + 1, Qt.Key.Key_Home: 0, Qt.Key.Key_End: last,
        }  # fmt: skip
        at = moves.get(Qt.Key(event.key()))
        if at is None or not self.listed:
            super().keyPressEvent(event)
        else:
            self._pick(min(max(at, 0), last))
