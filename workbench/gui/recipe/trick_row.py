"""A trick in the form: its switch, and its parameters, which unfold while it is on."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from workbench.gui.recipe.rows import ProblemLine, RowHead, SettingRow
from workbench.gui.text import Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.help import Help
from workbench.gui.widgets.switch import Switch
from workbench.gui.widgets.unfold import Unfold

_SPACING = 8


class Rail(Unfold):
    """The parameters, with an accent line at their left."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(14, 2, 0, 6)
        self.column.setSpacing(6)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        colour = self._theme.colour("accent")
        painter.setOpacity(0.6)
        painter.fillRect(QRectF(2, 2, 2, self.height() - 8), colour)
        painter.end()


class TrickRow(QWidget):
    """A trick: on or off, with its parameters, which keep their values while it is off."""

    #: The person turned it on or off (its path, on).
    switched = Signal(str, bool)

    def __init__(
        self, theme: Theme, path: str, help_text: Help, rows: Sequence[SettingRow], *, object_name: str,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.path = path
        self.rows = tuple(rows)
        self.head = RowHead(theme, help_text.name, help_text, parent=self)
        self._value = Text(theme, "off", "secondary", "text3")
        self.switch = Switch(theme, self)
        self.switch.setObjectName(object_name)
        self.switch.setAccessibleName(f"Tricks, {help_text.name}")
        self.switch.setAccessibleDescription(help_text.plain)
        self.problem = ProblemLine(theme, self)
        self._rail = Rail(theme, self)
        for row in rows:
            self._rail.column.addWidget(row)
        line = QHBoxLayout()
        line.setSpacing(_SPACING)
        line.addWidget(self.head, 1)
        line.addWidget(self._value)
        line.addWidget(self.switch)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(line)
        column.addWidget(self.problem)
        column.addWidget(self._rail)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._theme = theme
        self._on: bool | None = None
        self.head.setMinimumHeight(theme.px(32))
        self.switch.value_edited.connect(self._switched)
        theme.changed.connect(self._dress)
        self.show_value(on=False)

    def _switched(self, on: object) -> None:
        self.switched.emit(self.path, bool(on))

    def show_value(self, *, on: bool) -> None:
        """Show the trick as on or off; its parameters unfold when it is on."""
        if on == self._on:
            return
        first, self._on = self._on is None, on
        self.switch.setChecked(on)
        self._fit()
        self._rail.set_open(on and bool(self.rows), moving=not first)
        self._dress()

    def minimumSizeHint(self) -> QSize:
        return QSize(self._least, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        super().resizeEvent(event)

    @property
    def _least(self) -> int:
        """The width that name and switch need."""
        return self.head.minimumSizeHint().width() + _SPACING + self.switch.sizeHint().width()

    def _fit(self) -> None:
        # The switch says the same: where there is no room for the word, it goes.
        room = self.width() - self._least - _SPACING
        self._value.setVisible(not self._on and self._value.sizeHint().width() <= room)

    def set_changed(self, saved: str | None) -> None:
        self.head.dot.set_changed(saved)

    def words(self) -> str:
        """Everything a search may hit, its parameters included."""
        own = f"{self.path} {self.head.label.text()} {self.head.help.help.plain}".casefold()
        return " ".join([own, *(row.words() for row in self.rows)])

    def _dress(self) -> None:
        self.head.label.setFont(self._theme.font("body", 500 if self._on else 400))
        self.head.setMinimumHeight(self._theme.px(32))
        self.head.label.setAlignment(Qt.AlignmentFlag.AlignVCenter)
