from collections.abc import Callable

import numpy as np
import pytest
from keras import ops

from workbench.engine import augment
from workbench.engine.optimizers import build_optimizer
from workbench.engine.tricks.class_weights import class_weights
from workbench.engine.tricks.clipping import clip
from workbench.engine.tricks.early_stopping import EarlyStopping
from workbench.engine.tricks.resampling import epoch_order
from workbench.network.plan import plan
from workbench.spec.recipe import Recipe, parse, spec_classes

pytestmark = pytest.mark.keras


def augments(recipe: Recipe) -> bool:
    return recipe.tricks.augmentation.on and bool(augment.draws(recipe, 1, 1, 50).any())


def stops(recipe: Recipe) -> bool:
    stopping = EarlyStopping(recipe.tricks.early_stopping)
    return any(stopping.update(epoch, 1.0).stop for epoch in range(1, 100))


def decays(recipe: Recipe) -> bool:
    return build_optimizer(recipe).weight_decay is not None


def drops(recipe: Recipe) -> bool:
    return any("dropout" in layer.name for layer in plan(recipe, (8, 8, 1), 3).layers)


def clips(recipe: Recipe) -> bool:
    spec = recipe.tricks.gradient_clipping
    return spec.on and bool(np.any(ops.convert_to_numpy(clip([ops.convert_to_tensor([1e9])], spec)[0]) < 1e9))


def weighs_classes(recipe: Recipe) -> bool:
    return bool((class_weights(np.array([90, 10]), recipe.tricks.class_weights) != 1).all())


def draws_evenly(recipe: Recipe) -> bool:
    labels = np.repeat(np.arange(2, dtype=np.int32), [90, 10])
    return np.bincount(labels[epoch_order(recipe, 1, labels)]).tolist() == [50, 50]


#: For each trick, whether a recipe's run would feel it.
FELT: dict[str, Callable[[Recipe], bool]] = {
    "early_stopping": stops,
    "augmentation": augments,
    "weight_decay": decays,
    "dropout": drops,
    "gradient_clipping": clips,
    "class_weights": weighs_classes,
    "resampling": draws_evenly,
}


def test_no_trick_is_without_a_check() -> None:
    assert set(FELT) == set(spec_classes("tricks"))


@pytest.mark.parametrize("trick", FELT)
def test_a_trick_is_felt_when_on_and_only_then(trick: str) -> None:
    assert FELT[trick](parse({"tricks": {trick: {}}}))
    assert not FELT[trick](parse({"tricks": {trick: {"on": False}}}))
    assert not FELT[trick](parse({}))
