"""Keeps the pictures that were read: in memory when they are few, else in a flat file that is read piece by piece.

The file lies in the workspace's cache under a name made of everything that decides its content, so the next run finds
it. Beside the pixels stand each picture's digest and sums, from which the fingerprint and the statistics of any
split follow without reading the pixels again. A picture's mask is kept as one more channel of it, so that both are read,
cached and fingerprinted together. Knows nothing of labels, splits or file formats.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from io import RawIOBase
from pathlib import Path

import numpy as np
import numpy.typing as npt

from workbench.data.pictures import (
    FirstChannels,
    InMemory,
    Masks,
    OnDisk,
    Pictures,
    PixelFile,
    Pixels,
    Progress,
    Rows,
    Shape,
)
from workbench.data.shelf import PART, explained, make_room, put
from workbench.data.source import Failed, Failure, Piece, Source, digest, pieces
from workbench.errors import WorkspaceError
from workbench.events import Phase
from workbench.paths import Workspace

#: Sets up to this many bytes of pixels are kept in memory; this variable says another number.
RESIDENT = 1 << 30
RESIDENT_VARIABLE = "WORKBENCH_RESIDENT_BYTES"
#: The cache keeps this many bytes of the most recently used sets.
KEPT = 32 << 30
#: Raised to 2 when what could not be read for a passing reason was no longer kept.
_FORMAT = 2


@dataclass(frozen=True)
class Facts:
    """What is remembered of each picture: its SHA-256, and per channel the sum of its values and of their squares."""

    digests: Pixels
    sums: npt.NDArray[np.int64]
    squares: npt.NDArray[np.int64]

    @staticmethod
    def empty(count: int, channels: int) -> Facts:
        sums = np.zeros((count, channels), np.int64)
        return Facts(np.zeros((count, 32), np.uint8), sums, sums.copy())

    def measure(self, places: Rows, pixels: Pixels) -> None:
        for place, picture in zip(places, pixels, strict=True):
            self.digests[place] = np.frombuffer(hashlib.sha256(np.ascontiguousarray(picture).data).digest(), np.uint8)
        for channel in range(pixels.shape[3]):
            # A copy first: sums over a strided view take ten times as long. 255² fits in 16 bits.
            values = pixels[..., channel].reshape(len(pixels), -1).astype(np.uint16)
            self.sums[places, channel] = values.sum(axis=1, dtype=np.uint64)
            self.squares[places, channel] = (values * values).sum(axis=1, dtype=np.uint64)

    def mean_and_spread(self, rows: Rows, shape: Shape) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Per channel of the picture (a mask that follows is none), over these. A channel that never changes has spread 1."""
        count, channels = len(rows) * shape[0] * shape[1], slice(shape[2])
        mean = self.sums[rows, channels].sum(axis=0) / count
        variance = np.maximum(self.squares[rows, channels].sum(axis=0) / count - mean**2, 0)
        spread = np.sqrt(variance)
        # Below this the variance is the rounding of its own formula.
        return mean.astype(np.float32), np.where(spread < 1e-4, 1, spread).astype(np.float32)  # noqa: PLR2004 - as above


class Store:
    """Pictures that were read, some of which may have failed."""

    def __init__(self, held: Pixels | PixelFile, facts: Facts, failed: Failed) -> None:
        self._held: Pixels | PixelFile | None = held
        self.facts = facts
        self.failed = failed

    @property
    def good(self) -> Rows:
        """The places whose pictures could be read, ascending."""
        mask = np.ones(len(self.facts.digests), bool)
        mask[[each.place for each in self.failed]] = False
        return np.flatnonzero(mask).astype(np.int64)

    def parts(self, groups: tuple[Rows, ...]) -> tuple[Pictures, ...]:
        """The store as parts, without a second copy; it cannot be used any more afterwards."""
        held = self._give()
        if isinstance(held, PixelFile):
            return tuple(OnDisk(held, rows) for rows in groups)
        used = np.concatenate(groups)
        unused = np.setdiff1d(np.arange(len(held)), used)
        reorder(held, np.concatenate([used, unused]))
        ends = np.cumsum([len(rows) for rows in groups])
        return tuple(InMemory(held[end - len(rows) : end]) for end, rows in zip(ends, groups, strict=True))

    def parts_with_masks(self, groups: tuple[Rows, ...]) -> tuple[tuple[Pictures, Masks], ...]:
        """As `parts`, where the last channel is the mask: it comes apart, and into memory. Pictures in memory are copied."""
        held = self._give()
        if isinstance(held, PixelFile):
            return tuple(_apart(OnDisk(held, rows)) for rows in groups)
        return tuple(
            (InMemory(np.ascontiguousarray(held[rows, :, :, :-1])), np.ascontiguousarray(held[rows, :, :, -1]))
            for rows in groups
        )

    def _give(self) -> Pixels | PixelFile:
        held, self._held = self._held, None
        assert held is not None
        return held


def _apart(held: OnDisk) -> tuple[Pictures, Masks]:
    number, height, width, planes = held.shape
    masks = np.empty((number, height, width), np.uint8)
    for piece in pieces(number, height * width * planes):
        masks[piece] = held.take(np.arange(piece.start, piece.stop))[..., -1]
    return FirstChannels(held, planes - 1), masks


def reorder(pixels: Pixels, order: Rows) -> None:
    """pixels[:] = pixels[order], in place: along the cycles of the permutation, with one picture in hand."""
    done = np.zeros(len(order), bool)
    for first in range(len(order)):
        if done[first] or order[first] == first:
            continue
        in_hand, place = pixels[first].copy(), first
        while (origin := int(order[place])) != first:
            pixels[place] = pixels[origin]
            done[place] = True
            place = origin
        pixels[place] = in_hand
        done[place] = True


def resident_limit() -> int:
    text = os.environ.get(RESIDENT_VARIABLE, "")
    return int(text) if text.isdecimal() else RESIDENT


def keep(source: Source, wanted: Rows, size: int, workspace: Workspace, progress: Progress) -> Store:
    """The pictures of a source, read now or found in the cache."""
    shape = (size, size, source.listing.planes)
    resident = len(wanted) * int(np.prod(shape)) <= resident_limit()
    if resident and not source.slow:
        return _in_memory(source, wanted, shape, progress)
    kept = _Kept(workspace.cache / "pictures" / digest(_FORMAT, source.key(wanted), shape), len(wanted), shape)
    store = kept.open()
    if store is None:
        store = kept.write(source, wanted, progress)
    return _loaded(store, len(wanted), shape, progress) if resident else store


def _in_memory(source: Source, wanted: Rows, shape: Shape, progress: Progress) -> Store:
    pixels = np.empty((len(wanted), *shape), np.uint8)

    def take(piece: Piece) -> None:
        pixels[piece.places] = piece.pixels

    facts, failed = _receive(source, wanted, shape, take, progress)
    return Store(pixels, facts, failed)


def _receive(
    source: Source, wanted: Rows, shape: Shape, take: Callable[[Piece], None], progress: Progress
) -> tuple[Facts, Failed]:
    """Has everything read and taken, piece by piece."""
    facts, failed, done = Facts.empty(len(wanted), shape[2]), list[Failure](), 0
    progress(Phase.READING, 0, len(wanted), "pictures")
    # Closed whatever happens: a source may have processes at work.
    with closing(source.read(wanted)) as reading:
        for piece in reading:
            take(piece)
            facts.measure(piece.places, piece.pixels)
            failed += piece.failed
            done += len(piece.places)
            progress(Phase.READING, done, len(wanted), "pictures")
    return facts, tuple(failed)


def _loaded(store: Store, count: int, shape: Shape, progress: Progress) -> Store:
    """A store in a file as one in memory."""
    file = store._held  # noqa: SLF001 - the same module
    assert isinstance(file, PixelFile)
    pixels = np.empty((count, *shape), np.uint8)
    for piece in pieces(count, int(np.prod(shape))):
        progress(Phase.READING, piece.start, count, "pictures")
        pixels[piece] = file.read(np.arange(piece.start, piece.stop))
    progress(Phase.READING, count, count, "pictures")
    return Store(pixels, store.facts, store.failed)


@dataclass(frozen=True)
class _Kept:
    """A set in the cache: a folder that is there whole or not at all."""

    folder: Path
    count: int
    shape: Shape

    def open(self) -> Store | None:
        """The set, or None when it is not there or not whole."""
        try:
            failed = json.loads((self.folder / "failed.json").read_text(encoding="utf-8"))
            facts = Facts(
                *(np.load(self.folder / f"{name}.npy", allow_pickle=False) for name in Facts.__dataclass_fields__)
            )
            file = PixelFile(self.folder / "pixels", self.shape)
            whole = (self.folder / "pixels").stat().st_size == self.count * int(np.prod(self.shape))
            os.utime(self.folder)  # the time of last use decides what is removed first
        except (OSError, ValueError, EOFError):
            return None
        if not whole or any(len(column) != self.count for column in (facts.digests, facts.sums, facts.squares)):
            return None
        return Store(file, facts, tuple(Failure(int(place), str(sentence)) for place, sentence in failed))

    def write(self, source: Source, wanted: Rows, progress: Progress) -> Store:
        """The set, read now; it is not put into the cache when a picture failed that may be readable the next time."""
        base = self.folder.parent
        with explained(base):
            base.mkdir(parents=True, exist_ok=True)
            make_room(base, KEPT)
            self._check_space(base)
            part = Path(tempfile.mkdtemp(prefix=PART, dir=base))
        try:
            with (part / "pixels").open("wb", buffering=0) as file:
                facts, failed = _receive(source, wanted, self.shape, lambda piece: self._put(file, piece), progress)
            with explained(base):
                if any(each.passing for each in failed):
                    # The file is open, so this run has it also when it has lost its name.
                    return Store(PixelFile(part / "pixels", self.shape), facts, failed)
                self._finish(part, facts, failed)
        finally:
            shutil.rmtree(part, ignore_errors=True)
        store = self.open()
        if store is None:
            raise WorkspaceError(f"{self.folder} was removed while it was being read. Start again.")
        return store

    def _put(self, file: RawIOBase, piece: Piece) -> None:
        size = int(np.prod(self.shape))
        # Stretches of neighbouring places are written at once.
        firsts = [0, *(np.flatnonzero(np.diff(piece.places) != 1) + 1), len(piece.places)]
        with explained(self.folder.parent):
            for first, end in itertools.pairwise(firsts):
                content = np.ascontiguousarray(piece.pixels[first:end]).data.cast("B")
                file.seek(int(piece.places[first]) * size if end > first else 0)
                while content:
                    content = content[file.write(content) or 0 :]

    def _finish(self, part: Path, facts: Facts, failed: Failed) -> None:
        for name in Facts.__dataclass_fields__:
            np.save(part / f"{name}.npy", getattr(facts, name), allow_pickle=False)
        told = [(each.place, each.sentence) for each in failed]
        (part / "failed.json").write_text(json.dumps(told), encoding="utf-8")
        for path in part.iterdir():
            with path.open("rb+") as file:
                os.fsync(file.fileno())
        if self.open() is not None:  # made meanwhile by another process
            return
        put(part, self.folder)

    def _check_space(self, base: Path) -> None:
        needed, free = self.count * int(np.prod(self.shape)), shutil.disk_usage(base).free
        if needed > free:
            raise WorkspaceError(
                f"The pictures take {needed / 1e9:,.1f} GB once they are decoded, but the disk that holds {base} has {free / 1e9:,.1f} GB "
                "free. Free some space, make data.image_size smaller, or set data.limit."
            )
