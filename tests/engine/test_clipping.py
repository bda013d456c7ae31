import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from workbench.engine.tricks.clipping import clip, global_norm
from workbench.spec.tricks import GradientClipping

pytestmark = pytest.mark.keras

#: norms 5 and 12, together 13
GRADIENTS = [np.array([[3.0, -4.0]], np.float32), np.array([0.0, 12.0, 0.0], np.float32)]


def clipped(by: str, limit: float, gradients: list[np.ndarray]) -> list[np.ndarray]:
    spec = GradientClipping(on=True, by=by, limit=limit)
    return [each.numpy() for each in clip([tf.constant(gradient) for gradient in gradients], spec)]


def test_the_global_norm_is_the_length_of_all_gradients_together() -> None:
    assert float(global_norm([tf.constant(gradient) for gradient in GRADIENTS])) == 13.0


def test_by_value_limits_each_element() -> None:
    first, second = clipped("value", 3.5, GRADIENTS)

    assert first.tolist() == [[3.0, -3.5]]
    assert second.tolist() == [0.0, 3.5, 0.0]


def test_by_norm_limits_each_tensor_alone() -> None:
    first, second = clipped("norm", 6.0, GRADIENTS)

    assert (first == GRADIENTS[0]).all()
    assert second == pytest.approx(GRADIENTS[1] / 2)


def test_by_global_norm_shortens_all_alike() -> None:
    for found, gradient in zip(clipped("global_norm", 6.5, GRADIENTS), GRADIENTS, strict=True):
        assert found == pytest.approx(gradient / 2)


def test_a_norm_that_is_known_is_not_computed_again() -> None:
    spec = GradientClipping(on=True, by="global_norm", limit=1.0)

    assert clip([tf.constant([8.0])], spec, tf.constant(4.0))[0].numpy() == [2.0]


@pytest.mark.parametrize("by", ["value", "norm", "global_norm"])
def test_a_gradient_of_zeros_stays_zeros(by: str) -> None:
    assert clipped(by, 1.0, [np.zeros(3, np.float32)])[0].tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("by", ["value", "norm", "global_norm"])
def test_nan_stays_nan_so_that_the_guard_sees_it(by: str) -> None:
    assert np.isnan(clipped(by, 1.0, [np.array([np.nan, 1.0], np.float32)])[0][0])


@pytest.mark.parametrize("by", ["value", "norm", "global_norm"])
def test_it_works_inside_a_compiled_step(by: str) -> None:
    spec = GradientClipping(on=True, by=by, limit=2.0)
    compiled = tf.function(lambda first, second: clip([first, second], spec))

    for found, expected in zip(compiled(*map(tf.constant, GRADIENTS)), clipped(by, 2.0, GRADIENTS), strict=True):
        assert found.numpy() == pytest.approx(expected)


#: TensorFlow counts what is smaller than any normal number as zero, clipped or not.
floats = st.floats(-1e6, 1e6, width=32, allow_subnormal=False)
tensors = st.lists(arrays.arrays(np.float32, st.integers(1, 5), elements=floats), min_size=1, max_size=3)


@given(gradients=tensors, limit=st.floats(2**-10, 1e4))
def test_what_is_within_the_limit_is_untouched_and_the_rest_keeps_its_direction(
    gradients: list[np.ndarray], limit: float
) -> None:
    together = np.concatenate(gradients).astype(np.float64)
    norm = np.linalg.norm(together)

    found = np.concatenate(clipped("global_norm", limit, gradients)).astype(np.float64)

    assert np.linalg.norm(found) <= limit * 1.000_01
    assert np.allclose(found * max(norm / limit, 1), together, rtol=1e-5, atol=1e-30)
    if norm < limit * 0.999_99:
        assert (found == together).all()
