"""Builds the optimizer of a recipe: Keras' own rules, found by the type of the spec.

The learning rate is a plain variable that the loop sets before each step; clipping is the loop's, so
that the gradient's norm can be recorded. Weight decay is decoupled (Loshchilov & Hutter 2019): Keras
shrinks a weight by ηλ before the step, which with the gradient already taken is θ ← (1 − ηλ)θ − ηg.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from workbench.spec.optimizer import Adam, AdamW, OptimizerSpec, RmsProp, Sgd
from workbench.spec.recipe import Recipe

#: Variable names are numbered by what the process built before unless the optimizer is named.
_NAME = "optimizer"
#: Keras searches this in a variable's name, which is "kernel" on some backends and "stage1_conv1/kernel:0" on TensorFlow: it
#: finds every name whose last part is not exactly "kernel".
_NO_KERNEL = r"^(?!(.*/)?kernel(:\d+)?$)"


def build_optimizer(recipe: Recipe) -> keras.optimizers.Optimizer:
    """The optimizer, not yet built. Weights decay in kernels only, unless the trick says everything."""
    trick = recipe.tricks.weight_decay
    keywords: dict[str, Any] = {"learning_rate": recipe.optimizer.learning_rate, "name": _NAME}
    if trick.on:
        keywords["weight_decay"] = trick.rate
    optimizer = OPTIMIZERS[type(recipe.optimizer)](recipe.optimizer, keywords)
    if not (trick.on and trick.everything):
        optimizer.exclude_from_weight_decay(var_names=[_NO_KERNEL])
    return optimizer


def _sgd(spec: Sgd, keywords: dict[str, Any]) -> keras.optimizers.Optimizer:
    return keras.optimizers.SGD(momentum=spec.momentum, nesterov=spec.nesterov, **keywords)


def _adam(spec: Adam, keywords: dict[str, Any]) -> keras.optimizers.Optimizer:
    return keras.optimizers.Adam(beta_1=spec.beta_1, beta_2=spec.beta_2, epsilon=spec.epsilon, **keywords)


def _adamw(spec: AdamW, keywords: dict[str, Any]) -> keras.optimizers.Optimizer:
    own = {"weight_decay": spec.weight_decay, **keywords}
    return keras.optimizers.AdamW(beta_1=spec.beta_1, beta_2=spec.beta_2, epsilon=spec.epsilon, **own)


def _rmsprop(spec: RmsProp, keywords: dict[str, Any]) -> keras.optimizers.Optimizer:
    return keras.optimizers.RMSprop(rho=spec.rho, momentum=spec.momentum, epsilon=spec.epsilon, **keywords)


OPTIMIZERS: dict[type[OptimizerSpec], Callable[[Any, dict[str, Any]], keras.optimizers.Optimizer]] = {
    Sgd: _sgd,
    Adam: _adam,
    AdamW: _adamw,
    RmsProp: _rmsprop,
}
