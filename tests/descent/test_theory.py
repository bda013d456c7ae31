"""Theory: L and μ, the marks of the step size, rates against powers of matrices, bounds against real descent."""

from __future__ import annotations

import typing

import numpy as np
import pytest

from workbench.descent import theory
from workbench.descent.paths import kept, measure
from workbench.descent.surfaces import Floats, Surface
from workbench.descent.theory import Curvature
from workbench.spec.lab import GradientDescent, HeavyBall, Kind, Landscape, NesterovDescent, Newton


def surface(kind: Kind = "quadratic", **settings: typing.Any) -> Surface:
    return Surface(Landscape(kind=kind, **settings))


def descent(of: Surface, step: float, steps: int) -> Floats:
    """Plain gradient descent in NumPy."""
    place = np.array([of.landscape.start_x, of.landscape.start_y])
    walk = [place]
    for _ in range(steps):
        place = place - step * np.array(of.gradient(place[0], place[1]))
        walk.append(place)
    return np.array(walk)


def found(of: Surface) -> Curvature:
    told = theory.curvature(of)
    assert told is not None
    return told


@pytest.mark.parametrize("kind", ["quadratic", "trough", "logistic"])
@pytest.mark.parametrize("decay", [0.0, 0.5])
def test_no_curvature_anywhere_is_above_l_or_below_mu(kind: Kind, decay: float) -> None:
    of = surface(kind, weight_decay=decay)
    told = found(of)
    low, high = of.eigenvalues(*of.grid(61, (-20.0, 20.0, -20.0, 20.0)))
    assert told.everywhere
    assert high.max() <= told.largest + 1e-9
    assert low.min() >= told.smallest - 1e-9


def test_l_of_the_logistic_regression_is_reached() -> None:
    of = surface("logistic")
    assert float(of.eigenvalues(np.array([0.0]), np.array([0.0]))[1][0]) == pytest.approx(found(of).largest)


def test_a_kink_has_no_l_and_is_promised_nothing() -> None:
    assert theory.curvature(surface("kink")) is None
    assert theory.verdict(0.1, None) == "not promised"


def test_weight_decay_makes_a_convex_function_strongly_convex() -> None:
    assert surface("trough").convexity == "convex"
    assert surface("trough", weight_decay=0.1).convexity == "strongly convex"
    assert found(surface("trough", weight_decay=0.1)).smallest == pytest.approx(0.1)


@pytest.mark.parametrize("step", [0.5, 1.0, 1.9, 1.999, 2.001, 2.1])
def test_the_verdict_is_what_descent_does(step: float) -> None:
    of = surface(condition=10.0)
    eta = step / found(of).largest
    slopes = measure(of, descent(of, eta, 5_000)).slopes
    assert theory.verdict(eta, found(of)) == ("converges" if step <= 1 else "oscillates" if step < 2 else "diverges")
    assert (slopes[-1] > slopes[0]) == (step >= 2)


def test_the_marks_ascend_and_the_middle_one_is_the_best_step() -> None:
    of = surface(condition=10.0)
    marks = theory.marks(found(of))
    assert [mark.name for mark in marks] == ["1/L", "2/(L+μ)", "2/L"]
    assert [mark.at for mark in marks] == sorted(mark.at for mark in marks)
    rates = {
        step: theory.rate(GradientDescent(learning_rate=step), found(of)) for step in np.linspace(0.01, 0.199, 400)
    }
    best = min(rates, key=lambda step: rates[step] or 1.0)
    assert best == pytest.approx(marks[1].at, rel=0.01)


def test_a_round_bowl_needs_no_second_mark() -> None:
    assert [mark.name for mark in theory.marks(Curvature(2.0, 2.0, everywhere=True))] == ["1/L", "2/L"]


@pytest.mark.parametrize("step", [0.01, 0.05, 0.072])
@pytest.mark.parametrize("beta", [0.0, 0.4444, 0.9])
def test_rates_are_the_largest_eigenvalue_of_the_step_s_matrix(step: float, beta: float) -> None:
    told = Curvature(25.0, 1.0, everywhere=True)

    def largest(matrix: typing.Callable[[float], list[list[float]]]) -> float:
        return max(float(np.abs(np.linalg.eigvals(np.array(matrix(curve)))).max()) for curve in (1.0, 25.0))

    ball = largest(lambda curve: [[1 + beta - step * curve, -beta], [1, 0]])
    ahead = largest(lambda curve: [[(1 + beta) * (1 - step * curve), -beta * (1 - step * curve)], [1, 0]])
    assert theory.rate(HeavyBall(learning_rate=step, momentum=beta), told) == pytest.approx(ball, rel=1e-6)
    assert theory.rate(NesterovDescent(learning_rate=step, momentum=beta), told) == pytest.approx(ahead, rel=1e-6)


def test_the_best_heavy_ball_keeps_the_root_of_beta_and_no_other_keeps_less() -> None:
    told = Curvature(25.0, 1.0, everywhere=True)
    best = theory.best_heavy_ball(told)
    assert best == (pytest.approx(4 / 36), pytest.approx(16 / 36))
    assert best is not None
    least = theory.rate(HeavyBall(learning_rate=best[0], momentum=best[1]), told)
    assert least == pytest.approx(4 / 6, abs=1e-6)
    others = [
        theory.rate(HeavyBall(learning_rate=step, momentum=beta), told) or 0.0
        for step in np.linspace(0.02, 0.2, 19)
        for beta in np.linspace(0.0, 0.95, 20)
    ]
    assert min(others) >= 4 / 6 - 1e-9


def test_best_steps_need_strong_convexity() -> None:
    flat = Curvature(1.0, 0.0, everywhere=True)
    assert theory.best_heavy_ball(flat) is None
    assert theory.best_nesterov(flat) is None
    assert theory.rate(GradientDescent(), flat) is None


def test_nesterov_s_numbers_are_one_over_l_and_root_kappa_s() -> None:
    assert theory.best_nesterov(Curvature(25.0, 1.0, everywhere=True)) == (pytest.approx(0.04), pytest.approx(4 / 6))


def test_pure_newton_keeps_nothing_and_a_damped_one_something() -> None:
    told = Curvature(25.0, 1.0, everywhere=True)
    assert theory.rate(Newton(), told) == pytest.approx(0.0, abs=1e-12)
    assert theory.rate(Newton(damping=1.0), told) == pytest.approx(0.5)


CASES: list[tuple[Kind, dict[str, float], float]] = [
    ("quadratic", {"condition": 25.0}, 1.0),
    ("quadratic", {"condition": 25.0}, 1.9),
    ("quadratic", {"condition": 4.0, "weight_decay": 0.5}, 0.7),
    ("trough", {}, 0.5),
    ("trough", {"weight_decay": 0.1}, 1.0),
    ("logistic", {}, 1.0),
    ("logistic", {}, 0.3),
    ("logistic", {"weight_decay": 0.05}, 1.5),
]


@pytest.mark.parametrize(("kind", "settings", "share"), CASES)
def test_descent_stays_below_its_bounds_and_above_what_nothing_beats(
    kind: Kind, settings: dict[str, typing.Any], share: float
) -> None:
    of = surface(kind, start_x=-1.0, start_y=4.0, **settings)
    step = share / found(of).largest
    path = measure(of, descent(of, step, 2_000))
    bounds = theory.bounds(of, found(of), step, 2_000)
    assert bounds
    for bound in bounds:
        if bound.above:
            assert (path.heights <= bound.values * (1 + 1e-9) + 1e-12).all()
            if bound.slopes is not None:
                assert (path.slopes <= bound.slopes * (1 + 1e-9) + 1e-9).all()


def test_no_bound_where_its_conditions_do_not_hold() -> None:
    bowl = surface(condition=10.0)
    assert theory.bounds(bowl, found(bowl), 0.2, 10) == ()
    bent = surface("rosenbrock")
    assert theory.bounds(bent, theory.curvature(bent), 1e-4, 10) == ()
    assert theory.bounds(surface("kink"), None, 0.1, 10) == ()


# --- steps to an error --------------------------------------------------------------------------------------


def steps_to(of: Surface, error: float, share: float = 1.0) -> int:
    step = share / found(of).largest
    place = np.array([of.landscape.start_x, of.landscape.start_y])
    count = 0
    while float(of.value(place[0], place[1])) - of.lowest > error:
        place = place - step * np.array(of.gradient(place[0], place[1]))
        count += 1
    return count


def test_strongly_convex_steps_grow_as_kappa_times_the_log_of_one_over_epsilon() -> None:
    """In three decades of the condition and of ε: log-log slope 1 in κ, straight line in log 1/ε."""
    conditions = [10.0, 100.0, 1_000.0, 10_000.0]
    needed = [steps_to(surface(condition=kappa, tilt=0.0, start_x=1.0, start_y=0.0), 1e-6) for kappa in conditions]
    slope = np.polyfit(np.log(conditions), np.log(needed), 1)[0]
    assert slope == pytest.approx(1.0, abs=0.02)
    errors = 10.0 ** -np.arange(2, 9)
    counts = [steps_to(surface(condition=100.0, tilt=0.0, start_x=1.0, start_y=0.0), error) for error in errors]
    per_decade = np.diff(counts)
    np.testing.assert_allclose(per_decade, 100 * np.log(10) / 2, rtol=0.03)


def test_convex_steps_grow_as_one_over_epsilon_on_samples_that_can_be_parted_and_slower_on_x4() -> None:
    """Over three decades the log-log slope is −1 on the logistic loss and −½ on x⁴, which is flat but not that flat."""
    errors = [1e-1, 1e-2, 1e-3, 1e-4]
    logistic = [steps_to(surface("logistic", start_x=0.0, start_y=0.0), error) for error in errors]
    assert logistic[1:] == [pytest.approx(1 / (4 * error), rel=0.05) for error in errors[1:]]
    assert np.polyfit(np.log(errors[1:]), np.log(logistic[1:]), 1)[0] == pytest.approx(-1.0, abs=0.03)
    quartic = surface("quartic", start_x=1.5, start_y=0.0)
    needed = []
    for error in errors:
        place, count = 1.5, 0
        while 0.25 * place**4 > error:
            place, count = place - float(quartic.gradient(np.array(place), np.array(0.0))[0]) / 6.75, count + 1
        needed.append(count)
    assert np.polyfit(np.log(errors[1:]), np.log(needed[1:]), 1)[0] == pytest.approx(-0.5, abs=0.06)


# --- what a path did ----------------------------------------------------------------------------------------


def test_a_path_s_rate_is_measured_over_its_second_half_or_where_asked() -> None:
    of = surface(condition=25.0, start_x=1.0, start_y=1.0)
    path = measure(of, descent(of, 0.072, 400))
    assert kept(path, of) == pytest.approx(0.928, rel=1e-3)
    assert kept(path, of, 200, 400) == pytest.approx(0.928, rel=1e-3)


def test_a_path_that_arrives_at_once_keeps_nothing_and_one_that_starts_there_has_no_rate() -> None:
    of = surface(condition=1.0, tilt=0.0, start_x=2.0, start_y=1.0)
    arrived = np.array([[2.0, 1.0], *[[0.0, 0.0]] * 5])
    assert kept(measure(of, arrived), of) == 0.0
    saddle = surface("saddle", start_x=1.0, start_y=0.0)
    rests = np.array([[1.0, 0.0], *[[0.0, 0.0]] * 5])
    assert kept(measure(saddle, rests), saddle) is None
    assert kept(measure(of, np.zeros((6, 2))), of) is None


def test_a_path_that_leaves_the_world_of_numbers_says_when() -> None:
    of = surface("rosenbrock", start_x=-1.2, start_y=1.0)
    with np.errstate(all="ignore"):
        path = measure(of, descent(of, 1.0, 20))
    assert path.gone is not None
    assert np.isinf(path.heights[-1])
    assert path.steps_to(1e-6) is None


def test_noise_holds_descent_at_the_height_that_theory_says_and_no_exact_bound_is_drawn() -> None:
    of = surface(condition=9.0, noise=2.0, batch_size=4, start_x=0.1, start_y=0.1)
    bound = theory.bounds(of, found(of), 0.1, 10)
    assert [each.name for each in bound] == ["mean height at which noise holds it"]
    draw = np.random.default_rng(0).standard_normal((200_000, 2))
    place, heights = np.array([0.1, 0.1]), []
    for normal in draw:
        place = place - 0.1 * (np.array(of.gradient(place[0], place[1])) + 1.0 * normal)
        heights.append(float(of.value(place[0], place[1])))
    assert np.mean(heights) == pytest.approx(float(bound[0].values[0]), rel=0.02)


def test_batches_of_the_logistic_regression_have_no_bound() -> None:
    of = surface("logistic", batch_size=4)
    assert theory.bounds(of, found(of), 1.0, 10) == ()
