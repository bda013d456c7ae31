"""Where a workspace lies: whether the journal may keep its log there (WAL), and safe mode where it may not.

With a log, all who use a journal share a piece of memory, which a network file system does not give them: one that is
certainly remote is refused. Folders that a virtual machine or a container shares with its host pass: they mostly are the
only disk there is, and one side at a time uses them; `workbench doctor` says what to know. It imports no psutil on
Linux: a journal is opened before the window's first paint.
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import WorkspaceError
from workbench.paths import HOME_VARIABLE, Workspace

#: "1": no log; see `journal.opening`. In the environment, so that the keeper and its engines do the same.
SAFE_MODE_VARIABLE = "WORKBENCH_SAFE_MODE"
MOUNTS = Path("/proc/self/mounts")
#: How the table of mounts writes a space and the like.
_ESCAPED = re.compile(r"\\([0-7]{3})")

#: Between machines by their nature; FUSE tells its kind after a point.
REMOTE = frozenset({
    "nfs", "nfs3", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "ncpfs", "afs", "openafs", "afpfs", "coda", "webdav",
    "davfs", "sshfs", "s3fs", "rclone", "gcsfuse", "goofys", "blobfuse", "blobfuse2", "ceph", "ceph-fuse", "glusterfs",
    "lustre", "beegfs", "gpfs", "orangefs", "pvfs2", "moosefs", "mfs", "juicefs", "gfs2", "ocfs2",
})  # fmt: skip
#: Between a virtual machine or a container and its host (or WSL and Windows): one machine, but two systems.
OF_THE_HOST = frozenset({
    "9p", "drvfs", "virtiofs", "vboxsf", "vmhgfs", "vmhgfs-fuse", "prl_fs", "grpcfuse", "osxfs", "fakeowner",
})  # fmt: skip
#: Options with which the locks of such a file system bind the programs of this machine only.
LONE_LOCKS = frozenset({"nolock", "nobrl", "local_lock=all", "local_lock=posix"})


@dataclass(frozen=True)
class Disk:
    """The file system that holds a file."""

    #: as the system calls it, such as "ext4", "nfs4", "fuse.sshfs"; empty when it is not known
    kind: str = ""
    options: frozenset[str] = frozenset()

    @property
    def remote(self) -> bool:
        return self.kind.removeprefix("fuse.") in REMOTE

    @property
    def of_the_host(self) -> bool:
        return self.kind.removeprefix("fuse.") in OF_THE_HOST

    @property
    def lone_locks(self) -> bool:
        return bool(self.options & LONE_LOCKS)


def disk_of(path: Path) -> Disk:
    """The file system that holds a file or folder, wherever links lead; where it is not there yet, that of its place."""
    real = path.resolve()
    if sys.platform != "linux":
        return _ask_psutil(real)
    try:
        return find_disk(real, MOUNTS.read_text("utf-8", errors="surrogateescape"))
    except OSError:
        return Disk()


def find_disk(path: Path, mounts: str) -> Disk:
    """The file system of a path by the table of mounts; of two at the same place the later hides the earlier."""
    # Texts, not paths: some hundred mounts are usual where containers run, and a journal is opened often.
    inside, best, longest = f"{path}/", "", -1
    for line in mounts.splitlines():
        where = _ESCAPED.sub(lambda match: chr(int(match[1], 8)), line.split(" ", 2)[1]).rstrip("/")
        if len(where) >= longest and inside.startswith(f"{where}/"):
            best, longest = line, len(where)
    if not best:
        return Disk()
    _, _, kind, options, *_ = best.split(" ")
    return Disk(kind.lower(), frozenset(options.split(",")))


def _ask_psutil(path: Path) -> Disk:
    import psutil  # noqa: PLC0415 - 20 ms, and on Linux not needed

    if path.drive.startswith("\\\\"):
        return Disk("smb")
    holding = [part for part in psutil.disk_partitions(all=True) if path.is_relative_to(part.mountpoint)]
    if not holding:
        return Disk()
    part = max(holding, key=lambda each: len(each.mountpoint))
    options = frozenset(part.opts.split(","))
    # Windows calls a drive by what lies at its other end, such as NTFS.
    return Disk("smb" if sys.platform == "win32" and "remote" in options else part.fstype.lower(), options)


def safe_mode() -> bool:
    """Whether the journal is to be used without a log."""
    return os.environ.get(SAFE_MODE_VARIABLE, "") not in {"", "0"}


def refuse_remote(workspace: Workspace) -> None:
    """Raises WorkspaceError with a sentence when the journal would keep its log on a network file system."""
    disk = disk_of(workspace.database)
    if disk.remote:
        message = (
            f"{workspace.home} lies on a network file system ({disk.kind}), where the journal's log can be damaged. "
            f"Choose a folder on a local disk with --home or ${HOME_VARIABLE}. Or use safe mode, with --safe-mode or "
            f"{SAFE_MODE_VARIABLE}=1: without the log, slower, and safe while one machine at a time uses the workspace."
        )
        raise WorkspaceError(message)


def remarks(workspace: Workspace) -> list[str]:
    """What to know of a workspace's place although it can be used, as sentences."""
    disk = disk_of(workspace.database)
    if disk.remote:
        locks = (
            f"its file locks bind this machine only ({', '.join(sorted(disk.options & LONE_LOCKS))}), so that a second "
            "machine would damage the journal"
            if disk.lone_locks
            else "a second machine at the same time is safe only if the server's file locks are"
        )
        sentence = (
            f"{workspace.home} lies on a network file system ({disk.kind}) and is used in safe mode: {locks}. "
            "Use it from one machine at a time, or choose a folder on a local disk with --home."
        )
        return [sentence]
    if disk.of_the_host and not safe_mode():
        sentence = (
            f"{workspace.home} lies in a folder that this system shares with its host ({disk.kind}). Never use it from "
            "both sides at once; if the journal is said to be busy or damaged, choose a folder of this system with "
            "--home, or use --safe-mode."
        )
        return [sentence]
    return []
