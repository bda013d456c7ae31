"""PLANS the learning rate of every step before a run starts: what the engine trains with and the form draws.

Every schedule is a share of the optimizer's learning rate, multiplied during warm-up by a straight line
that reaches 1 at its end; the schedule proper begins there. Steps count from 1. What a run decides on its way
(reduce on plateau) is not known here: its plan is the full rate. NumPy only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from workbench.spec.recipe import Recipe
from workbench.spec.schedule import (
    Constant,
    Cosine,
    CosineRestarts,
    Exponential,
    OneCycle,
    Plateau,
    Polynomial,
    ScheduleSpec,
    Step,
)

Shares: TypeAlias = npt.NDArray[np.float64]

#: Dividing steps by steps an epoch may end just below the whole number that is meant.
_HAIR = 1e-9


@dataclass(frozen=True)
class Place:
    """Where some steps stand in the schedule proper, one number a step."""

    #: Share of the way from its first step (0) to the run's last (1).
    progress: Shares
    #: Epochs since warm-up; whole numbers at the first step of an epoch when warm-up takes whole epochs.
    epochs: Shares


def rates(recipe: Recipe, first_step: int, count: int, steps_per_epoch: int) -> npt.NDArray[np.float32]:
    """The rates of the steps first_step … first_step + count − 1."""
    return rates_at(recipe, np.arange(first_step, first_step + count, dtype=np.float64), steps_per_epoch)


def rates_at(recipe: Recipe, steps: npt.NDArray[np.float64], steps_per_epoch: int) -> npt.NDArray[np.float32]:
    """The rates of some steps, which are whole numbers from 1."""
    warmup = recipe.schedule.warmup * steps_per_epoch
    total = float(recipe.training.epochs * steps_per_epoch)
    # The schedule proper begins at full rate where warm-up ends, at the latest in the first step.
    start = max(warmup, 1.0)
    progress = np.clip((steps - start) / max(total - start, 1.0), 0.0, 1.0)
    place = Place(progress, np.maximum(steps - 1.0 - warmup, 0.0) / steps_per_epoch)
    shares = SCHEDULES[type(recipe.schedule)](recipe.schedule, place)
    if warmup > 0:
        shares = shares * np.minimum(steps / start, 1.0)
    return (recipe.optimizer.learning_rate * shares).astype(np.float32)


def _fall(progress: Shares, final: float) -> Shares:
    """Half a cosine from 1 to `final`."""
    return final + (1.0 - final) * 0.5 * (1.0 + np.cos(np.pi * progress))


def _constant(_: Constant | Plateau, place: Place) -> Shares:
    return np.ones_like(place.progress)


def _step(spec: Step, place: Place) -> Shares:
    shares: Shares = spec.factor ** np.floor(place.epochs / spec.every + _HAIR)
    return shares


def _exponential(spec: Exponential, place: Place) -> Shares:
    shares: Shares = spec.factor**place.epochs
    return shares


def _polynomial(spec: Polynomial, place: Place) -> Shares:
    shares: Shares = spec.final + (1.0 - spec.final) * (1.0 - place.progress) ** spec.power
    return shares


def _cosine(spec: Cosine, place: Place) -> Shares:
    return _fall(place.progress, spec.final)


def _cosine_restarts(spec: CosineRestarts, place: Place) -> Shares:
    cycles = place.epochs / spec.first + _HAIR
    if spec.longer == 1:
        return _fall(np.mod(cycles, 1.0), spec.final)
    # Cycle n begins after 1 + q + … + q^(n−1) = (qⁿ − 1) / (q − 1) first cycles, and is qⁿ of them long.
    growth = spec.longer
    number = np.floor(np.log1p(cycles * (growth - 1.0)) / np.log(growth) + _HAIR)
    begun = (growth**number - 1.0) / (growth - 1.0)
    return _fall(np.clip((cycles - begun) / growth**number, 0.0, 1.0), spec.final)


def _one_cycle(spec: OneCycle, place: Place) -> Shares:
    rising = _fall(1.0 - place.progress / spec.rise, spec.start)
    falling = _fall((place.progress - spec.rise) / (1.0 - spec.rise), spec.final)
    return np.where(place.progress < spec.rise, rising, falling)


#: For each schedule the share of the full rate at the places of some steps.
SCHEDULES: dict[type[ScheduleSpec], Callable[[Any, Place], Shares]] = {
    Constant: _constant,
    Step: _step,
    Exponential: _exponential,
    Polynomial: _polynomial,
    Cosine: _cosine,
    CosineRestarts: _cosine_restarts,
    OneCycle: _one_cycle,
    Plateau: _constant,
}
