"""Resampling: each epoch draws its samples so that all classes come equally often.

An epoch keeps its length, so steps and schedules stay as they are. A large class gives another part of itself each
epoch; a small one gives each of its samples several times, as evenly as can be. All of it is a function of (seed,
epoch). Knows labels only, no pictures and no loop.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.engine.feeding import Indices, training_order
from workbench.engine.seeds import generator
from workbench.spec.recipe import Recipe


def epoch_order(recipe: Recipe, epoch: int, labels: npt.NDArray[np.integer[Any]]) -> Indices:
    """The samples of an epoch in their order: each once, or with resampling on, each class equally often."""
    seed = recipe.training.seed
    if recipe.tricks.resampling.on:
        return balanced_order(seed, epoch, labels)
    return training_order(seed, epoch, len(labels))


def balanced_order(seed: int, epoch: int, labels: npt.NDArray[np.integer[Any]]) -> Indices:
    """As many indices as there are labels; the counts of the classes present differ by at most 1.

    Within a class no sample comes a second time more often than another: their counts differ by at most 1 as well.
    """
    random = generator(seed, "resampling", epoch)
    present = np.unique(labels)
    each, rest = divmod(len(labels), max(1, len(present)))
    # Which classes get the one left over is drawn, else the first ones would always have it.
    quotas = np.full(len(present), each)
    quotas[random.permutation(len(present))[:rest]] += 1
    chosen = [
        _draw(random, np.flatnonzero(labels == number), int(quota))
        for number, quota in zip(present, quotas, strict=True)
    ]
    return random.permutation(np.concatenate([np.empty(0, np.int64), *chosen])).astype(np.int32)


def _draw(random: np.random.Generator, rows: np.ndarray[tuple[int], np.dtype[np.int64]], count: int) -> Indices:
    whole, rest = divmod(count, len(rows))
    return np.concatenate([np.tile(rows, whole), random.permutation(rows)[:rest]]).astype(np.int32)
