"""Saves what was said of pictures, in a thread of its own: a table for classes, a folder of PNG masks with the names of their numbers.

The files are those of `workbench predict` (data/predictions.py).
"""

from __future__ import annotations

import shutil
from pathlib import Path

from PySide6.QtCore import QObject, QThread, Signal

from workbench.gui import words
from workbench.gui.results.trial import Trial, Tried


class Saver(QThread):
    """Saves one trial, to a file for classes and to a folder for masks."""

    #: It is saved (a sentence).
    saved = Signal(str)
    #: It is not, or not all of it (a sentence).
    failed = Signal(str)

    def __init__(self, trial: Trial, to: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("predictionSaver")
        self._trial, self._to = trial, to
        #: what it reads from; to be kept until it has finished
        self.folder = trial.folder
        #: what there was when it was asked for
        self._pictures: tuple[Tried, ...] = tuple(trial.pictures)

    def run(self) -> None:
        try:
            (self._save_masks if self._trial.masks else self._save_shares)()
        except OSError as error:
            self.failed.emit(f"Not saved to {self._to}: {error.strerror or error}. Choose another place.")
            return
        count = words.plural(len(self._pictures), "picture", "pictures")
        self.saved.emit(f"Saved what is said of {count} to {self._to}.")

    def _save_shares(self) -> None:
        from workbench.data.predictions import shares_table  # noqa: PLC0415 - NumPy: not before the first paint
        from workbench.paths import write_pieces  # noqa: PLC0415 - as above

        names, shares = [each.name for each in self._pictures], [each.shares for each in self._pictures]
        write_pieces(self._to, [shares_table(self._trial.classes, names, shares)])

    def _save_masks(self) -> None:
        from workbench.data.predictions import CLASSES, classes_table  # noqa: PLC0415 - as above
        from workbench.paths import write_pieces  # noqa: PLC0415 - as above

        for each in self._pictures:
            target = self._to / f"{each.name}.png"
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self._trial.mask_file(each), target)
        write_pieces(self._to / CLASSES, [classes_table(self._trial.classes)])
