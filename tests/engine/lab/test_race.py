"""Races: every method's path is its rule's, integrated apart in NumPy; theory's rates are what is measured; one program."""

from __future__ import annotations

import functools
import math
import typing

import numpy as np
import pytest

from tests.engine import paper_rules as paper
from tests.engine.optimizer_cases import CASES
from tests.engine.paper_rules import Array, Memory, Rule, decayed
from workbench.descent import chance, theory
from workbench.descent.paths import kept, measure
from workbench.descent.surfaces import Floats, Slice, Surface
from workbench.engine.lab import handles
from workbench.engine.lab.race import Program, Shape
from workbench.spec import lab as spec
from workbench.spec.lab import SLICE_POINTS, Kind, Lab, Landscape, Racer
from workbench.spec.lab_presets import RULES
from workbench.spec.optimizer_base import OptimizerSpec

pytestmark = pytest.mark.keras

STEPS = 100
#: What may differ as a share of a path; nearly all differ by some 1e-16.
EXACT = 1e-5
#: So far from the minimum that no method is near it after so many steps: there those that divide by their gradients' size are
#: chaotic, and double precision itself would tell two exact integrations apart.
FAR = (40.0, 18.0)


def raced(rules: typing.Sequence[OptimizerSpec], part: Slice | None = None, **landscape: typing.Any) -> Floats:
    lab = Lab(
        landscape=Landscape(**landscape),
        racers={f"racer_{at}": Racer.model_construct(on=True, rule=rule) for at, rule in enumerate(rules)},
    )
    return program(Shape.of(rules, lab.landscape.steps), tuple(type(rule) for rule in rules)).race(lab, rules, part)


@functools.cache
def program(shape: Shape, _: tuple[type[OptimizerSpec], ...]) -> Program:
    """Races of one shape are one program, which is compiled once."""
    rules = [kind.model_validate(dict(rest)) for kind, rest in shape.methods]
    return Program(rules, shape.length)


def walked(rule: Rule, surface: Surface, shape: tuple[int, ...] = (2,), steps: int = STEPS) -> tuple[Array, Memory]:
    """Where a rule goes by the surface's own gradient, and its memory at the end."""
    place, memory = np.array([surface.landscape.start_x, surface.landscape.start_y]).reshape(shape), Memory()
    walk = [place.ravel()]
    for step in range(1, steps + 1):
        gradient = np.array(surface.gradient(*place.ravel())).reshape(shape)
        place = np.asarray(rule(place, gradient, memory, step))
        walk.append(place.ravel())
    return np.array(walk), memory


def apart(found: Floats, expected: Array) -> float:
    """The largest difference as a share of how far the path reaches."""
    return float(np.abs(found - expected).max() / np.abs(expected).max())


#: Of the optimizers' cases those that the lab has as methods of other names.
OWN: dict[str, OptimizerSpec] = {
    "gradient descent": spec.GradientDescent(learning_rate=0.05),
    "heavy ball": spec.HeavyBall(learning_rate=0.05, momentum=0.9),
    "nesterov": spec.NesterovDescent(learning_rate=0.05, momentum=0.9),
}


def rule_of(name: str) -> OptimizerSpec:
    case = CASES[name]
    return OWN[name] if name in OWN else type(case.recipe.optimizer).model_validate(case.recipe.optimizer.model_dump())


def test_every_method_of_the_lab_is_compared_with_a_rule() -> None:
    compared = {type(rule_of(name)) for name in CASES} | {spec.Newton, spec.NoisyDescent}
    assert compared == set(RULES.values())


@functools.cache
def all_paths() -> dict[str, Floats]:
    """Every case in one race, on a tilted valley with weight decay in it."""
    land = {"condition": 6.0, "tilt": 25.0, "weight_decay": 0.1, "start_x": FAR[0], "start_y": FAR[1], "steps": STEPS}
    return dict(zip(CASES, raced([rule_of(name) for name in CASES], **land), strict=True))


@pytest.mark.parametrize("name", CASES)
def test_a_path_is_its_rule_s_own(name: str) -> None:
    case = CASES[name]
    surface = Surface(Landscape(condition=6.0, tilt=25.0, weight_decay=0.1, start_x=FAR[0], start_y=FAR[1]))
    expected, memory = walked(decayed(case.rule, case.decays[0]), surface, case.shape)
    if case.method == "adafactor":
        # Its steps are as long as the place is far, so that it is near the minimum soon.
        assert apart(all_paths()[name][:20], expected[:20]) <= 1e-9
        return
    if case.method == "schedule_free":
        # Shown is x, the mean; the rule walks y.
        assert all_paths()[name][-1] == pytest.approx(memory["x"].ravel(), rel=EXACT)
        return
    # Keras reckons Nadam's 0.96ᵗ in single precision.
    assert apart(all_paths()[name], expected) <= (EXACT if case.method == "nadam" else 1e-9)


def test_the_same_on_a_surface_that_bends(record_property: typing.Callable[[str, object], None]) -> None:
    names = ["gradient descent", "heavy ball", "nesterov", "rmsprop", "adam", "adadelta", "muon"]
    land = Landscape(kind="himmelblau", start_x=-0.5, start_y=-0.5)
    rules = [rule_of(name).model_copy(update={"learning_rate": 0.01}) for name in names]
    found = raced(rules, kind="himmelblau", start_x=-0.5, start_y=-0.5, steps=STEPS)
    own = {
        "gradient descent": paper.heavy_ball(0.01), "heavy ball": paper.heavy_ball(0.01, 0.9), "nesterov": paper.nesterov(0.01, 0.9),
        "rmsprop": paper.rmsprop(0.01, 0.8, 1e-3), "adam": paper.adam(0.01, 0.8, 0.95, 1e-3, hat=True),
        "adadelta": paper.adadelta(0.9, 1e-3, 0.01), "muon": paper.muon(0.01, 0.9, nesterov=True),
    }  # fmt: skip
    errors = {
        name: apart(path, walked(own[name], Surface(land), CASES[name].shape)[0])
        for name, path in zip(names, found, strict=True)
    }
    record_property("measured", errors)
    assert max(errors.values()) <= EXACT


# --- Newton and noise ---------------------------------------------------------------------------------------


def newton(surface: Surface, step: float, damping: float, steps: int) -> Array:
    place = np.array([surface.landscape.start_x, surface.landscape.start_y])
    walk = [place]
    for _ in range(steps):
        xx, xy, yy = (float(each) for each in surface.hessian(*place))
        hessian = np.array([[xx + damping, xy], [xy, yy + damping]])
        place = place - step * np.linalg.pinv(hessian, rcond=1e-12) @ np.array(surface.gradient(*place))
        walk.append(place)
    return np.array(walk)


@pytest.mark.parametrize("kind", ["rosenbrock", "himmelblau", "logistic", "saddle"])
def test_newton_s_path_is_the_solved_system_s(kind: Kind) -> None:
    settings: dict[str, typing.Any] = {"kind": kind, "start_x": -0.9, "start_y": 0.8, "weight_decay": 0.05, "steps": 30}
    pure, damped = spec.Newton(), spec.Newton(learning_rate=0.5, damping=30.0)
    found = raced([pure, damped], **settings)
    surface = Surface(Landscape(**settings))
    for rule, path in zip((pure, damped), found, strict=True):
        assert apart(path, newton(surface, rule.learning_rate, rule.damping, 30)) <= EXACT


@pytest.mark.parametrize("condition", [1.0, 25.0, 10_000.0])
@pytest.mark.parametrize("kind", ["quadratic", "trough"])
def test_newton_is_done_in_one_step_on_any_quadratic(kind: Kind, condition: float) -> None:
    path = raced([spec.Newton()], kind=kind, condition=condition, tilt=33.0, start_x=-3.0, start_y=2.0, steps=10)[0]
    surface = Surface(Landscape(kind=kind, condition=condition, tilt=33.0))
    assert float(surface.value(*path[1])) <= 1e-20 * float(surface.value(*path[0]))


def test_noise_is_that_of_the_seed_and_shrinks_with_the_root_of_the_batch() -> None:
    settings: dict[str, typing.Any] = {"noise": 2.0, "seed": 4, "steps": 50, "start_x": 1.0, "start_y": 1.0}
    rule = spec.GradientDescent(learning_rate=0.02)
    for batch in (1, 16):
        path = raced([rule], batch_size=batch, **settings)[0]
        surface = Surface(Landscape(**settings))
        place, walk = np.array([1.0, 1.0]), []
        for step in range(50):
            walk.append(place)
            noise = 2.0 / math.sqrt(batch) * chance.normals(4, 500)[step]
            place = place - 0.02 * (np.array(surface.gradient(*place)) + noise)
        assert apart(path[:-1], np.array(walk)) <= 1e-9


def test_noise_of_its_own_leaves_the_others_alone_and_a_saddle_behind() -> None:
    rules = [spec.GradientDescent(learning_rate=0.1), spec.NoisyDescent(learning_rate=0.1, noise=0.1), spec.Newton()]
    still, noisy, drawn = raced(rules, kind="saddle", start_x=-2.0, start_y=0.0, steps=150)
    assert np.abs(still[-1]).max() < 1e-6
    assert np.abs(drawn[-1]).max() < 1e-6
    assert abs(abs(noisy[-1][1]) - math.sqrt(2)) < 0.3


def test_batches_are_drawn_without_repetition_and_their_gradients_are_means() -> None:
    weights = chance.batches(3, 5, 20)
    np.testing.assert_allclose(weights.sum(axis=1), 1.0)
    assert (weights[:5] > 0).sum(axis=0).tolist() == [1] * spec.SAMPLES  # 24 by fives: five batches see each once
    path = raced(
        [spec.GradientDescent(learning_rate=1.0)],
        kind="logistic",
        batch_size=5,
        seed=3,
        steps=20,
        start_x=0.0,
        start_y=1.0,
    )[0]
    place = np.array([0.0, 1.0])
    from workbench.descent.surfaces import samples

    for step in range(20):
        margins = samples() @ place
        place = place + (chance.batches(3, 5, 500)[step] / (1 + np.exp(margins))) @ samples()
    np.testing.assert_allclose(path[-1], place, rtol=1e-9)


# --- theory beside practice ---------------------------------------------------------------------------------


@pytest.mark.parametrize("condition", [4.0, 25.0, 100.0])
def test_the_measured_rate_is_theory_s_within_a_percent(condition: float) -> None:
    """In double precision, the slope over steps 200 to 400."""
    surface = Surface(Landscape(condition=condition))
    found = theory.curvature(surface)
    assert found is not None
    ball, ahead = theory.best_heavy_ball(found), theory.best_nesterov(found)
    assert ball
    assert ahead
    rules: list[OptimizerSpec] = [
        spec.GradientDescent(learning_rate=share / found.largest) for share in (0.5, 1.0, 1.8)
    ]
    rules += [
        spec.HeavyBall(learning_rate=ball[0], momentum=ball[1]),
        spec.HeavyBall(learning_rate=0.5 * ball[0], momentum=0.8),
        spec.NesterovDescent(learning_rate=ahead[0], momentum=ahead[1] * 0.9),
    ]
    for rule, places in zip(rules, raced(rules, condition=condition, steps=400), strict=True):
        promised = theory.rate(rule, found)
        measured = kept(measure(surface, places), surface, 200, 400)
        assert measured == pytest.approx(promised, rel=0.01), rule


def test_descent_diverges_from_two_over_l_on_within_a_thousandth() -> None:
    surface = Surface(Landscape(condition=10.0))
    steps = [2 / 10 * share for share in (0.999, 1.001)]
    below, above = raced([spec.GradientDescent(learning_rate=step) for step in steps], condition=10.0, steps=5_000)
    assert measure(surface, below).slopes[-1] < measure(surface, below).slopes[0]
    assert measure(surface, above).slopes[-1] > measure(surface, above).slopes[0]


# --- one program --------------------------------------------------------------------------------------------


def test_all_numbers_are_inputs_of_one_program() -> None:
    """Another landscape, start, noise and any number of any method is another race of the same compiled program."""
    rules = [kind() for kind in RULES.values()]
    shared = everyone()
    lab = Lab(landscape=Landscape(steps=40))
    first = shared.race(lab, rules)
    changed = [rule.model_copy(update={"learning_rate": rule.learning_rate * 0.5}) for rule in rules]
    assert Shape.of(rules, 40) == Shape.of(changed, 400)
    for kind in ("beale", "logistic"):
        land = Landscape(
            kind=typing.cast("Kind", kind),
            start_x=0.3,
            start_y=0.4,
            noise=0.1,
            batch_size=4,
            steps=60,
            weight_decay=0.1,
        )
        again = shared.race(lab.model_copy(update={"landscape": land}), changed)
        assert np.isfinite(again[0]).all()
        assert not np.array_equal(again[0], first[0][:61])
    compiled = typing.cast("typing.Any", shared)._compiled
    assert compiled.experimental_get_tracing_count() == 1
    np.testing.assert_array_equal(shared.race(lab, rules), first)


@pytest.mark.parametrize("method", RULES)
def test_every_number_of_a_method_is_an_input_or_shapes_the_program(method: str) -> None:
    kind = RULES[method]
    given = {*handles.numbers(kind), *handles.IDLE.get(kind, ())}
    shaping = {name for name, _ in handles.shape(kind())}
    assert given | shaping | {"method"} >= set(kind.model_fields)
    for name, field in kind.model_fields.items():
        if field.annotation is float:
            assert name in given


@functools.cache
def everyone() -> Program:
    """All methods as one program."""
    return Program([kind() for kind in RULES.values()], 500)


#: What a number is changed to where a share of it would not be felt within the race.
FELT: dict[tuple[str, str], float] = {
    ("adafactor", "epsilon_1"): 0.5, ("adafactor", "epsilon_2"): 5.0, ("adafactor", "clip"): 0.1, ("lion", "beta_1"): 0.01, ("lion", "beta_2"): 0.01,
}  # fmt: skip


@pytest.mark.parametrize("method", RULES)
def test_a_changed_number_changes_the_path_of_its_method_and_no_other(method: str) -> None:
    """Each input is felt: a handle that hangs nowhere would leave the path as it was."""
    rules = [kind() for kind in RULES.values()]
    at, rule = list(RULES).index(method), RULES[method]()
    lab = Lab(landscape=Landscape(condition=4.0, start_x=1.0, start_y=0.5, steps=60, noise=5.0))
    before = everyone().race(lab, rules)
    for name in handles.numbers(RULES[method]):
        value = getattr(rule, name)
        other = FELT.get((method, name), 0.3 if value < 1e-4 else value * 0.7)
        after = everyone().race(lab, [*rules[:at], rule.model_copy(update={name: other}), *rules[at + 1 :]])
        changed = [not np.array_equal(*pair, equal_nan=True) for pair in zip(before, after, strict=True)]
        assert changed == [place == at for place in range(len(rules))], name


def test_a_slice_is_raced_on_as_its_spline_says() -> None:
    side = np.linspace(-2.0, 2.0, SLICE_POINTS)
    x, y = np.meshgrid(side, side)
    part = Slice(np.cos(x) + 0.3 * (y - 0.5) ** 2 + 0.1 * x * y, 2.0)
    path = raced([spec.GradientDescent(learning_rate=0.1)], part, kind="slice", start_x=-0.5, start_y=1.5, steps=50)[0]
    surface = Surface(Landscape(kind="slice", start_x=-0.5, start_y=1.5), part)
    assert apart(path, walked(paper.heavy_ball(0.1), surface, steps=50)[0]) <= 1e-9
