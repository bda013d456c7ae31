"""The trash: ended runs that were put away. They keep number, rows and folder until the trash is emptied.

Being in the trash is a mark on the run's row and nothing else, so that putting there and taking back are one write
each and cannot be cut in half. Emptying takes the rows first and the folders then: what a crash leaves of them goes
when the next keeper begins, and no run comes back without its weights.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import WorkspaceError
from workbench.events import Ending, State
from workbench.journal.rows import Run, run_of
from workbench.journal.store import Journal
from workbench.paths import explain

_HERE = "trashed IS NOT NULL AND state = 'ended' AND ending IS NOT 'discarded'"


@dataclass(frozen=True)
class Contents:
    """What of a run is on the disk."""

    epochs: int
    checkpoints: int
    #: bytes of its folder and of its steps in the journal
    size: int


@dataclass(frozen=True)
class Freed:
    """What emptying the trash came to."""

    runs: int
    #: bytes that the disk has again
    size: int
    #: why some of it is still there, in a sentence; empty when nothing is
    left: str = ""


def contents(journal: Journal, run: Run) -> Contents:
    """What a run takes up, and what deleting it would take away."""
    files = _files(journal.workspace.run_folder(run.id))
    weights = sum(name == "weights.safetensors" for name, _ in files)
    return Contents(run.epochs, weights, sum(size for _, size in files) + _said_size(journal, run.id))


def _files(folder: Path) -> list[tuple[str, int]]:
    """Name and size of every file in a folder; one that goes meanwhile is left out."""
    found: list[tuple[str, int]] = []
    for path in folder.rglob("*"):
        try:
            if path.is_file() and not path.is_symlink():
                found.append((path.name, path.stat().st_size))
        except OSError:
            continue
    return found


def _said_size(journal: Journal, run: str) -> int:
    (steps,) = journal.query("SELECT COALESCE(SUM(LENGTH(data)), 0) FROM step_blocks WHERE run = ?", run)[0]
    (watched,) = journal.query("SELECT COALESCE(SUM(LENGTH(body)), 0) FROM watched WHERE run = ?", run)[0]
    return int(steps) + int(watched)


def runs(journal: Journal) -> list[Run]:
    """Every run in the trash, the one put there last first."""
    rows = journal.query(f"SELECT * FROM runs WHERE {_HERE} ORDER BY trashed DESC, number DESC")  # noqa: S608 - a constant
    return [run_of(row) for row in rows]


def put(journal: Journal, run: str) -> None:
    """Put an ended run into the trash. Raises WorkspaceError when it still lives, or is gone already."""
    mark = (
        "UPDATE runs SET trashed = ? WHERE id = ? AND state = 'ended' AND ending IS NOT 'discarded' AND trashed IS NULL"
    )
    if not journal.write(mark, time.time(), run):
        raise WorkspaceError(_why_not(journal.run(run)))


def _why_not(run: Run) -> str:
    if run.ending is Ending.DISCARDED:
        return f"{run.name} was deleted already; nothing of it is left."
    if run.trashed is not None:
        return f"{run.name} is in the trash already."
    waits = "still waits in the queue" if run.state is State.QUEUED else f"is still {run.state}"
    return f"{run.name} {waits}. Stop it first; what it has trained by then is kept."


def restore(journal: Journal, run: str) -> None:
    """Take a run out of the trash again. Raises WorkspaceError when it is not there."""
    if not journal.write(f"UPDATE runs SET trashed = NULL WHERE id = ? AND {_HERE}", run):  # noqa: S608 - a constant
        found = journal.run(run)
        gone = found.ending is Ending.DISCARDED
        raise WorkspaceError(f"{found.name} {'was deleted for good' if gone else 'is not in the trash'}.")


def empty(journal: Journal) -> Freed:
    """Delete for good what is in the trash now, and give its space back to the disk."""
    with journal.transaction():
        found = runs(journal)
        steps = sum(_said_size(journal, run.id) for run in found)
        _forget(journal, found)
    freed = _remove_folders(journal, found)
    # While a run is at work its engine must not wait for the whole file to be written anew: the room is used again.
    shrunk = bool(found) and _shrink(journal)
    return Freed(len(found), freed.size + (steps if shrunk else 0), freed.left)


def _shrink(journal: Journal) -> bool:
    try:
        return not journal.unended() and journal.shrink()
    except WorkspaceError:
        return False  # what was deleted is deleted


def destroy(journal: Journal, run: str) -> Freed:
    """Delete one ended run for good, in the trash or not. Raises WorkspaceError when it still lives."""
    with journal.transaction():
        found = journal.run(run)
        if found.state is not State.ENDED or found.ending is Ending.DISCARDED:
            raise WorkspaceError(_why_not(found))
        _forget(journal, [found])
    return _remove_folders(journal, [found])


def _forget(journal: Journal, found: Sequence[Run]) -> None:
    """Within a transaction: the rows stay, so that their numbers are not given again; what the runs said goes."""
    for run in found:
        journal.write(
            "UPDATE runs SET ending = 'discarded', trashed = NULL, tags = '[]', note = '' WHERE id = ?", run.id
        )
        journal.forget(run.id)


def _remove_folders(journal: Journal, found: Sequence[Run]) -> Freed:
    size, left = 0, ""
    for run in found:
        folder = journal.workspace.run_folder(run.id)
        before = sum(each for _, each in _files(folder))
        try:
            if folder.exists():
                shutil.rmtree(folder)
        except OSError as error:
            left = left or f"{explain(error, folder)} It is tried again when the next run begins."
        size += before - sum(each for _, each in _files(folder))
    return Freed(len(found), size, left)
