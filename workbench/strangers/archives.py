"""Looks into zip archives: a .keras file, a NumPy file, or something else that came in one.

Members are looked up by their exact name and read up to a limit. A stored member is read where it lies, a deflated one is unpacked
into memory as far as that is allowed; nothing is written anywhere, so a name with ../ in it leads nowhere.
"""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path
from typing import IO

from workbench import zips
from workbench.strangers.found import Refusal

WEIGHTS = "model.weights.h5"
CONFIG = "config.json"
#: Bytes of a deflated member that has to be had whole.
LARGEST_UNPACKED = 192 << 20
_LOCAL = struct.Struct("<4s5H3L2H")


class Archive:
    """An open archive. Raises Refusal."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zips.opened(path)
        except zips.ZipError as error:
            raise Refusal(f"It is an archive that cannot be read: {error}.") from error
        self._path = path

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._zip.NameToInfo)

    def has(self, name: str) -> bool:
        return name in self._zip.NameToInfo

    def member(self, name: str) -> IO[bytes]:
        """A member to be read forwards, up to a limit of the reader's."""
        try:
            return zips.member(self._zip, name)
        except zips.ZipError as error:
            raise Refusal(f"{str(error)[:1].upper()}{str(error)[1:]}.") from error

    def whole(self, name: str) -> IO[bytes]:
        """A member in which one can go forth and back."""
        try:
            info = zips.checked(self._zip, name)
        except zips.ZipError as error:
            raise Refusal(f"{str(error)[:1].upper()}{str(error)[1:]}.") from error
        if info.compress_type == zipfile.ZIP_STORED:
            return io.BufferedReader(self._window(info))
        # What is said of its size may be a lie, but no more than that is ever unpacked.
        if info.file_size > LARGEST_UNPACKED:
            raise Refusal(
                f"{name} in it swells to more than {LARGEST_UNPACKED >> 20} MB when it is unpacked, which is not done. Keras stores it "
                "unpacked; save it again with Keras."
            )
        with self.member(name) as file:
            try:
                return io.BytesIO(file.read())
            except zips.DAMAGE as error:
                raise Refusal(f"{name} in it is damaged ({error}).") from error

    def _window(self, info: zipfile.ZipInfo) -> _Window:
        file = self._path.open("rb", buffering=0)
        end = file.seek(0, 2)
        # What is said of its place may be larger than any that the system knows.
        file.seek(min(info.header_offset, end))
        head = file.read(_LOCAL.size)
        if len(head) < _LOCAL.size or not head.startswith(b"PK\3\4"):
            raise Refusal(f"{info.filename} does not lie where the archive says. It is damaged.")
        *_, name, extra = _LOCAL.unpack(head)
        start = info.header_offset + _LOCAL.size + name + extra
        if start + info.file_size > end or info.file_size != info.compress_size:
            raise Refusal(f"{info.filename} does not lie within the archive. It is cut off.")
        return _Window(file, start, info.file_size)


class _Window(io.RawIOBase):
    """A stretch of a file as a file of its own."""

    def __init__(self, file: io.FileIO, start: int, size: int) -> None:
        super().__init__()
        self._file, self._start, self._size, self._place = file, start, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._place = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence])
        return self._place

    def tell(self) -> int:
        return self._place

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # any writable buffer, as RawIOBase says
        count = min(len(buffer), max(0, self._size - self._place))
        self._file.seek(self._start + self._place)
        got = self._file.readinto(memoryview(buffer)[:count])
        self._place += got
        return got

    def close(self) -> None:
        self._file.close()
        super().close()
