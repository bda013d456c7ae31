"""Whether a network is as right as it is sure: reliability bins and the expected calibration error (Guo 2017).

The rule: a picture's confidence is the probability of the class that was said. [0, 1] is cut into 15 bins of equal width, each with its
upper edge and without its lower one. The error is the mean over the pictures of |share right − mean confidence| of their bin.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.results.answers import Answers, Shares, Whole

BINS = 15


@dataclass(frozen=True)
class Calibration:
    """The bins, those without pictures too; their means are NaN."""

    #: (bins + 1,), from 0 to 1
    edges: Shares
    #: pictures in each bin
    counts: Whole
    #: mean confidence and share right in each bin
    confidence: Shares
    right: Shares
    #: expected calibration error, 0 to 1
    error: float
    #: mean confidence over all pictures less the share right: above 0 it is too sure
    surplus: float


def calibration(answers: Answers, bins: int = BINS) -> Calibration:
    """The reliability of the class that is said."""
    confidence, right = answers.confidence, answers.right
    edges = np.linspace(0.0, 1.0, bins + 1)
    place = np.searchsorted(edges[1:-1], confidence)
    counts = np.bincount(place, minlength=bins)
    sums = [np.bincount(place, weights=values, minlength=bins) for values in (confidence, right.astype(np.float64))]
    empty = np.full(bins, np.nan)
    means = [np.divide(each, counts, out=empty.copy(), where=counts > 0) for each in sums]
    error = float(np.abs(sums[1] - sums[0]).sum() / counts.sum())
    surplus = float(confidence.mean() - right.mean())
    return Calibration(edges, counts.astype(np.int64), means[0], means[1], error, surplus)
