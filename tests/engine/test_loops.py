"""The loops against plain Keras: what is recorded is what really happened."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.engine.training import recipe
from workbench.data.pictures import DataSet, InMemory, Part
from workbench.network.plan import plan
from workbench.spec.recipe import Recipe

pytestmark = pytest.mark.keras

SAMPLES, BATCH = 150, 32


class OnDisk(InMemory):
    """Pictures that claim not to fit into memory."""

    @property
    def resident(self) -> bool:
        return False


def data_set(kind: type[InMemory] = InMemory) -> DataSet:
    random = np.random.default_rng(0)
    labels = random.integers(0, 3, 2 * SAMPLES).astype(np.int32)
    pixels = (random.integers(0, 90, (2 * SAMPLES, 12, 12, 2)) + 50 * labels[:, None, None, None]).astype(np.uint8)
    parts = [Part(kind(pixels[half]), labels[half]) for half in (slice(0, SAMPLES), slice(SAMPLES, None))]
    mean, spread = pixels[:SAMPLES].mean((0, 1, 2)), pixels[:SAMPLES].std((0, 1, 2))
    return DataSet(
        ("a", "b", "c"), (12, 12, 2), parts[0], parts[1], Part(InMemory(pixels[:0]), labels[:0]),
        mean.astype(np.float32), spread.astype(np.float32), "", (),
    )  # fmt: skip


def everything_random() -> Recipe:
    return recipe(
        training__batch_size=BATCH, model__normalization="batch", tricks__dropout=True, optimizer__learning_rate=0.01
    )


class Bench:
    """A model, an optimizer and a loop for a recipe."""

    def __init__(self, wanted: Recipe, data: DataSet, **options: Any) -> None:
        from workbench.engine import backends
        from workbench.engine.build import build_model
        from workbench.engine.optimizers import build_optimizer

        backends.prepare(wanted.training)
        self.recipe, self.data = wanted, data
        self.model = build_model(plan(wanted, data.shape, len(data.classes)), wanted)
        self.optimizer = build_optimizer(wanted)
        self.loop = backends.choose("tensorflow").make_loop(self.model, self.optimizer, wanted, data, **options)

    def epochs(self, count: int, lengths: list[int]) -> np.ndarray:
        """Train whole epochs in chunks of these lengths (repeated); the numbers of all steps."""
        import itertools

        from workbench.engine.feeding import Feed, training_order
        from workbench.rates import rates

        size = self.recipe.update_size(SAMPLES)
        steps = -(-SAMPLES // size)
        wanted = itertools.cycle(lengths)
        feed = Feed(self.data.training, size)
        rows = []
        try:
            for epoch in range(1, count + 1):
                planned = rates(self.recipe, (epoch - 1) * steps + 1, steps, steps)
                rows.extend(
                    self.loop.train(chunk, planned[chunk.first_step : chunk.first_step + chunk.steps])
                    for chunk in feed.chunks(training_order(1, epoch, SAMPLES), None, lambda: next(wanted))
                )
        finally:
            feed.close()
        return np.concatenate(rows)

    def slots(self) -> list[np.ndarray]:
        import keras

        return [np.array(keras.ops.convert_to_numpy(each.value)) for each in self.optimizer.variables]

    def weights(self) -> list[np.ndarray]:
        self.loop.settle()
        return [np.array(weight) for weight in self.model.get_weights()]


def same(one: list[np.ndarray], other: list[np.ndarray]) -> bool:
    return all((a == b).all() for a, b in zip(one, other, strict=True))


def test_chunks_of_any_length_and_streamed_pictures_give_the_same_weights_bit_for_bit() -> None:
    whole, cut, streamed = (Bench(everything_random(), data_set(kind)) for kind in (InMemory, InMemory, OnDisk))
    numbers = [whole.epochs(3, [100]), cut.epochs(3, [1, 2, 3]), streamed.epochs(3, [2, 1])]
    assert (numbers[0] == numbers[1]).all()
    assert (numbers[0] == numbers[2]).all()
    assert same(whole.weights(), cut.weights())
    assert same(whole.weights(), streamed.weights())


def test_the_loop_is_plain_fit_in_our_order_bit_for_bit() -> None:
    import keras

    from workbench.engine.build import build_model
    from workbench.engine.feeding import training_order
    from workbench.engine.optimizers import build_optimizer

    wanted, data = everything_random(), data_set()
    ours = Bench(wanted, data)
    numbers = ours.epochs(3, [3])
    model = build_model(plan(wanted, data.shape, 3), wanted)
    model.compile(build_optimizer(wanted), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    prepared = (data.training.pictures.array().astype(np.float32) - data.mean) / data.spread
    for epoch in (1, 2, 3):
        order = training_order(1, epoch, SAMPLES)
        history = model.fit(
            prepared[order], data.training.labels[order], batch_size=BATCH, shuffle=False, epochs=epoch,
            initial_epoch=epoch - 1, verbose=0,
        )  # fmt: skip
        mine = numbers[(epoch - 1) * 5 : epoch * 5, 0]
        counts = [BATCH] * 4 + [SAMPLES - 4 * BATCH]
        assert history.history["loss"][0] == pytest.approx(np.average(mine, weights=counts), rel=1e-5)
    assert same(ours.weights(), [np.array(weight) for weight in model.get_weights()])


def test_the_recorded_norm_is_the_gradients_and_the_loss_is_that_steps_own() -> None:
    import tensorflow as tf

    from workbench.engine.feeding import training_order

    wanted = recipe(training__batch_size=BATCH)
    data = data_set()
    bench, twin = Bench(wanted, data), Bench(wanted, data)
    first = bench.epochs(1, [100])[0]
    chosen = training_order(1, 1, SAMPLES)[:BATCH]
    x = (data.training.pictures.take(chosen).astype(np.float32) - data.mean) / data.spread
    with tf.GradientTape() as tape:
        logits = twin.model(x, training=True)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(data.training.labels[chosen], logits)
        loss = tf.reduce_mean(losses)
    gradients = tape.gradient(loss, [variable.value for variable in twin.model.trainable_variables])
    norm = float(np.sqrt(sum(float(tf.reduce_sum(g * g)) for g in gradients)))
    right = float((np.argmax(logits, -1) == data.training.labels[chosen]).mean())
    assert first == pytest.approx([float(loss), 0.001, norm, right, 0.0], rel=1e-5)


def test_a_step_that_is_not_finite_leaves_weights_moving_averages_and_slots_alone() -> None:
    from workbench.engine.feeding import Chunk

    wanted = recipe(training__batch_size=BATCH, model__normalization="batch", tricks__gradient_clipping=True)
    bench = Bench(wanted, data_set())
    bench.epochs(1, [100])
    before = bench.weights()
    slots = bench.slots()
    bench.model.trainable_variables[0].assign(bench.model.trainable_variables[0].value * np.nan)
    poisoned = bench.weights()
    numbers = bench.loop.train(Chunk(0, 1, np.arange(BATCH, dtype=np.int32)), np.full(1, 0.01, np.float32))
    assert np.isnan(numbers[0, 0])
    after = bench.weights()
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(after, poisoned, strict=True))
    assert not same(before, after), "the poison itself must be there for this test to say anything"
    assert same(slots, bench.slots())


def state(bench: Bench) -> list[np.ndarray]:
    """Everything a step changes: weights, moving averages, seeds, the optimizer's slots and counters."""
    import keras

    return [np.array(keras.ops.convert_to_numpy(each.value)) for each in bench.model.variables] + bench.slots()


def train(bench: Bench, steps: int, rates: np.ndarray, first: int = 0) -> np.ndarray:
    from workbench.engine.feeding import Chunk

    chosen = np.arange(first * BATCH, (first + steps) * BATCH, dtype=np.int32) % SAMPLES
    return bench.loop.train(Chunk(first, steps, chosen), rates[first : first + steps])


def test_a_chunk_that_breaks_in_the_middle_leaves_exactly_what_its_good_steps_made() -> None:
    rates = np.full(8, 0.01, np.float32)
    rates[3] = 1e30
    broken, good = Bench(everything_random(), data_set()), Bench(everything_random(), data_set())
    numbers = train(broken, 8, rates)
    assert len(numbers) == 5, "the step after the leap is the first that is not finite, and the last"
    assert np.isfinite(numbers[:4]).all()
    assert not np.isfinite(numbers[4]).all()
    assert np.array_equal(numbers[:4], train(good, 4, rates))
    slots = len(good.slots())
    assert same(broken.slots(), good.slots())
    # The seeds alone have counted the bad step too: it was drawn for.
    seeds = {i for i, v in enumerate(good.model.variables) if "seed" in v.path}
    assert seeds
    for i, (one, other) in enumerate(zip(state(broken)[:-slots], state(good)[:-slots], strict=True)):
        assert np.array_equal(one, other) != (i in seeds)


def test_bad_steps_that_are_skipped_are_the_same_ones_however_the_chunks_are_cut() -> None:
    wanted = everything_random().model_copy(
        update={"tricks": recipe(tricks__gradient_clipping=True, tricks__dropout=True).tricks}
    )
    rates = np.full(20, 0.01, np.float32)
    rates[3] = 1e30
    whole, single = Bench(wanted, data_set()), Bench(wanted, data_set())
    numbers = train(whole, 20, rates)
    one_by_one = []
    for step in range(20):
        one_by_one.append(train(single, 1, rates, step))
        if len(one_by_one[-1]) == 0:
            break
    assert len(numbers) == 4 + 10, "ten bad steps in a row end the run"
    assert np.array_equal(numbers, np.concatenate(one_by_one), equal_nan=True)
    assert same(state(whole), state(single))


@pytest.mark.parametrize("part", ["validation", "training"])
def test_what_is_judged_is_what_keras_evaluates(part: Any) -> None:
    import keras

    from workbench.engine.feeding import Chunk
    from workbench.engine.keeping import nothing

    data = data_set()
    bench = Bench(everything_random(), data)
    bench.epochs(1, [100])
    tally = bench.loop.evaluate(Chunk(0, 1, np.arange(SAMPLES, dtype=np.int32)), nothing(data), part).sums
    judged: Part = getattr(data, part)
    prepared = (judged.pictures.array().astype(np.float32) - data.mean) / data.spread
    bench.model.compile(
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"], jit_compile=False
    )
    loss, accuracy = bench.model.evaluate(prepared, judged.labels, verbose=0)
    assert tally[1] == SAMPLES
    assert tally[0] / SAMPLES == pytest.approx(loss, rel=1e-5)
    assert tally[2] / SAMPLES == pytest.approx(accuracy, abs=1e-6)
