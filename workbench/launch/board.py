"""TensorBoard with some runs, as a child that lives no longer than who asked for it. It is known by its name only.

The workbench itself listens on nothing. TensorBoard is another program, which is looked at with a browser: it is started only
when somebody asks for it, listens on this machine's own address alone, on a port that is free, and goes with its asker.
Like everything there, it can be read by whoever is logged in on this machine.

JSON lines come back on the child's stdout: `{"progress": "words"}`, then one `{"address": "http://…"}` or
`{"problem": "a sentence"}`. Its stdin stays open as long as somebody wants it. It knows no Qt.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

import psutil

from workbench.errors import EngineError
from workbench.launch.kill import kill_engine
from workbench.launch.notice import last_lines
from workbench.launch.start import environment, python_command, talk
from workbench.paths import Workspace

MODULE = "workbench.export.logs.board"
#: How long it may take to go by itself.
LEAVE_SECONDS = 3.0


class Board:
    """One TensorBoard; made by `start`, over when `ended`."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        #: Where it answers; empty until it does.
        self.address = ""
        #: Why it does not, as a sentence.
        self.problem = ""
        #: What it is busy with until then.
        self.words = ""
        self._process = process
        self._handle = psutil.Process(process.pid)
        self._log = log
        self._changed = threading.Condition()
        self._closing = False
        self._ended = False
        self._reader = threading.Thread(target=self._read, name="board reader", daemon=True)
        self._reader.start()

    @classmethod
    def start(cls, workspace: Workspace, runs: Sequence[str]) -> Board:
        """Start it with these runs; their files are written first. Returns at once. Raises EngineError."""
        log = _own_log()
        words = [word for run in runs for word in ("--run", run)]
        try:
            return cls(talk(python_command(MODULE, workspace, *words), "TensorBoard", log, environment()), log)
        except EngineError:
            log.unlink(missing_ok=True)
            raise

    @property
    def ended(self) -> bool:
        """Whether it is gone."""
        return self._ended

    def wait(self, seconds: float) -> bool:
        """Wait until something changed, at most so long; whether it has ended."""
        with self._changed:
            if not self._ended:
                self._changed.wait(seconds)
            return self._ended

    def leave(self) -> None:
        """Ask it to go; returns at once."""
        self._closing = True
        with contextlib.suppress(OSError, ValueError):  # gone, or asked before
            if self._process.stdin is not None:
                self._process.stdin.close()

    def close(self) -> None:
        """End it, and see that nothing of it is left."""
        self.leave()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(LEAVE_SECONDS)
        if self._process.poll() is None:
            kill_engine(self._handle)
            self._process.wait()
        self._reader.join(LEAVE_SECONDS)
        with contextlib.suppress(OSError):  # a scratch file like others
            self._log.unlink(missing_ok=True)

    def _read(self) -> None:
        """The reader thread: until the child closes its end."""
        assert self._process.stdout is not None, "it was started with a pipe"
        with self._process.stdout as lines:
            for line in lines:
                with contextlib.suppress(ValueError):  # a library that writes there says nothing to us
                    self._take(json.loads(line))
        self._process.wait()
        with self._changed:
            if not self.problem and not self._closing:
                last = last_lines(self._log)
                said = f" Its last lines: {last}" if last else ""
                self.problem = f"TensorBoard went away (exit code {self._process.returncode}).{said}"
            self._ended = True
            self._changed.notify_all()

    def _take(self, message: object) -> None:
        if not isinstance(message, dict):
            return
        with self._changed:
            self.words = str(message.get("progress", self.words))
            self.address = str(message.get("address", self.address))
            self.problem = str(message.get("problem", self.problem))
            self._changed.notify_all()


def _own_log() -> Path:
    """A scratch file for what one of them prints: several may be there, and each has last words. Raises EngineError."""
    try:
        descriptor, name = tempfile.mkstemp(prefix="workbench-tensorboard-", suffix=".log")
    except OSError as error:
        raise EngineError(f"TensorBoard could not be started: {error.strerror or error}.") from error
    os.close(descriptor)
    return Path(name)
