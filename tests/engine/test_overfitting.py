"""A network that is trained on a hundred pictures overfits, and the curves say so; with the pictures it needs it does not."""

from __future__ import annotations

import pytest

from tests.engine.training import recipe, train
from workbench.curves.gap import Finding, Gap, gaps, judge
from workbench.curves.run_curves import RunCurves
from workbench.journal import Journal
from workbench.paths import Workspace

pytestmark = pytest.mark.keras


def told(workspace: Workspace, **settings: object) -> tuple[Gap, RunCurves]:
    plain = {
        "tricks__early_stopping__on": False, "tricks__dropout__on": False, "model__kind": "mlp",
        "training__remeasure": 100, "training__keep": "last",
    }  # fmt: skip
    run = train(workspace, recipe(**{**plain, **settings})).run.id
    curves = RunCurves()
    with Journal(workspace) as journal:
        curves.feed(journal.events(run), journal.steps(run))
    return judge(curves.epochs), curves


def test_a_real_run_on_a_hundred_digits_overfits_and_says_since_when(workspace: Workspace) -> None:
    found, curves = told(
        workspace, data__limit=250, data__validation=0.45, training__epochs=30, optimizer__learning_rate=0.03
    )
    assert 95 <= curves.pictures[0] <= 105
    assert found.finding is Finding.OVERFITS, found
    assert found.since is not None
    # From there on validation got worse while the hundred pictures were learned by heart.
    values = curves.epochs.metric("val_loss")
    assert values[found.since - 1] == values.min() < values[-1]
    assert curves.epochs.metric("remeasured_accuracy")[-1] == 1.0
    assert gaps(curves.epochs, "loss")[-1] > 0.1


def test_the_same_network_with_all_the_digits_does_not(workspace: Workspace) -> None:
    found, _ = told(workspace, training__epochs=12)
    assert found.finding is not Finding.OVERFITS, found
