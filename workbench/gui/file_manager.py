"""Opens files, folders and pages in the system's own programs, and shows a file selected in the file manager.

No shell sees a name, so it may hold any sign; one that is no text in Unicode is handed on byte by byte.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QProcess, QUrl
from PySide6.QtGui import QDesktopServices

#: What file managers of the freedesktop kind listen to (freedesktop.org/wiki/Specifications/file-manager-interface).
SERVICE, OBJECT = "org.freedesktop.FileManager1", "/org/freedesktop/FileManager1"
#: A file manager that is not there yet is started by the bus, which takes a moment.
PATIENCE_MS = 5_000


def address(path: str) -> str:
    """The file: address of a path, in ASCII."""
    return Path(os.path.abspath(path)).as_uri()  # noqa: PTH100 - unlike resolve, it follows no links


def open_path(path: str) -> None:
    """Open a file in the program that is for it, or a folder in the file manager."""
    QDesktopServices.openUrl(QUrl.fromEncoded(address(path).encode("ascii")))


def open_address(address: str) -> None:
    """Show a page of the web in the browser."""
    QDesktopServices.openUrl(QUrl(address))


def reveal(path: str) -> None:
    """Show a file selected in the file manager; where that cannot be, open the folder that holds it."""
    if sys.platform == "darwin":
        shown = _start("open", ["-R", path])
    elif sys.platform == "win32":
        shown = _start("explorer", selecting(path))
    else:
        shown = _ask_over_bus(path)
    if not shown:
        _open_folder_of(path)


def selecting(path: str) -> str:
    """Explorer's words for a file: it reads its command line itself, in which a comma ends a name that is not in quotes."""
    return '/select,"{}"'.format(path.replace("/", "\\"))


def _start(program: str, words: list[str] | str) -> bool:
    process: Any = QProcess()  # setNativeArguments is known on Windows alone
    process.setProgram(program)
    if isinstance(words, str):
        process.setNativeArguments(words)
    else:
        process.setArguments(words)
    started = process.startDetached()
    return bool(started[0] if isinstance(started, tuple) else started)


def _ask_over_bus(path: str) -> bool:
    """Ask whichever file manager there is, without waiting; the folder is opened when none answers."""
    # Not before it is asked for; a build of Qt may lack it.
    try:
        from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCallWatcher  # noqa: PLC0415
    except ImportError:
        return False
    bus = QDBusConnection.sessionBus()
    if not bus.isConnected():
        return False
    message = QDBusMessage.createMethodCall(SERVICE, OBJECT, SERVICE, "ShowItems")
    message.setArguments([[address(path)], ""])
    watcher = QDBusPendingCallWatcher(bus.asyncCall(message, PATIENCE_MS), QCoreApplication.instance())

    def answered() -> None:
        if watcher.isError():
            _open_folder_of(path)
        watcher.deleteLater()

    watcher.finished.connect(answered)
    return True


def _open_folder_of(path: str) -> None:
    open_path(os.path.dirname(path) or path)  # noqa: PTH120 - plain text
