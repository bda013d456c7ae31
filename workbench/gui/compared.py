"""A run that is shown beside others: what the table, the plots and the comparison agree on. Plain state, no painting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.journal import Run

if TYPE_CHECKING:
    from workbench.curves.run_curves import RunCurves


@dataclass(frozen=True)
class Compared:
    """One run whose eye is open."""

    run: Run
    #: its colour, dash and marker, counted from 0, fixed for the life of the run (see widgets/sample.py)
    slot: int
    #: the settings in which it differs from the others that are shown, in a few words; its name where it differs in none
    label: str
    #: the run that the others are measured against
    baseline: bool = False
    #: None until they were read
    curves: RunCurves | None = None
