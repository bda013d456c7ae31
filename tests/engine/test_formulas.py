"""Gradient descent's mean, dropout, batch norm and starting weights against their formulas, on the models that recipes build."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from workbench.engine.build import build_model
from workbench.network.layers import Activation, Conv, Dense
from workbench.network.plan import Plan, plan
from workbench.spec.recipe import Recipe, parse

pytestmark = pytest.mark.keras

Say = Callable[[str, object], None]


def drawn(shape: tuple[int, int, int], **stations: Any) -> tuple[Plan, Recipe]:
    recipe = parse(stations)
    return plan(recipe, shape, 3), recipe


def pictures(count: int, shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((count, *shape), dtype=np.float32)


# --- full-batch descent ----------------------------------------------------------------------------

MODELS = [{"kind": "mlp", "depth": 2, "width": 8}, {"kind": "cnn", "width": 4}, {"kind": "cnn", "width": 4, "normalization": "group"}]  # fmt: skip


def gradients(model: keras.Model, x: np.ndarray, labels: np.ndarray) -> list[np.ndarray]:
    """Of the batch's mean loss, in double precision as far as they were computed."""
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    with tf.GradientTape() as tape:
        value = loss(labels, model(x, training=True))
    found = tape.gradient(value, [each.value for each in model.trainable_variables])
    return [each.numpy().astype(np.float64) for each in found]


@pytest.mark.parametrize("model", MODELS, ids=["mlp", "cnn", "cnn with group norm"])
@pytest.mark.parametrize("sizes", [[1] * 20, [8, 8, 4]], ids=["single samples", "parts of unequal size"])
def test_the_gradient_of_the_whole_set_is_the_mean_over_its_samples(model: dict[str, object], sizes: list[int]) -> None:
    network = build_model(*drawn((8, 8, 1), model=model))
    x, labels = pictures(20, (8, 8, 1)), np.random.default_rng(1).integers(0, 3, 20)
    ends = np.cumsum(sizes)
    parts = [gradients(network, x[end - size : end], labels[end - size : end]) for size, end in zip(sizes, ends, strict=True)]  # fmt: skip

    for whole, *each in zip(gradients(network, x, labels), *parts, strict=True):
        mean = sum(size * part for size, part in zip(sizes, each, strict=True)) / 20
        assert np.abs(whole - mean).max() <= 1e-5 * np.abs(mean).max()


def test_with_batch_norm_it_is_not_because_samples_meet_there() -> None:
    network = build_model(*drawn((8, 8, 1), model={"kind": "cnn", "width": 4, "normalization": "batch"}))
    x, labels = pictures(20, (8, 8, 1)), np.random.default_rng(1).integers(0, 3, 20)
    parts = [gradients(network, x[half], labels[half]) for half in (slice(0, 10), slice(10, 20))]

    whole, *each = (values[-2] for values in (gradients(network, x, labels), *parts))
    assert np.abs(whole - sum(each) / 2).max() > 1e-3 * np.abs(whole).max()


# --- dropout ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [0.05, 0.3, 0.5, 0.9])
def test_units_are_off_at_the_rate_and_the_rest_is_scaled_so_that_the_mean_stays(rate: float) -> None:
    network = build_model(*drawn((8, 8, 1), model={"kind": "mlp"}, tricks={"dropout": {"rate": rate}}))
    units = 400 * 2500
    result = np.array(network.get_layer("hidden1_dropout")(np.ones((400, 2500), np.float32), training=True))

    off = np.mean(result == 0)
    assert abs(off - rate) <= 3 * math.sqrt(rate * (1 - rate) / units)
    assert np.unique(result[result != 0]) == pytest.approx(1 / (1 - rate), rel=1e-6)
    # one unit has mean 1 and variance p/(1 − p)
    assert abs(result.mean(dtype=np.float64) - 1) <= 3 * math.sqrt(rate / (1 - rate) / units)


@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_in_stages_whole_maps_are_off_at_the_rate(rate: float) -> None:
    network = build_model(*drawn((8, 8, 1), model={"kind": "cnn"}, tricks={"dropout": {"rate": rate}}))
    result = np.array(network.get_layer("stage1_dropout")(np.ones((500, 3, 3, 200), np.float32), training=True))

    assert (result == result[:, :1, :1]).all()
    off = np.mean(result[:, 0, 0] == 0)
    assert abs(off - rate) <= 3 * math.sqrt(rate * (1 - rate) / (500 * 200))
    # neighbours know nothing of each other: two maps of a picture, and a map in two pictures
    gone = result[:, 0, 0] == 0
    for pair in (gone[:, 1:] & gone[:, :-1], gone[1:] & gone[:-1]):
        assert abs(pair.mean() - rate**2) <= 4 * rate / math.sqrt(pair.size)


def test_no_unit_is_off_in_inference() -> None:
    network = build_model(*drawn((8, 8, 1), model={"kind": "cnn"}, tricks={"dropout": {"rate": 0.9}}))
    x = pictures(3, (8, 8, 1))
    plain = build_model(*drawn((8, 8, 1), model={"kind": "cnn"}))

    assert np.array_equal(network(x, training=False), plain(x, training=False))


# --- batch norm ------------------------------------------------------------------------------------


def test_batch_norm_is_its_formula_and_its_averages_move_by_a_tenth() -> None:
    # Ioffe & Szegedy 2015, algorithm 1; the averages are those of Keras, of the variance over m, not m − 1
    network = build_model(*drawn((8, 8, 3), model={"kind": "cnn", "width": 6, "normalization": "batch"}))
    norm = network.get_layer("stage1_conv1_norm")
    random = np.random.default_rng(2)
    gamma, beta = random.uniform(0.5, 2, 6), random.standard_normal(6)
    norm.gamma.assign(gamma)
    norm.beta.assign(beta)
    mean, variance = np.zeros(6), np.ones(6)
    for step in range(1, 6):
        maps = step + random.uniform(0.5, 3, 6) * random.standard_normal((7, 4, 5, 6))
        found = np.array(norm(maps.astype(np.float32), training=True))
        of_batch = maps.mean((0, 1, 2)), maps.var((0, 1, 2))
        expected = gamma * (maps - of_batch[0]) / np.sqrt(of_batch[1] + 1e-5) + beta
        assert found == pytest.approx(expected, rel=1e-4, abs=1e-4)
        mean, variance = 0.9 * mean + 0.1 * of_batch[0], 0.9 * variance + 0.1 * of_batch[1]

    assert np.array(norm.moving_mean.value) == pytest.approx(mean, rel=1e-5)
    assert np.array(norm.moving_variance.value) == pytest.approx(variance, rel=1e-5)
    # m is 140 here: the paper's unbiased variance would differ by 1/139
    assert np.array(norm.moving_variance.value) != pytest.approx(variance * 140 / 139, rel=1e-3)
    alone = np.array(norm(maps[:1].astype(np.float32), training=False))
    assert alone == pytest.approx(gamma * (maps[:1] - mean) / np.sqrt(variance + 1e-5) + beta, rel=1e-4, abs=1e-4)


# --- starting weights ------------------------------------------------------------------------------

#: Fourth moment over the squared variance: of a uniform, and of a normal cut at two standard deviations.
UNIFORM = 9 / 5
_at = np.linspace(-2, 2, 100_001)
_density = np.exp(-(_at**2) / 2) / np.exp(-(_at**2) / 2).sum()
CUT = float((_density * _at**4).sum() / (_density * _at**2).sum() ** 2)
#: Of the cut normal, as a share of what it was before.
LEFT = float((_density * _at**2).sum())


@pytest.mark.parametrize(
    ("kind", "variance", "peak"),
    [
        ("kaiming_normal", lambda fan_in, _: 2 / fan_in, CUT),
        ("kaiming_uniform", lambda fan_in, _: 2 / fan_in, UNIFORM),
        ("xavier_normal", lambda fan_in, fan_out: 2 / (fan_in + fan_out), CUT),
        ("xavier_uniform", lambda fan_in, fan_out: 2 / (fan_in + fan_out), UNIFORM),
        ("lecun_normal", lambda fan_in, _: 1 / fan_in, CUT),
        ("lecun_uniform", lambda fan_in, _: 1 / fan_in, UNIFORM),
        ("truncated_normal", lambda *_: 0.05**2 * LEFT, CUT),
        ("doubling", lambda fan_in, _: 8 / fan_in, CUT),
    ],
)
def test_kernels_have_the_variance_of_the_paper_within_3_sigma(
    kind: str, variance: Callable[[int, int], float], peak: float
) -> None:
    found, recipe = drawn(
        (16, 16, 3), model={"kind": "cnn", "width": 48, "depth": 2, "dense": 96}, initializer={"kind": kind}
    )
    network = build_model(found, recipe)
    pooled = []
    for layer in found.layers:
        if isinstance(layer.kind, Conv | Dense):
            kernel = keras.ops.convert_to_numpy(network.get_layer(layer.name).kernel).astype(np.float64)
            places = math.prod(kernel.shape[:-2])
            pooled.append(kernel.ravel() / math.sqrt(variance(places * kernel.shape[-2], places * kernel.shape[-1])))
    numbers = np.concatenate(pooled)

    assert len(pooled) == 6
    assert abs(numbers.mean()) <= 3 / math.sqrt(numbers.size)
    assert abs(numbers.var() - 1) <= 3 * math.sqrt((peak - 1) / numbers.size)


def spread_through(kind: str, activation: str, *, depth: int, width: int, seeds: int) -> float:
    """Variance of the last pre-activation over that of the first, geometric mean over seeds."""
    logarithms = []
    for seed in range(1, seeds + 1):
        found, recipe = drawn(
            (32, 32, 1), model={"kind": "mlp", "depth": depth, "width": width}, initializer={"kind": kind},
            training={"seed": seed},
        )  # fmt: skip
        bends = tuple(
            replace(each, kind=Activation(activation)) if isinstance(each.kind, Activation) else each  # type: ignore[arg-type] # "linear" is nobody's choice
            for each in found.layers
        )
        network = build_model(replace(found, layers=bends), recipe)
        ends = [network.get_layer(f"hidden{number}_dense").output for number in (1, depth)]
        first, last = keras.Model(network.input, ends)(pictures(64, (32, 32, 1)))
        logarithms.append(math.log(np.var(last, dtype=np.float64) / np.var(first, dtype=np.float64)))
    return math.exp(np.mean(logarithms))


#: What 30 layers do to the variance of a signal.
SPREADS = [
    ("kaiming_normal", "relu", 0.5, 2.0),
    ("kaiming_uniform", "relu", 0.5, 2.0),
    ("xavier_normal", "linear", 0.5, 2.0),
    ("xavier_uniform", "linear", 0.5, 2.0),
    ("xavier_normal", "tanh", 0.01, 0.03),
    ("xavier_uniform", "tanh", 0.01, 0.03),
    # 29 layers from the first to the last, each doubling the spread, so four times the variance
    ("doubling", "relu", 4.0**29 / 2, 4.0**29 * 2),
]


@pytest.mark.proof
@pytest.mark.parametrize(("kind", "activation", "low", "high"), SPREADS)
def test_30_layers_of_1024_keep_or_lose_the_signal_as_theory_says(
    kind: str, activation: str, low: float, high: float, record_property: Say
) -> None:
    found = spread_through(kind, activation, depth=30, width=1024, seeds=10)
    record_property("must", f"variance of layer 30 over layer 1 between {low:.3g} and {high:.3g}")
    record_property("measured", f"{found:.3g}")
    assert low <= found <= high


@pytest.mark.parametrize(("kind", "activation", "low", "high"), [SPREADS[0], SPREADS[3], SPREADS[5], SPREADS[6]])
def test_30_narrower_layers_do_so_too_for_one_seed(kind: str, activation: str, low: float, high: float) -> None:
    # Narrow layers wander: the logarithm of their variance has a spread of about √(30 · 5 / 256) = 0.8.
    found = spread_through(kind, activation, depth=30, width=256, seeds=1)
    assert low / 4 <= found <= high * 4
