"""Has the engine look into pictures: what the network goes by in those of the gallery, and what a layer makes of one.

Each look is a question to a process of its own, which takes seconds; what is no longer shown when its answer comes is dropped.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from workbench.gui.probes import Inquiry
from workbench.paths import Workspace
from workbench.spec import Recipe

if TYPE_CHECKING:
    from workbench.gui.results.layers_dialog import LayersDialog
    from workbench.gui.window import Window

#: Has an inquiry ask about what is shown; False where nothing can be asked.
Ask = Callable[..., bool]


class InsideDesk(QObject):
    """One look at a time."""

    def __init__(self, window: Window, workspace: Workspace, ask: Ask) -> None:
        super().__init__(window)
        self._window, self._page, self._ask_of = window, window.results, ask
        self._inquiry = Inquiry(workspace, "inside", self)
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        #: the pictures that maps are wanted for; none while a layer is looked at
        self._places: list[int] = []
        #: the picture whose layers are looked at, with its class
        self._one: tuple[int, int] = (0, 0)
        self._dialog: LayersDialog | None = None
        self._page.cams_asked.connect(self._want_cams)
        self._page.cams_dropped.connect(self._drop_cams)
        self._page.layers_asked.connect(self._want_layers)
        self._inquiry.answered.connect(self._take)
        self._inquiry.failed.connect(self._tell_problem)

    def drop(self) -> None:
        """What is shown is another: no answer is wanted any more."""
        self._inquiry.cancel()
        if self._dialog is not None:
            self._dialog.leave()

    def close(self) -> None:
        """End what is at work, and take away its files."""
        self._inquiry.close()
        if self._folder is not None:
            self._folder.cleanup()

    def _want_cams(self, places: list[int], classes: list[int]) -> None:
        self._places = places
        self._ask(places, classes)

    def _drop_cams(self) -> None:
        if self._places and self._inquiry.running:
            self._inquiry.cancel()
            self._window.status.say("What the network goes by is not looked for any more.", "eye", "text2")

    def _want_layers(self, place: int, number: int) -> None:
        from workbench.gui.results.layers_dialog import LayersDialog  # noqa: PLC0415 - made when it is wanted

        if self._places and self._inquiry.running and self._page.classes is not None:
            self._page.classes.lay_over({})  # one look at a time: the maps will not come
        self._places, self._one = [], (place, number)
        if self._dialog is None:
            self._dialog = LayersDialog(self._window.theme, self._window)
            self._dialog.layer_chosen.connect(self._want_layer)
        self._dialog.wait()
        self._dialog.open()
        self._want_layer("")

    def _want_layer(self, layer: str) -> None:
        place, number = self._one
        self._ask([place], [number], layer)

    def _ask(self, places: list[int], classes: list[int], layer: str = "") -> None:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="workbench-looks-")
        to = Path(self._folder.name) / "looks.npz"
        self._window.status.say("Looking at what the network goes by …", "eye", "text2")
        self._ask_of(self._inquiry, rows=places, classes=classes, layer=layer, to=str(to))

    def _take(self, _recipe: Recipe, answer: dict[str, Any]) -> None:
        import numpy as np  # noqa: PLC0415 - not before the first paint

        with np.load(answer["file"], allow_pickle=False) as file:
            arrays = dict(file.items())
        if not self._places:
            if self._dialog is not None:
                self._dialog.show_layer(answer["layer"], answer["layers"], int(answer["maps"]), arrays)
            return
        view = self._page.classes
        if view is not None and [each.place for each in view.gallery.shown] == self._places:
            view.lay_over(dict(zip(self._places, arrays["cams"], strict=True)))
            told = f"Grad-CAM at the layer {answer['layer']}: orange where the class that was said is seen."
            self._window.status.say(told, "eye", "text2")

    def _tell_problem(self, sentence: str) -> None:
        if self._places and self._page.classes is not None:
            self._page.classes.lay_over({})
        elif self._dialog is not None:
            self._dialog.tell(sentence)
        self._window.status.say(sentence, "error", "err")
