"""A trained run on pictures in a folder, with a crop, batch norm and an average of the weights; and a run of each kind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from tests.engine.exports.subjects import recipe_of
from tests.engine.training import train
from workbench.journal import Run
from workbench.paths import Workspace
from workbench.spec.recipe import parse


def draw_folder(base: Path, each: int = 20) -> Path:
    """Dark, light and striped pictures, 20 × 14."""
    random = np.random.default_rng(1)
    for number, name in enumerate(("dark", "light", "striped")):
        (base / name).mkdir(parents=True)
        for place in range(each):
            pixels = np.full((20, 14, 3), (60, 170, 20)[number], np.uint8) + random.integers(
                0, 20, (20, 14, 3), np.uint8
            )
            if name == "striped":
                pixels[:, ::2] += 200
            Image.fromarray(pixels).save(base / name / f"{place}.png")
    return base


def train_on(workspace: Workspace, folder: Path, fit: str = "crop") -> Run:
    return train(workspace, parse({
        "data": {"kind": "folder", "path": str(folder), "image_size": 12, "crop": 10, "validation": 0.3, "test": 0.0, "fit": fit},
        "model": {"kind": "cnn", "stages": 1, "width": 8, "dense": 0, "normalization": "batch"},
        "optimizer": {"method": "adam", "learning_rate": 0.02},
        "training": {"epochs": 6, "batch_size": 4, "keep": "last", "keep_every": 2},
        "tricks": {"ema": {"decay": 0.9}},
    })).run  # fmt: skip


def train_case(workspace: Workspace, case: str) -> Run:
    return train(workspace, recipe_of(case)).run
