"""The network of a recipe, planned once for everybody who looks at it: the estimate, the Model tab; no Qt."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from workbench.errors import DataError, Problem, RecipeError
from workbench.network.plan import Plan, plan, title
from workbench.spec.recipe import Recipe


@dataclass(frozen=True)
class Network:
    """What is known of a recipe's network: its plan, or why there is none. Neither: the pictures are not known yet."""

    plan: Plan | None = None
    #: As its planner calls it: "DenseNet-BC-190-40".
    title: str = ""
    problems: tuple[Problem, ...] = ()


def network(recipe: Recipe) -> Network:
    """The network of a recipe for its pictures. The pictures are described anew each time, as folders change."""
    from workbench import data  # noqa: PLC0415 - not needed for the first paint

    try:
        described = data.describe(recipe.data)
    except DataError as error:
        path = "data.path" if hasattr(recipe.data, "path") else "data.kind"
        return Network(problems=(Problem(path, str(error)),))
    return Network() if described is None else _planned(recipe, described)


@functools.lru_cache(maxsize=4)
def _planned(recipe: Recipe, described: tuple[int, int, int, int]) -> Network:
    height, width, channels, classes = described
    try:
        return Network(plan(recipe, (height, width, channels), classes), title(recipe))
    except RecipeError as error:
        return Network(problems=error.problems)
