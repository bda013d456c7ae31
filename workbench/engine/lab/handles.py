"""Which numbers of a method are inputs of the compiled race, and how Keras' optimizers are made to take them as such.

A method's switches, and the number of Muon's rounds, shape the program. All its other numbers may change between races without
a new program: in the optimizer each stands as a `Handle`.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from workbench.spec import adam, lab, optimizer
from workbench.spec.optimizer_base import OptimizerSpec

#: The optimizer's attribute behind each number of a method; the learning rate is a variable of every optimizer's own.
_BETAS = {"beta_1": "beta_1", "beta_2": "beta_2"}
_ADAM = {**_BETAS, "epsilon": "epsilon"}
NUMBERS: dict[type[OptimizerSpec], dict[str, str]] = {
    lab.GradientDescent: {},
    lab.NoisyDescent: {},
    lab.HeavyBall: {"momentum": "momentum"},
    lab.NesterovDescent: {"momentum": "momentum"},
    lab.Newton: {},
    optimizer.AdaGrad: {"epsilon": "epsilon"},
    optimizer.AdaDelta: {"rho": "rho", "epsilon": "epsilon"},
    optimizer.RmsProp: {"rho": "rho", "momentum": "momentum", "epsilon": "epsilon"},
    adam.Adam: _ADAM,
    adam.AdamW: {**_ADAM, "weight_decay": "weight_decay"},
    adam.Adamax: _ADAM,
    adam.Nadam: _ADAM,
    adam.ScheduleFree: {**_ADAM, "weight_decay": "weight_decay"},
    adam.Lamb: _ADAM,
    optimizer.Lion: _BETAS,
    optimizer.Ftrl: {
        "power": "learning_rate_power",
        "l1": "l1_regularization_strength",
        "l2": "l2_regularization_strength",
        "shrinkage": "l2_shrinkage_regularization_strength",
        "beta": "beta",
    },
    optimizer.Adafactor: {
        "decay": "beta_2_decay", "epsilon_1": "epsilon_1", "epsilon_2": "epsilon_2", "clip": "clip_threshold",
    },
    optimizer.Muon: {
        "momentum": "momentum", "a": "muon_a", "b": "muon_b", "c": "muon_c", "weight_decay": "weight_decay",
        "rms_rate": "rms_rate",
    },
}  # fmt: skip
#: The optimizer's own variables that begin at a number of the method.
STARTS: dict[type[OptimizerSpec], dict[str, str]] = {
    optimizer.AdaGrad: {"initial_accumulator": "_accumulators"},
    optimizer.Ftrl: {"initial_accumulator": "_accumulators"},
}
#: Numbers that the race itself takes.
OWN: dict[type[OptimizerSpec], tuple[str, ...]] = {lab.NoisyDescent: ("noise",), lab.Newton: ("damping",)}
#: Numbers that never come into play: Muon takes the two variables for a matrix, so that its AdamW rests.
IDLE: dict[type[OptimizerSpec], tuple[str, ...]] = {
    optimizer.Muon: ("adam_ratio", "beta_1", "beta_2", "epsilon", "adam_weight_decay"),
}


def numbers(kind: type[OptimizerSpec]) -> tuple[str, ...]:
    """The names of a method's inputs, the learning rate first, in the order in which a race takes them."""
    return ("learning_rate", *NUMBERS[kind], *STARTS.get(kind, {}), *OWN.get(kind, ()))


def shape(rule: OptimizerSpec) -> tuple[tuple[str, Any], ...]:
    """What of a method shapes the program: everything that is no input."""
    given = {*numbers(type(rule)), *IDLE.get(type(rule), ())}
    return tuple((name, value) for name, value in rule.model_dump().items() if name not in given)


def exemplar(rule: OptimizerSpec) -> OptimizerSpec:
    """A method of the same shape whose numbers are all in use, so that its optimizer has every variable it may need."""
    used = {name: 0.5 for name in ("momentum", "weight_decay") if name in type(rule).model_fields}
    return type(rule).model_validate({**dict(shape(rule)), **used})


class Handle:
    """A number in an optimizer that is an input of the compiled program.

    Optimizers reckon with their numbers and ask at most whether one is in use, which here is always so.
    """

    def __init__(self, tensor: Any) -> None:
        self._tensor = tensor

    dtype = "float64"
    shape = ()

    def __tf_tensor__(self, dtype: Any = None, name: str | None = None) -> Any:
        return self._tensor if dtype is None else tf.cast(self._tensor, dtype, name=name)

    def __bool__(self) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return True

    def __eq__(self, other: object) -> bool:
        return False

    def __gt__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment] # it equals nothing

    def __add__(self, other: Any) -> Any:
        return self._tensor + _plain(other)

    def __radd__(self, other: Any) -> Any:
        return _plain(other) + self._tensor

    def __sub__(self, other: Any) -> Any:
        return self._tensor - _plain(other)

    def __rsub__(self, other: Any) -> Any:
        return _plain(other) - self._tensor

    def __mul__(self, other: Any) -> Any:
        return self._tensor * _plain(other)

    def __rmul__(self, other: Any) -> Any:
        return _plain(other) * self._tensor

    def __truediv__(self, other: Any) -> Any:
        return self._tensor / _plain(other)

    def __rtruediv__(self, other: Any) -> Any:
        return _plain(other) / self._tensor

    def __neg__(self) -> Any:
        return -self._tensor


def _plain(other: Any) -> Any:
    """What TensorFlow reckons with: plain numbers in double precision, tensors and variables as they are."""
    if isinstance(other, int | float):
        return tf.constant(other, tf.float64)
    return tf.convert_to_tensor(other)
