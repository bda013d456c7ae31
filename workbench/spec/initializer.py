"""The initializer station: where the weights start."""

from __future__ import annotations

from typing import Annotated, Literal

import pydantic

from workbench.spec.base import Spec


class KaimingNormal(Spec):
    TITLE = "Kaiming normal"
    MEANING = "Normal with variance 2 / fan_in (He 2015): keeps the signal's spread through ReLU layers."
    USE = "With ReLU and its relatives."
    LEAVE = "With tanh or sigmoid: take Xavier."

    kind: Literal["kaiming_normal"] = "kaiming_normal"


class KaimingUniform(Spec):
    TITLE = "Kaiming uniform"
    MEANING = "Uniform with variance 2 / fan_in (He 2015)."
    USE = "With ReLU and its relatives; no large values can occur."
    LEAVE = "With tanh or sigmoid: take Xavier."

    kind: Literal["kaiming_uniform"] = "kaiming_uniform"


class XavierNormal(Spec):
    TITLE = "Xavier normal"
    MEANING = "Normal with variance 2 / (fan_in + fan_out) (Glorot 2010): keeps signal and gradient alike."
    USE = "With tanh, sigmoid or no activation."
    LEAVE = "With deep ReLU networks: the signal halves at each layer."

    kind: Literal["xavier_normal"] = "xavier_normal"


class XavierUniform(Spec):
    TITLE = "Xavier uniform"
    MEANING = "Uniform with variance 2 / (fan_in + fan_out) (Glorot 2010); what Keras does unless told otherwise."
    USE = "With tanh, sigmoid or no activation."
    LEAVE = "With deep ReLU networks: the signal halves at each layer."

    kind: Literal["xavier_uniform"] = "xavier_uniform"


Initializer = Annotated[
    KaimingNormal | KaimingUniform | XavierNormal | XavierUniform, pydantic.Field(discriminator="kind")
]
