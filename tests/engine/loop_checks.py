"""Run by test_loop_backends in a process of its own for each backend: trains tiny recipes from given weights.

Prints one JSON object: for each recipe the steps' numbers, sums of the trained weights, and what validation counted.
"""

import json
import os
import sys
from typing import Any

import numpy as np

from tests.engine.mask_data import mask_set
from tests.engine.test_loops import BATCH, SAMPLES, data_set
from workbench.engine import backends
from workbench.engine.build import build_model
from workbench.engine.feeding import Feed, training_order
from workbench.engine.optimizers import build_optimizer
from workbench.network.plan import plan
from workbench.spec.recipe import Recipe, parse

BACKEND = os.environ["KERAS_BACKEND"]
TRICKS: dict[str, dict[str, Any]] = {
    "plain": {},
    "label_smoothing": {"label_smoothing": {"rate": 0.2}},
    "penalties": {"l2_penalty": {"rate": 0.1}, "l1_penalty": {"rate": 0.01}},
    "ema": {"ema": {"decay": 0.9}},
    "accumulation": {"gradient_accumulation": {"batches": 2}},
    "whole": {"gradient_accumulation": {"whole": True}},
    "clipping": {"gradient_clipping": {"limit": 0.5}},
    "augmentation": {"augmentation": {"shift": 2}},
    "every change": {
        "augmentation": {
            "flip_vertical": 0.5,
            "rotation": 20.0,
            "zoom": 0.2,
            "brightness": 0.2,
            "contrast": 0.3,
            "noise": 5.0,
            "erasing": 0.5,
        },
    },
    "mixing": {"mixup": {"alpha": 1.0}, "cutmix": {}},
    "noise": {"gradient_noise": {"sigma": 1e-6}},
    "decay": {"weight_decay": {"rate": 0.1}},
    "float16": {"precision": "float16"},
    "bfloat16": {"precision": "bfloat16"},
}


def trained(recipe: Recipe, *, compiled: bool = False) -> dict[str, Any]:
    from workbench.engine.augment import Augmenter
    from workbench.engine.feeding import Chunk
    from workbench.engine.keeping import nothing

    backends.prepare(recipe.training)
    data = mask_set(SAMPLES) if recipe.data.TASK == "masks" else data_set()
    model = build_model(plan(recipe, data.shape, 3), recipe)
    random = np.random.default_rng(5)
    model.set_weights([0.1 * random.standard_normal(weight.shape) for weight in model.get_weights()])
    loop = backends.choose(BACKEND).make_loop(model, build_optimizer(recipe), recipe, data)
    if compiled:
        # As on a GPU, where steps are a compiled loop.
        loop._compiled_loop = True
    size = recipe.update_size(SAMPLES)
    feed, rows = Feed(data.training, size), []
    augmenter = Augmenter(recipe, data.shape)
    for epoch in (1, 2):
        draws = augmenter.draws(1, epoch, SAMPLES) if augmenter.on else None
        for chunk in feed.chunks(training_order(1, epoch, SAMPLES), draws, lambda: 2):
            rows.append(loop.train(chunk, np.full(chunk.steps, 0.05, np.float32)))  # noqa: PERF401 - it trains
    with loop.judged():
        counted, answers = loop.evaluate(Chunk(0, 5, np.arange(SAMPLES, dtype=np.int32)), nothing(data))
        some = np.arange(1, SAMPLES, 3, dtype=np.int32)
        remeasured = loop.evaluate(Chunk(0, 2, some), nothing(data), "training").sums
        loop.settle()
        judged = [float(np.abs(weight).sum()) for weight in model.get_weights()]
    loop.settle()
    own = [float(np.abs(weight).sum()) for weight in model.get_weights()]
    return {
        "numbers": np.concatenate(rows).tolist(), "counted": counted.tolist(), "judged": judged, "own": own,
        "remeasured": remeasured.tolist(), "answers": answers.tolist(),
    }  # fmt: skip


def main() -> None:
    found = {
        name: trained(
            parse({
                "model": {"kind": "mlp", "depth": 1, "width": 8},
                "optimizer": {"method": "sgd", "momentum": 0.9},
                "training": {"batch_size": BATCH, "backend": BACKEND, "device": "cpu"} | (tricks if "precision" in tricks else {}),
                "tricks": {} if "precision" in tricks else tricks,
            })
        )
        for name, tricks in TRICKS.items()
    }  # fmt: skip
    found["masks"] = trained(
        parse({
            "data": {"kind": "shape_masks"},
            "model": {"kind": "fcn_masks", "width": 2, "depth": 1, "head": 4, "normalization": "none", "loss": "cross_entropy_dice"},
            "optimizer": {"method": "sgd", "momentum": 0.9},
            "training": {"batch_size": BATCH, "backend": BACKEND, "device": "cpu"},
            "tricks": {"class_weights": {}},
        })
    )  # fmt: skip
    found["schedule free"] = trained(
        parse({
            "model": {"kind": "mlp", "depth": 1, "width": 8},
            "optimizer": {"method": "schedule_free", "weight_decay": 0.1},
            "training": {"batch_size": BATCH, "backend": BACKEND, "device": "cpu"},
        })
    )  # fmt: skip
    small = parse({
        "model": {"kind": "mlp", "depth": 1, "width": 8},
        "training": {"batch_size": SAMPLES + 50, "backend": BACKEND, "device": "cpu"},
        "tricks": {"gradient_accumulation": {"batches": 2}},
    })  # fmt: skip
    found["small set"] = trained(small)
    if BACKEND == "jax":
        found["small set, compiled"] = trained(small, compiled=True)
    sys.stdout.write("\n" + json.dumps(found) + "\n")


main()
