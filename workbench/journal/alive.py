"""Alive means: the engine holds an OS lock, which the kernel lets go at its death.

Process ids and zombies prove nothing. `hold` is for the one at work, `held` for everybody else. The one at work
writes its process id into the file, so that `holder` can say who it is: nobody else is ever to be killed for it.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from pathlib import Path
from typing import IO

from workbench.errors import WorkspaceError
from workbench.paths import explain

#: Somebody who only looks holds the lock for a moment; whoever wants to keep it tries again that often, that far apart.
TRIES = 5
PAUSE_SECONDS = 0.01

#: In the environment of an engine and so of all it starts: the run they work for.
RUN_VARIABLE = "WORKBENCH_ENGINE_OF_RUN"

if sys.platform == "win32":
    import msvcrt

    #: A locked byte cannot be read by others there: one far behind what is written.
    _LOCKED_BYTE = 1 << 20

    def _lock(file: IO[bytes], *, only_look: bool = False) -> bool:  # noqa: ARG001 - there are no shared locks here
        file.seek(_LOCKED_BYTE)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _lock(file: IO[bytes], *, only_look: bool = False) -> bool:
        # Those who look share their lock, so that none takes another for the one at work.
        kind = fcntl.LOCK_SH if only_look else fcntl.LOCK_EX
        try:
            fcntl.flock(file.fileno(), kind | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


def hold(path: Path) -> IO[bytes] | None:
    """Take the lock at `path` and keep it until the file is closed or the process ends; None if another has it.

    Raises WorkspaceError when there can be no such file.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("ab")
    except OSError as error:
        raise WorkspaceError(explain(error, path)) from error
    os.set_inheritable(file.fileno(), False)  # noqa: FBT003 - as declared there; a child must not keep its dead parent alive
    for attempt in range(TRIES):
        if _lock(file):
            _sign(file)
            return file
        if attempt < TRIES - 1:
            time.sleep(PAUSE_SECONDS)
    file.close()
    return None


def _sign(file: IO[bytes]) -> None:
    with contextlib.suppress(OSError):  # on a full disk it holds the lock unsigned: alive, but not to be killed
        os.ftruncate(file.fileno(), 0)
        os.write(file.fileno(), str(os.getpid()).encode())


def holder(path: Path) -> int | None:
    """The id of the process that holds the lock at `path`; None when nobody does, or did not say."""
    if not held(path):
        return None
    try:
        text = path.read_bytes()
    except OSError:
        return None
    return int(text) if text.isdigit() else None


def held(path: Path) -> bool:
    """Whether a living process holds the lock at `path`."""
    try:
        with path.open("rb") as file:
            return not _lock(file, only_look=True)
    except FileNotFoundError:
        return False
