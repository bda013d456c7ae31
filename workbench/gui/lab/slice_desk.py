"""Has a run's loss measured around its weights for the lab: asks around which, follows it, and says where it lies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from workbench.descent.slices import FOLDER
from workbench.errors import WorkbenchError
from workbench.gui import announce, dialogs
from workbench.gui.lab.landscape import figure
from workbench.gui.probes import Inquiry, Progress
from workbench.journal import Run
from workbench.spec.recipe import changed

if TYPE_CHECKING:
    from workbench.gui.lab.slice_dialog import SliceDialog
    from workbench.gui.window import Window
    from workbench.spec import Recipe


class SliceDesk(QObject):
    """The measuring of one window, one at a time."""

    #: A run's loss was measured (the Path of its file).
    measured = Signal(object)

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window, self._session = window, window.session
        self._inquiry = Inquiry(window.workspace, "slice", self)
        self.dialog: SliceDialog | None = None
        self._inquiry.progressed.connect(self._show_progress)
        self._inquiry.answered.connect(self._take_answer)
        self._inquiry.failed.connect(self._show_failure)

    def close(self) -> None:
        """End what is at work."""
        self._inquiry.close()

    def ask(self) -> None:
        """Ask around which weights of which run, the one in focus unless it has none."""
        from workbench.gui.lab.slice_dialog import SliceDialog  # noqa: PLC0415 - once it is asked for

        if self.dialog is not None:
            return
        runs = [row.run for row in self._session.rows or () if self._has_weights(row.run)]
        if not runs:
            sentence = "No run has kept weights yet. They are kept at the end of each epoch; train one first."
            dialogs.tell(self._window, "There is no loss to measure yet", sentence)
            return
        self.dialog = dialog = SliceDialog(self._window.theme, runs, self._window)
        dialog.run_chosen.connect(self._show_kept)
        dialog.agreed.connect(self.measure)
        dialog.cancel_asked.connect(self._inquiry.cancel)
        dialog.finished.connect(self._closed)
        focus = self._session.focus if self._session.focus in {run.id for run in runs} else runs[0].id
        dialog.run.show_value(focus)
        self._show_kept(dialog.run_id)
        dialog.open()

    def _has_weights(self, run: Run) -> bool:
        """Whether there is a folder of checkpoints; what is in it is looked at once the run is chosen."""
        return (self._session.workspace.run_folder(run.id) / "checkpoints").is_dir()

    def _show_kept(self, key: object) -> None:
        from workbench.launch.fork import kept  # noqa: PLC0415 - not before the first paint

        run = self._session.run(str(key))
        if self.dialog is not None:
            self.dialog.show_kept(kept(self._session.journal, run) if run is not None else [])

    def measure(self) -> None:
        """Have it measured, by what the dialog says."""
        dialog = self.dialog
        run = self._session.run(dialog.run_id) if dialog is not None else None
        if dialog is None or run is None:
            return
        try:
            wanted = dialog.wanted()
            # It is TensorFlow that measures, whatever trained the run.
            recipe = changed(changed(run.recipe, "training.backend", "tensorflow"), "training.device", "auto")
        except WorkbenchError as error:
            dialog.refuse(str(error))
            return
        to = self._session.workspace.run_folder(run.id) / FOLDER / wanted.file_name
        dialog.show_begun()
        self._inquiry.ask(recipe, **wanted.options(), run=run.id, to=str(to))

    def _closed(self) -> None:
        self.dialog = None
        self._inquiry.cancel()

    def _show_progress(self, progress: Progress) -> None:
        if self.dialog is not None:
            self.dialog.show_progress(progress)

    def _take_answer(self, _recipe: Recipe, answer: dict[str, Any]) -> None:
        if self.dialog is not None:
            self.dialog.accept()
        sentence = f"Measured the run's loss: {figure(answer['loss'])} at its weights, in {answer['seconds']:.0f} s."
        self._window.status.say(sentence)
        announce.say(self._window, sentence)
        self.measured.emit(Path(answer["file"]))

    def _show_failure(self, sentence: str) -> None:
        if self.dialog is not None:
            self.dialog.show_failure(sentence)
            announce.say(self._window, sentence)
