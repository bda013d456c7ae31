"""The state of a run as an icon and a word on a tint; never colour alone."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.events import Ending, State
from workbench.gui import words
from workbench.gui.theme import Theme

_STATE_TONE: dict[State, str] = {
    State.QUEUED: "muted",
    State.PREPARING: "info",
    State.RUNNING: "ok",
    State.PAUSED: "warn",
    State.STOPPING: "warn",
    State.ENDED: "muted",
}
_ENDING_TONE: dict[Ending, str] = {
    Ending.COMPLETED: "ok",
    Ending.EARLY_STOPPED: "violet",
    Ending.STOPPED: "muted",
    Ending.DISCARDED: "muted",
    Ending.FAILED: "err",
    Ending.INTERRUPTED: "warn",
}


def pill_icon(state: State, ending: Ending | None) -> str:
    """The icon's name of a state, or of the ending once there is one."""
    if state is State.ENDED:
        return (ending or Ending.STOPPED).value
    return state.value


def pill_tone(state: State, ending: Ending | None) -> str:
    """The tone: ok, warn, err, info, violet or muted."""
    return _ENDING_TONE[ending] if state is State.ENDED and ending is not None else _STATE_TONE[state]


def pill_size(theme: Theme, state: State, ending: Ending | None, *, small: bool = False) -> QSize:
    """How large the pill is: 24 high, 20 in tables."""
    font = theme.font("secondary", 600)
    width = QFontMetrics(font).horizontalAdvance(words.state(state, ending))
    return QSize(width + theme.px(12) + (19 if small else 25), theme.px(20 if small else 24))


def paint_pill(
    painter: QPainter, rect: QRect, theme: Theme, state: State, ending: Ending | None, *, small: bool = False
) -> None:
    """Paint the pill at the left of `rect`, centred in its height; for table cells and the widget alike."""
    size = pill_size(theme, state, ending, small=small)
    top = rect.top() + (rect.height() - size.height()) / 2
    area = QRectF(rect.left(), top, min(size.width(), rect.width()), size.height())
    tone = pill_tone(state, ending)
    token = "text2" if tone == "muted" else tone
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour(f"{tone}_tint"))
    painter.drawRoundedRect(area, size.height() / 2, size.height() / 2)
    side, left = theme.px(12), area.left() + (8 if small else 10)
    painter.drawPixmap(
        round(left), round(area.center().y() - side / 2), theme.pixmap(pill_icon(state, ending), token, 12)
    )
    painter.setPen(theme.colour(token))
    painter.setFont(theme.font("secondary", 600))
    text = area.adjusted(left - area.left() + side + 5, 0, -4, 0)
    painter.drawText(text, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words.state(state, ending))
    painter.restore()


class StatePill(QWidget):
    """The pill as a widget."""

    def __init__(
        self, theme: Theme, state: State = State.QUEUED, ending: Ending | None = None, *, small: bool = False,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._theme = theme
        self._small = small
        self._state, self._ending = state, ending
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_state(state, ending)
        theme.changed.connect(self._dress)

    @property
    def text(self) -> str:
        return words.state(self._state, self._ending)

    def set_state(self, state: State, ending: Ending | None = None) -> None:
        self._state, self._ending = state, ending
        self.setAccessibleName(f"State: {self.text}")
        self._dress()

    def _dress(self) -> None:
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return pill_size(self._theme, self._state, self._ending, small=self._small)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_pill(painter, self.rect(), self._theme, self._state, self._ending, small=self._small)
        painter.end()
