"""Reads a person's own folder of pictures: one folder a class, with or without train, validation and test folders above.

What is a class, which files are pictures and what is left out is decided here from names alone; decoding is the
crew's. Hidden files are not looked at. Links are followed, but no file and no folder is taken twice.
"""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from workbench.data.crew import decode_all
from workbench.data.decode import Looks
from workbench.data.pictures import Progress, Rows
from workbench.data.source import Listing, Piece, Share, explain_reading
from workbench.data.splitting import name_some
from workbench.errors import DataError
from workbench.events import Phase

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
#: Signs that turn the writing direction of what follows (Unicode's bidirectional classes).
_TURNS = frozenset(("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"))
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

    paths: list[str] = field(default_factory=list)
    marks: list[tuple[int, int, int]] = field(default_factory=list)
    classes: list[int] = field(default_factory=list)
    shares: list[int] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)
    #: (device, number) of the files and folders that were taken
    seen: set[tuple[int, int]] = field(default_factory=set)


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
        files = _Files()
        # A link from one class to another, or to a folder above, leads to nothing new.
        for known in {
            self._base,
            *(str(Path(folder.path).parent) for folder in folders),
            *(folder.path for folder in folders),
        }:
            there = os.stat(known)  # noqa: PTH116 - as above
            files.seen.add((there.st_dev, there.st_ino))
        for folder in folders:
            progress(Phase.READING, len(files.paths), None, f"looking into {printable(folder.name)}")
            if folder.name in numbers:
                _look_into(folder, numbers[folder.name], files, self._base)
            else:
                files.left_out.append(
                    f"{self._shown(folder.path)}: there is no class of this name in the training folder."
                )
        if not files.paths:
            raise DataError(f"{path} holds no pictures. {_HINT}")
        self._check_classes(files)
        if files.other:
            files.left_out.append(
                f"{len(files.other):,} files are no pictures by their endings and were not looked at: {name_some(files.other)}."
            )
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
                "Add pictures there, or take the folder away."
            )

    def _shown(self, path: str) -> str:
        return printable(os.path.relpath(path, self._base))

    def shown(self, row: int) -> str:
        """The name of a picture within its folder, for a sentence."""
        return self._shown(self._paths[row])

    def key(self, wanted: Rows) -> str:
        digest = hashlib.sha256(repr((_DECODING, self._looks)).encode("ascii"))
        for row in wanted:
            name = os.path.relpath(self._paths[row], self._base)
            digest.update(repr((name, self._marks[row])).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    def read(self, wanted: Rows) -> Generator[Piece, None, None]:
        for piece in decode_all([self._paths[row] for row in wanted], self._looks):
            failed = tuple(
                (place, f"{self.shown(int(wanted[place]))}: {sentence}.") for place, sentence in piece.failed
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


def _look_into(folder: ClassFolder, number: int, files: _Files, base: str) -> None:
    """Takes all pictures in a class folder and the folders within it."""
    waiting = [folder.path]
    while waiting:
        path = waiting.pop()
        try:
            there = os.stat(path)  # noqa: PTH116 - as above
            if path != folder.path and (there.st_dev, there.st_ino) in files.seen:
                continue
            files.seen.add((there.st_dev, there.st_ino))
            with os.scandir(path) as entries:
                inside = sorted((entry for entry in entries if not _hidden(entry.name)), key=lambda entry: entry.name)
        except OSError as error:
            files.left_out.append(f"{printable(os.path.relpath(path, base))}: {explain_reading(error)}.")
            continue
        # Reversed, so that folders are taken in the order of their names.
        waiting += [entry.path for entry in reversed(inside) if _is_folder(entry)]
        for entry in inside:
            if not _is_folder(entry):
                _take(entry, folder, number, files, base)


def _take(entry: os.DirEntry[str], folder: ClassFolder, number: int, files: _Files, base: str) -> None:
    if os.path.splitext(entry.name)[1].lower() not in ENDINGS:  # noqa: PTH122 - as above
        files.other.append(printable(entry.name))
        return
    name = printable(os.path.relpath(entry.path, base))
    try:
        there = os.stat(entry.path)  # noqa: PTH116 - not entry.stat(), which gives no file number on Windows
    except OSError as error:
        files.left_out.append(f"{name}: {explain_reading(error)}.")
        return
    if (there.st_dev, there.st_ino) in files.seen:
        files.left_out.append(f"{name}: it is the same file as one that was already taken.")
        return
    files.seen.add((there.st_dev, there.st_ino))
    files.paths.append(entry.path)
    # The time of the last change of any kind, so that a file that may now be read is read.
    files.marks.append((there.st_size, there.st_mtime_ns, there.st_ctime_ns))
    files.classes.append(number)
    files.shares.append(int(folder.share))


def printable(name: str) -> str:
    """A file name for people: bytes that are no text and signs that steer a terminal are shown as �."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return "".join("\ufffd" if _steers(sign) else sign for sign in text)


def _steers(sign: str) -> bool:
    return unicodedata.category(sign) in {"Cc", "Zl", "Zp"} or unicodedata.bidirectional(sign) in _TURNS
