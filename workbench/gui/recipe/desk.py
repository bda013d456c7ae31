"""What a person does with presets: pick, save, rename, delete, import. It asks, then lets the shelf do it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog, QWidget

from workbench.errors import Problem, RecipeError, WorkbenchError, WorkspaceError
from workbench.gui.recipe.asking import AskDialog
from workbench.gui.recipe.edits import Edits, Saved
from workbench.gui.recipe.header import Header
from workbench.gui.recipe.problems_card import ProblemsCard
from workbench.gui.recipe.shelf import Shelf
from workbench.gui.theme import Theme
from workbench.spec.lab_presets import is_lab_file
from workbench.spec.presets import Preset


class PresetDesk(QObject):
    """The presets of the form."""

    #: The form's values, or what they are compared with, are others now.
    changed = Signal()
    #: A preset was chosen, saved or imported (its name).
    preset_chosen = Signal(str)
    #: A recipe was not saved because something in it is wrong.
    refused = Signal()
    #: A preset of the descent lab was given, which is no recipe (its path).
    lab_given = Signal(object)
    #: Something worth a line in the status bar (the sentence).
    status = Signal(str)

    def __init__(
        self, theme: Theme, shelf: Shelf, edits: Edits, *, header: Header, card: ProblemsCard, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setObjectName("presetDesk")
        self._theme, self._shelf, self._edits, self._header, self._card = theme, shelf, edits, header, card
        self._window = parent
        header.preset_picked.connect(self.pick)
        header.unreadable_picked.connect(self._show_unreadable)
        header.list_opening.connect(self._look_again)
        header.save_asked.connect(self.save)
        header.save_as_asked.connect(self.ask_save_as)
        header.revert_asked.connect(self.revert)
        header.rename_asked.connect(self.ask_rename)
        header.delete_asked.connect(self.ask_delete)
        header.import_asked.connect(self.choose_file)
        self._list()

    def preset(self, name: str) -> Preset | None:
        return self._shelf.get(name)

    @property
    def own(self) -> Preset | None:
        """The preset of the form, if it is one of the person's own."""
        preset = self._shelf.get(self._edits.saved.name)
        return preset if preset is not None and not preset.shipped else None

    # --- verbs -------------------------------------------------------------------------------------------

    def pick(self, name: str) -> None:
        """Fill the form with a preset. Undo brings back what was there."""
        preset = self._shelf.get(name)
        if preset is None:
            self._look_again()
            self.status.emit(f"There is no preset {name} any more.")
            return
        self._use(preset)

    def save(self) -> None:
        """Save over the person's own preset; a shipped one is kept, so that asks for a name."""
        if self.own is None:
            self.ask_save_as()
            return
        if self._edits.recipe is None:
            self.refused.emit()
            return
        try:
            self._stored(self._shelf.save(self.own.name, self._edits.recipe))
        except WorkbenchError as error:
            self.status.emit(str(error))

    def save_as(self, title: str) -> None:
        """Save under a title."""
        if self._edits.recipe is None:
            self.refused.emit()
            return
        try:
            self._stored(self._shelf.save_as(title, self._edits.recipe))
        except WorkbenchError as error:
            self.status.emit(str(error))

    def revert(self) -> None:
        """The saved values again. Undo brings the edits back."""
        if self._edits.revert():
            self.changed.emit()
            self.status.emit("Reverted to the saved preset")

    def rename(self, title: str) -> None:
        """Give the person's own preset another title."""
        if self.own is None:
            return
        try:
            renamed = self._shelf.rename(self.own.name, title)
        except WorkbenchError as error:
            self.status.emit(str(error))
            return
        self._compare_with(renamed)
        self.status.emit(f"Renamed to {renamed.title}")

    def delete(self) -> None:
        """Delete the person's own preset; the form keeps its values and is compared with the default."""
        if self.own is None:
            return
        title = self.own.title
        try:
            self._shelf.delete(self.own.name)
        except WorkbenchError as error:
            self.status.emit(str(error))
            return
        self._compare_with(self._shelf.get(self._edits.saved.name) or self._shelf.default())
        self.status.emit(f"Deleted the preset {title}")

    def import_file(self, path: Path) -> None:
        """Take a preset file over as one of the person's own; if it is bad, say everything that is wrong with it."""
        if is_lab_file(path):
            self.lab_given.emit(path)
            return
        try:
            preset = self._shelf.import_file(path)
        except RecipeError as error:
            self._show_bad(path, error.problems)
        except WorkspaceError as error:
            self._show_bad(path, (Problem("", str(error)),))
        else:
            self._use(preset)
            self.status.emit(f"Imported {path.name} as {preset.title}")

    # --- questions ---------------------------------------------------------------------------------------

    def ask_save_as(self) -> None:
        if self._edits.recipe is None:
            self.refused.emit()
            return
        old = self._shelf.get(self._edits.saved.name)
        proposed = "My recipe" if old is None else f"{old.title}, mine" if old.shipped else old.title
        dialog = AskDialog(self._theme, "Save the recipe as a preset", "", "Save", name=proposed, parent=self._window)
        dialog.set_remark(self._remark)
        dialog.answered.connect(self.save_as)
        dialog.open()

    def _remark(self, title: str) -> str:
        other = self._shelf.own_of_title(title) if title.strip() else None
        return f"Your preset {other.title} will be replaced." if other else ""

    def ask_rename(self) -> None:
        if self.own is not None:
            dialog = AskDialog(self._theme, "Rename the preset", "", "Rename", name=self.own.title, parent=self._window)
            dialog.answered.connect(self.rename)
            dialog.open()

    def ask_delete(self) -> None:
        if self.own is not None:
            title = f"Delete the preset {self.own.title}?"
            sentence = "Its file will be deleted. Runs keep their recipes, and the form stays as it is."
            dialog = AskDialog(self._theme, title, sentence, "Delete", name=None, parent=self._window)
            dialog.answered.connect(self._delete_agreed)
            dialog.open()

    def _delete_agreed(self, _nothing: str) -> None:
        self.delete()

    def choose_file(self) -> None:
        """Ask for a preset file and import it."""
        kinds = "Presets (*.toml);;All files (*)"
        path, _ = QFileDialog.getOpenFileName(self._window, "Import a preset", str(Path.home()), kinds)
        if path:
            self.import_file(Path(path))

    # --- inside ------------------------------------------------------------------------------------------

    def _use(self, preset: Preset) -> None:
        self._card.hide()
        self._list(preset.name)
        self._edits.replace(preset.recipe, Saved(preset.name, preset.recipe))
        self.changed.emit()
        self.preset_chosen.emit(preset.name)

    def _stored(self, preset: Preset) -> None:
        self._compare_with(preset)
        self.preset_chosen.emit(preset.name)
        self.status.emit(f"Saved the preset {preset.title}")

    def _compare_with(self, preset: Preset) -> None:
        self._edits.mark_saved(Saved(preset.name, preset.recipe))
        self._list()
        self.changed.emit()

    def _show_bad(self, path: Path, problems: tuple[Problem, ...]) -> None:
        self._card.show_problems(path.name, problems)
        self.status.emit(f"{path.name} was not imported")

    def _show_unreadable(self, place: int) -> None:
        broken = self._shelf.broken[place]
        self._card.show_problems(broken.path.name, broken.problems)
        self._list()

    def _look_again(self) -> None:
        """Another window or a person may have put files there."""
        self._shelf.look()
        self._list()

    def _list(self, chosen: str = "") -> None:
        self._header.show_presets(self._shelf.presets, self._shelf.broken, chosen or self._edits.saved.name)


def dropped_preset(event: QDropEvent) -> Path | None:
    """The one preset file that is dragged, if it is one."""
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    return paths[0] if len(paths) == 1 and paths[0].suffix.lower() == ".toml" else None
