"""Files that came from somebody else: opened only where they are plain files, never by a link, never more than they may hold.

A folder of runs from another machine is a stranger's: a link in it may lead anywhere, and a named pipe never ends. What is odd
about it is raised as StrangeError, whose text is the end of a sentence. Knows nothing of runs.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import IO

#: Files are copied in pieces of so many bytes; between two it can be told to stop.
PIECE = 1 << 20
#: Called between two pieces: raises StoppedError when nobody wants the rest any more.
Pulse = Callable[[], None]


class StrangeError(Exception):
    """Something of a stranger's is not as ours would be; the text says what, as the end of a sentence."""


class StoppedError(Exception):
    """Nobody wants the rest any more."""


def is_folder(path: Path) -> bool:
    """Whether there is a folder, not a link to one. Raises StrangeError when something else is there."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return False
    if not stat.S_ISDIR(mode):
        raise StrangeError(f"{_name(path)} is {_kind(mode)}, where a folder is expected")
    return True


def is_file(path: Path) -> bool:
    """Whether there is a plain file. Raises StrangeError when something else is there."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return False
    if not stat.S_ISREG(mode):
        raise StrangeError(f"{_name(path)} is {_kind(mode)}, where a plain file is expected")
    return True


def opened(path: Path) -> IO[bytes]:
    """A plain file, for reading. Raises StrangeError when it is something else, OSError when it cannot be read."""
    # O_NONBLOCK: opening a pipe would wait for somebody to write into it.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    is_file(path)
    try:
        handle = os.open(path, flags)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise StrangeError(f"{_name(path)} is a link, where a plain file is expected") from error
        raise
    mode = os.fstat(handle).st_mode
    if not stat.S_ISREG(mode):
        os.close(handle)
        raise StrangeError(f"{_name(path)} is {_kind(mode)}, where a plain file is expected")
    return os.fdopen(handle, "rb")


def content(path: Path, most: int) -> bytes:
    """All of a small file. Raises StrangeError when it has more than `most` bytes."""
    with opened(path) as file:
        found = file.read(most + 1)
    if len(found) > most:
        raise StrangeError(f"{_name(path)} has more than {most:,} bytes")
    return found


def copy(path: Path, to: Path, pulse: Pulse, *, last: int | None = None) -> tuple[int, str]:
    """Copy a file, or its `last` so many bytes, and have it on the disk; its size there and its SHA-256."""
    digest, size = hashlib.sha256(), 0
    with opened(path) as source, to.open("xb") as target:
        if last is not None:
            source.seek(max(0, source.seek(0, os.SEEK_END) - last))
        while piece := source.read(PIECE):
            pulse()
            digest.update(piece)
            target.write(piece)
            size += len(piece)
        target.flush()
        os.fsync(target.fileno())
    return size, digest.hexdigest()


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _kind(mode: int) -> str:
    names = {stat.S_IFLNK: "a link", stat.S_IFDIR: "a folder", stat.S_IFREG: "a file", stat.S_IFIFO: "a named pipe"}
    return names.get(stat.S_IFMT(mode), "no file")
