"""The device chooser: which device and backend the recipe asks for, and what this machine offers.

Its choices are settings of the recipe; it changes none itself, it says which was chosen.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from workbench.gui.machine import Machine
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import FlatButton
from workbench.spec import Recipe
from workbench.spec.recipe import class_settings

BUTTON = 34


class DeviceChooser(FlatButton):
    """A button that names the device and opens the choices."""

    #: A device or backend was chosen (the setting's path, its value).
    setting_chosen = Signal(str, str)
    #: The person wants to know why the GPU is not used.
    why_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Device", "device", height=BUTTON)
        if parent is not None:
            self.setParent(parent)
        self.setObjectName("deviceButton")
        self._recipe: Recipe | None = None
        self._machine: Machine | None = None
        self._choices = QMenu(self)
        self._choices.aboutToShow.connect(self._fill)
        self.setMenu(self._choices)
        self._show()

    def show_recipe(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._show()

    def show_machine(self, machine: Machine) -> None:
        self._machine = machine
        self._show()

    def _show(self) -> None:
        device = self._recipe.training.device if self._recipe else "auto"
        gpu = self._machine.gpu if self._machine and self._machine.usable else ""
        text = {"cpu": "CPU", "gpu": gpu or "GPU", "auto": gpu or "CPU"}[device]
        self.setText(text)
        self.setAccessibleName(f"Device: {text}")
        why = self._machine.why_not if self._machine else ""
        self.setToolTip(why or "Which device and backend train this recipe")
        self.updateGeometry()

    def _fill(self) -> None:
        menu = self._choices
        menu.clear()
        if self._recipe is None:
            menu.addAction("The recipe has a problem").setEnabled(False)
            return
        for path, heading in (("training.device", "Device"), ("training.backend", "Backend")):
            menu.addSeparator()
            menu.addAction(heading).setEnabled(False)
            self._add_choices(menu, path)
        if self._machine is not None and self._machine.why_not:
            menu.addSeparator()
            menu.addAction("Why is the GPU not used?", self.why_asked.emit)

    def _add_choices(self, menu: QMenu, path: str) -> None:
        assert self._recipe is not None
        name = path.rsplit(".", 1)[1]
        now = getattr(self._recipe.training, name)
        setting = next(each for each in class_settings("training") if each.path == path)
        group = QActionGroup(menu)
        for choice in setting.choices:
            reason = self._machine.reason_against(name, choice.value) if self._machine else ""
            action = menu.addAction(f"{choice.label} – {reason}" if reason else choice.label)
            action.setCheckable(True)
            action.setChecked(choice.value == now)
            action.setEnabled(not reason)
            action.setData((path, choice.value))
            group.addAction(action)
        group.triggered.connect(self._choose)

    def _choose(self, action: QAction) -> None:
        path, value = action.data()
        self.setting_chosen.emit(path, value)
