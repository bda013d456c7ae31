"""Takes a way out of a trouble: begins the run, or takes up the one, that a card offers."""

from __future__ import annotations

import math

from workbench.errors import Way, WayKind, WorkspaceError
from workbench.events import Command, EpochEnded, Failed
from workbench.journal import Journal, Run, taking_up
from workbench.launch.fork import fork, kept
from workbench.spec import ways

#: Kinds that begin a run or take one up.
BEGINNING = frozenset({WayKind.CHANGE, WayKind.AGAIN, WayKind.MOVED})
#: An epoch whose loss is so many times that of the first step is worse than not trained at all.
RISEN = 2.0
#: What is asked of a run that hangs.
ASKED = {
    WayKind.STOP: Command.STOP,
    WayKind.STOP_NOW: Command.STOP_NOW,
    WayKind.RESTART: Command.STOP_NOW,
}


def of_run(journal: Journal, run: Run) -> tuple[Way, ...]:
    """The ways that the card of a run's latest failure offers; none when it did not fail."""
    cards = [said.event.card for said in journal.events(run.id) if isinstance(said.event, Failed)]
    return cards[-1].ways if cards and run.ending is not None else ()


def origin(journal: Journal, run: Run) -> int:
    """The last good whole epoch that a changed run can grow from; 0 when it must begin afresh.

    One whose mean loss is not finite, or far above the very first step's, had diverged before anybody noticed.
    """
    said = (each.event for each in journal.events(run.id))
    losses = {ended.epoch: ended.metrics["loss"] for ended in said if isinstance(ended, EpochEnded)}
    most = RISEN * _first_loss(journal, run)
    whole = (each.epoch for each in kept(journal, run) if not each.within)
    return max((epoch for epoch in whole if losses.get(epoch, 0.0) <= most), default=0)


def _first_loss(journal: Journal, run: Run) -> float:
    """The loss of a run's first step, before it had learned anything; without end where that was none."""
    steps = journal.steps(run.id, most=1)
    first = float(steps[0].block.column("loss")[0]) if steps else math.inf
    return first if math.isfinite(first) else math.inf


def begin(journal: Journal, run: Run, way: Way, *, pictures: str = "") -> Run:
    """The queued run that a way leads to: a new one, or `run` itself. `pictures`: where they are now, for MOVED.

    Raises WorkbenchError with what stands in the way.
    """
    if way.kind is WayKind.CHANGE:
        recipe = ways.applied(run.recipe, way.changes)
        epoch = origin(journal, run)
        if 0 < epoch < recipe.training.epochs:
            return fork(journal, run, recipe, epoch=epoch)
        return journal.create_run(recipe, preset=run.preset)
    if way.kind is WayKind.MOVED and not pictures:
        raise WorkspaceError("Say where the pictures are now.")
    return taking_up.requeue(journal, run, pictures=pictures if way.kind is WayKind.MOVED else "")
