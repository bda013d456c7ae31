"""What the table of all runs asks of each: quick to read for a thousand of them."""

from __future__ import annotations

from workbench.events import EpochEnded, decode
from workbench.journal.store import Journal


def epochs_ended(journal: Journal, run: str, after: int = 0) -> list[tuple[int, EpochEnded]]:
    """The epochs that a run ended after the event with id `after`: (the event's id, the event), in order."""
    query = "SELECT id, body FROM events WHERE run = ? AND id > ? AND kind = 'EpochEnded' ORDER BY id"
    found = ((number, decode("EpochEnded", body)) for number, body in journal.query(query, run, after))
    return [(number, event) for number, event in found if isinstance(event, EpochEnded)]
