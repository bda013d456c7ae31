"""Tricks, schedules and methods in a script do what the engine does: in company, on few pictures, weights the same bit for bit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.export.script_proof import both, difference
from workbench.paths import Workspace
from workbench.spec.recipe import Recipe, parse

pytestmark = [pytest.mark.keras, pytest.mark.timeout(1800)]

DIGITS = {"kind": "digits", "limit": 200}
CNN = {"kind": "cnn", "width": 4, "dense": 8}
TWICE = {"epochs": 2, "batch_size": 32, "remeasure": 40}

#: Tables of recipes that have many tricks on at once.
COMPANIES: dict[str, dict[str, Any]] = {
    "gradients": {
        "data": DIGITS, "model": CNN, "training": TWICE, "optimizer": {"method": "adam", "learning_rate": 0.01},
        "schedule": {"kind": "cosine_restarts", "warmup": 0.5, "first": 0.7},
        "tricks": {
            "l2_penalty": {"rate": 0.01}, "l1_penalty": {"rate": 0.001, "everything": True}, "gradient_noise": {},
            "gradient_clipping": {"limit": 0.5}, "ema": {"decay": 0.9}, "early_stopping": {"smoothing": 0.5},
            "gradient_accumulation": {"batches": 3}, "class_weights": {}, "label_smoothing": {},
        },
    },
    "pictures": {
        "data": {**DIGITS, "image_size": 12, "crop": 10, "scaling": "unit"}, "model": CNN, "training": TWICE,
        "optimizer": {"method": "schedule_free", "weight_decay": 0.01}, "schedule": {"kind": "plateau", "patience": 1},
        "tricks": {
            "augmentation": {
                "shift": 2, "flip_vertical": 0.3, "rotation": 20.0, "zoom": 0.2, "edge": "mirror", "brightness": 0.2,
                "noise": 9.0, "erasing": 0.6,
            },
            "mixup": {"probability": 0.8}, "cutmix": {}, "resampling": {},
        },
    },
    "masks": {
        "data": {"kind": "shape_masks", "image_size": 24, "crop": 20, "count": 60, "limit": 50},
        "model": {"kind": "fcn_masks", "width": 2, "head": 4, "loss": "cross_entropy_dice", "normalization": "group"},
        "training": {**TWICE, "batch_size": 16, "keep": "last", "remeasure": 20},
        "optimizer": {"method": "sgd", "momentum": 0.9, "nesterov": True}, "schedule": {"kind": "one_cycle"},
        "tricks": {"augmentation": {"rotation": 15.0, "erasing": 0.5, "erasing_fill": "mean"}, "class_weights": {"by": "root"}},
    },
    "depth": {
        "data": DIGITS, "model": {"kind": "resnet", "depth": 8, "width": 4, "shortcut": "B"}, "training": TWICE,
        "initializer": {"kind": "orthogonal"}, "optimizer": {"method": "muon", "learning_rate": 0.01},
        "schedule": {"kind": "polynomial", "warmup": 0.5},
        "tricks": {
            "stochastic_depth": {}, "dropout": {"place": "both"}, "mixup": {}, "gradient_clipping": {"by": "norm"},
            "gradient_accumulation": {"whole": True},
        },
    },
}  # fmt: skip


#: Of these TensorFlow rewrites the engine's graph and fit's differently: of the gradients chains of sums (its arithmetic pass, and
#: no other), of the pictures' schedule-free step more than one pass has a part in it. Without rewriting they are the same bit for bit.
REWRITTEN = {"gradients", "pictures"}


def recipe(tables: dict[str, Any]) -> Recipe:
    return parse(tables)


@pytest.mark.parametrize("name", COMPANIES)
def test_tricks_in_company_do_what_the_engine_does(workspace: Workspace, tmp_path: Path, name: str) -> None:
    engine, script = both(recipe(COMPANIES[name]), workspace, tmp_path, plain=name in REWRITTEN)
    assert script.losses == pytest.approx(engine.losses, rel=2e-6)
    assert script.val_losses == pytest.approx(engine.val_losses, rel=2e-6)
    assert script.remeasured == pytest.approx(engine.remeasured, rel=2e-6)
    assert difference(engine, script) == 0


@pytest.mark.proof
@pytest.mark.parametrize("name", sorted(REWRITTEN))
def test_rewritten_graphs_change_the_last_bits_only(
    workspace: Workspace, tmp_path: Path, name: str, record_property: Callable[[str, object], None]
) -> None:
    engine, script = both(recipe(COMPANIES[name]), workspace, tmp_path)
    record_property(
        "must", "loss and val_loss of two epochs within 1e-4 of the engine's; cause: graphs that TensorFlow rewrites"
    )
    assert script.losses == pytest.approx(engine.losses, rel=1e-4)
    assert script.val_losses == pytest.approx(engine.val_losses, rel=1e-4)
    record_property("measured", f"weights at most {difference(engine, script):.1e} apart")
