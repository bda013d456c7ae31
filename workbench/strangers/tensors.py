"""Takes weights out of a safetensors file: a header in JSON, then numbers. Names are "layer/kernel", as in files of ours.

Read here and not by its library, so that the header is measured before it is read and each array has to lie within the file.
"""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterator
from typing import IO, Any

import numpy as np

from workbench.plain import plain
from workbench.spec.carried.block import LARGEST_HEADER
from workbench.strangers import plain_json
from workbench.strangers.found import Refusal
from workbench.strangers.stored import PIECE, StoredArray, StoredLayer, check_shape

_SIZES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2}
#: Numbers that are no weights: counters, seeds, masks. Their sizes are checked too.
_OTHERS = {"I64": 8, "I32": 4, "I16": 2, "I8": 1, "U64": 8, "U32": 4, "U16": 2, "U8": 1, "BOOL": 1}


def layers(file: IO[bytes]) -> list[StoredLayer]:
    """The layers in the order of their names. Raises Refusal; numbers are read from `file` later."""
    end = file.seek(0, 2)
    file.seek(0)
    (length,) = struct.unpack("<Q", file.read(8).ljust(8, b"\0"))
    if length > min(LARGEST_HEADER, end - 8):
        raise Refusal(f"Its header claims {length:,} bytes, of a file of {end:,}; at most {LARGEST_HEADER:,} are read.")
    header = plain_json.read(io.BytesIO(file.read(length)), "The header", LARGEST_HEADER)
    if not isinstance(header, dict):
        raise Refusal("Its header is no table of arrays.")
    parts: dict[str, list[StoredArray]] = {}
    for name in sorted((each for each in header if each != "__metadata__"), key=_natural):
        array = _array(file, name, header[name], 8 + length, end)
        owner, _, leaf = name.replace(".", "/").rpartition("/")
        if array is not None:
            parts.setdefault(owner, []).append(StoredArray(leaf, array.shape, array.dtype, array.read))
    return [StoredLayer(owner, "", tuple(arrays)) for owner, arrays in parts.items()]


def _array(file: IO[bytes], name: str, told: object, start: int, end: int) -> StoredArray | None:
    match told:
        case {"dtype": str(kind), "shape": list(shape), "data_offsets": [int(first), int(last)]} if (
            kind in _SIZES | _OTHERS
        ):
            pass
        case _:
            raise Refusal(
                f"What its header says of the array {plain(name, 60)} cannot be read: a shape, a type and a place are needed."
            )
    item = (_SIZES | _OTHERS)[kind]
    size = check_shape(name, shape, item)
    if not 0 <= first <= last <= end - start or last - first != size:
        raise Refusal(
            f"Its array {plain(name, 60)} does not lie where its header says: {first:,} to {last:,}, of {end - start:,} bytes."
        )
    if kind in _OTHERS:
        return None
    dtype = "<f4" if kind == "BF16" else f"<f{item}"
    return StoredArray(name, tuple(shape), dtype, lambda: _pieces(file, start + first, size, short=kind == "BF16"))


def _pieces(file: IO[bytes], place: int, size: int, *, short: bool) -> Iterator[bytes]:
    for first in range(0, size, PIECE):
        file.seek(place + first)
        content = file.read(min(PIECE, size - first))
        yield _widened(content) if short else content


def _widened(content: bytes) -> bytes:
    """bfloat16 is the upper half of float32."""
    return (np.frombuffer(content, "<u2").astype("<u4") << 16).tobytes()


def _natural(name: str) -> list[Any]:
    return [
        (int(part[:9]), part) if part.isascii() and part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)
    ]
