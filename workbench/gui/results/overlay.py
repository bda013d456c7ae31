"""A picture with the masks laid over it: predicted outlines solid, the true one dashed, missed pixels filled, extra ones hatched.

Each layer can be switched off, and each is told apart without its colour.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.gui.results import pixmaps
from workbench.gui.theme import Theme
from workbench.gui.widgets.paint import box

if TYPE_CHECKING:
    import numpy.typing as npt

#: Colours of the predicted outlines, class by class after the first, which is what lies behind.
OUTLINES = ("validation", "run3", "run1", "run4", "run2", "run5")
MISSED = "run6"
LAYERS = ("predicted", "true", "missed", "extra")


class Overlay(QWidget):
    """See the module."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("maskOverlay")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._theme = theme
        self._picture: QImage | None = None
        self._truth: npt.NDArray[Any] | None = None
        self._said: npt.NDArray[Any] | None = None
        self._ignore: int | None = None
        self._layers = dict.fromkeys(LAYERS, True)
        self._strength = 0.9
        self._painted: QPixmap | None = None
        theme.changed.connect(self._anew)

    def show_masks(
        self, picture: QImage, truth: npt.NDArray[Any], said: npt.NDArray[Any], ignore: int | None, words: str
    ) -> None:
        """Show another picture; masks are (h, w) class numbers."""
        self._picture, self._truth, self._said, self._ignore = picture, truth, said, ignore
        self.setAccessibleName(words)
        self._anew()

    def show_layer(self, name: str, shown: bool) -> None:  # noqa: FBT001 - reads like Qt's own setters
        self._layers[name] = shown
        self._anew()

    def set_strength(self, share: float) -> None:
        """How strongly the layers cover the picture, 0 to 1."""
        self._strength = share
        self._anew()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(360), self._theme.px(360))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(200), self._theme.px(200))

    def _anew(self) -> None:
        self._painted = None
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._painted = None

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._picture is None:
            return
        if self._painted is None:
            self._painted = self._draw()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._painted)
        painter.end()

    def _field(self) -> QRectF:
        assert self._picture is not None
        scale = min(self.width() / self._picture.width(), self.height() / self._picture.height())
        wide, high = self._picture.width() * scale, self._picture.height() * scale
        return QRectF((self.width() - wide) / 2, (self.height() - high) / 2, wide, high)

    def _draw(self) -> QPixmap:
        assert self._picture is not None
        assert self._truth is not None
        assert self._said is not None
        ratio, field = self.devicePixelRatioF(), self._field()
        picture = QPixmap(QSize(self.width(), self.height()) * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.drawImage(field, self._picture)
        painter.setOpacity(self._strength)
        self._paint_layers(painter, field, self._truth, self._said)
        painter.setOpacity(1.0)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box(painter, field, None, self._theme.colour("line2"), radius=3)
        painter.end()
        return picture

    def _paint_layers(self, painter: QPainter, field: QRectF, truth: npt.NDArray[Any], said: npt.NDArray[Any]) -> None:
        counts = truth == truth if self._ignore is None else truth != self._ignore  # noqa: PLR0124 - true everywhere
        height, width = truth.shape
        step = field.width() / width, field.height() / height
        wrong = counts & (truth != said)
        if self._layers["missed"]:
            _fill(painter, field, wrong & (truth != 0), QBrush(self._theme.series(MISSED)), step)
        if self._layers["extra"]:
            hatch = QBrush(QColor("#FFFFFF"), Qt.BrushStyle.BDiagPattern)
            _fill(painter, field, wrong & (said != 0), hatch, step)
        classes = range(1, int(max(said.max(initial=0), 1)) + 1)
        if self._layers["predicted"]:
            for number in classes:
                pen = QPen(self._theme.series(OUTLINES[(number - 1) % len(OUTLINES)]), 2)
                painter.setPen(pen)
                painter.drawLines(list(_edges(said == number, field, step)))
        if self._layers["true"]:
            pen = QPen(QColor("#FFFFFF"), 1.4, Qt.PenStyle.CustomDashLine)
            pen.setDashPattern([3, 3])
            painter.setPen(pen)
            for number in {int(value) for value in truth.ravel().tolist()} - {0, self._ignore}:
                painter.drawLines(list(_edges(truth == number, field, step)))


def _fill(painter: QPainter, field: QRectF, where: npt.NDArray[Any], brush: QBrush, step: tuple[float, float]) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(brush)
    for row, first, last in _stretches(where):
        painter.drawRect(
            QRectF(field.left() + first * step[0], field.top() + row * step[1], (last - first) * step[0], step[1])
        )


def _stretches(where: npt.NDArray[Any]) -> Iterator[tuple[int, int, int]]:
    """(row, first column, column after the last) of each run of pixels in a row."""
    import numpy as np  # noqa: PLC0415 - not before the first paint

    framed = np.pad(where, ((0, 0), (1, 1)))
    turns = np.diff(framed.astype(np.int8), axis=1)
    rows, begins = np.nonzero(turns == 1)
    _, ends = np.nonzero(turns == -1)
    yield from zip(rows.tolist(), begins.tolist(), ends.tolist(), strict=True)


def _edges(where: npt.NDArray[Any], field: QRectF, step: tuple[float, float]) -> Iterator[QLineF]:
    """The outline of some pixels: long lines along their edges."""
    import numpy as np  # noqa: PLC0415 - not before the first paint

    framed = np.pad(where, 1)
    across = framed[1:, 1:-1] != framed[:-1, 1:-1]
    down = (framed[1:-1, 1:] != framed[1:-1, :-1]).T
    for row, first, last in _stretches(across):
        y = field.top() + row * step[1]
        yield QLineF(field.left() + first * step[0], y, field.left() + last * step[0], y)
    for column, first, last in _stretches(down):
        x = field.left() + column * step[0]
        yield QLineF(x, field.top() + first * step[1], x, field.top() + last * step[1])


def mask_image(mask: npt.NDArray[Any], theme: Theme, ignore: int | None) -> QImage:
    """A mask in the colours of its classes: the first black, what is ignored grey."""
    import numpy as np  # noqa: PLC0415 - not before the first paint

    table = np.zeros((256, 3), np.uint8)
    for number in range(1, 256):
        colour = theme.series(OUTLINES[(number - 1) % len(OUTLINES)])
        table[number] = colour.red(), colour.green(), colour.blue()
    if ignore is not None:
        table[ignore] = 110
    return pixmaps.image(table[mask])
