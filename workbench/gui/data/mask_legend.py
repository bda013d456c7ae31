"""Which colour and texture over a picture is which class, in a line; and these as a pixmap for whoever names a class elsewhere."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QHelpEvent, QImage, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from workbench.gui.text import plain_tip
from workbench.gui.theme import Theme
from workbench.gui.tokens import RUN_DASHES
from workbench.gui.widgets.paint import box

if TYPE_CHECKING:
    from workbench.gui.data.masks import Colours

SIDE, APART, GAP = 14, 6, 16
#: A class's name takes at most so many pixels.
_MOST = 140
_REST = "and {} more"
#: The ground of a sample: neither light nor dark, as most of a picture is.
_GREY = 128
IGNORED, IGNORED_WORDS = 255, "Not counted"


def palette(theme: Theme) -> Colours:
    """The colours of the theme's runs, in turn; grey over pixels that count nowhere."""
    import numpy as np  # noqa: PLC0415 - with the first data set, after the first paint

    return np.array([_colour(theme, number) for number in range(256)], np.uint8)


def _colour(theme: Theme, number: int) -> tuple[int, int, int, int]:
    if number == IGNORED:
        return _GREY, _GREY, _GREY, 255
    colour = theme.series(f"run{(number - 1) % len(RUN_DASHES) + 1}")
    return colour.red(), colour.green(), colour.blue(), 255 if number else 0


def swatch(theme: Theme, number: int, side: int) -> QPixmap:
    """What a class looks like over grey; of the first class, which nothing lies over, the grey."""
    import numpy as np  # noqa: PLC0415 - as above

    from workbench.gui.data.masks import covered  # noqa: PLC0415 - as above

    ground = np.full((side, side, 1), 255 - _GREY // 2 if number == IGNORED else _GREY, np.uint8)
    colours = np.zeros((256, 4), np.uint8)
    colours[number] = _colour(theme, number)
    pixels = covered(ground, np.full((side, side), number, np.uint8), colours)
    return QPixmap.fromImage(QImage(pixels.tobytes(), side, side, 3 * side, QImage.Format.Format_RGB888))


class MaskLegend(QWidget):
    """A sample and a name for each class, as many as have room; the others are counted, and told with all in the tool tip."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("maskLegend")
        self.setAccessibleName("Classes in the masks")
        self._theme = theme
        #: the number of each class, its name, and its sample
        self._classes: list[tuple[int, str]] = []
        self._samples: list[QPixmap] = []
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._dress)

    def show_classes(self, classes: Sequence[str], *, ignores: bool) -> None:
        """Name these classes, and pixels that count nowhere where there are some."""
        self._classes = [*enumerate(classes), *([(IGNORED, IGNORED_WORDS)] if ignores else [])]
        self.setAccessibleDescription("; ".join(self.told()))
        self._dress()

    def told(self) -> list[str]:
        """Each class in words; the first is what lies behind."""
        return [f"{name} (nothing lies over it)" if number == 0 else name for number, name in self._classes]

    def _dress(self) -> None:
        self._samples = [swatch(self._theme, number, self._theme.px(SIDE)) for number, _ in self._classes]
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, self._theme.px(24))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), plain_tip("\n".join(self.told())), self)
            return True
        return super().event(event)

    def _words(self, name: str) -> tuple[str, int]:
        """A name as it is written, and how wide it is with its sample and the gap behind it."""
        metrics = QFontMetrics(self._theme.font("secondary"))
        words = metrics.elidedText(name, Qt.TextElideMode.ElideRight, self._theme.px(_MOST))
        return words, self._theme.px(SIDE) + APART + metrics.horizontalAdvance(words) + GAP

    def fitting(self, room: int) -> int:
        """How many classes have room, beside the words that count the others."""
        ends = list(itertools.accumulate(self._words(name)[1] for _, name in self._classes))
        if not ends or ends[-1] - GAP <= room:
            return len(ends)
        rest = QFontMetrics(self._theme.font("secondary")).horizontalAdvance(_REST.format(len(ends)))
        return sum(end + rest <= room for end in ends)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, side = self._theme, self._theme.px(SIDE)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font("secondary"))
        left, top, fitting = 1, (self.height() - side) // 2, self.fitting(self.width())
        for (_, name), sample in zip(self._classes[:fitting], self._samples, strict=False):
            words, wide = self._words(name)
            painter.drawPixmap(left, top, sample)
            box(painter, QRectF(left, top, side, side), None, theme.colour("line2"), radius=2)
            painter.setPen(theme.colour("text"))
            painter.drawText(QRect(left + side + APART, 0, wide, self.height()), Qt.AlignmentFlag.AlignVCenter, words)
            left += wide
        if fitting < len(self._classes):
            painter.setPen(theme.colour("text2"))
            rest = _REST.format(len(self._classes) - fitting)
            painter.drawText(QRect(left, 0, self.width() - left, self.height()), Qt.AlignmentFlag.AlignVCenter, rest)
        painter.end()
