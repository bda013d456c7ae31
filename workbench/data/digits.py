"""Reads scikit-learn's 1,797 handwritten digits.

Importing scikit-learn takes a second; its file of digits takes 20 ms. So the file is read where the installed package
keeps it, and the package is only asked when it keeps it elsewhere.
"""

from __future__ import annotations

import gzip
import importlib.util
from pathlib import Path

import numpy as np
import numpy.typing as npt

from workbench.data.arrays import Arrays
from workbench.data.source import Listing
from workbench.errors import DataError

CLASSES = tuple(str(number) for number in range(10))
#: Ink is counted from 0 to 16.
DARKEST = 16


def read(image_size: int) -> Arrays:
    """The digits: (1797, 8, 8, 1), ink brought from 0–16 to 0–255."""
    ink, labels = _table()
    pixels = np.rint(ink * (255 / DARKEST)).astype(np.uint8).reshape(-1, 8, 8, 1)
    given = np.zeros(len(labels), np.int8)
    return Arrays(pixels, Listing(CLASSES, labels.astype(np.int32), given, 1), image_size, "digits")


def _table() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    package = importlib.util.find_spec("sklearn")
    if package is None or package.origin is None:
        raise DataError(
            "The digits come with scikit-learn, which is not installed. Install it: pip install scikit-learn"
        )
    path = Path(package.origin).parent / "datasets" / "data" / "digits.csv.gz"
    if path.is_file():
        with gzip.open(path, "rt", encoding="ascii") as file:
            rows = np.loadtxt(file, delimiter=",")
        if rows.ndim == 2 and rows.shape[1] == 65:  # noqa: PLR2004 - a table of 64 pixels and the label
            return rows[:, :64], rows[:, 64].astype(np.int64)
    from sklearn.datasets import load_digits  # noqa: PLC0415 - takes a second, and is seldom needed

    digits = load_digits()
    return digits.data, digits.target
