import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest

from workbench.curves.growing import Growing
from workbench.curves.smoothing import BLOCK, Kind, Smoother, Smoothing, decayed_sums, exponential

VALUES = st.lists(st.lists(st.floats(-1e3, 1e3, width=32) | st.just(float("nan")), max_size=150), max_size=8)


def plainly(values: np.ndarray, smoothing: Smoothing) -> np.ndarray:
    """The same by the book: one value after the other."""
    if smoothing.kind is Kind.WINDOW:
        return np.array([_mean(values[max(0, at + 1 - smoothing.window) : at + 1]) for at in range(len(values))])
    total = weight = 0.0
    means = []
    for value in values:
        good = bool(np.isfinite(value))
        total = smoothing.beta * total + (float(value) if good else 0.0)
        weight = smoothing.beta * weight + good
        means.append(total / weight if good else np.nan)
    return np.array(means)


def _mean(values: np.ndarray) -> float:
    good = values[np.isfinite(values)].astype(np.float64)
    return float(good.mean()) if np.isfinite(values[-1]) else np.nan


def smoothed(values: np.ndarray, smoothing: Smoothing) -> np.ndarray:
    return Smoother(lambda: values, smoothing).at(np.arange(len(values)))


@hypothesis.given(
    VALUES,
    st.sampled_from([exponential(beta) for beta in (0.0, 0.3, 0.9, 0.99, 0.999)])
    | st.builds(Smoothing, st.just(Kind.WINDOW), st.integers(1, 400)),
)
def test_smoothing_in_pieces_is_smoothing_by_the_book(pieces: list[list[float]], smoothing: Smoothing) -> None:
    source = Growing(np.float32)
    smoother = Smoother(lambda: source.view, smoothing)
    for piece in pieces:
        source.append(piece)
        smoother.at(np.arange(max(0, len(source) - 3), len(source)))
    found = smoother.at(np.arange(len(source)))
    np.testing.assert_allclose(found, plainly(source.view, smoothing), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("beta", [1e-12, 1e-9, 1e-4, 0.5, 0.9, 0.999])
def test_long_lines_lose_no_precision_between_chunks(beta: float) -> None:
    values = np.random.default_rng(3).normal(size=20_000)
    total, expected = 0.7, []
    for value in values:
        total = beta * total + value
        expected.append(total)
    np.testing.assert_allclose(decayed_sums(values, beta, 0.7), expected, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("smoothing", [exponential(0.999), Smoothing(Kind.WINDOW, 1000)])
def test_a_single_step_far_along_a_long_line_is_what_it_is_by_the_book(smoothing: Smoothing) -> None:
    values = np.random.default_rng(5).normal(3, 1, 300_000).astype(np.float32)
    values[1000] = np.nan
    near = slice(290_000 - 25_000, 290_001)
    expected = plainly(values[near], smoothing)[-1]
    assert Smoother(lambda: values, smoothing).at([290_000])[0] == pytest.approx(expected, rel=1e-9)


def test_a_huge_loss_is_forgotten_by_a_window_that_has_left_it() -> None:
    # Sums over all that came before would have lost every digit of what came after.
    values = np.full(5 * BLOCK, 2.0, np.float32)
    values[3] = 1e30
    assert smoothed(values, Smoothing(Kind.WINDOW, 10))[-1] == 2.0


@pytest.mark.parametrize("smoothing", [exponential(0.99), Smoothing(Kind.WINDOW, 30)])
def test_a_constant_stays_what_it_is_from_the_first_step_on(smoothing: Smoothing) -> None:
    np.testing.assert_allclose(smoothed(np.full(500, 2.5, np.float32), smoothing), 2.5)


@pytest.mark.parametrize("smoothing", [exponential(0.5), Smoothing(Kind.WINDOW, 70)])
def test_another_smoothing_and_a_cut_line_are_smoothed_anew(smoothing: Smoothing) -> None:
    source = Growing(np.float32)
    source.append(np.random.default_rng(4).normal(size=300))
    smoother = Smoother(lambda: source.view, exponential(0.9))
    smoother.at([299])
    smoother.set_smoothing(smoothing)
    np.testing.assert_allclose(smoother.at(np.arange(300)), plainly(source.view, smoothing), rtol=1e-6)
    source.truncate(100)
    smoother.truncate(100)
    source.append(np.random.default_rng(6).normal(size=200))
    np.testing.assert_allclose(smoother.at(np.arange(300)), plainly(source.view, smoothing), rtol=1e-6)
