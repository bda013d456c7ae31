"""Forks: a new run that grows from a checkpoint of another one, with changed settings.

The child gets the checkpoint into its own folder, so that it needs its parent no more. It counts epochs on from there.
Pictures, split and network stay: a fork's validation pictures must be those it has not learned, and its weights must fit.
"""

from __future__ import annotations

import json
import math
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import Problem, RecipeError, WorkspaceError
from workbench.events import DataReady
from workbench.journal import Journal, Run
from workbench.journal.kept import best_of, checkpoints, manifests, read_manifest, weights_file
from workbench.journal.of_kind import newest
from workbench.journal.store import new_id
from workbench.network.plan import plan
from workbench.paths import explain, write_atomic
from workbench.spec.recipe import Recipe

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Kept:
    """A checkpoint of a run that can be forked from."""

    epoch: int
    step: int
    #: within the epoch after `epoch`
    within: bool
    best: bool
    place: str


def kept(journal: Journal, run: Run) -> list[Kept]:
    """The checkpoints of a run that hold everything needed to go on, oldest first."""
    folder = checkpoints(journal, run.id)
    best = best_of(folder)
    found = []
    for each in reversed(manifests(folder)):
        weights = weights_file(folder, each)
        if weights is not None and each.get("state_sha256"):
            is_best = best is not None and each["file"] == best["file"]
            within = not each.get("ends_epoch", True)
            found.append(Kept(each["epoch"], each["step"], within, is_best, weights.parent.name))
    return found


def fork(journal: Journal, parent: Run, recipe: Recipe, *, epoch: int | None = None, name: str = "") -> Run:
    """A queued run that grows from `parent` after an epoch it has kept; without `epoch`, from its newest checkpoint.

    Raises WorkspaceError when nothing is kept there, RecipeError with every setting that may not differ.
    """
    origin = _origin(journal, parent, epoch)
    ready = _data_ready(journal, parent)
    problems = _problems(parent, recipe, ready, origin)
    if problems:
        raise RecipeError(problems)
    run = new_id()
    folder = checkpoints(journal, run)
    try:
        _copy(checkpoints(journal, parent.id) / origin.place, folder, recipe, parent, ready.training)
    except (OSError, WorkspaceError) as error:
        shutil.rmtree(folder.parent, ignore_errors=True)
        if isinstance(error, OSError):
            raise WorkspaceError(explain(error, folder)) from error
        raise
    title = name or f"{parent.name}, from epoch {origin.epoch}"
    return journal.create_run(recipe, title, parent.preset, run_id=run, parent=parent.id, parent_epoch=origin.epoch)


def _origin(journal: Journal, parent: Run, epoch: int | None) -> Kept:
    found = kept(journal, parent)
    if not found:
        raise WorkspaceError(f"{parent.name} has kept no checkpoint to grow from; let it finish an epoch first.")
    if epoch is None:
        return found[-1]
    whole = [each for each in found if each.epoch == epoch and not each.within]
    if not whole:
        epochs = ", ".join(dict.fromkeys(str(each.epoch) for each in found if not each.within)) or "none"
        raise WorkspaceError(
            f"{parent.name} has not kept epoch {epoch}; kept: {epochs}. Keep more with training.keep_every."
        )
    return whole[-1]


def _data_ready(journal: Journal, parent: Run) -> DataReady:
    ready = newest(journal, parent.id, DataReady)
    if ready is None and parent.parent:
        # A fork that waits has said nothing yet, but its pictures are those of the run it grew from.
        return _data_ready(journal, journal.run(parent.parent))
    if ready is None:
        raise WorkspaceError(f"{parent.name} never had its pictures read; start a new run instead.")
    return ready


def _problems(parent: Run, recipe: Recipe, ready: DataReady, origin: Kept) -> list[Problem]:
    before = parent.recipe
    problems = []
    if recipe.data != before.data:
        stays = "stays as it was in a fork; to take the weights to other pictures, start a new run from this one."
        problems += [Problem(f"data.{name}", stays) for name in _differences(recipe.data, before.data)]
    if recipe.training.seed != before.training.seed:
        stays = "stays as it was in a fork: another seed would mix pictures it has learned into validation."
        problems.append(Problem("training.seed", stays))
    if recipe.training.epochs <= origin.epoch:
        sentence = (
            f"must be more than the {origin.epoch} that are done where it grows from, got {recipe.training.epochs}."
        )
        problems.append(Problem("training.epochs", sentence))
    if not problems and _network(recipe, ready) != _network(before, ready):
        sentence = (
            "must stay a network that the weights fit; to take over only some layers, start a new run from this one."
        )
        problems.append(Problem("model", sentence))
    return problems


def _differences(one: Any, other: Any) -> list[str]:
    ours, theirs = one.model_dump(), other.model_dump()
    return [name for name in ours if name not in theirs or ours[name] != theirs[name]]


def _network(recipe: Recipe, ready: DataReady) -> list[tuple[str, int]]:
    layers = plan(recipe, ready.shape, len(ready.classes)).layers
    return [(layer.name, layer.parameters) for layer in layers if layer.parameters]


def _copy(source: Path, folder: Path, recipe: Recipe, parent: Run, samples: int) -> None:
    """Make the child's first checkpoint: the parent's files, with what the child is to know of its place."""
    tree = read_manifest(source / MANIFEST)
    if tree is None:
        raise WorkspaceError(f"The checkpoint {source} is damaged; grow from another epoch.")
    facts, epoch = tree["facts"], tree["epoch"]
    before = parent.recipe
    same_steps = recipe.update_size(samples) == before.update_size(samples)
    if not same_steps:
        # Its epochs have another number of steps: it begins where the epoch began, by its own count.
        tree["step"] = epoch * math.ceil(samples / recipe.update_size(samples))
        tree["ends_epoch"] = True
    step = tree["step"]
    standing = {**facts["standing"], "best_epoch": None, "step": step, "training_seconds": 0.0, "trained_images": 0}
    if tree["ends_epoch"]:
        standing["epoch_begin"] = step
    place = f"{epoch:06d}-{step:09d}"
    tree |= {
        "file": f"{place}/weights.safetensors", "best": "",
        "facts": {
            **facts, "standing": standing, "early": None, "fork_of": parent.name,
            "plateau": facts["plateau"] if recipe.schedule == before.schedule else None,
        },
    }  # fmt: skip
    (folder / place).mkdir(parents=True)
    for name in ("weights.safetensors", "state.safetensors"):
        _link(source / name, folder / place / name)
    write_atomic(folder / place / MANIFEST, json.dumps(tree, indent=1).encode())


def _link(source: Path, target: Path) -> None:
    """The same file under another name where the disk can do that, else a copy; checkpoints are never written into."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
