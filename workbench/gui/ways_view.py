"""The ways out that an error card offers, as rows of which one is chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QVBoxLayout, QWidget

from workbench.errors import Way, WayKind
from workbench.gui.text import Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.choice_row import ChoiceRow

#: What the button says that takes a way.
VERBS = {
    WayKind.CHANGE: "Apply and start", WayKind.AGAIN: "Take it up again", WayKind.MOVED: "Choose…",
    WayKind.TRASH: "Open the trash…", WayKind.WAIT: "Wait", WayKind.STOP: "Ask it to stop",
    WayKind.STOP_NOW: "Stop now", WayKind.RESTART: "Kill it and go on",
}  # fmt: skip


class WaysView(QWidget):
    """Rows; the first is chosen until the person chooses another."""

    #: Another row is chosen.
    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._ways: tuple[Way, ...] = ()
        self._group = QButtonGroup(self)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._heading = Text(theme, "Ways out", "strong", "text2")
        self._column.addWidget(self._heading)
        self._group.idToggled.connect(self._toggled)

    @property
    def chosen(self) -> Way | None:
        place = self._group.checkedId()
        return self._ways[place] if 0 <= place < len(self._ways) else None

    @property
    def rows(self) -> list[ChoiceRow]:
        return [row for row in self._group.buttons() if isinstance(row, ChoiceRow)]

    def show_ways(self, ways: Sequence[Way]) -> None:
        """Offer these and choose the first."""
        for row in self.rows:
            self._group.removeButton(row)
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._ways = tuple(ways)
        for place, way in enumerate(self._ways):
            row = ChoiceRow(self._theme, way.title, way.note, self)
            row.setObjectName(f"way{place + 1}")
            self._group.addButton(row, place)
            self._column.addWidget(row)
            row.setChecked(place == 0)
        self.setVisible(bool(self._ways))

    def _toggled(self, _place: int, chosen: bool) -> None:  # noqa: FBT001 - as Qt calls it
        if chosen:
            self.changed.emit()
