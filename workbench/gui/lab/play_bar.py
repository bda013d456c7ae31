"""Plays a race step by step: play and pause, one step, back to the start, a slider over the steps, and how fast."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSignalBlocker, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from workbench.gui import words
from workbench.gui.text import Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.paint import box
from workbench.gui.widgets.segments import Segments
from workbench.gui.widgets.slider import Slider

_FRAME_MS = 33
#: Steps a second, and how long a whole race takes at most.
_SPEEDS: dict[str, tuple[float, float]] = {"slow": (4.0, 60.0), "normal": (15.0, 12.0), "fast": (60.0, 4.0)}
_HEIGHT = 52


class PlayBar(QWidget):
    """See the module."""

    #: Another step is to be shown.
    turned = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setObjectName("labPlayBar")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.play = Button(theme, "Play", "play", "tonal", height=32)
        self.play.setObjectName("labPlayButton")
        self.step_button = Button(theme, "Step", "step", height=32)
        self.step_button.setObjectName("labStepButton")
        self.reset = Button(theme, "Reset", "revert", height=32)
        self.reset.setObjectName("labResetButton")
        self.slider = Slider(theme)
        self.slider.setObjectName("labStepSlider")
        self.slider.setAccessibleName("Step")
        self.slider.setPageStep(10)
        self.slider.setMinimumWidth(theme.px(90))
        self.slider.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._label = Text(theme, "Step", "body", "text2")
        self._number = Text(theme, "0", "strong")
        self._of = Text(theme, "", "body", "text2")
        self.speed = Segments(theme, [("slow", "Slow"), ("normal", "Normal"), ("fast", "Fast")])
        self.speed.setObjectName("labSpeed")
        self.speed.setAccessibleName("Speed")
        self.speed.choose("normal")
        self._position = 0.0
        self._clock = QTimer(self, interval=_FRAME_MS)
        self._clock.setObjectName("labPlayClock")
        self._clock.timeout.connect(self._play_on)
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(10)
        for part in (
            self.play,
            self.step_button,
            self.reset,
            self._label,
            self._number,
            self.slider,
            self._of,
            self.speed,
        ):
            row.addWidget(part, 1 if part is self.slider else 0)
        self.play.clicked.connect(self.turn_playing)
        self.step_button.clicked.connect(self._step_on)
        self.reset.clicked.connect(self._go_back)
        self.slider.valueChanged.connect(self._turn)
        theme.changed.connect(self._dress)
        self._dress()
        self.show_steps(1, 0)

    @property
    def step(self) -> int:
        return self.slider.value()

    @property
    def playing(self) -> bool:
        return self._clock.isActive()

    def show_steps(self, steps: int, at: int) -> None:
        """How many steps there are, and which is shown, without saying so."""
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, steps)
            self.slider.setValue(at)
        self._describe()

    def go(self, step: int) -> None:
        """Show a step; what plays goes on from there."""
        self.slider.setValue(step)

    def turn_playing(self) -> None:
        """Play from here, at the end from the start; or pause."""
        if self.playing:
            self.pause()
            return
        if self.step == self.slider.maximum():
            self.slider.setValue(0)
        self._position = float(self.step)
        self._clock.start()
        self._describe()

    def pause(self) -> None:
        self._clock.stop()
        self._describe()

    def _play_on(self) -> None:
        rate, longest = _SPEEDS[self.speed.key]
        self._position += max(rate, self.slider.maximum() / longest) * _FRAME_MS / 1000
        self.slider.setValue(int(self._position))
        if self.step == self.slider.maximum():
            self.pause()

    def _step_on(self) -> None:
        self.pause()
        self.slider.setValue(self.step + 1)

    def _go_back(self) -> None:
        self.pause()
        self.slider.setValue(0)

    def _turn(self, step: int) -> None:
        if int(self._position) != step:
            self._position = float(step)
        self._describe()
        self.turned.emit(step)

    def _describe(self) -> None:
        playing = self.playing
        if (self.play.text() == "Pause") != playing:
            self.play.setText("Pause" if playing else "Play")
            self.play.set_icon("pause" if playing else "play")
        self._number.say(words.count(self.step))
        self._of.say(f"of {words.count(self.slider.maximum())}")
        self.slider.setAccessibleDescription(f"Step {self.step} of {self.slider.maximum()}")
        widest = self._number.fontMetrics().horizontalAdvance(words.count(self.slider.maximum()))
        self._number.setMinimumWidth(widest + 4)
        self.step_button.setEnabled(self.step < self.slider.maximum())
        self.reset.setEnabled(self.step > 0)

    def _dress(self) -> None:
        self.setFixedHeight(self._theme.px(_HEIGHT))
        self.update()

    def set_narrow(self, narrow: bool) -> None:  # noqa: FBT001 - reads like Qt's own setters
        """Where there is little room, only the icons of the buttons stay."""
        for button in (self.play, self.step_button, self.reset):
            button.show_word(not narrow)
        self._label.setVisible(not narrow)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box(painter, QRectF(self.rect()), self._theme.colour("card"), self._theme.colour("line"), radius=8)
        painter.end()
