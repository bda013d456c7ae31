"""The top of the form: which preset, what changed, and what can be done with it. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from workbench.gui import words
from workbench.gui.text import Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button, FlatButton
from workbench.gui.widgets.dot import ChangedDot
from workbench.gui.widgets.find_field import FindField
from workbench.gui.widgets.picker import Picker
from workbench.spec.presets import Preset, Unreadable


class Header(QWidget):
    """Preset picker, Save, Save as…, Revert, a menu, and the find field."""

    #: The person chose a preset (its name).
    preset_picked = Signal(str)
    #: The person chose a preset file that cannot be read (its place in the list of unreadable ones).
    unreadable_picked = Signal(int)
    #: The list of presets is about to open.
    list_opening = Signal()
    #: The person asked for one of these.
    save_asked = Signal()
    save_as_asked = Signal()
    revert_asked = Signal()
    rename_asked = Signal()
    delete_asked = Signal()
    import_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.title = Text(theme, "Recipe", "strong")
        self._dot = ChangedDot(theme, self)
        self._changes = Text(theme, "Saved", "secondary", "text3", weight=500)
        self._changes.setObjectName("presetChanges")
        self._more = FlatButton(theme, icon="more", height=24)
        self._more.setObjectName("presetMenuButton")
        self._more.setAccessibleName("More for this preset")
        self._more.setToolTip("Rename, delete, import…")
        self.picker = Picker(theme, self)
        self.picker.setObjectName("presetPicker")
        self.picker.setAccessibleName("Preset")
        self.save = Button(theme, "Save", "save")
        self.save.setObjectName("savePresetButton")
        self.save_as = Button(theme, "Save as…", "save-as")
        self.save_as.setObjectName("savePresetAsButton")
        self.revert = Button(theme, "Revert", "revert")
        self.revert.setObjectName("revertPresetButton")
        self.find_field = FindField(theme, "Find a setting", self)
        self.find_field.setObjectName("findSetting")
        self._own = False
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(self.title)
        top.addStretch(1)
        for part in (self._dot, self._changes, self._more):
            top.addWidget(part)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for button in (self.save, self.save_as, self.revert):
            buttons.addWidget(button, 1)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self.picker)
        column.addLayout(buttons)
        column.addWidget(self.find_field)
        self._dress()

    def _connect(self) -> None:
        self.picker.opening.connect(self.list_opening)
        self.picker.value_edited.connect(self._picked)
        self.save.clicked.connect(self._save)
        self.save_as.clicked.connect(self._save_as)
        self.revert.clicked.connect(self._revert)
        self._more.clicked.connect(self._open_menu)
        self._theme.changed.connect(self._dress)

    def _dress(self) -> None:
        self.picker.setFixedHeight(self._theme.px(32))
        self.find_field.setFixedHeight(self._theme.px(28))
        self._column.invalidate()
        self.updateGeometry()

    def _save(self) -> None:
        self.save_asked.emit()

    def _save_as(self) -> None:
        self.save_as_asked.emit()

    def _revert(self) -> None:
        self.revert_asked.emit()

    def _picked(self, key: object) -> None:
        if isinstance(key, int):
            self.unreadable_picked.emit(key)
        else:
            self.preset_picked.emit(str(key))

    # --- showing -----------------------------------------------------------------------------------------

    def show_presets(self, presets: Sequence[Preset], broken: Sequence[Unreadable], chosen: str) -> None:
        """The list in groups: shipped, own, unreadable."""
        self.picker.clear()
        groups = (
            ("Shipped", [each for each in presets if each.shipped]),
            ("Your own", [each for each in presets if not each.shipped]),
        )
        for heading, members in groups:
            if members:
                self._heading(heading)
            for preset in members:
                self.picker.add(preset.name, preset.title, preset.about)
        if broken:
            self._heading("Cannot be read")
        for place, unreadable in enumerate(broken):
            self.picker.addItem(self._theme.icon("warning", "warn"), unreadable.path.name, place)
        self.picker.show_value(chosen)

    def _heading(self, text: str) -> None:
        self.picker.addItem(text)
        model = self.picker.model()
        assert isinstance(model, QStandardItemModel)
        item: QStandardItem = model.item(self.picker.count() - 1)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setFont(self._theme.font("caption", 600))

    def show_state(self, changes: int, *, own: bool) -> None:
        """How many settings differ from the preset, and whether it is one of the person's own."""
        self._own = own
        self._dot.setVisible(changes > 0)
        self._changes.say(words.plural(changes, "change", "changes") if changes else "Saved")
        self._changes.set_token("accent" if changes else "text3")
        self.save.setEnabled(changes > 0)
        self.save.setToolTip("" if own else "Shipped presets stay as they are; asks for a name of your own")
        self.revert.setEnabled(changes > 0)

    def set_narrow(self, narrow: bool) -> None:  # noqa: FBT001 - reads like Qt's setters
        """Below 300 px the icons go."""
        for button in (self.save, self.save_as, self.revert):
            button.show_icon(not narrow)

    # --- the menu -------------------------------------------------------------------------------------------

    def menu(self) -> QMenu:
        menu = QMenu(self)
        rename = menu.addAction(self._theme.icon("rename"), "Rename preset…", self._rename)
        delete = menu.addAction(self._theme.icon("delete"), "Delete preset…", self._delete)
        menu.addSeparator()
        menu.addAction(self._theme.icon("import"), "Import a preset…", self._import)
        for action in (rename, delete):
            action.setEnabled(self._own)
            action.setToolTip("" if self._own else "Shipped presets stay as they are")
        return menu

    def _open_menu(self) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self._more.mapToGlobal(QPoint(0, self._more.height())))

    def _rename(self) -> None:
        self.rename_asked.emit()

    def _delete(self) -> None:
        self.delete_asked.emit()

    def _import(self) -> None:
        self.import_asked.emit()
