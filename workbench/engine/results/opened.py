"""A run's kept checkpoint, opened: its network with those weights, its pictures prepared as its own validation had them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from workbench import data
from workbench.data.pictures import DataSet, Part, Progress
from workbench.engine import checkpoint
from workbench.engine.augment import Augmenter
from workbench.engine.backends.tensorflow import leave_mish_whole
from workbench.engine.build import build_model
from workbench.errors import DataError, WorkspaceError
from workbench.events import DataReady
from workbench.journal import Journal, Run
from workbench.journal.judged import PartName
from workbench.journal.of_kind import newest
from workbench.network.plan import plan
from workbench.paths import Workspace
from workbench.spec.recipe import Recipe, changed

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Opened:
    """Everything that is needed to ask kept weights something."""

    run: Run
    recipe: Recipe
    ready: DataReady
    kept: checkpoint.Manifest
    data: DataSet
    model: keras.Model
    #: uint8 pictures (n, h, w, c) or masks (n, h, w) as they are stored → what of them the network sees
    centre: Callable[[Any], Any]

    def part(self, name: PartName) -> Part:
        """A part that has pictures. Raises DataError when it has none."""
        part = self.data.test if name == "test" else self.data.validation
        if not len(part):
            raise DataError(
                f"{self.run.name} kept no pictures aside for {name}. Set data.{name} above 0 and train again."
            )
        return part

    def prepared(self, pixels: Any) -> Any:
        """Pictures on the scale on which the network learned: a float32 tensor. May stand in a compiled function."""
        mean, spread = (tf.constant(each, tf.float32) for each in (self.ready.mean, self.ready.spread))
        return (tf.cast(pixels, tf.float32) - mean) / spread


def open_kept(workspace: Workspace, key: str, place: str, progress: Progress) -> Opened:
    """The checkpoint at a place ("000004-000000180") of a run. Raises WorkspaceError, DataError or DownloadError."""
    with Journal(workspace) as journal:
        run = journal.run(key)
        ready = newest(journal, run.id, DataReady)
    kept, weights = _weights(workspace, run, place)
    if ready is None or not ready.mean:
        raise WorkspaceError(f"{run.name} was trained by a version that did not keep how pictures are prepared.")
    recipe = changed(run.recipe, "training.backend", "tensorflow")
    pictures = data.load(recipe.data, recipe.training.seed, workspace, progress, names=True)
    if pictures.classes != ready.classes or pictures.shape != tuple(ready.shape):
        raise DataError(
            f"The pictures have other classes or another shape than those that {run.name} was trained on. Put those back, or train again."
        )
    augmenter = Augmenter.of(recipe, pictures)
    model = build_model(plan(recipe, augmenter.shape, len(pictures.classes)), recipe)
    checkpoint.assign(model, weights)
    leave_mish_whole(recipe)
    return Opened(run, recipe, ready, kept, pictures, model, augmenter.centre)


def _weights(workspace: Workspace, run: Run, place: str) -> tuple[checkpoint.Manifest, dict[str, npt.NDArray[Any]]]:
    folder = workspace.run_folder(run.id) / "checkpoints"
    kept = checkpoint.at_place(folder, place, run.name)
    return kept, checkpoint.weights_at(folder, kept)
