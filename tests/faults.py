"""Makes one call of many fail, once: files and SQLite as they are on a full disk, a broken one, or one that is not ours."""

from __future__ import annotations

import builtins
import errno
import io
import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pytest

#: What the system says, and words that the person must then be able to read.
SAYS = {errno.ENOSPC: "is full", errno.EIO: "Input/output error", errno.EACCES: "cannot be written to"}
SQLITE_SAYS = {
    "database or disk is full": "is full", "disk I/O error": "gave a disk I/O error", "database is locked": "was busy",
    "attempt to write a readonly database": "cannot be written to",
}  # fmt: skip


@dataclass
class Fault:
    """Counts the calls of a kind; one of them fails, once; with `lasting`, all from there on."""

    at: int
    error: Callable[[], Exception]
    lasting: bool = False
    calls: int = 0
    #: while it sleeps, nothing counts and nothing fails
    asleep: bool = False

    def __call__(self) -> None:
        if self.asleep:
            return
        self.calls += 1
        if self.calls == self.at or (self.lasting and self.calls > self.at):
            raise self.error()

    @property
    def struck(self) -> bool:
        return 0 < self.at <= self.calls


def says(number: int) -> Callable[[], Exception]:
    """What the operating system raises."""
    return lambda: OSError(number, os.strerror(number))


def sqlite_says(text: str) -> Callable[[], Exception]:
    return lambda: sqlite3.OperationalError(text)


def every_fault() -> list[Any]:
    """For parametrize: whether files or SQLite fail, with what, and the words for the person."""
    return [
        *(pytest.param(faulty_files, says(each), words, id=errno.errorcode[each]) for each, words in SAYS.items()),
        *(pytest.param(faulty_sqlite, sqlite_says(each), words, id=each) for each, words in SQLITE_SAYS.items()),
    ]


class FaultyConnection:
    """A connection to SQLite that counts what it is asked to execute."""

    def __init__(self, inner: sqlite3.Connection, fault: Fault) -> None:
        self._inner, self._fault = inner, fault

    def execute(self, statement: str, *values: Any) -> Any:
        # What undoes is not what fails on a full disk.
        if not statement.startswith("ROLLBACK"):
            self._fault()
        return self._inner.execute(statement, *values)

    def backup(self, target: Any) -> None:
        self._fault()
        self._inner.backup(getattr(target, "_inner", target))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def faulty_sqlite(patch: pytest.MonkeyPatch, fault: Fault) -> None:
    """Every connection that is opened from now on counts: that it is opened, and what it executes."""
    connect = sqlite3.connect

    def outer(*arguments: Any, **more: Any) -> Any:
        fault()
        return FaultyConnection(connect(*arguments, **more), fault)

    patch.setattr(sqlite3, "connect", outer)


class FaultyFile:
    """A file opened for writing that counts its writes."""

    def __init__(self, inner: Any, fault: Fault) -> None:
        self._inner, self._fault = inner, fault

    def write(self, content: Any) -> Any:
        self._fault()
        return self._inner.write(content)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._inner.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def faulty_files(patch: pytest.MonkeyPatch, fault: Fault, within: str = "") -> None:
    """Every call counts by which a file or folder is made, written, synced, renamed, linked, copied or removed.

    With `within` only below that folder.
    """

    def counted(owner: Any, name: str, only: Callable[..., bool] = lambda *_, **__: True) -> None:
        inner = getattr(owner, name)

        def outer(*arguments: Any, **more: Any) -> Any:
            if not only(*arguments, **more) or (within and not _place(arguments[0], **more).startswith(within)):
                return inner(*arguments, **more)
            fault()
            done = inner(*arguments, **more)
            return FaultyFile(done, fault) if name == "open" and owner is not os else done

        patch.setattr(owner, name, outer)

    def writes(_path: Any, mode: str = "r", *_: Any, **__: Any) -> bool:
        return any(letter in mode for letter in "wax+")

    def makes(_path: Any, flags: int, *_: Any, **__: Any) -> bool:
        return bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))

    if not within:  # nothing in one process plays a power cut, and syncing takes longest of all
        patch.setattr(os, "fsync", lambda _: None)
    counted(io, "open", writes)
    counted(builtins, "open", writes)
    counted(os, "open", makes)
    for name in ("write", "ftruncate", "fsync", "replace", "rename", "link", "sendfile", "mkdir", "unlink", "rmdir"):
        counted(os, name)


def _place(at: Any, *, dir_fd: int | None = None, **_: Any) -> str:
    """Where a file lies that is known by its name or by its number."""
    if isinstance(at, int):
        return str(Path(f"/proc/self/fd/{at}").readlink())
    return str(Path(_place(dir_fd), at)) if dir_fd is not None else os.fspath(at)
