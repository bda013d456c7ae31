"""Kills an engine with everything it started, and waits until it is gone. It knows no journal."""

from __future__ import annotations

import os
import signal
import sys
import time

import psutil

#: How long a killed process may take to vanish.
WAIT_SECONDS = 2.0
PAUSE_SECONDS = 0.005


def kill_engine(process: int) -> bool:
    """Kill a process, its children and its group if it leads one; whether all of them are gone.

    `process` must be known to be the engine's (its lock is held): numbers are used again.
    """
    if process <= 1:
        return True
    try:
        engine = psutil.Process(process)
        everyone = [engine, *engine.children(recursive=True)]
    except psutil.NoSuchProcess:
        everyone = []
    everyone += [each for each in group(process) if each not in everyone]
    _kill_group(process)
    for each in everyone:
        try:
            each.kill()
        except psutil.NoSuchProcess:
            continue
    return _gone(everyone)


def group(process: int) -> list[psutil.Process]:
    """The living members of the process group that `process` leads or led."""
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


def _gone(everyone: list[psutil.Process]) -> bool:
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
