"""What a data set is once it has been read: pictures, labels, three parts, and what the training part measures.

Pictures are uint8, in memory or in a flat file; a part is a view of one shared store. Knows nothing of
where the pictures came from.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from workbench.errors import DataError
from workbench.events import Phase

Pixels: TypeAlias = npt.NDArray[np.uint8]
Rows: TypeAlias = npt.NDArray[np.int64]
Labels: TypeAlias = npt.NDArray[np.int32]
#: A class number a pixel: (number, height, width).
Masks: TypeAlias = npt.NDArray[np.uint8]
#: Whether pictures or their pixels have a class.
Task: TypeAlias = Literal["classes", "masks"]
Floats: TypeAlias = npt.NDArray[np.float32]
Shape: TypeAlias = tuple[int, int, int]

#: Called often while data are fetched or read: phase, done, total (None: not known), a few words.
Progress: TypeAlias = Callable[[Phase, int, int | None, str], None]


class Pictures(Protocol):
    """A number of uint8 pictures of one size."""

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Number, height, width, channels."""

    @property
    def resident(self) -> bool:
        """Whether `array` is the whole set in memory."""

    def array(self) -> Pixels:
        """All pictures, without a copy; only when they are resident."""

    def take(self, indices: npt.NDArray[np.integer]) -> Pixels:
        """The pictures at these places, in this order: (k, height, width, channels). Safe from several threads."""


class InMemory:
    """Pictures that lie in memory."""

    def __init__(self, pixels: Pixels) -> None:
        self._pixels = pixels

    @property
    def shape(self) -> tuple[int, int, int, int]:
        number, height, width, channels = self._pixels.shape
        return number, height, width, channels

    @property
    def resident(self) -> bool:
        return True

    def array(self) -> Pixels:
        return self._pixels

    def take(self, indices: npt.NDArray[np.integer]) -> Pixels:
        pixels: Pixels = self._pixels[indices]
        return pixels


class PixelFile:
    """A flat file of pictures, one after the other, read piece by piece.

    Not a memory map: pages of a map that were read count as memory of the process.
    """

    def __init__(self, path: Path, shape: Shape) -> None:
        self.path = path
        self.shape = shape
        self._handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        self._turn = threading.Lock()
        self._size = int(np.prod(shape))
        weakref.finalize(self, os.close, self._handle)

    def read(self, rows: npt.NDArray[np.integer]) -> Pixels:
        pixels = np.empty((len(rows), *self.shape), np.uint8)
        for place, row in enumerate(rows):
            self._fill(memoryview(pixels[place]).cast("B"), int(row) * self._size)
        return pixels

    def _fill(self, target: memoryview, offset: int) -> None:
        while target:
            count = self._read_some(target, offset)
            if not count:
                raise DataError(
                    f"{self.path} became shorter while it was in use. Delete that file and start again; "
                    "the pictures are then read afresh."
                )
            target, offset = target[count:], offset + count

    def _read_some(self, target: memoryview, offset: int) -> int:
        if hasattr(os, "preadv"):
            return os.preadv(self._handle, [target], offset)
        with self._turn:  # Windows and older macOS have only one position per open file
            os.lseek(self._handle, offset, os.SEEK_SET)
            data = os.read(self._handle, len(target))
        target[: len(data)] = data
        return len(data)


class OnDisk:
    """Some rows of a pixel file."""

    def __init__(self, file: PixelFile, rows: Rows) -> None:
        self._file = file
        self._rows = rows

    @property
    def shape(self) -> tuple[int, int, int, int]:
        return len(self._rows), *self._file.shape

    @property
    def resident(self) -> bool:
        return False

    def array(self) -> Pixels:
        raise TypeError("These pictures are not in memory; use take().")

    def take(self, indices: npt.NDArray[np.integer]) -> Pixels:
        return self._file.read(self._rows[indices])


class FirstChannels:
    """The pictures of a file in which each is followed by something else, such as its mask, as one more channel."""

    def __init__(self, held: OnDisk, channels: int) -> None:
        self._held = held
        self._channels = channels

    @property
    def shape(self) -> tuple[int, int, int, int]:
        number, height, width, _ = self._held.shape
        return number, height, width, self._channels

    @property
    def resident(self) -> bool:
        return False

    def array(self) -> Pixels:
        return self._held.array()

    def take(self, indices: npt.NDArray[np.integer]) -> Pixels:
        return np.ascontiguousarray(self._held.take(indices)[..., : self._channels])


@dataclass(frozen=True)
class Part:
    """One of the three parts of a data set; it may be empty."""

    pictures: Pictures
    #: One class number a picture, or one a pixel. Masks are always in memory, a third of what the colour pictures take there,
    #: also when those are on disk.
    labels: Labels | Masks
    #: the row of each in the set that they were chosen from
    rows: Rows | None = None

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class DataSet:
    """Everything an engine needs to know of the pictures. No picture is in two parts."""

    classes: tuple[str, ...]
    #: height, width, channels
    shape: Shape
    training: Part
    validation: Part
    test: Part
    #: per channel, on the scale 0 to 255, of the training part only: prepared = (picture - mean) / spread
    mean: Floats
    spread: Floats
    #: SHA-256 over the pixels, the labels and the split
    fingerprint: str
    #: one sentence a file that could not be used; at most 100 and a count
    left_out: tuple[str, ...] = ()
    #: sentences about the set as a whole, such as classes that are too small to be judged
    notes: tuple[str, ...] = ()
    task: Task = "classes"
    #: the number in masks of pixels that count nowhere
    ignore: int | None = None
    #: the name of the file of a row, for people; None where pictures are no files, or names were not asked for
    name_of: Callable[[int], str] | None = None
