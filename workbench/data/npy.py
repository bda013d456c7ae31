"""Reads arrays out of an .npz file: the headers first, then the numbers in stretches of rows.

Nothing in the file is ever run (no pickles), and no more memory is taken than a stretch needs. Knows nothing
of pictures or labels.
"""

from __future__ import annotations

import math
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import numpy as np
import numpy.typing as npt

from workbench import zips

Array = npt.NDArray[Any]

#: What damaged and foreign archives make Python's reader raise.
_DAMAGE = (*zips.DAMAGE, SyntaxError, tokenize.TokenError, RecursionError, MemoryError)
#: An array is read whole only up to this many bytes.
LARGEST_WHOLE = 1 << 30


class NpyError(Exception):
    """The file cannot be read; the text says why, as the end of a sentence."""


@dataclass(frozen=True)
class Header:
    """What an array is, before its numbers are read."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    by_column: bool

    @property
    def rows(self) -> int:
        return self.shape[0] if self.shape else 0

    @property
    def size(self) -> int:
        """Bytes of the numbers."""
        return math.prod(self.shape) * self.dtype.itemsize


class NpzFile:
    """An open .npz file. Raises NpyError when it is none or is damaged, OSError when it cannot be opened."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zips.opened(path)
        except zips.ZipError as error:
            raise NpyError(f"it is no .npz file, or it is cut off ({error})") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name.removesuffix(".npy") for name in self._zip.namelist() if name.endswith(".npy"))

    def header(self, name: str) -> Header:
        with self._member(name) as file:
            return _header(file, name)

    def read(self, name: str) -> Array:
        """The whole array."""
        header = self.header(name)
        if header.size > LARGEST_WHOLE:
            raise NpyError(
                f"{name} has {header.size >> 20:,} MB; at most {LARGEST_WHOLE >> 20:,} MB are read in one piece"
            )
        rows = list(self.stretches(name, max(1, header.rows)))
        return rows[0] if rows else np.empty(header.shape, header.dtype)

    def stretches(self, name: str, rows: int) -> Iterator[Array]:
        """The array in stretches of at most so many rows; one in column order comes whole."""
        try:
            with self._member(name) as file:
                yield from _stretches(file, _header(file, name), rows)
        except _DAMAGE as error:
            raise NpyError(f"{name} in it is damaged or cut off ({error})") from error

    def _member(self, name: str) -> IO[bytes]:
        try:
            return zips.member(self._zip, f"{name}.npy")
        except KeyError:
            there = ", ".join(self.names) or "no arrays"
            raise NpyError(f"it holds {there}, but no array {name}") from None
        except zips.ZipError as error:
            raise NpyError(str(error)) from error


def _header(file: IO[bytes], name: str) -> Header:
    try:
        version = np.lib.format.read_magic(file)
        # Version 3 is only written for tables with named columns, which are no pictures.
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, by_column, dtype = read(file)
    except _DAMAGE as error:
        raise NpyError(f"{name} in it is no array ({error})") from error
    if dtype.hasobject:
        raise NpyError(
            f"{name} holds Python objects (dtype object), which are not read because they could run code; save plain "
            f"numbers, for example with np.savez(file, x=np.stack(x).astype('uint8'), y=np.array(y, 'int64'))"
        )
    if any(axis < 0 for axis in shape):
        raise NpyError(f"{name} in it has the shape {shape}")
    return Header(shape, dtype, by_column and len(shape) > 1)


def _stretches(file: IO[bytes], header: Header, rows: int) -> Iterator[Array]:
    if header.by_column:
        if header.size > LARGEST_WHOLE:
            raise NpyError("its large array is in column order; save it again after np.ascontiguousarray")
        yield _exactly(file, header.size).view(header.dtype).reshape(header.shape[::-1]).T
        return
    row_shape = header.shape[1:]
    row_size = math.prod(row_shape) * header.dtype.itemsize
    for first in range(0, header.rows, rows):
        count = min(rows, header.rows - first)
        yield _exactly(file, count * row_size).view(header.dtype).reshape(count, *row_shape)


def _exactly(file: IO[bytes], size: int) -> npt.NDArray[np.uint8]:
    """So many bytes, taken in steps, so that a header that lies costs no memory."""
    content = bytearray()
    while len(content) < size:
        more = file.read(min(size - len(content), 1 << 24))
        if not more:
            raise NpyError("it is cut off")
        content += more
    return np.frombuffer(content, np.uint8)
