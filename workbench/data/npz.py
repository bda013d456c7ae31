"""Reads a person's own .npz file: pictures x and labels y, or x_train, y_train, x_test and y_test.

Everything is checked before the first picture is handed on: shapes from the headers, then labels, then the range of
the pixels in one pass. Pixels become uint8 by one rule: bytes stay, true/false becomes 0 and 255, numbers from 0 to 1
with a fraction type are multiplied by 255, others must lie between 0 and 255; fractions are rounded.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from workbench.data.npy import Array, Header, NpyError, NpzFile
from workbench.data.pictures import Labels, Pixels, Progress, Rows
from workbench.data.sizing import resize_all
from workbench.data.source import PIECE, Listing, Piece, Share, digest, explain_reading
from workbench.errors import DataError
from workbench.events import Phase

#: A picture of an array may have at most this many pixels.
LARGEST = 100_000_000
#: Labels up to this many bytes are looked at when a file is only described.
_QUICK = 1 << 22
_AXES = (3, 4)
_BRIGHTEST = 255
_RENUMBER = "number the classes from 0 without gaps, for example with np.unique(y, return_inverse=True)[1]"


@dataclass(frozen=True)
class _Block:
    """One pair of arrays in the file."""

    x: str
    y: str
    share: Share


_ONE = (_Block("x", "y", Share.TRAINING),)
_TWO = (_Block("x_train", "y_train", Share.TRAINING), _Block("x_test", "y_test", Share.TEST))


class Npz:
    """The pictures of an .npz file."""

    slow = False

    def __init__(self, path: Path, image_size: int, progress: Progress) -> None:
        self._path = path
        self._size = image_size
        try:
            with NpzFile(path) as file:
                self._blocks = _blocks(file)
                headers = [_check_pictures(block, file.header(block.x), file.header(block.y)) for block in self._blocks]
                labels = [_labels(file, block.y) for block in self._blocks]
                self._factors = [
                    _factor(file, block.x, header, progress)
                    for block, header in zip(self._blocks, headers, strict=True)
                ]
        except NpyError as error:
            raise DataError(f"{path}: {error}.") from error
        except OSError as error:
            raise DataError(_unreadable(path, error)) from error
        self._headers = headers
        channels = {_channels(header) for header in headers}
        if len(channels) > 1:
            raise DataError(f"{path}: x_train and x_test differ in their channels; both must have the same number.")
        everything = np.concatenate(labels)
        given = np.repeat(np.array([block.share for block in self._blocks], np.int8), [len(part) for part in labels])
        self.listing = Listing(_classes(path, everything), everything, given, channels.pop())

    @property
    def root(self) -> str:
        return str(self._path.parent)

    @property
    def files(self) -> Sequence[str]:
        return [str(self._path)]

    def key(self, wanted: Rows) -> str:
        there = self._path.stat()
        return digest("npz 1", str(self._path), there.st_size, there.st_mtime_ns, self._size, wanted.tobytes())

    def read(self, wanted: Rows) -> Generator[Piece, None, None]:
        """In the order of the file, which can only be read forwards."""
        place_of = np.full(len(self.listing.labels), -1, np.int64)
        place_of[wanted] = np.arange(len(wanted))
        first = 0
        try:
            with NpzFile(self._path) as file:
                for block, header, factor in zip(self._blocks, self._headers, self._factors, strict=True):
                    for stretch in file.stretches(block.x, _rows_at_once(header)):
                        places = place_of[first : first + len(stretch)]
                        first += len(stretch)
                        used = places >= 0
                        yield from self._pieces(places[used], stretch[used], factor)
        except NpyError as error:
            raise DataError(f"{self._path}: {error}.") from error
        except OSError as error:
            raise DataError(_unreadable(self._path, error)) from error

    def _pieces(self, places: Rows, values: Array, factor: float) -> Generator[Piece, None, None]:
        step = max(1, PIECE // (self._size * self._size * self.listing.channels))
        for begin in range(0, len(places), step):
            part = slice(begin, begin + step)
            yield Piece(places[part], resize_all(_to_bytes(values[part], factor), self._size))


def peek(path: Path) -> tuple[int, int] | None:
    """(channels, classes) from the headers and the labels; None when the labels are too many for a quick look."""
    try:
        with NpzFile(path) as file:
            blocks = _blocks(file)
            headers = [_check_pictures(block, file.header(block.x), file.header(block.y)) for block in blocks]
            if sum(file.header(block.y).size for block in blocks) > _QUICK:
                return None
            labels = np.concatenate([_labels(file, block.y) for block in blocks])
    except NpyError as error:
        raise DataError(f"{path}: {error}.") from error
    except OSError as error:
        raise DataError(_unreadable(path, error)) from error
    return _channels(headers[0]), len(_classes(path, labels))


def _blocks(file: NpzFile) -> tuple[_Block, ...]:
    for blocks in (_ONE, _TWO):
        if all({block.x, block.y} <= set(file.names) for block in blocks):
            return blocks
    there = ", ".join(file.names) or "no arrays"
    raise NpyError(
        f"it holds {there}; it needs x (pictures) and y (labels), or x_train, y_train, x_test and y_test. Save it with "
        "np.savez(file, x=pictures, y=labels)"
    )


def _check_pictures(block: _Block, x: Header, y: Header) -> Header:
    if x.dtype.kind not in "buif":
        raise NpyError(f"{block.x} holds {x.dtype}; pictures are whole numbers from 0 to 255, or fractions")
    if len(x.shape) not in _AXES or 0 in x.shape[1:]:
        raise NpyError(
            f"{block.x} has the shape {x.shape}; it must be (pictures, height, width) or (pictures, height, width, channels)"
        )
    if _channels(x) not in (1, 3):
        hint = f"; the channels stand first, so use {block.x}.transpose(0, 2, 3, 1)" if x.shape[1] in (1, 3) else ""
        raise NpyError(
            f"{block.x} has the shape {x.shape}, so {_channels(x)} channels; 1 (grey) or 3 (colour) are read{hint}"
        )
    if not x.rows and block.share is Share.TRAINING:
        raise NpyError(f"{block.x} holds no pictures")
    if math.prod(x.shape[1:3]) > LARGEST:
        raise NpyError(
            f"{block.x} has pictures of {x.shape[1]:,} × {x.shape[2]:,} pixels; at most {LARGEST:,} pixels are read"
        )
    if len(y.shape) > 1 and y.shape[1:] != (1,):
        hint = f"; if it is one-hot, use {block.y}.argmax(axis=1)" if len(y.shape) == 2 else ""  # noqa: PLR2004 - a table
        raise NpyError(f"{block.y} has the shape {y.shape}; it must be one label a picture, ({x.rows},){hint}")
    if y.rows != x.rows:
        raise NpyError(f"{block.x} has {x.rows:,} pictures and {block.y} {y.rows:,} labels; both must be as many")
    if y.dtype.kind not in "bui":
        raise NpyError(
            f"{block.y} holds {y.dtype}; labels are whole numbers, so use {block.y}.astype('int64') if they are"
        )
    return x


def _channels(header: Header) -> int:
    return header.shape[3] if len(header.shape) == _AXES[1] else 1


def _rows_at_once(header: Header) -> int:
    return max(1, PIECE // max(1, header.size // max(1, header.rows)))


def _labels(file: NpzFile, name: str) -> Labels:
    labels = file.read(name).reshape(-1)
    lowest, highest = (int(labels.min()), int(labels.max())) if len(labels) else (0, 0)
    if lowest < 0:
        raise NpyError(f"{name} holds the label {lowest}; labels count from 0")
    if highest > np.iinfo(np.int32).max:
        raise NpyError(f"{name} holds the label {highest:,}; {_RENUMBER}")
    return labels.astype(np.int32)


def _classes(path: Path, labels: Labels) -> tuple[str, ...]:
    highest = int(labels.max())
    if highest < 1:
        raise DataError(f"{path}: all pictures have the label 0. There must be at least two classes to tell apart.")
    if highest >= len(labels):
        raise DataError(
            f"{path}: there is the label {highest:,}, but there are only {len(labels):,} pictures; {_RENUMBER}."
        )
    absent = np.flatnonzero(np.bincount(labels) == 0)
    if len(absent):
        raise DataError(
            f"{path}: the labels go up to {highest:,}, but no picture has the label {absent[0]:,}; {_RENUMBER}."
        )
    return tuple(str(number) for number in range(highest + 1))


def _factor(file: NpzFile, name: str, header: Header, progress: Progress) -> float:
    """What the values are multiplied by, found out by looking at all of them."""
    kind = header.dtype.kind
    if kind == "b":
        return _BRIGHTEST
    if header.dtype == np.uint8:
        return 1
    lowest, highest, seen = math.inf, -math.inf, 0
    for stretch in file.stretches(name, _rows_at_once(header)):
        progress(Phase.READING, seen, header.rows, f"looking at the values of {name}")
        if kind == "f" and not np.isfinite(stretch).all():
            broken = np.flatnonzero(~np.isfinite(stretch).reshape(len(stretch), -1).all(axis=1))
            raise NpyError(
                f"{name} holds values that are no numbers (NaN or infinite), first in picture {seen + broken[0]:,} "
                f"(counted from 0); replace them, for example with np.nan_to_num"
            )
        lowest, highest = min(lowest, float(stretch.min())), max(highest, float(stretch.max()))
        seen += len(stretch)
    if seen and (lowest < 0 or highest > _BRIGHTEST):
        raise NpyError(
            f"{name} holds values from {lowest:g} to {highest:g}; allowed are 0 to 255, or fractions from 0 to 1. Bring them "
            "to one of these ranges"
        )
    return _BRIGHTEST if kind == "f" and highest <= 1 else 1


def _to_bytes(values: Array, factor: float) -> Pixels:
    if values.ndim == _AXES[0]:
        values = values[..., None]
    if values.dtype.kind == "f":
        values = np.rint(values * values.dtype.type(factor))
    pixels: Pixels = values.astype(np.uint8, copy=False)
    return pixels * np.uint8(factor) if values.dtype.kind == "b" else pixels


def _unreadable(path: Path, error: OSError) -> str:
    return f"{path} cannot be read: {explain_reading(error)}."
