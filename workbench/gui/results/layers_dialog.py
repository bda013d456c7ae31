"""What a layer makes of one picture, map by map, and the filters it does that with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from workbench.gui import words
from workbench.gui.results import pixmaps
from workbench.gui.results.class_view import scrolled
from workbench.gui.text import Elided, Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.paint import box
from workbench.gui.widgets.picker import Picker
from workbench.gui.widgets.segments import Segments

if TYPE_CHECKING:
    import numpy.typing as npt

_SIDE, _GAP, _COLUMNS = 74, 8, 8
#: A filter with three inputs is shown in colour, as it looks at a picture; any other by the mean over its inputs.
_COLOUR = 3


class MapGrid(QWidget):
    """Small grey pictures in rows of eight."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setObjectName("layerMaps")
        self.images: tuple[QImage, ...] = ()

    def show_images(self, images: Sequence[QImage], said: str) -> None:
        self.images = tuple(images)
        self.setAccessibleName(said)
        self.setFixedHeight(self.sizeHint().height())
        self.update()

    def sizeHint(self) -> QSize:
        step, rows = self._theme.px(_SIDE + _GAP), -(-len(self.images) // _COLUMNS)
        return QSize(_COLUMNS * step, max(1, rows) * step)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        step, side = self._theme.px(_SIDE + _GAP), self._theme.px(_SIDE)
        for place, image in enumerate(self.images):
            rect = QRectF(place % _COLUMNS * step, place // _COLUMNS * step, side, side)
            painter.drawImage(rect, image)
            box(painter, rect, None, self._theme.colour("line2"), radius=2)
        painter.end()


class LayersDialog(QDialog):
    """See the module."""

    #: Another layer is wanted (its name).
    layer_chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._arrays: Mapping[str, npt.NDArray[Any]] = {}
        self._count = 0
        self.setObjectName("layersDialog")
        self.setWindowTitle("Layers")
        self.layer = Picker(theme)
        self.layer.setObjectName("layerPicker")
        self.layer.setAccessibleName("Layer")
        self.what = Segments(theme, [("maps", "Activations"), ("filters", "Filters")])
        self.what.setObjectName("layerWhat")
        self.what.setAccessibleName("What is shown of the layer")
        self.note = Elided(theme, "", "secondary", "text2")
        self.grid = MapGrid(theme)
        close = Button(theme, "Close")
        top = QHBoxLayout()
        top.addWidget(Text(theme, "Layer"))
        top.addWidget(self.layer, 1)
        top.addWidget(self.what)
        bottom = QHBoxLayout()
        bottom.addWidget(self.note, 1)
        bottom.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addLayout(top)
        column.addWidget(scrolled(self.grid, "layerScroll"), 1)
        column.addLayout(bottom)
        self.resize(_COLUMNS * theme.px(_SIDE + _GAP) + 52, theme.px(480))
        close.clicked.connect(self.close)
        self.layer.value_edited.connect(self._choose)
        self.what.chosen.connect(self._fill)

    def wait(self) -> None:
        """An answer is on its way."""
        self.note.say("Looking into the network …")
        self.grid.show_images((), "")

    def leave(self) -> None:
        """Close; what is shown next may be another network, whose layers are not known yet."""
        self.layer.clear()
        self.close()

    def tell(self, sentence: str) -> None:
        """There is no answer."""
        self.note.say(sentence)

    def show_layer(self, layer: str, layers: Sequence[str], count: int, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Show a layer with `count` maps, of which `arrays` has the first: maps (rows, columns, k), filters (rows, columns, in, k)."""
        self._arrays, self._count = arrays, count
        if [self.layer.itemData(place) for place in range(self.layer.count())] != list(layers):
            self.layer.clear()
            for name in layers:
                self.layer.add(name, name)
        self.layer.show_value(layer)
        self.what.button("filters").setEnabled(bool(arrays["filters"].size))
        if not arrays["filters"].size:
            self.what.choose("maps")
        self._fill()

    def _fill(self) -> None:
        if not self._arrays:
            return
        if self.what.key == "maps":
            maps = self._arrays["maps"]
            images = [pixmaps.image(pixmaps.greys(maps[..., place])) for place in range(maps.shape[-1])]
            rows, columns, _ = maps.shape
            said = f"{words.plural(self._count, 'map', 'maps')} of {rows} × {columns}, each from its smallest (black) to its largest (white) number"
        else:
            filters = self._arrays["filters"]
            images = [_filter(filters[..., place]) for place in range(filters.shape[-1])]
            rows, columns, inputs, _ = filters.shape
            how = "in colour" if inputs == _COLOUR else "the mean over its inputs"
            said = f"{words.plural(self._count, 'filter', 'filters')} of {rows} × {columns} over {words.plural(inputs, 'input', 'inputs')}, {how}"
        more = f"; the first {len(images)} are shown" if len(images) < self._count else ""
        self.note.say(said + more)
        self.grid.show_images(images, said + more)

    def _choose(self, layer: object) -> None:
        self.wait()
        self.layer_chosen.emit(str(layer))


def _filter(kernel: npt.NDArray[Any]) -> QImage:
    return pixmaps.image(pixmaps.greys(kernel if kernel.shape[2] == _COLOUR else kernel.mean(axis=2)))
