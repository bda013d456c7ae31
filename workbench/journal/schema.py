"""The tables of the journal, as a list of migrations that only grows."""

from __future__ import annotations

import sqlite3

from workbench.errors import WorkspaceError

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
)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the tables up to date. Raises WorkspaceError when a newer version wrote them."""
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
    for script in MIGRATIONS[version:]:
        for statement in script.split(";\n"):
            if statement.strip():
                connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
    connection.execute("COMMIT")
