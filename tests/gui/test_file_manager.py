"""A file is shown selected in the file manager, whatever its name; where none answers, its folder is opened."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from workbench.gui import file_manager

pytestmark = pytest.mark.window

#: Signs that a shell, an address or a command line would take for something else, and a byte that is no text.
ODD = "/pictures/a b/$(touch x);'\"&#?%41,é\udce9.png"
ADDRESS = "file:///pictures/a%20b/%24%28touch%20x%29%3B%27%22%26%23%3F%2541%2C%C3%A9%E9.png"

#: Asks for a file on the session's bus, where a file manager listens or none does, and tells what it was told.
ON_A_BUS = """
import json, sys
from PySide6.QtCore import ClassInfo, QObject, QTimer, Slot
from PySide6.QtDBus import QDBusConnection
from PySide6.QtGui import QDesktopServices, QGuiApplication
from workbench.gui import file_manager

application = QGuiApplication([])

def tell(*told):
    print(json.dumps(told), flush=True)
    application.quit()

@ClassInfo({"D-Bus Interface": file_manager.SERVICE})
class Manager(QObject):
    @Slot("QStringList", str)
    def ShowItems(self, addresses, _startup):
        QTimer.singleShot(0, lambda: tell("shown", addresses))

manager, bus = Manager(), QDBusConnection.connectToBus(QDBusConnection.BusType.SessionBus, "manager")
if sys.argv[1] == "listens":
    assert bus.registerService(file_manager.SERVICE)
    assert bus.registerObject(file_manager.OBJECT, manager, QDBusConnection.RegisterOption.ExportAllSlots)
QDesktopServices.openUrl = lambda url: tell("opened", bytes(url.toEncoded()).decode())
QTimer.singleShot(0, lambda: file_manager.reveal(json.loads(sys.argv[2])))
QTimer.singleShot(20_000, application.quit)
application.exec()
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the bus is Linux's")
@pytest.mark.skipif(shutil.which("dbus-run-session") is None, reason="there is no dbus-run-session to make a bus with")
@pytest.mark.parametrize(
    ("manager", "told"),
    [("listens", ["shown", [ADDRESS]]), ("absent", ["opened", ADDRESS.rpartition("/")[0]])],
)
def test_a_file_is_shown_by_the_file_manager_that_listens_or_its_folder_is_opened(
    tmp_path: Path, manager: str, told: list[object]
) -> None:
    # A bus of its own, which knows no service that it could start.
    config = tmp_path / "bus.conf"
    config.write_text(
        '<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><policy context="default">'
        '<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>'
    )
    done = subprocess.run(
        ["dbus-run-session", "--config-file", str(config), "--", sys.executable, "-c", ON_A_BUS, manager, json.dumps(ODD)],
        stdout=subprocess.PIPE, text=True, check=False, timeout=60, env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    assert json.loads(done.stdout) == told


def test_without_a_bus_the_folder_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(file_manager, "_ask_over_bus", lambda _path: False)
    file_manager.reveal(ODD)
    assert [bytes(url.toEncoded().data()).decode() for url in opened] == [ADDRESS.rpartition("/")[0]]


@pytest.mark.parametrize(
    ("platform", "path", "started"),
    [
        ("darwin", "/pictures/-R; x.png", ("open", ["-R", "/pictures/-R; x.png"])),
        ("win32", "C:/my pictures/a,b & c.png", ("explorer", '/select,"C:\\my pictures\\a,b & c.png"')),
    ],
)
def test_other_systems_are_asked_in_their_words(
    monkeypatch: pytest.MonkeyPatch, platform: str, path: str, started: object
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(file_manager, "_start", lambda *words: asked.append(words) or True)
    monkeypatch.setattr(sys, "platform", platform)
    file_manager.reveal(path)
    assert asked == [started]


def test_a_file_of_any_name_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    file_manager.open_path(ODD)
    assert bytes(opened[0].toEncoded().data()).decode() == ADDRESS
