"""What takes long about jobs and imports: looking at pictures, writing a job's folder, bringing runs in. A thread each.

Each ends early when it is asked to (`requestInterruption`), and then says nothing; what it had half made is gone.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, Signal

from workbench.errors import WorkbenchError
from workbench.paths import Workspace
from workbench.spec import Recipe

if TYPE_CHECKING:
    from workbench.export.job.folder import Plan

#: How often at most it is said how far it is.
SAY_SECONDS = 0.1


class _Working(QThread):
    #: It could not be done (a sentence).
    failed = Signal(str)

    def __init__(self, name: str, parent: QObject) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._said = 0.0

    def run(self) -> None:
        from workbench.journal.strange import StoppedError  # noqa: PLC0415 - once it is asked for

        try:
            self._work()
        except StoppedError:
            pass
        except WorkbenchError as error:
            self.failed.emit(str(error))
        except OSError as error:  # one that nobody below had a better sentence for: whoever waits must hear of it
            self.failed.emit(f"{error.filename or 'A file'} cannot be used: {(error.strerror or str(error)).lower()}.")

    def _work(self) -> None:
        raise NotImplementedError

    def _pulse(self) -> None:
        from workbench.journal.strange import StoppedError  # noqa: PLC0415 - once it is asked for

        if self.isInterruptionRequested():
            raise StoppedError

    def _due(self) -> bool:
        now = time.monotonic()
        due = now - self._said >= SAY_SECONDS
        self._said = now if due else self._said
        return due


class PlanThread(_Working):
    """Looks at what a job would be of."""

    #: It can be written (a Plan of export/job).
    planned = Signal(object)

    def __init__(self, workspace: Workspace, recipe: Recipe, name: str, parent: QObject) -> None:
        super().__init__("jobPlan", parent)
        self._asked = recipe, name, workspace

    def _work(self) -> None:
        from workbench.export.job.folder import Plan  # noqa: PLC0415 - NumPy and Pillow: not before it is asked for

        plan = Plan.of(*self._asked, self._pulse)
        self._pulse()
        self.planned.emit(plan)


class WriteThread(_Working):
    """Writes a job's folder."""

    #: So many bytes of the pictures are read, of so many (object: they may be more than an int of Qt holds).
    progressed = Signal(object, object)
    #: It is there (the folder, a Path).
    written = Signal(object)

    def __init__(self, plan: Plan, to: Path, parent: QObject, *, with_data: bool) -> None:
        super().__init__("jobWriter", parent)
        self._plan, self._to, self._with_data = plan, to, with_data

    def _work(self) -> None:
        from workbench.export.job.folder import write  # noqa: PLC0415 - as above

        made, _ = write(self._plan, self._to, self._say, self._pulse, with_data=self._with_data)
        self.written.emit(made)

    def _say(self, done: int, total: int) -> None:
        self._pulse()
        if self._due():
            self.progressed.emit(done, total)


class ImportThread(_Working):
    """Brings the runs of a folder in."""

    #: So many runs are done, of so many, and the name of the one at hand.
    progressed = Signal(int, int, str)
    #: What came of it (a Report of journal/importing).
    imported = Signal(object)

    def __init__(self, workspace: Workspace, folder: Path, parent: QObject) -> None:
        super().__init__("importer", parent)
        self._workspace, self._folder = workspace, folder

    def _work(self) -> None:
        from workbench.export.job.described import pictures_of  # noqa: PLC0415 - NumPy: not before it is asked for
        from workbench.journal.importing import bring  # noqa: PLC0415 - as above

        pictures = pictures_of(self._folder)
        self.imported.emit(bring(self._workspace, self._folder, self.progressed.emit, self._pulse, pictures=pictures))
