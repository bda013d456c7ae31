"""The top of the lab's settings: which preset, Save, Save as…, Revert. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from workbench.gui import words
from workbench.gui.text import Elided, Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.picker import Picker
from workbench.spec.lab_presets import LabPreset


class LabHeader(QWidget):
    """See the module."""

    #: The person chose a preset (its name).
    preset_picked = Signal(str)
    #: The list of presets is about to open.
    list_opening = Signal()
    save_asked = Signal()
    save_as_asked = Signal()
    revert_asked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.note = Elided(theme, "Nothing here trains a network", "secondary", "text3")
        self.note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.picker = Picker(theme, self)
        self.picker.setObjectName("labPresetPicker")
        self.picker.setAccessibleName("Preset of the lab")
        self.save = Button(theme, "Save", "save")
        self.save.setObjectName("saveLabButton")
        self.save_as = Button(theme, "Save as…", "save-as")
        self.save_as.setObjectName("saveLabAsButton")
        self.revert = Button(theme, "Revert", "revert")
        self.revert.setObjectName("revertLabButton")
        top = QHBoxLayout()
        top.addWidget(Text(theme, "Descent lab", "strong"))
        top.addWidget(self.note, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for button in (self.save, self.save_as, self.revert):
            buttons.addWidget(button, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self.picker)
        column.addLayout(buttons)
        self.picker.opening.connect(self.list_opening)
        self.picker.value_edited.connect(self._picked)
        self.save.clicked.connect(self._save)
        self.save_as.clicked.connect(self._save_as)
        self.revert.clicked.connect(self._revert)
        theme.changed.connect(self._dress)
        self._dress()

    def show_presets(self, presets: Sequence[LabPreset], chosen: str) -> None:
        self.picker.clear()
        for preset in presets:
            self.picker.add(preset.name, preset.title, preset.about)
        self.picker.show_value(chosen)

    def show_state(self, changes: int, *, own: bool) -> None:
        """How many settings differ from the preset, and whether it is one of the person's own."""
        self.note.say(words.plural(changes, "change", "changes") if changes else "Nothing here trains a network")
        self.note.set_token("accent" if changes else "text3")
        self.save.setEnabled(changes > 0)
        self.save.setToolTip("" if own else "Shipped presets stay as they are; asks for a name of your own")
        self.revert.setEnabled(changes > 0)

    def set_narrow(self, narrow: bool) -> None:  # noqa: FBT001 - reads like Qt's setters
        for button in (self.save, self.save_as, self.revert):
            button.show_icon(not narrow)

    def _dress(self) -> None:
        self.picker.setFixedHeight(self._theme.px(32))

    def _picked(self, key: object) -> None:
        self.preset_picked.emit(str(key))

    def _save(self) -> None:
        self.save_asked.emit()

    def _save_as(self) -> None:
        self.save_as_asked.emit()

    def _revert(self) -> None:
        self.revert_asked.emit()
