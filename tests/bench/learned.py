"""What the learning benchmark stands on: one recipe, trained as the engine trains it, timed from start to end.

The engine is a process of its own, so the time includes its start, reading, tracing and keeping. Test pictures are
looked at once, here, by the weights that the run kept.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workbench import data
from workbench.errors import WorkbenchError
from workbench.journal import Journal
from workbench.network.plan import plan
from workbench.paths import Workspace, shipped_presets
from workbench.spec import presets
from workbench.spec.recipe import Recipe, changed

#: The name of the environment's variable that gives a folder of pictures, with train and test above one folder a class.
PICTURES = "PICTURES"


@dataclass(frozen=True)
class Learned:
    """A run that was trained to its ending."""

    #: from the start of the engine's process to its end
    seconds: float
    epochs: int
    reason: str
    #: the validation metrics of the epoch that was kept
    kept: dict[str, float]
    #: share of test pictures that are right, if there are any
    test_accuracy: float | None


def preset(name: str, **settings: Any) -> Recipe:
    """A shipped preset's recipe, with settings changed, such as training__seed=2."""
    recipe = presets.load(shipped_presets() / f"{name}.toml", shipped=True).recipe
    for path, value in settings.items():
        recipe = changed(recipe, path.replace("__", "."), value)
    return recipe


def learn(recipe: Recipe) -> Learned:
    """Train a recipe in a workspace that goes away afterwards."""
    with tempfile.TemporaryDirectory(prefix="workbench-learn-") as home, Journal(Workspace(Path(home))) as journal:
        run = journal.create_run(recipe).id
        environment = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
        command = [sys.executable, "-m", "workbench.engine", "--home", home, "--run", run]
        began = time.monotonic()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
        seconds = time.monotonic() - began
        done = journal.run(run)
        if not done.epochs:
            raise WorkbenchError(f"The run ended without an epoch: {done.reason}")
        kept = done.best if recipe.keeps_best else done.last
        return Learned(seconds, done.epochs, done.reason, kept, _test_accuracy(Workspace(Path(home)), run, recipe))


def _test_accuracy(workspace: Workspace, run: str, recipe: Recipe) -> float | None:
    loaded = data.load(recipe.data, recipe.training.seed, workspace, lambda *_: None)
    labels = loaded.test.labels
    if not len(labels) or loaded.task == "masks":
        return None
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    from workbench.engine import checkpoint
    from workbench.engine.augment import Augmenter
    from workbench.engine.build import build_model

    augmenter = Augmenter.of(recipe, loaded)
    model = build_model(plan(recipe, augmenter.shape, len(loaded.classes)), recipe)
    keep = "best" if recipe.keeps_best else "last"
    checkpoint.assign(model, checkpoint.load(workspace.run_folder(run) / "checkpoints", keep))
    pictures = augmenter.centre(loaded.test.pictures.take(np.arange(len(labels))))
    prepared = (np.asarray(pictures, np.float32) - loaded.mean) / loaded.spread
    return float((model.predict(prepared, verbose=0).argmax(-1) == labels).mean())
