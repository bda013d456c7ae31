"""A warm engine: Keras is imported, it answers questions, and at Start it becomes the run.

Speaks JSON lines on descriptors of its own, which nothing else writes to. It never touches a GPU before it
is a run: where a driver is present, questions are answered by a short-lived child that sees no GPU.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psutil

from workbench import interpreter
from workbench.journal import alive
from workbench.paths import Workspace

#: After a question that made the process grow by more than this, it is not reused for a run.
LARGEST_GROWTH = 1 << 30


class Channel:
    """The two ends of the protocol: requests in, replies out."""

    def __init__(self) -> None:
        # Whatever prints from now on goes nowhere; the protocol keeps the real standard output.
        self._out = os.fdopen(os.dup(1), "w", encoding="utf-8")
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.close(nowhere)
        self._in: IO[str] = sys.stdin

    def send(self, reply: dict[str, Any]) -> bool:
        """Send one line; False when nobody listens any more."""
        try:
            self._out.write(json.dumps(reply) + "\n")
            self._out.flush()
        except (BrokenPipeError, ValueError):
            return False
        return True

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._out.close()

    def requests(self) -> Iterator[dict[str, Any]]:
        """Requests until the other side is gone."""
        for line in self._in:
            if line.strip():
                yield json.loads(line)


def driver_present() -> bool:
    """Whether an NVIDIA driver is there, without touching it."""
    return Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi") is not None


@dataclass(frozen=True)
class Offer:
    """A run that was offered to this engine; whoever takes it up says whether that worked."""

    run: str
    _channel: Channel
    _id: Any

    def reply(self, *, taken: bool) -> None:
        self._channel.send({"id": self._id, "taken": taken})
        # It answers nothing more: the window must not wait for the end of what it says.
        self._channel.close()


def wait(workspace: Workspace, backend: str) -> Offer | None:
    """Answer questions until a run is offered, or until the window is gone (None)."""
    channel = Channel()
    lock = alive.hold(workspace.home / "warm.lock")
    if lock is None:
        channel.send({"ready": False, "reason": "another window has it"})
        return None
    begin = time.perf_counter()
    import_everything(backend)
    seconds = time.perf_counter() - begin
    channel.send({"ready": True, "backend": backend, "process": os.getpid(), "seconds": round(seconds, 2)})
    before = psutil.Process().memory_info().rss
    for request in channel.requests():
        if "run" in request:
            lock.close()  # the next warm engine may start
            return Offer(str(request["run"]), channel, request.get("id"))
        heard = channel.send({"id": request.get("id"), **_answered(workspace, request)})
        if not heard or psutil.Process().memory_info().rss - before > LARGEST_GROWTH:
            return None
    return None


def import_everything(backend: str) -> None:
    """What a run will need, so that Start need not wait for it; makes no tensor and touches no GPU."""
    for module in ("workbench.engine.train", "workbench.engine.questions", f"workbench.engine.backends.{backend}"):
        importlib.import_module(module)
    # The digits are read by scikit-learn, whose import takes a second.
    importlib.import_module("sklearn.datasets")


def _answered(workspace: Workspace, request: dict[str, Any]) -> dict[str, Any]:
    if driver_present() and os.environ.get("CUDA_VISIBLE_DEVICES") != "-1":
        return _answered_without_gpu(workspace, request)
    from workbench.engine import questions  # noqa: PLC0415 - Keras is imported when the lock is held

    return questions.answer(workspace, request)


def _answered_without_gpu(workspace: Workspace, request: dict[str, Any]) -> dict[str, Any]:
    environment = {**interpreter.environment(), "CUDA_VISIBLE_DEVICES": "-1", "JAX_PLATFORMS": "cpu"}
    command = interpreter.command("workbench.engine", "--home", str(workspace.home), "--answer")
    done = subprocess.run(  # noqa: S603 - our own module
        command, input=json.dumps(request), capture_output=True, text=True, env=environment, check=False
    )
    if done.returncode:
        return {"problem": "The question could not be answered."}
    reply: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return reply
