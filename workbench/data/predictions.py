"""The files in which predictions are kept: a table of shares for classes; for masks a PNG a picture and the names of their numbers.

    predictions.csv  picture, class, then the share of each class
    NAME.png         as large as the picture NAME, each pixel the number of its class
    classes.csv      number, name
Used by the engine, which predicts, and by the window, which saves what it was told. Names of files stay as they are, also
where they are no proper text.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from workbench.data.pictures import Masks

SHARES, CLASSES = "predictions.csv", "classes.csv"
#: Why nothing can be said of a picture, or of some; without the last stop.
NO_NUMBERS = (
    "the network's probabilities are no numbers (NaN): its weights are broken there. Choose an earlier checkpoint"
)


def shares_table(
    classes: Sequence[str], names: Iterable[str], shares: Iterable[npt.NDArray[np.float32]]
) -> bytes:  # fmt: skip
    """What a network said of pictures, each with the share (classes,) of every class."""
    rows = (
        [name, classes[int(each.argmax())], *(f"{share:.6f}" for share in each)]
        for name, each in zip(names, shares, strict=True)
    )
    return _table([["picture", "class", *classes], *rows])


def classes_table(classes: Sequence[str]) -> bytes:
    """Which number in a mask is which class."""
    return _table([["number", "name"], *([str(number), name] for number, name in enumerate(classes))])


def mask_png(mask: Masks) -> bytes:
    """A mask whose pixels are numbers of classes, in colours far from each other."""
    image = Image.fromarray(mask)
    image.putpalette(_colours())
    content = io.BytesIO()
    image.save(content, "PNG", optimize=True)
    return content.getvalue()


def _colours() -> list[int]:
    """Black for the first class, and for each next one a colour far from those before it."""
    colours: list[int] = []
    for number in range(256):
        channels = [0, 0, 0]
        for bit in range(8):  # the bits of the number, spread over the three channels, highest first
            channels[bit % 3] |= (number >> bit & 1) << (7 - bit // 3)
        colours += channels
    return colours


def _table(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode(errors="surrogateescape")
