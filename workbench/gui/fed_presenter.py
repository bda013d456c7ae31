"""Keeps the strip of the Data tab true: asks what the network is fed, again whenever a setting that decides it has changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer

from workbench.gui.data.fed_thread import Fed, FedThread
from workbench.spec import presets
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
        self._thread: FedThread | None = None
        self._leaving: list[FedThread] = []
        self._asked = ""
        self._epoch = 1
        self._soon = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._soon.setObjectName("fedClock")
        self._soon.timeout.connect(self.ask)
        window.tabs.turned.connect(self._soon.start)
        window.recipe.recipe_changed.connect(self._soon.start)
        window.data.found_shown.connect(self._soon.start)
        window.data.gallery.current_changed.connect(self._soon.start)
        self._strip.again_asked.connect(self._draw_again)

    def close(self) -> None:
        """Give up what was asked."""
        self._soon.stop()
        self._leave()
        for thread in self._leaving:
            thread.wait()
        self._leaving.clear()

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
        self._leave()
        question: dict[str, Any] = {
            "question": "fed", "recipe": presets.dump(recipe), "epoch": self._epoch, "draws": DRAWS,
        }  # fmt: skip
        if row is not None:
            question["row"] = row
        self._strip.show_waiting("Asking an engine…")
        self._thread = thread = FedThread(self._window.workspace, question, recipe.training.backend, self)
        thread.answered.connect(self._answered)
        thread.failed.connect(self._failed)
        thread.finished.connect(self._finished)
        thread.start()

    def _draw_again(self) -> None:
        """The next epochs draw anew."""
        self._epoch += DRAWS
        self.ask()

    def _leave(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None and not thread.isFinished():
            thread.leave()
            self._leaving.append(thread)

    def _heard(self) -> bool:
        return self._thread is not None and self.sender() is self._thread

    def _answered(self, fed: Fed) -> None:
        if self._heard():
            self._strip.show_fed(fed)

    def _failed(self, sentence: str) -> None:
        if self._heard():
            self._strip.show_fed(None)
            self._strip.show_waiting(sentence)

    def _finished(self) -> None:
        thread = self.sender()
        if isinstance(thread, FedThread):
            thread.wait()
            if thread in self._leaving:
                self._leaving.remove(thread)
                thread.deleteLater()


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
