"""The loop on TensorFlow: one graph with a while loop of dynamic length.

Chunks of any number of steps, and a smaller last batch, run in the same program: nothing is traced
twice. XLA stays off on the CPU, where it makes convolutions 2–3 times slower.

The guard is optimistic. Whether a step is good is known only when its whole gradient is: asking before
each update keeps updates from running beside the rest of the backward pass (3 % of a small network's
speed on two cores) and on a GPU would wait for the device at every step. So a chunk runs unasked from a
copy of everything that it changes. Were all its numbers finite, so was every step. If not, the copy is put
back and the same chunk, and all that follow, run in a program that asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, cast

import numpy as np
import tensorflow as tf

from workbench.data.pictures import DataSet, Part
from workbench.engine.augment import Augmenter
from workbench.engine.backends import Judgement, PartName, Sums, refuse_missing_gpu, resident
from workbench.engine.feeding import Chunk
from workbench.engine.judged import judged
from workbench.engine.objective import make_objective
from workbench.engine.seeds import seed_for
from workbench.engine.tricks import loss_scale
from workbench.engine.update import Update
from workbench.events import COLUMNS, Floats
from workbench.spec.recipe import Recipe
from workbench.spec.training import Training

Tensor = Any


def start(training: Training, threads: int) -> None:
    """Set threads, device and determinism; TensorFlow fixes them at its first tensor."""
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    gpus = tf.config.list_physical_devices("GPU")
    refuse_missing_gpu(training, [gpu.name for gpu in gpus])
    if training.device == "cpu":
        tf.config.set_visible_devices([], "GPU")
    else:
        for gpu in gpus:
            tf.config.experimental.set_memory_growth(gpu, True)  # noqa: FBT003 - its only argument
    if training.deterministic:
        tf.config.experimental.enable_op_determinism()


def gpu_names() -> list[str]:
    """The GPUs TensorFlow can use in this process."""
    return [_gpu_name(device) for device in tf.config.list_physical_devices("GPU")]


def _gpu_name(device: Any) -> str:
    return str(tf.config.experimental.get_device_details(device).get("device_name", "GPU"))


def leave_mish_whole(recipe: Recipe) -> None:
    """On the CPU TensorFlow 2.21 fuses convolution, bias, sum and Mish and has no kernel for it: no fusing in this process."""
    if recipe.model.activation == "mish" and not tf.config.get_visible_devices("GPU"):
        tf.config.optimizer.set_experimental_options({"remapping": False})


class TensorFlowLoop:
    """Trains and evaluates chunks in compiled graphs; the Keras variables are the state."""

    def __init__(self, model: Any, optimizer: Any, recipe: Recipe, data: DataSet, *, record: bool) -> None:
        leave_mish_whole(recipe)
        self._model = model
        self._optimizer = optimizer
        self._batch = recipe.training.batch_size
        self._size = recipe.update_size(len(data.training.labels))
        self._augmenter = Augmenter.of(recipe, data)
        self._objective = make_objective(recipe, data)
        self._update = Update(recipe, model.trainable_variables, record=record)
        self._noise_seed = seed_for(recipe.training.seed, "noise")
        self._record = record
        self._mean = tf.constant(data.mean, tf.float32)
        self._spread = tf.constant(data.spread, tf.float32)
        self._variables = [variable.value for variable in model.trainable_variables]
        # Moving averages change in the forward pass; a bad step must not leave its mark there either.
        self._moving = [v.value for v in model.non_trainable_variables if v.dtype == "float32"]
        self._bad = tf.Variable(0, dtype=tf.int32, trainable=False)
        self._no_draws = tf.zeros([0, self._augmenter.columns], tf.float32)
        self._device = ""
        optimizer.build(model.trainable_variables)
        self._placed: dict[PartName, tuple[Tensor, Tensor] | None] = {
            "training": self._place(data.training),
            "validation": self._place(data.validation),
        }
        placed = [
            tf.TensorSpec((None, *data.shape), tf.uint8),
            tf.TensorSpec((None, *data.training.labels.shape[1:]), tf.int32),
        ]
        self._signature = [
            *placed,
            tf.TensorSpec([None], tf.int32),
            tf.TensorSpec([None, self._augmenter.columns], tf.float32),
            tf.TensorSpec([None], tf.float32),
        ]
        # With a scaled loss a step that overflows is nothing unusual.
        self._asking = self._update.scales
        self._scale = tf.Variable(loss_scale.START if self._update.scales else 1.0, trainable=False)
        self._calm = tf.Variable(0, dtype=tf.int32, trainable=False)
        self._program: Any = None
        self._state = [variable.value for variable in (*model.variables, *optimizer.variables)]
        self._before = [] if self._asking else [tf.Variable(value, trainable=False) for value in self._state]
        self._batches = tf.function(
            self._evaluate_batches,
            input_signature=[*placed, tf.TensorSpec([None], tf.int32), tf.TensorSpec([None], tf.float64)],
            autograph=False,
        )

    @staticmethod
    def _place(part: Part) -> tuple[Tensor, Tensor] | None:
        pixels = resident(part)
        return None if pixels is None else (tf.constant(pixels), tf.constant(part.labels, tf.int32))

    @staticmethod
    def _arrays(chunk: Chunk, placed: tuple[Tensor, Tensor] | None) -> tuple[Tensor, Tensor]:
        if chunk.pixels is not None and chunk.labels is not None:
            return tf.constant(chunk.pixels), tf.constant(chunk.labels, tf.int32)
        assert placed is not None
        return placed

    # --- training ---------------------------------------------------------------------------------

    def train(self, chunk: Chunk, rates: Floats) -> Floats:
        pixels, labels = self._arrays(chunk, self._placed["training"])
        draws = self._no_draws if chunk.draws is None else tf.constant(chunk.draws)
        arguments = (pixels, labels, tf.constant(chunk.indices), draws, tf.constant(rates))
        numbers = self._train(arguments)
        if self._asking or np.isfinite(numbers).all():
            return numbers
        for value, before in zip(self._state, self._before, strict=True):
            value.assign(before)
        self._asking, self._program, self._before = True, None, []
        return self._train(arguments)

    def _train(self, arguments: tuple[Tensor, ...]) -> Floats:
        if self._program is None:
            steps = tf.function(self._train_steps, input_signature=self._signature, autograph=False)
            self._program = steps.get_concrete_function()  # calling this needs no look at the arguments
        numbers, done = self._program(*arguments)
        self._device = self._device or numbers.device
        return cast("Floats", numbers.numpy()[: int(done)])

    def _train_steps(self, pixels: Tensor, labels: Tensor, indices: Tensor, draws: Tensor, rates: Tensor) -> Any:
        steps = tf.shape(rates)[0]
        samples = tf.shape(indices)[0]
        limit = self._update.most_bad
        record = tf.TensorArray(tf.float32, size=steps, element_shape=[len(COLUMNS)])
        if not self._asking:
            for before, value in zip(self._before, self._state, strict=True):
                before.assign(value)

        def going(step: Tensor, _: Tensor) -> Tensor:
            return tf.logical_and(step < steps, self._bad < limit) if self._asking else step < steps

        def body(step: Tensor, record: Tensor) -> tuple[Tensor, Tensor]:
            begin = step * self._size
            end = tf.minimum(begin + self._size, samples)
            row = self._train_step((pixels, labels), indices[begin:end], draws[begin:end], rates[step])
            return step + 1, record.write(step, row)

        # TensorFlow adds up gradients in the order of their names. A capital stands before "gradient_tape", as in the graph of
        # Keras' fit, where they have no prefix; so both round alike.
        done, record = tf.while_loop(going, body, (tf.constant(0), record), parallel_iterations=1, name="Steps")
        return record.stack(), done

    def _train_step(self, placed: tuple[Tensor, Tensor], chosen: Tensor, draws: Tensor, rate: Tensor) -> Tensor:
        before = [variable.read_value() for variable in self._moving] if self._asking else []
        whole = self._size <= self._batch
        loss, right, gradients = (self._backward if whole else self._accumulated)(placed, chosen, draws)
        penalty = self._update.penalty(self._variables)
        gradients = self._update.penalized(gradients, self._variables)
        norm = self._update.norm(gradients)
        gradients = self._update.changed(gradients, norm, self._optimizer.iterations.value, self._normal)

        def update() -> None:
            self._optimizer.learning_rate = rate
            self._optimizer.apply(gradients, self._model.trainable_variables)

        if self._asking:
            self._ask(tf.math.is_finite(loss + penalty + norm), update, before)
        else:
            update()
        return tf.stack([loss, rate, norm, right, penalty])

    def _backward(
        self, placed: tuple[Tensor, Tensor], chosen: Tensor, draws: Tensor
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Mean loss, share of right answers and gradient of some samples."""
        pixels, labels = placed
        pictures, truth = tf.gather(pixels, chosen), tf.gather(labels, chosen)
        pictures, truth, mixed = self._augmenter.batch(pictures, truth, draws)
        with tf.GradientTape() as tape:
            logits = self._model(self._prepared(pictures), training=True)
            loss = self._objective.mean(truth, logits, mixed)
            aim = loss * self._scale if self._update.scales else loss
        gradients = tape.gradient(aim, self._variables)
        if self._update.scales:
            gradients = [gradient / self._scale for gradient in gradients]
        shown = self._objective.shown(truth, mixed)
        right = self._objective.accuracy(shown, logits) if self._record else tf.constant(0.0)
        return loss, right, gradients

    def _accumulated(
        self, placed: tuple[Tensor, Tensor], chosen: Tensor, draws: Tensor
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """The same of an update that is larger than a batch: batch by batch, each weighted by its samples."""
        samples = tf.shape(chosen)[0]

        def part(begin: Tensor, loss: Tensor, right: Tensor, *sums: Tensor) -> tuple[Tensor, ...]:
            end = tf.minimum(begin + self._batch, samples)
            share = tf.cast(end - begin, tf.float32) / tf.cast(samples, tf.float32)
            more, hits, gradients = self._backward(placed, chosen[begin:end], draws[begin:end])
            grown = [total + share * gradient for total, gradient in zip(sums, gradients, strict=True)]
            return (end, loss + share * more, right + share * hits, *grown)

        nothing = (tf.constant(0), tf.constant(0.0), tf.constant(0.0), *map(tf.zeros_like, self._variables))
        _, loss, right, *gradients = tf.while_loop(
            lambda begin, *_: begin < samples, part, nothing, parallel_iterations=1
        )
        return loss, right, gradients

    def _normal(self, like: Tensor, number: int) -> Tensor:
        # Two numbers key the stream: which tensor, which update.
        key = tf.stack([self._noise_seed ^ number, tf.cast(self._optimizer.iterations.value, tf.int32)])
        return tf.random.stateless_normal(tf.shape(like), key)

    def _ask(self, good: Tensor, update: Callable[[], None], before: list[Tensor]) -> None:
        """Update if the step is good; if not, put back what the forward pass has moved, and count."""

        def accept() -> Tensor:
            update()
            return self._bad.assign(0)

        def skip() -> Tensor:
            for variable, value in zip(self._moving, before, strict=True):
                variable.assign(value)
            return self._bad.assign_add(1)

        tf.cond(good, accept, skip)
        if self._update.scales:
            scale, calm = loss_scale.after(good, self._scale.read_value(), self._calm.read_value())
            self._scale.assign(scale)
            self._calm.assign(calm)

    def _prepared(self, pictures: Tensor) -> Tensor:
        return (tf.cast(pictures, tf.float32) - self._mean) / self._spread

    # --- judging ----------------------------------------------------------------------------------

    def evaluate(self, chunk: Chunk, sums: Sums, part: PartName = "validation") -> Judgement:
        pixels, labels = self._arrays(chunk, self._placed[part])
        total, answers = self._batches(pixels, labels, tf.constant(chunk.indices), tf.constant(sums))
        return Judgement(total.numpy(), answers.numpy())

    def _evaluate_batches(self, pixels: Tensor, labels: Tensor, indices: Tensor, sums: Tensor) -> tuple[Tensor, Tensor]:
        samples = tf.shape(indices)[0]
        size = self._batch
        batches = -(-samples // size)
        record = tf.TensorArray(
            tf.float32, size=batches, element_shape=[None, self._objective.answer_width], infer_shape=False
        )

        def body(batch: Tensor, sums: Tensor, record: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            begin = batch * size
            chosen = indices[begin : tf.minimum(begin + size, samples)]
            pictures, truth = (self._augmenter.centre(tf.gather(part, chosen)) for part in (pixels, labels))
            logits = self._model(self._prepared(pictures), training=False)
            found = self._objective.sums(truth, logits)
            record = record.write(batch, self._objective.answers(truth, logits))
            return batch + 1, sums + tf.cast(found, tf.float64), record

        begun = (tf.constant(0), sums, record)
        invariant = (tf.TensorShape([]), tf.TensorShape([None]), tf.TensorShape(None))
        _, sums, record = tf.while_loop(
            lambda batch, *_: batch < batches, body, begun, invariant, parallel_iterations=1
        )
        return sums, record.concat()

    def judged(self) -> AbstractContextManager[None]:
        return judged(self._model, self._optimizer)

    def loss_scale(self) -> float | None:
        return float(self._scale.numpy()) if self._update.scales else None

    def counters(self) -> dict[str, Any]:
        counted = {"bad": self._bad, "scale": self._scale, "calm": self._calm}
        asking = np.array(self._asking and not self._update.scales, np.int32)
        return {name: variable.numpy() for name, variable in counted.items()} | {"asking": asking}

    def go_on_from(self, counters: Mapping[str, Any]) -> None:
        self._bad.assign(counters["bad"])
        self._scale.assign(counters["scale"])
        self._calm.assign(counters["calm"])
        # The form of the loop stays what it was.
        if bool(counters["asking"]) and not self._asking:
            self._asking, self._program, self._before = True, None, []

    def settle(self) -> None:
        """The Keras variables are the state: nothing to do."""

    def device(self) -> str:
        if "GPU" not in self._device:
            return "CPU"
        number = int(self._device.rsplit(":", 1)[-1])
        return _gpu_name(tf.config.list_physical_devices("GPU")[number])


def make_loop(model: Any, optimizer: Any, recipe: Recipe, data: DataSet, *, record: bool = True) -> TensorFlowLoop:
    """The loop around a model; see `backends.Backend`."""
    return TensorFlowLoop(model, optimizer, recipe, data, record=record)
