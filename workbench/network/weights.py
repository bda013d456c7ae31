"""The arrays that each layer of a plan has when it is built, by Keras' names, with their shapes. A test holds it to Keras."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from workbench.network.layers import PICTURE, BatchNorm, Conv, Dense, GroupNorm, Kind, Layer, LayerNorm, Shape
from workbench.network.maps import BilinearUp, Deconv, Score
from workbench.network.plan import Plan

Arrays = dict[str, Shape]


def _conv(kind: Conv, shape: Shape) -> Arrays:
    return _biased(kind.filters, (kind.kernel, kind.kernel, shape[-1], kind.filters), bias=kind.bias)


def _score(kind: Score, shape: Shape) -> Arrays:
    return _biased(kind.classes, (1, 1, shape[-1], kind.classes))


def _dense(kind: Dense, shape: Shape) -> Arrays:
    return _biased(kind.units, (shape[0], kind.units), bias=kind.bias)


def _deconv(kind: Deconv, shape: Shape) -> Arrays:
    return _biased(kind.filters, (2, 2, kind.filters, shape[-1]))


def _bilinear_up(kind: BilinearUp, shape: Shape) -> Arrays:
    return {"kernel": (2 * kind.factor, 2 * kind.factor, shape[-1], shape[-1])}


def _batch_norm(_: BatchNorm, shape: Shape) -> Arrays:
    return dict.fromkeys(("gamma", "beta", "moving_mean", "moving_variance"), shape[-1:])


def _scaled(_: LayerNorm | GroupNorm, shape: Shape) -> Arrays:
    return dict.fromkeys(("gamma", "beta"), shape[-1:])


def _biased(units: int, kernel: Shape, *, bias: bool = True) -> Arrays:
    return {"kernel": kernel, **({"bias": (units,)} if bias else {})}


_ARRAYS: Mapping[type[Kind], Callable[[Any, Shape], Arrays]] = {
    Conv: _conv, Score: _score, Dense: _dense, Deconv: _deconv, BilinearUp: _bilinear_up,
    BatchNorm: _batch_norm, LayerNorm: _scaled, GroupNorm: _scaled,
}  # fmt: skip


def arrays(plan: Plan) -> list[tuple[Layer, Arrays]]:
    """Each layer that has weights, in order, with the shapes of its arrays in Keras' order."""
    shapes: dict[str, Shape] = {PICTURE: plan.shape} | {layer.name: layer.shape for layer in plan.layers}
    return [
        (layer, _ARRAYS[type(layer.kind)](layer.kind, shapes[layer.inputs[0]]))
        for layer in plan.layers
        if layer.parameters
    ]
