"""Whether what trains goes on when the person logs out. It needs no window; the system decides whether it needs the session.

Linux with systemd: what belongs to the user's own service manager, as all that desktops start does, ends some seconds after the
last session; the user may be allowed to linger. What belongs to a session ends with it only where KillUserProcesses is set (man
logind.conf, man loginctl). Windows ends every process of a session; macOS may. An engine that is asked to end keeps what it has
done first.
"""

from __future__ import annotations

import getpass
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

#: There while systemd is the init system (sd_booted(3)).
SYSTEMD = Path("/run/systemd/system")
#: A file for each user who may linger (loginctl enable-linger).
LINGERING = Path("/var/lib/systemd/linger")
CGROUP = Path("/proc/self/cgroup")
_ASKED = (
    "busctl", "get-property", "org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager",
    "KillUserProcesses",
)  # fmt: skip
_SECONDS = 2.0

_LOCK = "Lock the screen instead; what is ended can be resumed where it was."


@dataclass(frozen=True)
class Logout:
    """What becomes of runs when the person logs out."""

    #: None where nobody can tell
    survives: bool | None
    sentence: str


def at_logout(system: str = sys.platform) -> Logout:
    """What becomes of the runs of this process when its person logs out of this machine."""
    if system == "win32":
        return _ends("Windows ends every program.")
    if system == "darwin":
        return _may_end("macOS does not promise otherwise.")
    if not SYSTEMD.is_dir():
        return _goes_on()
    return on_systemd(_cgroup(), lingers=(LINGERING / _user()).exists(), kills=_kills_user_processes)


def on_systemd(cgroup: str, *, lingers: bool, kills: Callable[[], bool | None]) -> Logout:
    """The same for a process of this control group, whose user may linger or not; `kills` says what KillUserProcesses is."""
    if re.search(r"/user@\d+\.service/", cgroup):
        if lingers:
            return _goes_on(": lingering is enabled for you")
        return _ends("it belongs to your desktop's session. `loginctl enable-linger` lets it go on.")
    if "/session-" not in cgroup:
        return _goes_on()
    match kills():
        case True:
            return _ends("KillUserProcesses is set in logind.conf.")
        case False:
            return _goes_on()
        case None:
            return _may_end("logind does not say.")


def _goes_on(why: str = "") -> Logout:
    return Logout(survives=True, sentence=f"Runs go on when you log out{why}.")


def _ends(why: str) -> Logout:
    return Logout(survives=False, sentence=f"Logging out ends what trains: {why} {_LOCK}")


def _may_end(why: str) -> Logout:
    return Logout(survives=None, sentence=f"Logging out may end what trains: {why} {_LOCK}")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a number without a name
        return str(os.getuid())


def _cgroup() -> str:
    """The path of this process in systemd's tree; empty when there is none."""
    try:
        lines = CGROUP.read_text().splitlines()
    except OSError:
        return ""
    trees = {name: path for _, name, path in (line.split(":", 2) for line in lines)}
    return trees.get("name=systemd", trees.get("", ""))


def _kills_user_processes() -> bool | None:
    try:
        said = subprocess.run(_ASKED, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603 - a fixed command
    except (OSError, subprocess.TimeoutExpired):
        return None
    return {"b true": True, "b false": False}.get(said.stdout.strip())
