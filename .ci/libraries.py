"""The system libraries that Qt's window needs, found by asking the loader, not by a list of guesses.

PySide6 brings Qt but not the libraries of the X server, the keyboard, OpenGL and the fonts. On a bare Debian
the offscreen plugin loads and the real window does not, and Qt's own message names the wrong library. So `ldd` is asked
about the very files the window loads. Knows Debian's and Ubuntu's package names; knows nothing of the workbench.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

#: Which Debian package holds a library. Names that a release calls otherwise (…t64) are provided under these too.
PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libGLX.so.0": "libglx0",
    "libOpenGL.so.0": "libopengl0",
    "libICE.so.6": "libice6",
    "libSM.so.6": "libsm6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libXau.so.6": "libxau6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libdrm.so.2": "libdrm2",
    "libexpat.so.1": "libexpat1",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libstdc++.so.6": "libstdc++6",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libz.so.1": "zlib1g",
    "libzstd.so.1": "libzstd1",
}
#: Stands for "any font": a bare Debian has none, and a window without letters is no window.
FONT = "a font"
FONT_PACKAGE = "fonts-dejavu-core"
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")

MODULES = ("QtCore", "QtGui", "QtWidgets", "QtSvg", "QtOpenGLWidgets", "QtTest")
OFFSCREEN = ("Qt/plugins/platforms/libqoffscreen.so",)
SCREEN = ("Qt/plugins/platforms/libqxcb.so", "Qt/plugins/xcbglintegrations/*.so")


def lacking(qt: Path, *, window: bool = True) -> set[str]:
    """Names of libraries that the window (or only a hidden one) wants and the system does not have."""
    patterns = [f"{module}*.so" for module in MODULES] + [*OFFSCREEN, *(SCREEN if window else ())]
    files = [file for pattern in patterns for file in sorted(qt.glob(pattern))]
    found = {name for file in files for name in not_found(_ldd(file))}
    return found if has_font() else found | {FONT}


def _ldd(file: Path) -> str:
    if shutil.which("ldd") is None:
        return ""
    return subprocess.run(["ldd", str(file)], capture_output=True, text=True, check=False).stdout


def not_found(report: str) -> set[str]:
    """The libraries that a report of `ldd` says are missing."""
    return set(re.findall(r"^\s*(\S+) => not found", report, flags=re.MULTILINE))


def has_font(folders: Iterable[str] = FONT_FOLDERS) -> bool:
    places = (Path(folder).expanduser() for folder in folders)
    return any(any(place.rglob(f"*.{kind}")) for place in places for kind in ("ttf", "otf", "ttc", "pfb"))


def packages(names: Iterable[str]) -> set[str]:
    """The Debian packages that hold these libraries; unknown ones are left to a person."""
    known = PACKAGES | {FONT: FONT_PACKAGE}
    return {known[name] for name in names if name in known}


def sentence(names: Iterable[str]) -> str:
    unknown = sorted(name for name in names if name not in PACKAGES and name != FONT)
    text = f"The window needs from the system: {', '.join(sorted(names))}"
    return f"{text} (for {', '.join(unknown)} the package is not known here)" if unknown else text


def apt_line(names: Iterable[str]) -> str:
    return f"sudo apt-get install -y {' '.join(names)}"


def apt_install(names: list[str], why: str) -> bool:
    """Install Debian packages when this is root; else print the exact line. True when they are there now."""
    print(f"{why}.", flush=True)
    if not names:
        return False
    if shutil.which("apt-get") is None:
        print(f"Install what holds them with your package manager; Debian's names: {' '.join(names)}", flush=True)
        return False
    if os.geteuid() != 0:
        print(f"Run this, once:  {apt_line(names)}", flush=True)
        return False
    print(f"Installing {' '.join(names)} …", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    # An update that fails, as without a network, need not hinder: the lists may be there already.
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *names],
    ):
        done = subprocess.run(
            command, env=environment, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
    if done.returncode:
        print(f"{done.stderr.strip()}\napt-get failed. Run this, once:  {apt_line(names)}", flush=True)
    return done.returncode == 0
