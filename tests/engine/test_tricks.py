from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from keras import ops

from tests.engine.test_loops import data_set
from workbench.engine.augment import Augmenter
from workbench.engine.build import build_model
from workbench.engine.objective import Objective
from workbench.engine.optimizers import build_optimizer
from workbench.engine.tricks.class_weights import class_weights
from workbench.engine.tricks.clipping import clip
from workbench.engine.tricks.penalty import Penalty
from workbench.engine.tricks.resampling import epoch_order
from workbench.engine.update import Update
from workbench.network.layers import StochasticDepth
from workbench.network.plan import plan
from workbench.spec.recipe import Recipe, parse, spec_classes
from workbench.stopping import Patience, Rule

pytestmark = pytest.mark.keras


def augments(recipe: Recipe) -> bool:
    pictures = ops.cast(ops.arange(3 * 64), "uint8")
    augmenter = Augmenter(recipe, (8, 8, 1))
    before = ops.reshape(pictures, (3, 8, 8, 1))
    after, _, _ = augmenter.batch(before, ops.arange(3), ops.convert_to_tensor(augmenter.draws(1, 1, 3)))
    return bool(ops.any(after != before))


def mixes(recipe: Recipe) -> bool:
    augmenter = Augmenter(recipe, (8, 8, 1))
    pictures = ops.ones((20, 8, 8, 1), dtype="uint8")
    _, _, mixed = augmenter.batch(pictures, ops.arange(20), ops.convert_to_tensor(augmenter.draws(1, 1, 20)))
    return mixed is not None and bool(ops.any(mixed[1] < 1))


def stops(recipe: Recipe) -> bool:
    stopping = Patience(Rule.of(recipe.tricks.early_stopping))
    return any(stopping.update(epoch, 1.0).stop for epoch in range(1, 100))


def decays(recipe: Recipe) -> bool:
    return build_optimizer(recipe).weight_decay is not None


def drops(recipe: Recipe) -> bool:
    return any("dropout" in layer.name for layer in plan(recipe, (8, 8, 1), 3).layers)


def skips(recipe: Recipe) -> bool:
    return any(isinstance(layer.kind, StochasticDepth) for layer in plan(recipe, (8, 8, 1), 3).layers)


def clips(recipe: Recipe) -> bool:
    spec = recipe.tricks.gradient_clipping
    return spec.on and bool(np.any(ops.convert_to_numpy(clip([ops.convert_to_tensor([1e9])], spec)[0]) < 1e9))


def weighs_classes(recipe: Recipe) -> bool:
    return bool((class_weights(np.array([90, 10]), recipe.tricks.class_weights) != 1).all())


def draws_evenly(recipe: Recipe) -> bool:
    labels = np.repeat(np.arange(2, dtype=np.int32), [90, 10])
    return np.bincount(labels[epoch_order(recipe, 1, labels)]).tolist() == [50, 50]


def targets_and_logits() -> tuple[Any, Any]:
    return ops.convert_to_tensor(np.array([0, 1, 2], np.int32)), ops.convert_to_tensor(np.eye(3, dtype=np.float32) * 9)


def smooths(recipe: Recipe) -> bool:
    return float(Objective(recipe, data_set()).mean(*targets_and_logits())) > 0.1


def penalizes(recipe: Recipe) -> bool:
    kernel = build_model(plan(recipe, (8, 8, 1), 3), recipe).trainable_variables
    return float(Penalty(recipe.tricks, kernel).value([variable.value for variable in kernel])) > 0


def averages_weights(recipe: Recipe) -> bool:
    return bool(build_optimizer(recipe).use_ema)


def accumulates(recipe: Recipe) -> bool:
    return recipe.update_size(1000) > recipe.training.batch_size


def adds_noise(recipe: Recipe) -> bool:
    gradient = [ops.zeros((4,))]
    update = Update(recipe, [SimpleNamespace(path="kernel")], record=True)
    found = update.changed(gradient, ops.zeros(()), ops.zeros(()), lambda like, _: ops.ones_like(like))
    return bool(np.any(ops.convert_to_numpy(found[0])))


#: For each trick, whether a recipe's run would feel it.
FELT: dict[str, Callable[[Recipe], bool]] = {
    "early_stopping": stops,
    "augmentation": augments,
    "mixup": mixes,
    "cutmix": mixes,
    "weight_decay": decays,
    "dropout": drops,
    "stochastic_depth": skips,
    "gradient_clipping": clips,
    "class_weights": weighs_classes,
    "resampling": draws_evenly,
    "label_smoothing": smooths,
    "l2_penalty": penalizes,
    "l1_penalty": penalizes,
    "ema": averages_weights,
    "gradient_accumulation": accumulates,
    "gradient_noise": adds_noise,
}
#: What else a recipe needs so that a trick can act.
NEEDED: dict[str, dict[str, object]] = {"stochastic_depth": {"model": {"kind": "resnet"}}}


def test_no_trick_is_without_a_check() -> None:
    assert set(FELT) == set(spec_classes("tricks"))


@pytest.mark.parametrize("trick", FELT)
def test_a_trick_is_felt_when_on_and_only_then(trick: str) -> None:
    rest = NEEDED.get(trick, {})
    assert FELT[trick](parse({**rest, "tricks": {trick: {}}}))
    assert not FELT[trick](parse({**rest, "tricks": {trick: {"on": False}}}))
    assert not FELT[trick](parse(rest))
