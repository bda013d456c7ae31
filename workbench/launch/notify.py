"""Tells the person at the desk that a run has ended, where the desktop has a way to. The window need not be open."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping

from workbench.events import Ending
from workbench.journal import Run

#: Somebody who tries something for some seconds is looking at it: shorter runs are told of only when they fail.
WORTH_SECONDS = 30.0

_TOLD = {
    Ending.COMPLETED: "has finished",
    Ending.EARLY_STOPPED: "was stopped early",
    Ending.FAILED: "has failed",
    Ending.INTERRUPTED: "was interrupted",
}


def worth_telling(run: Run) -> bool:
    """Whether a person wants to hear of this ending; what they asked for themselves they know."""
    if run.ending in {Ending.FAILED, Ending.INTERRUPTED}:
        return True
    lasted = (run.ended or 0.0) - (run.started or 0.0)
    return run.ending in {Ending.COMPLETED, Ending.EARLY_STOPPED} and lasted >= WORTH_SECONDS


def words(run: Run, waiting: int) -> tuple[str, str]:
    """Title and text of a notification."""
    title = f"{run.name} {_TOLD[run.ending]}" if run.ending in _TOLD else run.name
    text = run.reason.strip().split("\n", 1)[0]
    if waiting:
        text += f" {waiting} more {'run waits' if waiting == 1 else 'runs wait'}."
    return title, text.strip()


def command_for(platform: str, title: str, text: str, variables: Mapping[str, str]) -> list[str] | None:
    """The command that shows a notification on this desktop; None where there is none."""
    if platform == "darwin" and shutil.which("osascript"):
        # The words are arguments of the script, never part of it.
        script = "on run {title, message}\ndisplay notification message with title title\nend run"
        return ["osascript", "-e", script, title, text]
    there = variables.get("DBUS_SESSION_BUS_ADDRESS") or variables.get("DISPLAY") or variables.get("WAYLAND_DISPLAY")
    if platform.startswith("linux") and there and shutil.which("notify-send"):
        return ["notify-send", "--app-name=Keras Workbench", "--", title, text]
    return None


def hang_words(run: Run) -> tuple[str, str]:
    """Title and text of the notification of a run that seems to hang."""
    return f"{run.name} makes no step", "Its engine lives, and may hang. Open the window: it says what can be done."


def show(title: str, text: str) -> subprocess.Popen[bytes] | None:
    """Show a notification, without waiting for it; the process that shows it, None where there is no way to."""
    command = command_for(sys.platform, title, text, os.environ)
    if command is None:
        return None
    try:
        return subprocess.Popen(  # noqa: S603 - a fixed command, words as arguments
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
    except OSError:
        return None
