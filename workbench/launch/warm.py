"""The window's end of a warm engine: a process with Keras imported that answers questions and becomes a run.

JSON lines over its own stdin and stdout. Only the newest question waits while another is being answered; an older
one comes back as `superseded`, so a form that asks at each keystroke never piles up work. It knows no Qt: who uses
it looks at `replies()` when it suits.
"""

from __future__ import annotations

import itertools
import subprocess
import threading
from typing import Any

from workbench.launch import lines
from workbench.launch.notice import last_lines
from workbench.launch.start import adopt, spoken_to
from workbench.paths import Workspace

#: How long a warm engine may take to become a run, and an idle one to go when it is closed.
HAND_OVER_SECONDS = 1.0
CLOSE_SECONDS = 1.0


class WarmEngine:
    """One warm engine; made by `start`, ended by `close` (or by becoming a run)."""

    def __init__(self, process: subprocess.Popen[bytes], workspace: Workspace, backend: str) -> None:
        self.backend = backend
        #: Why it is not there for us ("another window has it"); empty while it is.
        self.refused = ""
        self._process = process
        self._workspace = workspace
        self._numbers = itertools.count(1)
        self._changed = threading.Condition()
        self._ready = False
        self._handed_over = False
        self._answering: int | None = None
        self._next: dict[str, Any] | None = None
        self._replies: list[dict[str, Any]] = []
        self._taken: dict[int, bool] = {}
        self._reader = threading.Thread(target=self._read, name="warm engine reader", daemon=True)
        self._reader.start()

    @classmethod
    def start(cls, workspace: Workspace, backend: str = "tensorflow") -> WarmEngine:
        """Start a warm engine; returns at once, `ready` comes true seconds later. Raises EngineError."""
        process = spoken_to(workspace, "A warm engine", workspace.home / "warm.log", backend, "--warm")
        return cls(process, workspace, backend)

    @property
    def ready(self) -> bool:
        """Whether it has imported Keras and is waiting for questions or a run."""
        return self._ready and not self._handed_over and self.alive

    @property
    def alive(self) -> bool:
        """Whether its process lives, idle or as a run."""
        return self._process.poll() is None

    @property
    def process(self) -> int:
        return self._process.pid

    @property
    def problem(self) -> str:
        """The last lines of what an idle engine said on its way out; empty while it lives."""
        return "" if self.alive or self._handed_over or self.refused else last_lines(self._workspace.home / "warm.log")

    def ask(self, question: str, recipe_toml: str) -> int:
        """Ask something; the answer comes in `replies()` with this number."""
        number = next(self._numbers)
        message = {"id": number, "question": question, "recipe": recipe_toml}
        with self._changed:
            if self._handed_over:
                self._replies.append({"id": number, "superseded": True})
            elif self._answering is None and self._ready:
                self._answering = number
                self._send(message)
            else:
                if self._next is not None:
                    self._replies.append({"id": self._next["id"], "superseded": True})
                self._next = message
        return number

    def replies(self) -> list[dict[str, Any]]:
        """The replies that came since the last call; never waits."""
        with self._changed:
            replies, self._replies = self._replies, []
        return replies

    def hand_over(self, run_id: str) -> bool:
        """Make it the process of a queued run; False when it is not ready, busy for too long, or too late."""
        number = next(self._numbers)
        with self._changed:
            if not self.ready:
                return False
            self._next = None
            self._send({"id": number, "run": run_id})
            self._changed.wait_for(lambda: number in self._taken or not self.alive, HAND_OVER_SECONDS)
            self._handed_over = self._taken.get(number, False)
            return self._handed_over

    def took_late(self) -> None:
        """It has become the run that was offered, though it did not say so in time."""
        with self._changed:
            self._handed_over = True

    def close(self) -> None:
        """Let go of it: an idle engine ends, one that is a run trains on."""
        lines.let_go(self._process)
        if self._handed_over:
            self._reader.join(CLOSE_SECONDS)
            adopt(self._process)
            return
        lines.see_out(self._process, CLOSE_SECONDS)
        self._reader.join(CLOSE_SECONDS)

    def _send(self, message: dict[str, Any]) -> None:
        lines.send(self._process, message)

    def _read(self) -> None:
        """The reader thread: until the engine closes its end, because it went away or became a run."""
        for message in lines.heard(self._process):
            with self._changed:
                self._take(message)
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    def _take(self, message: dict[str, Any]) -> None:
        if "ready" in message:
            self._ready = bool(message["ready"])
            self.refused = str(message.get("reason", "")) if not self._ready else ""
        elif "taken" in message:
            self._taken[message.get("id", 0)] = bool(message["taken"])
        else:
            self._replies.append(message)
            self._answering = None
        if self._next is not None and self._answering is None and self._ready:
            self._answering = self._next["id"]
            self._send(self._next)
            self._next = None
