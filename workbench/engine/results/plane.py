"""A plane of two directions through a network's weights, and the loss on it.

Random directions are filter-normalised (Li et al. 2018, Visualizing the loss landscape of neural nets, section 4): each filter of a
kernel is as long as the network's own, so that 1 means the same for every layer and whatever the scale of the weights. What is no
kernel, biases and norms, they leave alone. The way to other weights moves everything that differs.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf
from keras import ops

from workbench.data.randomness import generator
from workbench.descent.surfaces import Floats
from workbench.engine.objective import make_objective
from workbench.engine.results.opened import Opened

#: By our names; what a direction has no array for it leaves alone.
Arrays: TypeAlias = dict[str, npt.NDArray[Any]]
#: Kernels have at least so many axes.
_KERNEL = 2
#: A variance on the far side of the way to other weights may not fall below 0.
_VARIANCE = "moving_variance"


def random_direction(model: keras.Model, own: Arrays, seed: int, which: int) -> Arrays:
    """A normal draw in which each filter is as long as the network's own one; a function of seed, number and names."""
    found = {}
    for name, axis in _filters(model).items():
        drawn = generator(seed, "slice", which, name).standard_normal(own[name].shape)
        found[name] = drawn * (_lengths(own[name], axis) / _lengths(drawn, axis))
    return found


def way(own: Arrays, other: Arrays, length: float) -> Arrays:
    """The direction that leads to other weights within `length`."""
    return {
        name: (other[name].astype(np.float64) - mine) / length
        for name, mine in own.items()
        if not np.array_equal(mine, other[name])
    }


def straightened(direction: Arrays, first: Arrays) -> Arrays:
    """A direction without its part along `first`; what it leaves alone it leaves alone still."""
    shared = {name: first[name] for name in direction if name in first}
    length = dot(shared, shared)
    if length == 0:
        return direction
    along = dot(direction, shared) / length
    return {name: each - along * shared[name] if name in shared else each for name, each in direction.items()}


def dot(one: Arrays, other: Arrays) -> float:
    return math.fsum(float(np.vdot(each, other[name])) for name, each in one.items() if name in other)


def cosine(one: Arrays, other: Arrays) -> float:
    """Of the angle between two directions; 0 when they are at right angles."""
    lengths = math.sqrt(dot(one, one) * dot(other, other))
    return dot(one, other) / lengths if lengths else 0.0


def _filters(model: keras.Model) -> dict[str, int]:
    """The axis of each kernel that counts its filters, which are what makes one output each."""
    return {
        weight.path: -2 if isinstance(layer, keras.layers.Conv2DTranspose) else -1
        for layer in model.layers
        for weight in layer.weights
        if len(weight.shape) >= _KERNEL
    }


def _lengths(kernel: npt.NDArray[Any], axis: int) -> Floats:
    """The length of each filter, shaped so that it can be multiplied with the kernel."""
    others = tuple(place for place in range(kernel.ndim) if place != axis % kernel.ndim)
    lengths: Floats = np.sqrt(np.sum(np.square(kernel.astype(np.float64)), axis=others, keepdims=True))
    return lengths


class Plane:
    """The loss on the plane, one compiled program; the pictures lie on the device. It moves the model's weights."""

    def __init__(self, opened: Opened, rows: npt.NDArray[Any], first: Arrays, second: Arrays) -> None:
        """`rows` of the training part are what is judged; `first` and `second` are the directions."""
        self._opened = opened
        self._objective = make_objective(opened.recipe, opened.data)
        self._pictures = len(rows)
        training = opened.data.training
        batch = min(opened.recipe.training.batch_size, len(rows))
        # The last batch is filled up with pictures that do not count.
        batches = math.ceil(len(rows) / batch)
        filled = np.resize(rows, batches * batch)
        counts = (np.arange(len(filled)) < len(rows)).astype(np.float32)
        self._batches = tuple(
            tf.constant(each.reshape(batches, batch, *each.shape[1:]))
            for each in (
                np.asarray(opened.centre(training.pictures.take(filled))),
                np.asarray(opened.centre(training.labels[filled])).astype(np.int32),
                counts,
            )
        )
        self._moved = [
            (weight, *(_constant(arrays.get(weight.path), weight) for arrays in (first, second)), tf.constant(ops.convert_to_numpy(weight.value)))
            for weight in opened.model.weights
            if weight.path in first or weight.path in second
        ]  # fmt: skip
        place = [tf.TensorSpec((), tf.float32)] * 2
        self._program = tf.function(self._measure, input_signature=place, autograph=False)

    def loss(self, x: float, y: float) -> float:
        """The mean loss at x along the first direction and y along the second."""
        return float(self._program(tf.constant(x, tf.float32), tf.constant(y, tf.float32)))

    def losses(self, reach: float, points: int, done: Callable[[int], object]) -> Floats:
        """The loss all over the square, row by row from below: shape (points, points). `done` hears how many there are."""
        side = np.linspace(-reach, reach, points)
        found = np.zeros((points, points))
        for row, y in enumerate(side):
            for column, x in enumerate(side):
                found[row, column] = self.loss(x, y)
                done(row * points + column + 1)
        return found

    def _measure(self, x: Any, y: Any) -> Any:
        for weight, first, second, own in self._moved:
            there = own + x * first + y * second
            weight.assign(tf.maximum(there, 0.0) if weight.name == _VARIANCE else there)
        pixels, labels, counts = self._batches

        def judge(at: Any, total: Any) -> Any:
            logits = self._opened.model(self._opened.prepared(pixels[at]), training=False)
            sums = self._objective.sums(labels[at], logits, counts[at])
            return at + 1, total + tf.cast(sums[0], tf.float64)

        # One batch after the other: side by side they would take the memory of many.
        _, total = tf.while_loop(
            lambda at, _: at < len(pixels), judge, (tf.constant(0), tf.constant(0.0, tf.float64)), parallel_iterations=1
        )
        return total / self._pictures


def _constant(direction: npt.NDArray[Any] | None, weight: Any) -> Any:
    """A direction for one weight, zeros where it leaves that alone."""
    return ops.zeros_like(weight) if direction is None else tf.constant(direction, weight.dtype)
