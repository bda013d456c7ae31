"""A run's answers to some pictures that each have a class: what was true, what was said, how sure it was.

The gate of this part: whoever made the arrays, what gets past here can be counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from workbench.data.predictions import NO_NUMBERS
from workbench.errors import ResultsError

Whole: TypeAlias = npt.NDArray[np.int64]
Shares: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Answers:
    """One row a picture. Raises ResultsError when the arrays do not fit together or a probability is no number."""

    classes: tuple[str, ...]
    #: class numbers, (n,)
    truth: Whole
    #: class numbers, (n,): the class with the largest output, the first of those that are equal
    predicted: Whole
    #: (n, classes), each row sums to 1
    probabilities: Shares

    def __post_init__(self) -> None:
        count, many = len(self.truth), len(self.classes)
        shapes = self.truth.shape, self.predicted.shape, self.probabilities.shape
        if shapes != ((count,), (count,), (count, many)):
            raise ResultsError(
                f"{count:,} pictures of {many} classes need as many answers, not arrays of {', '.join(map(str, shapes))}. Judge the run again."
            )
        if not count:
            raise ResultsError("There is no picture to judge by. Choose a part of the data that has pictures.")
        bad = ~np.isfinite(self.probabilities).all(axis=1)
        if bad.any():
            which = "1 picture" if bad.sum() == 1 else f"{bad.sum():,} of {count:,} pictures"
            raise ResultsError(f"For {which} {NO_NUMBERS}.")

    @property
    def confidence(self) -> Shares:
        """How probable each said class was said to be, (n,)."""
        found: Shares = np.take_along_axis(self.probabilities, self.predicted[:, None], axis=1)[:, 0]
        return found

    @property
    def right(self) -> npt.NDArray[np.bool_]:
        found: npt.NDArray[np.bool_] = self.truth == self.predicted
        return found


def answers(
    classes: tuple[str, ...], truth: npt.ArrayLike, probabilities: npt.ArrayLike, predicted: npt.ArrayLike | None = None
) -> Answers:
    """The answers of arrays of any number type; without `predicted`, the most probable class. Raises ResultsError."""
    shares = np.asarray(probabilities, np.float64)
    said = np.argmax(shares, axis=-1) if predicted is None else predicted
    return Answers(classes, np.asarray(truth, np.int64), np.asarray(said, np.int64), shares)
