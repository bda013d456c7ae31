"""The keeper: starts the engines of queued runs, one at a time, and sees to it that every run gets its ending.

One a workspace (a file lock); it lives while runs are queued or alive. It never talks to an engine: it reads
the journal, looks at locks and processes, and kills. It knows neither Qt nor Keras.
"""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field

import psutil

from workbench.errors import DamagedError, EngineError, RecipeError, WorkspaceError
from workbench.events import Command, Ending, State
from workbench.journal import Journal, Run, taking_up
from workbench.journal.alive import held, hold, holder
from workbench.journal.queue import QueueSettings, in_line, moves, queue_settings
from workbench.launch import hang, notice
from workbench.launch.awake import Awake
from workbench.launch.event_files import EventFiles
from workbench.launch.kill import engine_of, engines_started, kill_all, kill_engine, left_behind, starved_so_far
from workbench.launch.machine import gpus
from workbench.launch.notify import hang_words, show, words, worth_telling
from workbench.launch.start import keeper_lock, start_engine
from workbench.paths import HALF, Workspace

TICK_SECONDS = 0.05
#: The keeper goes when nothing was queued or alive for so long.
QUIET_SECONDS = 2.0
#: Stop now: how long an engine may take to notice it, and to be done with it.
UNTAKEN_SECONDS = 0.6
TAKEN_SECONDS = 0.8
#: What ends a run, also one that has not begun.
ENDING_COMMANDS = {Command.STOP, Command.STOP_NOW, Command.DISCARD}
#: The signal that nobody can refuse, as exit codes have it; Windows has no such name.
KILLED = 9
#: How long an engine whose run has ended may take to go.
LINGER_SECONDS = 1.0
#: After the journal could not be written (full disk), until the next try.
RETRY_SECONDS = 1.0


@dataclass
class Watched:
    """An engine at work, or on its way in or out."""

    process: int
    #: None when somebody else started it (a warm engine, a hand)
    child: subprocess.Popen[bytes] | None
    #: how many engines had taken its run before it
    attempts: int = 0
    #: how many processes the system had killed for want of memory when this one came
    starved: int = field(default_factory=starved_so_far)
    #: when its run was seen to have ended (monotonic)
    ended: float | None = None
    #: nobody may be looking when it hangs
    hanging: hang.Watch = field(default_factory=hang.Watch)
    #: whether it was said that it cannot be killed
    told: bool = False

    def engine(self) -> psutil.Process | None:
        """The child, if it is one of ours that lives: until we bury it, its number is nobody else's."""
        return psutil.Process(self.child.pid) if self.child and self.child.poll() is None else None

    @property
    def was_starved(self) -> bool:
        """Whether a child of ours that was killed may have been killed for want of memory."""
        killed = self.child is not None and self.child.poll() == -KILLED
        return killed and starved_so_far() > self.starved

    def exit_words(self) -> str:
        """How a child of ours ended, in words; empty for others."""
        code = self.child.poll() if self.child else None
        if code is None:
            return ""
        return f"killed by signal {-code}, {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


class Keeper:
    """The loop over one workspace's runs."""

    def __init__(self, journal: Journal, awake: Awake | None = None) -> None:
        self._journal = journal
        self._awake = awake
        self._watched: dict[str, Watched] = {}
        self._unended: list[Run] = []
        self._queue = QueueSettings()
        self._stale = True
        self._gpu: bool | None = None
        self._notices: list[subprocess.Popen[bytes]] = []
        self._files = EventFiles(journal)

    def tick(self) -> bool:
        """Look once at everything; whether there is something to keep. Raises WorkspaceError, and looks anew next time."""
        try:
            return self._look()
        except WorkspaceError:
            # Half was read or written: without this it would wait for a change from outside, maybe for ever.
            self._stale = True
            raise

    def _look(self) -> bool:
        if self._journal.changed() or self._stale:
            self._stale = False
            self._unended = self._journal.unended()
            self._queue = queue_settings(self._journal)
        for run in self._unended:
            if run.state is State.QUEUED:
                self._keep_queued(run)
            else:
                self._keep_working(run)
        self._bury({run.id for run in self._unended})
        if not self._stale:
            self._start_next()
        if self._awake:
            self._awake.keep(needed=bool(self._watched))
        return self.busy

    @property
    def busy(self) -> bool:
        """Whether there is something to keep. A line that is not to move needs nobody until it is."""
        return moves(self._unended, self._queue) or bool(self._watched)

    def close(self) -> None:
        """Let the machine sleep again."""
        if self._awake:
            self._awake.keep(needed=False)
        for each in self._notices:
            each.wait()

    # --- runs in the queue -----------------------------------------------------------------------

    def _start_next(self) -> None:
        ready = [run for run in in_line(self._unended) if run.reserved <= time.time() and run.id not in self._watched]
        if self._queue.paused or not ready:
            return
        run = ready[0]
        # Who has its lock without having it was started by an earlier keeper, and is about to take it or to go.
        if not self._has_room(run) or held(notice.alive_path(self._journal, run.id)):
            return
        attempts = taking_up.attempts(self._journal, run.id)
        try:
            child = start_engine(self._journal.workspace, run.id, run.recipe.training.backend)
        except RecipeError as error:
            self._wrote(notice.end_unreadable(self._journal, run.id, error))
        except EngineError as error:
            self._wrote(notice.end_unstarted(self._journal, run.id, str(error)))
        else:
            self._watched[run.id] = Watched(child.pid, child, attempts)

    def _has_room(self, run: Run) -> bool:
        """Whether a run may begin beside those at work: several only on the CPU, where the person allows it."""
        # A run that was offered to a warm engine is as good as taken while it is reserved.
        now = time.time()
        at_work = [
            each for each in self._unended if each.id in self._watched or each.state.alive or each.reserved > now
        ]
        gone_but_watched = len([each for each in self._watched if each not in {run.id for run in self._unended}])
        count = len(at_work) + gone_but_watched
        if count == 0:
            return True
        return count < self._queue.at_once and not any(self._takes_gpu(each) for each in (run, *at_work))

    def _takes_gpu(self, run: Run) -> bool:
        if self._gpu is None:
            self._gpu = bool(gpus())
        try:
            return self._gpu and run.recipe.training.device != "cpu"
        except RecipeError:
            return False

    def _keep_queued(self, run: Run) -> None:
        # What else is asked of it waits for its engine, such as a pause before the second chunk.
        asked = {each.command for each in self._journal.asked(run.id, untaken=True)} & ENDING_COMMANDS
        watched = self._watched.get(run.id)
        # Claimed first: an engine may be taking the run at this very moment.
        if asked and self._journal.set_state(run.id, State.STOPPING, among=(State.QUEUED,)):
            if watched:
                self._kill(run.id, watched)
            if Command.DISCARD in asked:
                self._wrote(notice.end_discarded(self._journal, run.id))
            else:
                self._wrote(notice.end_unbegun(self._journal, run.id))
        elif watched and taking_up.attempts(self._journal, run.id) > watched.attempts:
            if self._journal.run(run.id).state is State.QUEUED:
                # It had taken the run, which has ended and is to be taken up again: by another engine, once this one is gone.
                self._see_out(run.id, watched)
            else:
                self._stale = True  # it took the run after we had looked
        elif watched and not self._lives(run, watched):
            if self._journal.run(run.id).state is State.QUEUED:
                self._wrote(notice.end_unstarted(self._journal, run.id, watched.exit_words()))
            self._stale = True

    # --- runs at work ------------------------------------------------------------------------------

    def _keep_working(self, run: Run) -> None:
        watched = self._watched.setdefault(run.id, Watched(run.process or 0, None))
        if run.process and watched.process != run.process and not (watched.child and watched.child.poll() is None):
            watched.process, watched.child = run.process, None
        if not self._lives(run, watched):
            self._kill(run.id, watched)
            starved = watched.was_starved
            self._wrote(notice.end_dead(self._journal, run.id, watched.exit_words(), starved=starved))
            return
        trouble = self._files.write(run)
        if trouble:
            _log(trouble)
        now = time.time()
        for asked in notice.asked_now(self._journal, run.id):
            waited = now - asked.asked
            late = waited > (UNTAKEN_SECONDS if asked.taken is None else TAKEN_SECONDS)
            discard = asked.command is Command.DISCARD
            if discard or (asked.command is Command.STOP_NOW and late):
                # One that is not provably the engine is left alone: the real one hears what is asked as well.
                if self._kill(run.id, watched):
                    end = notice.end_discarded if discard else notice.end_stopped
                    self._wrote(end(self._journal, run.id))
                return
        if watched.hanging.begins(self._journal, run, now):
            self._tell(*hang_words(run))

    def _lives(self, run: Run, watched: Watched) -> bool:
        if watched.child and watched.child.poll() is None:
            return True
        if watched.child and run.process == watched.child.pid:
            # Known to be dead, even if a process it left behind should have kept its lock.
            return False
        return held(notice.alive_path(self._journal, run.id))

    def _kill(self, run: str, watched: Watched) -> bool:
        """Kill an engine and its group, and what a dead one left behind.

        False when somebody holds the run's lock who is not provably its engine: nobody is killed then.
        """
        # A child of ours that still imports need not be who does the run: a hand may have been quicker.
        engine, child = engine_of(self._journal.workspace, run), watched.engine()
        for each in {each for each in (engine, child) if each is not None}:
            if not kill_engine(each):
                _log(f"process {each.pid} did not go away after it was killed")
        kill_all(left_behind(watched.process, run))
        if watched.child:
            watched.child.wait()
        if engine is not None or not held(notice.alive_path(self._journal, run)):
            return True
        if not watched.told:
            _log(f"run {run}: whoever holds its lock is not known to be its engine, and is left alone")
        watched.told = True
        return False

    # --- runs that have ended ------------------------------------------------------------------------

    def _bury(self, unended: set[str]) -> None:
        """See engines out whose run has ended; nothing they started stays."""
        for run in [each for each in self._watched if each not in unended]:
            row = self._journal.run(run)
            discarded = row.ending is Ending.DISCARDED
            if self._watched[run].ended is None and worth_telling(row):
                self._tell(*words(row, len(in_line(self._unended))))
            if self._see_out(run, self._watched[run], at_once=discarded) and discarded:
                notice.remove_folder(self._journal, run)

    def _tell(self, title: str, text: str) -> None:
        self._notices = [each for each in self._notices if each.poll() is None]
        shown = show(title, text)
        if shown is not None:
            self._notices.append(shown)

    def _see_out(self, run: str, watched: Watched, *, at_once: bool = False) -> bool:
        """Give an engine that is done its time to go, then kill what is left; whether it is gone."""
        watched.ended = watched.ended or time.monotonic()
        gone = watched.child.poll() is not None if watched.child else not held(notice.alive_path(self._journal, run))
        if not gone and not at_once and time.monotonic() - watched.ended < LINGER_SECONDS:
            return False
        self._kill(run, watched)
        del self._watched[run]
        return True

    def _wrote(self, _: bool) -> None:  # noqa: FBT001 - who was quicker is all the same
        # What this connection writes does not count as a change from outside.
        self._stale = True

    def clear_strays(self) -> None:
        """Kill what an earlier keeper started and what has no run yet: nobody would count it, or know whose it is."""
        for engine, run in engines_started(self._journal.workspace):
            path = notice.alive_path(self._journal, run)
            # With its lock in our hand it cannot take the run while we kill it.
            lock = hold(path) if path.parent.exists() else None
            if lock is None and holder(path) in {engine.pid, None} and path.parent.exists():
                continue  # it is at work
            kill_engine(engine)
            if lock is not None:
                lock.close()

    def clear_discarded(self) -> None:
        """Remove the folders of discarded runs that an earlier keeper could not remove."""
        kept = {run.id for run in self._journal.runs()}
        for folder in self._journal.workspace.runs.iterdir():
            # One that is brought in again bears its mark until the row says that it is no longer discarded.
            if folder.name in kept or held(folder / "alive") or (folder / HALF).exists():
                continue
            try:
                ending = self._journal.run(folder.name).ending
            except WorkspaceError:
                continue  # a run that is being created, or something of somebody else's
            if ending is Ending.DISCARDED:
                notice.remove_folder(self._journal, folder.name)


def keep(workspace: Workspace, quiet_seconds: float = QUIET_SECONDS) -> bool:
    """Be the keeper of a workspace until there is nothing to keep; False when another is."""
    lock = hold(keeper_lock(workspace))
    if lock is None:
        return False
    try:
        with Journal(workspace) as journal:
            keeper = Keeper(journal, Awake())
            with contextlib.suppress(WorkspaceError):  # what cannot be removed now is tried again by the next keeper
                keeper.clear_strays()
                keeper.clear_discarded()
            while lock is not None:
                _keep_while_busy(keeper, workspace, quiet_seconds)
                keeper.close()
                lock.close()
                # A run that was queued just before the lock was let go found a keeper and started none.
                waits = workspace.database.exists() and _looks_busy(keeper)
                lock = hold(keeper_lock(workspace)) if waits else None
    except WorkspaceError:
        if workspace.database.exists():
            raise
        # The workspace was removed under its keeper: there is nothing left to keep.
    finally:
        if lock is not None:
            lock.close()
    return True


def _keep_while_busy(keeper: Keeper, workspace: Workspace, quiet_seconds: float) -> None:
    busy = time.monotonic()
    while workspace.database.exists():
        try:
            if keeper.tick():
                busy = time.monotonic()
        except DamagedError:
            raise  # what is mended is exchanged whole, and not while a keeper holds it
        except WorkspaceError as error:
            # A full disk may have room again; the engines go on meanwhile, and their endings are not lost.
            _log(str(error))
            busy = time.monotonic()
            time.sleep(RETRY_SECONDS)
        if time.monotonic() - busy >= quiet_seconds:
            return
        time.sleep(TICK_SECONDS)


def _looks_busy(keeper: Keeper) -> bool:
    """Whether there is something to keep; also when that cannot be seen now."""
    try:
        return keeper.tick()
    except DamagedError:
        raise
    except WorkspaceError:
        return True


def _log(line: str) -> None:
    sys.stdout.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {line}\n")
    sys.stdout.flush()
