"""What a run says, on its way into the journal; and what people ask of it, on the way back."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import time

from workbench.errors import WorkspaceError
from workbench.events import Command, Continued, Ending, Event, Floats, Live, Paused, Phase, State, StepBlock
from workbench.journal import Asked, Journal
from workbench.journal.rows import Watched
from workbench.journal.store import ballast_path
from workbench.paths import Workspace, explain, write_synced

#: How often the row that tells how far a run is may be overwritten.
LIVE_SECONDS = 0.1
#: How often one that is paused looks whether it may go on.
PAUSE_SECONDS = 0.05
#: Freed when the disk is full, so that the ending and its card can still be written.
BALLAST_BYTES = 1024 * 1024


class StopNowAskedError(Exception):
    """Somebody asked to stop now and keep the best so far."""

    ending = Ending.STOPPED


class LeaveAskedError(StopNowAskedError):
    """The system asked the process to end: somebody logs out, or switches off."""

    ending = Ending.INTERRUPTED


class DiscardAskedError(Exception):
    """Somebody asked to discard the run."""


class Clock:
    """Run time in seconds since the run began; pauses, and what lies between two attempts, are left out."""

    def __init__(self) -> None:
        self._begin = time.perf_counter()

    def __call__(self) -> float:
        return time.perf_counter() - self._begin

    def leave_out(self, seconds: float) -> None:
        """So many seconds were no run time; less than none when an earlier attempt has had its own."""
        self._begin += seconds


class Recorder:
    """Writes events and step blocks of one attempt, and reads its commands between chunks.

    With a `journal` that is open already it is that one's owner.
    """

    def __init__(self, workspace: Workspace, run: str, attempt: int, journal: Journal | None = None) -> None:
        self.run = run
        self.attempt = attempt
        self.folder = workspace.run_folder(run)
        self.clock = Clock()
        #: Somebody asked to stop after this epoch.
        self.finishing = False
        #: Somebody asked to pause, and did not ask to go on.
        self.pausing = False
        #: Somebody asked for a checkpoint; whoever makes it says so here.
        self.save_wanted = False
        #: The learning rate that somebody asked for; whoever sets it takes it away.
        self.rate_wanted: float | None = None
        #: The system asked the process to end.
        self.leaving = False
        #: Training is over and the rest is being kept: only a discard is still heard.
        self.ending = False
        self._journal = journal or Journal(workspace)
        self._waiting: list[Event | StepBlock | Watched] = []
        self._live = Live(Phase.STARTING)
        self._written = 0.0
        self._ballast = ballast_path(workspace, run)

    def take_ballast(self) -> None:
        """Reserve the space that the ending will need. Raises WorkspaceError when there is none."""
        try:
            # Random, since zeros take next to nothing on a disk that compresses; synced, since some systems find out
            # only then that there is no room.
            write_synced(self._ballast, os.urandom(BALLAST_BYTES))
        except OSError as error:
            raise WorkspaceError(explain(error, self.folder)) from error

    def drop_ballast(self) -> None:
        """Free the reserved space, at the end or when the disk is full."""
        with contextlib.suppress(OSError):  # a disk that has become read-only: what is written next says so
            self._ballast.unlink(missing_ok=True)

    @property
    def journal(self) -> Journal:
        return self._journal

    def close(self) -> None:
        self.drop_ballast()
        self._journal.close()

    # --- saying -----------------------------------------------------------------------------------

    def say(self, *events: Event) -> None:
        """Say something now; what was waiting goes with it."""
        self._waiting.extend(events)
        self._flush()

    def mention(self, *events: Event | Watched) -> None:
        """Say something with whatever is written next, at most a chunk from now."""
        self._waiting.extend(events)

    def block(self, first_step: int, numbers: Floats, begin: float) -> None:
        """The per-step numbers of the stretch of training that began at run time `begin`."""
        self._waiting.append(StepBlock(first_step, numbers, begin, self.clock()))

    def progress(
        self, phase: Phase, done: int = 0, total: int | None = None, note: str = "", *, epoch: int = 0, step: int = 0,
        images_per_second: float = 0.0, force: bool = False,
    ) -> None:  # fmt: skip
        """How far the run is; written at most ten times a second, and the commands are read as often."""
        changed = phase is not self._live.phase
        self._live = Live(phase, done, total, note, epoch, step, images_per_second, self.clock(), time.time())
        if force or changed or time.perf_counter() - self._written >= LIVE_SECONDS:
            self._flush()
            self.listen()

    def commit(self, phase: Phase, *, epoch: int, step: int, images_per_second: float) -> None:
        """Have all that was said so far survive a power cut, before weights are kept that follow from it."""
        self._live = Live(phase, 0, None, "", epoch, step, images_per_second, self.clock(), time.time())
        self._flush(durable=True)

    def _flush(self, *, durable: bool = False) -> None:
        self._written = time.perf_counter()
        waiting, self._waiting = self._waiting, []
        self._journal.say(self.run, self.attempt, waiting, self._live, durable=durable)

    # --- hearing ----------------------------------------------------------------------------------

    def listen(self) -> None:
        """Take new commands. Raises StopNowAskedError or DiscardAskedError; a plain stop sets `finishing`."""
        if self.leaving and not self.ending:
            self._stopping()
            raise LeaveAskedError
        if not self._journal.changed():
            return
        for asked in self._journal.asked(self.run, untaken=True):
            self._journal.take(asked)
            if asked.command is Command.DISCARD:
                raise DiscardAskedError
            if not self.ending:
                self._hear(asked)

    def _hear(self, asked: Asked) -> None:
        match asked.command:
            case Command.STOP_NOW:
                self._stopping()
                raise StopNowAskedError
            case Command.STOP:
                self._stopping()
                self.finishing, self.pausing = True, False
            case Command.PAUSE:
                self.pausing = not self.finishing
            case Command.CONTINUE:
                self.pausing = False
            case Command.SAVE:
                self.save_wanted = True
            case Command.SET_RATE:
                self.rate_wanted = asked.value

    def pause(self, epoch: int, step: int) -> None:
        """Wait until somebody asks to go on, or to stop. Raises as `listen` does."""
        begin = time.perf_counter()
        self._journal.set_state(self.run, State.PAUSED, among=[State.RUNNING])
        self._live = dataclasses.replace(self._live, phase=Phase.PAUSED, heartbeat=time.time())
        self.say(Paused(epoch, step))
        try:
            while self.pausing:
                time.sleep(PAUSE_SECONDS)
                self.listen()
        finally:
            paused = time.perf_counter() - begin
            self.clock.leave_out(paused)
            self.mention(Continued(epoch, step, paused))
        self._journal.set_state(self.run, State.RUNNING, among=[State.PAUSED])

    def _stopping(self) -> None:
        self._journal.set_state(self.run, State.STOPPING, among=[State.PREPARING, State.RUNNING, State.PAUSED])
