"""Where early stopping stops and what it keeps, against five lines written from the rule, on drawn validation curves.

The rule: stop when the validation loss has not improved by `min_delta` for `patience` epochs; the weights kept are those of the
best epoch, which is the last one that improved so.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

from tests.engine.training import recipe, train
from workbench.events import BestSoFar, CheckpointSaved, Ending, StoppedEarly
from workbench.paths import Workspace
from workbench.stopping import Patience, Rule


def rule(curve: list[float], patience: int, min_delta: float) -> tuple[int | None, int | None]:
    """The epoch after which training stops (None: never), and the epoch that is kept (None: no epoch was finite)."""
    best, kept, at = math.inf, None, 0
    for epoch, loss in enumerate(curve, 1):
        best, kept, at = (loss, epoch, epoch) if loss < best - min_delta else (best, kept, at)
        if epoch - at >= patience:
            return epoch, kept
    return None, kept


def drawn_curve(random: np.random.Generator) -> list[float]:
    """A validation curve that falls and rises again, with plateaus, ties and epochs that are no number."""
    epochs = np.arange(random.integers(1, 60))
    curve = 2.3 * np.exp(-epochs / random.uniform(2, 20)) + random.uniform(0, 0.02) * epochs
    curve += random.choice([0.0, 0.02, 0.2]) * random.standard_normal(len(epochs))
    curve = np.round(curve, random.choice([1, 2, 9]))  # few digits: many ties
    flat = random.integers(0, len(epochs), 2)
    curve[flat.min() : flat.max()] = curve[flat.min()]
    holes = random.random(len(epochs)) < random.choice([0, 0, 0.1, 0.9])
    curve[holes] = random.choice([math.nan, math.inf])
    return [float(each) for each in curve]


def test_on_200_drawn_curves_it_stops_and_keeps_as_the_rule_says() -> None:
    random = np.random.default_rng(7)
    told, without_number, ties = [], 0, 0
    for _ in range(200):
        curve = drawn_curve(random)
        patience, min_delta = int(random.integers(1, 12)), float(random.choice([0.0, 0.001, 0.05, 0.3]))
        stopping = Patience(Rule(patience, min_delta))
        verdicts = [stopping.update(epoch, loss) for epoch, loss in enumerate(curve, 1)]
        stopped = next((epoch for epoch, verdict in enumerate(verdicts, 1) if verdict.stop), None)
        best = [epoch for epoch, verdict in enumerate(verdicts[:stopped], 1) if verdict.best]
        kept = best[-1] if best else None

        assert (stopped, kept) == rule(curve, patience, min_delta), (curve, patience, min_delta)
        told.append(stopped)
        without_number += not np.isfinite(curve).all()
        ties += any(a == b for a, b in itertools.pairwise(curve))
    # The curves were what they should be: some stop and some do not, some have NaN, most have equal neighbours.
    assert 20 < sum(epoch is None for epoch in told) < 180
    assert without_number > 40
    assert ties > 100


#: Epoch 4 is lower than 2, but not by 0.1; 5 ties; 7 is no number; 9 would be the best, but comes too late.
CURVE = [3.0, 2.0, 2.5, 1.95, 1.95, 2.2, math.nan, 2.0, 0.1]


@pytest.mark.keras
@pytest.mark.parametrize(("min_delta", "stop", "keep"), [(0.1, 6, 2), (0.0, 8, 4), (2.5, 5, 1)])
def test_a_run_stops_there_and_keeps_the_weights_of_that_epoch(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, min_delta: float, stop: int, keep: int
) -> None:
    from workbench.engine.train import Training

    def scripted(_: Training, epoch: int, *__: Any) -> dict[str, float]:
        return {"val_loss": CURVE[epoch - 1], "val_accuracy": 0.5}

    monkeypatch.setattr(Training, "_validate", scripted)
    done = train(
        workspace,
        recipe(
            data__limit=40, model__width=2, model__dense=0, training__epochs=20, tricks__early_stopping=True,
            tricks__early_stopping__patience=4, tricks__early_stopping__min_delta=min_delta,
        ),
    )  # fmt: skip

    assert (stop, keep) == rule(CURVE, 4, min_delta)
    assert done.ending is Ending.EARLY_STOPPED
    assert (done.run.epochs, done.run.best_epoch) == (stop, keep)
    (said,) = done.events(StoppedEarly)
    assert (said.epoch, said.best_epoch) == (stop, keep)
    assert done.events(BestSoFar)[-1].epoch == keep
    assert [each.epoch for each in done.events(CheckpointSaved) if each.keep == "best"][-1] == keep
    assert f"The weights of epoch {keep} are kept." in done.run.reason
