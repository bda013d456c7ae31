"""Everything that has a flag on a run's curves: what the run said, its forks, and where overfitting began."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.curves.flags import Flag
from workbench.curves.gap import Gap
from workbench.curves.run_curves import RunCurves
from workbench.journal.rows import Fork


def every_flag(curves: RunCurves, forks: Sequence[Fork], gap: Gap | None) -> tuple[Flag, ...]:
    """All flags of a run, in the order of their steps."""
    found = list(curves.flags)
    for name, epoch in forks:
        found.append(
            Flag("fork", round(curves.axes.steps_of(float(epoch))), epoch, f"Fork → {name}", f"{name} grew from here.")
        )
    if gap is not None and gap.since is not None:
        found.append(
            Flag("overfits", round(curves.axes.steps_of(float(gap.since))), gap.since, "Overfits", gap.sentence)
        )
    return tuple(sorted(found, key=lambda flag: flag.step))
