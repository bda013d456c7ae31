"""Opens the journal of another workspace: as a stranger's file, of which a copy is read and the file itself is left alone.

The copy is looked at before anything is believed: its format, that its tables are ours to the last column (so that there is
neither view nor trigger nor anything else that could compute while it is read), and that it is whole. A journal of an older
format is brought up to date in the copy. Reading is read-only, and no value may be larger than LARGEST.
"""

from __future__ import annotations

import contextlib
import errno
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from workbench.errors import WorkspaceError
from workbench.journal.schema import MIGRATIONS, create, migrate
from workbench.journal.strange import Pulse, StrangeError, copy, is_file
from workbench.paths import explain

#: No value of ours comes near it: a block of steps has kilobytes, what is watched of an epoch some megabytes.
LARGEST = 64 << 20
#: After so many steps of SQLite's machine it can be told to stop: some milliseconds.
STEPS = 100_000
#: A journal that somebody writes to while it is copied is tried again so often.
TRIES = 3

LOG, UNDO = "-wal", "-journal"


@contextlib.contextmanager
def opened(database: Path, scratch: Path, pulse: Pulse) -> Iterator[sqlite3.Connection]:
    """A read-only connection to a checked copy, which lies in the folder `scratch`. Raises WorkspaceError."""
    mine = scratch / "journal.db"
    try:
        _copy(database, mine, pulse)
        with readable(database, scratch, pulse):
            _bring_up(mine, database, pulse)
            connection = _connect(mine, "ro", pulse)
    except StrangeError as error:
        raise WorkspaceError(f"{database} cannot be imported from: {error}.") from error
    with contextlib.closing(connection):
        connection.execute("PRAGMA query_only = ON")
        yield connection


@contextlib.contextmanager
def readable(database: Path, scratch: Path, pulse: Pulse) -> Iterator[None]:
    """What SQLite says of a stranger's journal, or of the disk that its copy in `scratch` lies on, as a WorkspaceError."""
    try:
        yield
    except sqlite3.Error as error:
        pulse()  # it may have been told to stop
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            raise WorkspaceError(explain(OSError(errno.ENOSPC, str(error)), scratch.parent)) from error
        message = f"{database} cannot be read as a journal ({error}). Copy the folder once more, or mend it there with `workbench doctor --mend`."
        raise WorkspaceError(message) from error


def _copy(database: Path, to: Path, pulse: Pulse) -> None:
    undo = database.with_name(database.name + UNDO)
    if is_file(undo) and undo.stat().st_size:
        # It can name other files, which SQLite would then look at: only its own workspace may take it in.
        raise StrangeError(
            "a program of it ended in the middle of a write. Look at its runs once with `workbench --home … runs`, then import again"
        )
    log = database.with_name(database.name + LOG)
    for _ in range(TRIES):
        before = _marks(database, log)
        for source, target in ((database, to), (log, to.with_name(to.name + LOG))):
            target.unlink(missing_ok=True)
            if is_file(source):
                copy(source, target, pulse)
        if _marks(database, log) == before:
            return
    raise StrangeError("it is being written to just now. Wait until its runs have ended, then import again")


def _marks(*paths: Path) -> list[tuple[int, int]]:
    found = [path.stat() if path.exists() else None for path in paths]
    return [(each.st_size, each.st_mtime_ns) if each else (0, 0) for each in found]


def _connect(path: Path, mode: str, pulse: Pulse) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    # What it raises is not handed on: the statement ends as interrupted.
    connection.set_progress_handler(pulse, STEPS)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    return connection


def _bring_up(mine: Path, database: Path, pulse: Pulse) -> None:
    """Take the log in, look the copy over, and bring it to our format."""
    with contextlib.closing(_connect(mine, "rw", pulse)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE").fetchall()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > len(MIGRATIONS):
            raise WorkspaceError(
                f"{database} was written by a newer version of the workbench (format {version}; this version reads up to "
                f"{len(MIGRATIONS)}). Update the workbench here, then import again."
            )
        if version < 1:
            raise StrangeError("it is no journal of the workbench")
        if _schema(connection) != _expected(version):
            raise StrangeError(f"its tables are not those of a journal of format {version}")
        (damage,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if damage != "ok":
            raise StrangeError(f"it is damaged ({damage}). Mend it where it is with `workbench doctor --mend`")
        migrate(connection, mine)


def _schema(connection: sqlite3.Connection) -> set[tuple[str, str, str, str]]:
    """Everything that a database is made of, with how it was made, blanks left out."""
    rows = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {(kind, name, table, "".join(str(sql).split())) for kind, name, table, sql in rows}


def _expected(version: int) -> set[tuple[str, str, str, str]]:
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        create(connection, version)
        return _schema(connection)
