"""The exponential average of the weights, which Keras' optimizers keep: a ← βa + (1 − β)θ after each update.

The first update sets it to the weights themselves, so nothing of the starting weights is left over. Who judges
by it: engine/judged.py.
"""

from __future__ import annotations

from typing import Any


def averages(optimizer: Any) -> list[Any]:
    """The averages, as Keras variables in the order of the trainable variables; of an optimizer that keeps them."""
    return list(optimizer._model_variables_moving_average)  # noqa: SLF001 - Keras has no other way to them
