"""Rates, plateaus and patience in a script decide as the workbench does, step by step and epoch by epoch."""

from __future__ import annotations

import types
from typing import Any

import numpy as np
import pytest

from workbench.engine.tricks.plateau import Plateau
from workbench.export.script.draft import Draft
from workbench.export.script.tricks import patience
from workbench.export.script.writing import write
from workbench.network.plan import plan
from workbench.rates import rates
from workbench.spec.recipe import Recipe, parse, spec_classes
from workbench.stopping import Rule, replay

SAMPLES = 70
#: Values other than the usual ones.
OTHER: dict[str, dict[str, Any]] = {
    "step": {"every": 2, "factor": 0.3}, "exponential": {"factor": 0.7}, "polynomial": {"final": 0.1, "power": 2.0},
    "cosine": {"final": 0.2}, "cosine_restarts": {"first": 1.5, "longer": 1.7, "final": 0.1},
    "one_cycle": {"rise": 0.4, "start": 0.1, "final": 0.01},
    "plateau": {"factor": 0.6, "patience": 2, "min_delta": 0.05, "cooldown": 2, "lowest": 0.0002},
}  # fmt: skip
LOSSES = [1.0, 0.9, 0.99, float("nan"), 0.91, 0.89, 0.7, 0.75, 0.8, 0.76, 0.74, 0.73, 0.72, 0.9, 0.9, 0.9]


def names_of(recipe: Recipe) -> dict[str, Any]:
    """What the section of the schedule makes, for so many pictures."""
    made = write(recipe, "schedule", (8, 8, 1), 10)
    keras = types.SimpleNamespace(callbacks=types.SimpleNamespace(Callback=object))
    names: dict[str, Any] = {"np": np, "keras": keras, "x_train": np.zeros(SAMPLES)}
    (section,) = (each for each in made.sections if each.title == "Schedule")
    exec("\n\n".join(["import math", made.constants, *(cell.code for cell in section.cells)]), names)
    return names


@pytest.mark.parametrize("warmup", [0.0, 0.3, 2.0])
@pytest.mark.parametrize("accumulated", [False, True])
@pytest.mark.parametrize("kind", [kind for kind in spec_classes("schedule") if kind != "constant"])
def test_every_step_has_the_rate_of_the_workbench(kind: str, warmup: float, accumulated: bool) -> None:
    table = {"kind": kind, "warmup": warmup, **OTHER.get(kind, {})}
    tricks = {"gradient_accumulation": {"batches": 3}} if accumulated else {}
    recipe = parse({"schedule": table, "training": {"epochs": 5, "batch_size": 8}, "tricks": tricks})
    steps = 3 if accumulated else 9
    assert names_of(recipe)["STEPS"] == steps
    assert np.array_equal(names_of(recipe)["rates"], rates(recipe, 1, 5 * steps, steps))


def test_a_plateau_lets_the_rate_fall_when_the_workbench_does() -> None:
    recipe = parse({"schedule": {"kind": "plateau", "warmup": 1.5, **OTHER["plateau"]}})
    made, ours = names_of(recipe)["plateau"], Plateau(recipe.schedule, recipe.optimizer.learning_rate)
    shares = []
    for epoch, loss in enumerate(LOSSES, 1):
        made.update(epoch, loss)
        ours.update(epoch, loss)
        assert made.share == ours.share, epoch
        shares.append(made.share)
    assert len(set(shares)) > 2


@pytest.mark.parametrize(
    "trick",
    [
        {"on": False}, {"patience": 3}, {"patience": 3, "min_delta": 0.05}, {"patience": 4, "smoothing": 0.6},
        {"patience": 2, "smoothing": 0.9, "min_delta": 0.01},
    ],
)  # fmt: skip
def test_the_best_epoch_and_the_end_are_those_of_the_workbench(trick: dict[str, Any]) -> None:
    recipe = parse({"tricks": {"early_stopping": trick}})
    draft = Draft(recipe, plan(recipe, (8, 8, 1), 10))
    begin, judge, stop = patience.begin(draft), patience.judge(draft), patience.stop(draft)
    body = ["numbers = {'val_loss': loss}", *judge, *stop]
    code = [*begin, "for epoch, loss in losses:", *(f"    {line}" for line in body)]
    constants = [f"{each.name} = {each.code}" for each in draft.constants.values()]
    losses = list(enumerate(LOSSES, 1))
    names: dict[str, Any] = {"losses": losses, "model": types.SimpleNamespace(get_weights=lambda: [1])}
    exec("\n".join(["import math", *constants, *code]), names)
    outcome = replay(Rule.of(recipe.tricks.early_stopping), losses)
    assert names["best_epoch"] == outcome.best_epoch
    assert names.get("waited") == (outcome.waited if trick.get("on", True) else None)
    assert names["epoch"] == (outcome.stop_epoch or len(LOSSES))
