"""The exponential average of the weights, which Keras' optimizers keep: a ← βa + (1 − β)θ after each update.

The first update sets it to the weights themselves, so nothing of the starting weights is left over.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from keras import ops


def averages(optimizer: Any) -> list[Any]:
    """The averages, as Keras variables in the order of the trainable variables; empty when the trick is off."""
    return list(optimizer._model_variables_moving_average) if optimizer.use_ema else []  # noqa: SLF001 - Keras has no other way to them


@contextmanager
def averaged(model: Any, optimizer: Any) -> Iterator[None]:
    """Within, the model has the averaged weights; afterwards its own again. Without the trick or an update nothing happens."""
    found = averages(optimizer)
    if not found or int(ops.convert_to_numpy(optimizer.iterations)) == 0:
        yield
        return
    own = [ops.convert_to_numpy(variable.value).copy() for variable in model.trainable_variables]
    for variable, average in zip(model.trainable_variables, found, strict=True):
        variable.assign(average.value)
    try:
        yield
    finally:
        for variable, weight in zip(model.trainable_variables, own, strict=True):
            variable.assign(weight)
