"""Has the form's recipe written as a job for another machine, and brings in what was trained elsewhere.

Asks, starts a thread, says in the status bar how it goes and what came of it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from workbench.gui import announce, dialogs, file_manager, words
from workbench.gui.job_threads import ImportThread, PlanThread, WriteThread
from workbench.gui.session import Session
from workbench.spec import presets

if TYPE_CHECKING:
    from workbench.export.job.folder import Plan
    from workbench.gui.job_dialog import JobDialog
    from workbench.gui.window import Window
    from workbench.journal.importing import Report

#: What is in a folder that runs can be brought in from.
MARKS = ("job.json", "workbench.db")


def can_import(path: Path) -> bool:
    """Whether a folder is a job's, or a workspace."""
    try:
        return path.is_dir() and any((path / name).is_file() for name in MARKS)
    except OSError:  # a folder that may not be looked into
        return False


class JobDesk(QObject):
    """The jobs and imports of one window, one of each at a time."""

    def __init__(self, window: Window, session: Session) -> None:
        super().__init__(window)
        self._window, self._session = window, session
        self.dialog: JobDialog | None = None
        self._plan: Plan | None = None
        self._to = Path()
        #: what looks or writes for the dialog, and what brings runs in
        self._job: PlanThread | WriteThread | None = None
        self._importer: ImportThread | None = None

    def by_command(self) -> dict[str, Callable[..., object]]:
        """What each row of the table of commands does."""
        return {"export_job": self.export, "import_runs": self.choose}

    def close(self) -> None:
        """End what is at work; what it has half made goes."""
        threads = [thread for thread in (self._job, self._importer) if thread is not None]
        for thread in threads:
            thread.requestInterruption()
        for thread in threads:
            thread.wait()  # until the piece at hand is done

    # --- a job ------------------------------------------------------------------------------------------

    def export(self) -> None:
        """Ask how the form's recipe is to go."""
        from workbench.gui.job_dialog import JobDialog  # noqa: PLC0415 - once it is asked for

        panel = self._window.recipe
        if self.dialog is not None:
            return
        if self._job is not None:
            self._window.status.say("The export before is just ending; try again in a moment.", "error", "err")
            return
        if panel.recipe is None:
            self._window.status.say(f"Not exported. {panel.explain_problems()}", "error", "err")
            announce.say(self._window, panel.explain_problems())
            return
        self._plan = None
        name = self._title(panel.preset_name)
        self.dialog = dialog = JobDialog(self._window.theme, name, self._window)
        dialog.place_chosen.connect(self.write)
        dialog.finished.connect(self._closed)
        dialog.open()
        thread = PlanThread(self._session.workspace, panel.recipe, name, self)
        thread.planned.connect(self._take_plan)
        self._begin(thread)

    def _title(self, preset: str) -> str:
        found, _ = presets.available(self._session.workspace)
        return next((each.title for each in found if each.name == preset), "") or "Job"

    def _begin(self, thread: PlanThread | WriteThread) -> None:
        self._job = thread
        thread.failed.connect(self._show_failure)
        thread.finished.connect(self._forget_job)
        thread.start()

    def _forget_job(self) -> None:
        thread, self._job = self._job, None
        if thread is not None:
            thread.wait()
            thread.deleteLater()

    def _take_plan(self, plan: Plan) -> None:
        if self.dialog is None:
            return  # cancelled meanwhile
        self._plan = plan
        self.dialog.show_plan(plan)

    def write(self, place: Path) -> None:
        """Have the job written there, by what the dialog says."""
        if self.dialog is None or self._plan is None or self._job is not None:
            return
        self.dialog.show_begun()
        thread = WriteThread(self._plan, place, self, with_data=self.dialog.copy.isChecked())
        thread.progressed.connect(self.dialog.show_progress)
        thread.written.connect(self._tell_written)
        self._begin(thread)

    def _show_failure(self, sentence: str) -> None:
        if self.dialog is not None:
            self.dialog.show_failure(sentence)
            if self._plan is not None:
                self.dialog.show_plan(self._plan)
            announce.say(self._window, sentence)

    def _tell_written(self, to: Path) -> None:
        self._to = to
        if self.dialog is not None:
            self.dialog.accept()
        sentence = f"The job is in {self._to}. There, sh run.sh trains it."
        self._window.status.offer(sentence, "Show its folder", self._reveal, icon="completed")
        announce.say(self._window, sentence)

    def _reveal(self) -> None:
        file_manager.reveal(str(self._to))

    def _closed(self) -> None:
        self.dialog = self._plan = None
        if self._job is not None:
            self._job.requestInterruption()

    # --- and back -----------------------------------------------------------------------------------------

    def choose(self) -> None:
        """Ask for the folder whose runs are to come in."""
        chosen = QFileDialog.getExistingDirectory(self._window, "The folder of a job, or a whole workspace")
        if chosen:
            self.bring(Path(chosen))

    def bring(self, folder: Path) -> None:
        """Bring the runs of a folder in."""
        if self._importer is not None:
            self._window.status.say("Another import is at work; wait for its end.", "error", "err")
            return
        self._importer = thread = ImportThread(self._session.workspace, folder, self)
        thread.progressed.connect(self._show_progress)
        thread.imported.connect(self._tell_imported)
        thread.failed.connect(self._session.failed)
        thread.finished.connect(self._forget_importer)
        self._window.status.say(f"Importing from {folder}", "preparing", "info")
        thread.start()

    def _show_progress(self, done: int, total: int, name: str) -> None:
        self._window.status.say(f"Importing {done + 1} of {total}: {name}", "preparing", "info")

    def _tell_imported(self, report: Report) -> None:
        from workbench.journal.importing import counted  # noqa: PLC0415 - once it is asked for

        sentence = counted(report)
        icon, tone = ("error", "err") if report.refused else ("completed", "ok")
        self._window.status.say(sentence, icon, tone)
        announce.say(self._window, sentence)
        self._session.look()
        shown = next((each.run for each in report.imported), next(iter(report.already), None))
        if shown is not None and shown.trashed is None:
            self._session.show_run(shown.id)
        text = _remarks(report)
        if text:
            dialogs.TextDialog(self._window.theme, "Imported runs", f"{sentence}\n\n{text}", self._window).open()

    def _forget_importer(self) -> None:
        thread, self._importer = self._importer, None
        if thread is not None:
            thread.wait()
            thread.deleteLater()


def _remarks(report: Report) -> str:
    """What is to be known of the runs beyond their number."""
    came = [
        f"{each.run.name}, run {words.count(each.run.number)}: {note}"
        for each in report.imported
        for note in each.notes
    ]
    return "\n\n".join([*(each.why for each in report.refused), *came])
