"""What the numbers or colours in masks mean: read from colours.csv, or found in the masks themselves.

A code is a mask's number (0 to 65,535; of a palette mask its place in the palette) or its colour as 0xRRGGBB. Knows
nothing of files of masks, sizes or sets.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from workbench.data.pictures import Masks
from workbench.data.source import explain_reading
from workbench.errors import DataError

Codes = npt.NDArray[np.int32]

NAMES = ("colours.csv", "colors.csv")
#: The class number of pixels that count nowhere, and the name for them in a table.
IGNORED = 255
IGNORE = "ignore"
#: Classes 0 to 254: a mask is kept in bytes, and one byte is IGNORED.
MOST_CLASSES = 255
#: More rows than this are no table of colours.
_MOST_ROWS = 10_000
_FORM = "Each line is name,number or name,red,green,blue with whole numbers from 0 to 255; the name ignore marks what counts nowhere."


class UnknownCodeError(Exception):
    """A mask has a number or colour that the table lacks; the text says which and where, as the end of a sentence."""


@dataclass(frozen=True)
class Table:
    """The classes in order, and which code is which class."""

    classes: tuple[str, ...]
    #: (code, class number or IGNORED), by code
    codes: tuple[tuple[int, int], ...]
    colours: bool

    @property
    def ignores(self) -> bool:
        return any(number == IGNORED for _, number in self.codes)

    def classify(self, codes: Codes) -> Masks:
        """The class of every pixel. Raises UnknownCodeError."""
        known, numbers = np.array(self.codes, np.int32).T
        places = np.minimum(np.searchsorted(known, codes), len(known) - 1)
        unknown = known[places] != codes
        if unknown.any():
            down, across = (int(axis[0]) for axis in np.nonzero(unknown))
            raise UnknownCodeError(
                f"its mask has {shown(int(codes[down, across]), colours=self.colours)} at pixel {across}, {down} (across, down), "
                "which the table of classes lacks"
            )
        classes: Masks = numbers[places].astype(np.uint8)
        return classes


def shown(code: int, *, colours: bool) -> str:
    """A code in words: "the number 7" or "the colour (255, 0, 16)"."""
    return f"the colour {_channels(code)}" if colours else f"the number {code}"


def _channels(code: int) -> tuple[int, int, int]:
    return code >> 16, code >> 8 & 255, code & 255


def found(codes: Iterable[int], ignore: int | None, *, colours: bool, where: str) -> Table:
    """The table of masks that have none: their codes in order, each a class. Raises DataError."""
    ignored = None if colours else ignore
    kept = sorted(set(codes) - {ignored})
    if len(kept) > MOST_CLASSES:
        what = "colours" if colours else "numbers"
        raise DataError(
            f"The masks in {where} have {len(kept):,} different {what}; at most {MOST_CLASSES} classes are possible. Masks must be saved "
            f"without soft edges (PNG, no resizing with a filter); or name the {what} in colours.csv."
        )
    names = tuple("#{:02x}{:02x}{:02x}".format(*_channels(code)) if colours else str(code) for code in kept)
    rows = [(code, number) for number, code in enumerate(kept)]
    return _table(names, rows, ignored, colours=colours, where=f"The masks in {where}")


def read(folder: Path, ignore: int | None) -> Table | None:
    """The table of a folder, or None when it has none. Raises DataError."""
    path = next((folder / name for name in NAMES if (folder / name).is_file()), None)
    if path is None:
        return None
    rows = _rows(path)
    width = len(rows[0][1])
    names: list[str] = []
    codes: dict[int, int] = {}
    for line, (name, numbers) in enumerate(rows, 1):
        if len(numbers) != width:
            raise DataError(
                f"{path}: row {line} has {len(numbers)} numbers and the first row {width}. Give each class either one number or a colour."
            )
        code = numbers[0] if width == 1 else numbers[0] << 16 | numbers[1] << 8 | numbers[2]
        if code in codes:
            raise DataError(
                f"{path}: {shown(code, colours=width > 1)} stands there twice. Take one of the two rows out."
            )
        ignored = name.casefold() == IGNORE
        if not ignored and name not in names:
            names.append(name)
        codes[code] = IGNORED if ignored else names.index(name)
    if len(names) > MOST_CLASSES:
        raise DataError(
            f"{path} names {len(names):,} classes; at most {MOST_CLASSES} are possible. Give several colours one name."
        )
    return _table(tuple(names), list(codes.items()), ignore if width == 1 else None, colours=width > 1, where=str(path))


def _table(
    names: tuple[str, ...], codes: list[tuple[int, int]], ignore: int | None, *, colours: bool, where: str
) -> Table:
    if len(names) < 2:  # noqa: PLR2004 - one class is nothing to tell apart
        what = f"only one class, {names[0]}" if names else "no class"
        hint = f" (the number {ignore} is ignored: see data.ignore)" if ignore is not None else ""
        raise DataError(f"{where}: there is {what}{hint}. There must be at least two classes to tell apart.")
    if ignore is not None and ignore not in dict(codes):
        codes = [*codes, (ignore, IGNORED)]
    return Table(names, tuple(sorted(codes)), colours)


def _rows(path: Path) -> list[tuple[str, tuple[int, ...]]]:
    """Name and numbers of each row; a first row without numbers is a heading."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = [row for row in csv.reader(file) if any(field.strip() for field in row)][: _MOST_ROWS + 1]
    except OSError as error:
        raise DataError(f"{path} cannot be read: {explain_reading(error)}.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} is no table in UTF-8 text. {_FORM}") from error
    if lines and not any(letter.isdigit() for field in lines[0][1:] for letter in field) and len(lines[0]) > 1:
        lines = lines[1:]
    if not 0 < len(lines) <= _MOST_ROWS:
        raise DataError(f"{path} holds {'no row' if not lines else 'too many rows'}. {_FORM}")
    rows = []
    for line in lines:
        name, *fields = (field.strip() for field in line)
        numbers = tuple(int(field) if field.isdecimal() and len(field) <= 3 else 256 for field in fields)  # noqa: PLR2004 - 256: refused below
        if not name or len(numbers) not in {1, 3} or max(numbers) > 255:  # noqa: PLR2004 - one byte
            raise DataError(f"{path}: {','.join(line)[:60]!r} is no class. {_FORM}")
        rows.append((name, numbers))
    return rows
