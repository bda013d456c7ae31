"""What a step does to the weights with each trick of the loop, against plain NumPy and plain Keras."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.engine.test_loops import BATCH, SAMPLES, Bench, data_set
from tests.engine.training import recipe
from workbench.data.pictures import DataSet
from workbench.events import COLUMNS
from workbench.spec.recipe import Recipe

pytestmark = pytest.mark.keras

LOSS, PENALTY, NORM = COLUMNS.index("loss"), COLUMNS.index("penalty"), COLUMNS.index("gradient_norm")


def sgd(**settings: object) -> Recipe:
    plain = {
        "training__batch_size": BATCH, "optimizer__method": "sgd", "optimizer__learning_rate": 0.1, "optimizer__momentum": 0.0,
    }  # fmt: skip
    return recipe(**(plain | settings))


def prepared(data: DataSet) -> np.ndarray:
    return (data.training.pictures.array().astype(np.float32) - data.mean) / data.spread


def gradient_of(bench: Bench, samples: np.ndarray) -> tuple[float, list[np.ndarray]]:
    """Mean loss and gradient of some samples at the bench's present weights, by TensorFlow's own tape."""
    import tensorflow as tf

    bench.loop.settle()
    with tf.GradientTape() as tape:
        logits = bench.model(prepared(bench.data)[samples], training=True)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(bench.data.training.labels[samples], logits)
        loss = tf.reduce_mean(losses)
    return float(loss), [
        np.asarray(each) for each in tape.gradient(loss, [v.value for v in bench.model.trainable_variables])
    ]


def weights(bench: Bench) -> list[np.ndarray]:
    bench.loop.settle()
    return [np.array(variable.value) for variable in bench.model.trainable_variables]


def close(one: list[np.ndarray], other: list[np.ndarray], tolerance: float = 1e-5) -> bool:
    return all(np.abs(a - b).max() <= tolerance * max(1e-2, np.abs(b).max()) for a, b in zip(one, other, strict=True))


def is_kernel(bench: Bench) -> list[bool]:
    return [variable.path.endswith("/kernel") for variable in bench.model.trainable_variables]


# --- gradient descent and accumulation ------------------------------------------------------------------------


def test_gradient_descent_over_the_whole_set_takes_the_mean_of_all_samples_gradients() -> None:
    bench = Bench(sgd(tricks__gradient_accumulation=True, tricks__gradient_accumulation__whole=True), data_set())
    before = weights(bench)
    loss, gradient = gradient_of(bench, np.arange(SAMPLES))
    numbers = bench.epochs(1, [1])
    assert len(numbers) == 1, "one update an epoch"
    assert numbers[0, LOSS] == pytest.approx(loss, rel=1e-5)
    assert numbers[0, NORM] == pytest.approx(np.sqrt(sum((g * g).sum() for g in gradient)), rel=1e-4)
    assert close(weights(bench), [w - 0.1 * g for w, g in zip(before, gradient, strict=True)])


def test_the_gradient_of_the_whole_set_is_the_mean_of_each_samples_own() -> None:
    bench = Bench(sgd(), data_set())
    _, whole = gradient_of(bench, np.arange(SAMPLES))
    each = [gradient_of(bench, np.array([sample]))[1] for sample in range(SAMPLES)]
    assert close(whole, [np.mean(parts, axis=0) for parts in zip(*each, strict=True)], 1e-4)


@pytest.mark.parametrize("batches", [2, 3])
def test_accumulated_batches_are_one_large_batch(batches: int) -> None:
    parts = Bench(sgd(tricks__gradient_accumulation=True, tricks__gradient_accumulation__batches=batches), data_set())
    large = Bench(sgd(training__batch_size=BATCH * batches), data_set())
    numbers = parts.epochs(2, [1]), large.epochs(2, [2])
    # 150 samples: the last group of an epoch is incomplete, and is applied with its own weight.
    assert len(numbers[0]) == len(numbers[1]) == 2 * -(-SAMPLES // (BATCH * batches))
    assert np.allclose(numbers[0], numbers[1], rtol=1e-4, atol=1e-5)
    assert close(weights(parts), weights(large), 1e-4)
    assert int(parts.optimizer.iterations) == len(numbers[0]), "updates are counted, not batches"


# --- penalties ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("everything", [False, True])
def test_penalties_join_the_gradient_and_stay_apart_from_the_loss(everything: bool) -> None:
    wanted = sgd(
        tricks__l2_penalty=True, tricks__l2_penalty__rate=0.3, tricks__l2_penalty__everything=everything,
        tricks__l1_penalty=True, tricks__l1_penalty__rate=0.02, tricks__l1_penalty__everything=everything,
    )  # fmt: skip
    bench = Bench(wanted, data_set())
    before = weights(bench)
    from workbench.engine.feeding import training_order

    loss, gradient = gradient_of(bench, training_order(1, 1, SAMPLES)[:BATCH])
    counted = [w if kernel or everything else 0 * w for w, kernel in zip(before, is_kernel(bench), strict=True)]
    numbers = one_step(bench)
    assert numbers[LOSS] == pytest.approx(loss, rel=1e-5)
    expected = sum(0.15 * (w.astype(np.float64) ** 2).sum() + 0.02 * np.abs(w).sum() for w in counted)
    assert numbers[PENALTY] == pytest.approx(expected, rel=1e-5)
    total = [g + 0.3 * w + 0.02 * np.sign(w) for g, w in zip(gradient, counted, strict=True)]
    assert numbers[NORM] == pytest.approx(np.sqrt(sum((g * g).sum() for g in total)), rel=1e-4)
    assert close(weights(bench), [w - 0.1 * g for w, g in zip(before, total, strict=True)])


def one_step(bench: Bench) -> np.ndarray:
    from workbench.engine.feeding import Chunk, training_order

    return bench.loop.train(Chunk(0, 1, training_order(1, 1, SAMPLES)[:BATCH]), np.array([0.1], np.float32))[0]


# --- label smoothing ------------------------------------------------------------------------------------------


def test_label_smoothing_is_cross_entropy_with_softened_labels() -> None:
    from workbench.engine.objective import Objective

    random = np.random.default_rng(1)
    logits, truth = random.normal(size=(7, 3)).astype(np.float32), random.integers(0, 3, 7).astype(np.int32)
    wanted = recipe(tricks__label_smoothing=True, tricks__label_smoothing__rate=0.2)
    soft = np.eye(3)[truth] * 0.8 + 0.2 / 3
    share = np.exp(logits.astype(np.float64)) / np.exp(logits.astype(np.float64)).sum(1, keepdims=True)
    expected = -(soft * np.log(share)).sum(1)
    objective = Objective(wanted, data_set())
    assert float(objective.mean(truth, logits)) == pytest.approx(expected.mean(), rel=1e-6)
    assert float(objective.sums(truth, logits)[0]) == pytest.approx(expected.sum(), rel=1e-6)


def test_a_mixed_picture_counts_both_labels_by_their_shares_and_classes_by_their_weights() -> None:
    from workbench.engine.objective import Objective

    random = np.random.default_rng(2)
    logits, truth = random.normal(size=(6, 3)).astype(np.float32), random.integers(0, 3, 6).astype(np.int32)
    partner, share = np.array([3, 4, 5, 0, 1, 2], np.int32), random.uniform(0, 1, 6).astype(np.float32)
    data = data_set()
    counts = np.bincount(data.training.labels, minlength=3)
    weight = SAMPLES / (3 * counts)
    logs = logits - np.log(np.exp(logits.astype(np.float64)).sum(1, keepdims=True))
    own, other = (-weight[who] * logs[np.arange(6), who] for who in (truth, truth[partner]))
    objective = Objective(recipe(tricks__class_weights=True), data)
    assert float(objective.mean(truth, logits)) == pytest.approx(own.mean(), rel=1e-6)
    expected = (share * own + (1 - share) * other).mean()
    assert float(objective.mean(truth, logits, (partner, share))) == pytest.approx(expected, rel=1e-6)
    assert float(objective.sums(truth, logits)[0]) == pytest.approx(-logs[np.arange(6), truth].sum(), rel=1e-6), (
        "validation is not weighed"
    )


def test_validation_sums_count_hits_truths_and_predictions_of_each_class() -> None:
    from workbench.engine.objective import Objective

    random = np.random.default_rng(3)
    logits, truth = random.normal(size=(40, 3)).astype(np.float32), random.integers(0, 3, 40).astype(np.int32)
    counts = (np.arange(40) < 30).astype(np.float32)  # the last ten only fill the batch up
    found = np.asarray(Objective(recipe(), data_set()).sums(truth, logits, counts))
    said, truth = logits.argmax(1)[:30], truth[:30]
    assert found[1] == 30
    assert found[2] == (said == truth).sum()
    assert (found[4:7] == np.bincount(truth[said == truth], minlength=3)).all()
    assert (found[7:10] == np.bincount(truth, minlength=3)).all()
    assert (found[10:13] == np.bincount(said, minlength=3)).all()


# --- the average of the weights ---------------------------------------------------------------------------------


def test_the_average_follows_the_weights_and_is_what_is_judged() -> None:
    bench = Bench(sgd(tricks__ema=True, tricks__ema__decay=0.9), data_set())
    average: list[np.ndarray] = []
    for step in range(4):
        one_step(bench)
        now = weights(bench)
        average = now if step == 0 else [0.9 * a + 0.1 * w for a, w in zip(average, now, strict=True)]
    own = weights(bench)
    with bench.loop.judged():
        assert close(weights(bench), average, 1e-6)
        judged = evaluate(bench)
    assert all((a == b).all() for a, b in zip(weights(bench), own, strict=True)), (
        "training goes on from its own weights"
    )
    assert evaluate(bench)[0] != judged[0]
    assert not close(own, average, 1e-6)


def test_the_mean_of_a_schedule_free_optimizer_is_what_is_judged() -> None:
    chosen = {"optimizer__method": "schedule_free", "optimizer__weight_decay": 0.1, "optimizer__learning_rate": 0.01}
    wanted = recipe(training__batch_size=BATCH, **chosen)
    bench = Bench(wanted, data_set())
    mean: list[np.ndarray] = []
    for step in range(1, 5):
        one_step(bench)
        places = [np.array(each.value) for each in bench.optimizer.places]
        mean = places if step == 1 else [a + (z - a) / step for a, z in zip(mean, places, strict=True)]
    own = weights(bench)
    with bench.loop.judged():
        assert close(weights(bench), mean, 1e-5)
    assert all((a == b).all() for a, b in zip(weights(bench), own, strict=True))
    assert not close(own, mean, 1e-5)


def evaluate(bench: Bench) -> Any:
    from workbench.engine.feeding import Chunk
    from workbench.engine.keeping import nothing

    return bench.loop.evaluate(Chunk(0, 5, np.arange(SAMPLES, dtype=np.int32)), nothing(data_set())).sums


def test_without_the_trick_nothing_else_is_judged() -> None:
    bench = Bench(sgd(), data_set())
    one_step(bench)
    own = weights(bench)
    with bench.loop.judged():
        assert all((a == b).all() for a, b in zip(weights(bench), own, strict=True))


# --- gradient noise ---------------------------------------------------------------------------------------------


def test_gradient_noise_has_the_spread_of_its_formula_and_is_the_same_in_the_same_run() -> None:
    wanted = sgd(tricks__gradient_noise=True, tricks__gradient_noise__sigma=0.5, tricks__gradient_noise__fade=1.0)
    noisy, again, plain = Bench(wanted, data_set()), Bench(wanted, data_set()), Bench(sgd(), data_set())
    for update in range(3):
        start = weights(noisy)
        plain.model.set_weights(noisy.model.get_weights())
        for bench in (noisy, again, plain):
            one_step(bench)
        added = np.concatenate([(a - b).ravel() / -0.1 for a, b in zip(weights(noisy), weights(plain), strict=True)])
        sigma = 0.5 / np.sqrt(1 + update)
        # The spread of n normal numbers lies within σ·√(1 ± 3·√(2 / n)).
        assert abs(added.std() / sigma - 1) < 3 / np.sqrt(2 * added.size) + 1e-3
        assert abs(added.mean()) < 3.5 * sigma / np.sqrt(added.size)
        assert all((a == b).all() for a, b in zip(weights(noisy), weights(again), strict=True))
        assert not close(start, weights(noisy))


# --- half precision -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_half_precision_computes_in_half_and_keeps_weights_and_logits_whole(precision: str) -> None:
    bench = Bench(sgd(training__precision=precision), data_set())
    whole = Bench(sgd(), data_set())
    import keras

    assert keras.config.dtype_policy().name == "float32", "nothing of it is left in the process"
    formats = {layer.name: layer.compute_dtype for layer in bench.model.layers}
    assert formats.pop("logits") == "float32"
    assert precision in formats.values()
    assert {variable.dtype for variable in bench.model.trainable_variables} == {"float32"}
    numbers, exact = bench.epochs(4, [2]), whole.epochs(4, [2])
    assert numbers[0, LOSS] == pytest.approx(exact[0, LOSS], rel=0.05)
    assert numbers[0, NORM] == pytest.approx(exact[0, NORM], rel=0.1), "a scaled loss does not show in the norm"
    assert numbers[-1, LOSS] < numbers[0, LOSS] / 2
    scale = bench.loop.loss_scale()
    if precision == "float16":
        # It starts as large as may be and finds its place by itself.
        assert scale in {2.0**15 / 2**halved for halved in range(6)}
        assert 2.0**15 / scale == 2.0 ** np.count_nonzero(~np.isfinite(numbers[:, NORM]))
    else:
        assert scale is None


def test_a_loss_scale_that_overflows_is_halved_and_the_step_changes_nothing() -> None:
    bench = Bench(sgd(training__precision="float16"), data_set())
    one_step(bench)
    before = weights(bench)
    bench.loop._scale.assign(2.0**60)
    row = one_step(bench)
    assert not np.isfinite(row[NORM])
    assert np.isfinite(row[LOSS])
    assert bench.loop.loss_scale() == 2.0**59
    assert all((a == b).all() for a, b in zip(weights(bench), before, strict=True))


def test_the_loss_scale_is_doubled_after_two_thousand_good_steps_and_never_falls_below_one() -> None:
    from workbench.engine.tricks import loss_scale

    scale, calm = np.float32(1024), np.int32(0)
    for step in range(2 * loss_scale.CALM):
        assert float(scale) == 1024 * 2 ** (step // loss_scale.CALM)
        scale, calm = (np.asarray(each) for each in loss_scale.after(np.True_, scale, calm))
    for _ in range(20):
        scale, calm = (np.asarray(each) for each in loss_scale.after(np.False_, scale, calm))
    assert (float(scale), int(calm)) == (1.0, 0)
