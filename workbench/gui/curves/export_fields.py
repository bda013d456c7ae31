"""The fields of the export dialog: kind, size, text, what of the curves. They know no run and draw nothing."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from workbench.export.switches import SWITCHES
from workbench.export.switches import Switch as Declared
from workbench.export.table import Rows
from workbench.export.wish import LIMITS, PRESETS, Family, Wish
from workbench.gui import words
from workbench.gui.steering_dialogs import AskDialog
from workbench.gui.theme import Theme
from workbench.gui.widgets.number_field import NumberField, NumberKind
from workbench.gui.widgets.picker import Picker
from workbench.gui.widgets.switch import Switch

FIGURES = ("png", "svg", "pdf")
#: What a row of each kind of table is.
ROWS: dict[str, Rows] = {"epochs": "epochs", "steps": "steps"}
_KINDS = (
    ("png", "Picture (PNG)", "Pixels: for slides and web pages."),
    ("svg", "Drawing (SVG)", "Text stays text and can be edited."),
    ("pdf", "Drawing (PDF)", "With its fonts: looks the same everywhere, for LaTeX and print."),
    ("epochs", "Table of epochs (CSV)", "One row an epoch, with every metric."),
    ("steps", "Table of steps (CSV)", "One row a step."),
)
_OWN = "own"
_SIZES = ("width_cm", "height_cm")
_FAMILIES: tuple[tuple[Family, str], ...] = (("sans", "Sans serif"), ("serif", "Serif"))


class ExportFields(QObject):
    """What a person can choose, as a Wish."""

    changed = Signal()

    def __init__(self, theme: Theme, wish: Wish) -> None:
        super().__init__()
        self.kind = Picker(theme)
        for key, label, tip in _KINDS:
            self.kind.add(key, label, tip)
        self.part = Picker(theme)
        self.part.add("screen", "As on screen", "The axis, scale and range that are shown now.")
        self.part.add("everything", "Everything", "From the first step to the last.")
        self.size = Picker(theme)
        for preset in PRESETS:
            self.size.add(preset.title, preset.title)
        self.size.add(_OWN, "Own size")
        self.family = Picker(theme)
        for family, label in _FAMILIES:
            self.family.add(family, label)
        #: of the run in focus; where runs are compared there is none
        declared = SWITCHES if wish.first is None else {}
        self.switches = {name: _switch(theme, each, on=getattr(wish, name)) for name, each in declared.items()}
        self.numbers = {name: _number(theme, name, getattr(wish, name)) for name in LIMITS}
        #: numbers whose text is none
        self._unread: set[str] = set()
        self._labels: dict[QWidget, QWidget | None] = {}
        self.kind.setCurrentIndex(0)
        self.part.setCurrentIndex(0)
        self.size.show_value(_OWN)
        self.family.show_value(wish.family)
        self._connect()

    def _connect(self) -> None:
        self.kind.value_edited.connect(self._turn)
        self.size.value_edited.connect(self._take_preset)
        for picker in (self.part, self.family):
            picker.value_edited.connect(self.changed)
        for switch in self.switches.values():
            switch.value_edited.connect(self.changed)
        for name, field in self.numbers.items():
            field.value_edited.connect(functools.partial(self._read, name))
            field.unreadable.connect(functools.partial(self._misread, name))

    def lay_out(self, dialog: AskDialog) -> None:
        """Put the fields into a dialog, in the order in which they are read."""
        numbers = self.numbers
        for label, field, name in (
            ("Kind", self.kind, "exportKind"), ("Show", self.part, "exportPart"), ("Size", self.size, "exportSize"),
            ("Width", numbers["width_cm"], "exportWidth"), ("Height", numbers["height_cm"], "exportHeight"),
            ("Resolution", numbers["dpi"], "exportDpi"), ("Font", self.family, "exportFont"),
            ("Text size", numbers["points"], "exportPoints"),
            *((SWITCHES[key].title, switch, f"export{key.title()}") for key, switch in self.switches.items()),
        ):  # fmt: skip
            line = dialog.fields.rowCount()
            dialog.add_field(label, field, name)
            item = dialog.fields.itemAtPosition(line, 0)
            self._labels[field] = item.widget() if item is not None else None
        self._show_rows()

    @property
    def fields(self) -> list[QWidget]:
        """In the order in which they are read."""
        return list(self._labels)

    @property
    def kind_key(self) -> str:
        return str(self.kind.currentData())

    def wish(self, screen: Wish) -> Wish:
        """The Wish of the screen with what was chosen. An unreadable number becomes NaN, which the Wish refuses."""
        family = next(key for key, _ in _FAMILIES if key == self.family.currentData())
        width, height, dpi, points = (self._value(name) for name in ("width_cm", "height_cm", "dpi", "points"))
        if self.kind_key != "png":
            dpi = screen.dpi  # which is not asked for: a copy to the clipboard has it
        on: dict[str, Any] = {name: switch.isChecked() for name, switch in self.switches.items()}
        chosen = replace(screen, width_cm=width, height_cm=height, dpi=dpi, points=points, family=family, **on)
        return chosen if self.part.currentData() == "screen" else replace(chosen, x=None, y=None)

    @staticmethod
    def size_words(wish: Wish, kind: str) -> str:
        """The size in a line under the preview."""
        size = f"{words.decimals(wish.width_cm, 1)} × {words.decimals(wish.height_cm, 1)} cm"
        if kind != "png":
            return size
        width, height = wish.pixels
        return f"{size}, {words.count(width)} × {words.count(height)} pixels"

    def _turn(self) -> None:
        self._show_rows()
        self.changed.emit()

    def _show_rows(self) -> None:
        """Only what the kind has is asked for."""
        for field in (self.size, self.family, *self.numbers.values(), *self.switches.values()):
            asked = self.kind_key == "png" or (self.kind_key in FIGURES and field is not self.numbers["dpi"])
            for widget in (field, self._labels[field]):
                if widget is not None:
                    widget.setVisible(asked)

    def _take_preset(self, title: object) -> None:
        for preset in PRESETS:
            if preset.title == title:
                for name in (*_SIZES, "points"):
                    self._unread.discard(name)
                    self.numbers[name].show_value(getattr(preset, name))
        self.changed.emit()

    def _read(self, name: str, _value: object) -> None:
        self._unread.discard(name)
        if name in _SIZES:
            self.size.show_value(_OWN)
        self.changed.emit()

    def _misread(self, name: str, _text: str) -> None:
        self._unread.add(name)
        self.changed.emit()

    def _value(self, name: str) -> float:
        value = self.numbers[name].value
        return float("nan") if name in self._unread or value is None else float(value)


def _number(theme: Theme, name: str, value: float) -> NumberField:
    limit = LIMITS[name]
    field = NumberField(theme, NumberKind(unit=limit.unit, lowest=limit.lowest, highest=limit.highest))
    field.show_value(value)
    return field


def _switch(theme: Theme, declared: Declared, *, on: bool) -> Switch:
    switch = Switch(theme)
    switch.show_value(on)
    switch.setToolTip(declared.help)
    switch.setAccessibleDescription(declared.help)
    return switch
