"""Reads what lies on disk of a run's results, and works out what it comes to, in a thread of its own."""

from __future__ import annotations

import queue
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, Signal

from workbench.errors import WorkbenchError
from workbench.paths import Workspace

if TYPE_CHECKING:
    from workbench.results.through import Through

#: What is asked of the thread; None ends it.
_Job = Callable[[], None] | None


@dataclass(frozen=True)
class Kept:
    """One kept checkpoint, as it is chosen."""

    epoch: int
    step: int
    weights_sha256: str
    best: bool
    ends_epoch: bool

    @property
    def place(self) -> str:
        """The name of its folder."""
        return f"{self.epoch:06d}-{self.step:09d}"


class ResultsReader(QThread):
    """See the module."""

    #: The checkpoints in a folder, newest first (the folder, a tuple of Kept).
    listed = Signal(object, object)
    #: A file of answers was read (the file, a ClassLook or MaskLook).
    looked = Signal(object, object)
    #: What was kept of a run's epochs was read (the run's id, a Through or None).
    followed = Signal(str, object)
    #: It cannot be read (the run's id, a sentence).
    lost = Signal(str, str)
    #: A file of answers cannot be shown (the file, a sentence).
    failed = Signal(object, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("resultsReader")
        self._jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()

    def list_kept(self, folder: Path) -> None:
        self._give(partial(self._list, folder))

    def look(self, file: Path) -> None:
        self._give(partial(self._look, file))

    def follow(self, workspace: Workspace, run: str, before: Through | None) -> None:
        """Read what was kept of a run's epochs; what `before` has already is not read again."""
        self._give(partial(self._follow, workspace, run, before))

    def _give(self, job: _Job) -> None:
        self._jobs.put(job)
        if not self.isRunning():
            self.start(QThread.Priority.LowPriority)

    def stop(self) -> None:
        """End the thread and wait for it."""
        self._jobs.put(None)
        self.wait()

    def run(self) -> None:
        import workbench.data.folder  # noqa: PLC0415 - NumPy; the window's thread will ask it what pictures are called,
        import workbench.journal.judged  # noqa: F401, PLC0415 - and this one where files lie

        while job := self._jobs.get():
            job()

    def _list(self, folder: Path) -> None:
        self.listed.emit(folder, kept_in(folder))

    def _follow(self, workspace: Workspace, run: str, before: Through | None) -> None:
        from workbench.gui.results import through_view  # noqa: F401, PLC0415 - imported here and not in the window's thread
        from workbench.journal import Journal  # noqa: PLC0415 - as above
        from workbench.results import through  # noqa: PLC0415 - NumPy: not before the first paint

        try:
            with Journal(workspace) as journal:
                found = through.read(journal, run, before)
        except WorkbenchError as error:
            self.lost.emit(run, str(error))
            return
        self.followed.emit(run, found)

    def _look(self, file: Path) -> None:
        # What will show them is imported here too, and not in the window's thread.
        from workbench.gui.results import class_view, mask_view  # noqa: F401, PLC0415 - as the comment says
        from workbench.journal.judged import read  # noqa: PLC0415 - NumPy: not before the first paint
        from workbench.results.look import look  # noqa: PLC0415 - as above

        try:
            found = look(read(file))
        except WorkbenchError as error:
            self.failed.emit(file, str(error))
            return
        self.looked.emit(file, found)


def kept_in(folder: Path) -> tuple[Kept, ...]:
    """The checkpoints in a folder by their manifests, newest first."""
    from workbench.journal import kept  # noqa: PLC0415 - not before the first paint

    best = kept.best_of(folder)
    return tuple(
        Kept(
            int(each["epoch"]), int(each.get("step", 0)), str(each.get("weights_sha256", "")),
            best is not None and best.get("file") == each.get("file"), bool(each.get("ends_epoch", True)),
        )
        for each in kept.manifests(folder)
    )  # fmt: skip
