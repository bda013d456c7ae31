"""Has races run by the lab's engine for the window: started with the first question, heard by its reader thread, ended with the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from workbench.errors import EngineError
from workbench.paths import Workspace
from workbench.spec.lab import Lab

if TYPE_CHECKING:
    from workbench.launch.lab import LabEngine


class Racing(QObject):
    """See the module. Of several questions only the newest one's answer is told."""

    #: A race has come (the lab it is of; where each racer was, by its name).
    raced = Signal(object, object)
    #: A program is being compiled, which takes seconds.
    preparing = Signal()
    #: There is no race (a sentence).
    failed = Signal(str)
    _came = Signal()

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("labRacing")
        self._workspace = workspace
        self._engine: LabEngine | None = None
        self._asked: dict[int, Lab] = {}
        self._closed = False
        # From the reader's thread into this one.
        self._came.connect(self._look, Qt.ConnectionType.QueuedConnection)

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._asked)

    def ask(self, lab: Lab) -> None:
        """Have a lab's race run."""
        if self._closed:
            return
        from workbench.launch.lab import LabEngine  # noqa: PLC0415 - not before the tab is looked at

        if self._engine is not None and not self._engine.alive:
            self._engine.close()
            self._engine = None
        if self._engine is None:
            self.preparing.emit()
            try:
                self._engine = LabEngine.start(self._workspace, self._came.emit)
            except EngineError as error:
                self.failed.emit(str(error))
                return
        self._asked[self._engine.ask(lab)] = lab

    def _look(self) -> None:
        from workbench.launch.lab import Preparing, Raced, Refused  # noqa: PLC0415 - as above

        if self._engine is None or self._closed:
            return
        for reply in self._engine.replies():
            if isinstance(reply, Preparing):
                self.preparing.emit()
                continue
            lab = self._asked.get(reply.number)
            self._asked = {number: each for number, each in self._asked.items() if number > reply.number}
            match reply:
                case Raced():
                    self.raced.emit(lab, reply.places)
                case Refused():
                    self.failed.emit(reply.sentence)

    def close(self) -> None:
        """For good; no process is left."""
        self._closed = True
        if self._engine is not None:
            self._engine.close()
        self._engine = None
