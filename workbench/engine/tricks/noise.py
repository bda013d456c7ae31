"""Gradient noise: N(0, σ²/(1 + t)^γ) on every element, with t the updates done (Neelakantan 2015).

The normal numbers come from the backend, as a function of (seed, update, tensor), so that the same run has the same noise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras import ops

from workbench.spec.tricks import GradientNoise


def noisy(gradients: list[Any], spec: GradientNoise, update: Any, normal: Callable[[Any, int], Any]) -> list[Any]:
    """The gradients with noise. `normal(like, number)` gives standard normal numbers in the shape of tensor `number`."""
    sigma = spec.sigma / ops.power(1.0 + ops.cast(update, "float32"), 0.5 * spec.fade)
    return [gradient + sigma * normal(gradient, number) for number, gradient in enumerate(gradients)]
