"""The row over the plots: what the lines are, smoothing, linear or logarithmic, what runs along x, export."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from workbench.curves.axes import Axis
from workbench.curves.smoothing import Kind, Smoothing
from workbench.gui import words
from workbench.gui.curves.inks import Inks
from workbench.gui.curves.samples import Line, paint_sample
from workbench.gui.text import Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.segments import Segments
from workbench.gui.widgets.slider import Slider

#: The slider's hundredths reach from no smoothing to a memory of a thousand steps, evenly in powers of ten.
_DECADES = 3.0
_SAMPLE = 26


def steps_of(position: int) -> float:
    """The steps averaged over at a position (0 … 100) of the slider: 1 … 1000."""
    return math.pow(10.0, _DECADES * position / 100)


def position_of(steps: float) -> int:
    return round(math.log10(min(max(steps, 1.0), 10**_DECADES)) / _DECADES * 100)


#: What training pictures judged anew are called, and what that is.
REMEASURED, JUDGED_ANEW = "Re-measured", "training pictures judged as validation pictures are"
#: The lines of the legend, and each in words.
_LINES = {
    Line.TRAINING: ("Training", "thin line of each step and smoothed line"),
    Line.VALIDATION: ("Validation", "line with circles at the ends of epochs"),
    Line.REMEASURED: (REMEASURED, f"{JUDGED_ANEW}, dashed line with squares"),
    Line.MEAN: ("Epoch mean", "diamonds at the middles of epochs"),
    Line.PENALTY: ("Penalty", "dotted line"),
}
#: Lines that every run has; the others are told of where there are any.
_USUAL = frozenset({Line.TRAINING, Line.VALIDATION})


class _Entry(QWidget):
    """One line of the legend: the line itself and its name."""

    def __init__(self, theme: Theme, line: Line) -> None:
        super().__init__()
        self._theme, self.line = theme, line
        self._name, words_for_it = _LINES[line]
        self._inks = Inks(theme)
        self._short = False
        self.setAccessibleName(f"{self._name}: {words_for_it}")
        self.setToolTip(f"{self._name}: {words_for_it}")
        if line not in _USUAL:
            self.hide()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._dress)

    def _dress(self) -> None:
        self._inks = Inks(self._theme)
        self.updateGeometry()
        self.update()

    def set_short(self, short: bool) -> None:  # noqa: FBT001 - reads like Qt's own setters
        """Only the line, without its name, which the tooltip says."""
        if short != self._short:
            self._short = short
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        metrics = self._inks.secondary_metrics
        if self._short:
            return QSize(_SAMPLE + 2, self._theme.px(24))
        return QSize(_SAMPLE + 8 + math.ceil(metrics.horizontalAdvance(self._name)), self._theme.px(24))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_sample(painter, self._inks, QRectF(0, 0, _SAMPLE, self.height()), self.line)
        painter.setFont(self._inks.secondary_strong)
        painter.setPen(self._inks.text)
        if self._short:
            painter.end()
            return
        painter.drawText(QRectF(_SAMPLE + 7, 0, self.width(), self.height()), Qt.AlignmentFlag.AlignVCenter, self._name)
        painter.end()


class Legend(QWidget):
    """Legend and controls in one row."""

    #: Another smoothing was chosen (a Smoothing).
    smoothing_changed = Signal(object)
    #: "linear" or "log" was chosen.
    scale_chosen = Signal(str)
    #: "epoch", "step" or "time" was chosen.
    axis_chosen = Signal(str)
    #: The menu of what is shown is wanted.
    more_asked = Signal()
    #: The picture is to be written to a file.
    export_asked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._kind = Kind.EXPONENTIAL
        self.slider = Slider(theme)
        self.slider.setObjectName("smoothingSlider")
        self.slider.setAccessibleName("Smoothing of the training curve")
        self.slider.setRange(0, 100)
        self.slider.setPageStep(10)
        self._label = Text(theme, "Smoothing", "secondary", "text2")
        self._value = Text(theme, "", "secondary", "text")
        self.scale = Segments(theme, [("linear", "Linear"), ("log", "Log")])
        self.scale.setObjectName("scaleSegments")
        self.scale.setAccessibleName("Scale of the loss")
        self.axis = Segments(theme, [(axis.value, axis.value.capitalize()) for axis in Axis])
        self.axis.setObjectName("axisSegments")
        self.axis.setAccessibleName("Along x")
        self.more = Button(theme, "", "settings", "flat", height=26)
        self.more.setObjectName("curvesViewButton")
        self.more.setAccessibleName("What the curves show")
        self.more.setToolTip("Metric, strips, smoothing, clipping of outliers, what if")
        self.export = Button(theme, "", "export", "flat", height=26)
        self.export.setObjectName("exportCurvesButton")
        self.export.setAccessibleName("Export the curves")
        self.export.setToolTip("Export the curves as PNG or SVG")
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        self._entries = tuple(_Entry(theme, line) for line in _LINES)
        self._lines = _USUAL
        for entry in self._entries:
            row.addWidget(entry)
        row.addStretch(1)
        for widget in (self._label, self.slider, self._value, self.scale, self.axis, self.more, self.export):
            row.addWidget(widget)
        row.setSpacing(8)
        self.setMinimumWidth(theme.px(480))  # narrower than all of it: then words are left out
        self._connect()
        self._dress()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Leave out what does not fit: words first, then the slider; every line keeps its sample."""
        spacing = self._row.spacing()
        wanted = [entry for entry in self._entries if entry.line in self._lines]
        unusual = [entry for entry in wanted if entry.line not in _USUAL]
        for entry in wanted:
            entry.set_short(False)
        left_out = (self._label, self._value, self.slider)
        needed = sum(
            self._width(each) + spacing
            for each in (*wanted, *left_out, self.scale, self.axis, self.more, self.export)
        )  # fmt: skip
        self._label.setVisible(needed <= self.width())
        needed -= 0 if needed <= self.width() else self._width(self._label) + spacing
        needed = self._shorten(unusual, needed)
        for widget in (self._value, self.slider):
            widget.setVisible(needed <= self.width())
            needed -= 0 if needed <= self.width() else self._width(widget) + spacing
        self._shorten(wanted, needed)

    def _shorten(self, entries: list[_Entry], needed: int) -> int:
        """Leave out names from the right until the rest fits; how much room is needed then."""
        for entry in reversed(entries):
            if needed > self.width():
                before = self._width(entry)
                entry.set_short(True)
                needed -= before - self._width(entry)
        return needed

    def _width(self, widget: QWidget) -> int:
        return max(widget.sizeHint().width() if widget is not self.slider else 0, widget.minimumWidth())

    def _connect(self) -> None:
        self.slider.valueChanged.connect(self._slid)
        self.scale.chosen.connect(self.scale_chosen)
        self.axis.chosen.connect(self.axis_chosen)
        self.more.clicked.connect(self.more_asked)
        self.export.clicked.connect(self.export_asked)
        self._theme.changed.connect(self._dress)

    def _dress(self) -> None:
        self.slider.setFixedSize(self._theme.px(84), self._theme.px(24))
        self._value.setMinimumWidth(self._theme.px(34))
        self._say_value()
        self._fit()

    def _say_value(self) -> None:
        smoothing = self.smoothing
        if smoothing.kind is Kind.WINDOW:
            self._value.say(words.count(smoothing.window))
            return
        beta = smoothing.beta
        self._value.say(f"{beta:.3f}" if beta > 0.9905 else f"{beta:.2f}")  # noqa: PLR2004 - two decimals would round to 1

    @property
    def smoothing(self) -> Smoothing:
        """What the slider says."""
        return Smoothing(self._kind, steps_of(self.slider.value()))

    def show_lines(self, lines: frozenset[Line]) -> None:
        """Which lines the run has beside the usual ones."""
        if self._lines != lines | _USUAL:
            self._lines = lines | _USUAL
            for entry in self._entries:
                entry.setVisible(entry.line in self._lines)
            self._fit()

    def show_smoothing(self, smoothing: Smoothing) -> None:
        """Show a smoothing without saying that it was chosen."""
        self._kind = smoothing.kind
        with QSignalBlocker(self.slider):
            self.slider.setValue(position_of(smoothing.steps))
        self._say_value()

    def show_kind(self, kind: Kind) -> None:
        """Show the way of smoothing without saying that it was chosen."""
        self._kind = kind
        self._say_value()

    def _slid(self, _position: int) -> None:
        self._say_value()
        self.smoothing_changed.emit(self.smoothing)
