"""The optimizer station: the rule that turns gradients into steps. Adam and its relatives are declared in a file of their own."""

from __future__ import annotations

from typing import Annotated, Literal

import pydantic

from workbench.spec.adam import Adam, Adamax, AdamW, Lamb, Nadam, ScheduleFree
from workbench.spec.base import beside, setting
from workbench.spec.optimizer_base import RATE, RATE_HELP, OptimizerSpec


class Sgd(OptimizerSpec):
    TITLE = "SGD"
    MEANING = (
        "Steps against the gradient of each mini-batch, with momentum if wanted (Polyak 1964, Nesterov 1983). With Nesterov the "
        "weights are the place looked ahead to, which is the paper's rule in other variables."
    )
    USE = "With momentum 0.9 and a schedule it often generalises best."
    LEAVE = "When you have no time to tune the learning rate: take Adam."

    method: Literal["sgd"] = "sgd"
    learning_rate: float = setting(0.05, "Learning rate", RATE, gt=0, le=1000, scale="log", **RATE_HELP)
    momentum: float = setting(
        0.9, "Momentum", "Share of the last step that is kept in the next one.", ge=0, lt=1,
        higher="Rolls through ravines and noise; overshoots.", lower="0 is plain SGD.",
    )  # fmt: skip
    nesterov: bool = setting(
        False, "Nesterov", "Takes the gradient where the momentum will lead, not where it stands.",
        use="Often a little faster with momentum.", leave="For the plain heavy ball.",
    )  # fmt: skip

    @property
    def slots(self) -> int:
        return int(self.momentum > 0)


class RmsProp(OptimizerSpec):
    TITLE = "RMSProp"
    MEANING = (
        "Divides each step by the running size of the gradients (Tieleman & Hinton 2012), with ε under the root, which the lecture "
        "does not have."
    )
    USE = "As Adam's simpler relative."
    LEAVE = "When Adam is at hand."

    method: Literal["rmsprop"] = "rmsprop"
    rho: float = setting(
        0.9, "ρ", "Memory of the mean squared gradient.", ge=0, lt=1, higher="Steadier step sizes.",
        lower="Adapts sooner.",
    )  # fmt: skip
    momentum: float = setting(
        0.0, "Momentum", "Share of the last step that is kept in the next one.", ge=0, lt=1,
        higher="Rolls through ravines and noise.", lower="0 turns it off.",
    )  # fmt: skip
    centered: bool = setting(
        False, "Centred", "Divides by the spread of the gradients about their mean, not by their size (Graves 2013).",
        use="When gradients point one way for long: the steps then grow.", leave="Otherwise: it costs one number a weight more.",
    )  # fmt: skip
    epsilon: float = setting(
        1e-7, "ε", "Keeps the division from zero.", gt=0, le=1, scale="log", higher="Closer to plain SGD.",
        lower="Closer to pure sign steps.",
    )  # fmt: skip

    @property
    def slots(self) -> int:
        return self.SLOTS + (self.momentum > 0) + self.centered


class AdaGrad(OptimizerSpec):
    TITLE = "AdaGrad"
    MEANING = "Divides each weight's step by the root of the sum of all its squared gradients (Duchi 2011): θ ← θ − ηg/√(Σg² + ε)."
    USE = "When some inputs are rare: their weights keep large steps."
    LEAVE = "For long runs: the sum only grows, so the steps die out."

    method: Literal["adagrad"] = "adagrad"
    learning_rate: float = setting(0.01, "Learning rate", RATE, gt=0, le=1000, scale="log", **RATE_HELP)
    initial_accumulator: float = setting(
        0.1, "Starting sum", "What the sum of squares starts at; 0 in the paper, 0.1 in Keras.", ge=0, le=1000,
        higher="Gentler first steps.", lower="0 makes the first step as large as the learning rate.",
    )  # fmt: skip
    epsilon: float = setting(
        1e-7, "ε", "Keeps the division from zero. Keras adds it under the root; the paper beside it.", gt=0, le=1,
        scale="log", higher="Closer to plain SGD.", lower="Closer to the paper.",
    )  # fmt: skip


class AdaDelta(OptimizerSpec):
    TITLE = "AdaDelta"
    MEANING = (
        "Steps of the running size of the last steps over that of the gradients (Zeiler 2012): it finds its own scale."
    )
    USE = "At a learning rate of 1, which is the paper's rule, to see descent without a rate to choose."
    LEAVE = "When it has to be quick: it starts very slowly."

    SLOTS = 2

    method: Literal["adadelta"] = "adadelta"
    learning_rate: float = setting(1.0, "Learning rate", RATE, gt=0, le=1000, scale="log", **RATE_HELP)
    rho: float = setting(
        0.95, "ρ", "Memory of the mean squares.", ge=0, lt=1, higher="Steadier step sizes.", lower="Adapts sooner."
    )
    epsilon: float = setting(
        1e-6, "ε", "Starts the steps, and keeps the division from zero.", gt=0, le=1, scale="log",
        higher="A quicker start.", lower="A slower start.",
    )  # fmt: skip


class Lion(OptimizerSpec):
    TITLE = "Lion"
    MEANING = "Moves every weight by the same amount, in the direction of the sign of a running mean (Chen 2023)."
    USE = "With large batches, at a third to a tenth of Adam's learning rate."
    LEAVE = "With small batches: the sign of noise is noise."

    method: Literal["lion"] = "lion"
    learning_rate: float = setting(1e-4, "Learning rate", RATE, gt=0, le=1000, scale="log", **RATE_HELP)
    beta_1: float = setting(
        0.9, "β₁", "Share of the running mean in the direction of a step.", gt=0, le=1, higher="Smoother, slower to turn.",
        lower="Nimbler, noisier.",
    )  # fmt: skip
    beta_2: float = setting(
        0.99, "β₂", "Memory of the mean gradient.", gt=0, lt=1, higher="Remembers longer.", lower="Adapts sooner."
    )


class Ftrl(OptimizerSpec):
    TITLE = "FTRL"
    MEANING = (
        "Follows the regularised leader (McMahan 2013): with an L1 strength it sets weights to exactly 0. Keras starts the sum of "
        "squares at 0.1 and counts the L2 strength twice."
    )
    USE = "For linear models and sparse weights."
    LEAVE = "For deep networks: its first step takes the starting weights to nearly 0, and some never leave."

    SLOTS = 2

    method: Literal["ftrl"] = "ftrl"
    learning_rate: float = setting(0.05, "Learning rate", RATE, gt=0, le=1000, scale="log", **RATE_HELP)
    power: float = setting(
        -0.5, "Rate power", "How the rate falls with the sum of squared gradients.", ge=-1, le=0,
        higher="0 keeps the rate.", lower="Falls faster.",
    )  # fmt: skip
    initial_accumulator: float = setting(
        0.1, "Starting sum", "What the sum of squares starts at.", ge=0, le=1000, higher="Gentler first steps.",
        lower="Larger first steps.",
    )  # fmt: skip
    l1: float = setting(
        0.0, "L1 strength", "Pull towards exactly 0.", ge=0, le=100, higher="More weights are 0.",
        lower="0 turns it off.",
    )  # fmt: skip
    l2: float = setting(
        0.0, "L2 strength", "Pull towards small weights.", ge=0, le=100, higher="Smaller weights.",
        lower="0 turns it off.",
    )  # fmt: skip
    shrinkage: float = setting(
        0.0, "L2 shrinkage", "L2 penalty on the gradient only.", ge=0, le=100, higher="Smaller weights.",
        lower="0 turns it off.",
    )  # fmt: skip
    beta: float = setting(
        0.0, "β", "Added to the root of the sum (McMahan 2013).", ge=0, le=100, higher="Gentler steps.",
        lower="0 is the usual choice.",
    )  # fmt: skip


class Adafactor(OptimizerSpec):
    TITLE = "Adafactor"
    MEANING = (
        "Divides by squared gradients known by row and column only, and steps by the weights' own size (Shazeer & Stern 2018). "
        "Its rate is never above 1/√step: at 0.01 that matters from step 10,000 on."
    )
    USE = "When Adam's memory is too much, or one rate should fit tensors of very different size."
    LEAVE = "When a schedule shall keep the rate above 1/√step: take Adam."

    method: Literal["adafactor"] = "adafactor"
    learning_rate: float = setting(0.01, "Learning rate", RATE, gt=0, le=1000, scale="log", **RATE_HELP)
    decay: float = setting(
        -0.8, "Decay of β₂", "Exponent with which the memory of squares lengthens.", ge=-2, lt=0,
        higher="Forgets faster.", lower="Remembers longer.",
    )  # fmt: skip
    epsilon_1: float = setting(
        1e-16, "ε₁", "Added to squared gradients. The paper's 1e-30 becomes 0, and the step NaN, where a whole row and column stand still.",
        gt=0, le=1, scale="log", higher="Smaller steps where gradients are tiny.", lower="Below about 1e-18, NaN in networks with dead units.",
    )  # fmt: skip
    epsilon_2: float = setting(
        1e-3, "ε₂", "The least size a tensor is taken to have.", gt=0, le=1, scale="log",
        higher="Larger steps for small weights.", lower="Smaller steps for small weights.",
    )  # fmt: skip
    clip: float = setting(
        1.0, "Clip", "Largest root mean square of an update.", gt=0, le=1000, higher="Rarely clips.",
        lower="Clips more.",
    )  # fmt: skip


class Muon(OptimizerSpec):
    TITLE = "Muon"
    MEANING = (
        "Makes the momentum of each dense layer's kernel orthogonal, so that every direction is learnt alike (Jordan 2024, Liu 2025). "
        "Convolutions, biases, norm scales and the last layer are left to AdamW."
    )
    USE = "With MLPs and other networks of large dense layers, at Adam's learning rates."
    LEAVE = "With convolutional networks: nearly all their weights get AdamW, so take that."

    SLOTS = 2  # an AdamW weight's; those of Muon keep one

    method: Literal["muon"] = "muon"
    momentum: float = setting(
        0.95, "Momentum", "Memory of the gradients that are made orthogonal, μ.", ge=0, lt=1,
        higher="Steadier directions, slower to turn.", lower="Nimbler, noisier.",
    )  # fmt: skip
    nesterov: bool = setting(
        True, "Nesterov", "Makes g + μm orthogonal instead of the running sum m itself.",
        use="As in the original program.", leave="For the rule as it stands in Liu 2025.",
    )  # fmt: skip
    rounds: int = setting(
        5, "Newton–Schulz rounds", "How often the polynomial ax + bx³ + cx⁵ pulls the singular values towards 1.", ge=0, le=50,
        higher="Nearer to orthogonal; each costs three matrix products.", lower="Cheaper; 0 leaves the direction as it is.",
    )  # fmt: skip
    a: float = setting(
        3.4445, "Polynomial a", "The polynomial's first number.", ge=-10, le=10,
        higher="Small singular values grow faster.", lower="1.5, with b = -0.5 and c = 0, reaches 1 exactly but slowly.",
    )  # fmt: skip
    b: float = setting(
        -4.775, "Polynomial b", "The polynomial's second number.", ge=-10, le=10,
        higher="Singular values may pass 1 and run away.", lower="Large singular values shrink.",
    )  # fmt: skip
    c: float = setting(
        2.0315, "Polynomial c", "The polynomial's third number.", ge=-10, le=10,
        higher="Singular values near 1 are pushed up.", lower="Singular values near 1 are pushed down.",
    )  # fmt: skip
    adam_sized: bool = setting(
        True, "Adam-sized steps", "Multiplies a step by RMS rate · √(larger side of the kernel), so that Adam's rates fit (Liu 2025).",
        use="As a rule.", leave="For Jordan's plain orthogonal step, with rates of about 0.02.",
    )  # fmt: skip
    rms_rate: float = setting(
        0.2, "RMS rate", "Root mean square of an Adam-sized step at a rate of 1.", gt=0, le=100, scale="log",
        higher="Muon's layers learn faster than the rest.", lower="Muon's layers learn slower than the rest.",
        when=beside("adam_sized", True),
    )  # fmt: skip
    weight_decay: float = setting(
        0.004, "Weight decay", "Share of each of Muon's weights taken away a step, times the learning rate.", ge=0, le=10,
        scale="log", higher="Simpler functions, in the end underfitting.", lower="0 turns it off.",
    )  # fmt: skip
    adam_ratio: float = setting(
        1.0, "AdamW's share", "AdamW's learning rate as a share of Muon's; its decay keeps the full one.", gt=0, le=1000, scale="log",
        higher="The rest learns faster.", lower="The rest learns slower.",
    )  # fmt: skip
    beta_1: float = setting(
        0.9, "β₁", "AdamW's memory of the mean gradient.", ge=0, lt=1, higher="Smoother, slower to turn.",
        lower="Nimbler, noisier.",
    )  # fmt: skip
    beta_2: float = setting(
        0.999, "β₂", "AdamW's memory of the mean squared gradient.", ge=0, lt=1, higher="Steadier step sizes.",
        lower="Adapts sooner.",
    )  # fmt: skip
    epsilon: float = setting(
        1e-7, "ε", "Keeps AdamW's division from zero.", gt=0, le=1, scale="log", higher="Closer to plain SGD.",
        lower="Closer to pure sign steps.",
    )  # fmt: skip
    adam_weight_decay: float = setting(
        0.004, "AdamW's weight decay", "The same for the convolutions' and the last layer's kernels.", ge=0, le=10, scale="log",
        higher="Simpler functions, in the end underfitting.", lower="0 turns it off.",
    )  # fmt: skip


Optimizer = Annotated[
    Sgd
    | Adam
    | AdamW
    | ScheduleFree
    | RmsProp
    | AdaGrad
    | AdaDelta
    | Adamax
    | Nadam
    | Lion
    | Lamb
    | Ftrl
    | Adafactor
    | Muon,
    pydantic.Field(discriminator="method"),
]
