"""What theory promises of a method on a landscape: L and μ, where a step size converges, rates and bounds.

L-smooth: no eigenvalue of the Hessian is above L. μ-strongly convex: none is below μ > 0. Bounds are for gradient descent
with a fixed step and the exact gradient; with noise there is the height at which it is held. Sources: Polyak 1964; Nesterov 2018, Lectures on convex optimization, 2.1;
Teboulle & Vaisbourd 2023 for the gradient's bound.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from workbench.descent import chance
from workbench.descent.surfaces import Floats, Surface, samples
from workbench.spec.lab import GradientDescent, HeavyBall, NesterovDescent, Newton
from workbench.spec.optimizer_base import OptimizerSpec

#: From η = 2/L on gradient descent diverges.
_EDGE = 2.0
#: Places a side at which the curvature of what has no known one is looked at.
_LOOKED = 121
Verdict = Literal["converges", "oscillates", "diverges", "not promised"]


@dataclass(frozen=True)
class Curvature:
    """The largest and the smallest curvature, L and μ."""

    largest: float
    smallest: float
    #: Whether they hold everywhere, or were seen within the view only.
    everywhere: bool

    @property
    def condition(self) -> float:
        """κ = L/μ; infinite where nothing holds from below."""
        return self.largest / self.smallest if self.smallest > 0 else math.inf


def curvature(surface: Surface) -> Curvature | None:
    """L and μ of a surface; None where the gradient jumps, so that there is no L."""
    landscape, decay = surface.landscape, surface.decay
    if not surface.smooth:
        return None
    match landscape.kind:
        case "quadratic":
            return Curvature(landscape.condition + decay, 1.0 + decay, everywhere=True)
        case "trough":
            return Curvature(1.0 + decay, decay, everywhere=True)
        case "logistic":
            # No sample bends more than a quarter of its square.
            points = samples()
            largest = float(np.linalg.eigvalsh(points.T @ points / len(points))[-1]) / 4
            return Curvature(largest + decay, decay, everywhere=True)
        case _:
            low, high = surface.eigenvalues(*surface.grid(_LOOKED))
            largest = float(max(np.max(np.abs(low)), np.max(np.abs(high))))
            return Curvature(largest, max(0.0, float(np.min(low))), everywhere=False)


# --- step sizes -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mark:
    """A step size that means something."""

    at: float
    name: str
    meaning: str


def marks(found: Curvature) -> tuple[Mark, ...]:
    """The step sizes of gradient descent that theory names, ascending."""
    named = [Mark(1 / found.largest, "1/L", "Up to here no direction overshoots.")]
    if found.smallest > 0 and found.smallest < found.largest:
        best = 2 / (found.largest + found.smallest)
        named.append(
            Mark(best, "2/(L+μ)", "The best fixed step for a quadratic: both ends of the valley shrink alike.")
        )
    named.append(Mark(2 / found.largest, "2/L", "From here on the steepest direction grows instead of shrinking."))
    return tuple(named)


def verdict(step: float, found: Curvature | None) -> Verdict:
    """What gradient descent does with a step size."""
    if found is None:
        return "not promised"
    if step * found.largest >= _EDGE:
        return "diverges"
    return "oscillates" if step * found.largest > 1 else "converges"


def best_heavy_ball(found: Curvature) -> tuple[float, float] | None:
    """Polyak's step size and β for a quadratic with these curvatures; None without strong convexity."""
    if found.smallest <= 0:
        return None
    high, low = math.sqrt(found.largest), math.sqrt(found.smallest)
    return 4 / (high + low) ** 2, ((high - low) / (high + low)) ** 2


def best_nesterov(found: Curvature) -> tuple[float, float] | None:
    """Nesterov's step size and β for a strongly convex function; None without strong convexity."""
    if found.smallest <= 0:
        return None
    root = math.sqrt(found.condition)
    return 1 / found.largest, (root - 1) / (root + 1)


# --- rates ------------------------------------------------------------------------------------------------


def rate(rule: OptimizerSpec, found: Curvature | None) -> float | None:
    """What share of the error a step keeps in the long run on a quadratic with these curvatures; None where theory has none."""
    if found is None or found.smallest <= 0:
        return None
    ends = (found.smallest, found.largest)
    match rule:
        case GradientDescent():
            return max(abs(1 - rule.learning_rate * end) for end in ends)
        case HeavyBall():
            return max(_root(1 + rule.momentum - rule.learning_rate * end, rule.momentum) for end in ends)
        case NesterovDescent():
            kept = [1 - rule.learning_rate * end for end in ends]
            return max(_root((1 + rule.momentum) * each, rule.momentum * each) for each in kept)
        case Newton():
            return max(abs(1 - rule.learning_rate * end / (end + rule.damping)) for end in ends)
        case _:
            return None


def _root(trace: float, product: float) -> float:
    """The larger modulus of the roots of z² − trace·z + product."""
    spread = cmath.sqrt(trace * trace - 4 * product)
    return max(abs(trace + spread), abs(trace - spread)) / 2


# --- bounds -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bound:
    """A line of theory beside the measured curves: no curve of the method it speaks of lies above (or below) it."""

    name: str
    meaning: str
    #: f − f* after 0, 1, 2 … steps
    values: Floats
    #: ‖∇f‖ after 0, 1, 2 … steps; None where theory says nothing of it
    slopes: Floats | None
    #: Whether it bounds from above; else nothing gets below it.
    above: bool = True


def bounds(surface: Surface, found: Curvature | None, step: float, steps: int) -> tuple[Bound, ...]:
    """What bounds gradient descent with this step from the landscape's start; none where its conditions do not hold."""
    if found is None or not found.everywhere or surface.convexity == "not convex" or step * found.largest >= _EDGE:
        return ()
    count = np.arange(steps + 1, dtype=np.float64)
    if chance.noisy(surface.landscape):
        return _noise_floor(surface, found, step, count)
    if found.smallest > 0:
        return (_linear(surface, found, step, count), _fastest(surface, found, count))
    return (_sublinear(surface, found, step, count),) if step * found.largest <= 1 else ()


def _noise_floor(surface: Surface, found: Curvature, step: float, count: Floats) -> tuple[Bound, ...]:
    """The mean height at which noise holds descent on a quadratic: along each axis Var x = ησ²/(λ(2 − ηλ)), so f is ½Σησ²/(2 − ηλ)."""
    if surface.landscape.kind not in {"quadratic", "trough"} or found.smallest <= 0:
        return ()
    spread = chance.spread(surface.landscape)
    mean = sum(0.5 * step * spread**2 / (2 - step * end) for end in (found.smallest, found.largest))
    return (
        Bound(
            "mean height at which noise holds it",
            "A fixed step with noise comes to rest nowhere: the mean height grows with η and with σ²/m.",
            np.full_like(count, mean),
            None,
        ),
    )


def _distance(surface: Surface) -> float:
    landscape = surface.landscape
    return min((math.hypot(landscape.start_x - x, landscape.start_y - y) for x, y in surface.minima), default=math.inf)


def _linear(surface: Surface, found: Curvature, step: float, count: Floats) -> Bound:
    kept = max(abs(1 - step * found.smallest), abs(1 - step * found.largest))
    far = _distance(surface) * kept**count
    return Bound(
        "slowest gradient descent can be",
        "Strongly convex: the error shrinks by a fixed share each step, so ε needs O(log 1/ε) steps.",
        0.5 * found.largest * far * far,
        found.largest * far,
    )


def _fastest(surface: Surface, found: Curvature, count: Floats) -> Bound:
    root = math.sqrt(found.condition)
    far = _distance(surface) * ((root - 1) / (root + 1)) ** count
    return Bound(
        "no gradient method beats this on every valley",
        "For every method that only sees gradients there is a valley of this condition, of many variables, on which it stays above.",
        0.5 * found.smallest * far * far,
        None,
        above=False,
    )


def _sublinear(surface: Surface, found: Curvature, step: float, count: Floats) -> Bound:
    """O(1/ε): for any z, f(xₖ) − f(z) ≤ ‖x₀ − z‖²/(2ηk); the best z is taken where there is no minimum to go to."""
    landscape = surface.landscape
    start = np.array([landscape.start_x, landscape.start_y])
    places = _candidates(surface, start)
    heights = surface.value(places[:, 0], places[:, 1]) - surface.lowest
    squares = np.sum((places - start) ** 2, axis=1)
    with np.errstate(divide="ignore"):
        values = np.min(heights[:, None] + squares[:, None] / (2 * step * count[None, :]), axis=0)
    begin = float(surface.value(start[0], start[1])) - surface.lowest
    slopes = None
    if surface.minima:
        # ‖∇f(xₖ)‖ ≤ L‖x₀ − x*‖/(ηLk + 1).
        slopes = found.largest * _distance(surface) / (step * found.largest * count + 1)
    return Bound(
        "slowest gradient descent can be",
        "Convex only: the error falls as 1/k, so ε needs O(1/ε) steps.",
        np.minimum(values, begin),
        slopes,
    )


def _candidates(surface: Surface, start: Floats) -> Floats:
    """Places z for the bound: the minima, or points ever farther along the way on which the function keeps falling."""
    if surface.minima:
        return np.array(_nearest(surface, start))
    along = samples().mean(axis=0)
    return np.concatenate([
        start + length * along / np.linalg.norm(along) for length in (np.geomspace(0.01, 1e4, 600)[:, None],)
    ])  # fmt: skip


def _nearest(surface: Surface, start: Floats) -> list[tuple[float, float]]:
    """The nearest minimum: a trough has a whole line of them."""
    if surface.landscape.kind == "trough" and surface.decay == 0:
        angle = math.radians(surface.landscape.tilt)
        along = math.cos(angle) * start[0] + math.sin(angle) * start[1]
        return [(along * math.cos(angle), along * math.sin(angle))]
    return list(surface.minima)
