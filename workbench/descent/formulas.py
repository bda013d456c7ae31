"""Functions of two variables with their gradients and Hessians, each formula written once.

Every function here takes `xp`, the module it reckons with (numpy, or keras.ops within a compiled race), the two coordinates
as arrays of one shape, and `Given`, what else the function depends on. Values have that shape; a gradient is (∂x, ∂y), a
Hessian (∂xx, ∂xy, ∂yy). Sources: Rosenbrock 1960; Himmelblau 1972; Beale 1958; the others are the lab's own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

Array: TypeAlias = Any
Pair: TypeAlias = tuple[Array, Array]
Triple: TypeAlias = tuple[Array, Array, Array]

#: Half the width of the beds of the bumpy bowl, and their depth.
_PERIOD, _DEPTH = 1.0, 0.6
_PI = 3.141592653589793


@dataclass(frozen=True)
class Given:
    """What a function depends on besides the place; each a scalar or an array of the module that reckons."""

    condition: Array
    #: cosine and sine of the tilt
    cosine: Array
    sine: Array
    #: The samples of the logistic regression, each times its label ±1: shape (samples, 2).
    samples: Array
    #: How much each sample counts, sum 1: shape (samples,).
    weights: Array
    #: Coefficients of a slice's cubic B-spline, row by row from below: shape (points × points,).
    spline: Array
    #: Half the side of the slice's square about 0, and its points a side.
    reach: Array
    points: int


@dataclass(frozen=True)
class Formula:
    value: Callable[[Any, Array, Array, Given], Array]
    gradient: Callable[[Any, Array, Array, Given], Pair]
    hessian: Callable[[Any, Array, Array, Given], Triple]


def _turned(x: Array, y: Array, given: Given) -> Pair:
    """Along the valley and across it."""
    return given.cosine * x + given.sine * y, given.cosine * y - given.sine * x


def _valley(flat: Callable[[Given], Array], steep: Callable[[Given], Array]) -> Formula:
    """½(flat·u² + steep·v²) with u along a turned axis and v across it."""

    def value(_xp: Any, x: Array, y: Array, given: Given) -> Array:
        u, v = _turned(x, y, given)
        return 0.5 * (flat(given) * u * u + steep(given) * v * v)

    def gradient(_xp: Any, x: Array, y: Array, given: Given) -> Pair:
        u, v = _turned(x, y, given)
        along, across = flat(given) * u, steep(given) * v
        return given.cosine * along - given.sine * across, given.sine * along + given.cosine * across

    def hessian(_xp: Any, x: Array, _y: Array, given: Given) -> Triple:
        c, s, low, high = given.cosine, given.sine, flat(given), steep(given)
        nothing = 0.0 * x
        return (
            nothing + low * c * c + high * s * s,
            nothing + (low - high) * c * s,
            nothing + low * s * s + high * c * c,
        )

    return Formula(value, gradient, hessian)


QUADRATIC = _valley(lambda _: 1.0, lambda given: given.condition)
TROUGH = _valley(lambda _: 0.0, lambda _: 1.0)

QUARTIC = Formula(
    lambda _xp, x, y, _: 0.25 * (x**4 + y**4),
    lambda _xp, x, y, _: (x**3, y**3),
    lambda _xp, x, y, _: (3.0 * x * x, 0.0 * x, 3.0 * y * y),
)


def _ravine_gradient(xp: Any, x: Array, y: Array, _: Given) -> Pair:
    off = y - xp.sin(2.0 * x)
    return 0.2 * x - 20.0 * off * xp.cos(2.0 * x), 10.0 * off


def _ravine_hessian(xp: Any, x: Array, y: Array, _: Given) -> Triple:
    sine, cosine = xp.sin(2.0 * x), xp.cos(2.0 * x)
    off = y - sine
    return 0.2 + 40.0 * cosine * cosine + 40.0 * off * sine, -20.0 * cosine, 10.0 + 0.0 * x


RAVINE = Formula(lambda xp, x, y, _: 0.1 * x * x + 5.0 * (y - xp.sin(2.0 * x)) ** 2, _ravine_gradient, _ravine_hessian)

ROSENBROCK = Formula(
    lambda _xp, x, y, _: (1.0 - x) ** 2 + 100.0 * (y - x * x) ** 2,
    lambda _xp, x, y, _: (-2.0 * (1.0 - x) - 400.0 * x * (y - x * x), 200.0 * (y - x * x)),
    lambda _xp, x, y, _: (2.0 - 400.0 * y + 1200.0 * x * x, -400.0 * x, 200.0 + 0.0 * x),
)

HIMMELBLAU = Formula(
    lambda _xp, x, y, _: (x * x + y - 11.0) ** 2 + (x + y * y - 7.0) ** 2,
    lambda _xp, x, y, _: (
        4.0 * x * (x * x + y - 11.0) + 2.0 * (x + y * y - 7.0),
        2.0 * (x * x + y - 11.0) + 4.0 * y * (x + y * y - 7.0),
    ),
    lambda _xp, x, y, _: (12.0 * x * x + 4.0 * y - 42.0, 4.0 * (x + y), 12.0 * y * y + 4.0 * x - 26.0),
)

#: Beale's constants, by the power of y they stand beside.
_BEALE = (1.5, 2.25, 2.625)


def _beale_value(_xp: Any, x: Array, y: Array, _: Given) -> Array:
    total = 0.0 * x
    for power, constant in enumerate(_BEALE, 1):
        total = total + (constant - x + x * y**power) ** 2
    return total


def _beale_gradient(_xp: Any, x: Array, y: Array, _: Given) -> Pair:
    across, upright = 0.0 * x, 0.0 * x
    for power, constant in enumerate(_BEALE, 1):
        rest = constant - x + x * y**power
        across = across + 2.0 * rest * (y**power - 1.0)
        upright = upright + 2.0 * rest * x * power * y ** (power - 1)
    return across, upright


def _beale_hessian(_xp: Any, x: Array, y: Array, _: Given) -> Triple:
    xx, xy, yy = 0.0 * x, 0.0 * x, 0.0 * x
    for power, constant in enumerate(_BEALE, 1):
        rest = constant - x + x * y**power
        by_x, by_y = y**power - 1.0, x * power * y ** (power - 1)
        xx = xx + 2.0 * by_x * by_x
        xy = xy + 2.0 * (by_x * by_y + rest * power * y ** (power - 1))
        bend = power * (power - 1) * y ** max(power - 2, 0)
        yy = yy + 2.0 * (by_y * by_y + rest * x * bend)
    return xx, xy, yy


BEALE = Formula(_beale_value, _beale_gradient, _beale_hessian)

SADDLE = Formula(
    lambda _xp, x, y, _: 0.5 * (x * x - y * y) + 0.125 * y**4,
    lambda _xp, x, y, _: (1.0 * x, 0.5 * y**3 - y),
    lambda _xp, x, y, _: (1.0 + 0.0 * x, 0.0 * x, 1.5 * y * y - 1.0),
)

KINK = Formula(
    lambda xp, x, y, _: xp.abs(x) + 0.05 * y * y,
    # Of all subgradients at the kink the one that rests there.
    lambda xp, x, y, _: (xp.sign(x), 0.1 * y),
    lambda _xp, x, _y, _: (0.0 * x, 0.0 * x, 0.1 + 0.0 * x),
)


def _bumps(xp: Any, x: Array) -> Array:
    return _DEPTH * (1.0 - xp.cos(2.0 * _PI * x / _PERIOD))


def _bump_slope(xp: Any, x: Array) -> Array:
    return _DEPTH * 2.0 * _PI / _PERIOD * xp.sin(2.0 * _PI * x / _PERIOD)


def _bump_bend(xp: Any, x: Array) -> Array:
    return _DEPTH * (2.0 * _PI / _PERIOD) ** 2 * xp.cos(2.0 * _PI * x / _PERIOD)


BUMPY = Formula(
    lambda xp, x, y, _: 0.5 * (x * x + y * y) + _bumps(xp, x) + _bumps(xp, y),
    lambda xp, x, y, _: (x + _bump_slope(xp, x), y + _bump_slope(xp, y)),
    lambda xp, x, y, _: (1.0 + _bump_bend(xp, x), 0.0 * x, 1.0 + _bump_bend(xp, y)),
)


def _margins(x: Array, y: Array, given: Given) -> Array:
    """How far on the right side of the line (x, y) each sample lies: one more axis at the end."""
    return x[..., None] * given.samples[:, 0] + y[..., None] * given.samples[:, 1]


def _logistic_value(xp: Any, x: Array, y: Array, given: Given) -> Array:
    margins = _margins(x, y, given)
    # log(1 + e^−m) without overflow.
    losses = xp.maximum(-margins, 0.0) + xp.log1p(xp.exp(-xp.abs(margins)))
    return xp.sum(given.weights * losses, axis=-1)


def _wrong(xp: Any, x: Array, y: Array, given: Given) -> Array:
    """1/(1 + e^m): how sure each sample is of the wrong side."""
    return 0.5 * (1.0 - xp.tanh(0.5 * _margins(x, y, given)))


def _logistic_gradient(xp: Any, x: Array, y: Array, given: Given) -> Pair:
    pull = given.weights * _wrong(xp, x, y, given)
    return -xp.sum(pull * given.samples[:, 0], axis=-1), -xp.sum(pull * given.samples[:, 1], axis=-1)


def _logistic_hessian(xp: Any, x: Array, y: Array, given: Given) -> Triple:
    wrong = _wrong(xp, x, y, given)
    bend, a, b = given.weights * wrong * (1.0 - wrong), given.samples[:, 0], given.samples[:, 1]
    return xp.sum(bend * a * a, axis=-1), xp.sum(bend * a * b, axis=-1), xp.sum(bend * b * b, axis=-1)


LOGISTIC = Formula(_logistic_value, _logistic_gradient, _logistic_hessian)


def _whole(xp: Any, x: Array) -> Array:
    return xp.cast(x, "int32") if hasattr(xp, "cast") else x.astype("int32")


def _blend(t: Array, order: int) -> tuple[Array, Array, Array, Array]:
    """The four pieces of a uniform cubic B-spline at t in [0, 1], or of its first or second derivative."""
    rest = 1.0 - t
    match order:
        case 0:
            middle = (3.0 * t * t * t - 6.0 * t * t + 4.0) / 6.0
            return rest * rest * rest / 6.0, middle, (3.0 * t * (rest * t + 1.0) + 1.0) / 6.0, t * t * t / 6.0
        case 1:
            return -rest * rest / 2.0, (3.0 * t * t - 4.0 * t) / 2.0, (-3.0 * t * t + 2.0 * t + 1.0) / 2.0, t * t / 2.0
        case _:
            return rest, 3.0 * t - 2.0, 1.0 - 3.0 * t, t


def _spline(xp: Any, x: Array, y: Array, given: Given, orders: tuple[int, int]) -> Array:
    """A derivative of the slice; outside its square as at its nearest edge. Coefficients have a rim of one more a side."""
    side, step = given.points, 2.0 * given.reach / (given.points - 1)
    parts = []
    for place, order in zip((x, y), orders, strict=True):
        at = xp.clip((place + given.reach) / step, 0.0, side - 1.0)
        cell = xp.minimum(xp.floor(at), side - 2.0)
        blend = _blend(at - cell, order)
        if order:
            # Past an edge nothing changes any more.
            inside = xp.where(xp.abs(place) <= given.reach, 1.0 + 0.0 * place, 0.0 * place)
            blend = tuple(inside * each for each in blend)
        parts.append((_whole(xp, cell), blend, step**order))
    (column, columns, by_x), (row, rows, by_y) = parts
    total = 0.0 * x
    for down, one in enumerate(rows):
        for right, other in enumerate(columns):
            total = total + one * other * xp.take(given.spline, (row + down) * (side + 2) + column + right)
    return total / (by_x * by_y)


SLICE = Formula(
    lambda xp, x, y, given: _spline(xp, x, y, given, (0, 0)),
    lambda xp, x, y, given: (_spline(xp, x, y, given, (1, 0)), _spline(xp, x, y, given, (0, 1))),
    lambda xp, x, y, given: (
        _spline(xp, x, y, given, (2, 0)),
        _spline(xp, x, y, given, (1, 1)),
        _spline(xp, x, y, given, (0, 2)),
    ),
)

#: In the order of spec.lab.Kind, which is the number a compiled race knows a function by.
FORMULAS: dict[str, Formula] = {
    "quadratic": QUADRATIC,
    "trough": TROUGH,
    "quartic": QUARTIC,
    "ravine": RAVINE,
    "rosenbrock": ROSENBROCK,
    "himmelblau": HIMMELBLAU,
    "beale": BEALE,
    "saddle": SADDLE,
    "kink": KINK,
    "bumpy": BUMPY,
    "logistic": LOGISTIC,
    "slice": SLICE,
}


def newton(xp: Any, gradient: Pair, hessian: Triple, damping: Array) -> Pair:
    """(H + d·I)⁻¹g of a symmetric 2 × 2 matrix, by its eigenvalues; directions without curvature are left alone."""
    xx, xy, yy = hessian
    middle, half = 0.5 * (xx + yy), 0.5 * (xx - yy)
    # The eigenvector of the larger eigenvalue points half the angle of (half, xy).
    angle = 0.5 * xp.arctan2(xy, half)
    cosine, sine = xp.cos(angle), xp.sin(angle)
    spread = xp.sqrt(half * half + xy * xy)
    along, across = (
        gradient[0] * cosine + gradient[1] * sine,
        gradient[1] * cosine - gradient[0] * sine,
    )
    largest = xp.maximum(xp.abs(middle + spread + damping), xp.abs(middle - spread + damping))
    moved = []
    for part, curvature in ((along, middle + spread + damping), (across, middle - spread + damping)):
        flat = xp.abs(curvature) <= 1e-12 * largest
        moved.append(xp.where(flat, 0.0 * part, part / xp.where(flat, 1.0 + 0.0 * part, curvature)))
    return moved[0] * cosine - moved[1] * sine, moved[0] * sine + moved[1] * cosine
