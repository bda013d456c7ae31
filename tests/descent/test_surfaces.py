"""Landscapes: gradients and Hessians are the value's, minima are where they are said to be, weight decay is added."""

from __future__ import annotations

import typing

import numpy as np
import pytest

from workbench.descent.formulas import FORMULAS
from workbench.descent.surfaces import Slice, Surface, samples
from workbench.spec.lab import KINDS, Kind, Landscape

STEP = 1e-5


def surface(kind: str, **settings: typing.Any) -> Surface:
    part = None
    if kind == "slice":
        side = np.linspace(-1.0, 1.0, 33)
        x, y = np.meshgrid(side, side)
        part = Slice(np.cos(2 * x) + x * y + 0.5 * y**2, 1.0)
    return Surface(Landscape(kind=typing.cast("Kind", kind), **settings), part)


def places(of: Surface, count: int = 40) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(5)
    left, right, bottom, top = of.view
    return draw.uniform(0.95 * left, 0.95 * right, count), draw.uniform(0.95 * bottom, 0.95 * top, count)


def test_every_landscape_of_the_form_has_a_formula_in_the_same_order() -> None:
    assert list(FORMULAS) == list(KINDS) == list(typing.get_args(Kind))


@pytest.mark.parametrize("kind", KINDS)
def test_the_gradient_is_the_value_s_slope(kind: str) -> None:
    of = surface(kind, weight_decay=0.3)
    x, y = places(of)
    across = (of.value(x + STEP, y) - of.value(x - STEP, y)) / (2 * STEP)
    upright = (of.value(x, y + STEP) - of.value(x, y - STEP)) / (2 * STEP)
    found = of.gradient(x, y)
    np.testing.assert_allclose(found[0], across, rtol=1e-6, atol=1e-5)
    np.testing.assert_allclose(found[1], upright, rtol=1e-6, atol=1e-5)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "kink"])
def test_the_hessian_is_the_gradient_s_slope(kind: str) -> None:
    of = surface(kind, weight_decay=0.3)
    x, y = places(of)
    by_x = [
        (up - down) / (2 * STEP) for up, down in zip(of.gradient(x + STEP, y), of.gradient(x - STEP, y), strict=True)
    ]
    by_y = [
        (up - down) / (2 * STEP) for up, down in zip(of.gradient(x, y + STEP), of.gradient(x, y - STEP), strict=True)
    ]
    xx, xy, yy = of.hessian(x, y)
    for found, expected in ((xx, by_x[0]), (xy, by_x[1]), (xy, by_y[0]), (yy, by_y[1])):
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=2e-4)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("decay", [0.0, 0.2])
def test_at_a_minimum_nothing_pulls_and_nothing_lower_is_in_view(kind: str, decay: float) -> None:
    of = surface(kind, weight_decay=decay)
    if kind == "logistic" and decay == 0:
        assert of.minima == ()
        return
    assert of.minima
    x, y = np.array(of.minima).T
    if kind != "slice":  # the lowest place of a slice may lie on its edge
        assert np.hypot(*of.gradient(x, y)).max() < 1e-7
    assert of.value(*of.grid(101)).min() >= of.lowest - (1e-4 if kind == "slice" else 1e-9)


def test_eigenvalues_are_numpy_s() -> None:
    of = surface("rosenbrock")
    x, y = places(of)
    xx, xy, yy = of.hessian(x, y)
    expected = np.linalg.eigvalsh(np.stack([np.stack([xx, xy], -1), np.stack([xy, yy], -1)], -1))
    np.testing.assert_allclose(np.stack(of.eigenvalues(x, y), -1), expected, rtol=1e-9, atol=1e-9)


def test_a_slice_goes_through_its_losses_and_ends_at_its_edge() -> None:
    of = surface("slice")
    assert of.part is not None
    x, y = of.grid(33)
    np.testing.assert_allclose(of.value(x, y), of.part.losses, atol=1e-12)
    outside = of.value(np.array([5.0]), np.array([0.5]))
    np.testing.assert_allclose(outside, of.value(np.array([1.0]), np.array([0.5])))


def test_a_line_through_0_parts_the_samples() -> None:
    along = samples().mean(axis=0)
    assert (samples() @ along > 0).all()


def test_a_slice_without_losses_is_refused() -> None:
    with pytest.raises(ValueError, match="losses of a run"):
        Surface(Landscape(kind="slice"))
