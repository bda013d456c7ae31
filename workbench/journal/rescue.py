"""Makes a new journal of a damaged one: the damaged file stays beside it, and nothing that a person made is lost.

First comes what can still be read of the damaged file, then the runs that only the newest backup knows, then those that
only their folders know.
"""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench import events
from workbench.errors import RecipeError, WorkspaceError
from workbench.events import Command, StepBlock
from workbench.journal.adopting import adopt
from workbench.journal.alive import held
from workbench.journal.opening import clear
from workbench.journal.rows import run_of
from workbench.journal.store import Journal
from workbench.paths import Workspace, explain, sync_folder

#: The new journal is made in a folder of this name, beside the damaged one.
SCRATCH = ".rescue."
#: What SQLite keeps beside a database: moved with it, since they would be taken for the new one's.
BESIDE = ("-wal", "-journal")
#: How long somebody who uses the damaged file is waited for.
TRY_SECONDS = 0.3

Row = dict[str, Any]


@dataclass(frozen=True)
class Rescued:
    """Where the damaged file is now, and how many runs came from where."""

    kept: Path
    from_file: int
    from_backup: int
    from_folders: int


def rescue(workspace: Workspace) -> Rescued:
    """Put a new journal in the place of the damaged one. Raises WorkspaceError, and then nothing was changed."""
    try:
        with (
            clear(workspace.database),
            # What is left of it is found as half written by those who look a workspace over.
            tempfile.TemporaryDirectory(dir=workspace.home, prefix=SCRATCH, ignore_cleanup_errors=True) as name,
        ):
            _alone(workspace)
            scratch = Workspace(Path(name))
            with Journal(scratch) as journal:
                from_file = _copy(workspace.database, journal)
                backup = newest_backup(workspace)
                from_backup = _copy(backup, journal) if backup else 0
                from_folders = _adopt_all(workspace, journal)
            kept = _exchange(workspace, scratch.database)
    except OSError as error:
        raise WorkspaceError(explain(error, workspace.database)) from error
    return Rescued(kept, from_file, from_backup, from_folders)


def newest_backup(workspace: Workspace) -> Path | None:
    """The newest copy of the database that was kept before a migration."""
    found = workspace.home.glob(f"{workspace.database.name}.*.backup")
    return max(found, key=lambda path: path.stat().st_mtime, default=None)


def _alone(workspace: Workspace) -> None:
    """Raises WorkspaceError when somebody uses the journal: what they wrote from now on would be lost."""
    at_work = [path.parent.name for path in workspace.runs.glob("*/alive") if held(path)]
    if at_work:
        raise WorkspaceError(
            f"Run {at_work[0]} is at work. Wait until it has ended, then try again; nothing was changed."
        )
    connection = sqlite3.connect(workspace.database, timeout=TRY_SECONDS, isolation_level=None)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("ROLLBACK")
    except sqlite3.Error as error:
        if "locked" in str(error):
            message = (
                f"{workspace.database} is in use. Close the window and every command of the workbench, then try again."
            )
            raise WorkspaceError(message) from error
    finally:
        connection.close()


def _copy(path: Path, journal: Journal) -> int:
    """Copy the runs that the journal does not have, with all that they said, as far as it can be read; how many."""
    with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as source:
        source.text_factory = lambda content: content.decode("utf-8", errors="replace")
        with journal.transaction():
            there = {run for (run,) in journal.query("SELECT id FROM runs")}
            found = {
                row["id"]
                for row in _readable(source, "runs", _columns(journal, "runs"))
                if row["id"] not in there and _insert(journal, "runs", row)
            }
            for table in _tables(journal) - {"runs"}:
                # Numbers of their own: in a backup they may be those of something else by now.
                for row in _readable(source, table, [name for name in _columns(journal, table) if name != "id"]):
                    if "run" not in row or row["run"] in found:
                        _insert(journal, table, row)
    return len(found)


def _tables(journal: Journal) -> set[str]:
    """What is worth keeping; how far an engine was is not."""
    rows = journal.query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    return {name for (name,) in rows} - {"live"}


def _columns(journal: Journal, table: str) -> list[str]:
    return [row[1] for row in journal.query(f"PRAGMA table_info({table})")]


def _insert(journal: Journal, table: str, row: Row) -> bool:
    marks = ", ".join("?" * len(row))
    query = f"INSERT OR IGNORE INTO {table} ({', '.join(row)}) VALUES ({marks})"  # noqa: S608 - names of ours
    return journal.write(query, *row.values()) == 1


def _readable(source: sqlite3.Connection, table: str, wanted: list[str]) -> Iterator[Row]:
    """The rows of a table that make sense: from its beginning up to the damage, then from its end down to it."""
    seen: set[int] = set()
    for order in ("ASC", "DESC"):
        try:
            there = {row[1] for row in source.execute(f"PRAGMA table_info({table})")}
            names = [name for name in wanted if name in there]
            query = f"SELECT rowid, {', '.join(names)} FROM {table} NOT INDEXED ORDER BY rowid {order}"  # noqa: S608 - names of ours
            for number, *values in source.execute(query):
                if number in seen:
                    return
                seen.add(number)
                row = dict(zip(names, values, strict=True))
                if _makes_sense(table, row, wanted):
                    yield row
        except sqlite3.Error:
            continue
        return


def _makes_sense(table: str, row: Row, columns: list[str]) -> bool:
    """Whether the workbench can read a row: a damaged page may give anything."""
    try:
        match table:
            case "runs":
                _read_run([row.get(name, "{}" if name in {"best", "last"} else "[]") for name in columns])
            case "events":
                events.decode(row["kind"], row["body"])
            case "step_blocks":
                times = float(row["begin"]), float(row["end"])
                StepBlock.unpacked(int(row["first_step"]), row["steps"], row["data"], *times)
            case "commands":
                Command(row["command"])
            case _:
                pass
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        return False
    return True


def _read_run(values: list[Any]) -> None:
    run = run_of(values)
    if not run.id or Path(run.id).name != run.id or not isinstance(run.recipe_toml, str):
        raise ValueError(run.id)
    for number in (run.created, run.number, run.epochs, run.epochs_planned):
        float(number)


def _adopt_all(workspace: Workspace, journal: Journal) -> int:
    there = {run for (run,) in journal.query("SELECT id FROM runs")}
    adopted = 0
    for folder in sorted(workspace.runs.iterdir()):
        if folder.name not in there and _has_recipe(folder):
            with contextlib.suppress(RecipeError):  # it stays where it is, and is found as astray
                adopt(journal, folder)
                adopted += 1
    return adopted


def _has_recipe(folder: Path) -> bool:
    try:
        (folder / "recipe.toml").read_bytes()
    except OSError:
        return False
    return True


def _exchange(workspace: Workspace, new: Path) -> Path:
    """Move the damaged database aside, with what belongs to it, and the new one into its place."""
    path = workspace.database
    kept = path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}")
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    with contextlib.ExitStack() as undo:
        # Before the database: SQLite deletes the log of one that is not there.
        for end in BESIDE:
            log, aside = path.with_name(path.name + end), kept.with_name(kept.name + end)
            with contextlib.suppress(FileNotFoundError):
                log.replace(aside)
                undo.callback(aside.replace, log)
        try:
            kept.hardlink_to(path)  # so that there is a database at every moment
            undo.callback(kept.unlink)
        except OSError:
            path.replace(kept)  # a disk without such links
            undo.callback(kept.replace, path)
        new.replace(path)
        undo.pop_all()
    with contextlib.suppress(OSError):  # a power cut now may bring back the one or the other; both are whole
        sync_folder(workspace.home)
    return kept
