"""Keeps the machine awake while runs train, where the system has a way to ask for that; the screen may sleep.

Linux: systemd-inhibit, whose child ends with the keeper because its input does. macOS: caffeinate, told to watch the keeper.
Windows: a flag of the keeper's thread, gone with it. Where there is none of these nothing happens.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import IO

WHY = "Keras Workbench is training"
#: Windows: the system is in use, and stays so until said otherwise.
_CONTINUOUS, _SYSTEM_REQUIRED = 0x80000000, 0x00000001


class Awake:
    """On while something trains."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._flagged = False

    def keep(self, *, needed: bool) -> None:
        """Ask for it, or let go; cheap when nothing changes."""
        if needed and self._child is None and not self._flagged:
            self._ask()
        elif not needed:
            self._let_go()

    def _ask(self) -> None:
        if sys.platform == "win32":
            self._flagged = _flag(_CONTINUOUS | _SYSTEM_REQUIRED)
            return
        # What cannot be had is not asked for again and again.
        self._flagged = True
        command = command_for(sys.platform, os.getpid())
        if command is None:
            return
        try:
            self._child = subprocess.Popen(  # noqa: S603 - a fixed command
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        except OSError:
            return

    def _let_go(self) -> None:
        if sys.platform == "win32" and self._flagged:
            _flag(_CONTINUOUS)
        self._flagged = False
        child, self._child = self._child, None
        if child is None:
            return
        _close(child.stdin)
        child.terminate()
        child.wait()


def command_for(platform: str, process: int) -> list[str] | None:
    """The command that keeps this system awake as long as it, or `process`, lives; None where there is none."""
    if platform == "darwin" and shutil.which("caffeinate"):
        return ["caffeinate", "-i", "-w", str(process)]
    if platform.startswith("linux") and shutil.which("systemd-inhibit"):
        # cat ends when its input is closed: with the keeper at the latest, however that dies.
        return ["systemd-inhibit", "--what=idle:sleep", "--who=Keras Workbench", f"--why={WHY}", "--mode=block", "cat"]
    return None


def _close(pipe: IO[bytes] | None) -> None:
    if pipe is not None:
        pipe.close()


def _flag(flags: int) -> bool:
    import ctypes  # noqa: PLC0415 - only there

    return bool(ctypes.windll.kernel32.SetThreadExecutionState(flags))  # type: ignore[attr-defined]
