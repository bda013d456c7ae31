import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest

from workbench.curves.growing import Growing
from workbench.curves.smoothing import Smoother, decayed_sums


def plainly(values: np.ndarray, beta: float) -> np.ndarray:
    """The same by the book: one value after the other."""
    total = weight = 0.0
    means = []
    for value in values:
        good = bool(np.isfinite(value))
        total = beta * total + (float(value) if good else 0.0)
        weight = beta * weight + good
        means.append(total / weight if good else np.nan)
    return np.array(means)


@hypothesis.given(
    st.lists(st.lists(st.floats(-1e3, 1e3, width=32) | st.just(float("nan")), max_size=60), max_size=8),
    st.sampled_from([0.0, 0.3, 0.9, 0.99, 0.999]),
)
def test_smoothing_in_pieces_is_smoothing_by_the_book(pieces: list[list[float]], beta: float) -> None:
    source = Growing(np.float32)
    smoother = Smoother(lambda: source.view, beta)
    for piece in pieces:
        source.append(piece)
        smoother.update()
    np.testing.assert_allclose(smoother.values, plainly(source.view, beta), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("beta", [0.5, 0.9, 0.999])
def test_long_lines_lose_no_precision_between_chunks(beta: float) -> None:
    values = np.random.default_rng(3).normal(size=20_000)
    total, expected = 0.7, []
    for value in values:
        total = beta * total + value
        expected.append(total)
    np.testing.assert_allclose(decayed_sums(values, beta, 0.7), expected, rtol=1e-7, atol=1e-9)


def test_a_constant_stays_what_it_is_from_the_first_step_on() -> None:
    source = Growing(np.float32)
    source.append(np.full(50, 2.5))
    smoother = Smoother(lambda: source.view, 0.99)
    smoother.update()
    np.testing.assert_allclose(smoother.values, 2.5)


def test_another_smoothing_and_a_cut_line_are_smoothed_anew() -> None:
    source = Growing(np.float32)
    source.append(np.random.default_rng(4).normal(size=300))
    smoother = Smoother(lambda: source.view, 0.9)
    smoother.update()
    smoother.set_beta(0.5)
    np.testing.assert_allclose(smoother.values, plainly(source.view, 0.5), rtol=1e-6)
    source.truncate(100)
    smoother.truncate(100)
    np.testing.assert_allclose(smoother.values, plainly(source.view, 0.5), rtol=1e-6)
