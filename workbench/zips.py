"""Opens zip archives that may come from anywhere. Nothing is ever unpacked onto the disk: members are looked up by their exact name.

Python's reader takes the whole list of members into memory and knows packings whose dictionary may have gigabytes. So the list
is measured before it is read, and only members that are stored or deflated are opened. Knows nothing of what is in them, nor who asks.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from pathlib import Path
from typing import IO

#: Of the list of members, in bytes: some twenty thousand names. Each takes about ten times as much memory.
LARGEST_LIST = 2 << 20
#: The note at the very end that tells where the list is; a comment of up to 64 kB follows it.
_END = struct.Struct("<4s4H2LH")
_END_MARK = b"PK\5\6"
#: Archives beyond 4 GB have a second such note, and before the first one where it is.
_WHERE_64 = struct.Struct("<4sLQL")
_END_64 = struct.Struct("<4sQ2H2L4Q")
#: How far from the end the earliest of what lies there may begin.
_FURTHEST = _WHERE_64.size + _END.size + (1 << 16)
#: In the bit field of a member: it is locked with a password.
_LOCKED = 1
#: What damaged and foreign archives make Python's reader raise.
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, struct.error)


class ZipError(Exception):
    """An archive or a member cannot be read; the text says why, as the end of a sentence."""


def opened(path: Path) -> zipfile.ZipFile:
    """An archive, of which the list has been read. Raises ZipError, or OSError when the file cannot be opened."""
    if path.exists() and not path.is_file():
        raise ZipError("it is a folder, a device or a channel of the system")
    with path.open("rb") as file:
        length = _length_of_list(file)
    if length > LARGEST_LIST:
        raise ZipError(
            f"its list of members has {length:,} bytes; at most {LARGEST_LIST:,} are read. Pack fewer files together"
        )
    try:
        return zipfile.ZipFile(path)
    except DAMAGE as error:
        raise ZipError(f"it is damaged or cut off ({error})") from error


def member(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    """A member to be read forwards. Raises KeyError when there is none of exactly that name, ZipError when it is not read."""
    info = checked(archive, name)
    try:
        return archive.open(info)
    except DAMAGE as error:
        raise ZipError(f"{name} in it cannot be opened ({error})") from error


def checked(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    """What is said of a member, if it is there once, not locked, and packed in a way that is read."""
    info = archive.NameToInfo[name]
    if sum(each.filename == name for each in archive.infolist()) > 1:
        raise ZipError(f"it holds {name} more than once, so that programs disagree on which one is meant")
    if info.flag_bits & _LOCKED:
        raise ZipError(f"{name} in it is locked with a password")
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise ZipError(f"{name} in it is packed in a way that is not read; stored and deflated are")
    return info


def _length_of_list(file: IO[bytes]) -> int:
    """As many bytes as Python's reader would take for the list of members."""
    end = file.seek(0, 2)
    file.seek(max(0, end - _FURTHEST))
    tail = file.read()
    place = tail.rfind(_END_MARK)
    if place < 0 or len(tail) < place + _END.size:
        raise ZipError("it is no zip archive, or it is cut off")
    length: int = _END.unpack_from(tail, place)[5]
    if place >= _WHERE_64.size and tail[place - _WHERE_64.size :].startswith(b"PK\6\7"):
        _, _, where, _ = _WHERE_64.unpack_from(tail, place - _WHERE_64.size)
        # Python looks for it right before, others where it is said to be: the larger one counts.
        for start in {where, max(0, end - len(tail) + place - _WHERE_64.size - _END_64.size)}:
            if start + _END_64.size <= end:
                file.seek(start)
                mark, *_, longer, _ = _END_64.unpack(file.read(_END_64.size))
                length = max(length, longer) if mark == b"PK\6\6" else length
    return length
