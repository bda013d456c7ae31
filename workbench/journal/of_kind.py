"""The events of one kind that a run said, without reading all the others."""

from __future__ import annotations

from typing import Any, TypeVar

from workbench.events import decode
from workbench.journal.store import Journal

E = TypeVar("E")


def of_kind(journal: Journal, run: str, kind: type[E], after: int = 0) -> list[tuple[int, E]]:
    """Those after the event with id `after`: (the event's id, the event), in order. `kind` is a class of events.py."""
    query = "SELECT id, body FROM events WHERE run = ? AND id > ? AND kind = ? ORDER BY id"
    rows: list[tuple[int, Any]] = journal.query(query, run, after, kind.__name__)
    found = ((number, decode(kind.__name__, body)) for number, body in rows)
    return [(number, event) for number, event in found if isinstance(event, kind)]


def newest(journal: Journal, run: str, kind: type[E]) -> E | None:
    """The last of them; None when it said none."""
    found = of_kind(journal, run, kind)
    return found[-1][1] if found else None
