"""The tables of the journal, as a list of migrations that only grows."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from workbench.errors import WorkspaceError
from workbench.paths import explain, sync_folder

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE runs (
        id TEXT PRIMARY KEY,
        number INTEGER NOT NULL UNIQUE,
        name TEXT NOT NULL,
        preset TEXT NOT NULL,
        recipe TEXT NOT NULL,           -- TOML
        created REAL NOT NULL,
        state TEXT NOT NULL,
        ending TEXT,
        reason TEXT NOT NULL DEFAULT '',
        reserved REAL NOT NULL DEFAULT 0, -- until when only the window's warm engine may take it
        process INTEGER,                -- of the engine at work
        started REAL, ended REAL,
        epochs_planned INTEGER NOT NULL,
        epochs INTEGER NOT NULL DEFAULT 0,
        seconds REAL NOT NULL DEFAULT 0,
        images_per_second REAL NOT NULL DEFAULT 0,
        best_epoch INTEGER,
        best TEXT NOT NULL DEFAULT '{}',  -- metrics of the best epoch, JSON
        last TEXT NOT NULL DEFAULT '{}',  -- metrics of the last epoch, JSON
        weights_sha256 TEXT,
        last_weights_sha256 TEXT,
        device TEXT NOT NULL DEFAULT ''
    );
    CREATE TABLE events (
        id INTEGER PRIMARY KEY,
        run TEXT NOT NULL, attempt INTEGER NOT NULL, time REAL NOT NULL,
        kind TEXT NOT NULL, body TEXT NOT NULL
    );
    CREATE INDEX events_of_run ON events (run, id);
    CREATE TABLE step_blocks (
        id INTEGER PRIMARY KEY,
        run TEXT NOT NULL, attempt INTEGER NOT NULL, first_step INTEGER NOT NULL,
        steps INTEGER NOT NULL, begin REAL NOT NULL, end REAL NOT NULL, data BLOB NOT NULL
    );
    CREATE INDEX step_blocks_of_run ON step_blocks (run, id);
    CREATE TABLE live (run TEXT PRIMARY KEY, body TEXT NOT NULL);
    CREATE TABLE commands (
        id INTEGER PRIMARY KEY,
        run TEXT NOT NULL, command TEXT NOT NULL, asked REAL NOT NULL, taken REAL
    );
    CREATE INDEX commands_of_run ON commands (run, id);
    """,
    """
    ALTER TABLE runs ADD COLUMN parent TEXT NOT NULL DEFAULT '';       -- of a fork
    ALTER TABLE runs ADD COLUMN parent_epoch INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE runs ADD COLUMN place REAL NOT NULL DEFAULT 0;         -- in the queue; 0: by number
    ALTER TABLE runs ADD COLUMN exact INTEGER;                         -- 1 or 0 after a resume, see events.Resumed
    ALTER TABLE runs ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';       -- JSON
    ALTER TABLE runs ADD COLUMN note TEXT NOT NULL DEFAULT '';
    ALTER TABLE runs ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE runs ADD COLUMN trashed REAL;                          -- when it was put into the trash
    ALTER TABLE commands ADD COLUMN value REAL;
    CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL); -- of the workspace: the queue's
    """,
    """
    ALTER TABLE runs ADD COLUMN tested TEXT NOT NULL DEFAULT '[]';     -- looks at the test pictures, JSON; see tested.py
    """,
    """
    CREATE TABLE watched (                -- what is looked at beside the curves; see watched.py
        id INTEGER PRIMARY KEY,
        run TEXT NOT NULL, attempt INTEGER NOT NULL, epoch INTEGER NOT NULL, kind TEXT NOT NULL, body BLOB NOT NULL
    );
    CREATE INDEX watched_of_run ON watched (run, kind, epoch);
    """,
)


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the tables of the database at `path` up to date; what was there before is kept beside it.

    Raises WorkspaceError when a newer version wrote them, or when the backup cannot be written.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        message = (
            f"This workspace was written by a newer version of the workbench (format {version}). Update the workbench."
        )
        raise WorkspaceError(message)
    if version == len(MIGRATIONS):
        return
    # Two programs may open a new workspace at the same moment: the second waits here, then finds it done.
    connection.execute("BEGIN IMMEDIATE")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if 0 < version < len(MIGRATIONS):
        back_up(path, backup_path(path, version))
    _apply(connection, MIGRATIONS[version:])
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
    connection.execute("COMMIT")


def create(connection: sqlite3.Connection, version: int) -> None:
    """Make the tables of a format in an empty database: to compare others with them."""
    _apply(connection, MIGRATIONS[:version])


def _apply(connection: sqlite3.Connection, scripts: Sequence[str]) -> None:
    for script in scripts:
        for statement in _statements(script):
            connection.execute(statement)


def _statements(script: str) -> Iterator[str]:
    bare = "\n".join(line.split("--")[0] for line in script.splitlines())
    return (statement for statement in bare.split(";") if statement.strip())


def backup_path(path: Path, version: int) -> Path:
    """Where the database is kept as it was when its format was `version`."""
    return path.with_name(f"{path.name}.format-{version}.backup")


def back_up(path: Path, to: Path) -> None:
    """Copy a database, whole or not at all; others may be writing to it. Raises WorkspaceError."""
    half = to.with_name(f".{to.name}")
    try:
        half.unlink(missing_ok=True)
        source, copy = sqlite3.connect(path), sqlite3.connect(half)
        try:
            source.backup(copy)
        finally:
            copy.close()
            source.close()
        with half.open("rb+") as file:
            os.fsync(file.fileno())
        half.replace(to)
        sync_folder(to.parent)
    except OSError as error:
        raise WorkspaceError(explain(error, to)) from error
    finally:
        with contextlib.suppress(OSError):
            half.unlink(missing_ok=True)  # it has another name by now, unless something failed
