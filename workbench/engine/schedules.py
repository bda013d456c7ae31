"""The learning rate of every step, computed before the run: NumPy only, so that it can be drawn too.

Every schedule is a share of the optimizer's learning rate, multiplied during warm-up by a straight line
that reaches 1 at its end. Steps count from 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from workbench.spec.recipe import Recipe
from workbench.spec.schedule import Constant, Cosine, ScheduleSpec

Shares: TypeAlias = npt.NDArray[np.float64]


def rates(recipe: Recipe, first_step: int, count: int, steps_per_epoch: int) -> npt.NDArray[np.float32]:
    """The rates of the steps first_step … first_step + count − 1."""
    steps = np.arange(first_step, first_step + count, dtype=np.float64)
    warmup = recipe.schedule.warmup * steps_per_epoch
    total = float(recipe.training.epochs * steps_per_epoch)
    # The schedule proper begins at full rate where warm-up ends, at the latest in the first step.
    start = max(warmup, 1.0)
    progress = np.clip((steps - start) / max(total - start, 1.0), 0.0, 1.0)
    shares = SCHEDULES[type(recipe.schedule)](recipe.schedule, progress)
    if warmup > 0:
        shares = shares * np.minimum(steps / start, 1.0)
    return (recipe.optimizer.learning_rate * shares).astype(np.float32)


def _constant(_: Constant, progress: Shares) -> Shares:
    return np.ones_like(progress)


def _cosine(spec: Cosine, progress: Shares) -> Shares:
    return spec.final + (1.0 - spec.final) * 0.5 * (1.0 + np.cos(np.pi * progress))


#: For each schedule the share of the full rate at a progress of 0 (just after warm-up) to 1 (the last step).
SCHEDULES: dict[type[ScheduleSpec], Callable[[Any, Shares], Shares]] = {
    Constant: _constant,
    Cosine: _cosine,
}
