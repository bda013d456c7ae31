"""Where there are two classes, the threshold is free: ROC and precision–recall curves, with their areas.

The second class is the one that is looked for. At each threshold that occurs, everything at or above it counts as found.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.errors import ResultsError
from workbench.results.answers import Shares


@dataclass(frozen=True)
class Roc:
    """Points from (0, 0), where nothing is found, to (1, 1)."""

    false_positive: Shares
    true_positive: Shares
    #: from infinity down
    thresholds: Shares
    #: area under the curve (trapezoids): the chance that a picture of the class is ranked above one that is not
    area: float


@dataclass(frozen=True)
class PrecisionRecall:
    """Points by rising threshold, ending at recall 0 and precision 1."""

    precision: Shares
    recall: Shares
    thresholds: Shares
    #: average precision: Σ (Rₙ − Rₙ₋₁) Pₙ, which does not flatter as trapezoids would
    average: float


def roc(positive: npt.ArrayLike, scores: npt.ArrayLike) -> Roc:
    """The ROC curve of scores (n,) for being of the class. Raises ResultsError where one class has no picture."""
    hits, alarms, thresholds = _counts(positive, scores)
    if not hits[-1] or not alarms[-1]:
        raise ResultsError("Both classes need pictures for a ROC curve; one of them has none in this part.")
    found, false = (np.concatenate([[0.0], each / each[-1]]) for each in (hits, alarms))
    return Roc(false, found, np.concatenate([[np.inf], thresholds]), float(np.trapezoid(found, false)))


def precision_recall(positive: npt.ArrayLike, scores: npt.ArrayLike) -> PrecisionRecall:
    """The precision–recall curve of scores (n,). Raises ResultsError when no picture is of the class."""
    hits, alarms, thresholds = _counts(positive, scores)
    if not hits[-1]:
        raise ResultsError("The class that is looked for has no picture in this part, so there is no recall.")
    precision, recall = hits / (hits + alarms), hits / hits[-1]
    average = float(np.sum(np.diff(recall, prepend=0.0) * precision))
    return PrecisionRecall(
        np.concatenate([precision[::-1], [1.0]]), np.concatenate([recall[::-1], [0.0]]), thresholds[::-1], average
    )


def _counts(positive: npt.ArrayLike, scores: npt.ArrayLike) -> tuple[Shares, Shares, Shares]:
    """At each threshold that occurs, falling: how many are found rightly, how many wrongly; and the thresholds."""
    truth, values = np.asarray(positive, bool), np.asarray(scores, np.float64)
    order = np.argsort(-values, kind="stable")
    truth, values = truth[order], values[order]
    last = np.append(np.flatnonzero(np.diff(values)), len(values) - 1)  # equal scores are found together
    hits = np.cumsum(truth)[last].astype(np.float64)
    return hits, 1.0 + last - hits, values[last]
