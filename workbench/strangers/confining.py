"""What the process that looks takes from itself before it opens a file: memory, time, writing, and starting anything.

The readers are to behave by themselves; this is for the day when a file overpowers one. The system's own limits hold also
against code in C. What Python itself is asked to do is refused by a hook beside them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

#: More than what the imports take; the address space counts, of which about half is ever touched.
MEMORY = 900 << 20
#: Seconds of work after which the system ends the process, should nobody else.
_PATIENCE_S = 2
_FILES = 64
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_FORBIDDEN = ("subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.startfile", "socket.", "pickle.",
              "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.symlink", "os.link", "os.truncate", "shutil.", "urllib.")  # fmt: skip


def confine(path: Path, seconds: float) -> None:
    """From here on. `path` and what lies in it may be read, and what Python needs to import."""
    _limit(seconds)
    sys.addaudithook(_judge([path, *(Path(each) for each in (*sys.path, sys.prefix, sys.base_prefix) if each)]))


def _limit(seconds: float) -> None:
    """Where the system has such limits; elsewhere the asker watches the memory, and ends it after its time."""
    try:
        import resource  # noqa: PLC0415 - POSIX only
    except ImportError:
        return
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, int(seconds) + _PATIENCE_S),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, _FILES),
        (resource.RLIMIT_NPROC, 0),
    ):
        try:
            resource.setrlimit(kind, (most, most))
        except (ValueError, OSError):  # a system that knows it by name only, or has a lower one already
            continue


def _judge(roots: list[Path]) -> Callable[[str, tuple[Any, ...]], None]:
    allowed = tuple(os.path.abspath(each) for each in roots)  # noqa: PTH100 - it does not follow links

    def judge(event: str, arguments: tuple[Any, ...]) -> None:
        if event.startswith(_FORBIDDEN):
            raise PermissionError(f"{event} is not done while a stranger's file is looked at")
        if event == "open":
            name, _, flags = arguments
            if isinstance(flags, int) and flags & _WRITING:
                raise PermissionError("nothing is written while a stranger's file is looked at")
            if isinstance(name, str | bytes | os.PathLike) and not _within(os.fsdecode(name), allowed):
                raise PermissionError("nothing else is read while a stranger's file is looked at")

    return judge


def _within(name: str, allowed: tuple[str, ...]) -> bool:
    whole = os.path.abspath(name)  # noqa: PTH100 - as above
    return any(whole == root or whole.startswith(root.rstrip(os.sep) + os.sep) for root in allowed)
