"""Opens the journal's file: with a log (WAL), so that readers never wait; in safe mode with a rollback journal.

Safe mode needs nothing but file locks and renames: every commit is on the disk before it returns, and a reader may wait
for a writer for a moment. All programs on a workspace should use the same mode. On a local disk a program with a log
quietly gives the log back to the others; safe mode is not entered while somebody uses the log.
"""

from __future__ import annotations

import contextlib
import random
import shutil
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import DamagedError, WorkspaceError

#: How long a writer waits for another before it gives up.
PATIENCE_SECONDS = 10.0
#: While the mode is changed: how long one try waits, and how long until the next at most.
TRY_SECONDS = 0.1
PAUSE_SECONDS = 0.05

FULL = "The disk that holds {path} is full. Free some space there, then try again; what was written before is safe."
#: With less on a disk it counts as full, in bytes: SQLite has no room there for the memory that its log shares, 32 KB.
LITTLE = 64 * 1024
#: SQLite says no more than that when a disk fails, and of some disks that are full.
BROKEN = (
    "The disk that holds {path} gave a disk I/O error: it is full, or it fails. Free some space and look whether the disk "
    "is in order, then try again; what was written before is safe."
)


@contextlib.contextmanager
def clear(path: Path) -> Iterator[None]:
    """What SQLite says of the file at `path`, in words a person can act on: as WorkspaceError or DamagedError."""
    try:
        yield
    except sqlite3.OperationalError as error:
        text = str(error)
        if "full" in text or ("disk I/O" in text and _has_no_room(path)):
            raise WorkspaceError(FULL.format(path=path)) from error
        if "disk I/O" in text:
            raise WorkspaceError(BROKEN.format(path=path)) from error
        if "readonly" in text or "unable to open" in text:
            message = f"{path} cannot be written to. Allow writing there, or choose another workspace with --home."
            raise WorkspaceError(message) from error
        if "locked" in text:
            message = f"{path} was busy for {PATIENCE_SECONDS:.0f} s. Another program holds it; try again."
            raise WorkspaceError(message) from error
        raise
    except sqlite3.DatabaseError as error:
        raise DamagedError(
            f"{path} is damaged ({error}). `workbench doctor --mend` keeps it and saves what it can."
        ) from error


def _has_no_room(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < LITTLE
    except OSError:
        return False


@dataclass(frozen=True)
class Opened:
    """A connection, and what SQLite calls the levels of care with which it writes."""

    connection: sqlite3.Connection
    #: of every commit: with a log, the newest may be lost in a power cut, never the file
    everyday: str
    #: of those that must survive a power cut
    durable: str


def open_file(path: Path, *, safe: bool) -> Opened:
    """Connect to the database at `path`. Raises WorkspaceError, or what SQLite raises."""
    connection = _without_log(path) if safe else _with_log(path)
    try:
        (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
        opened = Opened(connection, "NORMAL", "FULL") if mode == "wal" else Opened(connection, "FULL", "EXTRA")
        connection.execute(f"PRAGMA synchronous = {opened.everyday}")
        connection.execute(f"PRAGMA busy_timeout = {int(PATIENCE_SECONDS * 1000)}")
    except sqlite3.Error:
        connection.close()
        raise
    return opened


def _connect(path: Path, seconds: float) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=seconds, isolation_level=None, check_same_thread=False)


def _with_log(path: Path) -> sqlite3.Connection:
    # Two who change a new file to WAL at once: SQLite refuses one of them without waiting.
    connection, deadline = _connect(path, PATIENCE_SECONDS), time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            # Where the file system cannot give the log its memory, SQLite stays without one.
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.Error as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                connection.close()
                raise
            time.sleep(0.01)
        else:
            return connection


def _without_log(path: Path) -> sqlite3.Connection:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        connection = _connect(path, TRY_SECONDS)
        try:
            # Alone while the mode may change: a log that is left is taken in without the memory it would share.
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("PRAGMA locking_mode = NORMAL")
            connection.execute("SELECT COUNT(*) FROM sqlite_master")  # with it the lock is let go
        except sqlite3.Error as error:
            # Closed at each try: two who change the mode at once would wait for each other.
            connection.close()
            if "locked" not in str(error):
                raise
            if time.monotonic() > deadline:
                message = (
                    f"{path} is in use by a program without safe mode, or by another machine. Close that program, "
                    "or start it with --safe-mode as well; then try again."
                )
                raise WorkspaceError(message) from error
            time.sleep(random.uniform(0, PAUSE_SECONDS))  # noqa: S311 - who comes first is no secret
        else:
            return connection
