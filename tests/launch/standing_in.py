"""A pretended machine: engines without Keras that run one step at a time when they are told to, and a clock that stands still.

Everything that decides what becomes of a run is the real thing: the journal, the alive lock, the taking of a run, the
recorder with its listening and pausing, checkpoints, the keeper and how it kills. Only the arithmetic is left out, and
processes are threads that take turns with the test, so that each moment of an engine's life can be met at will.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

import numpy as np
import psutil
import pytest

from workbench.engine import checkpoint, failures, process
from workbench.engine.recorder import DiscardAskedError, Recorder, StopNowAskedError
from workbench.errors import EngineError
from workbench.events import (
    COLUMNS,
    BestSoFar,
    CheckpointSaved,
    DataReady,
    Ending,
    EpochEnded,
    EpochStarted,
    ModelReady,
    Phase,
    State,
    StoppedEarly,
)
from workbench.journal import alive
from workbench.journal.kept import describe_kept
from workbench.launch.notice import stopped_words
from workbench.paths import Workspace

#: So large that no process of this machine can have it.
FIRST_PROCESS = 50_000_000
#: Steps of an epoch; between two of them what people ask is heard.
CHUNKS = 2
CLASSES = ("a", "b", "c")


class Clock:
    """Stands still but for a moment at each look, so that no two things happen at once."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def look(self) -> float:
        self.now += 1e-5
        return self.now

    def face(self, sleep: Any) -> SimpleNamespace:
        """What a module finds in place of `time`."""
        return SimpleNamespace(
            time=self.look, monotonic=self.look, perf_counter=self.look, sleep=sleep, strftime=time.strftime
        )


class Killed(BaseException):
    """Unwinds the thread of an engine that was killed."""


class TroubleError(Exception):
    """What goes wrong in a training."""


class Engine:
    """One engine's process, with the faces of `subprocess.Popen` (for who started it) and `psutil.Process`."""

    def __init__(
        self, machine: Machine, workspace: Workspace, run: str, pid: int, *, warm: bool = False, by_hand: bool = False
    ) -> None:
        self.pid = pid
        self.run = run
        self.code: int | None = None
        #: the next step goes wrong; the next epoch is one too many for early stopping
        self.trouble, self.enough = False, False
        self._machine, self._workspace, self._warm, self._by_hand = machine, workspace, warm, by_hand
        self._killed = False
        self._open: list[Any] = []
        self._go, self._rest = threading.Semaphore(0), threading.Semaphore(0)
        self.thread = threading.Thread(target=self._live, name=f"engine {pid}", daemon=True)
        self.thread.start()

    # --- from outside -----------------------------------------------------------------------------

    def step(self) -> None:
        """Let it go on to the next moment at which others may meet it."""
        if self.code is None:
            self._go.release()
            self._rest.acquire()

    def kill(self) -> None:
        """As SIGKILL: nothing more is written, and the kernel closes what was open."""
        if self.code is None:
            self._killed = True
            self.step()
            self.thread.join()

    def poll(self) -> int | None:
        return self.code

    def wait(self) -> int:
        assert self.code is not None, "somebody would wait for ever for an engine that lives"
        return self.code

    def cmdline(self) -> list[str]:
        what = ("--warm",) if self._warm else ("--run", self.run)
        return ["python", "-m", "workbench.engine", "--home", str(self._workspace.home), *what]

    def children(self, *, recursive: bool) -> list[Engine]:  # noqa: ARG002 - psutil's
        return []

    def environ(self) -> dict[str, str]:
        return {} if self._warm or self._by_hand else {alive.RUN_VARIABLE: self.run}

    def is_running(self) -> bool:
        return self.code is None

    def status(self) -> str:
        return psutil.STATUS_RUNNING if self.code is None else psutil.STATUS_ZOMBIE

    # --- its thread -------------------------------------------------------------------------------

    def point(self, _seconds: float = 0.0) -> None:
        """A moment at which others may meet it."""
        self._rest.release()
        self._wait()

    def _wait(self) -> None:
        self._go.acquire()
        if self._killed:
            raise Killed

    def keeps_open(self, file: Any) -> Any:
        """What the kernel closes when it dies."""
        self._open.append(file)
        return file

    def _live(self) -> None:
        try:
            self._wait()
            code = self._main()
        except Killed:
            code = -signal.SIGKILL
        for file in self._open:
            file.close()
        self.code = code
        self._rest.release()

    def _main(self) -> int:
        """As engine/process.py."""
        taken = process._take(self._workspace, self.run, warm=self._warm)
        if taken is None:
            return process.OK
        lock, what = taken
        self.point()
        recorder = Recorder(self._workspace, what.id, what.attempt)
        self.keeps_open(recorder.journal)
        ending = self._train(recorder, what)
        recorder.close()
        self.point()
        lock.close()
        return process.FAILED if ending is Ending.FAILED else process.OK

    def _train(self, recorder: Recorder, what: Any) -> Ending:
        """As engine/train.py: `run`."""
        try:
            recorder.take_ballast()
            ending, reason = self._epochs(recorder, what)
        except DiscardAskedError:
            ending, reason = Ending.DISCARDED, "Discarded."
        except TroubleError as error:
            return failures.end(recorder, error)
        self.point()
        recorder.journal.end(recorder.run, ending, reason)
        return ending

    def _epochs(self, recorder: Recorder, what: Any) -> tuple[Ending, str]:
        try:
            recorder.progress(Phase.READING, force=True)
        except StopNowAskedError:
            return Ending.STOPPED, stopped_words(0, describe_kept(recorder.journal, recorder.run))
        training = Training(self, recorder, what)
        try:
            ending = training.go_on()
        except StopNowAskedError:
            ending = Ending.STOPPED
        recorder.ending = True
        recorder.listen()
        describe_kept(recorder.journal, recorder.run)
        return ending, f"It ended after {training.epoch} epochs."


class Training:
    """The loop of an engine: two steps an epoch, and a checkpoint after it."""

    def __init__(self, engine: Engine, recorder: Recorder, what: Any) -> None:
        self._engine, self._recorder = engine, recorder
        self._planned = what.recipe.training.epochs
        manifest = what.start.manifest if what.start else None
        self.epoch, self._step = (manifest.epoch, manifest.step) if manifest else (0, 0)
        self._kept = (self.epoch, self._step) if manifest else None
        self._folder = recorder.folder / "checkpoints"
        for each in checkpoint.manifests(self._folder):
            if manifest is None or each.key > manifest.key:
                checkpoint.remove(self._folder, each)
        self._best = manifest.best if manifest else ""
        checkpoint.point(self._folder, self._best if (self._folder / self._best / "manifest.json").is_file() else "")
        recorder.say(DataReady(8, 4, 0, CLASSES, (8, 8, 1), CHUNKS, "f" * 64))
        engine.point()
        self._first = True

    def go_on(self) -> Ending:
        for epoch in range(self.epoch + 1, self._planned + 1):
            self._recorder.mention(EpochStarted(epoch))
            while self._step < epoch * CHUNKS:
                self._train_a_step(epoch)
                self._engine.point()
            ending = self._close(epoch)
            if ending:
                return ending
            self._engine.point()
        return Ending.COMPLETED

    def _train_a_step(self, epoch: int) -> None:
        recorder = self._recorder
        if self._engine.trouble:
            raise TroubleError("as it was told to")
        begin = recorder.clock()
        self._step += 1
        recorder.block(self._step, np.ones((1, len(COLUMNS)), np.float32), begin)
        if self._first:
            recorder.say(ModelReady(1, "tensorflow", "CPU", 1))
            recorder.journal.set_state(recorder.run, State.RUNNING, among=[State.PREPARING])
        recorder.progress(Phase.TRAINING, epoch=epoch, step=self._step, force=True)
        self._first = False
        if recorder.pausing:
            if self._kept != (self.epoch, self._step):
                self._save()
            recorder.pause(epoch, self._step)

    def _close(self, epoch: int) -> Ending | None:
        """As engine/train.py: `_close_epoch`."""
        recorder = self._recorder
        recorder.say(EpochEnded(epoch, self._step, recorder.clock(), {"val_loss": 1 / epoch}, 1.0))
        recorder.say(BestSoFar(epoch, "val_loss", 1 / epoch))
        self._engine.point()
        self.epoch = epoch
        self._best = checkpoint.place_name(epoch, self._step)
        self._save()
        if self._engine.enough:
            recorder.say(StoppedEarly(epoch, epoch, "Enough."))
            return Ending.EARLY_STOPPED
        return Ending.STOPPED if recorder.finishing and epoch < self._planned else None

    def _save(self) -> None:
        standing = {"epoch": self.epoch, "step": self._step}
        saved = checkpoint.save(
            self._folder, self.epoch, self._step, {"kernel": np.zeros(2, np.float32)}, {"seed": np.zeros(1)},
            facts={"standing": standing, "plateau": None, "early": None, "seconds": 0.0}, best=self._best,
            ends_epoch=self._step == self.epoch * CHUNKS,
        )  # fmt: skip
        self._kept = (self.epoch, self._step)
        self._recorder.say(CheckpointSaved(self.epoch, self._step, "last", saved.size))


class Machine:
    """The processes and the clock; has the face of `psutil`, as far as it is used."""

    Error, NoSuchProcess, AccessDenied = psutil.Error, psutil.NoSuchProcess, psutil.AccessDenied
    STATUS_ZOMBIE = psutil.STATUS_ZOMBIE

    def __init__(self, workspace: Workspace, patch: pytest.MonkeyPatch) -> None:
        self.clock = Clock()
        self.engines: list[Engine] = []
        #: the next engine cannot be started
        self.broken = False
        self._workspace = workspace
        self._put_in_place(patch)

    def start(self, run: str, **how: bool) -> Engine:
        """Another engine; it has done nothing yet."""
        self.engines.append(Engine(self, self._workspace, run, FIRST_PROCESS + len(self.engines), **how))
        return self.engines[-1]

    def _start_engine(self, _workspace: Workspace, run: str, _backend: str) -> Engine:
        """As launch/start.py."""
        if self.broken:
            self.broken = False
            raise EngineError("python could not be started: it is told not to.")
        return self.start(run)

    def living(self) -> list[Engine]:
        return [each for each in self.engines if each.code is None]

    def end(self) -> None:
        for each in self.living():
            each.kill()

    def Process(self, pid: int) -> Engine:  # noqa: N802 - psutil's name
        at = pid - FIRST_PROCESS
        if not 0 <= at < len(self.engines):
            raise psutil.NoSuchProcess(pid)
        return self.engines[at]

    def process_iter(self) -> Iterator[Engine]:
        return iter(self.living())

    def _killpg(self, pid: int, _signal: int) -> None:
        self.Process(pid).kill()

    def _here(self) -> Engine | None:
        """The engine whose thread asks; None for the test, its keeper and its readers."""
        return next((each for each in self.engines if each.thread is threading.current_thread()), None)

    def _put_in_place(self, patch: pytest.MonkeyPatch) -> None:
        nowhere = lambda _seconds: None  # noqa: E731
        for module in ("journal.store", "journal.trash", "launch.keeper", "launch.notice", "launch.kill"):
            patch.setattr(f"workbench.{module}.time", self.clock.face(nowhere))
        patch.setattr(alive, "time", SimpleNamespace(sleep=nowhere))
        # An engine that is paused sleeps: there others may meet it.
        patch.setattr("workbench.engine.recorder.time", self.clock.face(lambda seconds: self._at_work().point(seconds)))
        system, take, start_of = os.getpid, alive.hold, process._start_of

        def getpid() -> int:
            here = self._here()
            return here.pid if here else system()

        def hold(path: Path) -> IO[bytes] | None:
            here, file = self._here(), take(path)
            return here.keeps_open(file) if here and file else file

        def start_met(workspace: Workspace, run: str) -> Any:
            self._at_work().point()
            return start_of(workspace, run)

        patch.setattr(os, "getpid", getpid)
        patch.setattr(os, "fsync", lambda _file: None)  # nobody pulls the plug here
        patch.setattr(alive, "hold", hold)
        patch.setattr(process, "_start_of", start_met)
        patch.setattr(process, "_fits", lambda _recipe: True)
        patch.setattr("workbench.launch.kill.psutil", self)
        pretended = SimpleNamespace(getpid=getpid, getpgid=lambda pid: pid, killpg=self._killpg)
        patch.setattr("workbench.launch.kill.os", pretended)
        patch.setattr("workbench.launch.keeper.psutil", self)
        patch.setattr("workbench.launch.keeper.start_engine", self._start_engine)
        patch.setattr("workbench.launch.keeper.gpus", lambda: ())
        patch.setattr("workbench.launch.keeper.show", lambda _title, _text: None)

    def _at_work(self) -> Engine:
        here = self._here()
        assert here is not None
        return here
