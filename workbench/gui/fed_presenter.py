"""Keeps the strip of the Data tab true: asks what the network is fed, again whenever a setting that decides it has changed.

What failed is asked for once more when somebody wants it or opens the tab again, but not after an edit that decides nothing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer

from workbench.gui.answer_folders import AnswerFolders
from workbench.gui.data.fed import Fed
from workbench.gui.probes import Inquiry
from workbench.spec.recipe import Recipe

if TYPE_CHECKING:
    from workbench.gui.window import Window

TAB = "data"
#: After the last change, a moment before an engine is started for it.
PATIENCE_MS = 700
#: Draws of one picture.
DRAWS = 8


class FedPresenter(QObject):
    """The strip's side of one window. It asks only while the tab is in view and the pictures have been looked through."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._strip = window.data.fed
        self._inquiry = Inquiry(window.workspace, "fed", self)
        self._folders = AnswerFolders("fed")
        self._asked = ""
        self._epoch = 1
        self._soon = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._soon.setObjectName("fedClock")
        self._soon.timeout.connect(self.ask)
        window.tabs.turned.connect(self._turned)
        window.recipe.recipe_changed.connect(self._soon.start)
        window.data.shown_changed.connect(self._forget)
        window.data.found_shown.connect(self._soon.start)
        window.data.gallery.current_changed.connect(self._soon.start)
        self._strip.again_asked.connect(self._draw_again)
        self._inquiry.answered.connect(self._answered)
        self._inquiry.failed.connect(self._failed)

    def close(self) -> None:
        """Give up what was asked, and take away its files."""
        self._soon.stop()
        self._inquiry.close()
        self._folders.close()

    def ask(self) -> None:
        """Ask, if what decides the answer is other than the last time."""
        recipe, shown = self._window.recipe.recipe, self._window.data.shown
        if recipe is None or shown is None or not shown.findings or self._window.tabs.name != TAB:
            return
        row = shown.training_row(self._window.data.gallery.current)
        asked = f"{_deciding(recipe)} {row} {self._epoch}"
        if asked == self._asked:
            return
        self._asked = asked
        try:
            to = self._folders.new()
        except OSError as error:
            self._failed(f"There is no room for pictures: {error}.")
            return
        more = {} if row is None else {"row": row}
        self._strip.show_waiting("Asking an engine…")
        self._inquiry.ask(recipe, epoch=self._epoch, draws=DRAWS, to=str(to), **more)

    def _forget(self) -> None:
        """Do without the answer; what decides it is asked anew."""
        self._inquiry.cancel()
        self._asked = ""

    def _turned(self, _name: str) -> None:
        if self._strip.failed:
            self._asked = ""
        self._soon.start()

    def _draw_again(self) -> None:
        """The next epochs draw anew; what failed is asked for once more."""
        if self._strip.failed:
            self._asked = ""
        else:
            self._epoch += DRAWS
        self.ask()

    def _answered(self, _recipe: Recipe, answer: dict[str, Any]) -> None:
        try:
            fed = Fed.read(self._folders.newest, answer)
        except (OSError, ValueError) as error:
            self._failed(str(error))
            return
        self._strip.show_fed(fed)
        self._folders.tidy()

    def _failed(self, sentence: str) -> None:
        self._inquiry.cancel()
        self._strip.show_failed(sentence)


def _deciding(recipe: Recipe) -> str:
    """The settings that decide what the network is fed."""
    tricks, training = recipe.tricks, recipe.training
    parts = (
        recipe.data,
        tricks.augmentation,
        tricks.mixup,
        tricks.cutmix,
        tricks.resampling,
        tricks.gradient_accumulation,
    )
    told = [part.model_dump(mode="json") for part in parts]
    return json.dumps([told, training.seed, training.batch_size, training.backend])
