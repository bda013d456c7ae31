"""The asker's end of a probe: a short engine task that is no run, in a throw-away process of its own.

JSON lines: the question goes in on the process's stdin; progress, partial results and one last word (answer or problem)
come back on its stdout. What is large lies in a folder that the asker named. Stdin stays open as long as somebody wants
the answer: should the asker die, the process sees its end and goes too. It knows no Qt: who uses it looks at `told()`
when it suits.
"""

from __future__ import annotations

import contextlib
import subprocess
import threading
from pathlib import Path
from typing import Any

import psutil

from workbench.launch import lines
from workbench.launch.kill import kill_engine
from workbench.launch.notice import last_lines
from workbench.launch.start import spoken_to
from workbench.paths import Workspace

#: How long a process that has said its last word may take to go.
LEAVE_SECONDS = 2.0
#: The signal that a system ends processes by when its memory is out; only POSIX tells it.
KILLED = 9
#: Lines that are a process's last word.
_LAST = ("answer", "problem")


class Probe:
    """One question to a process of its own; made by `start`, over when `done`.

    `{"progress": {"done": 3, "of": 10, "words": "…"}}` and `{"partial": {…}}` come any number of times, then one
    `{"answer": {…}}` or `{"problem": "a sentence"}`.
    """

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        #: What it found; None until it has, and for good when it did not.
        self.answer: dict[str, Any] | None = None
        #: Why there is no answer, as a sentence; empty while there may be one, and when it was cancelled.
        self.problem = ""
        self.cancelled = False
        self._process = process
        # Nobody has buried it yet, so the number is its own; from now on it is known by its start time too.
        self._handle = psutil.Process(process.pid)
        self._log = log
        self._changed = threading.Condition()
        self._told: list[dict[str, Any]] = []
        self._done = False
        self._reader = threading.Thread(target=self._read, name="probe reader", daemon=True)
        self._reader.start()

    @classmethod
    def start(cls, workspace: Workspace, question: dict[str, Any], backend: str = "tensorflow") -> Probe:
        """Ask a question (engine/probes) of a new process; returns at once. `backend` is the recipe's.

        Raises EngineError when there can be no process.
        """
        path = workspace.home / f"probe-{question['question']}.log"
        process = spoken_to(workspace, "A probe", path, backend, "--probe")
        lines.send(process, question)  # one that died at once: the reader finds out and says why
        return cls(process, path)

    @property
    def done(self) -> bool:
        """Whether nothing more will come, and its process is gone."""
        return self._done

    @property
    def process(self) -> int:
        return self._process.pid

    def told(self) -> list[dict[str, Any]]:
        """The lines that came since the last call, the last word among them; never waits."""
        with self._changed:
            told, self._told = self._told, []
        return told

    def wait(self, seconds: float) -> bool:
        """Wait until something new was told or it is done, at most so long; whether it is done."""
        with self._changed:
            self._changed.wait_for(lambda: self._told or self._done, seconds)
            return self._done

    def cancel(self) -> None:
        """Kill the process with all it started, unless it is done; nothing more will be told."""
        with self._changed:
            if self._done:
                return
            self.cancelled = True
        kill_engine(self._handle)
        self._reader.join(LEAVE_SECONDS)

    def _read(self) -> None:
        """The reader thread: until the last word, or until the process goes away without one."""
        with contextlib.closing(lines.heard(self._process)) as messages:
            for message in messages:
                if self._take(message):
                    break
        self._bury()
        with self._changed:
            if not self.cancelled and self.answer is None and not self.problem:
                self.problem = self._died()
                self._told.append({"problem": self.problem})
            self._done = True
            self._changed.notify_all()

    def _take(self, message: dict[str, Any]) -> bool:
        """Note a line; whether it is the last word."""
        with self._changed:
            if self.cancelled:
                return True
            self._told.append(message)
            self._changed.notify_all()
            if "answer" in message:
                self.answer = message["answer"]
            self.problem = str(message.get("problem", ""))
        return any(word in message for word in _LAST)

    def _bury(self) -> None:
        lines.let_go(self._process)
        lines.see_out(self._process, LEAVE_SECONDS)

    def _died(self) -> str:
        if self._process.returncode == -KILLED:
            return (
                "The system killed the probe's process, most likely for want of memory. Take a smaller batch, smaller pictures or a "
                "smaller network, or close other programs."
            )
        last = last_lines(self._log)
        said = f" Its last lines: {last}" if last else ""
        return f"The probe's process went away without an answer (exit code {self._process.returncode}).{said}"
