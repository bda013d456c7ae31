"""The queue of a workspace: in which order runs wait, whether it moves, and how many train at once.

Runs wait by their place, and by their number where they have none. The keeper reads all of this at each tick; whoever
changes it is the window or the command line.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workbench.errors import WorkspaceError
from workbench.events import State
from workbench.journal.rows import Run
from workbench.journal.store import Journal

#: More trainings at once than this only take each other's cores.
MOST_AT_ONCE = 16


@dataclass(frozen=True)
class QueueSettings:
    """How the queue of a workspace moves."""

    #: no waiting run is started; what trains goes on
    paused: bool = False
    #: so many trainings at once on the CPU; a GPU has one at a time
    at_once: int = 1


def queue_settings(journal: Journal) -> QueueSettings:
    """How the queue moves now."""
    rows = journal.query("SELECT name, value FROM settings WHERE name IN ('queue.paused', 'queue.at_once')")
    values: dict[str, Any] = {name: json.loads(value) for name, value in rows}
    return QueueSettings(bool(values.get("queue.paused", False)), int(values.get("queue.at_once", 1)))


def moves(runs: Sequence[Run], settings: QueueSettings) -> bool:
    """Whether there is something a keeper has to do: runs at work, or a line that is not paused."""
    return any(not settings.paused or run.state is not State.QUEUED for run in runs)


def needs_keeper(journal: Journal) -> bool:
    """The same, read from the journal."""
    return moves(journal.unended(), queue_settings(journal))


def pause_queue(journal: Journal, *, paused: bool) -> None:
    """Let no waiting run begin, or let them begin again."""
    _set(journal, "queue.paused", paused)


def set_at_once(journal: Journal, count: int) -> None:
    """So many trainings at once on the CPU. Raises WorkspaceError when that is no sensible number."""
    if not 1 <= count <= MOST_AT_ONCE:
        raise WorkspaceError(f"From 1 to {MOST_AT_ONCE} runs can train at once, got {count}.")
    _set(journal, "queue.at_once", count)


def _set(journal: Journal, name: str, value: bool | int) -> None:  # noqa: FBT001 - a value to store
    journal.write("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", name, json.dumps(value))


def in_line(runs: Sequence[Run]) -> list[Run]:
    """The runs that wait, in the order in which they will begin."""
    return sorted((run for run in runs if run.state is State.QUEUED), key=order)


def order(run: Run) -> tuple[float, int]:
    """Where a waiting run stands: by its place, else by its number."""
    return run.place or float(run.number), run.number


def move(journal: Journal, run: str, to: int) -> list[Run]:
    """Put a waiting run at place `to` of the line, from 0; the line after that. Raises WorkspaceError when it does not wait."""
    with journal.transaction():
        line = in_line(journal.unended())
        found = next((each for each in line if each.id == run), None)
        if found is None:
            name = journal.run(run).name
            raise WorkspaceError(f"{name} does not wait in the queue; only runs that wait can be moved.")
        line.remove(found)
        line.insert(max(0, min(to, len(line))), found)
        # The places they have had, handed out anew: nobody else moves.
        places = sorted(order(each)[0] for each in line)
        for each, place in zip(line, _apart(places), strict=True):
            journal.write("UPDATE runs SET place = ? WHERE id = ?", place, each.id)
        return in_line(journal.unended())


def _apart(places: list[float]) -> list[float]:
    """The same places, each above the one before."""
    apart: list[float] = []
    for place in places:
        apart.append(max(place, apart[-1] + 1e-6) if apart else place)
    return apart
