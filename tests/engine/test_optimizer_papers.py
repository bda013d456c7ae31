"""Every optimizer against the rule of its paper: 50 steps on a function of two variables and on a small network."""

from __future__ import annotations

import importlib.util
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import pytest

from tests.engine import paper_rules as paper
from tests.engine.descents import (
    RATE,
    START,
    STEPS,
    bowl,
    error,
    followed,
    network_gradients,
    network_weights,
    recipe,
    reference,
    two_variables,
)
from tests.engine.optimizer_cases import CASES, EXACT, FACTORED
from tests.engine.paper_rules import Array, Rule
from workbench.engine.build import build_model, named_variables
from workbench.engine.optimizers import build_optimizer
from workbench.network.plan import plan
from workbench.spec.recipe import class_settings, parse, spec_classes

pytestmark = pytest.mark.keras

Say = Callable[[str, object], None]


def test_no_method_is_without_a_rule() -> None:
    assert {case.method for case in CASES.values()} == set(spec_classes("optimizer"))


@pytest.mark.parametrize("name", CASES)
def test_50_steps_on_two_variables_are_the_rule_s(name: str) -> None:
    assert CASES[name].error_on_two_variables() <= EXACT


@pytest.mark.parametrize("name", CASES)
def test_50_steps_on_a_small_network_s_gradients_are_the_rule_s(name: str) -> None:
    assert CASES[name].error_on_the_network() <= CASES[name].bound


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_muon_walks_by_the_same_rules_on_other_backends(backend: str) -> None:
    assert beyond_their_bounds(walk_on(backend, ["muon that decays"])) == {}


@pytest.mark.proof
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_every_optimizer_of_other_backends_is_the_rule_s(backend: str, record_property: Say) -> None:
    found = walk_on(backend, list(CASES))
    wider = {name: CASES[name].bound for name in found if CASES[name].bound > EXACT}
    but = "".join(f", {name} {bound:g}" for name, bound in wider.items())
    record_property("must", f"relative error ≤ {EXACT:g}{but}, after 50 steps on two variables and on a small network")
    narrow = max(error for name, error in found.items() if name not in wider)
    but = "".join(f", {name} {found[name]:.1e}" for name in wider)
    record_property("measured", f"largest of {len(found) - len(wider)} cases {narrow:.1e}{but}")
    assert beyond_their_bounds(found) == {}


def walk_on(backend: str, names: list[str]) -> dict[str, float]:
    """The largest error of each case in a process of that backend."""
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed; with it this test would hold its optimizers to the rules")
    environment = {**os.environ, "KERAS_BACKEND": backend}
    command = [sys.executable, "-m", "tests.engine.optimizer_cases", *names]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    found: dict[str, float] = json.loads(done.stdout)
    assert list(found) == names
    return found


def beyond_their_bounds(errors: dict[str, float]) -> dict[str, float]:
    return {name: error for name, error in errors.items() if not error <= CASES[name].bound}


def test_nesterov_is_the_lecture_s_look_ahead_in_other_variables() -> None:
    # The lecture keeps x: x₊ = x − η∇f(x + β(x − x₋)) + β(x − x₋). Keras keeps y = x + β(x − x₋).
    beta = 0.9
    places = [START, START]
    for _ in range(STEPS):
        before, now = places[-2:]
        (gradient,) = bowl([now + beta * (now - before)])
        places.append(now - RATE * gradient + beta * (now - before))
    looked = [[now + beta * (now - before)] for before, now in itertools.pairwise(places)]

    found, _ = followed(recipe("sgd", momentum=beta, nesterov=True), two_variables(), bowl)

    assert error(found, looked) <= EXACT


# --- weight decay and the L2 penalty ---------------------------------------------------------------

LAMBDA = 0.4


def distance_of_decay_from_the_penalty(method: str, **settings: object) -> float:
    """How far the trick walks, on the network, from the gradient of the loss plus λ/2‖θ‖² over the kernels."""

    def penalised(weights: list[Array]) -> list[Array]:
        kernels = (True, False, True, False)
        pairs = zip(network_gradients(weights), weights, kernels, strict=True)
        return [gradient + LAMBDA * weight if kernel else gradient for gradient, weight, kernel in pairs]

    decaying, plain = recipe(method, {"rate": LAMBDA}, **settings), recipe(method, **settings)
    found, _ = followed(decaying, network_weights(decaying), network_gradients)
    return error(found, followed(plain, network_weights(plain), penalised)[0])


def test_decay_is_the_l2_penalty_for_plain_sgd() -> None:
    assert distance_of_decay_from_the_penalty("sgd", momentum=0.0) <= EXACT


@pytest.mark.parametrize(("method", "settings"), [("sgd", {"momentum": 0.9}), ("adam", {})])
def test_decay_is_no_l2_penalty_with_momentum_or_adam(method: str, settings: dict[str, object]) -> None:
    assert distance_of_decay_from_the_penalty(method, **settings) > 0.05


def test_the_factor_of_a_step_and_the_rate_of_decay_are_tied_as_the_lecture_should_have_it() -> None:
    # θ ← wθ − ηg with λ = (1 − w)/η
    wanted = recipe("sgd", {"rate": LAMBDA}, momentum=0.0)
    (before, after), _ = followed(wanted, two_variables(), lambda _: [np.zeros(2)], steps=1)

    w = after[0] / before[0]
    assert (1 - w) / RATE == pytest.approx(LAMBDA, rel=1e-5)


def test_decay_with_momentum_stays_out_of_the_speed() -> None:
    # Loshchilov & Hutter 2019, algorithm 1 (SGDW) with a constant rate in the step and ηλ in the decay
    place, speed, expected = START, np.zeros(2), [[START]]
    for _ in range(STEPS):
        speed = 0.9 * speed + RATE * bowl([place])[0]
        place = place - speed - RATE * LAMBDA * place
        expected.append([place])

    found, _ = followed(recipe("sgd", {"rate": LAMBDA}, momentum=0.9), two_variables(), bowl)

    assert error(found, expected) <= EXACT


def test_adam_with_the_trick_is_adamw() -> None:
    walks = [
        followed(wanted, network_weights(wanted), network_gradients)[0]
        for wanted in (recipe("adam", {"rate": LAMBDA}), recipe("adamw", weight_decay=LAMBDA))
    ]

    assert error(*walks) == 0


# --- where Keras departs from the paper: how far it goes in 50 steps, with the row's own settings ----


@dataclass(frozen=True)
class Departure:
    """The paper's rule for a row as it comes, and between which bounds Keras walks from it (as `error` measures)."""

    method: str
    rule: Rule
    at_least: float
    at_most: float
    settings: dict[str, Any] = field(default_factory=dict)
    trick: dict[str, Any] | None = None


OWN = (RATE, 0.9, 0.999, 1e-7)
DEPARTURES = {
    "adam's epsilon stands beside the uncorrected root": Departure("adam", paper.adam(*OWN), 0, 5e-5),
    "amsgrad has no corrections in its paper: its first steps are many times as long": Departure(
        "adam", paper.adam(RATE, 0.9, 0.999, 0.0, amsgrad=True, corrected=False), 0.5, 5.0, {"amsgrad": True}
    ),
    "adamw's decay is the paper's over the rate, and nothing else": Departure(
        "adamw", paper.adamw(RATE, RATE * 0.3, *OWN[1:]), 0, 5e-5, {"weight_decay": 0.3}
    ),
    "rmsprop has no epsilon in its lecture": Departure("rmsprop", paper.rmsprop(RATE, 0.9), 0, EXACT),
    "adagrad starts at 0 in its paper": Departure("adagrad", paper.adagrad(RATE, 1e-7), 3e-4, 3e-3),
    "adagrad that starts at 0 differs by the place of epsilon only": Departure(
        "adagrad", paper.adagrad(RATE, 1e-7), 0, EXACT, {"initial_accumulator": 0.0}
    ),
    "adadelta at a rate of 1 is its paper's": Departure("adadelta", paper.adadelta(0.95, 1e-6), 0, EXACT, {"learning_rate": 1.0}),
    "adamax has no epsilon in its paper": Departure("adamax", paper.adamax(RATE, 0.9, 0.999), 0, EXACT),
    "nadam's momentum rises 250 times slower in its paper": Departure("nadam", paper.nadam(*OWN), 0.05, 0.5),
    "lion is its paper's": Departure("lion", paper.lion(0.037, 0.9, 0.99), 0, EXACT, {"learning_rate": 0.037}),
    "lamb's decay is part of the step in its paper": Departure(
        "lamb", paper.lamb(*OWN, decay=0.3), 0.1, 0.5, trick={"rate": 0.3}
    ),
    "lamb without decay is its paper's": Departure("lamb", paper.lamb(*OWN), 0, EXACT),
    "ftrl's sum starts at 0 in its paper": Departure("ftrl", paper.ftrl(RATE), 0.03, 0.3),
    "ftrl that starts at 0 with half the l2 strength is its paper's": Departure(
        "ftrl", paper.ftrl(RATE, l1=0.1, l2=0.2, beta=1.0), 0, EXACT,
        {"initial_accumulator": 0.0, "l1": 0.1, "l2": 0.1, "beta": 1.0},
    ),
    "adafactor's larger epsilon 1 is not felt": Departure("adafactor", paper.adafactor(RATE, -0.8, 1e-30, 1e-3, 1.0), 0, EXACT),
}  # fmt: skip


@pytest.mark.parametrize("name", DEPARTURES)
def test_the_distance_to_the_paper_is_as_the_help_says(name: str) -> None:
    departure = DEPARTURES[name]
    found, _ = followed(recipe(departure.method, departure.trick, **departure.settings), two_variables(), bowl)

    distance = error(found, reference([departure.rule], found[0], bowl))
    assert departure.at_least <= distance <= departure.at_most


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("sgd", "other variables"), ("adam", "ε-hat"), ("adamw", "times the rate"), ("rmsprop", "under the root"),
        ("adagrad", "starts at"), ("adagrad", "under the root"), ("adamax", "plus ε"), ("nadam", "250 times"),
        ("lamb", "apart from the step"), ("schedule_free", "weighs every step alike"), ("ftrl", "starts the sum"), ("adafactor", "1e-30"), ("muon", "AdamW"),
    ],
)  # fmt: skip
def test_the_row_s_help_says_where_keras_departs(method: str, words: str) -> None:
    told = [spec_classes("optimizer")[method].MEANING, *(each.meaning for each in class_settings("optimizer", method))]

    assert any(words in each for each in told)


def test_schedule_free_departs_from_its_paper_only_in_how_a_warm_up_is_weighed() -> None:
    rates = [RATE * min(1.0, step / 10) for step in range(1, STEPS + 1)]
    own = (0.9, 0.999, 1e-8, 0.3)
    (place,), optimizer = two_variables(), build_optimizer(recipe("schedule_free", weight_decay=0.3))
    optimizer.build([place])
    walk = [[keras.ops.convert_to_numpy(place)]]
    for rate in rates:
        optimizer.learning_rate = rate
        optimizer.apply([keras.ops.convert_to_tensor(bowl(walk[-1])[0], "float32")], [place])
        walk.append([keras.ops.convert_to_numpy(place)])

    assert error(walk, reference([paper.schedule_free(rates, *own, keras=True)], walk[0], bowl)) <= EXACT
    assert 0.01 <= error(walk, reference([paper.schedule_free(rates, *own)], walk[0], bowl)) <= 0.3


# --- what a matrix gets ----------------------------------------------------------------------------


def steep(shape: tuple[int, ...]) -> tuple[keras.Variable, Array]:
    """A kernel of this shape, and the curvature of each of its numbers in a bowl of its own."""
    random = np.random.default_rng(5)
    return keras.Variable(random.standard_normal(shape), dtype="float32", name="kernel"), random.uniform(0.1, 3, shape)


@pytest.mark.parametrize("shape", [(3, 4), (4, 3), (2, 2, 3, 4)])
def test_adafactor_keeps_the_last_two_sides_row_and_column_means(shape: tuple[int, ...]) -> None:
    kernel, curves = steep(shape)
    found, given = followed(recipe("adafactor", **FACTORED), [kernel], lambda places: [curves * places[0]])

    expected = reference([paper.adafactor(RATE, -0.7, 1e-6, 0.01, 0.9)], found[0], given)
    assert error(found, expected) <= EXACT


@pytest.mark.parametrize("shape", [(3, 5), (5, 3)])
def test_muon_makes_the_step_of_wide_and_tall_kernels_nearly_orthogonal(shape: tuple[int, ...]) -> None:
    kernel, curves = steep(shape)
    wanted = recipe("muon", weight_decay=0.0, adam_sized=False)
    (before, after), _ = followed(wanted, [kernel], lambda places: [curves * places[0]], steps=1)

    values = np.linalg.svd((before[0] - after[0]) / RATE, compute_uv=False)
    assert (values > 0.6).all()
    assert (values < 1.3).all()


def test_muon_leaves_convolutions_biases_norms_and_the_last_layer_to_adamw() -> None:
    wanted = parse(
        {
            "model": {"kind": "cnn", "stages": 1, "width": 2, "dense": 3, "normalization": "layer"},
            "optimizer": {"method": "muon"},
        }
    )
    variables = named_variables(build_model(plan(wanted, (8, 8, 1), 3), wanted))
    optimizer = build_optimizer(wanted)
    optimizer.build(list(variables.values()))

    squares = zip(variables, optimizer.adam_velocities, strict=True)
    assert {name for name, square in squares if square is None} == {"head_dense/kernel"}
