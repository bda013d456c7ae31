"""The learning-rate search makes the run's own steps, tells each one's own loss, and proposes a rate that trains well."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.engine.training import recipe, train
from workbench import data
from workbench.engine.build import build_model
from workbench.engine.feeding import training_order
from workbench.engine.probes import PROBES
from workbench.engine.probes.asked import Asked
from workbench.engine.tricks import loss_scale
from workbench.network.plan import plan as plan_network
from workbench.paths import Workspace
from workbench.probing.rate_search import RateSearch
from workbench.spec import presets
from workbench.spec.recipe import Recipe, changed

pytestmark = pytest.mark.keras


def search(workspace: Workspace, wanted: Recipe, **options: Any) -> RateSearch:
    told: list[dict[str, Any]] = []
    found = RateSearch.from_tree(PROBES["rate"](Asked(workspace, wanted, told.append, options)))
    parts = [each["partial"] for each in told if "partial" in each]
    assert [loss for part in parts for loss in part["losses"]] == list(found.losses)
    assert [rate for part in parts for rate in part["rates"]] == list(found.rates)
    return found


def test_losses_are_those_of_plain_steps_each_at_its_own_rate(workspace: Workspace) -> None:
    import tensorflow as tf

    wanted = recipe(
        model__kind="mlp", model__width=16, optimizer__method="sgd", optimizer__momentum=0.0, tricks__dropout=False
    )
    found = search(workspace, wanted, steps=40)
    loaded = data.load(wanted.data, wanted.training.seed, workspace, lambda *_: None)
    model = build_model(plan_network(wanted, loaded.shape, len(loaded.classes)), wanted)
    order = training_order(wanted.training.seed, 1, len(loaded.training))
    batches = [order[at : at + 32] for at in range(0, len(order), 32)][: len(found.losses)]
    expected = []
    for rate, chosen in zip(found.rates, batches, strict=True):
        x = (loaded.training.pictures.take(chosen) - loaded.mean) / loaded.spread
        with tf.GradientTape() as tape:
            logits = model(x.astype(np.float32), training=True)
            each = tf.nn.sparse_softmax_cross_entropy_with_logits(loaded.training.labels[chosen], logits)
            loss = tf.reduce_mean(each)
        for weight, gradient in zip(
            model.trainable_variables, tape.gradient(loss, model.trainable_weights), strict=True
        ):
            weight.assign_sub(rate * gradient)
        expected.append(float(loss))
    np.testing.assert_allclose(found.losses, expected, rtol=2e-3)
    assert min(expected) < 0.9 * expected[0]  # so that the rates were felt


def test_a_step_that_is_not_finite_ends_the_test(workspace: Workspace) -> None:
    deep = recipe(
        model__kind="mlp", model__depth=4, optimizer__method="sgd", initializer__kind="doubling", tricks__dropout=False
    )
    found = search(workspace, deep, steps=60)
    assert found.diverged
    assert len(found.losses) < 60


def test_a_step_that_float16_skips_does_not_end_the_test(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loss_scale, "START", 2.0**24)  # so large that the first steps overflow for certain
    # One step an epoch, and so one to each look at the losses.
    half = recipe(model__kind="mlp", training__precision="float16", training__batch_size=2000)
    found = search(workspace, half, steps=105)
    assert found.proposed is not None, found.sentence
    assert len(found.losses) > loss_scale.MOST_BAD


def test_so_many_skipped_steps_in_a_row_as_end_a_run_end_the_test(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loss_scale, "START", 2.0**60)
    found = search(workspace, recipe(model__kind="mlp", training__precision="float16"))
    assert found.proposed is None
    assert "The loss was no finite number within the first 21 steps" in found.sentence


def test_a_network_that_cannot_learn_gets_no_proposal(workspace: Workspace) -> None:
    found = search(workspace, recipe(initializer__kind="zeros", model__stages=1, model__width=4), steps=60)
    assert found.proposed is None
    assert "no ground" in found.sentence


def preset(name: str) -> Recipe:
    return presets.load(presets.shipped_presets() / f"{name}.toml").recipe


def trained(workspace: Workspace, wanted: Recipe, rate: float, seeds: int = 3) -> list[float]:
    """The lowest validation loss that the whole preset comes to at a rate, with each of some seeds."""
    recipe = changed(wanted, "optimizer.learning_rate", rate)
    runs = (train(workspace, changed(recipe, "training.seed", seed)).run for seed in range(seeds))
    return [run.best["val_loss"] for run in runs]


# One seed's few hundred validation pictures leave to chance which of two good rates is the better one, so three are averaged.
# digits-resnet is not asked: from 2.5e-2 to 1 its losses are level (0.024 to 0.031 with seven seeds, each within its neighbours'
# standard error), so that its grid has no best. At 1.8e-2, which is proposed, three seeds came to 0.040, at 2.5e-2 to 0.034.
@pytest.mark.proof
@pytest.mark.parametrize("name", ["digits-cnn", "shapes-cnn"])
def test_the_proposal_is_within_three_times_the_best_of_a_grid(
    workspace: Workspace, record_property: Callable[[str, object], None], name: str
) -> None:
    wanted = preset(name)
    proposed = search(workspace, wanted).proposed
    assert proposed is not None
    grid = [1e-4 * 10 ** (0.4 * place) for place in range(12)]
    losses = {rate: statistics.fmean(trained(workspace, wanted, rate)) for rate in grid}
    best = min(losses, key=losses.__getitem__)
    record_property("must", "within 3 times the best of 12")
    record_property("measured", f"{proposed:.1e} proposed, {best:.1e} best (validation loss {losses[best]:.4f})")
    assert 1 / 3 <= proposed / best <= 3
