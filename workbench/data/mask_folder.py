"""Reads a person's own pictures with masks: images/ and masks/ with the same names, and perhaps a table of classes.

Pictures are decoded by the crew as for any folder; their masks, which are plain PNG, here. A picture whose mask is
missing, of another size or of an unknown colour is left out with a sentence. Folders within images/ and masks/ are
looked into, and hidden files are not. Without a table all masks are read once at the start to find their classes.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Generator, Sequence
from pathlib import Path

import numpy as np
from PIL import ExifTags

from workbench.data import mask_table
from workbench.data.crew import decode_all
from workbench.data.decode import Looks, UnreadableError, explained, opened
from workbench.data.folder import ENDINGS, printable
from workbench.data.mask_table import IGNORED, Codes, Table, UnknownCodeError
from workbench.data.pictures import Masks, Progress, Rows
from workbench.data.sizing import resize_mask
from workbench.data.source import Failure, Listing, Piece, explain_reading
from workbench.data.splitting import name_some
from workbench.errors import DataError
from workbench.events import Phase

#: Grey PNGs of two and four bits are read stretched to 0 … 255: by so much, by the name of their raw form.
_STRETCHED = {"L;2": 85, "L;4": 17}
#: Formats that keep every pixel's number; JPEG mixes neighbours.
MASK_FORMATS = ("PNG", "BMP", "GIF")
MASK_ENDINGS = frozenset((".png", ".bmp", ".gif"))
_HINT = "Choose a folder with the pictures in images and, under the same names, their masks in masks, such as images/1.jpg and masks/1.png."
#: Version of the decoded pairs: raised when other pixels come out.
_DECODING = 1
_COLOURS = frozenset(("RGB", "RGBA"))


class MaskedFolder:
    """The pictures of a folder with their masks. What is around a padded picture is ignored."""

    #: Decoding photographs takes minutes; a second run should not.
    slow = True

    def __init__(self, path: Path, looks: Looks, ignore: int | None, progress: Progress) -> None:
        self._looks = looks
        self._path = path
        self._base = str(path / "images")
        left_out: list[str] = []
        self._pairs = _pairs(path, left_out)
        self._table = mask_table.read(path, ignore) or self._look_through(path, ignore, progress)
        nothing = np.zeros(len(self._pairs), np.int32)
        self.listing = Listing(
            tuple(printable(name) for name in self._table.classes), nothing, nothing.astype(np.int8), looks.shape[2],
            tuple(left_out), "masks", IGNORED if self._table.ignores or looks.fit == "pad" else None,
        )  # fmt: skip

    def _look_through(self, path: Path, ignore: int | None, progress: Progress) -> Table:
        """The classes, from all masks; one that cannot be read is left out later, with its sentence."""
        codes: set[int] = set()
        colours: bool | None = None
        for number, (_, _, mask) in enumerate(self._pairs):
            progress(Phase.READING, number, len(self._pairs), "looking for the classes in the masks")
            try:
                here, coloured = read_mask(mask, colours=colours)
            except UnreadableError:
                continue
            colours = coloured if colours is None else colours
            codes.update(np.unique(here).tolist())
        if colours is None:
            raise DataError(f"None of the masks in {path / 'masks'} could be read. They must be PNG files. {_HINT}")
        return mask_table.found(codes, ignore, colours=colours, where=str(path / "masks"))

    @property
    def base(self) -> str:
        """The folder of the pictures."""
        return self._base

    @property
    def paths(self) -> Sequence[str]:
        """The picture's file of each row."""
        return [picture for _, picture, _ in self._pairs]

    @property
    def root(self) -> str:
        return str(self._path)

    @property
    def files(self) -> Sequence[str]:
        tables = (self._path / name for name in mask_table.NAMES)
        return [*(file for _, *both in self._pairs for file in both), *(str(each) for each in tables if each.is_file())]

    def key(self, wanted: Rows) -> str:
        digest = hashlib.sha256(repr((_DECODING, self._looks, self._table)).encode("utf-8", "surrogatepass"))
        for row in wanted:
            name, *files = self._pairs[row]
            digest.update(repr((name, *map(_mark, files))).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    def read(self, wanted: Rows) -> Generator[Piece, None, None]:
        for piece in decode_all([self._pairs[row][1] for row in wanted], self._looks):
            masks = np.zeros((*piece.pixels.shape[:3], 1), np.uint8)
            failed = {each.place: each for each in piece.failed}
            for number, place in enumerate(piece.places.tolist()):
                if place in failed:
                    continue
                try:
                    masks[number, :, :, 0] = self._mask(int(wanted[place]))
                except UnknownCodeError as error:
                    failed[place] = Failure(place, str(error))
                except UnreadableError as error:
                    failed[place] = Failure(place, str(error), error.passing)
            told = tuple(
                each._replace(sentence=f"{self.shown(int(wanted[place]))}: {each.sentence}.")
                for place, each in failed.items()
            )
            yield Piece(piece.places, np.concatenate([piece.pixels, masks], axis=3), told)

    def shown(self, row: int) -> str:
        """The name of a picture within its folder, for a sentence."""
        return printable(f"images/{self._pairs[row][0]}")

    def _mask(self, row: int) -> Masks:
        _, picture, mask = self._pairs[row]
        try:
            codes, _ = read_mask(mask, colours=self._table.colours)
        except UnreadableError as error:
            raise UnreadableError(f"its mask cannot be used: {error}", passing=error.passing) from error
        width, height = upright_size(picture)
        if codes.shape != (height, width):
            raise UnreadableError(
                f"it has {width} × {height} pixels and its mask {codes.shape[1]} × {codes.shape[0]}; both must have the same size"
            )
        return resize_mask(self._table.classify(codes), self._looks.size, self._looks.fit, IGNORED)


def class_count(path: Path, ignore: int | None) -> int | None:
    """How many classes a folder's table names; None without a table. Raises DataError."""
    _check(path)
    table = mask_table.read(path, ignore)
    return None if table is None else len(table.classes)


def read_mask(path: str, *, colours: bool | None) -> tuple[Codes, bool]:
    """A mask's codes (h, w), and whether they are colours; `colours` says which are wanted (None: as they come).

    Raises UnreadableError, also when a mask in colours cannot be one of numbers.
    """
    with opened(path, MASK_FORMATS) as image, explained(MASK_FORMATS):
        if image.mode == "LA":
            image = image.convert("L")  # noqa: PLW2901 - opened() closes the file that it opened
        coloured = image.mode in _COLOURS
        if colours is False and coloured:
            raise UnreadableError("it is in colours (RGB), where numbers for the classes are expected")
        if not (coloured or colours):
            tiles = getattr(image, "tile", None)  # how the file's bytes lie, before they are read
            stretched = _STRETCHED.get(str(tiles[0][3]), 1) if tiles else 1
            return np.asarray(image).astype(np.int32) // stretched, False
        red, green, blue = np.moveaxis(np.asarray(image.convert("RGB")).astype(np.int32), 2, 0)
        return red << 16 | green << 8 | blue, True


def upright_size(path: str) -> tuple[int, int]:
    """Width and height of a picture as it is looked at: turned if its camera was."""
    with opened(path) as image:
        with explained():
            # The size of a turned TIFF is already that of the turned picture.
            turned = image.format != "TIFF" and image.getexif().get(ExifTags.Base.Orientation, 1) in {5, 6, 7, 8}
        return (image.height, image.width) if turned else image.size


def _check(path: Path) -> None:
    if not path.is_dir():
        raise DataError(f"The folder {path} {'is a file' if path.is_file() else 'is not there'}. {_HINT}")
    for name in ("images", "masks"):
        if not (path / name).is_dir():
            raise DataError(f"{path} holds no folder {name}. {_HINT}")


def _pairs(path: Path, left_out: list[str]) -> list[tuple[str, str, str]]:
    """(name within images, picture, mask), by name. Raises DataError when there is no pair."""
    _check(path)
    pictures = _files(path / "images", ENDINGS)
    masks: dict[str, tuple[str, str]] = {}
    for name, mask in _files(path / "masks", MASK_ENDINGS):
        if masks.setdefault(_stem(name), (name, mask)) != (name, mask):
            left_out.append(f"{printable(f'masks/{name}')}: another mask has the same name, and that one is taken.")
    if not pictures:
        raise DataError(f"{path / 'images'} holds no pictures. {_HINT}")
    pairs: list[tuple[str, str, str]] = []
    taken: set[str] = set()
    for name, picture in pictures:
        stem = _stem(name)
        if stem not in masks:
            left_out.append(f"{printable(f'images/{name}')}: it has no mask; masks/{printable(stem)}.png is expected.")
        elif stem in taken:
            left_out.append(f"{printable(f'images/{name}')}: another picture has the same mask.")
        else:
            taken.add(stem)
            pairs.append((name, picture, masks[stem][1]))
    if not pairs:
        raise DataError(
            f"None of the {len(pictures):,} pictures in {path / 'images'} has a mask. {left_out[0]} {_HINT}"
        )
    alone = [printable(name) for stem, (name, _) in masks.items() if stem not in taken]
    if alone:
        count = "1 mask has" if len(alone) == 1 else f"{len(alone):,} masks have"
        left_out.append(f"{count} no picture: {name_some(alone)}.")
    return pairs


def _files(base: Path, endings: frozenset[str]) -> list[tuple[str, str]]:
    """(name within the base, path) of all files with such endings, by name."""

    def refuse(error: OSError) -> None:
        raise DataError(
            f"The folder {printable(str(error.filename))} cannot be listed: {explain_reading(error)}."
        ) from error

    found: list[tuple[str, str]] = []
    for folder, inside, names in os.walk(base, onerror=refuse):
        inside[:] = [name for name in inside if not name.startswith(".")]
        for name in names:
            if not name.startswith(".") and os.path.splitext(name)[1].lower() in endings:  # noqa: PTH122 - names stay plain text
                path = os.path.join(folder, name)  # noqa: PTH118 - as above
                found.append((Path(path).relative_to(base).as_posix(), path))
    return sorted(found)


def _stem(name: str) -> str:
    return os.path.splitext(name)[0]  # noqa: PTH122 - names stay plain text


def _mark(path: str) -> tuple[int, ...]:
    try:
        there = os.stat(path)  # noqa: PTH116 - names stay plain text
    except OSError:
        return ()
    return there.st_size, there.st_mtime_ns, there.st_ctime_ns
