"""A row of pictures as the network gets them: one picture as augmentation changes it, or the very first batch.

Shows what it is handed; asks for other draws.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QImage, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from workbench.gui.data.mask_legend import palette
from workbench.gui.text import Elided, plain_tip
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.paint import box
from workbench.gui.widgets.segments import Segments

if TYPE_CHECKING:
    from workbench.data.pictures import Pixels
    from workbench.gui.data.fed import Fed

SIDE, APART, LABEL, ARROW = 64, 16, 18, 26
#: Below a changed picture stands what was done to it, which takes more room than a class.
_WIDER = 22
_AGAIN = "Try again"
#: From this width on, at a text size of 100 %, the button bears words.
_WORDY = 380


class _Row(QWidget):
    """Pictures side by side, each with words below; perhaps a first one that the others come from."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.pictures: list[QPixmap] = []
        self.words: list[str] = []
        self._first = False
        theme.changed.connect(self._dress)
        self._dress()

    def show_pictures(self, pictures: Sequence[QPixmap], words: Sequence[str], *, first: bool) -> None:
        self.pictures, self.words, self._first = list(pictures), list(words), first
        self.setAccessibleDescription("; ".join(self.words))
        self._dress()

    def _column(self) -> int:
        return self._theme.px(SIDE + (_WIDER if self._first else 0)) + APART

    def _dress(self) -> None:
        wide = len(self.pictures) * self._column() + (ARROW if self._first else 0)
        self.setFixedSize(max(1, wide), SIDE + 4 + self._theme.px(LABEL))
        self.update()

    def words_at(self, point: QPoint) -> str:
        """All that stands, or would stand, below the picture at a point."""
        for place, words in enumerate(self.words):
            left = place * self._column() + (ARROW if self._first and place else 0)
            if left <= point.x() < left + self._column():
                return words
        return ""

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), plain_tip(self.words_at(event.pos())), self)
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setFont(theme.font("caption"))
        for place, (pixmap, words) in enumerate(zip(self.pictures, self.words, strict=True)):
            left = place * self._column() + (ARROW if self._first and place else 0)
            frame = QRect(left + (self._column() - APART - SIDE) // 2, 0, SIDE, SIDE)
            painter.fillRect(frame, theme.colour("plot"))
            painter.drawPixmap(frame.left() + (SIDE - pixmap.width()) // 2, (SIDE - pixmap.height()) // 2, pixmap)
            original = self._first and place == 0
            if original:
                box(painter, QRectF(frame), None, theme.colour("accent"), radius=3, width=2)
                painter.drawPixmap(
                    QPoint(left + self._column() - 4, SIDE // 2 - 8), theme.pixmap("chevron-right", "text2", 16)
                )
            painter.setPen(theme.colour("accent" if original else "text2"))
            room = QRect(left - APART // 2 + 1, SIDE + 3, self._column() - 2, theme.px(LABEL))
            shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, shown)
        painter.end()


class FedStrip(QWidget):
    """The strip, with its choice and its button."""

    #: Other draws are wanted, or once more what failed.
    again_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("fedStrip")
        self.setAccessibleName("What the network gets")
        self._theme = theme
        self.fed: Fed | None = None
        #: whether there is no answer because it failed
        self.failed = False
        self._masks = True
        self.choice = Segments(theme, [("changes", "Augmentation preview"), ("batch", "First batch")])
        self.choice.setObjectName("fedSegments")
        self.choice.setAccessibleName("What is shown of what the network gets")
        self.note = Elided(theme, "", "secondary", "text2")
        self.again = Button(theme, _AGAIN, "shuffle", height=26)
        self.again.setObjectName("drawAgainButton")
        self.again.setAccessibleName(_AGAIN)
        self.row = _Row(theme)
        self.row.setAccessibleName("Pictures as the network gets them")
        self._view = QScrollArea()
        self._view.setWidget(self.row)
        self._view.setFrameShape(QFrame.Shape.NoFrame)
        self._view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._view.viewport().setAutoFillBackground(False)
        self.row.setAutoFillBackground(False)
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self.choice)
        head.addWidget(self.note, 1)
        head.addWidget(self.again)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 14, 8)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._view)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.choice.chosen.connect(self._refill)
        self.again.clicked.connect(self.again_asked)
        theme.changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        # Room for a scroll bar below, so that nothing moves when there is one.
        self._view.setFixedHeight(SIDE + 4 + self._theme.px(LABEL) + 10)
        self._fit()
        self._refill()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        # Without room for words the sign has to do.
        self.again.setText(_AGAIN if self.width() >= self._theme.px(_WORDY) else "")
        self.again.setToolTip("" if self.again.text() else _AGAIN)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.choice.sizeHint().width() + self._theme.px(40) + 40, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        return QSize(400, super().sizeHint().height())

    def show_waiting(self, sentence: str) -> None:
        """The pictures are being asked for, or will be."""
        self.failed = False
        self._offer()
        self.note.say(sentence)

    def show_failed(self, sentence: str) -> None:
        """The pictures cannot be had: why. They can be asked for once more."""
        self.fed, self.failed = None, True
        self._refill()
        self.note.say(sentence)

    def show_fed(self, fed: Fed | None) -> None:
        """Show an answer; None while there is none."""
        self.fed, self.failed = fed, False
        self._refill()

    def show_masks(self, shown: bool) -> None:  # noqa: FBT001 - reads like Qt's own setters
        """Show masks over the pictures, where there are some."""
        self._masks = shown
        self._refill()

    def _pixmaps(self, pictures: Iterable[Pixels], masks: Iterable[Pixels] | None) -> list[QPixmap]:
        if masks is None or not self._masks:
            return [pixmap(each) for each in pictures]
        from workbench.gui.data.masks import covered  # noqa: PLC0415 - NumPy: not before the first paint

        colours = palette(self._theme)
        return [pixmap(covered(each, mask, colours)) for each, mask in zip(pictures, masks, strict=True)]

    def _offer(self) -> None:
        """Other draws can be asked for, or once more what failed."""
        self.again.setVisible(self.failed or self.choice.key != "batch")
        self.again.setEnabled(self.failed or (self.fed is not None and self.fed.on))

    def _refill(self) -> None:
        fed = self.fed
        batch = self.choice.key == "batch"
        self._offer()
        if fed is None:
            self.row.show_pictures([], [], first=False)
            return
        if batch:
            self.row.show_pictures(self._pixmaps(fed.batch, fed.batch_masks), fed.batch_words, first=False)
            self.note.say(f"{len(fed.batch)} pictures, as the first step of a run gets them, before scaling")
            return
        original = self._pixmaps([fed.original], None if fed.original_masks is None else [fed.original_masks])
        if not fed.on:
            self.row.show_pictures(original, ["Original"], first=False)
            self.note.say("Augmentation is off: every epoch sees each picture as it is")
            return
        pictures = [*original, *self._pixmaps(fed.changed, fed.changed_masks)]
        self.row.show_pictures(pictures, ["Original", *fed.changed_words], first=True)
        self.note.say("The same picture, as epochs of a run see it")

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box(painter, QRectF(self.rect()), self._theme.colour("card"), self._theme.colour("line"), radius=8)
        painter.end()


def pixmap(pixels: Pixels) -> QPixmap:
    """A picture (h, w, 1 or 3) at a whole-number zoom; one that is larger than the strip is made smaller."""
    high, wide, channels = pixels.shape
    kind = QImage.Format.Format_Grayscale8 if channels == 1 else QImage.Format.Format_RGB888
    made = QPixmap.fromImage(QImage(pixels.tobytes(), wide, high, wide * channels, kind))
    zoom = SIDE // max(wide, high)
    if zoom > 1:
        return made.scaled(wide * zoom, high * zoom, mode=Qt.TransformationMode.FastTransformation)
    if max(wide, high) > SIDE:
        return made.scaled(SIDE, SIDE, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
    return made
