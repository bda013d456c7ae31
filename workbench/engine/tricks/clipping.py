"""Gradient clipping: limits each element, each tensor's norm, or the norm of all gradients together.

Pure keras.ops without a Python branch on values, so it works inside a compiled step. A gradient that
is not finite stays so: the loop's guard is to see it.
"""

from __future__ import annotations

from typing import Any, assert_never

from keras import ops

from workbench.spec.tricks import GradientClipping


def global_norm(gradients: list[Any]) -> Any:
    """√ of the sum of all squares: the length of the whole gradient, a scalar."""
    return ops.sqrt(sum(ops.sum(ops.square(gradient)) for gradient in gradients))


def clip(gradients: list[Any], spec: GradientClipping, norm: Any = None) -> list[Any]:
    """The gradients within the limit; `norm` is their global norm when the caller has it already."""
    match spec.by:
        case "value":
            return [ops.clip(gradient, -spec.limit, spec.limit) for gradient in gradients]
        case "norm":
            return [gradient * _factor(global_norm([gradient]), spec.limit) for gradient in gradients]
        case "global_norm":
            factor = _factor(global_norm(gradients) if norm is None else norm, spec.limit)
            return [gradient * factor for gradient in gradients]
        case _:
            assert_never(spec.by)


def _factor(norm: Any, limit: float) -> Any:
    """min(1, limit / norm) without dividing by 0, and exactly 1 up to the limit."""
    return limit / ops.maximum(norm, limit)
