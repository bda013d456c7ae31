"""The landscapes of the descent lab as NumPy functions, with what is known of each: its minima, its view, its convexity."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from workbench.descent.formulas import FORMULAS, Given, Pair, Triple
from workbench.spec.lab import SAMPLES, Landscape

Floats: TypeAlias = NDArray[np.float64]
Convexity = Literal["strongly convex", "convex", "not convex"]
#: Left, right, bottom, top.
View = tuple[float, float, float, float]

#: Minima whose heights differ by less are of the same height.
_SAME = 1e-12
#: The samples lie on two lines at this distance from 0, which is the margin between the classes, and spread along them.
_MARGIN, _ALONG, _SAMPLE_ANGLE = 1.2, 1.1, math.radians(27)


@dataclass(frozen=True)
class Slice:
    """A run's loss over a square of two directions, measured on a grid."""

    #: losses from below and from the left: shape (points, points)
    losses: Floats
    #: half the side of the square about the weights
    reach: float

    @property
    def points(self) -> int:
        return len(self.losses)


@dataclass(frozen=True)
class _Known:
    """What is known of a shape without any setting."""

    view: View
    start: tuple[float, float]
    convexity: Convexity
    minima: tuple[tuple[float, float], ...] = ((0.0, 0.0),)
    lowest: float = 0.0
    #: whether its gradient has no jumps
    smooth: bool = True


_KNOWN: dict[str, _Known] = {
    "quadratic": _Known((-4.8, 1.2, -5.2, 2.4), (-3.92, -1.58), "strongly convex"),
    "trough": _Known((-4.0, 4.0, -4.0, 4.0), (-3.0, 2.0), "convex"),
    "quartic": _Known((-2.2, 2.2, -2.2, 2.2), (-1.8, 1.2), "convex"),
    "ravine": _Known((-3.2, 3.2, -2.6, 2.6), (-2.8, 1.6), "not convex"),
    "rosenbrock": _Known((-2.0, 2.0, -1.0, 3.0), (-1.2, 1.0), "not convex", ((1.0, 1.0),)),
    "himmelblau": _Known(
        (-5.5, 5.5, -5.5, 5.5), (-0.5, -0.5), "not convex",
        ((3.0, 2.0), (-2.805118086952745, 3.131312518250573), (-3.779310253377747, -3.283185991286170), (3.584428340330492, -1.848126526964404)),
    ),
    "beale": _Known((-4.5, 4.5, -4.5, 4.5), (1.0, 1.5), "not convex", ((3.0, 0.5),)),
    "saddle": _Known((-2.5, 2.5, -2.5, 2.5), (-2.0, 0.0), "not convex", ((0.0, math.sqrt(2.0)), (0.0, -math.sqrt(2.0))), -0.5),
    "kink": _Known((-2.5, 2.5, -4.0, 4.0), (-1.93, 3.0), "convex", smooth=False),
    "bumpy": _Known((-3.2, 3.2, -3.2, 3.2), (-2.7, 2.3), "not convex"),
    "logistic": _Known((-2.0, 10.0, -6.0, 6.0), (-1.0, 4.0), "convex", ()),
    "slice": _Known((-1.0, 1.0, -1.0, 1.0), (-0.8, 0.6), "not convex", ()),
}  # fmt: skip


@functools.cache
def samples() -> Floats:
    """The samples of the logistic regression, each times its label ±1; a line through 0 parts them. Shape (SAMPLES, 2).

    All are as near to that line, so that from 0 on the loss is log(1 + e^−w) of one weight: 1/(4ε) steps of 1/L to ε.
    """
    across = np.array([math.cos(_SAMPLE_ANGLE), math.sin(_SAMPLE_ANGLE)])
    along = np.array([-across[1], across[0]])
    places: Floats = _MARGIN * across + np.linspace(-_ALONG, _ALONG, SAMPLES)[:, None] * along
    return places


def spline(part: Slice) -> Floats:
    """Coefficients of the cubic B-spline through a slice's losses, with a rim: shape ((points + 2)²,).

    The second derivative across an edge is 0 there, as a natural spline's is.
    """
    one = _through(part.points)
    inner = one @ part.losses @ one.T
    return inner.ravel()


@functools.cache
def _through(points: int) -> Floats:
    """What makes coefficients of the values of a natural cubic spline: shape (points + 2, points)."""
    rows = np.zeros((points + 2, points + 2))
    for place in range(points):
        rows[place, place : place + 3] = (1 / 6, 4 / 6, 1 / 6)
    rows[points, :3] = (1.0, -2.0, 1.0)
    rows[points + 1, -3:] = (1.0, -2.0, 1.0)
    right = np.zeros((points + 2, points))
    right[:points] = np.eye(points)
    return np.asarray(np.linalg.solve(rows, right), np.float64)


def given(landscape: Landscape, part: Slice | None = None, weights: Floats | None = None) -> Given:
    """What a landscape's formula depends on. `weights` of the samples, of shape (SAMPLES,); alike if None."""
    angle = math.radians(landscape.tilt)
    return Given(
        condition=landscape.condition,
        cosine=math.cos(angle),
        sine=math.sin(angle),
        samples=samples(),
        weights=np.full(SAMPLES, 1 / SAMPLES) if weights is None else weights,
        spline=spline(part) if part is not None else np.zeros(16),
        reach=part.reach if part is not None else 1.0,
        points=part.points if part is not None else 2,
    )


class Surface:
    """A landscape that can be asked: its value, gradient and Hessian at any places, weight decay included.

    Arguments are arrays of one shape, results have it too.
    """

    def __init__(self, landscape: Landscape, part: Slice | None = None) -> None:
        if landscape.kind == "slice" and part is None:
            raise ValueError("A slice needs the losses of a run.")
        self.landscape = landscape
        self.part = part
        self._formula = FORMULAS[landscape.kind]
        self._given = given(landscape, part)

    @property
    def decay(self) -> float:
        return self.landscape.weight_decay

    def value(self, x: Floats, y: Floats) -> Floats:
        plain: Floats = self._formula.value(np, x, y, self._given)
        return plain + 0.5 * self.decay * (x * x + y * y)

    def gradient(self, x: Floats, y: Floats) -> Pair:
        across, upright = self._formula.gradient(np, x, y, self._given)
        return across + self.decay * x, upright + self.decay * y

    def hessian(self, x: Floats, y: Floats) -> Triple:
        xx, xy, yy = self._formula.hessian(np, x, y, self._given)
        return xx + self.decay, xy, yy + self.decay

    def eigenvalues(self, x: Floats, y: Floats) -> Pair:
        """The smaller and the larger one of the Hessian."""
        xx, xy, yy = self.hessian(x, y)
        middle, spread = 0.5 * (xx + yy), np.hypot(0.5 * (xx - yy), xy)
        return middle - spread, middle + spread

    # --- what is known of it -----------------------------------------------------------------------------

    @property
    def view(self) -> View:
        """What is shown of it."""
        if self.part is not None:
            return -self.part.reach, self.part.reach, -self.part.reach, self.part.reach
        return _KNOWN[self.landscape.kind].view

    @property
    def usual_start(self) -> tuple[float, float]:
        """Where a race on it begins unless somebody says otherwise."""
        x, y = _KNOWN[self.landscape.kind].start
        return (x * self.part.reach, y * self.part.reach) if self.part is not None else (x, y)

    @property
    def smooth(self) -> bool:
        return _KNOWN[self.landscape.kind].smooth

    @property
    def convexity(self) -> Convexity:
        """Weight decay makes a convex function strongly convex; others stay what they are, for all one knows."""
        plain = _KNOWN[self.landscape.kind].convexity
        return "strongly convex" if plain == "convex" and self.decay > 0 else plain

    @functools.cached_property
    def minima(self) -> tuple[tuple[float, float], ...]:
        """Its lowest places; none where it has none or nobody knows."""
        known = _KNOWN[self.landscape.kind]
        if self.part is not None:
            seen = self._lowest_seen()
            # At an edge there is nothing to settle into.
            return (min(self._settled(*seen), seen, key=lambda place: float(self.value(*_place(place)))),)
        if self.decay == 0:
            return known.minima
        starts = known.minima or (self._lowest_seen(),)
        settled = [self._settled(*start) for start in starts]
        values = [float(self.value(*_place(place))) for place in settled]
        return tuple(place for place, value in zip(settled, values, strict=True) if value <= min(values) + _SAME)

    @functools.cached_property
    def lowest(self) -> float:
        """The least value, or what it comes down to without ever getting there."""
        if self.minima:
            return min(float(self.value(*_place(place))) for place in self.minima)
        return _KNOWN[self.landscape.kind].lowest

    def _lowest_seen(self) -> tuple[float, float]:
        x, y = self.grid(129)
        values = self.value(x, y)
        at = int(np.argmin(values))
        return float(x.ravel()[at]), float(y.ravel()[at])

    def _settled(self, x: float, y: float) -> tuple[float, float]:
        """The nearest minimum downhill, by Newton's steps wherever they lead down and by small ones elsewhere."""
        place = np.array([x, y])
        for _ in range(200):
            slope = np.array(self.gradient(*_place(place)), np.float64)
            xx, xy, yy = (float(each) for each in self.hessian(*_place(place)))
            low = float(self.eigenvalues(*_place(place))[0])
            lift = max(0.0, 1e-3 - low)
            step = np.linalg.solve(np.array([[xx + lift, xy], [xy, yy + lift]]), slope)
            share, here = 1.0, float(self.value(*_place(place)))
            while share > _SAME and not float(self.value(*_place(place - share * step))) <= here:
                share /= 2
            moved = place - share * step
            if np.array_equal(moved, place):
                break
            place = moved
        return float(place[0]), float(place[1])

    def grid(self, points: int, view: View | None = None) -> tuple[Floats, Floats]:
        """Places all over the view, row by row from below: two arrays of shape (points, points)."""
        left, right, bottom, top = view or self.view
        x, y = np.meshgrid(np.linspace(left, right, points), np.linspace(bottom, top, points))
        return x, y


def _place(place: tuple[float, float] | Floats) -> tuple[Floats, Floats]:
    return np.asarray(place[0], np.float64), np.asarray(place[1], np.float64)
