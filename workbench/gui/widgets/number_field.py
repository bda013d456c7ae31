"""A field for one number: accepts 1e-3 and 0.001, steps with the arrows, shows its unit inside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QResizeEvent, QValidator, QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QSizePolicy, QWidget

from workbench.gui import words
from workbench.gui.theme import Theme
from workbench.gui.widgets.numbers import read_number, stepped

Number = int | float


@dataclass(frozen=True)
class NumberKind:
    """What a field has to know of its number."""

    whole: bool = False
    log: bool = False
    optional: bool = False
    unit: str = ""
    lowest: float | None = None
    highest: float | None = None
    empty: str = ""

    @property
    def span(self) -> float | None:
        """The width of a bounded range, for the size of a step."""
        bounded = self.lowest is not None and self.highest is not None and self.highest - self.lowest <= 1
        return self.highest - self.lowest if bounded and self.highest is not None and self.lowest is not None else None

    def text(self, value: Number | None) -> str:
        return "" if value is None else words.number(value, scientific=self.log and not self.whole)


class NumberField(QAbstractSpinBox):
    """One number, perhaps none."""

    #: The person wrote or stepped to another value (int, float or None when left empty).
    value_edited = Signal(object)
    #: The person wrote something that is no number (the text).
    unreadable = Signal(str)

    def __init__(self, theme: Theme, kind: NumberKind, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._kind = theme, kind
        self._value: Number | None = None
        self._accepts: Callable[[Number], bool] = lambda _value: True
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.lineEdit().setPlaceholderText(kind.empty)
        self.lineEdit().textEdited.connect(self._typed)
        self.lineEdit().installEventFilter(self)
        self.lineEdit().setAcceptDrops(False)  # a file is for the window
        self.editingFinished.connect(self._tidy)

    @property
    def value(self) -> Number | None:
        return self._value

    def set_check(self, accepts: Callable[[Number], bool]) -> None:
        """The arrows skip values that `accepts` refuses."""
        self._accepts = accepts

    def show_value(self, value: Number | None, text: str | None = None) -> None:
        """Show a value (or a text that is none) without saying so. What is being typed stays as typed."""
        self._value = value
        if text is not None:
            if self.lineEdit().text() != text:
                self.lineEdit().setText(text)
        elif not (self.lineEdit().hasFocus() and self._read() == value and self.lineEdit().isModified()):
            self._write()

    # --- reading and writing the text ---------------------------------------------------------------

    def _read(self) -> Number | None:
        return read_number(self.lineEdit().text(), whole=self._kind.whole, unit=self._kind.unit)

    def _write(self) -> None:
        text = self._kind.text(self._value)
        if self._value is not None and self._kind.unit:
            full = f"{text} {words.unit(self._value, self._kind.unit)}"
            room = self.lineEdit().width() - 4
            if self.fontMetrics().horizontalAdvance(full) <= room:
                text = full
        if self.lineEdit().text() != text:
            self.lineEdit().setText(text)

    def _typed(self, text: str) -> None:
        value = self._read()
        if value is None and not (self._kind.optional and not text.strip()):
            self.unreadable.emit(text)
            return
        if value != self._value or type(value) is not type(self._value):
            self._value = value
        self.value_edited.emit(value)

    def _tidy(self) -> None:
        text = self.lineEdit().text()
        if self._read() is not None or (self._kind.optional and not text.strip()):
            self.lineEdit().setModified(False)
            self._write()

    # --- what QAbstractSpinBox asks -----------------------------------------------------------------

    def validate(self, text: str, pos: int) -> tuple[QValidator.State, str, int]:
        # Everything may be typed: what is wrong is said in a sentence under the row, never swallowed.
        return QValidator.State.Acceptable, text, pos

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        return QAbstractSpinBox.StepEnabledFlag.StepUpEnabled | QAbstractSpinBox.StepEnabledFlag.StepDownEnabled

    def stepBy(self, steps: int) -> None:
        kind = self._kind
        start = self._value if self._value is not None else kind.lowest if kind.lowest is not None else 1
        large = abs(steps) > 1 and kind.log
        count = (3 if steps > 0 else -3) if large else steps
        value = stepped(start, count, whole=kind.whole, log=kind.log, span=kind.span)
        one = 1 if steps > 0 else -1
        for _ in range(32):
            if kind.lowest is not None and value < kind.lowest:
                value = int(kind.lowest) if kind.whole else kind.lowest
            if kind.highest is not None and value > kind.highest:
                value = int(kind.highest) if kind.whole else kind.highest
            if self._accepts(value):
                break
            after = stepped(value, one, whole=kind.whole, log=kind.log, span=kind.span)
            if after == value:
                return
            value = after
        if value != self._value and self._accepts(value):
            self._value = value
            self._write()
            self.selectAll()
            self.value_edited.emit(value)

    # --- events ---------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Undo and redo belong to the recipe, not to the letters of one field.
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            for key in (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo):
                if event.matches(key):
                    event.ignore()
                    return True
        return super().eventFilter(watched, event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        # Scrolling the form must not turn numbers under the pointer.
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in {Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason}:
            self.selectAll()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self.lineEdit().isModified() and self._read() == self._value:
            self._write()
