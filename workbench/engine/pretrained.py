"""Starting from weights that were trained before: an earlier run's, a file's, or those of ImageNet.

A layer is taken whole or not at all: every one of its arrays must be there, with the same shape. What was not taken keeps
its starting weights, and the report says which and why. A file may come from anywhere: a process of its own reads it, and its
layers are matched by name or by shape (workbench/strangers). Nothing here knows the loop; freezing is a mark on layers, so
optimizer and loop are made after it, and made anew when it ends.
"""

from __future__ import annotations

import dataclasses
import itertools
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.data.pictures import DataSet, Progress
from workbench.engine import checkpoint, imagenet
from workbench.engine.build import EPSILON
from workbench.errors import Problem, RecipeError, StrangerError, WorkspaceError
from workbench.journal import Journal
from workbench.network import weights
from workbench.network.plan import Plan
from workbench.paths import Workspace
from workbench.plain import plain
from workbench.spec.recipe import Recipe
from workbench.strangers import asking, matching

Arrays = Mapping[str, npt.NDArray[Any]]

#: So many layers that were left are named in a sentence; of the rest, the number.
NAMED = 6


@dataclass(frozen=True)
class Source:
    """Weights by our names ("stem_conv/kernel"), and what they are called in a sentence."""

    title: str
    arrays: Arrays
    #: layers of ours that got the weights of one with another name: ours → theirs
    renamed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Left:
    """A layer that keeps its starting weights, and why."""

    layer: str
    why: str


@dataclass(frozen=True)
class Report:
    """What became of each layer with weights, in the order of the network."""

    source: str
    taken: tuple[str, ...]
    left: tuple[Left, ...]
    #: arrays of the source that no layer took
    unused: tuple[str, ...]
    #: how long the taken layers stay as they are, as the end of a sentence; empty when they learn
    frozen: str = ""
    #: layers that were matched by their shapes: ours → theirs
    renamed: Mapping[str, str] = field(default_factory=dict)

    def sentence(self) -> str:
        """What was taken and what not, for people; long lists are cut."""
        layers = len(self.taken) + len(self.left)
        text = f"Started from {self.source}: {len(self.taken)} of {layers} layers with weights were taken."
        if self.renamed:
            text += f" By order and shapes, as they are called otherwise there: {len(self.renamed)} of them."
        if self.left:
            text += f" These keep their starting weights: {_some(self.left)}."
        return f"{text} The layers taken are frozen {self.frozen}." if self.frozen else text

    def lines(self) -> list[str]:
        """The whole list, one a line, for the log."""
        return [
            *(f"taken: {name}{self._from(name)}" for name in self.taken),
            *(f"left: {left.layer}: {left.why}" for left in self.left),
            *(f"not used: {name}" for name in self.unused),
        ]

    def _from(self, name: str) -> str:
        return f" (there {self.renamed[name]})" if name in self.renamed else ""


def begin(
    model: Any, plan: Plan, recipe: Recipe, data: DataSet, *, workspace: Workspace, progress: Progress
) -> Report | None:
    """Give a fresh model the weights that the recipe starts from, and freeze what it freezes; None when it starts from nothing.

    Raises RecipeError when nothing fits or nothing would be left to learn; DownloadError without a network.
    """
    settings = recipe.initializer
    if settings.start == "nothing":
        return None
    report = take(model, plan, find(recipe, plan, data, workspace, progress), settings.layers)
    # What the engine prints is the run's log: there the whole list has room.
    sys.stdout.write("\n".join([f"started from {report.source}", *report.lines(), ""]))
    if settings.freeze == "no":
        return report
    freeze(model, report.taken)
    epochs = "the first epoch" if settings.freeze_epochs == 1 else f"the first {settings.freeze_epochs} epochs"
    return dataclasses.replace(report, frozen="for good" if settings.freeze == "for_good" else f"for {epochs}")


def find(recipe: Recipe, plan: Plan, data: DataSet, workspace: Workspace, progress: Progress) -> Source:
    """The weights that a recipe starts from."""
    start = recipe.initializer
    match start.start:
        case "run":
            return from_run(workspace, start.run)
        case "file":
            return from_file(Path(start.file).expanduser(), plan)
        case _:
            variant = str(getattr(recipe.model, "variant", ""))  # the recipe's check has seen to it
            return Source(f"ImageNet ({variant})", imagenet.read(variant, data, workspace, progress))


def from_run(workspace: Workspace, key: str) -> Source:
    """The weights that an earlier run of the workspace has kept."""
    with Journal(workspace) as journal:
        try:
            asked = journal.run(key)
        except WorkspaceError as error:
            raise RecipeError([Problem("initializer.run", str(error))]) from error
        # The run that is beginning may bear the name of the one it starts from.
        alike = [each for each in journal.runs() if each.name == key]
    for run in (asked, *alike):
        folder = workspace.run_folder(run.id) / "checkpoints"
        keep = "best" if run.recipe.keeps_best and checkpoint.manifest(folder, "best") else "last"
        kept = checkpoint.manifest(folder, keep)
        if kept is not None:
            return Source(f"{run.name}, epoch {kept.epoch}", checkpoint.load(folder, keep))
    raise RecipeError([Problem("initializer.run", f"{asked.name} has kept no weights yet; choose a run that has.")])


def from_file(path: Path, plan: Plan) -> Source:
    """The weights of a file (.safetensors, .keras, .h5), those by our names that fit a layer of the plan."""
    if not path.is_file() and not path.is_symlink():
        sentence = f"there is no file {path}. Choose a .safetensors, .keras or .h5 file."
        raise RecipeError([Problem("initializer.file", sentence)])
    try:
        found, arrays = asking.take(path)
    except StrangerError as error:
        raise RecipeError([Problem("initializer.file", f"{plain(path.name)} is not used. {error}")]) from error
    matched = matching.match(plan, found.layers)
    ours = {layer.name: shapes for layer, shapes in weights.arrays(plan)}
    renamed = {
        f"{name}/{mine}": arrays.pop(f"{layer.name}/{theirs}")
        for name, layer in matched.items()
        for mine, theirs in matching.leaves(ours[name], layer).items()
    }
    for name, layer in matched.items():
        _take_over_epsilon(renamed, name, layer.epsilon)
    others = {name: layer.name for name, layer in matched.items() if name != layer.name}
    # One that is called like ours but fits another, or none, is told of under its own name.
    return Source(plain(path.name), arrays | renamed, others)


def _take_over_epsilon(arrays: dict[str, npt.NDArray[Any]], name: str, theirs: float | None) -> None:
    """A batch norm divides by the root of its moving variance plus epsilon: what differs in that goes into the variance."""
    key = f"{name}/moving_variance"
    if theirs is not None and key in arrays:
        arrays[key] = np.maximum(arrays[key] + arrays[key].dtype.type(theirs - EPSILON), 0)


def take(model: Any, plan: Plan, source: Source, first: int | None = None) -> Report:
    """Give the model's layers the source's weights: all that fit, or the `first` so many.

    Layers are counted as papers do, by their kernels; a norm goes with the kernel before it. Raises RecipeError when
    none fits.
    """
    taken: list[str] = []
    left: list[Left] = []
    used: set[str] = set()
    kernels = 0
    for name in (layer.name for layer in plan.layers if layer.parameters):
        variables = {f"{name}/{weight.name}": weight for weight in model.get_layer(name).weights}
        kernels += f"{name}/kernel" in variables
        why = f"not among the first {first}" if first is not None and kernels > first else ""
        why = why or _mismatch(variables, source.arrays)
        if why:
            left.append(Left(name, why))
            continue
        for key, weight in variables.items():
            weight.assign(source.arrays[key])
        taken.append(name)
        used |= variables.keys()
    unused = tuple(sorted(source.arrays.keys() - used))
    renamed = {name: source.renamed[name] for name in taken if name in source.renamed}
    report = Report(source.title, tuple(taken), tuple(left), unused, renamed=renamed)
    if not taken:
        raise RecipeError([Problem("initializer.start", f"nothing of {source.title} fits: {_some(left)}.")])
    return report


def _mismatch(weights: Mapping[str, Any], arrays: Arrays) -> str:
    """Why a layer cannot be taken; empty when it can."""
    missing = [key for key in weights if key not in arrays]
    if len(missing) == len(weights):
        return "not there"
    if missing:
        return f"{', '.join(key.rpartition('/')[2] for key in missing)} not there"
    for key, weight in weights.items():
        array = arrays[key]
        if array.shape != tuple(weight.shape):
            what = key.rpartition("/")[2]
            return f"{what} is {_by(array.shape)} there and {_by(weight.shape)} here"
        if array.dtype.kind != "f" or not np.isfinite(array).all():
            return f"{key.rpartition('/')[2]} holds something that is no finite number"
    return ""


def _by(shape: Sequence[int]) -> str:
    return " × ".join(str(size) for size in shape) if shape else "a single number"


def _some(left: Sequence[Left]) -> str:
    """Layers with their reasons, for a sentence; those that follow each other with one reason share it."""
    parts = []
    for why, alike in itertools.groupby(left[:NAMED], key=lambda each: each.why):
        parts.append(f"{', '.join(each.layer for each in alike)} ({why})")
    more = f" and {len(left) - NAMED} more" if len(left) > NAMED else ""
    return "; ".join(parts) + more


# --- freezing -------------------------------------------------------------------------------------------


def freeze(model: Any, layers: Sequence[str]) -> None:
    """No step changes these layers; their norms use their moving averages. Raises RecipeError when nothing is left to learn."""
    for name in layers:
        model.get_layer(name).trainable = False
    if not model.trainable_variables:
        sentence = "would leave nothing to learn, as every layer was taken; freeze none, or take fewer layers."
        raise RecipeError([Problem("initializer.freeze", sentence)])


def thaws(recipe: Recipe, epoch: int) -> bool:
    """Whether an epoch is the first in which the frozen layers learn too."""
    return thawed(recipe, epoch) and epoch == recipe.initializer.freeze_epochs + 1


def thawed(recipe: Recipe, epoch: int) -> bool:
    """Whether layers that were frozen at first learn in an epoch."""
    settings = recipe.initializer
    return settings.start != "nothing" and settings.freeze == "for_epochs" and epoch > settings.freeze_epochs


def thaw(model: Any, layers: Sequence[str]) -> None:
    """Every step changes these layers again. Optimizer and loop must be made anew."""
    for name in layers:
        model.get_layer(name).trainable = True
