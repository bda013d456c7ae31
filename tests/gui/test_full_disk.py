"""The window on a disk without room: it says so in its status, loses nothing, and goes on when there is room again."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from workbench.events import State
from workbench.gui.window import Window
from workbench.paths import Workspace

pytestmark = pytest.mark.window
OpenWindow = Callable[[], Window]


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace on a disk of three megabytes."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root on Linux can mount a small disk")
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"a disk of its own cannot be mounted here ({done.stderr.strip()})")
    yield Workspace(folder / "workspace").create()
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path) -> Path:
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * 4096)
    return filler


def test_start_and_save_say_that_the_disk_is_full_and_work_when_there_is_room_again(
    qtbot: QtBot, open_window: OpenWindow, workspace: Workspace
) -> None:
    window = open_window()
    window.recipe.set_value("training.epochs", 7)
    filler = fill(workspace.home.parent)
    start = window.findChild(QPushButton, "startButton")
    assert start is not None
    start.click()
    assert "is full. Free some space there" in window.status.text
    assert window.session.focus is None
    window.recipe._desk.save_as("Mine")
    assert "is full. Free some space there" in window.status.text
    assert window.recipe._edits.recipe is not None
    assert window.recipe._edits.recipe.training.epochs == 7
    assert not list(workspace.presets.iterdir())
    filler.unlink()
    window.recipe._desk.save_as("Mine")
    assert [path.name for path in workspace.presets.iterdir()] == ["mine.toml"]
    start.click()
    qtbot.waitUntil(
        lambda: window.session.story is not None and window.session.story.run.state is State.ENDED, timeout=30_000
    )
