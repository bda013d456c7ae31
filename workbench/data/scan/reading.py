"""Notes all pictures of a source into an album, or takes the notes of one that still holds.

Files are looked at by a crew of processes, each by itself; what else there is (arrays, drawn pictures, pictures with masks)
comes from its own reader, piece by piece. Knows sources and albums; nothing of parts, findings or recipes.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from workbench.data.crew import Crew, cores
from workbench.data.decode import UnreadableError
from workbench.data.folder import PictureFolder
from workbench.data.mask_folder import MaskedFolder, upright_size
from workbench.data.pictures import Rows
from workbench.data.randomness import generator
from workbench.data.scan.album import Album, Making, find, joined
from workbench.data.scan.look import Looked, Looking
from workbench.data.scan.measuring import GOOD, MISSED, NOTE, TO_READ, UNREADABLE, Notes, file_digest, note_pixels
from workbench.data.scan.near import near_pairs
from workbench.data.sizing import resize_mask
from workbench.data.source import Piece, Share, Shares, Source, digest

#: Height and width of small pictures at most; of very many, which are smaller so that an album stays below a gigabyte.
SIDE, SIDE_OF_MANY = 64, 32
MANY = 80_000
#: Pictures a task.
TASK = 32
#: So many pictures of each part are looked at first: what a gallery shows at once.
FIRST = 160
#: Raised to 2 when what could not be read for a passing reason was no longer kept.
_FORMAT = 2
Noting = Callable[[int, int], None]


class StoppedError(Exception):
    """The scan is not wanted any more."""


def gallery_order(count: int, seed: int, shuffled: int) -> Rows:
    """The order in which a gallery shows pictures, mixed, and another one for each time it was shuffled."""
    return generator(seed, "gallery", shuffled).permutation(count)


class Notebook:
    """Where pictures are noted."""

    def __init__(self) -> None:
        self._crew: Crew[Looked] | None = None
        self._side = SIDE

    def make_ready(self, base: str, albums: Path) -> None:
        """A folder is about to be listed. If it was never looked through, a first process begins beside that."""
        if not any((albums / _key_of_files(base, side)).exists() for side in (SIDE, SIDE_OF_MANY)):
            self._crew_of(SIDE)

    @contextmanager
    def open(self, source: Source, wanted: Rows, base: Path, parts: Shares, seed: int) -> Iterator[Noted]:
        """The pictures of a source, noted as far as they are; what was noted is kept also when this is broken off."""
        noted: Noted
        if isinstance(source, PictureFolder):
            noted = _Files(source, wanted, base, first_seen(parts, seed), self._crew_of)
        else:
            noted = _Pieces(source, wanted, base)
        try:
            yield noted
        except StoppedError:
            noted.keep()
            raise
        finally:
            noted.close()

    def _crew_of(self, side: int) -> Crew[Looked]:
        if self._crew is None or side != self._side:
            self.close()
            self._crew, self._side = Crew(Looking(side), cores()), side
        return self._crew

    def close(self) -> None:
        if self._crew is not None:
            self._crew.close()
            self._crew = None


def first_seen(parts: Shares, seed: int) -> Rows:
    """The places that a gallery shows first, of each part."""
    order = gallery_order(len(parts), seed, 0)
    found = [order[parts[order] == share][:FIRST] for share in Share]
    return np.concatenate(found)


class Noted(ABC):
    """The notes of a source's wanted pictures; a place is a number within these."""

    #: whether each picture is a file, and the folder they lie in
    named = False
    #: whether pictures come at the size of the recipe
    brought = False
    base = ""

    def __init__(self, base: Path, key: str, count: int) -> None:
        self._base, self._key = base, key
        self._making: Making | None = None
        self._album: Album | None = None
        #: the row in the album of each place
        self.index = np.arange(count, dtype=np.int64)

    @abstractmethod
    def read(self, noting: Noting) -> None:
        """Note what is not noted yet; `noting` is told (done, total) and may raise."""

    @abstractmethod
    def shown(self, place: int) -> str:
        """What a picture is called in a sentence."""

    @property
    def folder(self) -> Path:
        if self._making is not None:
            return self._making.folder
        assert self._album is not None
        return self._album.folder

    @property
    def places(self) -> dict[str, str]:
        """Where the album lies, where it will lie, and what tells it from another."""
        return {"folder": str(self.folder), "kept": str(self._base / self._key), "mark": self.album.mark}

    @property
    def album(self) -> Album:
        """The album to read in."""
        if self._album is None:
            self._album = Album(self.folder)
        return self._album

    @property
    def notes(self) -> Notes:
        """A note a place."""
        return self.album.notes[self.index]

    def exact(self, image_size: int) -> bool:
        """Whether the small copies are the very pictures that a run of this image size is fed."""
        notes = self.notes
        notes = notes[notes["state"] == GOOD]
        sides = ("wide", "high") if self.brought else ("wide", "high", "width", "height")
        return all(bool((notes[side] == image_size).all()) for side in sides)

    @property
    def failed(self) -> dict[int, str]:
        """Why, of each place that could not be read."""
        known = self._making.failed if self._making is not None else self.album.failed
        places = {int(row): place for place, row in enumerate(self.index)} if known else {}
        return {places[row]: why for row, why in known.items() if row in places}

    def near(self) -> Rows:
        """Pairs of places that are nearly the same, (k, 2)."""
        pairs = self.album.near
        if pairs is None:
            pairs = near_pairs(self.album.notes, self.album.small)
            self.album.remember_near(pairs)
        places = np.full(len(self.album.notes), -1, np.int64)
        places[self.index] = np.arange(len(self.index))
        found = places[pairs].reshape(-1, 2)
        return np.sort(found[(found >= 0).all(axis=1)], axis=1)

    def pixels_of_masks(self, parts: Shares, classes: int) -> Rows | None:
        """Pixels a (part, class) in the small masks, where there are masks."""
        notes = self.notes
        if not notes["masked"].any():
            return None
        counts = np.zeros((len(Share), classes), np.int64)
        for place in np.flatnonzero(notes["masked"] & (parts >= 0)):
            small = self.album.small(int(self.index[place]))
            if small is not None:
                counts[parts[place]] += np.bincount(small[..., -1].ravel(), minlength=256)[:classes]
        return counts

    def keep(self) -> None:
        """Put what was noted into the cache."""
        if self._making is not None:
            self._making.finish(self._key)

    def close(self) -> None:
        if self._album is not None:
            self._album.close()
        if self._making is not None:
            self._making.drop()


class _Files(Noted):
    """The pictures of a folder; a file that could be judged, and has its size and times still, is not read again."""

    named = True

    def __init__(
        self, source: PictureFolder, wanted: Rows, base: Path, first: Rows, crew: Callable[[int], Crew[Looked]]
    ) -> None:
        self._side = SIDE if len(wanted) <= MANY else SIDE_OF_MANY
        super().__init__(base, _key_of_files(source.base, self._side), len(wanted))
        self.base = source.base
        self._source, self._wanted, self._crew = source, wanted, crew
        within = len(os.path.join(source.base, ""))  # noqa: PTH118 - plain text; each path was made by joining to the base
        names = [path[within:] for path in source.paths]
        marks = np.array(source.marks, np.int64).reshape(-1, 3)
        old = find(base, self._key)
        rows = _matched(old, names, marks)
        if old is not None and (rows[wanted] >= 0).all():
            self._album, self.index = old, rows[wanted]
            self._missing = np.zeros(0, np.int64)
            return
        # What is known of files that are not wanted this time is kept too: they may be, by another limit or seed.
        others = np.setdiff1d(np.flatnonzero(rows >= 0), wanted)
        listed = np.concatenate([wanted, others])
        self._making = Making(base, [names[row] for row in listed], marks[listed])
        known = np.flatnonzero(rows[listed] >= 0)
        if old is not None:
            if len(known):
                self._making.take_from(old, rows[listed[known]], known)
            old.close()
        missing = rows[wanted] < 0
        rest = missing.copy()
        rest[first] = False
        self._missing = np.concatenate([first[missing[first]], np.flatnonzero(rest)])

    def shown(self, place: int) -> str:
        return self._source.shown(int(self._wanted[place]))

    def read(self, noting: Noting) -> None:
        total = len(self._wanted)
        done = total - len(self._missing)
        if self._making is not None:
            paths = [self._source.paths[self._wanted[place]] for place in self._missing]
            for first, (notes, smalls, failed) in self._crew(self._side).do(paths, TASK):
                self._making.put(self._missing[first : first + len(notes)], notes, smalls, failed)
                done += len(notes)
                noting(done, total)
        noting(done, total)


def _within(base: str, path: str) -> str:
    return path[len(base) :].lstrip(os.sep)


def _key_of_files(base: str, side: int) -> str:
    return digest("files", _FORMAT, base, side)


def _matched(old: Album | None, names: Sequence[str], marks: Rows) -> Rows:
    """The row in an album of each file whose note still holds, else −1."""
    if old is None:
        return np.full(len(names), -1, np.int64)
    if old.name_bytes == joined(names):
        rows = np.arange(len(names), dtype=np.int64)
    else:
        known = {name: row for row, name in enumerate(old.names)}
        rows = np.array([known.get(name, -1) for name in names], np.int64)
    notes = old.notes[rows]
    same = (notes["size"] == marks[:, 0]) & (notes["mtime"] == marks[:, 1]) & (notes["ctime"] == marks[:, 2])
    return np.where((rows >= 0) & same & ~np.isin(notes["state"], TO_READ), rows, -1)


class _Pieces(Noted):
    """Pictures that their own reader gives, with masks where it has some; all are noted, or none."""

    brought = True

    def __init__(self, source: Source, wanted: Rows, base: Path) -> None:
        super().__init__(base, digest("pieces", _FORMAT, source.key(wanted), SIDE), len(wanted))
        self._source, self._wanted = source, wanted
        self._paths: Sequence[str] = ()
        if isinstance(source, MaskedFolder):
            self.named, self.base, self._paths = True, source.base, source.paths
        self._album = find(base, self._key)
        if self._album is not None and np.isin(self._album.notes["state"], TO_READ).any():
            self._album.close()
            self._album = None
        if self._album is None:
            names = [_within(self.base, self._paths[row]) if self.named else "" for row in wanted]
            self._making = Making(base, names, None)

    def shown(self, place: int) -> str:
        row = int(self._wanted[place])
        return self._source.shown(row) if isinstance(self._source, MaskedFolder) else f"Picture {row}"

    def read(self, noting: Noting) -> None:
        total = len(self._wanted)
        done = total
        if self._making is not None:
            done = 0
            for piece in self._source.read(self._wanted):
                for some in range(0, len(piece.places), 4 * TASK):
                    self._take(piece, slice(some, some + 4 * TASK))
                    done += len(piece.places[some : some + 4 * TASK])
                    noting(done, total)
        noting(done, total)

    def _take(self, piece: Piece, some: slice) -> None:
        places, planes = piece.places[some], self._source.listing.channels
        notes, smalls, failed = np.zeros(len(places), NOTE), bytearray(), []
        unread = {each.place: each for each in piece.failed}
        for number, (place, picture) in enumerate(zip(places.tolist(), piece.pixels[some], strict=True)):
            if (why := unread.get(place)) is not None:
                notes["state"][number] = MISSED if why.passing else UNREADABLE
                failed.append((number, why.sentence.removeprefix(f"{self.shown(place)}: ").removesuffix(".")))
                continue
            small = note_pixels(picture[:, :, :planes], SIDE, notes[number])
            if picture.shape[2] > planes:
                mask = resize_mask(np.ascontiguousarray(picture[:, :, planes]), small.shape[0], "stretch")
                small, notes["masked"][number] = np.dstack([small, mask]), 1
            if self.named:
                self._note_file(self._paths[self._wanted[place]], notes[number])
            notes["at"][number] = len(smalls)
            smalls += np.ascontiguousarray(small).data
        assert self._making is not None
        self._making.put(places, notes, bytes(smalls), failed)

    def _note_file(self, path: str, note: np.void) -> None:
        try:
            note["width"], note["height"] = upright_size(path)
            note["digest"] = np.frombuffer(file_digest(path), np.uint8)
        except UnreadableError:  # gone since it was read: what its reader gave is all there is
            return
