"""Where optimizers are compared: a function of two variables and a small network, both with gradients in NumPy.

`followed` lets the optimizer of a recipe walk, `reference` a rule of `paper_rules`; both give every place they passed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import keras
import numpy as np

from tests.engine.paper_rules import Array, Memory, Rule
from workbench.engine.build import build_model, named_variables
from workbench.engine.optimizers import build_optimizer
from workbench.network.plan import plan
from workbench.spec.recipe import Recipe, parse

STEPS = 50
RATE = 0.05

#: The bowl ½(x − LOWEST)ᵀ·CURVES·(x − LOWEST); tilted, so that its axes are not the variables', and lowest away from 0, so
#: that a relative error means something there.
CURVES = np.array([[2.0, 0.6], [0.6, 0.5]])
LOWEST = np.array([0.7, -1.3])
START = np.array([2.0, 1.0])

#: All places of a walk, the start first: steps + 1 lists of tensors.
Walk: TypeAlias = list[list[Array]]
Gradients: TypeAlias = Callable[[list[Array]], list[Array]]


def recipe(method: str, weight_decay_trick: dict[str, object] | None = None, /, **optimizer: object) -> Recipe:
    """A recipe whose model is the small network: 4 → 6 tanh → 3."""
    return parse(
        {
            "model": {"kind": "mlp", "depth": 1, "width": 6, "activation": "tanh"},
            "initializer": {"kind": "xavier_uniform"},
            "optimizer": {"method": method, "learning_rate": RATE, **optimizer},
            "tricks": {} if weight_decay_trick is None else {"weight_decay": weight_decay_trick},
        }
    )


def bowl(places: list[Array]) -> list[Array]:
    """The bowl's gradient, in the shape in which the two variables come."""
    return [(CURVES @ (places[0].ravel() - LOWEST)).reshape(places[0].shape)]


def network_gradients(weights: list[Array]) -> list[Array]:
    """Of the mean cross-entropy over 24 fixed pictures, with respect to both layers' kernels and biases."""
    random = np.random.default_rng(3)
    pictures, labels = random.standard_normal((24, 4)), random.integers(0, 3, 24)
    kernel, bias, last, last_bias = weights
    hidden = np.tanh(pictures @ kernel + bias)
    logits = hidden @ last + last_bias
    shares = np.exp(logits - logits.max(1, keepdims=True))
    shares /= shares.sum(1, keepdims=True)
    error = (shares - np.eye(3)[labels]) / len(labels)
    inner = (error @ last.T) * (1 - hidden**2)
    return [pictures.T @ inner, inner.sum(0), hidden.T @ error, error.sum(0)]


def two_variables(shape: tuple[int, ...] = (2,)) -> list[keras.Variable]:
    return [keras.Variable(START.reshape(shape), dtype="float32", name="kernel")]


def network_weights(wanted: Recipe) -> list[keras.Variable]:
    """The variables of the real model of the recipe, in the order of `network_gradients`."""
    found = named_variables(build_model(plan(wanted, (2, 2, 1), 3), wanted))
    assert list(found) == ["hidden1_dense/kernel", "hidden1_dense/bias", "logits/kernel", "logits/bias"]
    return list(found.values())


def numbers(variables: list[keras.Variable]) -> list[Array]:
    return [keras.ops.convert_to_numpy(each).astype(np.float64) for each in variables]


def followed(
    wanted: Recipe, variables: list[keras.Variable], gradients: Gradients, steps: int = STEPS
) -> tuple[Walk, list[list[Array]]]:
    """The places where the real optimizer goes in float32, and the gradients it was given on the way."""
    optimizer = build_optimizer(wanted)
    optimizer.build(variables)
    apply = compiled(optimizer, variables)
    walk, given = [numbers(variables)], []
    for _ in range(steps):
        given.append(gradients(walk[-1]))
        apply([keras.ops.convert_to_tensor(each, "float32") for each in given[-1]])
        walk.append(numbers(variables))
    return walk, given


def compiled(optimizer: Any, variables: list[keras.Variable]) -> Callable[[list[Any]], None]:
    """A step of the optimizer, compiled as the loop of this backend compiles it; on PyTorch it is not."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.function(lambda gradients: optimizer.apply(gradients, variables), autograph=False)
    if keras.backend.backend() == "jax":
        import jax

        stateless = jax.jit(optimizer.stateless_apply)

        def apply(gradients: list[Any]) -> None:
            slots = [each.value for each in optimizer.variables]
            after = stateless(slots, gradients, [each.value for each in variables])
            for target, values in zip((variables, optimizer.variables), after, strict=True):
                for variable, value in zip(target, values, strict=True):
                    variable.assign(value)

        return apply
    return lambda gradients: optimizer.apply(gradients, variables)


def reference(
    rules: list[Rule], start: list[Array], gradients: Gradients | list[list[Array]], steps: int = STEPS
) -> Walk:
    """The places where the rules go, one rule a tensor, by gradients of their own or by those that were given."""
    memories: list[Memory] = [{} for _ in rules]
    walk = [start]
    for step in range(1, steps + 1):
        here = gradients[step - 1] if isinstance(gradients, list) else gradients(walk[-1])
        parts = zip(rules, walk[-1], here, memories, strict=True)
        walk.append([np.asarray(rule(place, g, memory, step)) for rule, place, g, memory in parts])
    return walk


def error(found: Walk, expected: Walk) -> float:
    """The largest difference of any tensor at any step, as a share of that tensor's largest number there."""
    pairs: list[Any] = [
        (one, other) for places in zip(found, expected, strict=True) for one, other in zip(*places, strict=True)
    ]
    return max(float(np.abs(a - b).max() / max(np.abs(b).max(), 1e-30)) for a, b in pairs if a.any() or b.any())
