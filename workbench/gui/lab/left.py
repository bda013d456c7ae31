"""What stands at the left: the recipe, or the lab's settings while its tab is in view, so that no recipe is edited by mistake."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QStackedWidget, QWidget


class Left(QStackedWidget):
    """See the module."""

    def __init__(self, recipe: QWidget) -> None:
        super().__init__()
        self.setObjectName("leftPanel")
        self._recipe = recipe
        self._lab: QWidget | None = None
        self.addWidget(recipe)

    def put_lab(self, lab: QWidget) -> None:
        self._lab = lab
        self.addWidget(lab)

    @property
    def shows_lab(self) -> bool:
        return self._lab is not None and self.currentWidget() is self._lab

    def show_lab(self, shown: bool) -> None:  # noqa: FBT001 - reads like Qt's own setters
        """The lab's settings, or the recipe."""
        self.setCurrentWidget(self._lab if shown and self._lab is not None else self._recipe)

    def minimumSizeHint(self) -> QSize:
        # The one that is out of sight asks for no room.
        now = self.currentWidget()
        return now.minimumSizeHint() if now is not None else super().minimumSizeHint()
