"""The starting weights: Keras' initializers, found by the type of the spec, each with an explicit seed.

Keras draws "normal" from a normal cut at two standard deviations and widened so that the variance is
as the formula says; that is kept, because no single weight then starts far out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from workbench.spec import initializer as specs
from workbench.spec.base import Spec

_init = keras.initializers

INITIALIZERS: dict[type[Spec], Callable[[Any, int], keras.initializers.Initializer]] = {
    specs.KaimingNormal: lambda _, seed: _init.HeNormal(seed=seed),
    specs.KaimingUniform: lambda _, seed: _init.HeUniform(seed=seed),
    specs.XavierNormal: lambda _, seed: _init.GlorotNormal(seed=seed),
    specs.XavierUniform: lambda _, seed: _init.GlorotUniform(seed=seed),
    specs.LecunNormal: lambda _, seed: _init.LecunNormal(seed=seed),
    specs.LecunUniform: lambda _, seed: _init.LecunUniform(seed=seed),
    specs.Orthogonal: lambda spec, seed: _init.Orthogonal(gain=spec.gain, seed=seed),
    specs.TruncatedNormal: lambda spec, seed: _init.TruncatedNormal(stddev=spec.sigma, seed=seed),
    specs.Zeros: lambda _, __: _init.Zeros(),
    # Kaiming's 2 / fan_in keeps a ReLU network's spread; four times that variance doubles it.
    specs.Doubling: lambda _, seed: _init.VarianceScaling(8.0, "fan_in", "truncated_normal", seed=seed),
}


def build_initializer(spec: specs.Initializer, seed: int) -> keras.initializers.Initializer:
    return INITIALIZERS[type(spec)](spec, seed)
