"""Finds the files of the well-known data sets and trained weights, and fetches those that are not there.

They are the files of keras.datasets and keras.applications, looked for and kept in Keras' own folder, so that what one program has
fetched the other finds. A file that is found is used as it is: the readers take nothing from a file but numbers, and
the formats carry check sums of their own. What is fetched must have the known SHA-256 (MD5 where
Keras knows no other).
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path

from workbench.data.pictures import Progress
from workbench.errors import DownloadError
from workbench.events import Phase
from workbench.paths import Workspace

_KERAS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
_TORONTO = "https://www.cs.toronto.edu/~kriz/"
#: Bytes between two reports of progress.
_STEP = 1 << 18


@dataclass(frozen=True)
class Remote:
    """A file: its name, where it is fetched from, and what it must be."""

    name: str
    url: str
    sha256: str = ""
    #: folder within Keras' folder of this shelf
    folder: str = ""
    #: other names under which Keras and people keep it
    also: tuple[str, ...] = ()
    md5: str = ""
    #: "datasets" or "models": the folder within Keras' own
    shelf: str = "datasets"

    @property
    def check_sum(self) -> str:
        return f"sha256:{self.sha256}" if self.sha256 else f"md5:{self.md5}"


MNIST = Remote("mnist.npz", _KERAS + "mnist.npz", "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1")
FASHION_MNIST = tuple(
    Remote(name, _KERAS + name, sha256, folder="fashion-mnist")
    for name, sha256 in (
        ("train-images-idx3-ubyte.gz", "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
        ("train-labels-idx1-ubyte.gz", "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
        ("t10k-images-idx3-ubyte.gz", "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
        ("t10k-labels-idx1-ubyte.gz", "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
    )
)
CIFAR10 = Remote(
    "cifar-10-python.tar.gz",
    _TORONTO + "cifar-10-python.tar.gz",
    "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
    also=("cifar-10-batches-py.tar.gz", "cifar-10-batches-py-target_archive"),
)
CIFAR100 = Remote(
    "cifar-100-python.tar.gz",
    _TORONTO + "cifar-100-python.tar.gz",
    "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
    also=("cifar-100-python-target_archive",),
)


def keras_folder(shelf: str = "datasets") -> Path:
    """Where Keras keeps data sets, or trained weights ("models")."""
    home = os.environ.get("KERAS_HOME")
    return (Path(home).expanduser() if home else Path.home() / ".keras") / shelf


def find(remote: Remote, workspace: Workspace) -> Path | None:
    """The file, when it lies in Keras' folder or in the workspace's cache."""
    for base in (keras_folder(remote.shelf), _own_folder(workspace, remote.shelf)):
        for name in (remote.name, *remote.also):
            # People put files flat into the folder they were told.
            for path in (base / remote.folder / name, base / name):
                if path.is_file():
                    return path
    return None


def fetch(remote: Remote, workspace: Workspace, progress: Progress) -> Path:
    """The file, fetched when it is not there. Raises DownloadError, which names the file and the folder to put it in."""
    found = find(remote, workspace)
    if found is not None:
        return found
    folder = _writable_folder(workspace, remote.shelf) / remote.folder
    import pooch  # noqa: PLC0415 - brings an HTTP client, which only a download needs

    pooch.get_logger().setLevel(logging.WARNING)
    downloader = pooch.HTTPDownloader(progressbar=_Report(progress, remote.name), chunk_size=_STEP, timeout=20)
    progress(Phase.DOWNLOADING, 0, None, remote.name)
    try:
        path = pooch.retrieve(remote.url, remote.check_sum, remote.name, folder, downloader=downloader)
    except OSError as error:  # all of the HTTP client's errors are OSErrors, and so is a full disk
        raise DownloadError(_sentence(remote, folder, _reason(error))) from error
    except ValueError as error:  # pooch's word for a check sum that differs
        kind = "SHA-256" if remote.sha256 else "MD5"
        reason = f"what came is not the file that was expected (its {kind} differs)"
        raise DownloadError(_sentence(remote, folder, reason)) from error
    return Path(path)


def _own_folder(workspace: Workspace, shelf: str) -> Path:
    return workspace.cache / shelf


def _writable_folder(workspace: Workspace, shelf: str) -> Path:
    folder = keras_folder(shelf)
    nearest = next(parent for parent in (folder, *folder.parents) if parent.exists())
    return folder if os.access(nearest, os.W_OK) else _own_folder(workspace, shelf)


def _reason(error: OSError) -> str:
    text = type(error).__name__
    if text in {"ConnectionError", "ProxyError", "SSLError", "ConnectTimeout", "ReadTimeout", "ChunkedEncodingError"}:
        return "there is no network connection to it, or it broke off"
    return (error.strerror or str(error) or text).rstrip(".")


def _sentence(remote: Remote, folder: Path, reason: str) -> str:
    return (
        f"{remote.name} could not be fetched: {reason}. Try again with a network, or fetch {remote.url} on another "
        f"computer and put the file {remote.name} into the folder {folder}."
    )


class _Report:
    """Passes pooch's progress on; its four names are those pooch asks for."""

    def __init__(self, progress: Progress, name: str) -> None:
        self.total = 0
        self._done = 0
        self._progress = progress
        self._name = name

    def update(self, count: int) -> None:
        self._done += count
        total = self.total or None
        self._progress(Phase.DOWNLOADING, min(self._done, total or self._done), total, self._name)

    def reset(self) -> None:
        self._done = 0

    def close(self) -> None:
        pass
