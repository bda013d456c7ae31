"""Asks the engine something that takes a while, one question at a time, and tells how it goes; never waits.

An answer that is no longer wanted is dropped: its process is killed, by a thread of its own, since that may take a moment.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from workbench.errors import WorkbenchError
from workbench.paths import Workspace

if TYPE_CHECKING:
    from workbench.launch.probe import Probe

_POLL_MS = 80
#: How long the end of the window waits for a process that is being killed.
_LEAVE_SECONDS = 3.0


class Asker(QObject):
    """One question at a time to a process of its own."""

    #: How far it is: done, of (0: nobody knows), a few words.
    progressed = Signal(int, int, str)
    #: The answer is there (a dict).
    answered = Signal(object)
    #: There is no answer (a sentence).
    failed = Signal(str)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._probe: Probe | None = None
        self._leaving: list[threading.Thread] = []
        self._clock = QTimer(self, interval=_POLL_MS)
        self._clock.setObjectName("askerClock")
        self._clock.timeout.connect(self._look)

    @property
    def busy(self) -> bool:
        return self._probe is not None

    def ask(self, question: dict[str, Any]) -> None:
        """Ask something else; what was asked before is no longer wanted."""
        from workbench.launch.probe import Probe  # noqa: PLC0415 - not before the first paint

        self.drop()
        try:
            self._probe = Probe.start(self._workspace, question)
        except WorkbenchError as error:
            self.failed.emit(str(error))
            return
        self._clock.start()

    def drop(self) -> None:
        """No answer is wanted any more."""
        probe, self._probe = self._probe, None
        self._clock.stop()
        self._leaving = [each for each in self._leaving if each.is_alive()]
        if probe is not None and not probe.done:
            thread = threading.Thread(target=probe.cancel, name="probe cancel", daemon=True)
            self._leaving.append(thread)
            thread.start()

    def close(self) -> None:
        """Drop what is asked and see that its process is gone."""
        self.drop()
        for thread in self._leaving:
            thread.join(_LEAVE_SECONDS)

    def _look(self) -> None:
        probe = self._probe
        if probe is None:
            return
        for line in probe.told():
            if "progress" in line:
                told = line["progress"]
                self.progressed.emit(int(told["done"]), int(told["of"]), str(told["words"]))
        if probe.done and self._probe is probe:
            self._probe = None
            self._clock.stop()
            if probe.answer is not None:
                self.answered.emit(probe.answer)
            else:
                self.failed.emit(probe.problem)
