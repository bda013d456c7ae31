"""What every reader gives: the labels at once, the pictures piece by piece when asked.

Labels come first because the choice of pictures (`data.limit`) is made before any is read. Knows nothing
of where the pictures are kept afterwards.
"""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple, Protocol, TypeAlias, runtime_checkable

import numpy as np
import numpy.typing as npt

from workbench.data.pictures import Labels, Pixels, Rows, Task

#: Pictures are handed on in pieces of about this many bytes.
PIECE = 8 << 20


class Share(IntEnum):
    """The part of a set that a picture belongs to."""

    TRAINING = 0
    VALIDATION = 1
    TEST = 2


Shares: TypeAlias = npt.NDArray[np.int8]


class Failure(NamedTuple):
    """A picture that could not be read."""

    place: int
    sentence: str
    #: whether it may be readable another time though its file stays as it is: nothing may remember the failure then
    passing: bool = False


Failed: TypeAlias = tuple[Failure, ...]


@dataclass(frozen=True)
class Piece:
    """Some of the pictures that were asked for."""

    #: places within what was asked for
    places: Rows
    pixels: Pixels
    #: each that could not be read
    failed: Failed = ()


@dataclass(frozen=True)
class Listing:
    """What is known of a set before any picture is read."""

    classes: tuple[str, ...]
    labels: Labels
    #: what the files themselves say; TRAINING where they say nothing
    given: Shares
    channels: int
    left_out: tuple[str, ...] = ()
    #: With masks the labels say nothing (all are 0), and pieces have the mask as one more channel.
    task: Task = "classes"
    ignore: int | None = None

    @property
    def planes(self) -> int:
        """The channels that are read and kept: those of the picture, then its mask."""
        return self.channels + (self.task == "masks")


class Source(Protocol):
    """A set of pictures that can be read."""

    @property
    def listing(self) -> Listing: ...

    @property
    def slow(self) -> bool:
        """Whether reading is worth remembering on disk even when the pictures fit in memory."""

    def key(self, wanted: Rows) -> str:
        """A digest of what decides how these pictures look: names, sizes, times, settings."""

    def read(self, wanted: Rows) -> Generator[Piece, None, None]:
        """These pictures at the size of the recipe; each place comes once, in any order."""


@runtime_checkable
class Named(Protocol):
    """A source whose pictures are files of their own."""

    def shown(self, row: int) -> str:
        """The name of a picture within its folder, for people."""


@runtime_checkable
class Owned(Protocol):
    """A source that reads a person's own files, which can be copied to where they are read alike."""

    @property
    def root(self) -> str:
        """The folder that they are all in."""

    @property
    def files(self) -> Sequence[str]:
        """All that is read: pictures, masks, tables."""


def digest(*words: object) -> str:
    """The key of a set whose looks are decided by these plain values."""
    return hashlib.sha256(repr(words).encode("utf-8", "surrogatepass")).hexdigest()


def pieces(count: int, picture_bytes: int) -> Iterator[slice]:
    """Stretches of `count` pictures of about `PIECE` bytes each."""
    step = max(1, PIECE // max(1, picture_bytes))
    for first in range(0, count, step):
        yield slice(first, min(first + step, count))


def explain_reading(error: OSError) -> str:
    """What the system said about a file that should be read, as the end of a sentence."""
    match error.errno:
        case errno.ENOENT:
            return "it is not there any more"
        case errno.EACCES | errno.EPERM:
            return "it may not be read; allow reading it"
        case errno.ELOOP:
            return "it is a link that leads back to itself"
        case _:
            return (error.strerror or str(error)).rstrip(".").lower()
