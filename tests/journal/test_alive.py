"""Alive means that the lock is held: by a process that lives, and by nobody who only looks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from workbench.errors import WorkspaceError
from workbench.journal.alive import held, hold, holder


def test_a_lock_is_held_until_its_file_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "run" / "alive"
    assert not held(path)
    lock = hold(path)
    assert lock
    with lock:
        assert held(path)
        assert hold(path) is None
    assert not held(path)


def test_the_holder_is_known_while_it_holds_and_no_longer(tmp_path: Path) -> None:
    path = tmp_path / "alive"
    path.write_text("1234567890")  # of one that died long ago
    assert holder(path) is None
    lock = hold(path)
    assert lock
    with lock:
        assert holder(path) == os.getpid()
    assert holder(path) is None


def test_a_killed_process_holds_nothing_even_as_a_zombie(tmp_path: Path) -> None:
    path = tmp_path / "alive"
    program = (
        "import sys; from pathlib import Path; from workbench.journal.alive import hold\n"
        "lock = hold(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        assert held(path)
        process.send_signal(signal.SIGKILL)
        while held(path):
            pass
        # Nobody has asked for its exit code yet: it is a zombie, which process ids would call alive.
        assert process.returncode is None


def test_a_child_does_not_keep_its_parents_lock(tmp_path: Path) -> None:
    path = tmp_path / "alive"
    lock = hold(path)
    assert lock
    program = "print('here', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, close_fds=False
    ) as child:
        assert child.stdout
        assert child.stdout.readline() == b"here\n"
        lock.close()
        assert not held(path)
        child.communicate(b"\n")


def test_those_who_look_are_in_nobodys_way(tmp_path: Path) -> None:
    path = tmp_path / "alive"
    path.touch()
    over = threading.Event()
    mistaken: list[bool] = []

    def look() -> None:
        while not over.is_set():
            mistaken.append(held(path))

    threads = [threading.Thread(target=look, name=f"reader {index}") for index in range(3)]
    for thread in threads:
        thread.start()
    # Readers only share their lock with each other, so none takes another for an engine.
    while len(mistaken) < 300:
        pass
    over.set()
    for thread in threads:
        thread.join()
    assert not any(mistaken)
    lock = hold(path)
    assert lock
    lock.close()


def test_a_lock_that_cannot_be_made_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file")
    with pytest.raises(WorkspaceError, match="is a file where a folder is needed"):
        hold(tmp_path / "run" / "alive")
