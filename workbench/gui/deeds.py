"""What the window does when something is pressed: it asks where a question is due, then has it done.

Short methods, one a command. They hold no state; runs belong to the session and the recipe to its panel.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from workbench.errors import RecipeError
from workbench.events import State
from workbench.gui import announce, dialogs, verbs
from workbench.gui.file_manager import open_path
from workbench.gui.runs import facts
from workbench.gui.runs.upkeep import Upkeep
from workbench.gui.session import Session
from workbench.journal import Run
from workbench.spec import Recipe, presets
from workbench.spec.recipe import changed
from workbench.stopping import Rule

if TYPE_CHECKING:
    from workbench.gui.lab.panel import LabPanel
    from workbench.gui.recipe.panel import RecipePanel
    from workbench.gui.window import Window


class Deeds(QObject):
    """The commands of one window."""

    def __init__(self, window: Window, session: Session) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self.upkeep = Upkeep(window, session)

    def by_command(self) -> dict[str, Callable[..., object]]:
        """What each row of the table of commands does."""
        recipe, regions = self._window.recipe, self._window.regions
        return {
            "import_preset": recipe.choose_file, "choose_folder": self.choose_folder,
            "save": self.save, "save_as": self.save_as, "revert": self.revert,
            "open_workspace": self.open_workspace, "quit": self._window.close,
            "undo": self.undo, "redo": self.redo,
            "find_setting": self.find_setting, "filter_runs": self.filter_runs,
            "start": self.start, "stop": self.stop, "stop_now": self.stop_now, "discard": self.discard,
            "use_recipe": self.use_recipe, "rename": self.rename, "open_folder": self.open_folder, "delete": self.delete,
            "left_panel": regions.set_left, "run_table": regions.set_table, "right_panel": regions.set_right,
            "theme_system": self.theme_system, "theme_dark": self.theme_dark, "theme_light": self.theme_light,
            "show_curves": self.show_curves, "show_data": self.show_data, "show_model": self.show_model,
            "show_results": self.show_results, "show_compare": self.show_compare,
            "show_lab": self.show_lab,
            "next_region": self.next_region, "previous_region": self.previous_region,
            **self._window.steering.by_command(),
            **self._window.queue.by_command(),
            **self._window.comparison.by_command(),
            **self._window.probing.by_command(),
            **self._window.exporting.by_command(),
            **self._window.writing.by_command(),
            **self._window.jobs.by_command(),
            **self._window.tensorboards.by_command(),
            **self.upkeep.by_command(),
            "shortcuts": self.show_shortcuts, "summary": self.show_summary, "device": self.explain_device, "about": self.show_about,
        }  # fmt: skip

    # --- what stands at the left -----------------------------------------------------------------------------

    @property
    def _form(self) -> RecipePanel | LabPanel:
        """The form in view: the recipe, or the lab's settings."""
        window = self._window
        return window.lab_panel if window.left.shows_lab else window.recipe

    def save(self) -> None:
        self._form.save()

    def save_as(self) -> None:
        self._form.ask_save_as()

    def revert(self) -> None:
        self._form.revert()

    def undo(self) -> None:
        self._form.undo()

    def redo(self) -> None:
        self._form.redo()

    # --- starting and stopping ---------------------------------------------------------------------------

    def start(self) -> None:
        """Train the recipe of the form; with a problem in it, say which."""
        panel = self._window.recipe
        recipe = panel.recipe
        if recipe is None:
            self._window.status.say(f"Not started. {panel.explain_problems()}", "error", "err")
            announce.say(self._window, panel.explain_problems())
            self._open_left()
            panel.focus_problem()
            return
        self._session.start(recipe, panel.preset_name)

    def stop(self) -> None:
        self._session.stop()

    def stop_now(self) -> None:
        self._session.stop_now()

    def discard(self) -> None:
        """Stop the run at work and delete it, after asking."""
        run = self._session.at_work
        if run is not None:
            self.delete_run(run.id)

    # --- beginnings -------------------------------------------------------------------------------------------

    def begin_with(self, motif: str) -> None:
        """One of the cards of the first launch."""
        if motif == "folder":
            self.choose_folder()
            return
        name, recipe = self._preset_for(motif)
        if name:
            self._window.recipe.load_preset(name)
        else:
            self._window.recipe.set_recipe(recipe)
        self.start()

    def _preset_for(self, kind: str) -> tuple[str, Recipe]:
        """The first preset on these pictures; without one, the usual recipe on them."""
        found, _ = presets.available(self._session.workspace)
        for preset in found:
            if preset.recipe.data.kind == kind:
                return preset.name, preset.recipe
        return "", changed(Recipe(), "data.kind", kind)

    def choose_folder(self) -> None:
        """Ask for a folder of pictures and set the recipe to train on it."""
        chosen = QFileDialog.getExistingDirectory(self._window, "A folder with one folder of pictures for each class")
        if chosen:
            self.use_folder(chosen)

    def use_folder(self, path: str | Path) -> None:
        """Set the recipe to train on the pictures of a folder."""
        folder = str(path)
        panel = self._window.recipe
        name, recipe = self._preset_for("folder")
        if panel.recipe is not None and self._session.rows:
            # Somebody who has trained before keeps the rest of the recipe.
            name, recipe = panel.preset_name, panel.recipe
        try:
            recipe = changed(changed(recipe, "data.kind", "folder"), "data.path", folder)
        except RecipeError as error:
            dialogs.tell(self._window, "These pictures do not fit the recipe", str(error))
            return
        panel.set_recipe(recipe, name)
        self._window.status.say(
            f"Pictures will be read from {folder}. Press Start to train on them.", "folder", "text2"
        )

    def choose_setting(self, path: str, value: str) -> None:
        """The device chooser changes the recipe as the form does."""
        panel = self._window.recipe
        if panel.recipe is not None:
            panel.set_value(path, value)

    # --- the run in focus ------------------------------------------------------------------------------------------

    def _focused(self) -> Run | None:
        return self._session.run(self._session.focus)

    def use_recipe(self) -> None:
        if self._session.focus:
            self.use_recipe_of(self._session.focus)

    def use_recipe_of(self, key: str) -> None:
        """Fill the form with a run's recipe."""
        run = self._session.run(key)
        if run is None:
            return
        try:
            self._window.recipe.set_recipe(run.recipe, run.preset)
        except RecipeError as error:
            dialogs.tell(self._window, f"The recipe of {run.name} cannot be used", str(error))
            return
        self._window.status.say(f"The form has the recipe of {run.name}.")

    def use_rule(self, rule: Rule) -> None:
        """Put a rule of early stopping into the form's recipe."""
        panel = self._window.recipe
        recipe = panel.recipe
        if recipe is None:
            self._window.status.say(f"Not changed. {panel.explain_problems()}", "error", "err")
            return
        settings = {"on": True, "patience": rule.patience, "min_delta": rule.min_delta, "smoothing": rule.smoothing}
        for name, value in settings.items():
            recipe = changed(recipe, f"tricks.early_stopping.{name}", value)
        panel.set_recipe(recipe, panel.preset_name)  # at once: one step to undo
        self._window.status.say(
            f"The recipe stops early now: patience {rule.patience}, smallest gain {rule.min_delta:g}, smoothing {rule.smoothing:g}.",
            "early_stopped", "violet",
        )  # fmt: skip

    def _open_left(self) -> None:
        if not self._window.regions.panels.left:
            self._window.regions.set_left(True)

    def rename(self) -> None:
        if self._session.focus:
            if not self._window.regions.panels.table:
                self._window.regions.set_table(True)
            self._window.table.start_rename(self._session.focus)

    def open_folder(self) -> None:
        if self._session.focus:
            self.open_folder_of(self._session.focus)

    def open_folder_of(self, run: str) -> None:
        verbs.open_folder(self._session.journal, run)

    def open_workspace(self) -> None:
        open_path(str(self._session.workspace.home))

    def delete(self) -> None:
        if self._session.focus:
            self.delete_run(self._session.focus)

    def delete_run(self, key: str) -> None:
        """Put an ended run into the trash or discard a live one, after saying what goes."""
        self.upkeep.delete(key)

    def show_details(self) -> None:
        """The rest of a run's reason: the last lines of its log."""
        run = self._focused()
        if run is not None:
            text = f"{facts.reason(run)}\n\n{facts.reason_details(run)}".strip()
            dialogs.TextDialog(self._window.theme, f"{run.name}: what is known", text, self._window).open()

    def show_summary(self) -> None:
        """The curves in words, spoken and shown."""
        from workbench.curves.summary import summary_text  # noqa: PLC0415 - not before the first paint

        story = self._session.story
        if story is None:
            return
        text = summary_text(story.run, story.curves)
        announce.say(self._window, text)
        dialogs.TextDialog(self._window.theme, f"Summary of {story.run.name}", text, self._window).open()

    # --- the window itself --------------------------------------------------------------------------------------------

    def find_setting(self) -> None:
        if self._window.left.shows_lab:
            self.show_curves()
        self._open_left()
        self._window.recipe.focus_find()

    def filter_runs(self) -> None:
        self._window.table.focus_filter()

    def turn_right(self) -> None:
        self._window.regions.set_right(not self._window.regions.right_open)

    def theme_system(self) -> None:
        self._window.set_theme("system")

    def theme_dark(self) -> None:
        self._window.set_theme("dark")

    def theme_light(self) -> None:
        self._window.set_theme("light")

    def show_curves(self) -> None:
        self._window.tabs.show_tab("curves")

    def show_data(self) -> None:
        self._window.tabs.show_tab("data")

    def show_model(self) -> None:
        self._window.tabs.show_tab("model")

    def show_results(self) -> None:
        self._window.tabs.show_tab("results")

    def show_compare(self) -> None:
        self._window.tabs.show_tab("compare")

    def show_lab(self) -> None:
        self._window.tabs.show_tab("lab")

    def next_region(self) -> None:
        self._go(1)

    def previous_region(self) -> None:
        self._go(-1)

    def _go(self, step: int) -> None:
        """Move the focus to the first control of the next region."""
        regions: list[QWidget] = [self._window.toolbar, *self._window.regions.regions()]
        now = QApplication.focusWidget()
        here = next(
            (
                place
                for place, region in enumerate(regions)
                if now is not None and (region is now or region.isAncestorOf(now))
            ),
            -1,
        )
        for away in range(1, len(regions) + 1):
            target = _first_stop(regions[(here + step * away) % len(regions)])
            if target is not None:
                target.setFocus(Qt.FocusReason.TabFocusReason)
                return

    def show_shortcuts(self) -> None:
        dialogs.ShortcutSheet(self._window.theme, self._window).open()

    def explain_device(self) -> None:
        machine = self._window.machine
        if machine is not None:
            dialogs.tell(self._window, "What this machine offers", machine.explanation)

    def show_about(self) -> None:
        dialogs.about(self._window, str(self._session.workspace.home))

    def may_close(self) -> bool:
        """Ask what becomes of the training, if one is at work."""
        runs = [run for run in self._session.unended if run.state is not State.STOPPING]
        if not runs:
            return True
        machine = self._window.machine
        match dialogs.how_to_leave(self._window, runs[0].name, machine.logout if machine else ""):
            case "keep":
                return True
            case "stop":
                for run in runs:
                    self._session.stop(run)
                return True
            case "cancel":
                return False


def _first_stop(region: QWidget) -> QWidget | None:
    """The first control of a region that takes the focus by Tab."""
    if region.focusPolicy() & Qt.FocusPolicy.TabFocus and region.isVisible() and not region.findChildren(QWidget):
        return region
    for child in region.findChildren(QWidget):
        if child.isVisible() and child.isEnabled() and child.focusPolicy() & Qt.FocusPolicy.TabFocus:
            return child
    return None
