"""A widget that folds away: 160 ms, or at once when motion is to be reduced."""

from __future__ import annotations

from PySide6.QtCore import QEasingCurve, QPropertyAnimation
from PySide6.QtWidgets import QWidget

from workbench.gui.theme import Theme

_MOTION_MS = 160
#: Qt's own word for «no limit»; PySide does not export it.
_NO_LIMIT = 16_777_215


class Unfold(QWidget):
    """Hidden until it is opened; give it a layout."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._open = False
        self._motion: QPropertyAnimation | None = None
        self.setVisible(False)

    def set_open(self, is_open: bool, *, moving: bool = False) -> None:  # noqa: FBT001 - reads like Qt's setters
        """Open or close, at once unless `moving`."""
        self._open = is_open
        if self._motion is not None:
            self._motion.stop()
        owner = self.parentWidget()
        if not moving or self._theme.reduced_motion or owner is None or not owner.isVisible():
            self._settled()
            return
        if self._motion is None:
            self._motion = QPropertyAnimation(self, b"maximumHeight", self)
            self._motion.setDuration(_MOTION_MS)
            self._motion.setEasingCurve(QEasingCurve.Type.OutCubic)
            self._motion.finished.connect(self._settled)
        height = self.height()
        self._motion.setStartValue(0 if is_open else height)
        self._motion.setEndValue(self.sizeHint().height() if is_open else 0)
        self.setMaximumHeight(0 if is_open else height)
        self.setVisible(True)
        self._motion.start()

    def _settled(self) -> None:
        self.setVisible(self._open)
        self.setMaximumHeight(_NO_LIMIT)
