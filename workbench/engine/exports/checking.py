"""Holds a written model to the engine's own answers, before it is given its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.data.pictures import Part
from workbench.engine.exports.formats import Reader
from workbench.engine.exports.subject import Probabilities, Subject
from workbench.errors import ExportError

#: The largest difference between probabilities; what was seen are a few millionths.
MOST = 1e-4
#: A network that is sure of everything says 0 and 1 also where it is wired wrongly; so probabilities, down to the smallest that
#: are compared, may differ by this share of themselves too.
MOST_SHARE, SMALLEST = 0.05, 1e-20
#: So many validation pictures tell how often 8 bits change the answer.
JUDGED = 1000
_BATCH = 32


@dataclass(frozen=True)
class Agreement:
    """How often a network in 8 bits gives the class that the engine gives, and how often each is right: shares from 0 to 1.

    Of masks, of pixels; those whose class is not known count nowhere.
    """

    pictures: int
    same: float
    right: float
    engine_right: float


def difference(subject: Subject, read: Reader) -> float:
    """The largest difference between probabilities. Raises ExportError when it is too large."""
    pixels = subject.drawn()
    said, mine = np.asarray(read(pixels.astype(np.float32))), subject.said(pixels)
    if said.shape != mine.shape:
        raise ExportError(
            f"What was written answers {said.shape} numbers and not {mine.shape}. It was not kept; the fault is ours, please report it."
        )
    found = float(np.abs(said - mine).max())
    large = mine > SMALLEST
    share = float((np.abs(said - mine)[large] / mine[large]).max())
    if not (found <= MOST and share <= MOST_SHARE):  # also when one is no number
        raise ExportError(
            f"The written model gives probabilities that differ by up to {found:.1e}, and by {share:.1%} of themselves, from the run's "
            f"own; at most {MOST:g} and {MOST_SHARE:.0%} are allowed. It was not kept; choose another format."
        )
    return found


def agreement(
    subject: Subject, read: Reader, part: Part, ignore: int | None, done: Callable[[int, int], object]
) -> Agreement:
    """Ask both of the first pictures of a part; `done` is told how many of how many are."""
    count = min(len(part), JUDGED)
    same = right = engine_right = of = 0
    for begin in range(0, count, _BATCH):
        rows = np.arange(begin, min(begin + _BATCH, count))
        pixels, truth = part.pictures.take(rows), np.asarray(part.labels[rows])
        said, mine = _classes(read(pixels.astype(np.float32))), _classes(subject.said(pixels))
        counts = np.ones(truth.shape, bool) if ignore is None else truth != ignore
        of += int(counts.sum())
        same += int((said == mine)[counts].sum())
        right += int((said == truth)[counts].sum())
        engine_right += int((mine == truth)[counts].sum())
        done(int(rows[-1]) + 1, count)
    return Agreement(count, *(each / max(1, of) for each in (same, right, engine_right)))


def _classes(shares: Probabilities) -> npt.NDArray[np.intp]:
    return np.asarray(np.asarray(shares).argmax(axis=-1))
