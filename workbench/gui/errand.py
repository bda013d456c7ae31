"""One thing done away from the window's thread: a file that is read, or written. It says how that went and is gone.

It knows nothing of what is done. A failure that a person can do something about is handed on; any other is a defect of ours.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QThread, Signal

from workbench.errors import WorkbenchError


class Errand(QThread):
    """See the module."""

    #: It is done (what came of it).
    done = Signal(object)
    #: It could not be done (the WorkbenchError).
    failed = Signal(object)

    def __init__(self, job: Callable[[], object], parent: QObject) -> None:
        super().__init__(parent)
        self.setObjectName("errand")
        self._job = job

    def run(self) -> None:
        try:
            found = self._job()
        except WorkbenchError as error:
            self.failed.emit(error)
        else:
            self.done.emit(found)


class Errands(QObject):
    """Those of one part of the window that are on their way."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._way: list[Errand] = []

    def send(
        self, job: Callable[[], object], done: Callable[[object], None], failed: Callable[[WorkbenchError], None]
    ) -> None:
        """Have a job done; `done` or `failed` hears of it in the window's thread. Both are bound methods of living objects."""
        errand = Errand(job, self)
        self._way.append(errand)
        errand.done.connect(done)
        errand.failed.connect(failed)
        errand.finished.connect(self._forget)
        errand.start(QThread.Priority.LowPriority)

    def close(self) -> None:
        """Wait for all of them; nobody hears of them any more."""
        for errand in self._way:
            errand.done.disconnect()
            errand.failed.disconnect()
            errand.wait()
        self._way.clear()

    def _forget(self) -> None:
        for errand in [each for each in self._way if each.isFinished()]:
            errand.wait()
            self._way.remove(errand)
            errand.deleteLater()
