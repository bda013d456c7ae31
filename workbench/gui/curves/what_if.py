"""The strip under the plots: what another patience, smallest gain or smoothing would have done, as it is dragged."""

from __future__ import annotations

import math
from dataclasses import replace
from enum import StrEnum

from PySide6.QtCore import QRectF, QSignalBlocker, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from workbench.curves.run_curves import RunCurves
from workbench.curves.what_if import Told, tell
from workbench.gui import words
from workbench.gui.text import Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.slider import Slider
from workbench.stopping import Rule

HEIGHT = 46
#: Narrower than this, the sentence takes so much more height.
NARROW, SENTENCE = 860, 20
#: The slider of patience reaches at least so far.
_PATIENCE = 30
#: The slider of the smallest gain: 0, then these decades in hundred steps.
_LEAST_GAIN, _MOST_GAIN = -6.0, 0.0
#: What is asked of a run without early stopping.
_USUAL = Rule(8)


class Knob(StrEnum):
    """What is dragged."""

    PATIENCE = "Patience"
    GAIN = "Smallest gain"
    SMOOTHING = "Smoothing"


def gain_of(position: int) -> float:
    """The smallest gain at a position of its slider (0 … 100), in two figures."""
    return float(f"{10 ** (_LEAST_GAIN + (_MOST_GAIN - _LEAST_GAIN) * position / 100):.1e}") if position else 0.0


def _position_of_gain(gain: float) -> int:
    return (
        max(1, min(100, round((math.log10(gain) - _LEAST_GAIN) / (_MOST_GAIN - _LEAST_GAIN) * 100))) if gain > 0 else 0
    )


class WhatIfStrip(QWidget):
    """A rule that is dragged, and what it would have decided over the run in focus."""

    #: Another rule was dragged, or the run went on (what it would have done, a Told).
    told_changed = Signal(object)
    #: The rule is to be put into the recipe (a Rule).
    rule_wanted = Signal(object)
    #: The strip is to go.
    closed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setObjectName("whatIfStrip")
        self.setAccessibleName("What if early stopping")
        self._curves: RunCurves | None = None
        self._seen: tuple[object, ...] = ()
        self.rule = _USUAL
        self.told: Told | None = None
        self._icon = QLabel()
        self.knob = QComboBox()
        self.knob.setObjectName("whatIfKnob")
        self.knob.setAccessibleName("What if this were different")
        self.knob.addItems([str(knob) for knob in Knob])
        self.slider = Slider(theme)
        self.slider.setObjectName("whatIfSlider")
        self._value = Text(theme, "", "body", "text", weight=600)
        self.sentence = Text(theme, "", "secondary", "text2", wrap=True)
        self.use = Button(theme, "Use in recipe", height=28)
        self.use.setObjectName("whatIfUseButton")
        self.close_button = Button(theme, "", "close", "flat", height=26)
        self.close_button.setAccessibleName("Close what if")
        self._lead = Text(theme, "What if", "body", "text", weight=600)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(4, 6, 0, 0)
        column.setSpacing(0)
        self._row = row = QHBoxLayout()
        row.setSpacing(8)
        column.addLayout(row, 1)
        for widget in (self._icon, self._lead, self.knob, self.slider, self._value):
            row.addWidget(widget)
        row.addWidget(self.sentence, 1)
        row.addStretch(0)  # takes the room where the sentence stands elsewhere
        row.addWidget(self.use)
        row.addWidget(self.close_button)
        self._connect()
        self._dress()
        self._show_knob()

    def _connect(self) -> None:
        self.knob.currentIndexChanged.connect(self._show_knob)
        self.slider.valueChanged.connect(self._dragged)
        self.use.clicked.connect(self._want)
        self.close_button.clicked.connect(self.closed)
        self._theme.changed.connect(self._dress)

    def _dress(self) -> None:
        px = self._theme.px
        self._fit()
        self.slider.setFixedSize(px(96), px(24))
        self._value.setMinimumWidth(px(40))
        self._icon.setPixmap(self._theme.pixmap("early_stopped", "violet", 16))
        self.update()

    def _fit(self) -> None:
        """In a narrow strip the sentence stands on lines of its own."""
        px, narrow = self._theme.px, self.width() < self._theme.px(NARROW)
        self.setFixedHeight(px(HEIGHT + (SENTENCE if narrow else 0)))
        if narrow is not (self._row.indexOf(self.sentence) < 0):
            (self._row if narrow else self._column).removeWidget(self.sentence)
            if narrow:
                self._column.addWidget(self.sentence)
            else:
                self._row.insertWidget(self._row.indexOf(self._value) + 1, self.sentence, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    @property
    def _dragging(self) -> Knob:
        return list(Knob)[self.knob.currentIndex()]

    # --- what it is about ---------------------------------------------------------------------------

    def show_run(self, curves: RunCurves | None, rule: Rule | None) -> None:
        """Ask about another run, beginning with the rule it was trained by."""
        self._curves, self._seen = curves, ()
        self.rule = rule if rule is not None and rule.patience is not None else _USUAL
        self._show_knob()
        self.refresh()

    def refresh(self) -> None:
        """The run may have gone on."""
        curves = self._curves
        now = (curves, curves.told if curves is not None else 0, self.rule)
        if now == self._seen:
            return
        self._seen = now
        self.told = tell(curves, self.rule) if curves is not None else None
        self.sentence.say(self.told.sentence if self.told else "")
        self.sentence.setToolTip(self.sentence.text())
        self.told_changed.emit(self.told)

    # --- dragging -------------------------------------------------------------------------------------

    def _show_knob(self) -> None:
        """The slider drags another setting."""
        rule, knob = self.rule, self._dragging
        epochs = self._curves.last_epoch if self._curves is not None else 0
        with QSignalBlocker(self.slider):
            match knob:
                case Knob.PATIENCE:
                    self.slider.setRange(1, max(_PATIENCE, epochs, rule.patience or 0))
                    self.slider.setValue(rule.patience or 1)
                case Knob.GAIN:
                    self.slider.setRange(0, 100)
                    self.slider.setValue(_position_of_gain(rule.min_delta))
                case Knob.SMOOTHING:
                    self.slider.setRange(0, 99)
                    self.slider.setValue(round(rule.smoothing * 100))
        self.slider.setAccessibleName(f"{knob} of early stopping")
        self._say_value()

    def _dragged(self, position: int) -> None:
        match self._dragging:
            case Knob.PATIENCE:
                self.rule = replace(self.rule, patience=position)
            case Knob.GAIN:
                self.rule = replace(self.rule, min_delta=gain_of(position))
            case Knob.SMOOTHING:
                self.rule = replace(self.rule, smoothing=position / 100)
        self._say_value()
        self.refresh()

    def _say_value(self) -> None:
        rule = self.rule
        text = {
            Knob.PATIENCE: words.count(rule.patience or 0),
            Knob.GAIN: words.number(rule.min_delta, scientific=True),
            Knob.SMOOTHING: words.decimals(rule.smoothing, 2),
        }[self._dragging]
        self._value.say(text)
        self.slider.setAccessibleDescription(text)

    def _want(self) -> None:
        self.rule_wanted.emit(self.rule)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(QRectF(0, 0, self.width(), 1), self._theme.colour("line"))
        painter.end()
