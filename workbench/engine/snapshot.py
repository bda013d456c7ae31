"""Everything that a training step changes, as arrays, and back again.

`weights` are what the run is judged by and keeps: plain, by our names. `state` has the rest: the optimizer's variables, the
counters of random layers, what the loop itself counts, and a weight's own value where it is judged by another one.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from workbench.engine import checkpoint
from workbench.engine.backends import Loop
from workbench.engine.build import named_variables
from workbench.errors import EngineError

Arrays = dict[str, npt.NDArray[Any]]

#: What the names of state's arrays begin with.
OPTIMIZER, OWN, SEED, LOOP, TRAINER = "optimizer/", "own/", "seed/", "loop/", "trainer/"


def take(model: keras.Model, optimizer: keras.optimizers.Optimizer, loop: Loop) -> tuple[Arrays, Arrays]:
    """The weights to keep, and the state."""
    loop.settle()
    own = checkpoint.weights_of(model)
    state = {f"{SEED}{name}": _array(variable) for name, variable in _seeds(model).items()}
    state |= {f"{OPTIMIZER}{name}": _array(variable) for name, variable in _slots(optimizer).items()}
    state |= {f"{LOOP}{name}": value for name, value in loop.counters().items()}
    with loop.judged():
        loop.settle()
        weights = checkpoint.weights_of(model)
    state |= {f"{OWN}{name}": array for name, array in own.items() if array.tobytes() != weights[name].tobytes()}
    return weights, state


def restore(model: keras.Model, optimizer: keras.optimizers.Optimizer, loop: Loop, kept: checkpoint.Checkpoint) -> None:
    """Make everything what it was. Raises EngineError, with nothing changed, when it is of another network or optimizer."""
    weights = kept.weights | _part(kept.state, OWN)
    places = {
        "": ({weight.path: weight for weight in model.weights}, weights),
        SEED: (_seeds(model), _part(kept.state, SEED)),
        OPTIMIZER: (_slots(optimizer), _part(kept.state, OPTIMIZER)),
    }
    for variables, arrays in places.values():
        _check(variables, arrays)
    for variables, arrays in places.values():
        for name, variable in variables.items():
            variable.assign(arrays[name])
    loop.go_on_from(_part(kept.state, LOOP))


def restore_weights(model: keras.Model, loop: Loop, kept: checkpoint.Checkpoint) -> None:
    """Give the model a checkpoint's weights, those it is judged by; the rest stays as it is. Raises WorkspaceError."""
    checkpoint.assign(model, kept.weights)
    loop.go_on_from(loop.counters())


def _seeds(model: keras.Model) -> dict[str, Any]:
    weights = {weight.path for weight in model.weights}
    return {name: variable for name, variable in named_variables(model).items() if name not in weights}


def _slots(optimizer: keras.optimizers.Optimizer) -> dict[str, Any]:
    """The optimizer's variables, numbered: Keras gives one name to the slots of weights that are called alike."""
    return {f"{number:05d}/{each.path}": each for number, each in enumerate(optimizer.variables)}


def _part(arrays: Arrays, prefix: str) -> Arrays:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def _array(variable: Any) -> npt.NDArray[Any]:
    return np.asarray(keras.ops.convert_to_numpy(variable.value))


def _check(variables: dict[str, Any], arrays: Arrays) -> None:
    wrong = sorted(variables.keys() ^ arrays.keys())
    wrong += [name for name in variables.keys() & arrays.keys() if tuple(variables[name].shape) != arrays[name].shape]
    if wrong:
        raise EngineError(
            f"The checkpoint belongs to another network or optimizer; these differ: {', '.join(wrong[:8])}."
        )
