"""Pictures in a row with words under each; one may be chosen, and what the network looked at laid over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QWidget

from workbench.gui.theme import Theme
from workbench.gui.widgets.paint import box

SIDE, GAP = 78, 14
#: A picture that is shown larger than it is keeps its pixels apart up to this many times; a larger one is smoothed.
_PIXELS = 2


@dataclass(frozen=True)
class Shown:
    """One picture: its place in the part, and two lines of words."""

    place: int
    picture: QImage
    first: str
    first_right: str
    second: str
    #: the whole of it in words
    sentence: str


class Gallery(QWidget):
    """See the module."""

    #: A picture was chosen (its place in the part).
    picture_chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("resultsGallery")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self._theme = theme
        #: what is shown, in order
        self.shown: tuple[Shown, ...] = ()
        self._heat: dict[int, QImage] = {}
        self._at = 0
        theme.changed.connect(self._dress)
        self.setAccessibleName("Pictures")

    def show_pictures(self, shown: Sequence[Shown]) -> None:
        """Show others, the first of them chosen."""
        self.shown, self._heat, self._at = tuple(shown), {}, 0
        self._describe()
        self._dress()

    def say(self, shown: Sequence[Shown]) -> None:
        """Say something else of the same pictures; the chosen one stays so."""
        self.shown = tuple(shown)
        self._describe()
        self.update()

    def lay_over(self, heat: dict[int, QImage]) -> None:
        """Lay maps over the pictures at these places."""
        self._heat = heat
        self.update()

    @property
    def covered(self) -> bool:
        """Whether maps lie over the pictures."""
        return bool(self._heat)

    @property
    def chosen(self) -> int | None:
        """The place of the chosen picture."""
        return self.shown[self._at].place if self.shown else None

    def sizeHint(self) -> QSize:
        side, gap = self._theme.px(SIDE), self._theme.px(GAP)
        lines = 2 * self._theme.px(17) + 6
        return QSize(max(side, len(self.shown) * (side + gap)), side + lines + 4)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _dress(self) -> None:
        self.setFixedHeight(self.sizeHint().height())
        self.updateGeometry()
        self.update()

    def _describe(self) -> None:
        self.setAccessibleDescription(self.shown[self._at].sentence if self.shown else "No pictures")
        self.setToolTip("")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side, gap = self._theme.px(SIDE), self._theme.px(GAP)
        first = max(0, event.rect().left() // (side + gap))
        for place in range(first, min(len(self.shown), event.rect().right() // (side + gap) + 1)):
            self._paint(painter, QRectF(2 + place * (side + gap), 2, side, side), place)
        painter.end()

    def _paint(self, painter: QPainter, rect: QRectF, place: int) -> None:
        theme, shown = self._theme, self.shown[place]
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, shown.picture.width() * _PIXELS > rect.width())
        painter.drawImage(rect, shown.picture)
        if shown.place in self._heat:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(rect, self._heat[shown.place])
        chosen = place == self._at
        edge = theme.colour(("accent" if self.hasFocus() else "text2") if chosen else "line2")
        box(painter, rect.adjusted(-1, -1, 1, 1), None, edge, radius=4, width=2 if chosen else 1)
        line = theme.px(17)
        words = QRectF(rect.left(), rect.bottom() + 5, rect.width(), line)
        painter.setFont(theme.font("secondary", 600))
        painter.setPen(theme.colour("text"))
        right = painter.fontMetrics().horizontalAdvance(shown.first_right)
        painter.drawText(words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, shown.first_right)
        _line(painter, words.adjusted(0, 0, -right - 4, 0), shown.first)
        painter.setFont(theme.font("secondary"))
        painter.setPen(theme.colour("text2"))
        _line(painter, words.translated(0, line), shown.second)

    def _pick(self, at: int) -> None:
        if 0 <= at < len(self.shown):
            self._at = at
            self._describe()
            self.update()
            viewport = self.parentWidget()
            area = viewport.parentWidget() if viewport is not None else None
            if isinstance(area, QScrollArea):
                step = self._theme.px(SIDE) + self._theme.px(GAP)
                area.ensureVisible(at * step + step // 2, 10, step, 0)
            self.picture_chosen.emit(self.shown[at].place)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pick(int(event.position().x() // (self._theme.px(SIDE) + self._theme.px(GAP))))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self.shown) - 1
        moves = {
            Qt.Key.Key_Left: self._at - 1, Qt.Key.Key_Right: self._at + 1, Qt.Key.Key_Home: 0, Qt.Key.Key_End: last,
        }  # fmt: skip
        at = moves.get(Qt.Key(event.key()))
        if at is None or not self.shown:
            super().keyPressEvent(event)
        else:
            self._pick(min(max(at, 0), last))


def _line(painter: QPainter, rect: QRectF, text: str) -> None:
    cut = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(rect.width()))
    painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, cut)
