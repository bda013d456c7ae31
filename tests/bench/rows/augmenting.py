"""Augmentation against Keras' own layers for the same effect: flip, crop of the padded picture, random erasing.

Both sides take uint8 pictures and give float32, batch by batch in one compiled TensorFlow function; ours also draws on the
host. Each is what its library has for the effect: Keras moves by `RandomTranslation`, since `RandomCrop` cuts all pictures
of a batch at one place. Its erasing has no aspect ratio: side lengths are drawn apart, the areas alike.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

from tests.bench.row import Row
from tests.bench.timing import Compared, Side, interleaved
from workbench.engine import backends
from workbench.engine.augment import Augmenter
from workbench.spec.recipe import parse

TARGET = 1.0
#: Size of the pictures, pixels of padding, pictures a batch, batches a turn.
SIZES = ((32, 4, 128, 60), (224, 28, 32, 6))


def measure() -> Row:
    found = {size: _compared(size, padding, batch, batches) for size, padding, batch, batches in SIZES}
    ratio = min(each.ratio for each in found.values())
    notes = [f"{size}×{size}: {each.ratio:.3g}×, {each.interval()}" for size, each in found.items()]
    return Row(
        "flip, crop and erasing on 32×32 and 224×224 against Keras' own layers; the lower ratio", f"> {TARGET:g}×",
        _speeds([each.one for each in found.values()]), ratio > TARGET,
        _speeds([each.other for each in found.values()]), ratio, "; ".join(notes),
    )  # fmt: skip


def _speeds(both: list[float]) -> str:
    return f"{' and '.join(f'{each:,.0f}' for each in both)} images/s"


def _compared(size: int, padding: int, batch: int, batches: int) -> Compared:
    tricks = {"augmentation": {"flip": True, "shift": padding, "erasing": 0.5}}
    recipe = parse({"data": {"kind": "shapes", "image_size": size}, "tricks": tricks})
    backends.prepare(recipe.training)
    pictures = tf.constant(np.random.default_rng(1).integers(0, 256, (batch, size, size, 3), dtype=np.uint8))
    ours = _ours(Augmenter(recipe, (size, size, 3)), pictures, batches)
    return interleaved(ours, _keras(padding / size, pictures, batches), pairs=21, warm_up=2)


def _ours(augmenter: Augmenter, pictures: tf.Tensor, batches: int) -> Side:
    unknown = [
        tf.TensorSpec([None, *pictures.shape[1:]], tf.uint8),
        tf.TensorSpec([None, augmenter.columns], tf.float32),
    ]
    changed = tf.function(
        lambda batch, draws: tf.cast(augmenter.apply(batch, draws), tf.float32),
        input_signature=unknown,
        autograph=False,
    )
    batch, epoch = len(pictures), 0

    def turn() -> None:
        nonlocal epoch
        epoch += 1
        draws = augmenter.draws(1, epoch, batch * batches)
        for number in range(batches):
            changed(pictures, tf.constant(draws[number * batch : (number + 1) * batch])).numpy()

    return _timed(turn, batch * batches)


def _keras(share: float, pictures: tf.Tensor, batches: int) -> Side:
    layers: list[Any] = [
        keras.layers.RandomFlip("horizontal", seed=1),
        keras.layers.RandomTranslation(share, share, fill_mode="constant", interpolation="nearest", seed=1),
        keras.layers.RandomErasing((0.5, 0.5), (0.02, 0.4), seed=1),
    ]

    def through(batch: tf.Tensor) -> tf.Tensor:
        for layer in layers:
            batch = layer(batch, training=True)
        return batch

    unknown = [tf.TensorSpec([None, *pictures.shape[1:]], tf.uint8)]
    changed = tf.function(through, input_signature=unknown, autograph=False)

    def turn() -> None:
        for _ in range(batches):
            changed(pictures).numpy()

    return _timed(turn, len(pictures) * batches)


def _timed(turn: Callable[[], None], images: int) -> Side:
    def speed() -> float:
        began = time.perf_counter()
        turn()
        return images / (time.perf_counter() - began)

    return speed
