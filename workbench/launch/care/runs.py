"""Runs without an owner: those that should have an engine and have none, and those that no keeper waits for."""

from __future__ import annotations

import time
from functools import partial

from workbench.errors import EngineError
from workbench.events import State
from workbench.journal import Journal, Run
from workbench.journal.alive import held
from workbench.journal.queue import moves, needs_keeper, queue_settings
from workbench.launch.care.finding import Finding, Kind, counted, some
from workbench.launch.notice import end_dead, is_dead
from workbench.launch.start import ensure_keeper, keeper_lock, keeper_log
from workbench.paths import Workspace

#: How long a keeper may take to begin.
WAIT_SECONDS = 20.0


def look(journal: Journal) -> list[Finding]:
    """The runs without an owner; none while a keeper lives: it sees them itself."""
    if held(keeper_lock(journal.workspace)):
        return []
    unended = journal.unended()
    dead = [run for run in unended if is_dead(journal, run)]
    # The window reserves a run for a moment before it calls the keeper.
    waiting = [run for run in unended if run not in dead and run.reserved <= time.time()]
    found = [_dead(journal.workspace, run) for run in dead]
    # A line that was paused waits for nobody.
    return [*found, _waiting(journal.workspace, waiting)] if moves(waiting, queue_settings(journal)) else found


def _dead(workspace: Workspace, run: Run) -> Finding:
    return Finding(
        Kind.NO_ENGINE,
        f"{run.name} is said to be {run.state}, but its engine is gone.",
        "It is ended as interrupted; what it had written is kept, and it can be taken up again.",
        partial(_end, workspace, run.id),
        run.id,
    )


def _end(workspace: Workspace, run: str) -> str:
    with Journal(workspace) as journal:
        now = journal.run(run)
        if is_dead(journal, now):
            end_dead(journal, run)
            now = journal.run(run)
    return f"{now.name} is {now.ending or now.state}."


def _waiting(workspace: Workspace, waiting: list[Run]) -> Finding:
    queued = sum(run.state is State.QUEUED for run in waiting)
    working = len(waiting) - queued
    what = [f"{counted(queued, 'run')} in the queue"] * bool(queued) + [f"{counted(working, 'run')} at work"] * bool(
        working
    )
    return Finding(
        Kind.NO_KEEPER,
        f"No keeper lives for {' and '.join(what)} ({some([run.name for run in waiting])}): nobody starts or ends them.",
        "A keeper is started; the queue goes on.",
        partial(_keep, workspace),
    )


def _keep(workspace: Workspace) -> str:
    ensure_keeper(workspace)
    deadline = time.monotonic() + WAIT_SECONDS
    while not held(keeper_lock(workspace)):
        with Journal(workspace) as journal:
            if not needs_keeper(journal):
                return "A keeper was started, and all runs have ended."
        if time.monotonic() > deadline:
            raise EngineError(f"The keeper did not begin; {keeper_log(workspace)} may say why.")
        time.sleep(0.05)
    return "A keeper was started."
