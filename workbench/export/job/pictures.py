"""A person's own pictures, as a job speaks of them: which files, how much they are, and whether those elsewhere are the same.

The files are those that the reader of the data set takes, under the names that they have within their folder; so what lies
beside them neither is copied nor counts. The fingerprint is over names and bytes: pixels need not be decoded for it.
"""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from workbench.data.loading import READERS
from workbench.data.source import Owned, explain_reading
from workbench.errors import DataError
from workbench.events import Phase
from workbench.journal.strange import Pulse
from workbench.paths import Workspace, size_words
from workbench.plain import plain
from workbench.spec import data as spec

#: What a file that is all there is of a set is called in a job, whatever its name was.
ONE_FILE = "pictures.npz"
#: Signs of a path in a sentence.
LONGEST = 1000
#: Files are read in pieces of so many bytes.
PIECE = 1 << 20
#: Called often while files are read: bytes done, of how many. May raise, to have it ended.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Reference:
    """Which pictures a job was made with."""

    kind: str
    #: where they were; empty for those that come with the workbench or are fetched
    path: str = ""
    #: whether they are in the job's folder
    copied: bool = False
    files: int = 0
    size: int = 0
    classes: tuple[str, ...] = ()
    sha256: str = ""

    @property
    def own(self) -> bool:
        """Whether they are a person's own."""
        return bool(self.path)

    @property
    def words(self) -> str:
        """How much they are: "120 files in 3 classes, 4.1 MB"."""
        files = "1 file" if self.files == 1 else f"{self.files:,} files"
        return f"{files} in {len(self.classes):,} classes, {size_words(self.size)}"


@dataclass(frozen=True)
class Own:
    """A person's own files."""

    path: str
    kind: str
    classes: tuple[str, ...]
    #: (name within their folder, with / between its parts; where it is; bytes), by name
    files: tuple[tuple[str, Path, int], ...]

    @property
    def size(self) -> int:
        return sum(size for _, _, size in self.files)

    def reference(self, sha256: str = "", *, copied: bool = False) -> Reference:
        return Reference(self.kind, self.path, copied, len(self.files), self.size, self.classes, sha256)


def path_of(settings: spec.Data) -> str:
    """Where a recipe's own pictures are; empty when it has none."""
    return str(getattr(settings, "path", ""))


def look(settings: spec.Data, seed: int, workspace: Workspace, pulse: Pulse = lambda: None) -> Own | None:
    """The files of a recipe's pictures; None when they are nobody's own. Raises DataError.

    Lists folders; of masks without a table it reads every one, as the reader does. `pulse` is called often and may raise
    StoppedError.
    """

    def go_on(_phase: Phase, _done: int, _total: int | None, _note: str) -> None:
        pulse()

    def size(path: Path) -> int:
        pulse()
        return path.stat().st_size

    if not hasattr(settings, "path"):
        return None
    source = READERS[type(settings)](settings, seed, workspace, go_on)
    assert isinstance(source, Owned)
    root = source.root
    try:
        found = sorted(
            (_within(root, file, one=settings.kind == "npz"), Path(file), size(Path(file))) for file in source.files
        )
    except OSError as error:
        raise DataError(f"{error.filename} cannot be read: {explain_reading(error)}.") from error
    return Own(path_of(settings), settings.kind, source.listing.classes, tuple(found))


def _within(root: str, file: str, *, one: bool) -> str:
    return ONE_FILE if one else Path(file).relative_to(root).as_posix()


def fingerprint(own: Own, progress: Progress, to: Path | None = None) -> str:
    """SHA-256 over the names and bytes of the files; with `to`, they are copied into that folder. Raises OSError."""
    total, size, done = hashlib.sha256(), own.size, 0
    # Systems write an accent as one sign or as two, and sort them otherwise; the file is the same.
    for name, path, _ in sorted(own.files, key=lambda file: _spelled(file[0])):
        digest = hashlib.sha256()
        target = to / name if to is not None else None
        if target is not None:
            target.parent.mkdir(parents=True, exist_ok=True)
        with path.open("rb") as file, open(target or os.devnull, "xb" if target else "wb") as copy:  # noqa: PTH123 - devnull is no path of ours
            while piece := file.read(PIECE):
                digest.update(piece)
                copy.write(piece)
                done += len(piece)
                progress(done, size)
        spelled = _spelled(name)
        total.update(len(spelled).to_bytes(8, "little") + spelled + digest.digest())
    return total.hexdigest()


def _spelled(name: str) -> bytes:
    return unicodedata.normalize("NFC", name).encode("utf-8", "surrogateescape")


def difference(wanted: Reference, found: Own, sha256: str) -> str:
    """Why pictures are not those that a job was made with, as a sentence; empty when they are."""
    if sha256 == wanted.sha256:
        return ""
    here = found.reference()
    ours, theirs = (list(map(_spelled, classes)) for classes in (found.classes, wanted.classes))
    if ours != theirs and len(found.classes) == len(wanted.classes):
        how = f"their classes are {_some(found.classes)}, not {_some(wanted.classes)}"
    elif here.words != wanted.words:
        how = f"they are {here.words}, not {wanted.words}"
    else:
        how = f"they are {here.words} as well, but other names or contents"
    return f"The pictures in {plain(found.path, LONGEST)} are not those that the job was made with: {how}."


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(plain(each) for each in names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")  # noqa: PLR2004 - for people
