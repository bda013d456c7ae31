"""The receptive fields of plans, held to the networks that Keras builds from them: one line of the picture is lit at a time."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.engine.build import build_model
from workbench.network.fields import receptive_fields
from workbench.network.plan import plan
from workbench.spec.recipe import parse

pytestmark = pytest.mark.keras


@pytest.mark.parametrize(
    ("data", "model", "height"),
    [
        ("cifar10", {"kind": "cnn", "stages": 2, "depth": 2, "dense": 0, "pooling": "average"}, 41),
        ("cifar10", {"kind": "resnet", "depth": 8, "shortcut": "A"}, 64),
        ("cifar10", {"kind": "densenet", "depth": 10, "growth": 2}, 64),
        ("shape_masks", {"kind": "unet", "depth": 2, "convolutions": 1, "width": 2}, 61),
        ("shape_masks", {"kind": "unet", "depth": 2, "convolutions": 1, "width": 2, "upsampling": "resize"}, 61),
        ("shape_masks", {"kind": "fcn_masks", "skips": "8s", "depth": 1, "width": 2, "head": 0}, 300),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else str(value),
)
def test_a_lit_line_reaches_as_many_numbers_of_the_last_map_as_the_field_says(
    data: str, model: dict[str, object], height: int
) -> None:
    recipe = parse({"data": {"kind": data}, "model": {**model, "activation": "linear", "normalization": "none"}})
    found = plan(recipe, (height, 8, 3), 2)
    last = next(layer for layer in reversed(found.layers) if len(layer.shape) > 1)
    field = receptive_fields(found)[last.name]
    assert field is not None
    assert field[0] < height, "the picture is too small for this test"

    network = build_model(found, recipe)
    for weights in network.trainable_variables:
        # Positive everywhere, so that what arrives is never cancelled; biases would light every number.
        weights.assign(np.full(weights.shape, 0.1) if len(weights.shape) > 1 else np.zeros(weights.shape))
    lit = np.zeros((height, height, 8, 3), np.float32)
    lit[np.arange(height), np.arange(height)] = 1
    part = type(network)(network.input, network.get_layer(last.name).output)
    reached = np.asarray(part.predict(lit, verbose=0)).max(axis=(2, 3)) > 0  # (line of the picture, row of the map)

    extents = [np.flatnonzero(lines) for lines in reached.T]
    assert max(lines[-1] - lines[0] + 1 for lines in extents if len(lines)) == field[0]
