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
from workbench.gui.text import Elided, Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.slider import Slider
from workbench.stopping import Rule

HEIGHT = 46
#: Narrower than this, sentence and buttons stand in a row of their own, which takes so much more height.
NARROW, MORE = 760, 24
#: How wide the slider is; and in one row that is narrower than this, where the sentence needs the room.
_SLIDER, _ROOMY, _SHORT_SLIDER = 96, 860, 64
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


#: As wide as what is dragged ever is, in figures.
_WIDEST = {Knob.PATIENCE: "888", Knob.GAIN: "8.8e-8", Knob.SMOOTHING: "0.88"}


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
        self._planned: int | None = None
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
        self.sentence = Elided(theme, "", "secondary", "text2", lines=2)
        self.use = Button(theme, "Use in recipe", height=28)
        self.use.setObjectName("whatIfUseButton")
        self.close_button = Button(theme, "", "close", "flat", height=26)
        self.close_button.setAccessibleName("Close what if")
        self._lead = Text(theme, "What if", "body", "text", weight=600)
        self._upper, self._lower = QHBoxLayout(), QHBoxLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 6, 0, 0)
        column.setSpacing(0)
        for row in (self._upper, self._lower):
            row.setSpacing(8)
            column.addLayout(row)
        for widget in (self._icon, self._lead, self.knob, self.slider, self._value):
            self._upper.addWidget(widget)
        self._upper.addStretch(0)  # takes the room where the sentence stands in the lower row
        self._fill(self._upper)
        self._connect()
        self._dress()

    def _connect(self) -> None:
        self.knob.currentIndexChanged.connect(self._show_knob)
        self.slider.valueChanged.connect(self._dragged)
        self.use.clicked.connect(self._want)
        self.close_button.clicked.connect(self.closed)
        self._theme.changed.connect(self._dress)

    def _fill(self, row: QHBoxLayout) -> None:
        """Put sentence and buttons into a row."""
        row.addWidget(self.sentence, 1)
        row.addWidget(self.use)
        row.addWidget(self.close_button)

    def _dress(self) -> None:
        self._icon.setPixmap(self._theme.pixmap("early_stopped", "violet", 16))
        self._fit()
        self._show_knob()
        self.update()

    def _fit(self) -> None:
        """One row, as long as a sentence of two lines has room in it; else two."""
        px, width = self._theme.px, self.width()
        narrow = width < px(NARROW)
        self.setFixedHeight(px(HEIGHT + (MORE if narrow else 0)))
        self.slider.setFixedSize(px(_SLIDER if narrow or width >= px(_ROOMY) else _SHORT_SLIDER), px(24))
        before, after = (self._upper, self._lower) if narrow else (self._lower, self._upper)
        if after.indexOf(self.sentence) < 0:
            for widget in (self.sentence, self.use, self.close_button):
                before.removeWidget(widget)
            self._fill(after)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    @property
    def _dragging(self) -> Knob:
        return list(Knob)[self.knob.currentIndex()]

    # --- what it is about ---------------------------------------------------------------------------

    def show_run(self, curves: RunCurves | None, rule: Rule | None, planned: int | None = None) -> None:
        """Ask about another run, beginning with the rule it was trained by; `planned` is its last epoch if nothing stops it."""
        self._curves, self._planned, self._seen = curves, planned, ()
        self.rule = rule if rule is not None and rule.patience is not None else _USUAL
        self._show_knob()
        self.refresh()

    def show_plan(self, planned: int) -> None:
        """The run is to train longer."""
        self._planned = planned
        self.refresh()

    def refresh(self) -> None:
        """The run may have gone on."""
        curves = self._curves
        now = (curves, curves.told if curves is not None else 0, self.rule, self._planned)
        if now == self._seen:
            return
        self._seen = now
        self.told = tell(curves, self.rule, self._planned) if curves is not None else None
        self.sentence.say(self.told.sentence if self.told else "")
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
        # As wide as any of its values: the sentence does not move while one drags.
        self._value.setMinimumWidth(self._value.fontMetrics().horizontalAdvance(_WIDEST[knob]))
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
