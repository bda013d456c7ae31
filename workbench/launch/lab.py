"""The window's end of the descent lab's engine: a process that races methods on a landscape, for as long as it is asked.

JSON lines over its own stdin and stdout (engine/lab/serve.py). Only the newest question waits while another is being
answered, so that a start point that is dragged never piles up work. It knows no Qt: whoever uses it is called by a thread
when something came, and looks at `replies()`.
"""

from __future__ import annotations

import base64
import itertools
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.launch import lines
from workbench.launch.notice import last_lines
from workbench.launch.start import spoken_to
from workbench.paths import Workspace
from workbench.spec.lab import Lab

#: How long an idle engine may take to go when it is let go of.
CLOSE_SECONDS = 1.0


@dataclass(frozen=True)
class Raced:
    """Where every racer was: an array of shape (steps + 1, 2) by its name."""

    number: int
    places: dict[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Preparing:
    """The race needs a program that is compiled first, which takes seconds."""

    number: int


@dataclass(frozen=True)
class Refused:
    """There is no race, for a reason."""

    number: int
    sentence: str


Reply = Raced | Preparing | Refused


class LabEngine:
    """One engine of the lab; made by `start`, ended by `close`."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path, came: Callable[[], object]) -> None:
        self._process = process
        self._log = log
        self._came = came
        self._numbers = itertools.count(1)
        self._changed = threading.Condition()
        self._answering: int | None = None
        self._next: dict[str, Any] | None = None
        self._replies: list[Reply] = []
        self._closed = self._over = False
        self._reader = threading.Thread(target=self._read, name="lab engine reader", daemon=True)
        self._reader.start()

    @classmethod
    def start(cls, workspace: Workspace, came: Callable[[], object]) -> LabEngine:
        """Start an engine; returns at once. `came` is called by a thread when there are replies. Raises EngineError."""
        log = workspace.home / "lab.log"
        return cls(spoken_to(workspace, "The descent lab's engine", log, "tensorflow", "--lab"), log, came)

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def process(self) -> int:
        return self._process.pid

    def ask(self, lab: Lab) -> int:
        """Have a race run. Older questions that still wait are dropped."""
        number = next(self._numbers)
        message = {"id": number, "lab": lab.model_dump()}
        with self._changed:
            if self._over:
                self._replies.append(Refused(number, self._died()))
            elif self._answering is None:
                self._send(message)
            else:
                self._next = message
        return number

    def replies(self) -> list[Reply]:
        """The replies that came since the last call; never waits."""
        with self._changed:
            replies, self._replies = self._replies, []
        return replies

    def close(self) -> None:
        """Let it go; no process is left when this returns."""
        self._closed = True
        lines.let_go(self._process)
        lines.see_out(self._process, CLOSE_SECONDS)
        self._reader.join(CLOSE_SECONDS)

    def _send(self, message: dict[str, Any]) -> None:
        self._answering = message["id"]
        lines.send(self._process, message)

    def _read(self) -> None:
        """The reader thread: until the engine closes its end."""
        for message in lines.heard(self._process):
            if "id" in message:
                self._take(message)
                self._came()
        with self._changed:
            self._over = True
            waiting = self._next["id"] if self._next else self._answering
            if not self._closed and waiting is not None:
                self._replies.append(Refused(waiting, self._died()))
        if not self._closed:
            self._came()

    def _take(self, message: dict[str, Any]) -> None:
        reply = _reply(message)
        with self._changed:
            self._replies.append(reply)
            if isinstance(reply, Preparing):
                return
            self._answering = None
            if self._next is not None:
                message, self._next = self._next, None
                self._send(message)

    def _died(self) -> str:
        said = last_lines(self._log)
        return f"The descent lab's engine went away. It starts again with the next change.{f' Its last lines: {said}' if said else ''}"


def _reply(message: dict[str, Any]) -> Reply:
    number = int(message["id"])
    if "preparing" in message:
        return Preparing(number)
    if "problem" in message:
        return Refused(number, str(message["problem"]))
    names = message["names"]
    places = np.frombuffer(base64.b64decode(message["places"]), "<f8").reshape(len(names), message["steps"] + 1, 2)
    return Raced(number, dict(zip(names, places, strict=True)))
