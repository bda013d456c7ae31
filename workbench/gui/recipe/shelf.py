"""The presets on the shelf: list, find, save under a name, rename, delete, import; no Qt, asks nobody.

Shipped presets are never written: saving one makes a copy under another file name.
"""

from __future__ import annotations

from pathlib import Path

from workbench.errors import WorkspaceError
from workbench.paths import Workspace
from workbench.spec import presets
from workbench.spec.presets import Preset, Unreadable
from workbench.spec.recipe import Recipe


class Shelf:
    """The shipped and the person's own presets, as they were when last looked at."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.presets: list[Preset] = []
        self.broken: list[Unreadable] = []
        self.look()

    def look(self) -> None:
        """Read the folders again."""
        self.presets, self.broken = presets.available(self._workspace)

    def get(self, name: str) -> Preset | None:
        return next((each for each in self.presets if each.name == name), None)

    def default(self) -> Preset:
        """The default preset; if even that is missing, the declared defaults."""
        return self.presets[0] if self.presets else Preset("", "Defaults", Recipe(), shipped=True)

    def own_of_title(self, title: str) -> Preset | None:
        """The person's own preset that would be replaced by saving under this title."""
        found = self.get(presets.slug(title))
        return found if found is not None and not found.shipped else None

    def save(self, name: str, recipe: Recipe) -> Preset:
        """Save over one of the person's own presets. Raises WorkspaceError for a shipped one."""
        old = self.get(name)
        if old is None or old.shipped:
            raise WorkspaceError("Shipped presets stay as they are. Save a copy under another name instead.")
        return self._saved(Preset(old.name, old.title, recipe, old.about))

    def save_as(self, title: str, recipe: Recipe) -> Preset:
        """Save under a title; one of the person's own of the same name is replaced, a shipped one never hidden."""
        title = " ".join(title.split())
        if not title:
            raise WorkspaceError("A preset needs a name. Type one.")
        return self._saved(Preset(self._free(presets.slug(title), own_too=False), title, recipe))

    def rename(self, name: str, title: str) -> Preset:
        """Give one of the person's own presets another title."""
        old, title = self.get(name), " ".join(title.split())
        if old is None or old.shipped:
            raise WorkspaceError("Only presets of your own can be renamed.")
        if not title:
            raise WorkspaceError("A preset needs a name. Type one.")
        other = self.own_of_title(title)
        if other is not None and other.name != name:
            raise WorkspaceError(f"There is a preset called {other.title} already. Choose another name.")
        found = self.get(presets.slug(title))
        if found is not None and found.shipped:
            raise WorkspaceError(f"There is a shipped preset called {found.title}. Choose another name.")
        renamed = presets.rename(old, title, self._workspace)
        self.look()
        return renamed

    def delete(self, name: str) -> None:
        """Delete one of the person's own presets."""
        old = self.get(name)
        if old is not None:
            presets.delete(old)
        self.look()

    def import_file(self, path: Path) -> Preset:
        """Copy a preset file to the person's own, under a name that is free. Raises RecipeError with every problem."""
        preset = presets.load(path)
        name = self._free(presets.slug(path.stem), own_too=True)
        return self._saved(Preset(name, preset.title, preset.recipe, preset.about))

    def _saved(self, preset: Preset) -> Preset:
        saved = presets.save(preset, self._workspace)
        self.look()
        return saved

    def _free(self, name: str, *, own_too: bool) -> str:
        """The name, or with a number behind it when it is taken."""
        taken = {each.name for each in self.presets if own_too or each.shipped}
        taken |= {each.path.stem for each in self.broken}
        if name not in taken:
            return name
        number = 2
        while f"{name}-{number}" in taken:
            number += 1
        return f"{name}-{number}"
