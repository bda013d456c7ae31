"""How the classes of masks look over a picture: a colour each and, so that none is told by its colour alone, a texture each.

Six colours and five textures, so that thirty classes are told apart before one looks like another. Knows NumPy, no Qt.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from workbench.data.pictures import Pixels

#: Red, green, blue of each class number, and 255 where it covers at all: (256, 4). Nothing lies over the first class,
#: which is the ground in most sets.
Colours = npt.NDArray[np.uint8]
#: Pixels that count nowhere.
IGNORED = 255
#: How much of the colour lies over the picture, and over the lines of a texture.
_COVER, _LINE = 0.55, 0.95
_PERIOD = 4
#: A texture is sampled in so many places a period.
_Texture = npt.NDArray[np.float32]


def _textures() -> _Texture:
    """Plain, lines along, lines down, both ways aslant: how much each covers, (5, 4, 4)."""
    down, along = np.indices((_PERIOD, _PERIOD))
    lines = (
        np.zeros((_PERIOD, _PERIOD), bool), down == 0, along == 0, (down + along) % _PERIOD == 0, (down - along) % _PERIOD == 0,
    )  # fmt: skip
    return np.where(np.stack(lines), _LINE, _COVER).astype(np.float32)


_TEXTURES = _textures()


def texture(number: int) -> int:
    """Which texture a class has."""
    return (number - 1) % len(_TEXTURES)


def covered(picture: Pixels, mask: Pixels, colours: Colours) -> Pixels:
    """A picture (h, w, 1 or 3) in colour under its mask (h, w). Lines are as wide as they are on a picture of 64 pixels."""
    high, wide = mask.shape
    step = max(1, round(max(high, wide) / 64))
    numbers = np.maximum(mask.astype(np.intp) - 1, 0) % len(_TEXTURES)
    down, along = (np.arange(length) // step % _PERIOD for length in (high, wide))
    shares = _TEXTURES[numbers, down[:, None], along[None, :]]
    shares[mask == IGNORED] = _COVER
    ink = colours[mask]
    share = (shares * (ink[..., 3] > 0))[..., None]
    ground = np.broadcast_to(picture, (high, wide, 3))
    found: Pixels = np.rint(ground * (1 - share) + ink[..., :3] * share).astype(np.uint8)
    return found
