"""Every optimizer with the rule that Keras states for it, and how far it walks from it; knows no test library."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from typing import Any

from tests.engine import paper_rules as paper
from tests.engine.descents import (
    RATE,
    bowl,
    error,
    followed,
    network_gradients,
    network_weights,
    recipe,
    reference,
    two_variables,
)
from tests.engine.paper_rules import Rule, decayed
from workbench.spec.recipe import Recipe

#: What float32 may cost in 50 steps.
EXACT = 1e-5


@dataclass(frozen=True)
class Case:
    """A method with settings, and the rule that Keras states for it."""

    method: str
    rule: Rule
    settings: dict[str, Any] = field(default_factory=dict)
    #: The rule for all but kernels of dense layers before the last, where a method treats them otherwise.
    other: Rule | None = None
    #: ηλ of `rule` and of `other`, for kernels only.
    decays: tuple[float, float] = (0.0, 0.0)
    shape: tuple[int, ...] = (2,)
    #: The rule for the last layer's kernel, where it is neither of the two.
    last: Rule | None = None
    #: What float32 may cost in 50 steps on the network.
    bound: float = EXACT

    @property
    def recipe(self) -> Recipe:
        return recipe(self.method, **self.settings)

    def error_on_two_variables(self) -> float:
        """How far the real optimizer walks from the rule on the bowl."""
        found, _ = followed(self.recipe, two_variables(self.shape), bowl)
        return error(found, reference([decayed(self.rule, self.decays[0])], found[0], bowl))

    def error_on_the_network(self) -> float:
        """The same with the network's gradients, which both are given where the real optimizer stands."""
        found, gradients = followed(self.recipe, network_weights(self.recipe), network_gradients)
        return error(found, reference(self._for_the_network(), found[0], gradients))

    def _for_the_network(self) -> list[Rule]:
        """The rules of kernel, bias, last kernel, last bias."""
        other = self.other or self.rule
        last = self.last or decayed(other, self.decays[1 if self.other else 0])
        return [decayed(self.rule, self.decays[0]), other, last, other]


BETAS = {"beta_1": 0.8, "beta_2": 0.95}
#: Large, so that its place in the formula is felt.
EPSILON = 1e-3
ADAM = {**BETAS, "epsilon": EPSILON}
WALKS = (RATE, 0.8, 0.95, EPSILON)
MUON = {**ADAM, "momentum": 0.9, "weight_decay": 0.0, "adam_weight_decay": 0.0}
SQUARED = {"rho": 0.8, "epsilon": EPSILON}
CENTRED = {**SQUARED, "momentum": 0.5, "centered": True}
CUBIC = {"rounds": 3, "a": 1.5, "b": -0.5, "c": 0.0}
FACTORED = {"decay": -0.7, "epsilon_1": 1e-6, "epsilon_2": 0.01, "clip": 0.9}

CASES = {
    "gradient descent": Case("sgd", paper.heavy_ball(RATE), {"momentum": 0.0}),
    "heavy ball": Case("sgd", paper.heavy_ball(RATE, 0.9), {"momentum": 0.9}),
    "nesterov": Case("sgd", paper.nesterov(RATE, 0.9), {"momentum": 0.9, "nesterov": True}),
    "adam": Case("adam", paper.adam(*WALKS, hat=True), ADAM),
    "amsgrad": Case("adam", paper.adam(*WALKS, hat=True, amsgrad=True), {**ADAM, "amsgrad": True}),
    "adamw": Case("adamw", paper.adam(*WALKS, hat=True), {**ADAM, "weight_decay": 0.3}, decays=(RATE * 0.3, 0)),
    "amsgrad that decays": Case(
        "adamw", paper.adam(*WALKS, hat=True, amsgrad=True), {**ADAM, "weight_decay": 0.3, "amsgrad": True},
        decays=(RATE * 0.3, 0),
    ),
    "schedule-free": Case("schedule_free", paper.schedule_free(*WALKS), ADAM),
    "schedule-free that decays": Case(
        "schedule_free", paper.schedule_free(*WALKS, 0.3), {**ADAM, "weight_decay": 0.3},
        other=paper.schedule_free(*WALKS), last=paper.schedule_free(*WALKS, 0.3),
    ),
    "rmsprop": Case("rmsprop", paper.rmsprop(RATE, 0.8, EPSILON), SQUARED),
    "centred rmsprop": Case("rmsprop", paper.rmsprop(RATE, 0.8, EPSILON, 0.5, centered=True), CENTRED),
    "adagrad": Case("adagrad", paper.adagrad(RATE, EPSILON, start=0.1, under_the_root=True), {"epsilon": EPSILON}),
    "adadelta": Case("adadelta", paper.adadelta(0.9, EPSILON, 0.8), {"rho": 0.9, "epsilon": EPSILON, "learning_rate": 0.8}),
    "adamax": Case("adamax", paper.adamax(*WALKS), ADAM),
    "nadam": Case("nadam", paper.nadam(*WALKS, keras=True), ADAM),
    "lion": Case("lion", paper.lion(0.037, 0.8, 0.95), {**BETAS, "learning_rate": 0.037}),
    "lamb": Case("lamb", paper.lamb(*WALKS), ADAM),
    "ftrl": Case("ftrl", paper.ftrl(RATE, start=0.1)),
    # Just past its threshold a weight is the difference of two nearly equal numbers, of which float32 leaves few digits.
    "ftrl with l1": Case("ftrl", paper.ftrl(RATE, start=0.1, l1=0.3), {"l1": 0.3}, bound=1e-3),
    "ftrl with l2 and beta": Case("ftrl", paper.ftrl(RATE, start=0.1, l2=0.4, beta=0.5), {"l2": 0.2, "beta": 0.5}),
    "ftrl with shrinkage": Case("ftrl", paper.ftrl(RATE, start=0.1, shrinkage=0.4), {"shrinkage": 0.4}),
    "ftrl of another power": Case("ftrl", paper.ftrl(RATE, start=0.1, power=-0.8), {"power": -0.8}),
    "ftrl of power 0": Case("ftrl", paper.ftrl(RATE, start=0.1, power=0.0), {"power": 0.0}),
    "adafactor": Case("adafactor", paper.adafactor(RATE, -0.7, 1e-6, 0.01, 0.9), FACTORED),
    "muon": Case("muon", paper.muon(RATE, 0.9, nesterov=True), MUON, paper.adam(*WALKS, hat=True), shape=(2, 1)),
    "muon without nesterov": Case(
        "muon", paper.muon(RATE, 0.9, rounds=3, numbers=(1.5, -0.5, 0.0), rms_rate=None),
        {**MUON, **CUBIC, "nesterov": False, "adam_sized": False, "adam_ratio": 0.5},
        paper.adam(RATE / 2, *WALKS[1:], hat=True), shape=(2, 1),
    ),
    "muon that decays": Case(
        "muon", paper.muon(RATE, 0.9, nesterov=True), {**MUON, "weight_decay": 0.3, "adam_weight_decay": 0.2},
        paper.adam(*WALKS, hat=True), (RATE * 0.3, RATE * 0.2), (2, 1),
    ),
}  # fmt: skip


def main(names: list[str]) -> None:
    """Print the largest error of each case as JSON, for a test that runs this in a process of another backend."""
    found = {name: max(CASES[name].error_on_two_variables(), CASES[name].error_on_the_network()) for name in names}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
