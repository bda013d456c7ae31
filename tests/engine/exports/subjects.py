"""Runs to export, one of each kind of network: what stands in their way differs."""

from __future__ import annotations

from typing import Any

import numpy as np

from workbench.data.pictures import Pixels
from workbench.engine.build import build_model
from workbench.engine.exports.plain import plain_model
from workbench.events import DataReady
from workbench.network.plan import plan
from workbench.spec.recipe import Recipe, parse

ONCE = {"epochs": 1, "batch_size": 32}
SHAPES = {"kind": "shapes", "image_size": 16, "count": 60}
MASKS = {"kind": "shape_masks", "image_size": 20, "count": 40}
RESNET = {"kind": "resnet", "depth": 8, "width": 4}

CASES: dict[str, dict[str, Any]] = {
    "crop, batch norm, average": {
        "data": {**SHAPES, "crop": 13}, "model": {"kind": "cnn", "normalization": "batch"}, "tricks": {"ema": {}},
    },
    "shortcut A": {"data": SHAPES, "model": {**RESNET, "shortcut": "A"}},
    "stochastic depth": {"data": SHAPES, "model": RESNET, "tricks": {"stochastic_depth": {}}},
    "stochastic depth by batch": {"data": SHAPES, "model": RESNET, "tricks": {"stochastic_depth": {"each": "batch"}}},
    "mish after a sum": {"data": SHAPES, "model": {**RESNET, "normalization": "none", "activation": "mish"}},
    "mish, group norm": {"data": SHAPES, "model": {"kind": "cnn", "normalization": "group", "activation": "mish"}},
    "dropout": {"data": SHAPES, "model": {"kind": "cnn", "normalization": "layer"}, "tricks": {"dropout": {}}},
    "densenet": {"data": SHAPES, "model": {"kind": "densenet", "depth": 10}},
    "mlp in grey": {"data": {"kind": "digits", "limit": 100}, "model": {"kind": "mlp"}},
    "u-net": {"data": MASKS, "model": {"kind": "unet", "width": 4}},
    "fcn for masks": {"data": {**MASKS, "crop": 16}, "model": {"kind": "fcn_masks", "width": 4, "head": 16}},
    "bfloat16": {"data": SHAPES, "model": {"kind": "cnn"}, "training": {"precision": "bfloat16"}},
    "float16": {"data": SHAPES, "model": {"kind": "cnn"}, "training": {"precision": "float16"}},
}  # fmt: skip


def recipe_of(case: str) -> Recipe:
    tree = CASES[case]
    return parse({**tree, "training": {**ONCE, **tree.get("training", {})}})


def ready_of(recipe: Recipe) -> DataReady:
    """As if its data had been read."""
    side, channels = recipe.data.image_size, 1 if recipe.data.kind == "digits" else 3
    names = tuple(f"c{number}" for number in range(4))
    mean, spread = (100.0, 120.0, 90.0)[:channels], (60.0, 50.0, 70.0)[:channels]
    return DataReady(10, 5, 5, names, (side, side, channels), 1, "", (), mean, spread)


def both(recipe: Recipe, ready: DataReady) -> tuple[Any, Any]:
    """The engine's network and the plain one, with the same weights, all of them drawn."""
    crop, whole = recipe.data.crop, recipe.data.TASK == "masks"
    shape = (crop, crop, ready.shape[2]) if crop and not whole else ready.shape
    ours, plain = build_model(plan(recipe, shape, 4), recipe, any_size=whole), plain_model(recipe, ready)
    random, values = np.random.default_rng(1), {}
    for weight in ours.weights:
        drawn = random.normal(size=weight.shape) / np.sqrt(max(1, np.prod(weight.shape[:-1])))
        values[weight.path] = np.abs(drawn) + 0.5 if "variance" in weight.path else drawn
    for model in (ours, plain):
        for weight in model.weights:
            weight.assign(values[weight.path])
    assert {each.path for each in plain.weights} == values.keys()
    return ours, plain


def pixels_for(ready: DataReady, count: int = 4) -> Pixels:
    return np.random.default_rng(2).integers(0, 256, (count, *ready.shape), np.uint8)
