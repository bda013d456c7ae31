"""What a training says when data and network are ready, and what it asks of the data before it begins."""

from __future__ import annotations

import importlib.metadata

from workbench.data.pictures import DataSet
from workbench.engine import backends
from workbench.errors import Problem, RecipeError
from workbench.events import DataReady, ModelReady
from workbench.spec.recipe import Recipe
from workbench.spec.training import Training


def check_validation(recipe: Recipe, loaded: DataSet) -> None:
    """Raises RecipeError when a recipe needs validation pictures that the data do not have."""
    if len(loaded.validation.labels):
        return
    lack = "needs validation pictures, and this data set has none."
    problems = []
    if recipe.tricks.early_stopping.on:
        problems.append(Problem("tricks.early_stopping", lack))
    if recipe.schedule.kind == "plateau":
        problems.append(Problem("schedule.kind", f"reduce on plateau {lack}"))
    if recipe.training.keep == "best":
        why = "best is chosen by validation loss, and there are no validation pictures; keep the last epoch."
        problems.append(Problem("training.keep", why))
    if problems:
        raise RecipeError(problems)


def data_ready(loaded: DataSet, steps: int) -> DataReady:
    """What is known of the data; `steps` make an epoch."""
    return DataReady(
        training=len(loaded.training.labels),
        validation=len(loaded.validation.labels),
        test=len(loaded.test.labels),
        classes=loaded.classes,
        shape=loaded.shape,
        steps_per_epoch=steps,
        fingerprint=loaded.fingerprint,
        left_out=loaded.left_out,
        mean=tuple(map(float, loaded.mean)),
        spread=tuple(map(float, loaded.spread)),
    )


def model_ready(recipe: Recipe, parameters: int, device: str) -> ModelReady:
    """What is known of the network and of what computes it, once it has computed."""
    training = recipe.training
    return ModelReady(parameters, training.backend, device, backends.thread_count(training), versions(training))


def versions(training: Training) -> dict[str, str]:
    """The versions of what computes."""
    return {name: importlib.metadata.version(name) for name in ("keras", training.backend, "numpy")}
