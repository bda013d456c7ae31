"""The optimizer station: the rule that turns gradients into steps."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import pydantic

from workbench.spec.base import Spec, setting

_RATE = "Size of a step."
_RATE_HELP: dict[str, Any] = {
    "higher": "Learns faster, until the loss jumps about or becomes NaN.",
    "lower": "Safer and slower; too small never gets there.",
}


class OptimizerSpec(Spec):
    """What every optimizer has in common."""

    #: Numbers it keeps for each weight, for estimates of memory.
    SLOTS: ClassVar[int] = 1

    learning_rate: float = setting(1e-3, "Learning rate", _RATE, gt=0, le=1000, scale="log", **_RATE_HELP)


class Sgd(OptimizerSpec):
    TITLE = "SGD"
    MEANING = "Steps against the gradient of each mini-batch, with momentum if wanted (Polyak 1964, Nesterov 1983)."
    USE = "With momentum 0.9 and a schedule it often generalises best."
    LEAVE = "When you have no time to tune the learning rate: take Adam."

    method: Literal["sgd"] = "sgd"
    learning_rate: float = setting(0.05, "Learning rate", _RATE, gt=0, le=1000, scale="log", **_RATE_HELP)
    momentum: float = setting(
        0.9, "Momentum", "Share of the last step that is kept in the next one.", ge=0, lt=1,
        higher="Rolls through ravines and noise; overshoots.", lower="0 is plain SGD.",
    )  # fmt: skip
    nesterov: bool = setting(
        False, "Nesterov", "Takes the gradient where the momentum will lead, not where it stands.",
        use="Often a little faster with momentum.", leave="For the plain heavy ball.",
    )  # fmt: skip


class _AdamSpec(OptimizerSpec):
    SLOTS = 2

    beta_1: float = setting(
        0.9,
        "β₁",
        "Memory of the mean gradient.",
        ge=0,
        lt=1,
        higher="Smoother, slower to turn.",
        lower="Nimbler, noisier.",
    )
    beta_2: float = setting(
        0.999, "β₂", "Memory of the mean squared gradient.", ge=0, lt=1, higher="Steadier step sizes.",
        lower="Adapts sooner.",
    )  # fmt: skip
    epsilon: float = setting(
        1e-7, "ε", "Keeps the division from zero.", gt=0, le=1, scale="log", higher="Closer to plain SGD.",
        lower="Closer to pure sign steps.",
    )  # fmt: skip


class Adam(_AdamSpec):
    TITLE = "Adam"
    MEANING = "Scales each weight's step by the running size of its gradients (Kingma & Ba 2015)."
    USE = "The safe first choice: works over a wide range of learning rates."
    LEAVE = "When the last bit of accuracy counts: try SGD with a schedule."

    method: Literal["adam"] = "adam"


class AdamW(_AdamSpec):
    TITLE = "AdamW"
    MEANING = "Adam with decoupled weight decay (Loshchilov & Hutter 2019)."
    USE = "When Adam overfits."
    LEAVE = "With the weight decay trick: that would decay twice."

    method: Literal["adamw"] = "adamw"
    weight_decay: float = setting(
        0.004, "Weight decay", "Share of each weight taken away a step, times the learning rate.", ge=0, le=10, scale="log",
        higher="Simpler functions, in the end underfitting.", lower="0 is plain Adam.",
    )  # fmt: skip


class RmsProp(OptimizerSpec):
    TITLE = "RMSProp"
    MEANING = "Divides each step by the running size of the gradients (Tieleman & Hinton 2012)."
    USE = "As Adam's simpler relative."
    LEAVE = "When Adam is at hand."

    method: Literal["rmsprop"] = "rmsprop"
    rho: float = setting(
        0.9,
        "ρ",
        "Memory of the mean squared gradient.",
        ge=0,
        lt=1,
        higher="Steadier step sizes.",
        lower="Adapts sooner.",
    )
    momentum: float = setting(
        0.0, "Momentum", "Share of the last step that is kept in the next one.", ge=0, lt=1,
        higher="Rolls through ravines and noise.", lower="0 turns it off.",
    )  # fmt: skip
    epsilon: float = setting(
        1e-7, "ε", "Keeps the division from zero.", gt=0, le=1, scale="log", higher="Closer to plain SGD.",
        lower="Closer to pure sign steps.",
    )  # fmt: skip


Optimizer = Annotated[Sgd | Adam | AdamW | RmsProp, pydantic.Field(discriminator="method")]
