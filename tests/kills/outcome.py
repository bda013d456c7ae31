"""What of a run must be the same, whatever happened on the way to its end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.events import Ending, EpochEnded, RateChanged, StoppedEarly
from workbench.journal import Journal, taking_up
from workbench.journal.rows import effective
from workbench.paths import Workspace


@dataclass(frozen=True)
class Outcome:
    """What must be the same, whatever happened on the way."""

    ending: Ending | None
    weights: str | None
    last_weights: str | None
    epochs: list[tuple[int, int, dict[str, float], int | None]]
    best: tuple[int | None, dict[str, float]]
    rates: list[RateChanged]
    stop: list[StoppedEarly]
    numbers: bytes


def outcome(workspace: Workspace, run: str) -> Outcome:
    with Journal(workspace) as journal:
        row = journal.run(run)
        said = effective(journal.events(run))
        numbers = taking_up.recorded(journal, run, 0)
    assert not np.isnan(numbers).any()
    return Outcome(
        row.ending, row.weights_sha256, row.last_weights_sha256,
        [(each.epoch, each.step, each.metrics, each.waited) for each in said if isinstance(each, EpochEnded)],
        (row.best_epoch, row.best),
        sorted({each for each in said if isinstance(each, RateChanged)}, key=lambda each: each.step),
        [each for each in said if isinstance(each, StoppedEarly)],
        numbers.tobytes(),
    )  # fmt: skip
