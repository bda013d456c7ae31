"""The head of the Model tab's table: titles, and over the X-ray's plots their axes."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHeaderView, QWidget

from workbench.gui.model.rows import SIDES, Column
from workbench.gui.model.xray_painter import XRayPainter
from workbench.gui.theme import Theme

HEIGHT, _AXES = 28, 48


class Header(QHeaderView):
    """Titles stand at its foot when it is as high as the axes need."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = theme
        self._painter = XRayPainter(theme)
        self._axes = False
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setStretchLastSection(False)
        self.setSectionsMovable(False)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(0)

    def show_axes(self, shown: bool) -> None:  # noqa: FBT001 - reads like Qt's own setters
        """Whether there are plots under it."""
        self._axes = shown
        self.dress()

    def dress(self) -> None:
        """Fonts and heights of a theme that has changed."""
        self.setFont(self._theme.font("caption"))
        self.setFixedHeight(self._theme.px(_AXES if self._axes else HEIGHT))
        self.viewport().update()

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        side = SIDES.get(Column(section))
        if side is not None:
            painter.save()
            self._painter.header(painter, QRectF(rect).adjusted(0, 2, 0, -2), side)
            painter.restore()
            painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, self._theme.colour("line"))
            return
        height = self._theme.px(HEIGHT)
        if rect.height() > height:
            painter.fillRect(rect, self._theme.colour("card"))
        super().paintSection(painter, QRect(rect.left(), rect.bottom() + 1 - height, rect.width(), height), section)
