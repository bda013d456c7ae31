"""Where a run's weights lie on a slice of its loss: a ring with a label at each checkpoint, painted in pixels."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPen, QTransform

from workbench.descent.slices import Measured
from workbench.gui.curves.inks import Inks
from workbench.gui.curves.strokes import Label
from workbench.gui.lab import slice_words
from workbench.gui.lab.overlay import Overlay
from workbench.gui.theme import Theme

_RADIUS = 4.5
#: From a checkpoint to the lower right corner of its label, which leaves the minimum's own room.
_AWAY = 9.0


class SliceMarks(Overlay):
    """See the module."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setZValue(24)
        self._theme = theme
        #: (x, y, label) of each checkpoint
        self.places: tuple[tuple[float, float, str], ...] = ()
        theme.changed.connect(self._dress)
        self._dress()

    def show_slice(self, measured: Measured | None) -> None:
        """The checkpoints of a slice; none of another landscape."""
        self.places = slice_words.labels(measured.about) if measured is not None else ()
        self.update()

    def paint_pixels(self, painter: QPainter, to_pixels: QTransform, seen: QRectF) -> None:
        for x, y, said in self.places:
            place = to_pixels.map(QPointF(x, y))
            if not seen.contains(place):
                continue
            painter.setBrush(self._inks.validation)
            painter.setPen(QPen(self._inks.text, 1.6))
            painter.drawEllipse(place, _RADIUS, _RADIUS)
            label = Label(self._inks, [said], self._inks.text)
            rect = label.at(place.x() - _AWAY - label.width, place.y() - _AWAY - label.height)
            rect.moveLeft(max(rect.left(), seen.left() + 4))
            rect.moveTop(max(rect.top(), seen.top() + 4))
            label.paint(painter, rect)

    def _dress(self) -> None:
        self._inks = Inks(self._theme)
        self.update()
