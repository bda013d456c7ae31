"""Multiply-adds counted by formulas of their own, the size on disk, and the memory of a batch."""

from __future__ import annotations

import pytest

from workbench.network.costs import costs
from workbench.network.plan import Plan, plan
from workbench.paths import Workspace
from workbench.spec import presets
from workbench.spec.recipe import Recipe, parse

CIFAR = (32, 32, 3)


def drawn(shape: tuple[int, int, int] = CIFAR, **model: object) -> Plan:
    return plan(parse({"model": model}), shape, 10)


def preset(name: str, workspace: Workspace) -> Recipe:
    return next(each.recipe for each in presets.available(workspace)[0] if each.name == name)


def test_lenet_multiplies_as_often_as_by_hand(tmp_path) -> None:
    found = plan(preset("mnist-lenet5", Workspace(tmp_path)), (28, 28, 1), 10)
    # 5 × 5 kernels that keep the size: 1 → 6 maps on 28 × 28, 6 → 16 on 14 × 14; then 7 · 7 · 16 numbers to 84, 84 and 10.
    assert found.multiply_adds == 28 * 28 * 25 * 1 * 6 + 14 * 14 * 25 * 6 * 16 + 784 * 84 + 84 * 84 + 84 * 10
    assert found.parameters == (25 + 1) * 6 + (25 * 6 + 1) * 16 + (784 + 1) * 84 + (84 + 1) * 84 + (84 + 1) * 10


@pytest.mark.parametrize("depth", [20, 56])
def test_a_resnet_multiplies_as_often_as_by_hand(depth: int) -> None:
    blocks = (depth - 2) // 6
    # Stem 3 → 16; 2n convolutions of 3 × 3 a stage, the first of a stage from half as many maps; shortcut A costs nothing.
    stages = [(32, 16, 16), (16, 16, 32), (8, 32, 64)]
    convolutions = sum(side**2 * 9 * (came * own + (2 * blocks - 1) * own**2) for side, came, own in stages)
    by_hand = 32**2 * 9 * 3 * 16 + convolutions + 64 * 10
    assert drawn(kind="resnet", depth=depth).multiply_adds == by_hand
    if depth == 20:
        # He 2015 tells no figure for CIFAR; 41 million is what others count.
        assert by_hand == 40_551_040


def test_a_densenet_multiplies_as_often_as_by_hand() -> None:
    growth, maps, by_hand = 12, 16, 32**2 * 9 * 3 * 16
    for side in (32, 16, 8):
        for _ in range(12):
            by_hand += side**2 * 9 * maps * growth
            maps += growth
        if side > 8:  # a transition reads and gives as many maps, before it halves
            by_hand += side**2 * maps**2
    by_hand += maps * 10
    assert drawn(kind="densenet", depth=40, growth=growth).multiply_adds == by_hand
    assert by_hand == pytest.approx(0.27e9, rel=0.05)


def test_a_densenet_with_bottlenecks_multiplies_as_often_as_by_hand() -> None:
    growth, maps = 12, 24
    by_hand = 32**2 * 9 * 3 * maps
    for side in (32, 16, 8):
        for _ in range(16):
            by_hand += side**2 * (maps * 4 * growth + 9 * 4 * growth * growth)
            maps += growth
        if side > 8:
            by_hand += side**2 * maps * (maps // 2)
            maps //= 2
    found = drawn(kind="densenet", depth=100, growth=growth, bottleneck=True, compression=0.5)
    assert found.multiply_adds == by_hand + maps * 10


def test_totals_are_the_sums_of_the_layers_and_the_pictures() -> None:
    recipe = parse({"model": {"kind": "resnet"}, "training": {"batch_size": 64}})
    found = plan(recipe, CIFAR, 10)
    total = costs(found, recipe.training)
    assert total.parameters == sum(layer.parameters for layer in found.layers)
    assert 0 < total.parameters - total.trainable == sum(layer.fixed_parameters for layer in found.layers)
    assert total.multiply_adds == found.multiply_adds
    assert total.weights == 4 * total.parameters
    assert total.activations == 64 * 4 * 32 * 32 * 3 + sum(total.results.values())
    assert total.activations == 64 * 4 * found.activation_numbers
    assert total.results["stem_conv"] == 64 * 4 * 32 * 32 * 16


def test_a_batch_takes_no_more_memory_than_all_training_pictures() -> None:
    recipe = parse({"training": {"batch_size": 1_048_576}})
    found = plan(recipe, (8, 8, 1), 10)
    assert costs(found, recipe.training, 100).activations == 100 * 4 * found.activation_numbers
    assert costs(found, recipe.training, 2_000_000) == costs(found, recipe.training)


def test_half_precision_halves_results_but_not_the_last_layer_the_pictures_or_the_weights() -> None:
    whole, half = (
        parse({"model": {"kind": "fcn", "stages": 1}, "training": {"batch_size": 2, "precision": precision}})
        for precision in ("float32", "bfloat16")
    )
    found = plan(whole, (8, 8, 1), 10)
    one, other = costs(found, whole.training), costs(found, half.training)
    assert other.weights == one.weights
    # The scores and their mean give the logits, and those are float32.
    kept = {"head_score", "logits"}
    assert {name for name in one.results if one.results[name] == other.results[name]} == kept
    assert all(one.results[name] == 2 * other.results[name] for name in one.results if name not in kept)
    assert other.activations == 2 * 8 * 8 * 4 + sum(other.results.values())


def test_what_is_only_another_view_takes_no_memory() -> None:
    recipe = parse({"model": {"kind": "cnn", "stages": 1}})
    assert costs(plan(recipe, (8, 8, 1), 10), recipe.training).results["head_flatten"] == 0
