"""Hears one scan of a recipe's pictures and hands on what it says. Waits and reads; decides and draws nothing."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, Signal

from workbench.errors import WorkbenchError
from workbench.paths import Workspace

if TYPE_CHECKING:
    from workbench.data.scan.asking import Scan
    from workbench.data.scan.message import Message
    from workbench.spec.data import Data


class ScanThread(QThread):
    """One scan, from its beginning to its end."""

    #: The pictures are listed, and their small copies can be looked at as they come (a DataShown).
    listed = Signal(object)
    #: Small pictures that there are (done, total).
    progressed = Signal(int, int)
    #: The data set itself is being read or fetched (words, done, total or 0).
    reading = Signal(str, int, int)
    #: It is known which pictures can be read (a Message: parts, and a problem if there is no split).
    divided = Signal(object)
    #: All was looked through (a Message: findings, summary).
    found = Signal(object)
    #: The data set is not on this computer (its file).
    absent = Signal(str)
    #: It could not be looked through (a sentence).
    failed = Signal(str)

    def __init__(
        self, workspace: Workspace, settings: Data, seed: int, *, fetch: bool = False,
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setObjectName("scanThread")
        self._workspace, self._settings, self._seed, self._fetch = workspace, settings, seed, fetch
        self._lock = threading.Lock()
        self._scan: Scan | None = None
        self._stopping = False

    def leave(self) -> None:
        """End the scan soon, without waiting for it; what it has noted is kept."""
        with self._lock:
            self._stopping = True
            if self._scan is not None:
                self._scan.stop()

    def stop(self) -> None:
        """End the scan and wait for the thread."""
        self.leave()
        self.wait()

    def run(self) -> None:
        from workbench.data.scan.asking import Scan  # noqa: PLC0415 - NumPy: not before the first paint

        try:
            with self._lock:
                if self._stopping:
                    return
                self._scan = scan = Scan(self._settings, self._seed, self._workspace, fetch=self._fetch)
            try:
                for message in scan.messages():
                    self._hand_on(message)
            finally:
                scan.close()
        except WorkbenchError as error:
            self.failed.emit(str(error))

    def _hand_on(self, message: Message) -> None:
        words = message.words
        match message.say:
            case "listed":
                from workbench.gui.data.shown import DataShown  # noqa: PLC0415 - as above

                self.listed.emit(DataShown(message, self._seed))
            case "progress":
                self.progressed.emit(words["done"], words["total"])
            case "reading":
                self.reading.emit(words["words"], words["done"], words["total"] or 0)
            case "parts":
                self.divided.emit(message)
            case "found":
                self.found.emit(message)
            case "absent":
                self.absent.emit(words["name"])
            case "problem":
                self.failed.emit(words["sentence"])
            case _:
                return
