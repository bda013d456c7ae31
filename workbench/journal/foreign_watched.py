"""What was watched of a stranger's run: an archive of arrays, looked at before it is unpacked, then held to its kind.

A small archive can unpack to any size, and an array can claim any shape; so the sizes that it declares are added up first,
and each array's header must agree with the bytes behind it. StrangeError says what is odd.
"""

from __future__ import annotations

import io
import math
import zipfile
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.errors import WorkspaceError
from workbench.journal import watched
from workbench.journal.foreign_rows import hold
from workbench.journal.rows import WatchedKind
from workbench.journal.strange import StrangeError
from workbench.probing.xray import XRay

#: What one row may unpack to: ten thousand answers have 100 KB, sixteen masks of 1024 × 1024 have 16 MB.
LARGEST = 256 << 20
_ODD = "what was watched of it at an epoch's end is not as this version writes it"


class Seen:
    """The watched rows of a run, in order: later ones speak of the pictures that earlier ones name."""

    def __init__(self) -> None:
        self._pictures = self._few = -1

    def row(self, kind: Any, body: Any) -> None:
        """The next one. Raises StrangeError."""
        if not isinstance(body, bytes):
            raise StrangeError(_ODD)
        try:
            match WatchedKind(kind):
                case WatchedKind.SIGNAL:
                    self._signal(body)
                case WatchedKind.SAMPLES:
                    _look_into(body)
                    self._samples(watched.Samples.read(body))
                case WatchedKind.ANSWERS:
                    _look_into(body)
                    self._answers(watched.Answers.read(body))
                case WatchedKind.MASKS:
                    _look_into(body)
                    self._masks(watched.masks_of(body))
        except (
            WorkspaceError,
            ValueError,
            TypeError,
            KeyError,
            OverflowError,
            RecursionError,
            zipfile.BadZipFile,
        ) as error:
            raise StrangeError(_ODD) from error

    def _signal(self, body: bytes) -> None:
        hold("signal", XRay.from_tree(watched.signal_of(body)), XRay)

    def _samples(self, found: watched.Samples) -> None:
        _be(found.rows.ndim == found.truth.ndim == found.few.ndim == 1 and len(found.rows) == len(found.truth))
        _be(all(each.dtype.kind in "iu" for each in (found.rows, found.truth, found.few)))
        _be(found.pictures.ndim == 4 and found.pictures.dtype == np.uint8 and len(found.pictures) == len(found.few))  # noqa: PLR2004 - (k, h, w, c)
        _be(found.masks.ndim == 3 and found.masks.dtype == np.uint8 and len(found.masks) in {0, len(found.few)})  # noqa: PLR2004 - (k, h, w)
        _be(bool(np.all((found.few >= 0) & (found.few < len(found.rows)))))
        self._pictures, self._few = len(found.rows), len(found.few)

    def _answers(self, found: watched.Answers) -> None:
        _be(found.given.ndim == found.share.ndim == found.true_share.ndim == 1)
        _be(len(found.given) == len(found.share) == len(found.true_share) == self._pictures)

    def _masks(self, found: npt.NDArray[np.uint8]) -> None:
        _be(found.ndim == 3 and found.dtype == np.uint8 and len(found) == self._few)  # noqa: PLR2004 - (k, h, w)


def _be(sound: bool) -> None:  # noqa: FBT001 - what is asserted of a stranger's
    if not sound:
        raise StrangeError(_ODD)


def _look_into(body: bytes) -> None:
    """Raises StrangeError when an archive is larger than it may be, or an array is not as long as it says."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        members = archive.infolist()
        if sum(each.file_size for each in members) > LARGEST:
            raise StrangeError(f"what was watched of it would unpack to more than {LARGEST:,} bytes")
        for member in members:
            with archive.open(member) as file:
                version = np.lib.format.read_magic(file)
                _be(version == (1, 0))
                shape, _, dtype = np.lib.format.read_array_header_1_0(file)
                begins = file.tell()
            _be(not dtype.hasobject and math.prod(shape) * dtype.itemsize == member.file_size - begins)
