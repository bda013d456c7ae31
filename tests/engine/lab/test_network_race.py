"""The runs of a race on a network differ in their optimizer only: they begin with the same weights and see the same batches."""

from __future__ import annotations

import numpy as np
import pytest

from tests.engine.training import recipe, train
from workbench.paths import Workspace
from workbench.spec.entrants import entrants, recipe_of
from workbench.spec.lab import Lab
from workbench.spec.lab_presets import parse
from workbench.spec.recipe import Recipe, changed

pytestmark = pytest.mark.keras

LAB = parse(
    {"racers": {name: {"method": name} for name in ("gradient_descent", "heavy_ball", "adam", "noisy_descent", "muon")}}
)
#: Steps so small that no weight changes by one bit: then each step's loss says which pictures it has seen, and nothing else.
STANDING = 1e-30


def raced(lab: Lab, wanted: Recipe, rate: float | None = None) -> dict[str, Recipe]:
    return {each.name: recipe_of(each if rate is None else each.at(rate), wanted) for each in entrants(lab, "usual")}


def bits(losses: list[float]) -> bytes:
    return np.array(losses, np.float32).tobytes()


def test_all_begin_with_the_same_weights_on_the_same_batch(workspace: Workspace) -> None:
    wanted = recipe(training__epochs=1, tricks__dropout=True, tricks__augmentation=True, data__kind="digits")
    firsts, lasts = set(), set()
    for made in raced(LAB, wanted).values():
        trained = train(workspace, made)
        # The first loss, and the norm of its gradient, are taken before the optimizer has done anything.
        firsts.add(bits([trained.losses[0], trained.norms[0]]))
        lasts.add(bits(trained.losses[-1:]))
    assert len(firsts) == 1, "bit for bit"
    assert len(lasts) == len(LAB.racers), "and then they go their own ways"


def test_all_see_the_same_batches_in_the_same_order_in_every_epoch(workspace: Workspace) -> None:
    wanted = recipe(training__epochs=2, training__batch_size=100, tricks__augmentation=True)
    courses = {name: train(workspace, made).losses for name, made in raced(LAB, wanted, STANDING).items()}
    one = courses["gradient_descent"]
    half = len(one) // 2
    assert len(set(one[:half])) == half, "each batch has a loss of its own"
    assert bits(one[:half]) != bits(one[half:]), "and the second epoch another order"
    assert {name for name, losses in courses.items() if bits(losses) != bits(one)} == set()
    other = train(workspace, changed(raced(LAB, wanted, STANDING)["adam"], "training.seed", 2)).losses
    assert bits(other) != bits(one), "with another seed they would be others"
