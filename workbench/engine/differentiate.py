"""A loss' gradient by given tensors, on whichever backend Keras runs: eager, or compiled once where eager is slow (JAX)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import keras

Tensor: TypeAlias = Any
#: Takes tensors; gives a scalar and further tensors.
Function: TypeAlias = Callable[[Sequence[Tensor]], tuple[Tensor, Sequence[Tensor]]]
#: Takes tensors; gives what the function gave beside its scalar, and the scalar's gradient by each tensor.
Derived: TypeAlias = Callable[[Sequence[Tensor]], tuple[Sequence[Tensor], Sequence[Tensor]]]


def derived(function: Function, model: keras.Model) -> Derived:
    """`function` with its gradients. Where it is compiled, the model's weights are looked up at every call all the same."""
    return {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}[keras.backend.backend()](function, model)


def _tensorflow(function: Function, _: keras.Model) -> Derived:
    import tensorflow as tf  # noqa: PLC0415 - only where it is the backend

    def call(arguments: Sequence[Tensor]) -> tuple[Sequence[Tensor], Sequence[Tensor]]:
        arguments = list(arguments)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(arguments)
            value, more = function(arguments)
        return more, tape.gradient(value, arguments, unconnected_gradients=tf.UnconnectedGradients.ZERO)

    return call


def _jax(function: Function, model: keras.Model) -> Derived:
    import jax  # noqa: PLC0415 - as above

    def traced(weights: Sequence[Tensor], arguments: Sequence[Tensor]) -> Any:
        # What the forward pass changes (moving averages) stays within the scope.
        with keras.StatelessScope(state_mapping=list(zip(model.variables, weights, strict=True))):
            return jax.value_and_grad(function, has_aux=True)(arguments)

    compiled = jax.jit(traced)

    def call(arguments: Sequence[Tensor]) -> tuple[Sequence[Tensor], Sequence[Tensor]]:
        (_, more), gradients = compiled([variable.value for variable in model.variables], list(arguments))
        return more, gradients

    return call


def _torch(function: Function, _: keras.Model) -> Derived:
    import torch  # noqa: PLC0415 - as above

    def call(arguments: Sequence[Tensor]) -> tuple[Sequence[Tensor], Sequence[Tensor]]:
        leaves = [argument.detach().requires_grad_() for argument in arguments]
        value, more = function(leaves)
        found = torch.autograd.grad(value, leaves, allow_unused=True)
        gradients = [torch.zeros_like(leaf) if each is None else each for leaf, each in zip(leaves, found, strict=True)]
        return [each.detach() for each in more], gradients

    return call
