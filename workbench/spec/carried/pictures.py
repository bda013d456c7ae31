"""The recipe in a picture and in a PDF, among the notes that matplotlib writes into them.

.png     a tEXt or iTXt chunk, workbench.recipe; packed ones (zTXt) are read too, as other programs may write them
.pdf     the same in the info dictionary. Only as matplotlib writes it, in the open: a PDF that another program has
         packed carries nothing any more

Those of the descent lab hold its settings in the same way, as workbench.lab.
"""

from __future__ import annotations

import re
import struct
import zlib
from pathlib import Path

from workbench.spec import presets
from workbench.spec.carried.block import LARGEST_ESCAPED, RECIPE, whole

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_NOTES = (b"tEXt", b"zTXt", b"iTXt")
#: Of a PNG; one of a hundred million pixels has some thousands.
_MOST_CHUNKS = 100_000
_STRING = re.compile(rb"(?:[^\\()]|\\.)*+(?=\))", re.DOTALL)
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_UTF16 = b"\xfe\xff"


def notes(toml: str, name: str = RECIPE) -> dict[str, str]:
    """What matplotlib is to write as metadata."""
    return {name: toml}


def from_png(path: Path, name: str = RECIPE) -> dict[str, str]:
    """Goes from chunk to chunk and reads none but ours; the pixels are passed over."""
    keyword = name.encode() + b"\0"
    with path.open("rb") as file:
        if file.read(len(_SIGNATURE)) != _SIGNATURE:
            return {}
        for _ in range(_MOST_CHUNKS):
            length, kind = struct.unpack(">I4s", file.read(8))
            behind = file.tell() + length + 4
            if kind in _NOTES and file.read(len(keyword)) == keyword:
                length -= len(keyword)
                return {name: _note(kind, file.read(length))} if length <= LARGEST_ESCAPED else {}
            if kind == b"IEND":
                break
            file.seek(behind)
    return {}


def _note(kind: bytes, content: bytes) -> str:
    """The text behind the keyword (the PNG specification, 11.3.3)."""
    match kind:
        case b"tEXt":
            return content.decode("latin-1")
        case b"zTXt":
            return _unpacked(content[1:]).decode("latin-1")
        case _:
            packed = content.startswith(b"\1")
            _, _, text = content[2:].split(b"\0", 2)  # a language and the keyword in it come first
            return (_unpacked(text) if packed else text).decode()


def _unpacked(content: bytes) -> bytes:
    found = zlib.decompressobj().decompress(content, presets.LARGEST + 1)
    if len(found) > presets.LARGEST:
        raise ValueError("larger than it can be")
    return found


def from_pdf(path: Path, name: str = RECIPE) -> dict[str, str]:
    """A string of a PDF stands in parentheses, with backslashes before some signs (ISO 32000, 7.3.4.2)."""
    content, info = whole(path), f"/{name} (".encode()
    begin = content.rfind(info)
    found = _STRING.match(content[begin + len(info) :][:LARGEST_ESCAPED]) if begin >= 0 else None
    if found is None:
        return {}
    text = _ESCAPED.sub(lambda sign: {b"n": b"\n", b"r": b"\r"}.get(sign[1], sign[1]), found[0])
    return {name: text[2:].decode("utf-16-be") if text.startswith(_UTF16) else text.decode("ascii")}
