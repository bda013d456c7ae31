"""How long a run has waited for a better epoch: one cell an epoch of patience, filled as they pass."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.gui.theme import Theme

#: More cells than this cannot be counted at a glance; then each stands for several epochs.
_MOST = 12


class PlateauCells(QWidget):
    """Cells for the patience of early stopping."""

    def __init__(self, theme: Theme, waited: int = 0, patience: int = 8, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._waited, self._patience, self._stopped = waited, patience, False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_plateau(waited, patience)
        theme.changed.connect(self._dress)

    def set_plateau(self, waited: int, patience: int, *, stopped: bool = False) -> None:
        """So many epochs waited of so many allowed; `stopped` once early stopping has ended the run."""
        self._waited, self._patience, self._stopped = max(0, min(waited, patience)), max(1, patience), stopped
        self.setAccessibleName(f"Plateau, {self._waited} of {self._patience} epochs without a new best")
        self._dress()

    def _dress(self) -> None:
        self.updateGeometry()
        self.update()

    @property
    def cells(self) -> int:
        return min(self._patience, _MOST)

    def sizeHint(self) -> QSize:
        return QSize(self.cells * self._theme.px(12), self._theme.px(10))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width, height = theme.px(12), theme.px(6)
        filled = -(-self._waited * self.cells // self._patience)
        full = theme.colour("violet" if self._stopped else "warn")
        top = (self.height() - height) / 2
        for cell in range(self.cells):
            rect = QRectF(cell * width + 1.5, top + 0.5, width - 3, height - 1)
            painter.setPen(QPen(full if cell < filled else theme.colour("ctl"), 1))
            painter.setBrush(full if cell < filled else theme.colour("card"))
            painter.drawRoundedRect(rect, 2, 2)
        painter.end()
