"""Small pictures and notes of a data set in flat files, which a scan fills while somebody looks at them.

    notes   a NOTE a picture (measuring)       smalls       the small pictures, one after the other
    names   one a picture, each ended by a 0   about.json   what was said of those that could not be read
    near.npy   pairs that are nearly the same, once they are known

An album is made in a folder of its own and put into the cache when it is done, or as far as it got; the files of an
album in the cache never change, so whoever has them open goes on seeing what they saw. Of a folder of pictures the names,
sizes and times of its files decide which notes still hold. Knows nothing of recipes.
"""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import secrets
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.data.pictures import Pixels, Rows
from workbench.data.scan.measuring import GOOD, NOTE, Notes
from workbench.data.shelf import PART, explained, make_room, put

_FORMAT = 1
#: The cache keeps this many bytes of the most recently used albums.
KEPT = 4 << 30
Marks = npt.NDArray[np.int64]


class Album:
    """An album as it is read; the files may still grow."""

    def __init__(self, folder: Path) -> None:
        """Raises OSError, ValueError or KeyError when there is none, or it is damaged."""
        self.folder = folder
        self.about: dict[str, Any] = json.loads((folder / "about.json").read_text("utf-8"))
        if self.about["format"] != _FORMAT:
            raise ValueError("another version wrote this album")
        #: tells this album from one that is made later in its place
        self.mark = str(self.about["mark"])
        self.notes: Notes = np.memmap(folder / "notes", NOTE, "r", shape=(int(self.about["count"]),))
        self._file = (folder / "smalls").open("rb")
        self._map: mmap.mmap | None = None
        self._names = (folder / "names").read_bytes()
        self._ends: Rows | None = None

    def close(self) -> None:
        """Let the files go."""
        if self._map is not None:
            self._map.close()
        self._file.close()

    @property
    def names(self) -> list[str]:
        return [os.fsdecode(name) for name in self._names.split(b"\0")[:-1]]

    def name(self, row: int) -> str:
        """One name, without making text of all of them."""
        if self._ends is None:
            self._ends = np.flatnonzero(np.frombuffer(self._names, np.uint8) == 0)
        return os.fsdecode(self._names[int(self._ends[row - 1]) + 1 if row else 0 : int(self._ends[row])])

    @property
    def failed(self) -> dict[int, str]:
        return {int(row): str(why) for row, why in self.about.get("failed", {}).items()}

    @property
    def near(self) -> Rows | None:
        """Pairs of rows that are nearly the same, (k, 2); None while they are not known."""
        try:
            pairs: Rows = np.load(self.folder / "near.npy", allow_pickle=False)
        except (OSError, ValueError):
            return None
        return pairs if pairs.ndim == 2 and pairs.size < len(self.notes) ** 2 else None  # noqa: PLR2004 - pairs

    def remember_near(self, pairs: Rows) -> None:
        """Keep what was found, for the next time; where that cannot be, it is found again."""
        fresh = self.folder / f".near.{os.getpid()}.npy"
        with contextlib.suppress(OSError):
            np.save(fresh, pairs, allow_pickle=False)
            fresh.replace(self.folder / "near.npy")

    @property
    def name_bytes(self) -> bytes:
        return self._names

    def small(self, row: int) -> Pixels | None:
        """The small picture of a row, (high, wide, 1 or 3), and a mask as one more channel where it has one; None if not there."""
        note = self.notes[row]
        if note["state"] != GOOD:
            return None
        shape = int(note["high"]), int(note["wide"]), int(note["planes"]) + int(note["masked"])
        first, size = int(note["at"]), shape[0] * shape[1] * shape[2]
        if self._map is None or len(self._map) < first + size:
            self._look_again()
        if self._map is None or len(self._map) < first + size:
            return None
        return np.frombuffer(self._map, np.uint8, size, first).reshape(shape)

    def _look_again(self) -> None:
        # The old map goes when the last picture that shows a part of it does.
        length = os.fstat(self._file.fileno()).st_size
        self._map = mmap.mmap(self._file.fileno(), length, access=mmap.ACCESS_READ) if length else None


class Making:
    """An album that is being made."""

    def __init__(self, base: Path, names: Sequence[str], marks: Marks | None) -> None:
        """`marks` (count, 3): size and two times of each file. Raises WorkspaceError."""
        self._base = base
        with explained(self._base):
            base.mkdir(parents=True, exist_ok=True)
            make_room(base, KEPT)
            self.folder = Path(tempfile.mkdtemp(prefix=PART, dir=base))
            (self.folder / "names").write_bytes(joined(names))
            self.notes: Notes = np.memmap(self.folder / "notes", NOTE, "w+", shape=(len(names),))
            self._smalls = (self.folder / "smalls").open("ab")
        if marks is not None:
            self.notes["size"], self.notes["mtime"], self.notes["ctime"] = marks.T
        self.failed: dict[int, str] = {}
        self._at = 0
        #: tells this album from one that is made later in its place
        self.mark = secrets.token_hex(8)
        with explained(self._base):
            self._write_about({})

    def take_from(self, old: Album, rows: Rows, places: Rows) -> None:
        """Take the notes of another album's `rows` for `places` here; all of its small pictures come along."""
        with explained(self._base):
            shutil.copyfile(old.folder / "smalls", self.folder / "smalls")
            self._at = (self.folder / "smalls").stat().st_size
        kept = old.notes[rows]
        self.notes[places] = kept
        failed = old.failed
        for row, place in zip(rows.tolist(), places.tolist(), strict=True):
            if row in failed:
                self.failed[place] = failed[row]

    def put(self, places: Rows, notes: Notes, smalls: bytes, failed: Sequence[tuple[int, str]]) -> None:
        """Add pictures: their notes, in which `at` counts from the beginning of `smalls`."""
        for name in ("size", "mtime", "ctime"):
            notes[name] = self.notes[name][places]
        notes["at"] += self._at
        with explained(self._base):
            self._smalls.write(smalls)
            # Whoever sees the note must find the picture.
            self._smalls.flush()
        self._at += len(smalls)
        self.notes[places] = notes
        self.failed.update((int(places[number]), sentence) for number, sentence in failed)

    def finish(self, name: str) -> None:
        """Put the album into the cache under a name, in place of one that was there."""
        with explained(self._base):
            self._smalls.close()
            self._write_about({"failed": self.failed})
            if isinstance(self.notes, np.memmap):
                self.notes.flush()
            if put(self.folder, self._base / name):
                self.folder = self._base / name

    def drop(self) -> None:
        """Let the half-made album go."""
        self._smalls.close()
        if self.folder.name.startswith(PART):
            shutil.rmtree(self.folder, ignore_errors=True)

    def _write_about(self, more: dict[str, Any]) -> None:
        about = {"format": _FORMAT, "mark": self.mark, "count": len(self.notes), **more}
        # Whoever opens the album in this very moment must find the file whole.
        fresh = self.folder / ".about.json"
        fresh.write_text(json.dumps(about), encoding="ascii")
        fresh.replace(self.folder / "about.json")


def joined(names: Sequence[str]) -> bytes:
    """Names as an album keeps them."""
    # At once: name by name takes ten times as long, and a second opening waits for it.
    return os.fsencode("\0".join([*names, ""]))


def find(base: Path, name: str) -> Album | None:
    """The album of this name, if there is a good one; it counts as used now."""
    try:
        album = Album(base / name)
        os.utime(base / name)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return album
