"""The starting weights: Keras' initializers, found by the type of the spec, each with an explicit seed.

Keras draws "normal" from a normal cut at two standard deviations and widened so that the variance is
as the formula says; that is kept, because no single weight then starts far out.
"""

from __future__ import annotations

from collections.abc import Callable

import keras

from workbench.spec.base import Spec
from workbench.spec.initializer import Initializer, KaimingNormal, KaimingUniform, XavierNormal, XavierUniform

INITIALIZERS: dict[type[Spec], Callable[[int], keras.initializers.Initializer]] = {
    KaimingNormal: lambda seed: keras.initializers.HeNormal(seed=seed),
    KaimingUniform: lambda seed: keras.initializers.HeUniform(seed=seed),
    XavierNormal: lambda seed: keras.initializers.GlorotNormal(seed=seed),
    XavierUniform: lambda seed: keras.initializers.GlorotUniform(seed=seed),
}


def build_initializer(spec: Initializer, seed: int) -> keras.initializers.Initializer:
    return INITIALIZERS[type(spec)](seed)
