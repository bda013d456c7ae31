"""Where the workspace, the shipped presets and the assets are, and how files are written."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from workbench.errors import WorkspaceError

HOME_VARIABLE = "WORKBENCH_HOME"
#: In the folder of a run that is being imported, until its rows are in the journal.
HALF = ".half-imported"


@dataclass(frozen=True)
class Workspace:
    """The folder that holds everything a person made: journal, runs, own presets."""

    home: Path

    @property
    def database(self) -> Path:
        return self.home / "workbench.db"

    @property
    def runs(self) -> Path:
        return self.home / "runs"

    @property
    def presets(self) -> Path:
        return self.home / "presets"

    @property
    def cache(self) -> Path:
        """Decoded pictures; can be deleted at any time."""
        return self.home / "cache"

    @property
    def trash(self) -> Path:
        """What `workbench doctor --mend` found astray; can be deleted once nobody misses it."""
        return self.home / "trash"

    def run_folder(self, run: str) -> Path:
        return self.runs / run

    def create(self) -> Workspace:
        """Make the folders. Raises WorkspaceError with a clear sentence when that is not possible."""
        try:
            for folder in (self.home, self.runs, self.presets):
                folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.home):
                pass
        except OSError as error:
            raise WorkspaceError(explain(error, self.home)) from error
        return self


def find_workspace(home: str | Path | None = None) -> Workspace:
    """The workspace: `home`, else $WORKBENCH_HOME, else the platform's user data folder."""
    chosen = home or os.environ.get(HOME_VARIABLE) or platformdirs.user_data_dir("keras-workbench", appauthor=False)
    return Workspace(Path(chosen).expanduser().absolute())


def _shipped(name: str) -> Path:
    # In a wheel the folder lies inside the package; in a checkout, beside it.
    package = Path(__file__).parent
    inside = package / f"_{name}"
    return inside if inside.is_dir() else package.parent / name


def shipped_presets() -> Path:
    return _shipped("presets")


def assets() -> Path:
    return _shipped("assets")


def size_words(amount: float) -> str:
    """Bytes as people say them: "3.1 GB", "86 kB"."""
    for unit, letter in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if amount >= unit * 0.9995:
            return f"{amount / unit:.{0 if amount >= 9.95 * unit else 1}f} {letter}"
    return "1 byte" if round(amount) == 1 else f"{amount:,.0f} bytes"


def expanded(path: Path | str) -> Path:
    """With ~ read as a person's folder; that of a person whom this machine does not know stays as it is written."""
    return Path(os.path.expanduser(path))  # noqa: PTH111 - unlike Path's, this one takes a name of any kind


def is_there(path: Path | str) -> bool:
    """Whether something is at a path that anybody may have written; what may not be looked at is not."""
    try:
        return bool(str(path)) and expanded(path).exists()
    except (OSError, ValueError):  # before Python 3.12 a name that is too long, or a folder that is closed, is raised
        return False


def explain(error: OSError, path: Path) -> str:
    """A sentence for what the operating system said about `path`."""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return (
                f"The disk that holds {path} is full. Free some space there, then try again; nothing else was changed."
            )
        case errno.EROFS | errno.EACCES | errno.EPERM:
            return (
                f"{path} cannot be written to. Allow writing there, or choose another workspace "
                f"with --home or ${HOME_VARIABLE}."
            )
        case errno.ENOTDIR | errno.EEXIST:
            return f"{_in_the_way(path)} Choose another workspace with --home or ${HOME_VARIABLE}."
        case _:
            return f"{path} could not be used: {error.strerror or error}."


def explain_place(error: OSError, path: Path, instead: str = "Choose another folder.") -> str:
    """A sentence for what the operating system said about a place outside the workspace, which a person named to write to."""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return explain(error, path)
        case errno.ENOTDIR | errno.EEXIST:
            return f"{_in_the_way(path)} {instead}"
        case _:
            return f"{path} cannot be written ({error.strerror or error}). {instead}"


def _in_the_way(path: Path) -> str:
    """Which file stands where `path` needs a folder."""
    above = (each for each in (path, *path.parents) if os.path.isfile(each))  # noqa: PTH113 - unlike Path's, this one never raises
    return f"{next(above, path)} is a file where a folder is needed."


def write_atomic(path: Path, content: bytes) -> None:
    """Write a file of the workspace whole or not at all, readable for nobody else."""
    try:
        write_pieces(path, [content], private=True)
    except OSError as error:
        raise WorkspaceError(explain(error, path)) from error


def write_pieces(path: Path, pieces: Iterable[bytes], *, private: bool = False) -> None:
    """Write a file whole or not at all: temporary file, fsync, rename, fsync of the folder. Raises OSError.

    Who may read it is the system's usual; with `private`, nobody else.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    handle = os.open(temporary, flags, 0o600 if private else 0o666)
    with contextlib.ExitStack() as undo:
        undo.callback(_remove, temporary)
        with os.fdopen(handle, "wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        undo.pop_all()
    sync_folder(path.parent)


def _remove(temporary: Path) -> None:
    with contextlib.suppress(OSError):  # why it could not be written is what there is to say
        temporary.unlink()


def write_synced(path: Path, content: bytes) -> None:
    """Write a new file and have it on the disk before this returns. Raises OSError."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make a rename inside `folder` survive a power cut, where the system has such a thing."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
