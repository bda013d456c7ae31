"""The control for each kind of setting, found by the kind; all show a value and say when it was edited."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from workbench.gui.theme import Theme
from workbench.gui.widgets.number_field import NumberField, NumberKind
from workbench.gui.widgets.path_field import PathField
from workbench.gui.widgets.picker import Picker
from workbench.gui.widgets.switch import Switch
from workbench.spec.base import Kind, Setting


class TextField(QLineEdit):
    """A line of text."""

    #: The person wrote another text.
    value_edited = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(False)  # a file is for the window
        self.textEdited.connect(self._typed)

    def _typed(self, text: str) -> None:
        self.value_edited.emit(text)

    def show_value(self, text: object) -> None:
        if self.text() != str(text or ""):
            self.setText(str(text or ""))


Editor: TypeAlias = NumberField | Picker | PathField | Switch | TextField


def _number(theme: Theme, declared: Setting, parent: QWidget) -> Editor:
    kind = NumberKind(
        whole=declared.kind == "whole",
        log=declared.scale == "log",
        optional=declared.optional,
        unit=declared.unit,
        lowest=declared.lowest if declared.lowest is not None else declared.above,
        highest=declared.highest if declared.highest is not None else declared.below,
        empty="not set",
    )
    return NumberField(theme, kind, parent)


def _choice(theme: Theme, declared: Setting, parent: QWidget) -> Editor:
    picker = Picker(theme, parent)
    for choice in declared.choices:
        picker.add(choice.value, choice.label, choice.meaning)
    return picker


def _switch(theme: Theme, _declared: Setting, parent: QWidget) -> Editor:
    return Switch(theme, parent)


def _text(_theme: Theme, _declared: Setting, parent: QWidget) -> Editor:
    return TextField(parent)


def _folder(theme: Theme, _declared: Setting, parent: QWidget) -> Editor:
    return PathField(theme, "folder", parent)


def _file(theme: Theme, _declared: Setting, parent: QWidget) -> Editor:
    return PathField(theme, "file", parent)


EDITORS: dict[Kind, Callable[[Theme, Setting, QWidget], Editor]] = {
    "whole": _number, "real": _number, "choice": _choice, "switch": _switch, "text": _text, "folder": _folder, "file": _file,
}  # fmt: skip


def make_editor(theme: Theme, declared: Setting, parent: QWidget) -> Editor:
    return EDITORS[declared.kind](theme, declared, parent)
