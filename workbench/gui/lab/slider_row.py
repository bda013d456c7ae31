"""A number of the lab as a slider with a field beside it; places that mean something are marked on the slider."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from workbench.descent.theory import Mark
from workbench.gui.recipe import saying
from workbench.gui.recipe.editors import make_editor
from workbench.gui.recipe.rows import ProblemLine, RowHead
from workbench.gui.theme import Theme
from workbench.gui.widgets.number_field import NumberField
from workbench.gui.widgets.slider import Slider
from workbench.spec.base import Setting, Value

#: Places of the slider from one end to the other.
_FINE = 1000
_KNOB = 7.0
_FIELD = 74
#: A shorter slider beside its name cannot be slid.
_LEAST_SLIDER = 40


class Scale:
    """What a slider's places stand for."""

    def __init__(self, low: float, high: float, *, log: bool, whole: bool) -> None:
        self.low, self.high, self._log, self._whole = low, high, log and low > 0, whole

    def place(self, value: float) -> float:
        """From 0 to 1; values past the ends stand at them."""
        value = min(max(value, self.low), self.high)
        if self._log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def value(self, place: float) -> float | int:
        """The value at a place, as round as the slider's fineness allows."""
        exact = self.low * (self.high / self.low) ** place if self._log else self.low + place * (self.high - self.low)
        if self._whole:
            return round(exact)
        near = abs(exact) / 100 if self._log else (self.high - self.low) / 200
        digits = max(0, -math.floor(math.log10(near))) if near > 0 else 6
        return min(max(round(exact, digits), self.low), self.high)


class MarkedSlider(Slider):
    """A slider with ticks and names under it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._marks: tuple[tuple[float, str], ...] = ()
        self.setRange(0, _FINE)
        self.setPageStep(_FINE // 10)
        self.setSingleStep(_FINE // 100)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._dress()
        theme.changed.connect(self._dress)

    def set_marks(self, marks: Sequence[tuple[float, str]]) -> None:
        """Places from 0 to 1 and their names."""
        if tuple(marks) != self._marks:
            self._marks = tuple(marks)
            self._dress()
            self.update()

    def _dress(self) -> None:
        self.setFixedHeight(self._theme.px(40 if self._marks else 24))

    def sizeHint(self) -> QSize:
        return QSize(80, self._theme.px(24))

    def minimumSizeHint(self) -> QSize:
        return QSize(48, self._theme.px(24))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._marks:
            return
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font("caption"))
        metrics, middle = painter.fontMetrics(), self.height() / 2
        end = -1e9
        for place, name in self._marks:
            x = _KNOB + place * (self.width() - 2 * _KNOB)
            painter.setPen(QPen(theme.colour("text2"), 1.4))
            painter.drawLine(QPointF(x, middle + 5), QPointF(x, middle + 9))
            width = metrics.horizontalAdvance(name)
            left = min(max(x - width / 2, 0.0), self.width() - width)
            if left < end + 4:
                continue  # the tick stays; its name is told under the slider
            end = left + width
            painter.setPen(theme.colour("text3"))
            painter.drawText(
                QRectF(left, middle + 8, width + 2, self.height() / 2 - 6), Qt.AlignmentFlag.AlignCenter, name
            )
        painter.end()


class SliderRow(QWidget):
    """A setting as a slider and a field."""

    #: The person gave another value (path, value).
    edited = Signal(str, object)
    #: The person wrote something that is no value (path, text).
    unreadable = Signal(str, str)

    def __init__(
        self,
        theme: Theme,
        declared: Setting,
        section: str,
        ends: tuple[float, float] | None = None,
        *,
        small: bool = False,
        stacked: bool = False,
    ) -> None:
        """`ends` of the slider; the declared limits if None. The field takes whatever is allowed.

        `small` is for a number of a method; `stacked` puts the slider under its name, where its marks have room.
        """
        super().__init__()
        self._theme, self.declared, self.path = theme, declared, declared.path
        self._value: float | None = None
        low, high = ends or (declared.lowest or 0.0, declared.highest or 1.0)
        self._scale = self._scaled(low, high)
        help_text = saying.setting_help(declared)
        self.head = RowHead(theme, declared.label, help_text, small=small, parent=self)
        field = make_editor(theme, declared, self)
        assert isinstance(field, NumberField)
        self.field = field
        self.field.setObjectName(declared.path)
        name = ", ".join(part for part in (section, declared.label, declared.unit) if part)
        self.field.setAccessibleName(name)
        self.field.setAccessibleDescription(help_text.plain)
        self.slider = MarkedSlider(theme)
        self.slider.setObjectName(f"{declared.path}.slider")
        self.slider.setAccessibleName(name)
        self.problem = ProblemLine(theme, self)
        self._always_stacked = stacked
        self._stacked: bool | None = None
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 4, 0)
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(0, 3)
        self._grid.addWidget(self.head, 0, 0)
        self._grid.addWidget(self.field, 0, 2)
        self._grid.addWidget(self.problem, 2, 0, 1, 3)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.slider.valueChanged.connect(self._slid)
        self.field.value_edited.connect(self._edited)
        self.field.unreadable.connect(self._unreadable)
        theme.changed.connect(self._dress)
        self._dress()

    def _scaled(self, low: float, high: float) -> Scale:
        return Scale(low, high, log=self.declared.scale == "log", whole=self.declared.kind == "whole")

    def set_ends(self, low: float, high: float, *, log: bool) -> None:
        """Other ends of the slider, on a scale of equal factors or of equal differences."""
        self._scale = Scale(low, high, log=log, whole=self.declared.kind == "whole")
        self._place()

    def set_marks(self, marks: Sequence[Mark]) -> None:
        """Values that mean something; those past the ends are left out."""
        low, high = self._scale.low, self._scale.high
        self.slider.set_marks([(self._scale.place(mark.at), mark.name) for mark in marks if low <= mark.at <= high])

    def show_value(self, value: Value, text: str | None = None) -> None:
        """Show a value, or a text that is none."""
        number = value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
        self._value = number
        self.field.show_value(number, text)
        self._place()

    def _place(self) -> None:
        if self._value is not None and not self.slider.isSliderDown():
            with QSignalBlocker(self.slider):
                self.slider.setValue(round(self._scale.place(self._value) * _FINE))

    def set_changed(self, saved: str | None) -> None:
        self.head.dot.set_changed(saved)
        self._put_slider()  # the dot takes room from the slider

    def set_problem(self, sentence: str) -> None:
        if sentence != self.problem.text:
            self.problem.say(sentence)
            self.field.setProperty("bad", bool(sentence))
            self.field.style().unpolish(self.field)
            self.field.style().polish(self.field)

    def _slid(self, place: int) -> None:
        self.edited.emit(self.path, self._scale.value(place / _FINE))

    def _edited(self, value: object) -> None:
        self.edited.emit(self.path, value)

    def _unreadable(self, text: str) -> None:
        self.unreadable.emit(self.path, text)

    def minimumSizeHint(self) -> QSize:
        # Any width will do: a slider that has no room beside its name stands under it.
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._put_slider()

    def _put_slider(self) -> None:
        """Beside its name, or under it."""
        room = self.width() - self.head.sizeHint().width() - self.field.width() - 16
        stacked = self._always_stacked or room < _LEAST_SLIDER
        if stacked == self._stacked:
            return
        self._stacked = stacked
        self._grid.removeWidget(self.slider)
        self._grid.setColumnStretch(1, 0 if stacked else 4)
        if stacked:
            self._grid.addWidget(self.slider, 1, 0, 1, 3)
        else:
            self._grid.addWidget(self.slider, 0, 1)

    def _dress(self) -> None:
        self.field.setFixedSize(self._theme.px(_FIELD), self._theme.px(28))
        self._put_slider()
