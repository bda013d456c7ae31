"""What the lab's methods become where a network is trained."""

from __future__ import annotations

import pytest

from workbench.errors import RecipeError
from workbench.spec import Recipe, optimizer
from workbench.spec.adam import Adam
from workbench.spec.entrants import entrant, entrants, recipe_of, told
from workbench.spec.lab import GradientDescent, HeavyBall, Lab, NesterovDescent, Newton, NoisyDescent, Racer
from workbench.spec.lab_presets import RULES
from workbench.spec.recipe import changed, differences
from workbench.spec.tricks import GradientNoise

LAB = Lab(
    racers={
        "gradient_descent": Racer(rule=GradientDescent(learning_rate=0.07)),
        "noisy_descent": Racer(rule=NoisyDescent(learning_rate=0.06, noise=0.5)),
        "heavy_ball": Racer(on=False, rule=HeavyBall(learning_rate=0.11, momentum=0.44)),
        "nesterov": Racer(rule=NesterovDescent(learning_rate=0.04, momentum=0.6)),
        "newton": Racer(rule=Newton()),
        "adam": Racer(rule=Adam(learning_rate=0.3, beta_1=0.5)),
    }
)


def one(name: str, numbers: str = "usual"):
    found = entrant(name, LAB.racers[name], numbers)
    assert found is not None
    return found


def test_every_method_but_newton_trains_networks_in_the_labs_order_whether_it_is_on_or_not() -> None:
    names = [name for name in LAB.racers if name != "newton"]
    assert [each.name for each in entrants(LAB, "usual")] == names
    assert [each.name for each in entrants(LAB, "lab")] == names


@pytest.mark.parametrize("method", [method for method in RULES if method != "newton"])
def test_usual_numbers_are_those_that_are_declared_for_networks(method: str) -> None:
    racer = Racer(rule=RULES[method](learning_rate=7.0))
    usual, own = entrant(method, racer, "usual"), entrant(method, racer, "lab")
    assert usual is not None
    assert own is not None
    assert usual.rate == type(usual.optimizer)().learning_rate
    assert own.rate == 7.0


def test_the_methods_that_are_sgd_to_a_network_say_what_they_become() -> None:
    assert one("gradient_descent").optimizer == optimizer.Sgd(momentum=0.0)
    assert one("heavy_ball").optimizer == optimizer.Sgd(momentum=0.9)
    assert one("nesterov").optimizer == optimizer.Sgd(momentum=0.9, nesterov=True)
    assert one("heavy_ball", "lab").optimizer == optimizer.Sgd(learning_rate=0.11, momentum=0.44)
    assert one("adam", "lab").optimizer == Adam(learning_rate=0.3, beta_1=0.5)
    assert told(one("gradient_descent"), Recipe()) == "SGD without momentum"
    assert told(one("nesterov", "lab"), Recipe()) == "SGD, momentum 0.6, Nesterov"
    assert told(one("adam"), Recipe()) == ""


def test_noisy_descent_is_sgd_with_the_gradient_noise_trick() -> None:
    usual, own = one("noisy_descent"), one("noisy_descent", "lab")
    assert recipe_of(usual, Recipe()).tricks.gradient_noise == GradientNoise(on=True)
    assert recipe_of(own, Recipe()).tricks.gradient_noise == GradientNoise(on=True, sigma=0.5, fade=0.0)
    assert told(usual, Recipe()) == "SGD without momentum, gradient noise σ 0.01 that fades"
    assert told(own, Recipe()) == "SGD without momentum, gradient noise σ 0.5 that stays"
    silent = entrant("noisy_descent", Racer(rule=NoisyDescent(noise=0.0)), "lab")
    assert silent is not None
    assert not recipe_of(silent, Recipe()).tricks.gradient_noise.on


def test_noise_that_the_recipe_has_itself_is_everybodys() -> None:
    noisy = changed(changed(Recipe(), "tricks.gradient_noise.sigma", 0.2), "tricks.gradient_noise", True)
    for racer in entrants(LAB, "lab"):
        assert recipe_of(racer, noisy).tricks == noisy.tricks
    assert told(one("noisy_descent"), noisy).endswith("the recipe adds gradient noise to every method")


def test_nothing_of_the_recipe_changes_but_the_optimizer() -> None:
    recipe = changed(changed(Recipe(), "training.seed", 9), "schedule.kind", "cosine")
    for racer in entrants(LAB, "lab"):
        made = recipe_of(racer.at(0.02), recipe)
        assert made.optimizer.learning_rate == 0.02
        apart = {path for path in differences(recipe, made) if not path.startswith("optimizer.")}
        assert apart <= ({"tricks.gradient_noise.on", "tricks.gradient_noise.sigma", "tricks.gradient_noise.fade"}
                         if racer.name == "noisy_descent" else set())  # fmt: skip


@pytest.mark.parametrize("rate", [float("nan"), 0.0, -1.0, 1e9])
def test_a_rate_that_no_recipe_takes_is_refused_by_name(rate: float) -> None:
    with pytest.raises(RecipeError) as caught:
        recipe_of(one("adam").at(rate), Recipe())
    assert [problem.path for problem in caught.value.problems] == ["optimizer.learning_rate"]


def test_a_method_that_contradicts_the_recipe_is_refused() -> None:
    decays = changed(Recipe(), "tricks.weight_decay", True)
    adamw = entrant("adamw", Racer(rule=RULES["adamw"]()), "usual")
    assert adamw is not None
    with pytest.raises(RecipeError) as caught:
        recipe_of(adamw, decays)
    assert [problem.path for problem in caught.value.problems] == ["tricks.weight_decay"]


def test_what_a_method_sets_in_a_form_is_its_recipe() -> None:
    for racer in entrants(LAB, "lab"):
        recipe = Recipe()
        for path, value in racer.settings().items():
            recipe = changed(recipe, path, value)
        assert recipe == recipe_of(racer, Recipe())
