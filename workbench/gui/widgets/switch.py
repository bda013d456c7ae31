"""A check box drawn as a switch, 34 × 18; keyboard and screen readers see the check box."""

from __future__ import annotations

from PySide6.QtCore import Property, QEasingCurve, QPoint, QPropertyAnimation, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QSizePolicy, QWidget

from workbench.gui.theme import Theme, mixed
from workbench.gui.widgets.paint import ring

_TRACK = (34, 18)
_MOTION_MS = 120


class Switch(QCheckBox):
    """On or off; Space and a click change it. It carries no text: give it an accessible name."""

    #: The person turned it on or off (bool).
    value_edited = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._place = 0.0
        self._motion = QPropertyAnimation(self, b"place", self)
        self._motion.setDuration(_MOTION_MS)
        self._motion.setEasingCurve(QEasingCurve.Type.OutCubic)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.toggled.connect(self._move)
        self.clicked.connect(self._clicked)
        theme.changed.connect(self._dress)

    def _get_place(self) -> float:
        return self._place

    def _set_place(self, place: float) -> None:
        self._place = place
        self.update()

    place = Property(float, _get_place, _set_place)

    def _clicked(self, on: bool) -> None:  # noqa: FBT001 - the slot of clicked
        self.value_edited.emit(on)

    def show_value(self, on: object) -> None:
        """Show a state without saying so."""
        self.setChecked(bool(on))

    def _dress(self) -> None:
        self.updateGeometry()
        self.update()

    def _move(self, on: bool) -> None:  # noqa: FBT001 - the slot of toggled
        self._motion.stop()
        if self._theme.reduced_motion or not self.isVisible():
            self._set_place(float(on))
            return
        self._motion.setStartValue(self._place)
        self._motion.setEndValue(float(on))
        self._motion.start()

    def sizeHint(self) -> QSize:
        # The ring and its gap lie around the track; together they make a target of more than 24 px.
        return QSize(self._theme.px(_TRACK[0]) + 8, max(24, self._theme.px(_TRACK[1]) + 8))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width, height = theme.px(_TRACK[0]), theme.px(_TRACK[1])
        track = QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)
        if self.hasFocus():
            ring(painter, track.adjusted(-4, -4, 4, 4), theme, height / 2 + 4)
        on = self._place if self.isEnabled() else self._place * 0.4
        fill = mixed(theme.colour("fill"), theme.colour("card"), on)
        edge = mixed(theme.colour("fill"), theme.colour("ctl" if self.isEnabled() else "line2"), on)
        painter.setBrush(fill)
        painter.setPen(QPen(edge, 1.4))
        painter.drawRoundedRect(track.adjusted(0.7, 0.7, -0.7, -0.7), height / 2, height / 2)
        radius = height / 2 - (3.0 if self._place > 0.5 else 4.0)  # noqa: PLR2004 - half of the way
        x = track.left() + height / 2 + self._place * (width - height)
        knob = mixed(theme.colour("on_fill"), theme.colour("ctl" if self.isEnabled() else "line2"), self._place)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(knob)
        painter.drawEllipse(QRectF(x - radius, track.center().y() - radius, 2 * radius, 2 * radius))
        painter.end()
