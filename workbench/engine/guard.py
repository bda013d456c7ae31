"""Follows the steps in a row that were not finite, across chunks and epochs: few are skipped, too many end a run."""

from __future__ import annotations

import numpy as np

from workbench.engine.failures import DivergedError
from workbench.engine.standing import Standing
from workbench.events import COLUMNS, Floats

_LOSS, _RATE, _NORM, _, _PENALTY = range(len(COLUMNS))


def count_bad(standing: Standing, numbers: Floats) -> int:
    """Count a chunk's steps that were not finite into `standing`; how many there were."""
    good = np.flatnonzero(np.isfinite(numbers[:, _LOSS] + numbers[:, _NORM] + numbers[:, _PENALTY]))
    skipped = len(numbers) - len(good)
    standing.skipped += skipped
    if len(good):
        standing.norm = float(numbers[good[-1], _NORM])
        standing.bad = len(numbers) - int(good[-1]) - 1
    else:
        standing.bad += len(numbers)
    return skipped


def divergence(standing: Standing, epoch: int, last: Floats) -> DivergedError:
    """The failure of a run whose last steps were not finite; `last` has the numbers of the very last."""
    return DivergedError(
        standing.step - standing.bad + 1, epoch, float(last[_RATE]), loss=float(last[_LOSS]),
        norm_before=standing.norm, bad_steps=standing.bad,
    )  # fmt: skip
