"""One of a few choices side by side; a group of buttons, so arrows, Space and screen readers work."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QSizePolicy, QWidget

from workbench.gui.theme import Theme
from workbench.gui.widgets.paint import box, ring


class _Segment(QAbstractButton):
    def __init__(self, theme: Theme, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setText(text)
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        self.setFont(self._theme.font("button"))
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + 20, max(24, self._theme.px(24)))

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, rect = self._theme, QRectF(self.rect())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.isChecked():
            # On light cards the chosen one is white with an outline, on dark ones it is lifted.
            box(
                painter,
                rect.adjusted(1, 1, -1, -1),
                theme.colour("line2" if theme.dark else "card"),
                theme.colour("line2"),
                5,
            )
        elif self.underMouse() and self.isEnabled():
            box(painter, rect.adjusted(1, 1, -1, -1), theme.colour("hover"), None, 5)
        if self.hasFocus():
            ring(painter, rect, theme, 6)
        token = "text" if self.isChecked() else "text2"
        painter.setPen(theme.colour(token if self.isEnabled() else "text3"))
        painter.setFont(self.font())
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self.text())
        painter.end()


class Segments(QWidget):
    """One of a few named choices."""

    #: Another choice was made by the person (its key).
    chosen = Signal(str)

    def __init__(self, theme: Theme, choices: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._keys = [key for key, _ in choices]
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(0)
        for place, (_, label) in enumerate(choices):
            button = _Segment(theme, label, self)
            button.setAccessibleName(label)
            self._group.addButton(button, place)
            row.addWidget(button)
        if choices:
            self._group.button(0).setChecked(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._group.idClicked.connect(self._clicked)
        theme.changed.connect(self._dress)

    @property
    def key(self) -> str:
        return self._keys[self._group.checkedId()]

    def choose(self, key: str) -> None:
        """Show a choice without saying so."""
        self._group.button(self._keys.index(key)).setChecked(True)

    def button(self, key: str) -> QAbstractButton:
        return self._group.button(self._keys.index(key))

    def _clicked(self, place: int) -> None:
        self.chosen.emit(self._keys[place])

    def _dress(self) -> None:
        for button in self._group.buttons():
            button.updateGeometry()
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}.get(
            Qt.Key(event.key())
        )
        if step is None:
            super().keyPressEvent(event)
            return
        place = (self._group.checkedId() + step) % len(self._keys)
        button = self._group.button(place)
        button.setChecked(True)
        button.setFocus(Qt.FocusReason.OtherFocusReason)
        self.chosen.emit(self._keys[place])

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box(painter, QRectF(self.rect()), theme.colour("field" if theme.dark else "hover"), theme.colour("line2"), 6)
        painter.end()
