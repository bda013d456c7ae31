"""Mean and band over seeds: several runs of one recipe as one curve. Arrays in, arrays out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
import numpy.typing as npt

from workbench.curves.run_curves import RunCurves

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Band:
    """A metric over several seeds, for every epoch that all of them have; NaN where one of them was no finite number."""

    epochs: npt.NDArray[np.int64]
    mean: Doubles
    low: Doubles
    high: Doubles
    #: the sample standard deviation (n − 1)
    deviation: Doubles


def band(curves: Sequence[RunCurves], metric: str = "val_loss") -> Band | None:
    """Mean, least, most and standard deviation of a metric for each epoch; None for fewer than two runs or no common epoch.

    Whoever asks gives runs that have ended: the mean over those that have come further than others is of other runs.
    """
    if len(curves) < 2:  # noqa: PLR2004 - one has no spread
        return None
    epochs = reduce(np.intersect1d, [each.epochs.number.view for each in curves])
    if not len(epochs):
        return None
    values = np.stack([_at(each, metric, epochs) for each in curves])
    values[:, ~np.isfinite(values).all(axis=0)] = np.nan
    return Band(epochs, values.mean(axis=0), values.min(axis=0), values.max(axis=0), values.std(axis=0, ddof=1))


def _at(curves: RunCurves, metric: str, epochs: npt.NDArray[np.int64]) -> Doubles:
    return np.array(curves.epochs.metric(metric)[np.searchsorted(curves.epochs.number.view, epochs)], np.float64)
