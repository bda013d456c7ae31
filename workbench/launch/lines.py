"""The asker's end of a process that is spoken to in JSON lines, over its stdin and stdout: send, hear, see it out."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Generator
from typing import IO, Any

import psutil

from workbench.launch.kill import kill_engine


def pipe(stream: IO[bytes] | None) -> IO[bytes]:
    """An end of a process that was started with one."""
    assert stream is not None, "it was started with a pipe"
    return stream


def send(process: subprocess.Popen[bytes], message: dict[str, Any]) -> None:
    """Send one line. A dead process is found out by who hears it; nothing is lost with the line."""
    with contextlib.suppress(OSError, ValueError):
        stdin = pipe(process.stdin)
        stdin.write(json.dumps(message).encode() + b"\n")
        stdin.flush()


def heard(process: subprocess.Popen[bytes]) -> Generator[dict[str, Any], None, None]:
    """What it says, line by line, until it closes its end; to be used by a thread of its own, which is told to close it."""
    with pipe(process.stdout) as lines:
        for line in lines:
            try:
                message = json.loads(line)
            except ValueError:
                continue  # a library that writes to the protocol's descriptor must not end it
            if isinstance(message, dict):
                yield message


def let_go(process: subprocess.Popen[bytes]) -> None:
    """Close its stdin, which tells it that nobody asks any more."""
    with contextlib.suppress(OSError):
        pipe(process.stdin).close()


def see_out(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Wait so long for a process that was let go of, then kill it with all it started."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        # Nobody else buries it, so its number is still its own.
        kill_engine(psutil.Process(process.pid))
        process.wait()
