"""Finds out who the engine of a run is, and kills it with everything it started. It knows no journal.

Numbers of processes are used again, so a number alone never decides: whoever is killed is a child of ours that nobody
has buried, or holds the run's lock and was started as an engine, or bears the run's name in its environment.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from workbench.journal.alive import RUN_VARIABLE, holder
from workbench.paths import Workspace

#: How long a killed process may take to vanish.
WAIT_SECONDS = 2.0
PAUSE_SECONDS = 0.005


def starved_so_far() -> int:
    """How many processes the system has killed for want of memory since it started; 0 where it does not say."""
    try:
        lines = Path("/proc/vmstat").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)


def engine_of(workspace: Workspace, run: str) -> psutil.Process | None:
    """The process that provably is the engine of a run; None when there is none, or no proof."""
    path = workspace.run_folder(run) / "alive"
    process = holder(path)
    if process is None or process == os.getpid():
        return None
    try:
        engine = psutil.Process(process)
        words = engine.cmdline()
    except psutil.Error:
        return None
    if not _is_engine(words, workspace.home):
        return None
    # Still the holder now: so it lived when `engine` was made, and its number was nobody else's.
    return engine if holder(path) == process else None


def engines_started(workspace: Workspace) -> list[tuple[psutil.Process, str]]:
    """The engines that keepers of a workspace started and that live, at work or still on their way; each with its run."""
    found = []
    for each in psutil.process_iter():
        try:
            words = each.cmdline()
            run = each.environ().get(RUN_VARIABLE) if "--run" in words and str(workspace.home) in words else None
        except (psutil.Error, OSError):
            continue
        if run and run in words:
            found.append((each, run))
    return found


def _is_engine(words: Sequence[str], home: Path) -> bool:
    return any(word == str(home) or word.startswith("workbench.") for word in words)


def kill_engine(engine: psutil.Process) -> bool:
    """Kill an engine, its children and its group if it leads one; whether all of them are gone."""
    if engine.pid <= 1 or engine.pid == os.getpid():
        return False
    try:
        everyone = [engine, *engine.children(recursive=True)]
    except psutil.NoSuchProcess:
        return True
    everyone += [each for each in _group(engine.pid) if each not in everyone]
    if engine.is_running():
        _kill_group(engine.pid)
    return kill_all(everyone)


def kill_all(everyone: Sequence[psutil.Process]) -> bool:
    """Kill processes, each only if it is still the one that was meant; whether all of them are gone."""
    for each in everyone:
        try:
            each.kill()
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return _gone(everyone)


def left_behind(process: int, run: str) -> list[psutil.Process]:
    """What still lives of the group that a run's engine led, after the engine has gone."""
    found = []
    for each in _group(process):
        try:
            if each.environ().get(RUN_VARIABLE) == run:
                found.append(each)
        except (psutil.Error, OSError):
            continue
    return found


def _group(process: int) -> list[psutil.Process]:
    """The living members of the process group of that number; none of our own group."""
    if sys.platform == "win32" or process <= 1 or process == os.getpgid(0):
        return []
    members = []
    for each in psutil.process_iter():
        try:
            if os.getpgid(each.pid) == process and each.status() != psutil.STATUS_ZOMBIE:
                members.append(each)
        except (ProcessLookupError, PermissionError, psutil.Error):
            continue
    return members


def _kill_group(process: int) -> None:
    """Kill the group that `process` leads: in one call, so that no member can start another meanwhile."""
    if sys.platform == "win32" or process == os.getpgid(0):
        return
    try:
        os.killpg(process, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        # It leads no group (it was started by hand), or the group has gone.
        return


def _gone(everyone: Sequence[psutil.Process]) -> bool:
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        if not any(_lives(each) for each in everyone):
            return True
        time.sleep(PAUSE_SECONDS)
    return False


def _lives(process: psutil.Process) -> bool:
    """Whether it still computes; a zombie only waits for its parent to look."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
