"""What is exported: a run's kept weights in a network of plain Keras, and the engine's own answers that a file is held to.

The run's data set is not read: what the pictures were is in the journal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

import workbench
from workbench.data.pictures import Pixels
from workbench.engine import checkpoint
from workbench.engine.checkpoint import Arrays, Manifest
from workbench.engine.exports.plain import cut, plain_model
from workbench.engine.predict import Predictor
from workbench.errors import WorkspaceError
from workbench.events import DataReady
from workbench.journal import Journal, Run
from workbench.journal.of_kind import newest
from workbench.paths import Workspace
from workbench.spec import presets
from workbench.spec.carried.block import Carried
from workbench.spec.recipe import Recipe, changed

#: So many drawn pictures a file is tried with.
TRIED = 8
#: Side of the patches in them, as a share of the picture.
_PATCHES = 4

Probabilities = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Subject:
    """A run at a checkpoint, ready to be written in any format."""

    workspace: Workspace
    run: Run
    #: as it was trained, but in float32
    recipe: Recipe
    ready: DataReady
    kept: Manifest
    weights: Arrays
    #: float32 pixels from 0 to 255 → probabilities, in plain Keras
    model: keras.Model
    carried: Carried
    _engine: Predictor

    @property
    def masks(self) -> bool:
        return self._engine.masks

    def said(self, pixels: Pixels) -> Probabilities:
        """What the engine says of pictures (n, h, w, c) as they are stored."""
        edges = cut(self.recipe, self.ready)
        if edges:
            (top, bottom), (left, right) = edges
            pixels = pixels[:, top : pixels.shape[1] - bottom, left : pixels.shape[2] - right]
        return self._engine.probabilities(pixels)

    def drawn(self) -> Pixels:
        """Pictures of patches and grain with the mean and spread of those that the network learned from; the first black, the last white."""
        random = np.random.default_rng(1)
        height, width, channels = self.ready.shape
        rows, columns = (np.arange(side) * _PATCHES // side for side in (height, width))
        patches = random.normal(size=(TRIED, _PATCHES, _PATCHES, channels))[:, rows][:, :, columns]
        grain = 0.3 * random.normal(size=(TRIED, height, width, channels))
        pixels = np.asarray(self.ready.mean) + np.asarray(self.ready.spread) * (patches + grain)
        pixels[0], pixels[-1] = 0, 255
        return np.clip(pixels, 0, 255).astype(np.uint8)


def open_subject(workspace: Workspace, key: str, which: str = "") -> Subject:
    """A run at a checkpoint: "best", "last", an epoch's number, a place; by default the one that it keeps. Raises WorkspaceError."""
    with Journal(workspace) as journal:
        run = journal.run(key)
        ready = newest(journal, run.id, DataReady)
    if ready is None or not ready.mean:
        raise WorkspaceError(f"{run.name} has kept no weights yet; choose a run that has.")
    recipe = changed(run.recipe, "training.precision", "float32")
    kept = _kept(workspace, run, which)
    weights = checkpoint.weights_at(workspace.run_folder(run.id) / "checkpoints", kept)
    model = plain_model(recipe, ready)
    checkpoint.assign(model, weights)
    engine = Predictor(workspace, replace(run, recipe_toml=presets.dump(recipe)), ready, kept.place)
    carried = Carried(run.recipe_toml, _facts(run, ready, kept))
    return Subject(workspace, run, recipe, ready, kept, weights, model, carried, engine)


def _kept(workspace: Workspace, run: Run, which: str) -> Manifest:
    folder = workspace.run_folder(run.id) / "checkpoints"
    best, last = checkpoint.manifest(folder, "best"), checkpoint.manifest(folder, "last")
    found = (best or last) if run.recipe.keeps_best else (last or best)
    if which in {"best", "last"}:
        found = best if which == "best" else last
    elif which.isdecimal():
        return _at_epoch(folder, run, int(which))
    elif which:
        return checkpoint.at_place(folder, which, run.name)
    if found is None:
        raise WorkspaceError(f"{run.name} has kept no {which or 'weights'} yet; choose a run that has.")
    return found


def _at_epoch(folder: Any, run: Run, epoch: int) -> Manifest:
    ends = [each for each in checkpoint.manifests(folder) if each.ends_epoch]
    found = next((each for each in ends if each.epoch == epoch), None)
    if found is None:
        epochs = ", ".join(str(each.epoch) for each in ends) or "none"
        raise WorkspaceError(
            f"{run.name} has not kept epoch {epoch}; kept: {epochs}. Keep more with training.keep_every."
        )
    return found


def _facts(run: Run, ready: DataReady, kept: Manifest) -> dict[str, Any]:
    """What whoever uses the file needs to know."""
    masks = run.recipe.data.TASK == "masks"
    height, width, channels = ready.shape
    edges = cut(run.recipe, ready)
    return {
        "format": 1,
        "made_by": f"Keras Workbench {workbench.__version__}, Keras {keras.__version__}",
        "run": run.id,
        "name": run.name,
        "epoch": kept.epoch,
        "weights_sha256": kept.weights_sha256,
        "classes": list(ready.classes),
        "input": {
            "height": height,
            "width": width,
            "channels": channels,
            "colour": "rgb" if channels > 1 else "grey",
            "values": "float32, 0 to 255",
            "fit": str(getattr(run.recipe.data, "fit", "crop")),
        },
        "output": "probabilities of the classes of every pixel" if masks else "probabilities of the classes",
        "inside": {
            "crop": None if edges is None else [height - sum(edges[0]), width - sum(edges[1])],
            "mean": list(ready.mean),
            "spread": list(ready.spread),
        },
    }
