"""Takes a way out of a trouble: begins the run, or takes up the one, that a card offers."""

from __future__ import annotations

from workbench.errors import Way, WayKind, WorkspaceError
from workbench.events import Command, Failed
from workbench.journal import Journal, Run, taking_up
from workbench.launch.fork import fork, kept
from workbench.spec import ways

#: Kinds that begin a run or take one up.
BEGINNING = frozenset({WayKind.CHANGE, WayKind.AGAIN, WayKind.MOVED})
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
    """The last whole epoch that a changed run can grow from; 0 when it must begin afresh."""
    return max((each.epoch for each in kept(journal, run) if not each.within), default=0)


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
