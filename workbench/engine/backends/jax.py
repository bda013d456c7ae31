"""The loop on JAX: on the CPU one jitted step a call, on a GPU a compiled loop of dynamic length.

On the CPU a convolution inside a compiled loop runs 2.3 times slower than one step a call; on a GPU
the calls would be the cost. The state is a tree of arrays, handed from step to step; the Keras
variables get it back when somebody asks (`settle`). A smaller last batch is a program of its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeAlias, cast

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from workbench.data.pictures import DataSet, Part
from workbench.engine.augment import Augmenter
from workbench.engine.backends import Judgement, PartName, Sums, refuse_missing_gpu, resident
from workbench.engine.feeding import Chunk
from workbench.engine.judged import judged_by
from workbench.engine.objective import make_objective
from workbench.engine.seeds import seed_for
from workbench.engine.tricks import loss_scale
from workbench.engine.update import Update
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
    #: of the loss, and good steps since it was changed
    scale: Array
    calm: Array


class Found(NamedTuple):
    """What a backward pass found: means over its samples, and what the forward pass left behind."""

    loss: Array
    right: Array
    gradients: list[Array]
    other: list[Array]


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
        self._size = recipe.update_size(len(data.training.labels))
        self._augmenter = Augmenter.of(recipe, data)
        self._objective = make_objective(recipe, data)
        self._update = Update(recipe, model.trainable_variables, record=record)
        self._noise_key = jax.random.key(seed_for(recipe.training.seed, "noise"))
        self._record = record
        self._mean, self._spread = jnp.asarray(data.mean), jnp.asarray(data.spread)
        optimizer.build(model.trainable_variables)
        places = {id(variable): at for at, variable in enumerate(optimizer.variables)}
        self._rate_at = places[id(optimizer._learning_rate)]  # noqa: SLF001 - Keras names the variable nowhere else
        self._count_at = places[id(optimizer.iterations)]
        self._judged_by = judged_by(optimizer)
        kept = self._judged_by.kept if self._judged_by else []
        self._kept_at = [places[id(variable)] for variable in kept]
        self._judged = False
        self._state: State
        self._is_seed = [variable.dtype != "float32" for variable in model.non_trainable_variables]
        self.go_on_from({"bad": np.int32(0), "scale": np.float32(loss_scale.START), "calm": np.int32(0)})
        self._placed: dict[PartName, Placed | None] = {
            "training": self._place(data.training),
            "validation": self._place(data.validation),
        }
        on_cpu = jax.devices()[0].platform == "cpu"
        self._compiled_loop = not on_cpu if compiled_loop is None else compiled_loop
        self._one = jax.jit(self._step, donate_argnums=0)
        self._part = jax.jit(self._backward)
        # What a batch leaves as it was is the very array that came in: nothing may be given away here.
        self._grow = jax.jit(_grown)
        self._finish = jax.jit(self._applied)
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
        placed = self._arrays(chunk, self._placed["training"])
        whole = chunk.samples // self._size if self._compiled_loop and self._size == self._batch else 0
        rows = [
            self._call_many(placed, chunk, rates, slice(first, min(first + LONGEST, whole)))
            for first in range(0, whole, LONGEST)
        ]
        for step in range(whole, chunk.steps):
            here = slice(step * self._size, min((step + 1) * self._size, chunk.samples))
            self._state, row = self._call_one(placed, chunk, here, rates[step])
            rows.append(row[None])
        numbers = np.asarray(jnp.concatenate(rows) if len(rows) > 1 else rows[0])
        # The guard freezes the state after too many bad steps: what follows in the chunk was not done.
        return cast("Floats", numbers[: _done(numbers)])

    def _call_one(self, placed: Placed, chunk: Chunk, here: slice, rate: Array) -> tuple[State, Array]:
        """One update; one that is larger than a batch goes through its pictures batch by batch."""
        if self._size <= self._batch:
            return cast("tuple[State, Array]", self._one(self._state, placed, _cut(chunk, here), rate))
        state, found = self._state, None
        for begin in range(here.start, here.stop, self._batch):
            end = min(begin + self._batch, here.stop)
            other = state.other if found is None else found.other
            more = self._part(state.trainable, other, state.scale, placed, _cut(chunk, slice(begin, end)))
            share = np.float32((end - begin) / (here.stop - here.start))
            nothing = found or more._replace(
                loss=jnp.zeros(()), right=jnp.zeros(()), gradients=[jnp.zeros_like(each) for each in more.gradients]
            )
            found = self._grow(nothing, more, share)
        return cast("tuple[State, Array]", self._finish(state, found, rate))

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
            state, row = self._step(state, placed, (now, drawn), rates[step])
            return state, numbers.at[step].set(row)

        return cast(
            "tuple[State, Array]",
            lax.fori_loop(0, steps, body, (state, jnp.zeros((LONGEST, len(COLUMNS)), jnp.float32))),
        )

    def _step(self, state: State, placed: Placed, chosen: Chosen, rate: Array) -> tuple[State, Array]:
        return self._applied(state, self._backward(state.trainable, state.other, state.scale, placed, chosen), rate)

    def _backward(
        self, trainable: list[Array], other: list[Array], scale: Array, placed: Placed, chosen: Chosen
    ) -> Found:
        """Mean loss, share of right answers and gradient of some samples."""
        pixels, labels = placed
        indices, draws = chosen
        pictures, truth, mixed = self._augmenter.batch(pixels[indices], labels[indices], draws)

        def forward(trainable: list[Array]) -> tuple[Array, tuple[Array, Array, list[Array]]]:
            logits, after = self._model.stateless_call(trainable, other, self._prepared(pictures), training=True)
            loss = self._objective.mean(truth, logits, mixed)
            return loss * scale if self._update.scales else loss, (loss, logits, after)

        (_, (loss, logits, after)), gradients = jax.value_and_grad(forward, has_aux=True)(trainable)
        if self._update.scales:
            gradients = [gradient / scale for gradient in gradients]
        shown = self._objective.shown(truth, mixed)
        right = self._objective.accuracy(shown, logits) if self._record else jnp.zeros(())
        return Found(loss, right, gradients, after)

    def _applied(self, state: State, found: Found, rate: Array) -> tuple[State, Array]:
        """The state after an update, or as it was when the step was not good; and the step's row."""
        penalty = self._update.penalty(state.trainable)
        gradients = self._update.penalized(found.gradients, state.trainable)
        norm = self._update.norm(gradients)
        running = state.bad < self._update.most_bad
        good = jnp.isfinite(found.loss + penalty + norm) & running
        count = state.optimizer[self._count_at]

        def normal(like: Array, number: int) -> Array:
            key = jax.random.fold_in(jax.random.fold_in(self._noise_key, number), count)
            return jax.random.normal(key, like.shape)

        gradients = self._update.changed(gradients, norm, count, normal)
        slots = [rate if at == self._rate_at else slot for at, slot in enumerate(state.optimizer)]
        trainable, slots = self._optimizer.stateless_apply(slots, gradients, state.trainable)

        def keep(new: list[Array], old: list[Array]) -> list[Array]:
            return [jnp.where(good, a, b) for a, b in zip(new, old, strict=True)]

        # Seed states count every step; moving averages and weights forget the bad ones.
        other = [
            new if seed else jnp.where(good, new, old)
            for new, old, seed in zip(found.other, state.other, self._is_seed, strict=True)
        ]
        bad = jnp.where(good, 0, state.bad + 1)
        scale, calm = (
            loss_scale.after(good, state.scale, state.calm) if self._update.scales else (state.scale, state.calm)
        )
        after = State(keep(trainable, state.trainable), other, keep(slots, state.optimizer), bad, scale, calm)
        # A step after the end is marked by a rate that no step can have.
        shown = jnp.where(running, rate, -1.0)
        return after, jnp.stack([found.loss, shown, norm, found.right, penalty]).astype(jnp.float32)

    def _prepared(self, pictures: Array) -> Array:
        return (pictures.astype(jnp.float32) - self._mean) / self._spread

    # --- judging ----------------------------------------------------------------------------------

    def evaluate(self, chunk: Chunk, sums: Sums, part: PartName = "validation") -> Judgement:
        pixels, labels = self._arrays(chunk, self._placed[part])
        size = self._batch
        total = sums.copy()
        trainable = self._shown()
        answers = []
        for begin in range(0, chunk.samples, size):
            chosen = chunk.indices[begin : begin + size]
            # In inference samples do not meet, so a short batch may be filled up and weighed with zeros.
            weights = _padded(np.ones(len(chosen), np.float32), size)
            found, said = self._judge(trainable, self._state.other, (pixels, labels), _padded(chosen, size), weights)
            total += np.asarray(found)
            answers.append(np.asarray(said)[: len(chosen)])
        return Judgement(total, np.concatenate(answers))

    def _evaluate_batch(
        self, trainable: list[Array], other: list[Array], placed: Placed, chosen: Array, weights: Array
    ) -> tuple[Array, Array]:
        pixels, labels = placed
        pictures, truth = self._augmenter.centre(pixels[chosen]), self._augmenter.centre(labels[chosen])
        logits, _ = self._model.stateless_call(trainable, other, self._prepared(pictures), training=False)
        return self._objective.sums(truth, logits, weights), self._objective.answers(truth, logits)

    @contextmanager
    def judged(self) -> Iterator[None]:
        self._judged = self._judged_by is not None and int(self._state.optimizer[self._count_at]) > 0
        try:
            yield
        finally:
            if self._judged:
                self._judged = False
                self.settle()

    def _shown(self) -> list[Array]:
        """The weights to judge and keep now."""
        own = self._state.trainable
        if self._judged_by is None or not self._judged:
            return own
        kept = [self._state.optimizer[at] for at in self._kept_at]
        return [self._judged_by.made(*both) for both in zip(own, kept, strict=True)]

    def loss_scale(self) -> float | None:
        return float(self._state.scale) if self._update.scales else None

    def counters(self) -> dict[str, Any]:
        state = self._state
        return {name: np.asarray(getattr(state, name)) for name in ("bad", "scale", "calm")}

    def go_on_from(self, counters: Mapping[str, Any]) -> None:
        # Copies: the steps give their arrays away, the Keras variables keep theirs.
        trainable, other, slots = ([jnp.array(v.value, copy=True) for v in group] for group in self._groups())
        bad, scale, calm = (jnp.array(counters[name], copy=True) for name in ("bad", "scale", "calm"))
        self._state = State(trainable, other, slots, bad, scale, calm)

    def settle(self) -> None:
        arrays = (self._shown(), self._state.other, self._state.optimizer)
        for variables, values in zip(self._groups(), arrays, strict=True):
            for variable, value in zip(variables, values, strict=True):
                variable.assign(value)

    def device(self) -> str:
        (device,) = self._state.trainable[0].devices()
        return "CPU" if device.platform == "cpu" else str(device.device_kind)


def _cut(chunk: Chunk, here: slice) -> Chosen:
    return chunk.indices[here], None if chunk.draws is None else chunk.draws[here]


def _grown(total: Found, more: Found, share: Array) -> Found:
    """Weighted means so far, with one batch more."""
    gradients = [sums + share * gradient for sums, gradient in zip(total.gradients, more.gradients, strict=True)]
    return Found(total.loss + share * more.loss, total.right + share * more.right, gradients, more.other)


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
