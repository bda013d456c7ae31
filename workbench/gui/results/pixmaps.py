"""Arrays as pictures of Qt. NumPy comes with the arrays; nothing here is needed before there are some."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QColor, QImage

if TYPE_CHECKING:
    import numpy.typing as npt

_GREY, _COLOUR = 1, 3


def image(pixels: npt.NDArray[Any]) -> QImage:
    """A uint8 picture (h, w), (h, w, 1) or (h, w, 3) as an image of its own memory; of other channels, the first."""
    if pixels.ndim == 3 and pixels.shape[2] != _COLOUR:  # noqa: PLR2004 - rows, columns, channels
        pixels = pixels[..., 0]
    plain = pixels.copy(order="C")
    height, width = plain.shape[:2]
    grey = plain.ndim == 2  # noqa: PLR2004 - rows, columns
    kind = QImage.Format.Format_Grayscale8 if grey else QImage.Format.Format_RGB888
    return QImage(plain.data, width, height, width * (_GREY if grey else _COLOUR), kind).copy()


def heat(shares: npt.NDArray[Any], colour: QColor, most: int = 200) -> QImage:
    """A map (h, w) of numbers from 0 to 1 as one colour that covers more where the number is larger."""
    import numpy as np  # noqa: PLC0415 - not before the first paint

    filled = np.empty((*shares.shape, 4), np.uint8)
    filled[..., :3] = (colour.red(), colour.green(), colour.blue())
    filled[..., 3] = np.clip(shares * most, 0, most)
    height, width = shares.shape
    return QImage(filled.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()


def greys(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A map (h, w) of any numbers as uint8, its smallest black and its largest white; one that is the same everywhere, mid-grey."""
    import numpy as np  # noqa: PLC0415 - not before the first paint

    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if not high > low:
        return np.full(values.shape, 128, np.uint8)
    return np.clip((values - low) / (high - low) * 255, 0, 255).astype(np.uint8)


def veil(picture: QImage, where: npt.NDArray[Any], strength: int) -> QImage:
    """A picture that covers another with `strength` of 255 where a mask (h, w) is true, and nowhere else."""
    import numpy as np  # noqa: PLC0415 - not before the first paint

    alpha = np.ascontiguousarray(np.where(where, strength, 0).astype(np.uint8))
    height, width = where.shape
    veiled = picture.convertToFormat(QImage.Format.Format_RGBA8888)
    veiled.setAlphaChannel(QImage(alpha.data, width, height, width, QImage.Format.Format_Grayscale8).copy())
    return veiled
