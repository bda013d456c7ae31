"""How the descent lab is to be given out: the kind of figure, its size, ground and text, with a preview. It asks; it draws nothing."""

from __future__ import annotations

import functools
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QImage, QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from workbench.errors import ExportError
from workbench.export.lab.drawing import sized
from workbench.export.wish import CM_PER_INCH, LIMITS, PRESETS, Wish
from workbench.gui import words
from workbench.gui.curves.export_preview import Preview
from workbench.gui.steering_dialogs import AskDialog
from workbench.gui.theme import Theme
from workbench.gui.widgets.number_field import NumberField, NumberKind
from workbench.gui.widgets.picker import Picker

#: A change is drawn once no other has followed for so many milliseconds.
PAUSE = 300
_KINDS = (
    ("png", "Picture (PNG)", "Pixels: for slides and web pages."),
    ("svg", "Drawing (SVG)", "Text stays text and can be edited."),
    ("pdf", "Drawing (PDF)", "With its fonts: looks the same everywhere, for LaTeX and print."),
)
_CHOICES: dict[str, tuple[tuple[str, str], ...]] = {
    "Show": (("screen", "As on screen"), ("everything", "Everything")),
    "Ground": (("light", "Light"), ("dark", "Dark")),
    "Font": (("sans", "Sans serif"), ("serif", "Serif")),
}
_NUMBERS = {"width_cm": "Width", "height_cm": "Height", "dpi": "Resolution", "points": "Text size"}
_FIRST: dict[str, float] = {"width_cm": 17.5, "height_cm": 9.0, "dpi": 300.0, "points": 8.0}
_OWN = "own"
_TEXT = "The figure carries the lab's settings: dropped on the window, it fills the lab with them."


class LabExportDialog(AskDialog):
    """See the module."""

    #: It is to be drawn for the preview.
    preview_wanted = Signal()
    #: It is to be written there (a Path).
    place_chosen = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, "Export the descent lab", _TEXT, "Save…", parent)
        self.setObjectName("labExportDialog")
        self.kind, self.sizes = Picker(theme), Picker(theme)
        for key, label, tip in _KINDS:
            self.kind.add(key, label, tip)
        for preset in PRESETS:
            self.sizes.add(preset.title, preset.title)
        self.sizes.add(_OWN, "Own size")
        self.choices = {name: Picker(theme) for name in _CHOICES}
        for name, picker in self.choices.items():
            for key, label in _CHOICES[name]:
                picker.add(key, label)
        self.numbers = {name: _number(theme, name) for name in _NUMBERS}
        self._unread: set[str] = set()
        self.preview = Preview(theme)
        self._timer = QTimer(self, singleShot=True, interval=PAUSE)
        self._timer.setObjectName("labExportClock")
        self._arrange()
        self._connect()
        for picker in (self.kind, *self.choices.values()):
            picker.setCurrentIndex(0)
        self.sizes.show_value(_OWN)
        self._show_rows()

    def _arrange(self) -> None:
        """The fields at the left, the preview beside them."""
        theme, column = self._theme, self.layout()
        assert isinstance(column, QVBoxLayout)
        numbers, choices = self.numbers, self.choices
        for label, field, name in (
            ("Kind", self.kind, "Kind"), ("Show", choices["Show"], "Show"), ("Ground", choices["Ground"], "Ground"),
            ("Size", self.sizes, "Size"), ("Width", numbers["width_cm"], "Width"), ("Height", numbers["height_cm"], "Height"),
            ("Resolution", numbers["dpi"], "Dpi"), ("Font", choices["Font"], "Font"), ("Text size", numbers["points"], "Points"),
        ):  # fmt: skip
            self.add_field(label, field, f"labExport{name}")
        place = column.indexOf(self.fields)
        column.takeAt(place)
        narrow = QWidget()
        narrow.setFixedWidth(theme.px(300))
        left = QVBoxLayout(narrow)
        left.setContentsMargins(0, 0, 0, 0)
        left.addLayout(self.fields)
        left.addWidget(self.problem)
        left.addStretch(1)
        sides = QHBoxLayout()
        sides.setSpacing(16)
        sides.addWidget(narrow)
        sides.addWidget(self.preview, 1)
        column.insertLayout(place, sides, 1)
        self.resize(theme.px(960), theme.px(540))

    def _connect(self) -> None:
        self.kind.value_edited.connect(self._turn)
        self.sizes.value_edited.connect(self._take_preset)
        for picker in self.choices.values():
            picker.value_edited.connect(self._later)
        for name, field in self.numbers.items():
            field.value_edited.connect(functools.partial(self._read, name))
            field.unreadable.connect(functools.partial(self._misread, name))
        self._timer.timeout.connect(self._want_preview)
        self.agreed.connect(self.ask_path)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.preview.say("Drawing…")
        self._timer.start(0)

    # --- what is asked for ------------------------------------------------------------------------------------

    @property
    def kind_key(self) -> str:
        return str(self.kind.currentData())

    @property
    def dark(self) -> bool:
        return bool(self.choices["Ground"].currentData() == "dark")

    @property
    def everything(self) -> bool:
        return bool(self.choices["Show"].currentData() == "everything")

    def wish(self) -> Wish:
        """The size and text that are asked for. Raises ExportError with what is wrong."""
        size: dict[str, Any] = {name: self._value(name) for name in _NUMBERS}
        if self.kind_key != "png":
            size["dpi"] = _FIRST["dpi"]
        wish = sized(**size, family=str(self.choices["Font"].currentData()))
        wish.check()
        if self.kind_key == "png":
            wish.check_pixels()
        return wish

    def small_wish(self) -> Wish:
        """The same at the resolution at which it just fits into the preview. Raises ExportError."""
        wish, (wide, high) = self.wish(), self.preview.pixels
        dpi = min(wide / wish.width_cm, high / wish.height_cm) * CM_PER_INCH
        return replace(wish, dpi=max(50.0, min(wish.dpi, dpi)))

    def _value(self, name: str) -> float:
        value = self.numbers[name].value
        return math.nan if name in self._unread or value is None else float(value)

    def _turn(self) -> None:
        self._show_rows()
        self._later()

    def _show_rows(self) -> None:
        """Only pixels have a resolution."""
        field = self.numbers["dpi"]
        line = self.fields.getItemPosition(self.fields.indexOf(field))[0]  # type: ignore[index] # PySide says object
        label = self.fields.itemAtPosition(line, 0)
        for each in (field, label.widget() if label is not None else None):
            if each is not None:
                each.setVisible(self.kind_key == "png")

    def _take_preset(self, title: object) -> None:
        for preset in PRESETS:
            if preset.title == title:
                for name in ("width_cm", "height_cm", "points"):
                    self._unread.discard(name)
                    self.numbers[name].show_value(getattr(preset, name))
        self._later()

    def _read(self, name: str, _value: object) -> None:
        self._unread.discard(name)
        if name.endswith("_cm"):
            self.sizes.show_value(_OWN)
        self._later()

    def _misread(self, name: str, _text: str) -> None:
        self._unread.add(name)
        self._later()

    # --- the preview ------------------------------------------------------------------------------------------

    def _later(self) -> None:
        self.refuse("")
        self.yes.setEnabled(True)
        self._timer.start(PAUSE)

    def _want_preview(self) -> None:
        if self.checked() is not None:
            self.preview_wanted.emit()

    def checked(self) -> Wish | None:
        """What is asked for; None where it cannot be, which is said."""
        try:
            return self.wish()
        except ExportError as error:
            self.show_failure(str(error))
            return None

    def show_failure(self, sentence: str) -> None:
        self.refuse(sentence)
        self.preview.clear()
        self.yes.setEnabled(False)

    def show_drawn(self, picture: bytes) -> None:
        """The preview has been drawn (a PNG)."""
        wish = self.checked()
        if wish is None:
            return
        note = f"{words.decimals(wish.width_cm, 1)} × {words.decimals(wish.height_cm, 1)} cm"
        if self.kind_key == "png":
            wide, high = wish.pixels
            note = f"{note}, {words.count(wide)} × {words.count(high)} pixels"
        self.preview.show_image(QImage.fromData(picture), note)

    # --- giving it --------------------------------------------------------------------------------------------

    def ask_path(self) -> None:
        """Ask for the file to write."""
        if self.checked() is None:
            return
        ending = self.kind_key
        asking = QFileDialog(self, "Export the descent lab", "", f"{self.kind.currentText()} (*.{ending})")
        asking.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        asking.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        asking.setDefaultSuffix(ending)  # so that overwriting is asked about under the name that is written
        asking.selectFile(f"descent lab.{ending}")
        asking.fileSelected.connect(lambda path: self.place_chosen.emit(Path(path)))
        asking.open()


def _number(theme: Theme, name: str) -> NumberField:
    limit = LIMITS[name]
    field = NumberField(theme, NumberKind(unit=limit.unit, lowest=limit.lowest, highest=limit.highest))
    field.show_value(_FIRST[name])
    return field
