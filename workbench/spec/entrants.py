"""The lab's methods as a race of ordinary runs: what each becomes where a network is trained, and recipes that differ in nothing else.

A learning rate that suits a bowl of two variables says nothing about a network, so a method can be taken with the numbers that
are declared for networks instead of those of the lab.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from workbench.spec import optimizer
from workbench.spec.base import Value
from workbench.spec.lab import GradientDescent, HeavyBall, Lab, NesterovDescent, NoisyDescent, Racer, as_optimizer
from workbench.spec.optimizer_base import OptimizerSpec
from workbench.spec.recipe import Recipe, parse
from workbench.spec.said import number
from workbench.spec.tricks import GradientNoise

#: Those that are declared for networks, or those that the lab shows.
Numbers: TypeAlias = Literal["usual", "lab"]


@dataclass(frozen=True)
class Entrant:
    """A racer of the lab as it trains a network."""

    name: str
    optimizer: OptimizerSpec
    #: what noisy descent adds to the gradient
    noise: GradientNoise | None = None

    @property
    def rate(self) -> float:
        return self.optimizer.learning_rate

    def at(self, rate: float) -> Entrant:
        """The same with another learning rate, which `recipe_of` checks."""
        return replace(self, optimizer=self.optimizer.model_copy(update={"learning_rate": rate}))

    def settings(self) -> dict[str, Value]:
        """What it sets in a recipe, by path, the method first."""
        tree = self.optimizer.model_dump()
        found: dict[str, Value] = {"optimizer.method": tree.pop("method")}
        found |= {f"optimizer.{name}": value for name, value in tree.items()}
        if self.noise is not None:
            found |= {f"tricks.gradient_noise.{name}": value for name, value in self.noise.model_dump().items()}
        return found


def entrant(name: str, racer: Racer, numbers: Numbers) -> Entrant | None:
    """What a racer becomes; None for Newton, which no network trains with."""
    rule = racer.rule
    method = as_optimizer(rule) if numbers == "lab" else _usual(rule)
    if method is None:
        return None
    return Entrant(name, method, _noise(rule, numbers) if isinstance(rule, NoisyDescent) else None)


def entrants(lab: Lab, numbers: Numbers) -> tuple[Entrant, ...]:
    """All racers of the lab that can train a network, on or off, in the lab's order."""
    found = (entrant(name, racer, numbers) for name, racer in lab.racers.items())
    return tuple(each for each in found if each is not None)


def _usual(rule: OptimizerSpec) -> OptimizerSpec | None:
    """The method with the numbers that are declared for networks."""
    match rule:
        case GradientDescent() | NoisyDescent():
            return optimizer.Sgd(momentum=0.0)
        case HeavyBall():
            return optimizer.Sgd()
        case NesterovDescent():
            return optimizer.Sgd(nesterov=True)
        case _:
            return type(rule)() if as_optimizer(rule) is not None else None


def _noise(rule: NoisyDescent, numbers: Numbers) -> GradientNoise | None:
    """The lab's noise stays as it is; that of the trick fades, as its paper has it."""
    if numbers == "usual":
        return GradientNoise(on=True)
    return GradientNoise(on=True, sigma=rule.noise, fade=0.0) if rule.noise > 0 else None


def recipe_of(racer: Entrant, recipe: Recipe) -> Recipe:
    """The recipe with this method in place of its own, and nothing else changed but the noise of noisy descent.

    Noise that the recipe has itself is everybody's and stays as it is. Raises RecipeError with every problem.
    """
    tree = recipe.model_dump()
    tree["optimizer"] = racer.optimizer.model_dump()
    if racer.noise is not None and not recipe.tricks.gradient_noise.on:
        tree["tricks"]["gradient_noise"] = racer.noise.model_dump()
    return parse(tree)


def told(racer: Entrant, recipe: Recipe, *, point: str = ".") -> str:
    """What the method is in a recipe, in a few words, where its name in the lab does not say it; empty where that does."""
    method = racer.optimizer
    if not isinstance(method, optimizer.Sgd):
        return ""
    words = f"SGD, momentum {number(method.momentum, point=point)}" if method.momentum > 0 else "SGD without momentum"
    if method.nesterov:
        words += ", Nesterov"
    if racer.noise is None:
        return words
    if recipe.tricks.gradient_noise.on:
        return f"{words}; the recipe adds gradient noise to every method"
    fades = "that fades" if racer.noise.fade > 0 else "that stays"
    return f"{words}, gradient noise σ {number(racer.noise.sigma, point=point)} {fades}"
