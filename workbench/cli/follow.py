"""Follows a run in the journal until it has ended, whoever trains it. It prints nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from workbench.errors import EngineError
from workbench.events import Event, Live, State
from workbench.journal import Journal, Run
from workbench.journal.alive import held
from workbench.journal.queue import needs_keeper
from workbench.launch.notice import is_dead, last_lines, notice_deaths
from workbench.launch.start import ensure_keeper, keeper_comes, keeper_lock, keeper_log

TICK_SECONDS = 0.05
#: How often it is looked whether somebody still keeps the run.
KEEPER_SECONDS = 1.0
#: So many keepers may die before that is given up.
KEEPER_TRIES = 5
#: So many looks may find a dead engine whose ending the keeper has not written.
DEAD_LOOKS = 3


@dataclass(frozen=True)
class Heard:
    """What is new about a run."""

    run: Run
    said: tuple[Event, ...]
    live: Live | None


class RunFollower:
    """Reads what a run says, and sees to it that a keeper looks after it."""

    def __init__(self, journal: Journal, run: str, after: int = 0) -> None:
        self._journal = journal
        self._run = run
        self._last_event = after
        self._looked = time.monotonic()
        self._tries = 0
        self._dead = 0
        self._stale = False

    def follow(self, hear: Callable[[Heard], None], each_tick: Callable[[], None] | None = None) -> Run:
        """Tell `hear` what is new until the run has ended.

        Raises EngineError when no keeper can be started, WorkspaceError when the journal cannot be written any more.
        """
        while True:
            if each_tick:
                each_tick()
            if self._journal.changed() or self._stale:
                self._stale = False
                heard = self._heard()
                hear(heard)
                if heard.run.state is State.ENDED:
                    return heard.run
            self._see_to_keeper()
            time.sleep(TICK_SECONDS)

    def _heard(self) -> Heard:
        # The run's row first: what is said before its end is then never missed.
        run = self._journal.run(self._run)
        said = self._journal.events(self._run, after=self._last_event)
        if said:
            self._last_event = said[-1].id
        return Heard(run, tuple(each.event for each in said), self._journal.live(self._run))

    def _see_to_keeper(self) -> None:
        if time.monotonic() - self._looked < KEEPER_SECONDS:
            return
        self._looked = time.monotonic()
        workspace = self._journal.workspace
        kept = held(keeper_lock(workspace))
        if kept:
            # A keeper that cannot write an ending tries on and on; whoever waits here is told why it cannot.
            self._dead = self._dead + 1 if is_dead(self._journal, self._journal.run(self._run)) else 0
            if self._dead < DEAD_LOOKS:
                return
        notice_deaths(self._journal)
        if self._journal.run(self._run).state is State.ENDED:
            # What this connection writes does not count as a change from outside.
            self._stale = True
            return
        if kept or not needs_keeper(self._journal) or keeper_comes(workspace):
            return
        self._tries += 1
        if self._tries > KEEPER_TRIES:
            raise EngineError(f"The keeper could not be started:\n{last_lines(keeper_log(workspace))}")
        ensure_keeper(workspace)
