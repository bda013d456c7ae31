"""Adam and its relatives, declared: methods that divide by the running size of the gradients."""

from __future__ import annotations

from typing import Literal

from workbench.spec.base import setting
from workbench.spec.optimizer_base import RATE, RATE_HELP, OptimizerSpec


class _AdamSpec(OptimizerSpec):
    SLOTS = 2

    beta_1: float = setting(
        0.9, "β₁", "Memory of the mean gradient.", ge=0, lt=1, higher="Smoother, slower to turn.",
        lower="Nimbler, noisier.",
    )  # fmt: skip
    beta_2: float = setting(
        0.999, "β₂", "Memory of the mean squared gradient.", ge=0, lt=1, higher="Steadier step sizes.",
        lower="Adapts sooner.",
    )  # fmt: skip
    epsilon: float = setting(
        1e-7, "ε", "Keeps the division from zero.", gt=0, le=1, scale="log", higher="Closer to plain SGD.",
        lower="Closer to pure sign steps.",
    )  # fmt: skip


class _AmsgradSpec(_AdamSpec):
    amsgrad: bool = setting(
        False, "AMSGrad",
        "Divides by the largest running size so far, so that steps never grow again (Reddi 2018). Keras keeps Adam's corrections "
        "of the first steps, which that paper leaves out.",
        use="When Adam's loss rises again late in a run.", leave="Otherwise: it makes hardly a difference.",
    )  # fmt: skip

    @property
    def slots(self) -> int:
        return self.SLOTS + self.amsgrad


class Adam(_AmsgradSpec):
    TITLE = "Adam"
    MEANING = (
        "Scales each weight's step by the running size of its gradients (Kingma & Ba 2015). ε stands beside the root before its "
        "correction, as in the paper's quicker form (its ε-hat)."
    )
    USE = "The safe first choice: works over a wide range of learning rates."
    LEAVE = "When the last bit of accuracy counts: try SGD with a schedule."

    method: Literal["adam"] = "adam"


class AdamW(_AmsgradSpec):
    TITLE = "AdamW"
    MEANING = (
        "Adam with decoupled weight decay (Loshchilov & Hutter 2019). The decay is multiplied by the learning rate, so the paper's "
        "own λ is this one times the rate."
    )
    USE = "When Adam overfits."
    LEAVE = "With the weight decay trick: that would decay twice."

    method: Literal["adamw"] = "adamw"
    weight_decay: float = setting(
        0.004, "Weight decay", "Share of each weight taken away a step, times the learning rate.", ge=0, le=10, scale="log",
        higher="Simpler functions, in the end underfitting.", lower="0 is plain Adam.",
    )  # fmt: skip


class ScheduleFree(_AdamSpec):
    TITLE = "Schedule-free AdamW"
    MEANING = (
        "AdamW's steps are taken by z, the gradient at y = (1 − β₁)z + β₁x, and the network is judged and kept at x, the mean of "
        "all z, which does what a falling rate would (Defazio 2024). Keras weighs every step alike; the paper weighs those of a "
        "warm-up less."
    )
    USE = "With the constant schedule, when you do not know beforehand how long to train."
    LEAVE = (
        "With a schedule that falls: both would shrink the steps. And with the average of weights, which x is already."
    )

    method: Literal["schedule_free"] = "schedule_free"
    learning_rate: float = setting(0.0025, "Learning rate", RATE, gt=0, le=1000, scale="log", **RATE_HELP)
    beta_1: float = setting(
        0.9, "β₁", "How near to the mean the gradient is taken.", gt=0, lt=1, higher="Nearer to the mean: calmer.",
        lower="Nearer to z: nimbler, noisier.",
    )  # fmt: skip
    epsilon: float = setting(
        1e-8, "ε", "Keeps the division from zero.", gt=0, le=1, scale="log", higher="Closer to plain SGD.",
        lower="Closer to pure sign steps.",
    )  # fmt: skip
    weight_decay: float = setting(
        0.0, "Weight decay", "Share of y that z loses at a step, times the learning rate.", ge=0, le=10, scale="log",
        higher="Simpler functions, in the end underfitting.", lower="0 turns it off.",
    )  # fmt: skip


class Adamax(_AdamSpec):
    TITLE = "Adamax"
    MEANING = (
        "Adam that divides by the largest recent gradient instead of the mean square (Kingma & Ba 2015, section 7), plus ε, which "
        "the paper does not need."
    )
    USE = "When single gradients are very large now and then."
    LEAVE = "As a first choice: take Adam."

    method: Literal["adamax"] = "adamax"
    learning_rate: float = setting(2e-3, "Learning rate", RATE, gt=0, le=1000, scale="log", **RATE_HELP)


class Nadam(_AdamSpec):
    TITLE = "Nadam"
    MEANING = (
        "Adam with Nesterov's look ahead (Dozat 2016). Keras lets the momentum rise from half of β₁ within about 50 steps; in the "
        "paper that takes 250 times as long, and rules the running mean too."
    )
    USE = "When Adam learns well and should be a little quicker."
    LEAVE = "When training is unsteady."

    method: Literal["nadam"] = "nadam"


class Lamb(_AdamSpec):
    TITLE = "LAMB"
    MEANING = (
        "Adam whose step in each tensor is as long as that tensor's own weights, times the rate (You 2020). Weight decay is taken "
        "apart from the step; in the paper it is part of it."
    )
    USE = "With very large batches."
    LEAVE = "With ordinary batches: take Adam or AdamW."

    method: Literal["lamb"] = "lamb"
