"""Alive means: the engine holds an OS lock, which the kernel lets go at its death.

Process ids and zombies prove nothing. `hold` is for the one at work, `held` for everybody else.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import IO

if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> bool:
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _lock(file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


def hold(path: Path) -> IO[bytes] | None:
    """Take the lock at `path` and keep it until the file is closed or the process ends; None if another has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("ab")
    os.set_inheritable(file.fileno(), False)  # a child must not keep its dead parent alive
    if _lock(file):
        return file
    file.close()
    return None


def held(path: Path) -> bool:
    """Whether a living process holds the lock at `path`."""
    if not path.exists():
        return False
    with path.open("ab") as file:
        return not _lock(file)
