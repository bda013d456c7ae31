"""What is noted of a picture: its size and kind, a small copy, sums for means and spreads, a digest, a hash of its looks.

Notes depend on the picture alone, not on the recipe, so that another image size or seed needs no second look. Knows
nothing of folders, classes or caches.
"""

from __future__ import annotations

import hashlib
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

from workbench.data.decode import explained, loaded, opaque, opened, plain_file
from workbench.data.pictures import Pixels
from workbench.data.sizing import FILTER

#: One picture's note. `state` is one of the numbers below.
NOTE = np.dtype([
    ("state", "u1"),
    #: of the file's picture, as it is looked at
    ("width", "<i4"), ("height", "<i4"),
    #: Pillow's names of its pixels and its format
    ("mode", "S6"), ("format", "S5"),
    #: what tells a changed file: bytes, and two times in ns
    ("size", "<i8"), ("mtime", "<i8"), ("ctime", "<i8"),
    #: the small picture: where it begins among all of them, its size, 1 or 3 channels, and one more where it has a mask
    ("at", "<i8"), ("wide", "<u2"), ("high", "<u2"), ("planes", "u1"), ("masked", "u1"),
    #: of its values: the widest range in one channel, and per channel (red, green, blue, grey) sums and sums of squares
    ("range", "u1"), ("sums", "<f8", (4,)), ("squares", "<f8", (4,)),
    #: SHA-256 of the file; where there is no file, of the pixels
    ("digest", "u1", (32,)),
    #: 64-bit difference hash
    ("hash", "<u8"),
])  # fmt: skip
Notes: TypeAlias = npt.NDArray[np.void]

#: MISSED could not be read this time, which lies with the system and not with the file.
WAITING, GOOD, UNREADABLE, MISSED = 0, 1, 2, 3
#: what is left out, and what is read the next time though no file has changed
LEFT_OUT, TO_READ = (UNREADABLE, MISSED), (WAITING, MISSED)
#: The hash: 8 rows of 8 comparisons.
_ROWS, _COLUMNS = 8, 8
_VALUES = np.arange(256, dtype=np.int64)
_AT_ONCE = 1 << 20


def note_file(path: str, side: int, note: np.void) -> Pixels:
    """Fills the note of a file; its small picture (high, wide, 1 or 3), at most `side` pixels. Raises UnreadableError.

    What cannot be read here is what a run could not read either: file, header and pixels go the same way.
    """
    digest = file_digest(path)
    with opened(path) as image, explained():
        size, mode, kind = image.size, image.mode, image.format or ""
        whole = loaded(image, side)
        # A camera that was held upright: what was wide is high. (Of a JPEG drawn smaller only the shape is still known.)
        turned = (whole.width > whole.height) != (image.width > image.height)
        note["width"], note["height"] = reversed(size) if turned else size
        small = opaque(_fitted(whole, side), grey=whole.mode in {"L", "LA"})
    note["mode"], note["format"] = mode.encode(), kind.encode()[:5]
    note["digest"] = np.frombuffer(digest, np.uint8)
    return _measured(small, note)


def note_pixels(pixels: Pixels, side: int, note: np.void) -> Pixels:
    """The same for a picture (h, w, 1 or 3) that lies in no file of its own."""
    note["height"], note["width"] = pixels.shape[:2]
    note["mode"] = b"L" if pixels.shape[2] == 1 else b"RGB"
    note["digest"] = np.frombuffer(hashlib.sha256(np.ascontiguousarray(pixels).data).digest(), np.uint8)
    image = Image.fromarray(np.ascontiguousarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels))
    return _measured(_fitted(image, side), note)


def file_digest(path: str) -> bytes:
    """SHA-256 of a file. Raises UnreadableError."""
    total = hashlib.sha256()
    with explained(), plain_file(path) as file:
        while content := file.read(_AT_ONCE):
            total.update(content)
    return total.digest()


def _measured(small: Image.Image, note: np.void) -> Pixels:
    """Notes the numbers of a small picture, in grey or in colour, and gives its pixels."""
    grey = small if small.mode == "L" else small.convert("L")
    counts = np.array(small.histogram()).reshape(-1, 256)
    if small is not grey:
        counts = np.vstack([counts, grey.histogram()])
    note["sums"], note["squares"] = counts @ _VALUES, counts @ _VALUES**2  # those of grey stand for all four
    seen = [np.flatnonzero(channel) for channel in counts[: len(small.getbands())]]
    note["range"] = max(int(values[-1] - values[0]) for values in seen)
    note["hash"] = difference_hash(grey)
    pixels = np.asarray(small)
    pixels = pixels[:, :, None] if pixels.ndim == 2 else pixels  # noqa: PLR2004 - grey pictures have two axes
    note["high"], note["wide"], note["planes"] = pixels.shape
    note["state"] = GOOD
    return pixels


def difference_hash(grey: Image.Image) -> int:
    """64 bits: whether each of 8 × 8 places is brighter than the one to its left, in a copy of 9 × 8 means."""
    means = np.frombuffer(grey.resize((_COLUMNS + 1, _ROWS), Image.Resampling.BOX).tobytes(), np.uint8)
    means = means.reshape(_ROWS, _COLUMNS + 1)
    return int.from_bytes(np.packbits(means[:, 1:] > means[:, :-1]).tobytes(), "big")


def _fitted(image: Image.Image, side: int) -> Image.Image:
    """A picture that is at most `side` pixels wide and high, its proportions kept; never larger than it was."""
    share = side / max(image.size)
    if share >= 1:
        return image
    wanted = max(1, round(image.width * share)), max(1, round(image.height * share))
    return image.resize(wanted, FILTER, reducing_gap=3.0)
