"""Where a workspace lies: what is refused, what passes, and safe mode."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from workbench.errors import WorkspaceError
from workbench.events import Warned
from workbench.journal import Journal, opening, place
from workbench.journal.place import Disk, disk_of, find_disk
from workbench.paths import Workspace
from workbench.spec import Recipe

MOUNTS = """\
/dev/vda / ext4 rw,relatime 0 0
server:/export /home nfs4 rw,vers=4.2,local_lock=none 0 0
/dev/vdb /home/me/fast\\040disk xfs rw 0 0
//nas/share /mnt/nas cifs rw,nobrl 0 0
me@host: /mnt/ssh fuse.sshfs rw 0 0
systemd-1 /mnt/auto autofs rw 0 0
server:/auto /mnt/auto nfs rw,vers=3,nolock 0 0
C:\\134 /mnt/c 9p rw 0 0
overlay /var/data overlay rw 0 0
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "home")


@pytest.fixture
def mounted(workspace: Workspace, monkeypatch: pytest.MonkeyPatch):
    """Lets the system say that the workspace lies on another file system."""

    def pretend(kind: str, options: str = "rw") -> None:
        table = workspace.home.parent / "mounts"
        table.write_text(f"/dev/vda / ext4 rw 0 0\nserver:/x {workspace.home.parent.resolve()} {kind} {options} 0 0\n")
        monkeypatch.setattr(place, "MOUNTS", table)

    return pretend


@pytest.fixture
def safe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(place.SAFE_MODE_VARIABLE, "1")


def mode_of(journal: Journal) -> tuple[str, int]:
    return journal.query("PRAGMA journal_mode")[0][0], journal.query("PRAGMA synchronous")[0][0]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/srv", "ext4"),
        ("/home/me", "nfs4"),
        ("/homeless", "ext4"),
        ("/home/me/fast disk/work", "xfs"),
        ("/mnt/nas", "cifs"),
        ("/mnt/auto/work", "nfs"),
        ("/mnt/c/Users", "9p"),
    ],
)
def test_the_innermost_mount_counts_and_of_two_at_one_place_the_later(path: str, kind: str) -> None:
    assert find_disk(Path(path), MOUNTS).kind == kind


@pytest.mark.parametrize(
    ("kind", "remote"),
    [
        ("nfs", True), ("nfs4", True), ("cifs", True), ("smb3", True), ("fuse.sshfs", True), ("ceph", True),
        ("lustre", True), ("9p", False), ("virtiofs", False), ("overlay", False), ("ext4", False), ("fuse", False),
        ("fuseblk", False), ("btrfs", False), ("", False),
    ],
)  # fmt: skip
def test_only_what_is_certainly_remote_is_remote(kind: str, remote: bool) -> None:
    assert Disk(kind).remote is remote


def test_a_link_is_followed_to_the_disk_that_holds_the_file(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/proc")
    assert disk_of(tmp_path / "link" / "self").kind in {"proc", ""}
    assert disk_of(tmp_path / "not there yet").kind == disk_of(tmp_path).kind


def test_a_workspace_on_a_network_file_system_is_refused_and_safe_mode_offered(workspace: Workspace, mounted) -> None:
    mounted("nfs4")
    with pytest.raises(
        WorkspaceError, match=r"network file system \(nfs4\).*--home.*--safe-mode.*WORKBENCH_SAFE_MODE=1"
    ):
        Journal(workspace)
    assert not workspace.database.exists()


def test_in_safe_mode_the_same_workspace_is_used_without_a_log(workspace: Workspace, mounted, safe) -> None:
    mounted("nfs4")
    with Journal(workspace) as journal:
        assert journal.create_run(Recipe()).number == 1
        assert mode_of(journal) == ("delete", 2)
        with journal.transaction(durable=True):
            journal.write("UPDATE runs SET note = 'x'")
        assert mode_of(journal) == ("delete", 2)
    assert not list(workspace.home.glob("workbench.db-wal"))


@pytest.mark.parametrize("kind", ["9p", "virtiofs", "overlay", "ext4"])
def test_a_folder_that_may_be_local_is_used_with_a_log(kind: str, workspace: Workspace, mounted) -> None:
    mounted(kind)
    with Journal(workspace) as journal:
        assert mode_of(journal) == ("wal", 1)


def test_what_to_know_of_a_place_is_said(workspace: Workspace, mounted, monkeypatch: pytest.MonkeyPatch) -> None:
    mounted("ext4")
    assert place.remarks(workspace) == []
    mounted("9p")
    (shared,) = place.remarks(workspace)
    assert "shares with its host (9p)" in shared
    monkeypatch.setenv(place.SAFE_MODE_VARIABLE, "1")
    assert place.remarks(workspace) == []
    mounted("nfs4")
    assert "only if the server's file locks are" in place.remarks(workspace)[0]
    mounted("cifs", "rw,nobrl")
    assert "bind this machine only (nobrl)" in place.remarks(workspace)[0]


@pytest.mark.parametrize(("value", "on"), [("1", True), ("yes", True), ("0", False), ("", False)])
def test_safe_mode_is_a_word_of_the_environment(value: str, on: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(place.SAFE_MODE_VARIABLE, value)
    assert place.safe_mode() is on


def test_a_log_that_is_left_is_taken_in_when_safe_mode_begins(workspace: Workspace, monkeypatch) -> None:
    program = (
        "import os, sys; from pathlib import Path; from workbench.journal import Journal; "
        "from workbench.paths import Workspace; from workbench.spec import Recipe\n"
        "Journal(Workspace(Path(sys.argv[1]))).create_run(Recipe(), 'kept'); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", program, str(workspace.home)], check=False)
    log = workspace.home / "workbench.db-wal"
    assert log.stat().st_size
    monkeypatch.setenv(place.SAFE_MODE_VARIABLE, "1")
    with Journal(workspace) as journal:
        assert journal.run("kept").number == 1
        assert mode_of(journal)[0] == "delete"
    assert not log.exists()


def test_safe_mode_waits_for_nobody_who_uses_the_log(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "PATIENCE_SECONDS", 0.3)
    with Journal(workspace) as journal:
        run = journal.create_run(Recipe())
        monkeypatch.setenv(place.SAFE_MODE_VARIABLE, "1")
        with pytest.raises(WorkspaceError, match=r"in use by a program without safe mode.*Close that program"):
            Journal(workspace)
        assert journal.run(run.id) == run


def test_many_may_begin_safe_mode_on_a_workspace_with_a_log_at_once(workspace: Workspace, monkeypatch) -> None:
    with Journal(workspace) as journal:
        journal.create_run(Recipe())
    monkeypatch.setenv(place.SAFE_MODE_VARIABLE, "1")
    start = threading.Barrier(6)
    seen: list[object] = []

    def open_it() -> None:
        start.wait()
        try:
            with Journal(workspace) as own:
                seen.append((mode_of(own)[0], own.create_run(Recipe()).number))
        except WorkspaceError as error:
            seen.append(str(error))

    threads = [threading.Thread(target=open_it, name=f"opener {number}") for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen, key=str) == [("delete", number) for number in range(2, 8)]


def test_in_safe_mode_a_reader_sees_what_a_busy_writer_writes(workspace: Workspace, safe) -> None:
    with Journal(workspace) as journal:
        run = journal.create_run(Recipe()).id
        journal.changed()
        done = threading.Event()

        def write() -> None:
            with Journal(workspace) as own:
                for number in range(60):
                    own.say(run, 1, [Warned(str(number))])
                    time.sleep(0.002)
            done.set()

        writer = threading.Thread(target=write, name="writer")
        writer.start()
        changes, last = 0, 0
        while not done.wait(0.005):
            if journal.changed():
                changes += 1
                last = len(journal.events(run))
        writer.join()
        assert changes > 1
        assert last <= len(journal.events(run)) == 61
