"""Which runs of a workspace are shown beside each other: whose eye is open, in which colour, against which baseline.

Colour, dash and marker of a run are its slot, a number from 0: it is given when the run is first shown and stays for
the life of the run. A slot's colour is its remainder by six; from the seventh slot on, markers are hollow. A run that is
first shown takes the colour that fewest of the runs beside it have, so one that nobody beside it has, if there is any;
of these the one that fewest hidden runs have, so that it differs from those, too, when their eyes are opened again
(the baseline's before others for the baseline, after them for other runs).
Two runs meet in one colour where more than six are shown; or where more than five have ever been, once one that was
hidden is shown again, as it keeps what it has. What is kept of runs in the trash comes back with them; nobody sees it,
and nobody makes way for it, meanwhile.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from workbench.journal.store import Journal

#: The slot of the cross, left for the baseline while others are free; and how many slots there are before they repeat.
BASELINE_SLOT, SLOTS = 4, 6


@dataclass(frozen=True)
class Shown:
    """What is shown of a workspace's runs."""

    #: the ids of runs whose eye is open
    runs: frozenset[str] = frozenset()
    #: the slot of every run that ever was shown
    slots: Mapping[str, int] = field(default_factory=dict)
    #: the run that the others are measured against; empty when there is none
    baseline: str = ""

    def opened(self, runs: Sequence[str]) -> Shown:
        """With the eyes of more runs open; the first of them is the first to be given a slot."""
        slots, open_now = dict(self.slots), self.runs | set(runs)
        # Those that have a colour are there first: the new ones avoid it.
        beside = [slot for run, slot in slots.items() if run in open_now]
        hidden = [slot for run, slot in slots.items() if run not in open_now]
        for run in runs:
            if run not in slots:
                slots[run] = _free_slot(beside, hidden, baseline=run == self.baseline)
                beside.append(slots[run])
        return replace(self, runs=open_now, slots=slots)

    def closed(self, runs: Collection[str]) -> Shown:
        return replace(self, runs=self.runs - frozenset(runs))


def _free_slot(beside: Sequence[int], hidden: Sequence[int], *, baseline: bool) -> int:
    """The slot for a new run beside others: none of theirs, and their colours and those of hidden runs as rarely as can be."""
    now, kept = (Counter(slot % SLOTS for slot in slots) for slots in (beside, hidden))
    colour = min(range(SLOTS), key=lambda each: (now[each], (each == BASELINE_SLOT) is not baseline, kept[each]))
    # Full and hollow markers; more than these two cannot be told apart.
    unknown = [slot for slot in (colour, colour + SLOTS) if slot not in {*beside, *hidden}]
    return unknown[0] if unknown else next(slot for slot in itertools.count(colour, SLOTS) if slot not in beside)


def shown(journal: Journal) -> Shown:
    """What is shown now; without runs that were discarded or put into the trash."""
    kept = _kept(journal)
    return _among(kept, _there(journal, kept, trashed=False))


def show(journal: Journal, runs: Sequence[str]) -> Shown:
    """Open the eyes of runs."""
    return _change(journal, lambda now: now.opened(runs))


def hide(journal: Journal, runs: Collection[str]) -> Shown:
    """Close the eyes of runs."""
    return _change(journal, lambda now: now.closed(runs))


def show_only(journal: Journal, runs: Sequence[str]) -> Shown:
    """Open the eyes of these runs, and close all others."""
    return _change(journal, lambda now: now.closed(now.runs - set(runs)).opened(runs))


def set_baseline(journal: Journal, run: str) -> Shown:
    """Measure the others against this run, and show it; against none when it is empty."""
    return _change(journal, lambda now: replace(now, baseline=run).opened([run] if run else []))


def _change(journal: Journal, change: Callable[[Shown], Shown]) -> Shown:
    with journal.transaction():
        kept, now = _kept(journal), shown(journal)
        # What is in the trash keeps its eye and its colour, but takes no colour from those that are here.
        wanted = change(now)
        everything = Shown(wanted.runs | (kept.runs - now.runs), {**kept.slots, **wanted.slots}, wanted.baseline)
        _write(journal, _among(everything, _there(journal, everything, trashed=True)))
    return shown(journal)


def _there(journal: Journal, among: Shown, *, trashed: bool) -> set[str]:
    """Which of the runs there still are; those in the trash as well if asked."""
    if among == Shown():
        return set()
    runs = json.dumps([*among.runs, *among.slots, among.baseline])
    query = "SELECT id FROM runs WHERE id IN (SELECT value FROM json_each(?)) AND ending IS NOT 'discarded'"
    return {run for (run,) in journal.query(f"{query}{'' if trashed else ' AND trashed IS NULL'}", runs)}


def _among(kept: Shown, there: Collection[str]) -> Shown:
    return Shown(
        frozenset(run for run in kept.runs if run in there),
        {run: slot for run, slot in kept.slots.items() if run in there},
        kept.baseline if kept.baseline in there else "",
    )


def _kept(journal: Journal) -> Shown:
    rows = journal.query(
        "SELECT name, value FROM settings WHERE name IN ('shown.runs', 'shown.slots', 'shown.baseline')"
    )
    values: dict[str, Any] = {name: json.loads(value) for name, value in rows}
    return Shown(
        frozenset(values.get("shown.runs", ())), values.get("shown.slots", {}), values.get("shown.baseline", "")
    )


def _write(journal: Journal, wanted: Shown) -> None:
    values: dict[str, Any] = {
        "shown.runs": sorted(wanted.runs), "shown.slots": dict(wanted.slots), "shown.baseline": wanted.baseline,
    }  # fmt: skip
    for name, value in values.items():
        journal.write("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", name, json.dumps(value))
