"""Takes what is dropped on the window: has it looked at in a process of its own, then does what it can be used for.

Files come from anywhere. What cannot be used is told with its reason; names are shown as plain text.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from workbench.errors import RecipeError, WorkbenchError
from workbench.gui import announce, dialogs, words
from workbench.gui.job_desk import can_import
from workbench.gui.look_thread import Fitting, LookThread
from workbench.plain import is_plain, plain
from workbench.spec import Recipe, lab_presets, presets
from workbench.spec.recipe import changed

if TYPE_CHECKING:
    from workbench.gui.window import Window
    from workbench.strangers.found import Found

_LONGEST = 60


class Arrivals(QObject):
    """What arrives at one window, one thing at a time."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._thread: LookThread | None = None
        #: what it has seen, once it has
        self._seen: tuple[Found, Fitting | None] | None = None
        #: what was dropped while something else was looked at; the newest counts
        self._next: Path | None = None
        self._closed = False

    @property
    def looking(self) -> bool:
        """Whether something is being looked at."""
        return self._thread is not None

    def take(self, paths: Sequence[str]) -> None:
        """What was dropped."""
        if len(paths) == 1:
            self._look(Path(paths[0]))
        elif paths:
            self._window.status.say("Drop one file or one folder at a time.", "info", "text2")

    def close(self) -> None:
        """Wait until the look is over, which is soon."""
        self._closed, self._next = True, None
        if self._thread is not None:
            self._thread.wait()

    def _look(self, path: Path) -> None:
        if self._thread is not None:
            self._next = path
            return
        self._window.status.say(f"Looking at {_name(path)} …", "info", "text2")
        self._thread = thread = LookThread(path, self._window.recipe.recipe, self)
        thread.looked.connect(self._note_look)
        thread.finished.connect(self._end_look)
        thread.start()

    def _note_look(self, found: Found, fitting: Fitting | None) -> None:
        self._seen = found, fitting

    def _end_look(self) -> None:
        """However it has ended, the next thing can be looked at."""
        thread = self._thread
        assert thread is not None, "it has just ended"
        thread.wait()
        thread.deleteLater()
        self._thread, following, self._next = None, self._next, None
        seen, self._seen = self._seen, None
        if self._closed:
            return
        if following is not None:
            self._look(following)
        elif seen is not None:
            self._use(thread.path, *seen)
        else:
            self._window.status.say(f"{_name(thread.path)} could not be looked at.", "error", "err")

    # --- what it can be used for -----------------------------------------------------------------------------

    def _use(self, path: Path, found: Found, fitting: Fitting | None) -> None:
        from workbench.strangers.found import Use  # noqa: PLC0415 - the thread that looked has it already

        name, uses = _name(path), set(found.uses)
        if uses - {Use.PRESET, Use.RECIPE, Use.LAB, Use.PICTURE} and not is_plain(str(path)):
            # A recipe names its files in text.
            self._refuse(
                name, "Its name, or that of its folder, holds characters that cannot be shown. Give it another name."
            )
        elif {Use.RECIPE, Use.WEIGHTS} <= uses and (fitting is None or fitting.layers):
            self._ask_which(path, found, fitting)
        elif Use.RECIPE in uses:
            self._fill_form(name, found.recipe)
        elif Use.LAB in uses:
            self._fill_lab(path, found.lab)
        elif Use.WEIGHTS in uses:
            self._ask_for_start(path, found, fitting)
        elif uses:
            {
                Use.PRESET: self._window.recipe.import_file, Use.DATA_SET: self._train_on, Use.FOLDER: self._take_folder,
                Use.PICTURE: self._try_picture,
            }[uses.pop()](path)  # fmt: skip
        else:
            self._refuse(name, found.sentence)

    def _ask_which(self, path: Path, found: Found, fitting: Fitting | None) -> None:
        match dialogs.recipe_or_weights(self._window, _name(path), _about(found, fitting)):
            case "recipe":
                self._fill_form(_name(path), found.recipe)
            case "weights":
                self._start_from(path)
            case "cancel":
                pass

    def _take_folder(self, path: Path) -> None:
        if can_import(path):
            self._window.jobs.bring(path)
        else:
            self._window.deeds.use_folder(path)

    def _refuse(self, name: str, sentence: str) -> None:
        self._window.status.say(f"{name} is not used.", "info", "text2")
        dialogs.tell(self._window, f"{name} is not used", sentence)

    def _fill_form(self, name: str, text: str) -> None:
        try:
            recipe = presets.loads(text).recipe
            self._window.recipe.set_recipe(recipe)
        except RecipeError as error:
            dialogs.tell(self._window, "The recipe in this file cannot be used", str(error))
            return
        sentence = f"The form has the recipe that {name} carries."
        self._window.status.say(sentence)
        announce.say(self._window, sentence)

    def take_lab(self, path: Path) -> None:
        """A preset of the descent lab that was given where recipes are taken."""
        try:
            self._fill_lab(path, presets.read_file(path))
        except WorkbenchError as error:
            dialogs.tell(self._window, f"{_name(path)} is not used", str(error))

    def _fill_lab(self, path: Path, text: str) -> None:
        window, name = self._window, _name(path)
        if not hasattr(window, "lab_panel"):
            window.status.say(f"The descent lab is still being set up. Drop {name} again in a moment.", "info", "text2")
            return
        try:
            preset = lab_presets.loads(text)
        except RecipeError as error:
            dialogs.tell(window, "The lab's settings in this file cannot be used", str(error))
            return
        window.lab_panel.set_lab(preset.lab)
        window.tabs.show_tab("lab")
        sentence = f"The descent lab has the settings of {name}. Undo brings back what was there."
        window.status.say(sentence)
        announce.say(window, sentence)

    def _ask_for_start(self, path: Path, found: Found, fitting: Fitting | None) -> None:
        if fitting is not None and not fitting.layers:
            self._refuse(_name(path), _about(found, fitting))
        elif dialogs.may_start_from(self._window, _name(path), _about(found, fitting)):
            self._start_from(path)

    def _start_from(self, path: Path) -> None:
        self._change(
            {"initializer.file": str(path), "initializer.start": "file"},
            f"The next run starts from the weights of {_name(path)}.",
        )

    def _train_on(self, path: Path) -> None:
        self._change(
            {"data.kind": "npz", "data.path": str(path)},
            f"Pictures will be read from {_name(path)}. Press Start to train on them.",
        )

    def _change(self, settings: dict[str, str], sentence: str) -> None:
        """Change settings of the form's recipe in one step."""
        panel = self._window.recipe
        recipe: Recipe | None = panel.recipe
        if recipe is None:
            self._window.status.say(f"Not changed. {panel.explain_problems()}", "error", "err")
            return
        try:
            for setting, value in settings.items():
                recipe = changed(recipe, setting, value)
        except RecipeError as error:
            dialogs.tell(self._window, "This does not fit the recipe", str(error))
            return
        panel.set_recipe(recipe, panel.preset_name)
        self._window.status.say(sentence)

    def _try_picture(self, path: Path) -> None:
        if self._window.session.focus and hasattr(self._window, "judging"):
            self._window.judging.trying.open_with([str(path)])
            return
        self._refuse(
            _name(path),
            "It is a picture, and a run can be asked what it sees in it: choose a run in the table, then drop it again. "
            "To train on pictures, drop a folder with one folder of pictures for each class.",
        )


def _name(path: Path) -> str:
    return plain(path.name, _LONGEST)


def _about(found: Found, fitting: Fitting | None) -> str:
    """What it is, and how well it fits."""
    if fitting is None:
        return f"{found.sentence}\n\nHow many layers of your network fit is told when the run starts."
    layers = words.plural(fitting.of, "layer", "layers")
    if not fitting.layers:
        return f"{found.sentence}\n\nNone of the {layers} with weights of the recipe's network has the shapes of one in it."
    rest = "" if fitting.layers == fitting.of else " The others start as the recipe says."
    return f"{found.sentence}\n\n{fitting.layers} of the {layers} with weights of the recipe's network fit.{rest}"
