"""The noise and the batches of a race: functions of the seed alone, the same for every method and every process."""

from __future__ import annotations

import functools

import numpy as np

from workbench.descent.surfaces import Floats
from workbench.spec.lab import SAMPLES, Landscape


@functools.lru_cache(maxsize=8)
def normals(seed: int, steps: int) -> Floats:
    """Standard normal numbers, shape (steps, 2); a longer race begins as a shorter one."""
    return np.random.default_rng((seed, 1)).standard_normal((steps, 2))


@functools.lru_cache(maxsize=8)
def batches(seed: int, batch: int, steps: int) -> Floats:
    """How much each sample counts in each step, shape (steps, SAMPLES): drawn without repetition, each once an epoch."""
    size = min(batch, SAMPLES)
    draw = np.random.default_rng((seed, 2))
    weights = np.zeros((steps, SAMPLES))
    step = 0
    while step < steps:
        order = draw.permutation(SAMPLES)
        for begin in range(0, SAMPLES, size):
            if step == steps:
                break
            drawn = order[begin : begin + size]
            weights[step, drawn] = 1 / len(drawn)
            step += 1
    return weights


def noisy(landscape: Landscape) -> bool:
    """Whether steps see anything but the exact gradient."""
    return landscape.batch_size < SAMPLES if landscape.kind == "logistic" else landscape.noise > 0


def spread(landscape: Landscape) -> float:
    """The standard deviation of a step's noise: a mean over m samples has 1/√m of one sample's."""
    if landscape.kind == "logistic":
        return 0.0  # its noise is that of its batches
    return landscape.noise / float(np.sqrt(landscape.batch_size))
