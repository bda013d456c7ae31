"""RunThread: runs one training from the window's side.

It starts the run (hands it to the warm engine, else asks the keeper), follows the run's journal until the
run has ended, and hands over what it read as typed signals. It waits and reads; it draws nothing, decides
nothing about a run and never writes to one beyond giving up its reservation. Stopping the thread leaves the
training alone. The same thread shows a finished run: then there is one thing to read, and it ends.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, Signal

from workbench.errors import WorkbenchError
from workbench.events import Live, State
from workbench.journal import Journal, Run, Said, Steps
from workbench.paths import Workspace

if TYPE_CHECKING:
    from workbench.curves.run_curves import RunCurves
    from workbench.launch.warm import WarmEngine

#: How often the journal is asked whether anything changed (4 µs a time).
POLL_SECONDS = 0.1
#: How often it is checked that the run's process is still there, when no keeper does it.
NOTICE_SECONDS = 1.0


@dataclass(frozen=True)
class Loaded:
    """All that a run has said so far; `curves` belongs to whoever receives this."""

    run: Run
    curves: RunCurves
    live: Live | None
    said: tuple[Said, ...]


@dataclass(frozen=True)
class Followed:
    """What a run said since the last time."""

    run: Run
    live: Live | None
    said: tuple[Said, ...]
    steps: tuple[Steps, ...]


def read_whole(journal: Journal, run_id: str) -> tuple[Loaded, int, int]:
    """All that a run has said so far, and the places of its last event and its last step block in the journal."""
    from workbench.curves.run_curves import RunCurves  # noqa: PLC0415 - not before the first paint

    # The row first: once it says "ended", everything the run will ever say is there to be read.
    run = journal.run(run_id)
    said, steps = journal.events(run_id), journal.steps(run_id)
    curves = RunCurves()
    curves.feed(said, steps)
    # What is drawn first is made ready here, and not in the window's thread.
    curves.loss.settle()
    curves.learning_rate.settle()
    loaded = Loaded(run, curves, journal.live(run_id), tuple(said))
    return loaded, said[-1].id if said else 0, steps[-1].id if steps else 0


class RunThread(QThread):
    """Starts one run if asked to, and follows it until it has ended."""

    #: Everything the run has said so far was read; comes once, first (Loaded).
    loaded = Signal(object)
    #: The run said something more, or its engine got further (Followed); at most 10 times a second.
    followed = Signal(object)
    #: The run has ended and everything it said was handed over (the run's id).
    run_ended = Signal(str)
    #: The warm engine has become this run's process (the run's id).
    handed_over = Signal(str)
    #: The run could not be started or read (the run's id, a sentence).
    failed = Signal(str, str)

    def __init__(
        self,
        workspace: Workspace,
        run: str,
        *,
        start: bool = False,
        warm: WarmEngine | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(f"run-{run}")
        self.run_id = run
        self._workspace = workspace
        self._start_it = start
        self._warm = warm
        self._stopping = threading.Event()
        self._last_said = 0
        self._last_steps = 0

    def leave(self) -> None:
        """Stop following soon, without waiting for it; the training goes on."""
        self._stopping.set()

    def stop(self) -> None:
        """Stop following and wait for the thread; the training goes on."""
        self._stopping.set()
        self.wait()

    def run(self) -> None:
        try:
            with Journal(self._workspace) as journal:
                if self._start_it:
                    self._begin(journal)
                self._follow(journal)
        except WorkbenchError as error:
            self.failed.emit(self.run_id, str(error))

    def _begin(self, journal: Journal) -> None:
        """Give the run to the warm engine, else to the keeper; the keeper watches over it either way."""
        from workbench.launch.start import ensure_keeper  # noqa: PLC0415 - not before the first paint

        warm = self._warm
        if warm is None:
            journal.release(self.run_id)
        elif warm.hand_over(self.run_id):
            self.handed_over.emit(self.run_id)
        elif not journal.release(self.run_id) and journal.run(self.run_id).process == warm.process:
            warm.took_late()
            self.handed_over.emit(self.run_id)
        else:
            # The reservation is given up: however late the warm engine hears of it, it can no longer take the run.
            warm.close()
        ensure_keeper(self._workspace)

    def _follow(self, journal: Journal) -> None:
        journal.changed()  # before the first read, so that nothing falls between the two
        state = self._load(journal)
        noticed = 0.0
        while state is not State.ENDED and not self._stopping.wait(POLL_SECONDS):
            wrote = False
            if time.monotonic() - noticed > NOTICE_SECONDS:
                wrote = self._stand_in(journal)
                noticed = time.monotonic()
            # What this thread has written itself is no change that the journal tells it of.
            if journal.changed() or wrote:
                state = self._read_on(journal)
        if state is State.ENDED:
            self.run_ended.emit(self.run_id)

    def _stand_in(self, journal: Journal) -> bool:
        """While no keeper lives: notice runs whose engine is gone, and start a keeper for those that remain; whether any was gone."""
        from workbench.journal.alive import held  # noqa: PLC0415 - not before the first paint
        from workbench.journal.queue import needs_keeper  # noqa: PLC0415 - not before the first paint
        from workbench.launch.notice import notice_deaths  # noqa: PLC0415 - not before the first paint
        from workbench.launch.start import ensure_keeper, keeper_lock  # noqa: PLC0415 - not before the first paint

        if held(keeper_lock(self._workspace)):
            return False
        gone = notice_deaths(journal)
        if needs_keeper(journal):
            ensure_keeper(self._workspace)
        return bool(gone)

    def _load(self, journal: Journal) -> State:
        loaded, self._last_said, self._last_steps = read_whole(journal, self.run_id)
        self.loaded.emit(loaded)
        return loaded.run.state

    def _read_on(self, journal: Journal) -> State:
        run = journal.run(self.run_id)
        said, steps = self._news(journal)
        self.followed.emit(Followed(run, journal.live(self.run_id), tuple(said), tuple(steps)))
        return run.state

    def _news(self, journal: Journal) -> tuple[list[Said], list[Steps]]:
        said = journal.events(self.run_id, self._last_said)
        steps = journal.steps(self.run_id, self._last_steps)
        self._last_said = said[-1].id if said else self._last_said
        self._last_steps = steps[-1].id if steps else self._last_steps
        return said, steps
