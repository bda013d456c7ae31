"""That a run was judged on its test pictures, when and by which weights: remembered for good with the run.

Test pictures are worth what they are because nothing was chosen by them. Whoever looks at them has it written here first, and
nothing takes it away again: neither a resume nor a second look.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass

from workbench.journal.store import Journal


@dataclass(frozen=True)
class Tested:
    """One look at the test pictures."""

    epoch: int
    step: int
    #: wall-clock time
    time: float


def remember_test(journal: Journal, run: str, epoch: int, step: int) -> None:
    """Write down that the weights after so many epochs and steps are judged on the test pictures now."""
    with journal.transaction():
        every = [*_rows(journal, run), [epoch, step, time.time()]]
        journal.write("UPDATE runs SET tested = ? WHERE id = ?", json.dumps(every), run)


def looks_at_test(journal: Journal, run: str) -> tuple[Tested, ...]:
    """Every look at a run's test pictures, in order."""
    return tuple(Tested(*row) for row in _rows(journal, run))


def _rows(journal: Journal, run: str) -> list[tuple[int, int, float]]:
    found = journal.query("SELECT tested FROM runs WHERE id = ?", run)
    return [(int(epoch), int(step), float(when)) for epoch, step, when in (json.loads(found[0][0]) if found else ())]
