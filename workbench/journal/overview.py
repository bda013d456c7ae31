"""What the table of all runs asks of each: quick to read for a thousand of them."""

from __future__ import annotations

from workbench.events import EpochEnded
from workbench.journal.of_kind import of_kind
from workbench.journal.store import Journal


def epochs_ended(journal: Journal, run: str, after: int = 0) -> list[tuple[int, EpochEnded]]:
    """The epochs that a run ended after the event with id `after`: (the event's id, the event), in order."""
    return of_kind(journal, run, EpochEnded, after)
