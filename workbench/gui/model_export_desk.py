"""Has a run's network written as a model for other programs: asks what and where, follows it, and says what came of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from workbench.errors import ExportError
from workbench.gui import announce, dialogs, file_manager
from workbench.gui.probes import Inquiry, Progress
from workbench.gui.session import Session

if TYPE_CHECKING:
    from workbench.gui.model_export_dialog import ModelExportDialog
    from workbench.gui.window import Window
    from workbench.journal import Run
    from workbench.spec import Recipe


class ModelExportDesk(QObject):
    """The exports of one window, one at a time."""

    def __init__(self, window: Window, session: Session) -> None:
        super().__init__(window)
        self._window, self._session = window, session
        self._inquiry = Inquiry(session.workspace, "export", self)
        self.dialog: ModelExportDialog | None = None
        self._run: Run | None = None
        self._to = Path()
        self._inquiry.progressed.connect(self._show_progress)
        self._inquiry.answered.connect(self._take_answer)
        self._inquiry.failed.connect(self._show_failure)

    def by_command(self) -> dict[str, Callable[..., object]]:
        """What each row of the table of commands does."""
        return {"export_model": self.export}

    def close(self) -> None:
        """End what is at work, and take away what it has half made."""
        self._cancel()
        self._inquiry.close()

    def export(self) -> None:
        self.export_of(self._session.focus or "")

    def export_of(self, key: str) -> None:
        """Ask what the run is to be written as."""
        from workbench.gui.model_export_dialog import ModelExportDialog  # noqa: PLC0415 - once it is asked for
        from workbench.launch.fork import kept  # noqa: PLC0415 - not before the first paint

        run = self._session.run(key)
        if run is None or self.dialog is not None:
            return
        found = kept(self._session.journal, run)
        if not found:
            sentence = "It has kept no weights. They are kept at the end of each epoch."
            dialogs.tell(self._window, f"{run.name} cannot be exported yet", sentence)
            return
        self._run = run
        self.dialog = dialog = ModelExportDialog(self._window.theme, run, found, self._window)
        dialog.place_chosen.connect(self.write)
        dialog.cancel_asked.connect(self._cancel)
        dialog.folder_asked.connect(lambda: file_manager.reveal(str(self._to)))
        dialog.finished.connect(self._closed)
        dialog.open()

    def write(self, place: Path) -> None:
        """Have it written there, by what the dialog says."""
        from workbench.launch.model_files import SETTINGS, options, with_suffix  # noqa: PLC0415 - as above

        dialog, run = self.dialog, self._run
        if dialog is None or run is None:
            return
        try:
            self._to = with_suffix(dialog.kind, place)
        except ExportError as error:
            dialog.refuse(str(error))
            return
        dialog.show_begun()
        asked = options(run.id, dialog.kind, self._to, which=dialog.which, quantised=dialog.quantised)
        self._inquiry.ask(SETTINGS, **asked)

    def _closed(self) -> None:
        self.dialog = None
        self._cancel()

    def _cancel(self) -> None:
        from workbench.launch.model_files import clear_away  # noqa: PLC0415 - as above

        to = self._to
        self._inquiry.cancel(lambda: clear_away(to))

    def _show_progress(self, progress: Progress) -> None:
        if self.dialog is not None:
            self.dialog.show_progress(progress)

    def _take_answer(self, _recipe: Recipe, answer: dict[str, Any]) -> None:
        from workbench.launch.model_files import said  # noqa: PLC0415 - as above

        if self.dialog is not None and self._run is not None:
            sentence = said(self._run.name, answer)
            self.dialog.show_written(sentence)
            self._window.status.say(sentence)
            announce.say(self._window, sentence)

    def _show_failure(self, sentence: str) -> None:
        from workbench.launch.model_files import clear_away  # noqa: PLC0415 - as above

        clear_away(self._to)
        if self.dialog is not None:
            self.dialog.show_failure(sentence)
            announce.say(self._window, sentence)
