"""A folder of folders in the cache: each made under a name of its own until it is whole, the longest unused removed first.

What lies in them is known to those who make them: decoded sets (store) and what a scan noted (scan/album).
"""

from __future__ import annotations

import errno
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench.errors import WorkspaceError
from workbench.paths import explain, sync_folder

#: How the name of one that is being made begins.
PART = ".part-"
#: A half-made one that is older (in seconds) was left by a process that went away.
STALE = 86_400


def make_room(base: Path, kept: int) -> None:
    """Remove what was used longest ago, beyond so many bytes, and what was left half-made."""
    whole: list[tuple[float, int, Path]] = []
    for folder in base.iterdir():
        try:
            used = folder.stat().st_mtime
            size = sum(path.stat().st_size for path in folder.iterdir())
        except OSError:  # removed meanwhile
            continue
        if not folder.name.startswith(PART):
            whole.append((used, size, folder))
        elif used < time.time() - STALE:
            shutil.rmtree(folder, ignore_errors=True)
    total = 0
    for _, size, folder in sorted(whole, reverse=True):
        total += size
        if total > kept:
            shutil.rmtree(folder, ignore_errors=True)


def put(made: Path, name: Path) -> bool:
    """Give a folder that is whole its name, in place of one that was there; false when another process did so just now.

    Raises OSError.
    """
    shutil.rmtree(name, ignore_errors=True)
    try:
        made.rename(name)
    except OSError as error:
        # Of a folder that is there, systems say one or the other.
        if error.errno not in {errno.EEXIST, errno.ENOTEMPTY}:
            raise
        return False
    sync_folder(name.parent)
    return True


@contextmanager
def explained(base: Path) -> Iterator[None]:
    """Faults of the disk as sentences."""
    try:
        yield
    except OSError as error:
        raise WorkspaceError(explain(error, base)) from error
