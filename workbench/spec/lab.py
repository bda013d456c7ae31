"""The descent lab's settings: a landscape of two variables, and the methods that go down it side by side.

Nothing here trains a network. The methods are those of the catalogue, with gradient descent, momentum and Nesterov as methods
of their own (to the engine all three are SGD) and with Newton, which is shown where it is affordable.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import pydantic

from workbench.spec import adam, optimizer
from workbench.spec.base import Spec, beside, setting
from workbench.spec.optimizer_base import RATE, RATE_HELP, OptimizerSpec

#: Samples of the landscape that is a logistic regression; larger batches are all of them.
SAMPLES = 24
#: Points a side at which a run's loss is measured for a slice.
SLICE_POINTS = 33
#: A path has at most so many steps.
MOST_STEPS = 5_000
#: A racer's name: its method, perhaps with a number.
MOST_RACERS = 24

Kind: TypeAlias = Literal[
    "quadratic", "trough", "quartic", "ravine", "rosenbrock", "himmelblau", "beale", "saddle", "kink", "bumpy", "logistic", "slice",
]  # fmt: skip
KINDS: dict[str, str] = {
    "quadratic": "Quadratic valley",
    "trough": "Flat trough",
    "quartic": "x⁴ bowl",
    "ravine": "Winding ravine",
    "rosenbrock": "Rosenbrock",
    "himmelblau": "Himmelblau",
    "beale": "Beale",
    "saddle": "Saddle",
    "kink": "Kink, |x|",
    "bumpy": "Bumpy bowl",
    "logistic": "Logistic regression",
    "slice": "Slice of a run",
}


class Landscape(Spec):
    TITLE = "Landscape"
    MEANING = "The function of two variables that is gone down."

    kind: Kind = setting(
        "quadratic", "Shape", "Which function of two variables is gone down.", choices=KINDS,
        use="A quadratic valley shows what theory says; the others show where it ends.",
    )  # fmt: skip
    condition: float = setting(
        25.0, "Condition", "κ, how many times steeper the steepest direction is than the flattest.", ge=1, le=10_000, scale="log",
        higher="A longer valley: descent needs about κ steps, momentum about √κ.", lower="1 is a round bowl: one step of 1/L is enough.",
        when=beside("kind", "quadratic"),
    )  # fmt: skip
    tilt: float = setting(
        36.0, "Tilt", "How far the valley is turned out of the axes.", unit="°", ge=-90, le=90,
        higher="Methods with a step size for each variable lose their advantage.", lower="0 puts it along the axes.",
        when=beside("kind", "quadratic", "trough"),
    )  # fmt: skip
    slice_file: str = setting(
        "", "Measured loss", "The file with a run's loss around its weights, as it was measured.", kind="file", when=beside("kind", "slice"),
    )  # fmt: skip
    weight_decay: float = setting(
        0.0, "Weight decay", "λ of λ/2·‖x‖², which is added to the function.", ge=0, le=10,
        higher="Makes any convex function λ-strongly convex, and draws its minimum towards 0.", lower="0 leaves the function as it is.",
    )  # fmt: skip
    noise: float = setting(
        0.0, "Gradient noise", "σ of the normal noise in each sample's gradient.", ge=0, le=1000,
        higher="Wilder paths, which come to rest nowhere, and which leave a saddle.", lower="0 is the exact gradient.",
        when=beside("kind", *(kind for kind in KINDS if kind != "logistic")),
    )  # fmt: skip
    batch_size: int = setting(
        SAMPLES, "Batch size", f"Samples whose gradients a step averages. Logistic regression draws them from its {SAMPLES}, "
        "elsewhere noise becomes σ/√m.", unit="samples", ge=1, le=256,
        higher="Less noise: the variance falls as 1/m.", lower="Noisier steps, each of them cheaper.",
    )  # fmt: skip
    seed: int = setting(1, "Seed", "Which noise and which batches.", ge=0, le=2**31 - 1)
    start_x: float = setting(-3.92, "Start, across", "Where all methods begin, from left to right.", ge=-1e6, le=1e6)
    start_y: float = setting(-1.58, "Start, upright", "Where all methods begin, from below.", ge=-1e6, le=1e6)
    steps: int = setting(
        100, "Steps", "How many steps each method takes.", unit="steps", ge=10, le=MOST_STEPS, scale="log",
        higher="Shows how a method ends.", lower="Shows how it begins.",
    )  # fmt: skip


class GradientDescent(OptimizerSpec):
    TITLE = "Gradient descent"
    MEANING = "x ← x − η∇f(x). With the gradient's noise of the landscape it is stochastic gradient descent."
    USE = "To see what the step size does: it converges below 2/L and nowhere above."
    LEAVE = "In long valleys: it needs about κ steps."

    SLOTS = 0

    method: Literal["gradient_descent"] = "gradient_descent"
    learning_rate: float = setting(0.072, "Step size", RATE, gt=0, le=1000, scale="log", **RATE_HELP)


class NoisyDescent(OptimizerSpec):
    TITLE = "Noisy descent"
    MEANING = (
        "x ← x − η(∇f(x) + ξ) with normal noise ξ of its own: any unbiased gradient is stochastic gradient descent."
    )
    USE = "Beside plain descent: to see noise leave a saddle, and rest nowhere."
    LEAVE = "Where the exact gradient is at hand and there is no saddle."

    SLOTS = 0

    method: Literal["noisy_descent"] = "noisy_descent"
    learning_rate: float = setting(0.05, "Step size", RATE, gt=0, le=1000, scale="log", **RATE_HELP)
    noise: float = setting(
        1.0, "Noise", "σ of its own normal noise, on top of the landscape's.", ge=0, le=1000, higher="Wilder.", lower="0 is plain descent.",
    )  # fmt: skip


class HeavyBall(OptimizerSpec):
    TITLE = "Momentum"
    MEANING = "x₊ = x − η∇f(x) + β(x − x₋), the heavy ball (Polyak 1964)."
    USE = "In long valleys: with the best β it needs about √κ steps."
    LEAVE = "Where the ball should not overshoot."

    method: Literal["heavy_ball"] = "heavy_ball"
    learning_rate: float = setting(0.1111, "Step size", RATE, gt=0, le=1000, scale="log", **RATE_HELP)
    momentum: float = setting(
        0.444, "β", "Share of the last step that is kept in the next one.", ge=0, lt=1, higher="Rolls further.", lower="0 is gradient descent.",
    )  # fmt: skip


class NesterovDescent(OptimizerSpec):
    TITLE = "Nesterov"
    MEANING = "The gradient is taken where the momentum leads, not where it stands (Nesterov 1983). Drawn is the place looked ahead to."
    USE = "Where momentum swings too much: it is proved for every strongly convex function, the heavy ball for quadratics."
    LEAVE = "With much noise: momentum carries it along."

    method: Literal["nesterov"] = "nesterov"
    learning_rate: float = setting(0.04, "Step size", RATE, gt=0, le=1000, scale="log", **RATE_HELP)
    momentum: float = setting(
        0.667, "β", "Share of the last step that is kept in the next one.", ge=0, lt=1, higher="Looks further ahead.",
        lower="0 is gradient descent.",
    )  # fmt: skip


class Newton(OptimizerSpec):
    TITLE = "Newton"
    MEANING = "x ← x − t·(∇²f(x) + d·I)⁻¹∇f(x), with the exact Hessian. Flat directions (no curvature) are left alone."
    USE = "With two variables. It is done in one step on any quadratic, whatever its condition."
    LEAVE = "With networks: a step costs the cube of the number of weights. And without damping it is drawn to saddles as to minima."

    SLOTS = 0

    method: Literal["newton"] = "newton"
    learning_rate: float = setting(
        1.0, "Step size", "t, the share of the whole Newton step.", gt=0, le=1000, scale="log", higher="1 is Newton's own.", lower="Safer.",
    )  # fmt: skip
    damping: float = setting(
        0.0, "Damping", "d, added to the curvature in every direction.", ge=0, le=1e6,
        higher="Closer to gradient descent with step 1/d.", lower="0 is pure Newton.",
    )  # fmt: skip


Rule = Annotated[
    GradientDescent
    | HeavyBall
    | NesterovDescent
    | NoisyDescent
    | Newton
    | optimizer.AdaGrad
    | optimizer.AdaDelta
    | optimizer.RmsProp
    | adam.Adam
    | adam.AdamW
    | adam.Adamax
    | adam.Nadam
    | adam.ScheduleFree
    | adam.Lamb
    | optimizer.Lion
    | optimizer.Ftrl
    | optimizer.Adafactor
    | optimizer.Muon,
    pydantic.Field(discriminator="method"),
]


class Racer(Spec):
    """A method with its parameters, in the race or out of it."""

    on: bool = True
    rule: Rule


class Lab(Spec):
    """Everything the descent lab shows: the same settings are the same paths."""

    landscape: Landscape = pydantic.Field(default_factory=Landscape)
    #: By name: the method, for a second one of it with a number behind ("adam", "adam_2").
    racers: dict[str, Racer] = pydantic.Field(default_factory=dict)


def as_optimizer(rule: OptimizerSpec) -> OptimizerSpec | None:
    """The same method as a network's optimizer; None for Newton, which no network trains with."""
    match rule:
        case GradientDescent() | NoisyDescent():
            return optimizer.Sgd(learning_rate=rule.learning_rate, momentum=0.0)
        case HeavyBall():
            return optimizer.Sgd(learning_rate=rule.learning_rate, momentum=rule.momentum)
        case NesterovDescent():
            # Without momentum there is nothing to look ahead to.
            return optimizer.Sgd(learning_rate=rule.learning_rate, momentum=rule.momentum, nesterov=rule.momentum > 0)
        case Newton():
            return None
        case _:
            return rule
