"""How well masks fit: the intersection over the union (IoU) of each class, over all pictures and within each.

Works on counts of pixels, never on means of means: (pictures, 3, classes) of pixels that were hit, that are of the class, and
that were said to be; pixels that are ignored are in none.
"""

from __future__ import annotations

import math

import numpy as np

from workbench.results.answers import Shares, Whole
from workbench.results.confusion import known_mean


def iou(counts: Whole) -> Shares:
    """The IoU of each class from counts (…, 3, classes): (…, classes); NaN where it is in neither."""
    hits, true, said = (counts[..., number, :] for number in range(3))
    union = true + said - hits
    found: Shares = np.divide(hits, union, out=np.full(hits.shape, math.nan), where=union > 0)
    return found


def total_iou(counts: Whole) -> Shares:
    """The IoU of each class over all pictures, from summed counts, (classes,)."""
    return iou(counts.sum(axis=0))


def picture_iou(counts: Whole) -> Shares:
    """The mean IoU within each picture over the classes that are there or were said to be; NaN where all is ignored."""
    return np.array([known_mean(row) for row in iou(counts)], np.float64)


def pixel_accuracy(counts: Whole) -> float:
    """The share of pixels that are right among those that count; NaN when none does."""
    hits, true = counts[:, 0].sum(), counts[:, 1].sum()
    return float(hits / true) if true else math.nan


def guessing_pixels(counts: Whole) -> tuple[int, float]:
    """The commonest class of pixels (the first of equals) and the share that is right when it is always said."""
    true = counts[:, 1].sum(axis=0)
    commonest = int(true.argmax())
    return commonest, float(true[commonest] / true.sum()) if true.sum() else math.nan
