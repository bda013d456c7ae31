"""The rail: what is left of the run panel when it is folded; a dot for the state, and a button that opens it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.events import Ending, State
from workbench.gui import words
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import FlatButton
from workbench.gui.widgets.pill import pill_tone

WIDTH = 44


class _DotButton(FlatButton):
    """A button with a dot in the tone of a state."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "", "pulse")
        self._tone: str | None = None

    def set_tone(self, tone: str | None) -> None:
        self._tone = tone
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._tone is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._theme.colour("panel"))
        painter.setBrush(self._theme.colour("text2" if self._tone == "muted" else self._tone))
        painter.drawEllipse(QRectF(self.width() - 12, 3, 9, 9))
        painter.end()


class Rail(QWidget):
    """The folded run panel."""

    #: The person wants the panel open.
    open_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setFixedWidth(WIDTH)
        self._open = FlatButton(theme, "", "chevron-left")
        self._open.setAccessibleName("Open the run panel")
        self._open.setToolTip("Open the run panel (Ctrl+I)")
        self._state = _DotButton(theme)
        self._state.setAccessibleName("No run")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 10, 8, 8)
        column.setSpacing(10)
        column.addWidget(self._open)
        column.addWidget(self._state)
        column.addStretch(1)
        self._open.clicked.connect(self.open_asked)
        self._state.clicked.connect(self.open_asked)

    def show_open(self, *, opened: bool) -> None:
        """Whether the panel is open beside the rail."""
        self._open.set_icon("chevron-right" if opened else "chevron-left", "text2")
        self._open.setAccessibleName("Fold the run panel" if opened else "Open the run panel")
        self._open.setToolTip(f"{self._open.accessibleName()} (Ctrl+I)")

    def show_state(self, name: str, state: State | None, ending: Ending | None) -> None:
        """The state of the run in focus; None when there is none."""
        self._state.set_tone(None if state is None else pill_tone(state, ending))
        text = "No run" if state is None else f"{name}: {words.state(state, ending)}"
        self._state.setAccessibleName(text)
        self._state.setToolTip(text)
