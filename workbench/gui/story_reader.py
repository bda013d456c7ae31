"""StoryReader: reads what ended runs have said, one after another, so that their curves can be shown beside others'.

One thread for all of them: fifty eyes opened at once are fifty runs in a row, not fifty threads. It reads and hands
over; it follows nothing, and does not know what is drawn.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from PySide6.QtCore import QObject, QThread, Signal

from workbench.errors import WorkbenchError
from workbench.gui.run_thread import read_whole
from workbench.journal import Journal
from workbench.paths import Workspace

#: Between two runs: whoever works without a pause takes half of the window's time.
BREATH_SECONDS = 0.002


class StoryReader(QThread):
    """Reads the runs it was last asked for, in their order."""

    #: A run was read (Loaded).
    loaded = Signal(object)
    #: A run could not be read (its id, a sentence).
    failed = Signal(str, str)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("story-reader")
        self._workspace = workspace
        self._wake = threading.Event()
        self._lock = threading.Lock()
        self._wanted: list[str] = []
        self._stopping = False

    def want(self, runs: Sequence[str]) -> None:
        """Read these runs; whatever was asked for before and is not among them is no longer wanted."""
        with self._lock:
            self._wanted = list(runs)
        if runs:
            self._wake.set()
            if not self.isRunning() and not self._stopping:
                self.start(QThread.Priority.LowPriority)

    def stop(self) -> None:
        """Read no more, and wait for the run that is just being read."""
        self._stopping = True
        self._wake.set()
        self.wait()

    def run(self) -> None:
        try:
            with Journal(self._workspace) as journal:
                while not self._stopping:
                    self._wake.wait()
                    self._wake.clear()
                    self._read_wanted(journal)
        except WorkbenchError as error:
            self.failed.emit("", str(error))

    def _read_wanted(self, journal: Journal) -> None:
        read: set[str] = set()
        while not self._stopping:
            with self._lock:
                run = next((each for each in self._wanted if each not in read), "")
            if not run:
                return
            read.add(run)
            try:
                self.loaded.emit(read_whole(journal, run)[0])
            except WorkbenchError as error:
                self.failed.emit(run, str(error))
            threading.Event().wait(BREATH_SECONDS)
