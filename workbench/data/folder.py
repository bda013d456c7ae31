"""Reads a person's own folder of pictures: one folder a class, with or without train, validation and test folders above.

What is a class, which files are pictures and what is left out is decided here from names alone; decoding is the
crew's. Hidden files are not looked at. Links are followed, but no file and no folder is taken twice.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path

import numpy as np

from workbench.data.crew import decode_all
from workbench.data.decode import Looks
from workbench.data.pictures import Progress, Rows
from workbench.data.source import Listing, Piece, Share, explain_reading
from workbench.data.splitting import name_some
from workbench.errors import DataError
from workbench.events import Phase
from workbench.plain import unseen

ENDINGS = frozenset(
    (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".dib", ".webp", ".tif", ".tiff", ".gif"),
)  # fmt: skip
#: What people call the folders of the three parts.
PART_NAMES: dict[str, Share] = {
    "train": Share.TRAINING, "training": Share.TRAINING,
    "val": Share.VALIDATION, "valid": Share.VALIDATION, "validation": Share.VALIDATION,
    "test": Share.TEST, "testing": Share.TEST,
}  # fmt: skip
#: Version of the decoded pictures: raised when decode.py begins to give other pixels.
_DECODING = 1
_name_of = attrgetter("name")
_HINT = "Put the pictures of each class into a folder of their own, such as cats/1.jpg and dogs/2.jpg."


@dataclass(frozen=True)
class ClassFolder:
    """A folder that holds the pictures of one class, for one of the parts."""

    name: str
    share: Share
    path: str


@dataclass
class _Files:
    """The pictures that were found, as columns: a set can have millions."""

    base: str
    paths: list[str] = field(default_factory=list)
    marks: list[tuple[int, int, int]] = field(default_factory=list)
    classes: list[int] = field(default_factory=list)
    shares: list[int] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)
    #: (device, number) of the files and folders that were taken
    seen: set[tuple[int, int]] = field(default_factory=set)

    def leave_out(self, path: str, why: str) -> None:
        self.left_out.append(f"{printable(_within(self.base, path))}: {why}.")


class PictureFolder:
    """The pictures of a folder."""

    #: Decoding photographs takes minutes; a second run should not.
    slow = True

    def __init__(self, path: Path, looks: Looks, progress: Progress) -> None:
        self._base = str(path)
        self._looks = looks
        folders = class_folders(path)
        self.classes = class_names(path, folders)
        numbers = {name: number for number, name in enumerate(self.classes)}
        files = _Files(self._base)
        parents = sorted({self._base, *(str(Path(folder.path).parent) for folder in folders)})
        # A link from one class to another, or to a folder above, leads to nothing new.
        files.seen.update(_identity(os.stat(known)) for known in (*parents, *(folder.path for folder in folders)))  # noqa: PTH116 - as above
        _look_beside(parents, files)
        for folder in folders:
            progress(Phase.READING, len(files.paths), None, f"looking into {printable(folder.name)}")
            if folder.name in numbers:
                _look_into(folder, numbers[folder.name], files)
            else:
                files.leave_out(folder.path, "there is no class of this name in the training folder")
        if not files.paths:
            raise DataError(f"{path} holds no pictures. {_HINT}{_other_endings(files)}")
        self._check_classes(files)
        if files.other:
            count = (
                "1 file is no picture by its ending and was"
                if len(files.other) == 1
                else (f"{len(files.other):,} files are no pictures by their endings and were")
            )
            files.left_out.append(f"{count} not looked at: {name_some(files.other)}.")
        self._paths, self._marks = files.paths, files.marks
        labels = np.array(files.classes, np.int32)
        self.listing = Listing(
            tuple(printable(name) for name in self.classes), labels, np.array(files.shares, np.int8),
            looks.shape[2], tuple(files.left_out),
        )  # fmt: skip

    def _check_classes(self, files: _Files) -> None:
        filled = set(files.classes)
        empty = [printable(name) for number, name in enumerate(self.classes) if number not in filled]
        if empty:
            raise DataError(
                f"{self._base}: there are no pictures in the class{'' if len(empty) == 1 else 'es'} {name_some(empty)}. "
                f"Add pictures there, or take the folder away.{_other_endings(files)}"
            )

    @property
    def base(self) -> str:
        return self._base

    @property
    def paths(self) -> Sequence[str]:
        """The file of each row."""
        return self._paths

    @property
    def root(self) -> str:
        return self._base

    @property
    def files(self) -> Sequence[str]:
        return self._paths

    @property
    def marks(self) -> Sequence[tuple[int, int, int]]:
        """Size in bytes, time of the last change of the content and of any kind, both in ns: what tells a changed file."""
        return self._marks

    def shown(self, row: int) -> str:
        """The name of a picture within its folder, for a sentence."""
        return printable(_within(self._base, self._paths[row]))

    def key(self, wanted: Rows) -> str:
        digest = hashlib.sha256(repr((_DECODING, self._looks)).encode("ascii"))
        for row in wanted:
            name = _within(self._base, self._paths[row])
            digest.update(repr((name, self._marks[row])).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    def read(self, wanted: Rows) -> Generator[Piece, None, None]:
        for piece in decode_all([self._paths[row] for row in wanted], self._looks):
            failed = tuple(
                each._replace(sentence=f"{self.shown(int(wanted[each.place]))}: {each.sentence}.")
                for each in piece.failed
            )
            yield Piece(piece.places, piece.pixels, failed)


def class_folders(path: Path) -> list[ClassFolder]:
    """The class folders in order of part and name. Only lists folders; raises DataError when there are none."""
    if not path.is_dir():
        what = "is a file" if path.is_file() else "is not there"
        raise DataError(
            f"The folder {path} {what}. Choose the folder that holds one folder of pictures for each class."
        )
    inside = _subfolders(str(path))
    parts = {name: PART_NAMES[name.casefold()] for name in inside if name.casefold() in PART_NAMES}
    if Share.TRAINING in parts.values() and (len(parts) > 1 or len(parts) == len(inside)):
        folders = [
            ClassFolder(name, share, os.path.join(path, part, name))  # noqa: PTH118 - millions of names stay plain text
            for part, share in sorted(parts.items(), key=lambda item: (item[1], item[0]))
            for name in _subfolders(os.path.join(path, part))  # noqa: PTH118 - as above
        ]
        if not any(folder.share is Share.TRAINING for folder in folders):
            names = " and ".join(name for name, share in parts.items() if share is Share.TRAINING)
            raise DataError(f"The folder {names} in {path} holds no folder for a class. {_HINT}")
        return folders
    if parts and len(parts) == len(inside):
        raise DataError(
            f"{path} holds {' and '.join(sorted(parts))} but no train folder. Add a folder train with one folder of pictures a class."
        )
    return [ClassFolder(name, Share.TRAINING, os.path.join(path, name)) for name in inside]  # noqa: PTH118 - as above


def class_names(path: Path, folders: list[ClassFolder]) -> tuple[str, ...]:
    """The classes: the folders that there are for training, by name."""
    names = sorted({folder.name for folder in folders if folder.share is Share.TRAINING})
    if not names:
        raise DataError(f"{path} holds no folders. {_HINT}")
    if len(names) == 1:
        raise DataError(
            f"{path} holds only one class, {printable(names[0])}. There must be at least two classes to tell apart. {_HINT}"
        )
    return tuple(names)


def _stat(entry: os.DirEntry[str]) -> os.stat_result:
    # On Windows what an entry knows of itself lacks the number that tells two names of one file.
    return os.stat(entry.path) if os.name == "nt" else entry.stat()  # noqa: PTH116 - paths come as plain text


def _within(base: str, path: str) -> str:
    # Not os.path.relpath, which takes seconds for a million names; each path was made by joining to the base.
    return path[len(base) :].lstrip(os.sep)


def _subfolders(path: str) -> list[str]:
    try:
        with os.scandir(path) as entries:
            return sorted(entry.name for entry in entries if not _hidden(entry.name) and _is_folder(entry))
    except OSError as error:
        raise DataError(f"The folder {printable(path)} cannot be listed: {explain_reading(error)}.") from error


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads back to itself
        return False


def _hidden(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"


def _identity(there: os.stat_result) -> tuple[int, int]:
    return there.st_dev, there.st_ino


def _other_endings(files: _Files) -> str:
    if not files.other:
        return ""
    return f" {name_some(files.other)} cannot be read as pictures; PNG, JPEG, BMP, WebP, TIFF and GIF can."


def _look_beside(parents: list[str], files: _Files) -> None:
    """Names what lies where only class folders are expected."""
    for parent in parents:
        with os.scandir(parent) as entries:
            names = sorted(entry.name for entry in entries if not _hidden(entry.name))
        loose = [printable(name) for name in names if os.path.splitext(name)[1].lower() in ENDINGS]  # noqa: PTH122 - as above
        if loose:
            where = printable(_within(files.base, parent)) or "the folder itself"
            files.left_out.append(
                f"{len(loose):,} {'picture' if len(loose) == 1 else 'pictures'} in {where} {'lies' if len(loose) == 1 else 'lie'} "
                f"in no class folder: {name_some(loose)}."
            )
    if len(parents) > 1:
        for name in _subfolders(files.base):
            if name.casefold() not in PART_NAMES:
                files.left_out.append(
                    f"{printable(name)}: a folder beside those for training and testing is not looked into."
                )


def _look_into(folder: ClassFolder, number: int, files: _Files) -> None:
    """Takes all pictures in a class folder and the folders within it."""
    waiting = [folder.path]
    while waiting:
        path = waiting.pop()
        try:
            there = os.stat(path)  # noqa: PTH116 - as above
            if path != folder.path and _identity(there) in files.seen:
                continue
            files.seen.add(_identity(there))
            with os.scandir(path) as entries:
                inside = sorted(entries, key=_name_of)
        except OSError as error:
            files.leave_out(path, explain_reading(error))
            continue
        inner = _take_all(inside, files)
        # Reversed, so that folders are taken in the order of their names.
        waiting += reversed(inner)
    taken = len(files.paths) - len(files.classes)
    files.classes += [number] * taken
    files.shares += [int(folder.share)] * taken


def _take_all(inside: Sequence[os.DirEntry[str]], files: _Files) -> list[str]:
    """Takes the pictures among what lies in a folder; the folders among it are given back.

    Written as one loop, with as few calls a file as there can be: a folder of a hundred thousand is listed while
    somebody waits.
    """
    inner: list[str] = []
    seen, paths, marks = files.seen, files.paths, files.marks
    for entry in inside:
        name, path = entry.name, entry.path
        if _hidden(name):
            continue
        if _is_folder(entry):
            inner.append(path)
            continue
        # What os.path.splitext gives for names that do not begin with a dot, at a quarter of its time.
        if name[name.rfind(".") :].lower() not in ENDINGS:
            files.other.append(printable(name))
            continue
        try:
            there = _stat(entry)
        except OSError as error:
            files.leave_out(path, explain_reading(error))
            continue
        identity = there.st_dev, there.st_ino
        if identity in seen:
            files.leave_out(path, "it is the same file as one that was already taken")
            continue
        seen.add(identity)
        paths.append(path)
        # The time of the last change of any kind, so that a file that may now be read is read.
        marks.append((there.st_size, there.st_mtime_ns, there.st_ctime_ns))
    return inner


def printable(name: str) -> str:
    """A file name for people: bytes that are no text and signs that steer a terminal are shown as �."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return "".join("\ufffd" if unseen(sign) else sign for sign in text)
