"""L2 and L1 penalties on weights: λ₂/2·‖θ‖² + λ₁·‖θ‖₁, added to the loss.

Value and gradient are written down directly (λ₂θ + λ₁ sign θ), so that batches whose gradients are accumulated get
the penalty once, and so that the loss on the data stays a number of its own. Pure keras.ops.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from keras import ops

from workbench.spec.tricks import Tricks

#: An L1 penalty cannot make a weight exactly 0 by gradient steps; below this it has gone.
NEAR_ZERO = 1e-3


def is_kernel(variable: Any) -> bool:
    """Whether a variable is a kernel: neither a bias nor a normalization's scale or shift."""
    return bool(variable.path.rsplit("/", 1)[-1] == "kernel")


class Penalty:
    """The penalties of a recipe on a model's trainable variables."""

    def __init__(self, tricks: Tricks, variables: list[Any]) -> None:
        self.on = tricks.l2_penalty.on or tricks.l1_penalty.on
        kernels = [is_kernel(variable) for variable in variables]
        self._l2 = [_rate(tricks.l2_penalty, kernel=kernel) for kernel in kernels]
        self._l1 = [_rate(tricks.l1_penalty, kernel=kernel) for kernel in kernels]

    def value(self, weights: list[Any]) -> Any:
        """What the penalties add to the loss, a scalar."""
        total = ops.zeros(())
        for weight, l2, l1 in zip(weights, self._l2, self._l1, strict=True):
            if l2:
                total += 0.5 * l2 * ops.sum(ops.square(weight))
            if l1:
                total += l1 * ops.sum(ops.abs(weight))
        return total

    def gradients(self, gradients: list[Any], weights: list[Any]) -> list[Any]:
        """The gradients of loss and penalties together."""
        found = []
        for gradient, weight, l2, l1 in zip(gradients, weights, self._l2, self._l1, strict=True):
            total = gradient
            if l2:
                total += l2 * weight
            if l1:
                total += l1 * ops.sign(weight)
            found.append(total)
        return found


def _rate(trick: Any, *, kernel: bool) -> float:
    return float(trick.rate) if trick.on and (kernel or trick.everything) else 0.0


def near_zero(weights: Mapping[str, npt.NDArray[Any]]) -> float:
    """The share of kernels' weights that an L1 penalty has brought near 0."""
    kernels = [np.abs(array) for name, array in weights.items() if name.rsplit("/", 1)[-1] == "kernel"]
    near = sum(int((kernel < NEAR_ZERO).sum()) for kernel in kernels)
    return near / max(1, sum(int(kernel.size) for kernel in kernels))
