"""What a run of a recipe would take: parameters, steps an epoch, about how much memory; no Qt.

Quick enough for the window: the plan is plain arithmetic and the data is described without reading pixels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from workbench.errors import Problem
from workbench.spec.recipe import Recipe

Fit = Literal["fits", "tight", "too_big"]

#: What is kept forward is met once more backward.
_BOTH_WAYS = 2
#: An engine with its libraries and nothing else; measured.
_ENGINE = 700_000_000
#: Beyond this share of what is free, other programs begin to matter.
_TIGHT = 0.7


@dataclass(frozen=True)
class Estimate:
    """What is known about a run before it starts. None is not known yet."""

    parameters: int | None = None
    summary: str = ""
    steps: int | None = None
    memory: int | None = None
    available: int | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def fit(self) -> Fit | None:
        if self.memory is None or not self.available:
            return None
        share = self.memory / self.available
        return "too_big" if share > 1 else "tight" if share > _TIGHT else "fits"


def estimate(recipe: Recipe) -> Estimate:
    """What a run would take; its problems are those that only the data or the network can tell."""
    # The network's modules are not needed for the first paint.
    from workbench.gui.recipe.network import network  # noqa: PLC0415 - see above
    from workbench.network.costs import costs  # noqa: PLC0415 - see above
    from workbench.network.plan import summary  # noqa: PLC0415 - see above

    found = network(recipe)
    planned = found.plan
    if planned is None:
        return Estimate(problems=found.problems)
    total = costs(planned, recipe.training, training_pictures(recipe))
    # The gradient, and the weights with the optimizer's numbers twice: TensorFlow's loop keeps a copy to go back to.
    copies = 2 if recipe.training.backend == "tensorflow" else 1
    slots = recipe.optimizer.slots + recipe.tricks.ema.on
    # Accumulated gradients are a sum beside the gradient of the present batch.
    gradients = 1 + recipe.tricks.gradient_accumulation.on
    weights = total.weights * (gradients + copies * (1 + slots))
    return Estimate(
        parameters=total.parameters,
        summary=summary(recipe, planned),
        steps=steps_per_epoch(recipe),
        memory=_ENGINE + weights + total.activations * _BOTH_WAYS,
        available=_available(),
    )


def _available() -> int:
    import psutil  # noqa: PLC0415 - not needed for the first paint

    return int(psutil.virtual_memory().available)


def steps_per_epoch(recipe: Recipe) -> int | None:
    """About how many updates make an epoch, where the number of pictures is known beforehand."""
    samples = training_pictures(recipe)
    return None if samples is None else max(1, math.ceil(samples / recipe.update_size(samples)))


def training_pictures(recipe: Recipe) -> int | None:
    """About how many pictures there are to learn from, where that is known beforehand."""
    pictures = getattr(recipe.data, "count", recipe.data.PICTURES)
    if pictures is None:
        return None
    share = 1 - recipe.data.validation - getattr(recipe.data, "test", 0.0)
    return math.ceil(min(pictures, recipe.data.limit or pictures) * share)
