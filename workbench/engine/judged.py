"""The weights by which a model is judged and kept, where they are not those that learn.

That is the exponential average of the trick, and the mean of a schedule-free optimizer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from keras import ops

from workbench.engine.schedule_free import ScheduleFreeAdamW
from workbench.engine.tricks.ema import averages


@dataclass(frozen=True)
class Judged:
    """How the weights to judge by are made."""

    #: one of the optimizer's variables for each trainable variable, in their order
    kept: list[Any]
    #: the weight to judge by, of a variable's own value and of what is kept for it
    made: Callable[[Any, Any], Any]


def judged_by(optimizer: Any) -> Judged | None:
    """What a built optimizer wants its model judged by; None when it is the weights that learn."""
    if isinstance(optimizer, ScheduleFreeAdamW):
        return Judged(optimizer.places, optimizer.mean)
    if optimizer.use_ema:
        return Judged(averages(optimizer), lambda _, average: average)
    return None


@contextmanager
def judged(model: Any, optimizer: Any) -> Iterator[None]:
    """Within, the model has the weights to judge by; afterwards its own again. Before the first update nothing happens."""
    found = judged_by(optimizer)
    if found is None or int(ops.convert_to_numpy(optimizer.iterations)) == 0:
        yield
        return
    own = [ops.convert_to_numpy(variable.value).copy() for variable in model.trainable_variables]
    for variable, kept in zip(model.trainable_variables, found.kept, strict=True):
        variable.assign(found.made(variable.value, kept.value))
    try:
        yield
    finally:
        for variable, weight in zip(model.trainable_variables, own, strict=True):
            variable.assign(weight)
