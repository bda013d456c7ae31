"""Stochastic depth against Huang 2016: survival, expectation, nothing in inference."""

import math

import keras
import numpy as np
import pytest

from workbench.engine.build import build_model, named_variables
from workbench.engine.tricks.stochastic_depth import StochasticDepthLayer
from workbench.network.plan import plan
from workbench.spec.recipe import parse

pytestmark = pytest.mark.keras

BRANCH = np.random.default_rng(0).standard_normal((4000, 3, 2, 5), dtype=np.float32)


def test_each_picture_s_branch_is_left_out_or_divided_by_its_survival() -> None:
    layer = StochasticDepthLayer(0.7, "picture", seed=3)

    result = np.array(layer(BRANCH, training=True))

    kept = (result != 0).all(axis=(1, 2, 3))
    assert (result[~kept] == 0).all()
    assert result[kept] == pytest.approx(BRANCH[kept] / 0.7, rel=1e-6)
    assert abs(kept.mean() - 0.7) < 3 * math.sqrt(0.7 * 0.3 / len(BRANCH))


@pytest.mark.parametrize("survival", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("each", ["picture", "batch"])
def test_the_expectation_is_kept_and_survival_lies_within_three_sigma(survival: float, each: str) -> None:
    layer = StochasticDepthLayer(survival, each, seed=5)
    ones = np.ones((10 if each == "picture" else 1, 1, 1, 1), np.float32)

    draws = np.concatenate([np.array(layer(ones, training=True)).ravel() for _ in range(300)])

    bound = 3 * math.sqrt(survival * (1 - survival) / draws.size)
    assert np.unique(draws) == pytest.approx([0, 1 / survival], rel=1e-6)
    assert abs((draws != 0).mean() - survival) < bound
    assert abs(draws.mean() - 1) < bound / survival


def test_once_a_batch_all_pictures_share_one_draw() -> None:
    layer = StochasticDepthLayer(0.5, "batch", seed=1)

    shares = {float((np.array(layer(BRANCH[:50], training=True)) != 0).mean()) for _ in range(30)}

    assert shares == {0.0, 1.0}


def test_inference_is_the_whole_network() -> None:
    layer = StochasticDepthLayer(0.1, "picture", seed=1)

    assert (np.array(layer(BRANCH)) == BRANCH).all()
    assert (np.array(layer(BRANCH, training=False)) == BRANCH).all()


def test_a_network_with_it_predicts_as_the_same_weights_without_it() -> None:
    pictures = BRANCH[:2].repeat(4, axis=1).repeat(6, axis=2)[..., :3]
    networks = [
        build_model(plan(recipe, (12, 12, 3), 4), recipe)
        for recipe in (
            parse(
                {"model": {"kind": "resnet", "depth": 8}, "tricks": {"stochastic_depth": {"on": on, "survival": 0.3}}}
            )
            for on in (True, False)
        )
    ]

    one, other = (np.array(network(pictures, training=False)) for network in networks)

    assert (one == other).all()
    assert not (np.array(networks[0](pictures, training=True)) == np.array(networks[1](pictures, training=True))).all()


def test_every_block_draws_from_a_seed_of_its_own_and_counts_its_draws() -> None:
    recipe = parse({"model": {"kind": "resnet", "depth": 8}, "tricks": {"stochastic_depth": {}}})
    network = build_model(plan(recipe, (8, 8, 3), 4), recipe)
    for _ in range(3):
        network(BRANCH[:2, :1, :1, :3].repeat(8, axis=1).repeat(8, axis=2), training=True)

    states = {
        name: tuple(keras.ops.convert_to_numpy(each))
        for name, each in named_variables(network).items()
        if "depth" in name
    }

    assert list(states) == [f"stage{stage}_block1_depth/seed_generator_state" for stage in (1, 2, 3)]
    assert len({seed for seed, _ in states.values()}) == 3
    assert {count for _, count in states.values()} == {3}


def test_the_layer_can_be_made_again_from_its_own_description() -> None:
    layer = StochasticDepthLayer(0.6, "batch", seed=9, name="some_depth")

    again = StochasticDepthLayer.from_config(layer.get_config())

    assert (again.name, again.survival, again.each, again.seed) == ("some_depth", 0.6, "batch", 9)
