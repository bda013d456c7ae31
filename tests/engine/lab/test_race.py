"""Races: every method's path is its rule's, integrated apart in NumPy; theory's rates are what is measured; one program."""

from __future__ import annotations

import math
import typing
from collections.abc import Iterator

import keras
import numpy as np
import pytest

from tests.engine import paper_rules as paper
from tests.engine.optimizer_cases import CASES
from tests.engine.paper_rules import Array, Memory, Rule, decayed
from workbench.descent import chance, theory
from workbench.descent.paths import kept, measure
from workbench.descent.surfaces import Floats, Slice, Surface
from workbench.spec import lab as spec
from workbench.spec.lab import SLICE_POINTS, Kind, Lab, Landscape, Racer
from workbench.spec.lab_presets import RULES
from workbench.spec.optimizer_base import OptimizerSpec

pytestmark = pytest.mark.keras

STEPS = 200
#: What the issue allows; in double precision far less is needed.
EXACT = 1e-5


@pytest.fixture(autouse=True, scope="module")
def _double() -> Iterator[None]:
    before = keras.config.floatx()
    keras.config.set_floatx("float64")
    yield
    keras.config.set_floatx(before)


def raced(rules: typing.Sequence[OptimizerSpec], part: Slice | None = None, **landscape: typing.Any) -> Floats:
    from workbench.engine.lab.race import Program, Shape

    lab = Lab(
        landscape=Landscape(**landscape),
        racers={f"racer_{at}": Racer.model_construct(on=True, rule=rule) for at, rule in enumerate(rules)},
    )
    return Program(rules, Shape.of(rules, lab.landscape.steps).length).race(lab, rules, part)


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


@pytest.fixture(scope="module")
def all_paths() -> dict[str, Floats]:
    """Every case in one race, on a tilted valley with weight decay in it."""
    found = raced(
        [rule_of(name) for name in CASES],
        condition=6.0,
        tilt=25.0,
        weight_decay=0.1,
        start_x=2.0,
        start_y=1.0,
        steps=STEPS,
    )
    return dict(zip(CASES, found, strict=True))


@pytest.mark.parametrize("name", CASES)
def test_a_path_is_its_rule_s_own(name: str, all_paths: dict[str, Floats]) -> None:
    case = CASES[name]
    surface = Surface(Landscape(condition=6.0, tilt=25.0, weight_decay=0.1, start_x=2.0, start_y=1.0))
    expected, memory = walked(decayed(case.rule, case.decays[0]), surface, case.shape)
    if case.method == "schedule_free":
        # Shown is x, the mean; the rule walks y.
        assert all_paths[name][-1] == pytest.approx(memory["x"].ravel(), rel=EXACT)
        return
    assert apart(all_paths[name], expected) <= 1e-9


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
    from workbench.engine.lab.race import Program, Shape

    rules = [kind() for kind in RULES.values()]
    program = Program(rules, 500)
    lab = Lab(landscape=Landscape(steps=40))
    first = program.race(lab, rules)
    changed = [rule.model_copy(update={"learning_rate": rule.learning_rate * 0.5}) for rule in rules]
    assert Shape.of(rules, 40) == Shape.of(changed, 400)
    for kind in ("rosenbrock", "logistic", "kink"):
        land = Landscape(
            kind=typing.cast("Kind", kind),
            start_x=0.3,
            start_y=0.4,
            noise=0.1,
            batch_size=4,
            steps=60,
            weight_decay=0.1,
        )
        again = program.race(lab.model_copy(update={"landscape": land}), changed)
        alone = raced(changed, **land.model_dump())
        np.testing.assert_array_equal(again, alone)
    compiled = typing.cast("typing.Any", program)._compiled
    assert compiled.experimental_get_tracing_count() == 1
    np.testing.assert_array_equal(program.race(lab, rules), first)


@pytest.mark.parametrize("method", RULES)
def test_every_number_of_a_method_is_an_input_or_shapes_the_program(method: str) -> None:
    from workbench.engine.lab import handles

    kind = RULES[method]
    given = {*handles.numbers(kind), *handles.IDLE.get(kind, ())}
    shaping = {name for name, _ in handles.shape(kind())}
    assert given | shaping | {"method"} >= set(kind.model_fields)
    for name, field in kind.model_fields.items():
        if field.annotation is float:
            assert name in given


@pytest.mark.parametrize("method", [method for method in RULES if method != "newton"])
def test_a_changed_number_changes_the_path(method: str) -> None:
    """Each input is felt: a handle that hangs nowhere would leave the path as it was."""
    from workbench.engine.lab import handles
    from workbench.engine.lab.race import Program

    kind = RULES[method]
    rule = kind()
    program = Program([rule], 500)
    land = Landscape(kind="himmelblau", start_x=1.0, start_y=0.5, steps=30, noise=0.1)
    before = program.race(Lab(landscape=land), [rule])
    for name in handles.numbers(kind):
        value = getattr(rule, name)
        other = 0.3 if value == 0 else value * 0.7
        after = program.race(Lab(landscape=land), [rule.model_copy(update={name: other})])
        assert not np.array_equal(before, after), name


def test_a_slice_is_raced_on_as_its_spline_says() -> None:
    side = np.linspace(-2.0, 2.0, SLICE_POINTS)
    x, y = np.meshgrid(side, side)
    part = Slice(np.cos(x) + 0.3 * (y - 0.5) ** 2 + 0.1 * x * y, 2.0)
    path = raced([spec.GradientDescent(learning_rate=0.1)], part, kind="slice", start_x=-0.5, start_y=1.5, steps=50)[0]
    surface = Surface(Landscape(kind="slice", start_x=-0.5, start_y=1.5), part)
    assert apart(path, walked(paper.heavy_ball(0.1), surface, steps=50)[0]) <= 1e-9
