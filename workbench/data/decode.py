"""Reads one picture file: any common format in, a square of uint8 out.

The header is read before the pixels, so a picture that is too large costs nothing. Turned pictures (EXIF) are turned
back; of animated ones the first frame is taken; transparent ones are laid on white; 16-bit values are
divided by 257. Knows nothing of folders or sets.
"""

from __future__ import annotations

import os
import stat
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from workbench.data.pictures import Pixels
from workbench.data.sizing import resize
from workbench.data.source import explain_reading

#: Formats that are read; Pillow knows more, some of which start other programs or are seldom tested.
FORMATS = ("PNG", "JPEG", "BMP", "DIB", "WEBP", "TIFF", "GIF")
#: Pictures with more pixels are left out: decoding one would take some 400 MB.
LARGEST = 100_000_000
#: What Pillow's readers raise on damaged files; its plug-ins have no common error.
_DAMAGE = (
    OSError, SyntaxError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError, EOFError, RuntimeError,
    AssertionError, MemoryError, struct.error, zlib.error,
)  # fmt: skip


class UnreadableError(Exception):
    """A picture cannot be used; the text says why, as the end of a sentence."""

    def __init__(self, why: str, *, passing: bool = False) -> None:
        super().__init__(why)
        #: whether that lies with the system and not with the file, so that another time the same file may be read
        self.passing = passing


@dataclass(frozen=True)
class Looks:
    """How pictures are to look."""

    size: int
    grey: bool
    fit: str

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.size, self.size, 1 if self.grey else 3


def decode(path: str, looks: Looks) -> Pixels:
    """The picture in a file, (size, size, 1 or 3). Raises UnreadableError."""
    with opened(path) as image, explained():
        return np.asarray(_prepared(image, looks)).reshape(looks.shape)


@contextmanager
def opened(path: str, formats: tuple[str, ...] = FORMATS) -> Iterator[Image.Image]:
    """A file's picture, of which only the header has been read. Raises UnreadableError."""
    with explained(formats):
        # Opened here and not by Pillow, which leaves the file open after some errors.
        file = plain_file(path)
    with file:
        with explained(formats):
            image = Image.open(file, formats=formats)
        with image:
            width, height = image.size
            if width * height > LARGEST:
                raise UnreadableError(
                    f"it has {width:,} × {height:,} pixels; at most {LARGEST // 1_000_000} million pixels are read"
                )
            yield image


def plain_file(path: str) -> BinaryIO:
    """A file, open to be read. Raises OSError, or UnreadableError when something else is there."""
    # A channel in a folder of pictures would be waited for without end, and some devices never come to one.
    if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116 - paths come as plain text
        raise UnreadableError("it is no file but a folder, a device or a channel of the system")
    return open(path, "rb")  # noqa: PTH123 - as above


@contextmanager
def explained(formats: tuple[str, ...] = FORMATS) -> Iterator[None]:
    """What Pillow raises as an UnreadableError; what it warns of (odd but readable files) is not said."""
    try:
        with warnings.catch_warnings():
            # Of large files Pillow warns too; they are refused by a limit of ours.
            warnings.simplefilter("ignore")
            yield
    except Image.DecompressionBombError:
        raise UnreadableError(f"it has more pixels than the {LARGEST // 1_000_000} million that are read") from None
    except UnidentifiedImageError:
        names = "PNG, JPEG, BMP, WebP, TIFF or GIF" if formats is FORMATS else " or ".join(formats)
        raise UnreadableError(f"it is not a picture that can be read ({names}), or it is damaged") from None
    except MemoryError as error:
        raise UnreadableError("there was not enough memory to read it", passing=True) from error
    except _DAMAGE as error:
        if isinstance(error, OSError) and error.errno:
            raise UnreadableError(explain_reading(error), passing=True) from error
        raise UnreadableError(f"it is damaged or cut off ({str(error).rstrip('.') or type(error).__name__})") from error


def _prepared(image: Image.Image, looks: Looks) -> Image.Image:
    return opaque(resize(loaded(image, looks.size), looks.size, looks.fit), grey=looks.grey)


def loaded(image: Image.Image, size: int) -> Image.Image:
    """An opened picture with its pixels, upright and with 8 bits a channel, large enough to be brought to `size` pixels."""
    # JPEG can be decoded at a half, a quarter or an eighth, never smaller than asked for: many times faster for photographs.
    image.draft(None, (2 * size, 2 * size))
    image.load()
    return _eight_bit(_turned(image))


def upright(path: str, *, grey: bool) -> Image.Image:
    """The whole picture in a file at its own size, in grey or in colour. Raises UnreadableError."""
    with opened(path) as image, explained():
        image.load()
        return opaque(_eight_bit(_turned(image)), grey=grey)


def opaque(image: Image.Image, *, grey: bool) -> Image.Image:
    """A picture without transparency: what lets light through stands on white."""
    if image.mode in {"RGBA", "LA"}:
        ground = Image.new("RGBA", image.size, "white")
        ground.alpha_composite(image.convert("RGBA"))
        image = ground
    return image.convert("L" if grey else "RGB")


def _turned(image: Image.Image) -> Image.Image:
    """The picture as the camera was held, when its notes can be read."""
    try:
        return ImageOps.exif_transpose(image)
    except _DAMAGE:  # the pixels have been read well; only the notes beside them are damaged
        return image


def _eight_bit(image: Image.Image) -> Image.Image:
    """The picture with 8 bits a channel, in a mode in which it can be resized: L, LA, RGB or RGBA."""
    mode = image.mode
    if mode in {"L", "LA", "RGB", "RGBA"} and "transparency" not in image.info:
        return image
    if mode.startswith("I") or mode == "F":
        return Image.fromarray(_scaled(np.asarray(image)))
    if mode in {"P", "PA", "La", "RGBa"} or "transparency" in image.info:
        return image.convert("RGBA")
    return image.convert("L" if mode == "1" else "RGB")


def _scaled(values: npt.NDArray[Any]) -> Pixels:
    """16-bit values, or fractions from 0 to 1 or 0 to 255, as bytes."""
    lowest, highest = float(values.min()), float(values.max())
    if not (np.isfinite(lowest) and np.isfinite(highest)) or lowest < 0 or highest > 65_535:  # noqa: PLR2004 - 16 bits
        raise UnreadableError(f"it holds values from {lowest:g} to {highest:g}; 0 to 65,535 are read")
    factor = 1 / 257
    if values.dtype.kind == "f" and highest <= 255:  # noqa: PLR2004 - the largest byte
        factor = 255 if highest <= 1 else 1
    return np.rint(values * factor).astype(np.uint8)
