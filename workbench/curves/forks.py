"""Fork trees: which run grew from which, and where in the plot a child's curve begins. Pure functions over runs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.curves.run_curves import RunCurves
from workbench.journal import Run


@dataclass(frozen=True)
class Branch:
    """A run's place in its tree, as far as the runs are known."""

    run: Run
    #: None for a root, and where the parent is not among the runs
    parent: Run | None
    #: after which epoch of its parent it grew; 0 for a run that is no fork
    epoch: int
    #: in the order in which they branch off, oldest first where that is the same epoch
    children: tuple[Run, ...]
    #: how many forks lie between it and the root that is known
    depth: int


def fork_trees(runs: Sequence[Run]) -> dict[str, Branch]:
    """The place of every run in its tree, by its id."""
    known = {run.id: run for run in runs}
    children: dict[str, list[Run]] = {}
    for run in sorted(runs, key=lambda each: (each.parent_epoch, each.number)):
        children.setdefault(run.parent, []).append(run)
    return {
        run.id: Branch(
            run, known.get(run.parent), run.parent_epoch, tuple(children.get(run.id, ())), len(lineage(run, known)) - 1
        )
        for run in runs
    }


def lineage(run: Run, known: Mapping[str, Run]) -> tuple[Run, ...]:
    """The run and those it grew from, as far as they are known, the root first."""
    line, seen = [run], {run.id}
    while (parent := known.get(line[0].parent)) is not None and parent.id not in seen:
        line.insert(0, parent)
        seen.add(parent.id)
    return tuple(line)


def beginning(
    run: Run, known: Mapping[str, Run], curves: Mapping[str, RunCurves], metric: str
) -> tuple[int, float] | None:
    """Where a child's curve begins: the epoch at which it was forked, and the metric's value there in its parent's curve.

    A fork of a fork at the very epoch where that one began finds its value with its grandparent. None for a root, and
    where that epoch of the parent is not known.
    """
    for parent in reversed(lineage(run, known)[:-1]):
        found = curves.get(parent.id)
        if found is not None:
            value = value_at(found, metric, run.parent_epoch)
            if value is not None:
                return run.parent_epoch, value
        if run.parent_epoch > parent.parent_epoch:
            return None  # that epoch was its own, and it is not known
    return None


def value_at(curves: RunCurves, metric: str, epoch: int) -> float | None:
    """A metric at the end of an epoch; None when it is not known or no finite number."""
    values = curves.epochs.metric(metric)[curves.epochs.number.view == epoch]
    return float(values[-1]) if len(values) and math.isfinite(values[-1]) else None
