"""Which classes are taken for which: the confusion matrix, and what it says of each class and of all."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from workbench.results.answers import Answers, Shares, Whole

#: Standard errors to either side that hold the truth 19 times out of 20.
_WIDTH = 1.96


@dataclass(frozen=True)
class ByClass:
    """One number a class. NaN where there is nothing to divide by, as scikit-learn has it with zero_division=nan."""

    #: of those said to be of the class, the share that is; NaN when none was said to be
    precision: Shares
    #: of those of the class, the share that was said to be; NaN for a class without pictures
    recall: Shares
    #: 2 TP / (2 TP + FP + FN); 0 for a class that has only pictures or only answers, NaN when it has neither
    f1: Shares
    #: pictures of the class
    support: Whole


def confusion(truth: Whole, predicted: Whole, classes: int) -> Whole:
    """How many pictures of class i were said to be of class j, (classes, classes)."""
    counts = np.bincount(truth * classes + predicted, minlength=classes * classes)
    return counts.reshape(classes, classes).astype(np.int64)


def shares_of(matrix: Whole) -> Shares:
    """Each row of a confusion matrix as shares of the class's pictures; NaN for a class without pictures."""
    return _ratio(matrix, matrix.sum(axis=1, keepdims=True))


def by_class(matrix: Whole) -> ByClass:
    """What a confusion matrix says of each class."""
    hits, true, said = matrix.diagonal(), matrix.sum(axis=1), matrix.sum(axis=0)
    return ByClass(_ratio(hits, said), _ratio(hits, true), _ratio(2 * hits, true + said), true)


def _ratio(above: Whole, below: Whole) -> Shares:
    found: Shares = np.divide(above, below, out=np.full(above.shape, math.nan), where=below > 0)
    return found


def known_mean(values: Shares) -> float:
    """The mean over the classes that have a value; NaN when none has."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else math.nan


def weakest_first(values: Shares) -> Whole:
    """The classes, the one with the smallest value first; those without a value last, equal ones in their order."""
    return np.argsort(np.where(np.isnan(values), math.inf, values), kind="stable").astype(np.int64)


def accuracy(answers: Answers) -> float:
    return float(answers.right.mean())


def margin(share: float, count: int) -> float:
    """Half the width of the interval that holds the true share 19 times out of 20 (normal approximation)."""
    return _WIDTH * math.sqrt(share * (1.0 - share) / count)


def guessing(matrix: Whole) -> tuple[int, float]:
    """The commonest class (the first of equals) and the accuracy of always saying it."""
    support = matrix.sum(axis=1)
    commonest = int(support.argmax())
    return commonest, float(support[commonest] / support.sum())


def in_cell(answers: Answers, true: int, said: int) -> Whole:
    """The pictures of one class that were said to be of another or the same, the surest first."""
    rows = np.flatnonzero((answers.truth == true) & (answers.predicted == said))
    return rows[np.argsort(-answers.confidence[rows], kind="stable")].astype(np.int64)
