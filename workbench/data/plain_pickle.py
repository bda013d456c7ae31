"""Reads the pickles inside the CIFAR archives without running anything they name.

A pickle can name any function and call it. This reader knows the six names that CIFAR's files use, gives each a
stand-in of its own that only remembers numbers, and refuses every other.
"""

from __future__ import annotations

import io
import math
import pickle
import pickletools
import struct
import warnings
from typing import Any

import numpy as np

from workbench.data.pictures import Pixels


class PickleError(Exception):
    """A pickle holds something other than plain values and arrays of bytes."""


class RawArray:
    """An array as a pickle describes it: nothing is made of it before it has been looked at."""

    def __init__(self) -> None:
        self._kind: object = None
        self._shape: object = None
        self._content: object = None

    def __setstate__(self, state: object) -> None:
        # (version, shape, type, column order, content), as NumPy writes it
        match state:
            case (int(), tuple() as shape, _RawType() as kind, bool() | int() as by_column, bytes() | str() as content):
                if by_column:
                    raise PickleError("it holds an array in column order")
                # Python 2 wrote bytes; its text form comes from protocols 0 to 2 of Python 3.
                self._fill(kind, shape, content.encode("latin-1") if isinstance(content, str) else content)
            case _:
                raise PickleError("it holds an array of an unknown form")

    def _fill(self, kind: _RawType, shape: object, content: object) -> None:
        self._kind, self._shape, self._content = kind.name, shape, content

    def as_bytes(self) -> Pixels:
        """The array, when it is one of bytes and as long as its shape says."""
        shape, content = self._shape, self._content
        if self._kind != "u1" or not isinstance(content, bytes | bytearray) or not isinstance(shape, tuple):
            raise PickleError("it holds an array that is not of bytes")
        if not all(type(axis) is int and axis >= 0 for axis in shape) or math.prod(shape) != len(content):
            raise PickleError("it holds an array of a wrong length")
        return np.frombuffer(content, np.uint8).reshape(shape)


class _RawType:
    """The type of an array's numbers, by its name only."""

    def __init__(self, name: object = "", *_flags: object) -> None:
        self.name = name.decode("latin-1") if isinstance(name, bytes) else name

    def __setstate__(self, state: object) -> None:
        """Byte order and the like; bytes have none."""


def _reconstruct(*_arguments: object) -> RawArray:
    return RawArray()


def _from_buffer(content: object, kind: object, shape: object, order: object) -> RawArray:
    if not isinstance(kind, _RawType) or order != "C":
        raise PickleError("it holds an array of an unknown form")
    array = RawArray()
    array._fill(kind, shape, content)  # noqa: SLF001 - the other way to make one
    return array


def _encode(text: object, encoding: object) -> bytes:
    if not isinstance(text, str) or encoding not in {"latin1", b"latin1"}:
        raise PickleError("it asks for a conversion of text")
    return text.encode("latin-1")


class _ArrayName:
    """Stands for the word `ndarray`, which is only handed to `_reconstruct`."""


_ALLOWED: dict[tuple[str, str], Any] = {
    ("numpy", "ndarray"): _ArrayName,
    ("numpy", "dtype"): _RawType,
    ("_codecs", "encode"): _encode,
    **{(f"numpy.{core}.multiarray", "_reconstruct"): _reconstruct for core in ("core", "_core")},
    **{(f"numpy.{core}.numeric", "_frombuffer"): _from_buffer for core in ("core", "_core")},
}


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str, /) -> Any:
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise PickleError(f"it asks for {module}.{name}, which is not allowed in a file of pictures") from None

    def persistent_load(self, _name: object, /) -> Any:
        raise PickleError("it refers to something outside of itself")


#: What a damaged pickle makes Python's reader raise.
_DAMAGE = (
    pickle.UnpicklingError, EOFError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError,
    MemoryError, RecursionError, struct.error,
)  # fmt: skip


def _check_lengths(content: bytes) -> None:
    """Raise one of _DAMAGE unless every part is as long as it promises.

    Python's own reader, when a bytearray is cut short, says so by an error that nobody can catch ("exported buffers").
    """
    with warnings.catch_warnings():
        # It also decodes what it walks over, and warns of escapes in texts that only damage can bring.
        warnings.simplefilter("ignore", DeprecationWarning)
        for _ in pickletools.genops(content):
            pass


def read_pickle(content: bytes) -> dict[str, object]:
    """The dictionary in a pickle, its keys as text. Raises PickleError."""
    try:
        _check_lengths(content)
        tree = _PlainUnpickler(io.BytesIO(content), encoding="bytes").load()
    except _DAMAGE as error:
        raise PickleError(f"it is damaged ({error})") from error
    if not isinstance(tree, dict):
        raise PickleError("it holds no table")
    return {key.decode("latin-1") if isinstance(key, bytes) else str(key): value for key, value in tree.items()}
