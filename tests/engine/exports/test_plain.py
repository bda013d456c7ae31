"""The network in plain Keras says what the engine's says, with nothing in it that is ours."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tests.engine.exports.subjects import CASES, both, pixels_for, ready_of, recipe_of
from workbench.spec.recipe import changed, parse, spec_classes

pytestmark = pytest.mark.keras


@pytest.mark.parametrize("case", CASES)
def test_a_plain_network_gives_the_probabilities_of_the_engines(case: str) -> None:
    recipe = changed(recipe_of(case), "training.precision", "float32")
    ready = ready_of(recipe)
    ours, plain = both(recipe, ready)
    pixels, crop = pixels_for(ready), recipe.data.crop
    seen = pixels
    if crop and recipe.data.TASK == "classes":
        begin = (ready.shape[0] - crop) // 2
        seen = pixels[:, begin : begin + crop, begin : begin + crop]
    prepared = (seen.astype(np.float32) - np.float32(ready.mean)) / np.float32(ready.spread)

    want = keras.ops.softmax(ours(prepared, training=False))
    said = plain(pixels.astype(np.float32), training=False)

    assert np.asarray(said) == pytest.approx(np.asarray(want), abs=1e-5)
    assert np.asarray(said).std() > 0.01, "a network that says the same of everything shows nothing"


@pytest.mark.parametrize("case", CASES)
def test_a_plain_network_has_keras_own_layers_in_float32_only(case: str) -> None:
    recipe = changed(recipe_of(case), "training.precision", "float32")
    plain = plain_of = both(recipe, ready_of(recipe))[1]

    ours = [layer.name for layer in plain.layers if not type(layer).__module__.startswith("keras.src.layers.")]
    assert [name for name in ours if name != "pixels"] == []
    assert "workbench" not in plain_of.to_json()
    assert {layer.compute_dtype for layer in plain.layers} == {"float32"}


@pytest.mark.parametrize("case", ["stochastic depth", "stochastic depth by batch"])
def test_plain_stochastic_depth_leaves_out_whole_branches_in_training(case: str) -> None:
    recipe = recipe_of(case)
    plain = both(recipe, ready_of(recipe))[1]
    dropouts = [layer for layer in plain.layers if isinstance(layer, keras.layers.Dropout)]

    assert dropouts
    kept = np.asarray(dropouts[-1](np.ones((64, 3, 3, 2), np.float32), training=True)).reshape(64, -1)
    assert (kept == kept[:, :1]).all(), "a branch is there or not, for all places and channels"
    assert len(np.unique(kept[:, 0])) == (2 if case == "stochastic depth" else 1)


@pytest.mark.proof
@pytest.mark.parametrize("kind", spec_classes("model"))
def test_every_architecture_there_is_has_a_plain_network(kind: str) -> None:
    masks = spec_classes("model")[kind].TASK == "masks"  # type: ignore[attr-defined] # each model says so
    data = {"kind": "shape_masks" if masks else "shapes", "image_size": 37, "count": 60}
    recipe = parse({"data": data, "model": {"kind": kind}, "tricks": {"dropout": {}}})
    ready = ready_of(recipe)
    ours, plain = both(recipe, ready)
    pixels = pixels_for(ready, 2)
    prepared = (pixels.astype(np.float32) - np.float32(ready.mean)) / np.float32(ready.spread)

    want = keras.ops.softmax(ours(prepared, training=False))

    assert np.asarray(plain(pixels.astype(np.float32), training=False)) == pytest.approx(np.asarray(want), abs=1e-4)
