"""The loop on JAX: on the CPU one jitted step a call, on a GPU a compiled loop of dynamic length.

On the CPU a convolution inside a compiled loop runs 2.3 times slower than one step a call; on a GPU
the calls would be the cost. The state is a tree of arrays, handed from step to step; the Keras
variables get it back when somebody asks (`settle`). A smaller last batch is a program of its own.
"""

from __future__ import annotations

import os
from typing import Any, NamedTuple, TypeAlias, cast

import jax
import jax.numpy as jnp
import keras
import numpy as np
from jax import lax

from workbench.data.pictures import DataSet, Part
from workbench.engine import augment
from workbench.engine.backends import BAD_STEPS, Tally, refuse_missing_gpu, resident
from workbench.engine.feeding import Chunk
from workbench.engine.tricks.clipping import clip
from workbench.events import COLUMNS, Floats
from workbench.spec.recipe import Recipe
from workbench.spec.training import Training

Array: TypeAlias = Any
#: Pictures and labels on the device.
Placed: TypeAlias = tuple[Array, Array]
#: Which of them, and what augmentation drew for each (None when it is off).
Chosen: TypeAlias = tuple[Array, Array]
#: Steps of the longest compiled loop; chunks that are longer are cut.
LONGEST = 512


def start(training: Training, threads: int) -> None:
    """Set threads, device and determinism; JAX reads them when it makes its first array."""
    os.environ["NPROC"] = os.environ["PJRT_NPROC"] = str(threads)
    if training.deterministic:
        os.environ["XLA_FLAGS"] = os.environ.get("XLA_FLAGS", "") + " --xla_gpu_deterministic_ops=true"
    if training.device == "cpu":
        jax.config.update("jax_platforms", "cpu")
    refuse_missing_gpu(training, gpu_names())


def gpu_names() -> list[str]:
    """The GPUs JAX can use in this process."""
    return [str(device.device_kind) for device in jax.devices() if device.platform != "cpu"]


class State(NamedTuple):
    """Everything a step changes."""

    trainable: list[Array]
    other: list[Array]
    optimizer: list[Array]
    bad: Array


class JaxLoop:
    """Trains and evaluates chunks with jitted functions over a state."""

    def __init__(
        self,
        model: Any,
        optimizer: Any,
        recipe: Recipe,
        data: DataSet,
        *,
        record: bool,
        compiled_loop: bool | None = None,
    ) -> None:
        self._model = model
        self._optimizer = optimizer
        self._batch = recipe.training.batch_size
        self._clipping = recipe.tricks.gradient_clipping
        self._record = record
        self._loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        self._losses = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none")
        self._mean, self._spread = jnp.asarray(data.mean), jnp.asarray(data.spread)
        optimizer.build(model.trainable_variables)
        self._rate_at = [v is optimizer._learning_rate for v in optimizer.variables].index(True)  # noqa: SLF001 - Keras names the variable nowhere else
        self._is_seed = [variable.dtype != "float32" for variable in model.non_trainable_variables]
        # Copies: the steps give their arrays away, the Keras variables keep theirs.
        trainable, other, slots = ([jnp.array(v.value, copy=True) for v in group] for group in self._groups())
        self._state = State(trainable, other, slots, jnp.zeros((), jnp.int32))
        self._training = self._place(data.training)
        self._validation = self._place(data.validation)
        on_cpu = jax.devices()[0].platform == "cpu"
        self._compiled_loop = not on_cpu if compiled_loop is None else compiled_loop
        self._one = jax.jit(self._gathered_step, donate_argnums=0)
        self._many = jax.jit(self._compiled_steps, donate_argnums=0)
        self._judge = jax.jit(self._evaluate_batch)

    def _groups(self) -> tuple[list[Any], list[Any], list[Any]]:
        return self._model.trainable_variables, self._model.non_trainable_variables, self._optimizer.variables

    @staticmethod
    def _place(part: Part) -> Placed | None:
        pixels = resident(part)
        return None if pixels is None else (jnp.asarray(pixels), jnp.asarray(part.labels, jnp.int32))

    @staticmethod
    def _arrays(chunk: Chunk, placed: Placed | None) -> Placed:
        if chunk.pixels is not None and chunk.labels is not None:
            return jnp.asarray(chunk.pixels), jnp.asarray(chunk.labels, jnp.int32)
        assert placed is not None
        return placed

    # --- training ---------------------------------------------------------------------------------

    def train(self, chunk: Chunk, rates: Floats) -> Floats:
        placed = self._arrays(chunk, self._training)
        whole = chunk.samples // self._batch if self._compiled_loop else 0
        rows = [
            self._call_many(placed, chunk, rates, slice(first, min(first + LONGEST, whole)))
            for first in range(0, whole, LONGEST)
        ]
        for step in range(whole, chunk.steps):
            here = slice(step * self._batch, (step + 1) * self._batch)
            draws = None if chunk.draws is None else chunk.draws[here]
            self._state, row = self._one(self._state, placed, (chunk.indices[here], draws), rates[step])
            rows.append(row[None])
        numbers = np.asarray(jnp.concatenate(rows) if len(rows) > 1 else rows[0])
        # The guard freezes the state after too many bad steps: what follows in the chunk was not done.
        return cast("Floats", numbers[: _done(numbers)])

    def _call_many(self, placed: Placed, chunk: Chunk, rates: Floats, which: slice) -> Array:
        room = LONGEST * self._batch
        here = slice(which.start * self._batch, which.stop * self._batch)
        draws = None if chunk.draws is None else _padded(chunk.draws[here], room)
        chosen = (_padded(chunk.indices[here], room), draws)
        steps = which.stop - which.start
        self._state, numbers = self._many(self._state, placed, chosen, _padded(rates[which], LONGEST), steps)
        return numbers[:steps]

    def _compiled_steps(
        self, state: State, placed: Placed, chosen: Chosen, rates: Array, steps: Array
    ) -> tuple[State, Array]:
        indices, draws = chosen

        def body(step: Array, carry: tuple[State, Array]) -> tuple[State, Array]:
            state, numbers = carry
            now = lax.dynamic_slice_in_dim(indices, step * self._batch, self._batch)
            drawn = None if draws is None else lax.dynamic_slice_in_dim(draws, step * self._batch, self._batch)
            state, row = self._gathered_step(state, placed, (now, drawn), rates[step])
            return state, numbers.at[step].set(row)

        return cast(
            "tuple[State, Array]",
            lax.fori_loop(0, steps, body, (state, jnp.zeros((LONGEST, len(COLUMNS)), jnp.float32))),
        )

    def _gathered_step(self, state: State, placed: Placed, chosen: Chosen, rate: Array) -> tuple[State, Array]:
        pixels, labels = placed
        indices, draws = chosen
        pictures = pixels[indices]
        if draws is not None:
            pictures = augment.apply(pictures, draws)
        return self._step(state, pictures, labels[indices], rate)

    def _step(self, state: State, pictures: Array, labels: Array, rate: Array) -> tuple[State, Array]:
        def forward(trainable: list[Array]) -> tuple[Array, tuple[Array, list[Array]]]:
            logits, other = self._model.stateless_call(trainable, state.other, self._prepared(pictures), training=True)
            return self._loss(labels, logits), (logits, other)

        (loss, (logits, other)), gradients = jax.value_and_grad(forward, has_aux=True)(state.trainable)
        norm = jnp.sqrt(sum(jnp.sum(jnp.square(g)) for g in gradients)) if self._record else jnp.zeros(())
        limit = BAD_STEPS if self._clipping.on else 1
        running = state.bad < limit
        good = jnp.isfinite(loss + norm) & running
        if self._clipping.on:
            gradients = clip(gradients, self._clipping, norm if self._record else None)
        slots = [rate if at == self._rate_at else slot for at, slot in enumerate(state.optimizer)]
        trainable, slots = self._optimizer.stateless_apply(slots, gradients, state.trainable)

        def keep(new: list[Array], old: list[Array]) -> list[Array]:
            return [jnp.where(good, a, b) for a, b in zip(new, old, strict=True)]

        # Seed states count every step; moving averages and weights forget the bad ones.
        other = [
            new if seed else jnp.where(good, new, old)
            for new, old, seed in zip(other, state.other, self._is_seed, strict=True)
        ]
        bad = jnp.where(good, 0, state.bad + 1)
        after = State(keep(trainable, state.trainable), other, keep(slots, state.optimizer), bad)
        right = jnp.mean(jnp.argmax(logits, -1) == labels) if self._record else jnp.zeros(())
        # A step after the end is marked by a rate that no step can have.
        return after, jnp.stack([loss, jnp.where(running, rate, -1.0), norm, right]).astype(jnp.float32)

    def _prepared(self, pictures: Array) -> Array:
        return (pictures.astype(jnp.float32) - self._mean) / self._spread

    # --- validation -------------------------------------------------------------------------------

    def evaluate(self, chunk: Chunk) -> Tally:
        pixels, labels = self._arrays(chunk, self._validation)
        size = self._batch
        tally = Tally()
        for begin in range(0, chunk.samples, size):
            chosen = chunk.indices[begin : begin + size]
            # In inference samples do not meet, so a short batch may be filled up and weighed with zeros.
            weights = _padded(np.ones(len(chosen), np.float32), size)
            sums = self._judge(self._state, pixels, labels, _padded(chosen, size), weights)
            tally += Tally(float(sums[0]), float(sums[1]), len(chosen))
        return tally

    def _evaluate_batch(self, state: State, pixels: Array, labels: Array, chosen: Array, weights: Array) -> Array:
        truth = labels[chosen]
        pictures = self._prepared(pixels[chosen])
        logits, _ = self._model.stateless_call(state.trainable, state.other, pictures, training=False)
        losses = jnp.where(weights > 0, self._losses(truth, logits), 0)
        right = jnp.where(weights > 0, jnp.argmax(logits, -1) == truth, 0)
        return jnp.stack([jnp.sum(losses), jnp.sum(right)])

    def settle(self) -> None:
        for variables, arrays in zip(self._groups(), self._state[:3], strict=True):
            for variable, array in zip(variables, arrays, strict=True):
                variable.assign(array)

    def device(self) -> str:
        (device,) = self._state.trainable[0].devices()
        return "CPU" if device.platform == "cpu" else str(device.device_kind)


def _padded(values: Any, length: int) -> Any:
    """`values` filled up with zeros to `length` rows."""
    return np.concatenate([values, np.zeros((length - len(values), *values.shape[1:]), values.dtype)])


def _done(numbers: Floats) -> int:
    """Rows up to the first that was computed after the guard had ended the run."""
    late = np.flatnonzero(numbers[:, COLUMNS.index("learning_rate")] < 0)
    return int(late[0]) if len(late) else len(numbers)


def make_loop(model: Any, optimizer: Any, recipe: Recipe, data: DataSet, *, record: bool = True) -> JaxLoop:
    """The loop around a model; see `backends.Backend`."""
    return JaxLoop(model, optimizer, recipe, data, record=record)
