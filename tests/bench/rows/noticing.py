"""From the death of an engine to `interrupted` in the journal: by the keeper, by a window and by a command while no keeper lives."""

import contextlib
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
from PySide6.QtCore import QCoreApplication

from tests.bench.row import Row
from workbench.events import Ending, Phase, State
from workbench.gui.run_thread import RunThread
from workbench.journal import Journal
from workbench.journal.alive import held, holder
from workbench.launch.start import ensure_keeper, keeper_lock
from workbench.paths import Workspace
from workbench.spec.recipe import parse

MUST, TIMES, PATIENCE = 2.0, 5, 60.0
ENDLESS = {"data": {"kind": "digits"}, "training": {"epochs": 100_000}, "tricks": {"early_stopping": {"on": False}}}


def _wait(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("what was waited for never came")
        time.sleep(0.002)


@contextlib.contextmanager
def _keeper(_journal: Journal, _run: str) -> Iterator[None]:
    """The keeper that started the engine."""
    yield


@contextlib.contextmanager
def _window(journal: Journal, run: str) -> Iterator[None]:
    """The thread by which a window follows a run, its keeper killed."""
    _kill_keeper(journal.workspace)
    follower = RunThread(journal.workspace, run)
    loaded = []
    follower.loaded.connect(loaded.append)
    follower.start()
    _wait(follower.isRunning)
    yield
    follower.stop()


@contextlib.contextmanager
def _command(journal: Journal, _run: str) -> Iterator[None]:
    """`workbench runs`, its keeper killed; its own start counts."""
    _kill_keeper(journal.workspace)
    yield


def _kill_keeper(workspace: Workspace) -> None:
    keeper = holder(keeper_lock(workspace))
    if keeper is not None:
        os.kill(keeper, signal.SIGKILL)
    _wait(lambda: not held(keeper_lock(workspace)))


def _seconds(journal: Journal, reader: Callable[[Journal, str], contextlib.AbstractContextManager[None]]) -> float:
    """Seconds from the kill to the ending that the reader writes."""
    run = journal.create_run(parse(ENDLESS)).id
    ensure_keeper(journal.workspace)
    _wait(lambda: (live := journal.live(run)) is not None and live.phase is Phase.TRAINING)
    # What began within the last second is not looked at yet.
    time.sleep(1.2)
    with reader(journal, run):
        engine = journal.run(run).process
        assert engine is not None
        began = time.monotonic()
        psutil.Process(engine).kill()
        if reader is _command:
            runs = [sys.executable, "-m", "workbench", "--home", str(journal.workspace.home), "runs"]
            subprocess.run(runs, check=True, capture_output=True)
        _wait(lambda: journal.run(run).state is State.ENDED)
        seconds = time.monotonic() - began
    if journal.run(run).ending is not Ending.INTERRUPTED:
        return float("inf")
    return seconds


def measure() -> Row:
    application = QCoreApplication([])
    worst = {}
    notes = []
    folder = tempfile.TemporaryDirectory(prefix="workbench-bench-", ignore_cleanup_errors=True)
    with folder as home, Journal(Workspace(Path(home))) as journal:
        for name, reader in (("keeper", _keeper), ("window", _window), ("workbench runs", _command)):
            seconds = [_seconds(journal, reader) for _ in range(TIMES)]
            worst[name] = max(seconds)
            notes.append(f"{name}: median {statistics.median(seconds):.2f} s of {TIMES}")
    del application
    return Row(
        "a killed engine's run is `interrupted`: noticed by the keeper; without one by a window, by a command", f"≤ {MUST:.0f} s",
        "; ".join(f"{each:.2f} s" for each in worst.values()), max(worst.values()) <= MUST, note="; ".join(notes),
    )  # fmt: skip
