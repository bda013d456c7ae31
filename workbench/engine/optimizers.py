"""Builds the optimizer of a recipe: Keras' own rules, found by the type of the spec.

The learning rate is a plain variable that the loop sets before each step; clipping is the loop's, so
that the gradient's norm can be recorded. Weight decay is decoupled (Loshchilov & Hutter 2019): Keras
shrinks a weight by ηλ before the step, which with the gradient already taken is θ ← (1 − ηλ)θ − ηg.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from workbench.engine.schedule_free import ScheduleFreeAdamW
from workbench.network.layers import LOGITS
from workbench.spec import adam
from workbench.spec import optimizer as specs
from workbench.spec.optimizer_base import OptimizerSpec
from workbench.spec.recipe import Recipe

#: Variable names are numbered by what the process built before unless the optimizer is named.
_NAME = "optimizer"
#: Keras searches this in a variable's name, which is "kernel" on some backends and "stage1_conv1/kernel:0" on TensorFlow: it
#: finds every name whose last part is not exactly "kernel".
_NO_KERNEL = r"^(?!(.*/)?kernel(:\d+)?$)"
#: Keras searches this in a variable's path, "logits/kernel".
_LAST_LAYER = rf"(^|/){LOGITS}/"


def build_optimizer(recipe: Recipe) -> keras.optimizers.Optimizer:
    """The optimizer, not yet built. Weights decay in kernels only, unless the trick says everything."""
    trick = recipe.tricks.weight_decay
    keywords: dict[str, Any] = {"learning_rate": recipe.optimizer.learning_rate, "name": _NAME}
    if trick.on:
        keywords["weight_decay"] = trick.rate
    if recipe.tricks.ema.on:
        keywords |= {"use_ema": True, "ema_momentum": recipe.tricks.ema.decay}
    optimizer = OPTIMIZERS[type(recipe.optimizer)](recipe.optimizer, keywords)
    if not (trick.on and trick.everything):
        optimizer.exclude_from_weight_decay(var_names=[_NO_KERNEL])
    return optimizer


def _sgd(spec: specs.Sgd, keywords: dict[str, Any]) -> keras.optimizers.Optimizer:
    return keras.optimizers.SGD(momentum=spec.momentum, nesterov=spec.nesterov, **keywords)


def _adam(spec: adam.Adam, keywords: dict[str, Any]) -> keras.optimizers.Optimizer:
    return keras.optimizers.Adam(
        beta_1=spec.beta_1, beta_2=spec.beta_2, epsilon=spec.epsilon, amsgrad=spec.amsgrad, **keywords
    )


def _adamw(spec: adam.AdamW, keywords: dict[str, Any]) -> keras.optimizers.Optimizer:
    own = {"weight_decay": spec.weight_decay, **keywords}
    return keras.optimizers.AdamW(
        beta_1=spec.beta_1, beta_2=spec.beta_2, epsilon=spec.epsilon, amsgrad=spec.amsgrad, **own
    )


def _schedule_free(spec: adam.ScheduleFree, keywords: dict[str, Any]) -> keras.optimizers.Optimizer:
    own = {"weight_decay": spec.weight_decay, **keywords}
    return ScheduleFreeAdamW(beta_1=spec.beta_1, beta_2=spec.beta_2, epsilon=spec.epsilon, **own)


def _rmsprop(spec: specs.RmsProp, keywords: dict[str, Any]) -> keras.optimizers.Optimizer:
    return keras.optimizers.RMSprop(
        rho=spec.rho, momentum=spec.momentum, epsilon=spec.epsilon, centered=spec.centered, **keywords
    )


def _adagrad(spec: specs.AdaGrad, keywords: dict[str, Any]) -> keras.optimizers.Optimizer:
    return keras.optimizers.Adagrad(
        initial_accumulator_value=spec.initial_accumulator, epsilon=spec.epsilon, **keywords
    )


def _adadelta(spec: specs.AdaDelta, keywords: dict[str, Any]) -> keras.optimizers.Optimizer:
    return keras.optimizers.Adadelta(rho=spec.rho, epsilon=spec.epsilon, **keywords)


def _betas(
    kind: Callable[..., keras.optimizers.Optimizer],
) -> Callable[[Any, dict[str, Any]], keras.optimizers.Optimizer]:
    """A builder of one of Adam's relatives that take β₁, β₂ and ε and nothing else."""
    return lambda spec, keywords: kind(beta_1=spec.beta_1, beta_2=spec.beta_2, epsilon=spec.epsilon, **keywords)


def _lion(spec: specs.Lion, keywords: dict[str, Any]) -> keras.optimizers.Optimizer:
    return keras.optimizers.Lion(beta_1=spec.beta_1, beta_2=spec.beta_2, **keywords)


def _ftrl(spec: specs.Ftrl, keywords: dict[str, Any]) -> keras.optimizers.Optimizer:
    return keras.optimizers.Ftrl(
        learning_rate_power=spec.power, initial_accumulator_value=spec.initial_accumulator,
        l1_regularization_strength=spec.l1, l2_regularization_strength=spec.l2,
        l2_shrinkage_regularization_strength=spec.shrinkage, beta=spec.beta, **keywords,
    )  # fmt: skip


def _adafactor(spec: specs.Adafactor, keywords: dict[str, Any]) -> keras.optimizers.Optimizer:
    # Keras' `relative_step` is left alone: its rate is held below 1/√step whether it is on or off.
    return keras.optimizers.Adafactor(
        beta_2_decay=spec.decay, epsilon_1=spec.epsilon_1, epsilon_2=spec.epsilon_2, clip_threshold=spec.clip, **keywords,
    )  # fmt: skip


def _muon(spec: specs.Muon, keywords: dict[str, Any]) -> keras.optimizers.Optimizer:
    own = {"weight_decay": spec.weight_decay, **keywords}
    return keras.optimizers.Muon(
        adam_beta_1=spec.beta_1, adam_beta_2=spec.beta_2, epsilon=spec.epsilon, adam_weight_decay=spec.adam_weight_decay,
        adam_lr_ratio=spec.adam_ratio, muon_a=spec.a, muon_b=spec.b, muon_c=spec.c, ns_steps=spec.rounds,
        momentum=spec.momentum, nesterov=spec.nesterov, rms_rate=spec.rms_rate if spec.adam_sized else None,
        exclude_layers=[_LAST_LAYER], **own,
    )  # fmt: skip


OPTIMIZERS: dict[type[OptimizerSpec], Callable[[Any, dict[str, Any]], keras.optimizers.Optimizer]] = {
    specs.Sgd: _sgd,
    adam.Adam: _adam,
    adam.AdamW: _adamw,
    adam.ScheduleFree: _schedule_free,
    specs.RmsProp: _rmsprop,
    specs.AdaGrad: _adagrad,
    specs.AdaDelta: _adadelta,
    adam.Adamax: _betas(keras.optimizers.Adamax),
    adam.Nadam: _betas(keras.optimizers.Nadam),
    specs.Lion: _lion,
    adam.Lamb: _betas(keras.optimizers.Lamb),
    specs.Ftrl: _ftrl,
    specs.Adafactor: _adafactor,
    specs.Muon: _muon,
}
