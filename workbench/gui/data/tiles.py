"""Small pictures as pixmaps, at a whole-number zoom, and only as many at a time as a few screens show."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPixmap

from workbench.gui.data.mask_legend import palette
from workbench.gui.theme import Theme

if TYPE_CHECKING:
    from workbench.gui.data.masks import Colours
    from workbench.gui.data.shown import DataShown

#: So many pixmaps are kept.
KEPT = 800


class Tiles:
    """The pixmaps of a data set's pictures."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._shown: DataShown | None = None
        self._kept: OrderedDict[int, QPixmap] = OrderedDict()
        self._masks = True
        self._colours: Colours | None = None

    def show(self, shown: DataShown | None, *, masks: bool) -> None:
        """Pictures of another data set, or with or without their masks."""
        self._shown, self._masks = shown, masks
        self.forget()

    def forget(self) -> None:
        """Make all anew: the theme has other colours."""
        self._kept.clear()
        self._colours = None

    def pixmap(self, place: int, side: int) -> QPixmap | None:
        """A picture, enlarged by the largest whole number at which it is no more than `side` pixels; None while it is not there."""
        found = self._kept.get(place)
        if found is not None:
            self._kept.move_to_end(place)
            return found
        if self._shown is None:
            return None
        masked = self._masks and self._shown.masked
        if masked and self._colours is None:
            self._colours = palette(self._theme)
        pixels = (
            self._shown.covered(place, self._colours)
            if self._colours is not None and masked
            else self._shown.small(place)
        )
        if pixels is None:
            return None
        high, wide, channels = pixels.shape
        kind = QImage.Format.Format_Grayscale8 if channels == 1 else QImage.Format.Format_RGB888
        image = QImage(pixels.tobytes(), wide, high, wide * channels, kind)
        zoom = max(1, side // max(wide, high))
        pixmap = QPixmap.fromImage(image)
        if zoom > 1:
            pixmap = pixmap.scaled(
                QSize(wide * zoom, high * zoom),
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.FastTransformation,
            )
        self._kept[place] = pixmap
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return pixmap
