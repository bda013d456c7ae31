"""The sides of the training rows: our engine, plain `model.fit`, and a whole epoch written by hand. TensorFlow only.

All train the network that the recipe describes, on the same pictures, in turns within one process. A turn is a few epochs;
its speed is steps a second.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

from workbench import data
from workbench.engine import backends
from workbench.engine.build import build_model
from workbench.engine.feeding import Feed, steps_in
from workbench.engine.optimizers import build_optimizer
from workbench.engine.recorder import Recorder
from workbench.engine.train import Training
from workbench.journal import Journal
from workbench.network.plan import plan
from workbench.paths import Workspace
from workbench.spec.recipe import Recipe, parse

_FOLDER = tempfile.TemporaryDirectory(prefix="workbench-bench-")
WORKSPACE = Workspace(Path(_FOLDER.name)).create()


def tiny_mlp() -> Recipe:
    """A tiny MLP on the 8 × 8 digits, batch 32."""
    tree = {
        "data": {"kind": "digits"},
        "model": {"kind": "mlp", "depth": 1, "width": 32},
        "training": {"batch_size": 32},
    }
    return _ready(parse(tree))


def small_cnn(samples: int = 6400) -> Recipe:
    """A small CNN on 28 × 28 grey pictures, batch 64. What is in the pictures does not matter for the speed."""
    path = WORKSPACE.home / "pictures.npz"
    random = np.random.default_rng(1)
    pictures = random.integers(0, 256, (samples, 28, 28), dtype=np.uint8)
    np.savez(path, x=pictures, y=np.arange(samples) % 10)
    tree = {
        "data": {"kind": "npz", "path": str(path), "image_size": 28},
        "model": {"kind": "cnn", "stages": 2, "width": 16, "dense": 64},
        "training": {"batch_size": 64},
    }
    return _ready(parse(tree))


def _ready(recipe: Recipe) -> Recipe:
    backends.prepare(recipe.training)
    return recipe


class _Silent(Recorder):
    """Records nothing and hears nothing."""

    def say(self, *_events: object) -> None:
        pass

    def block(self, *_arguments: object) -> None:
        pass

    def progress(self, *_arguments: object, **_more: object) -> None:
        pass


class Engine:
    """Our engine's epochs, with its journal, without its validation and checkpoints (`fit` has none here either)."""

    def __init__(self, recipe: Recipe, epochs: int, *, record: bool = True) -> None:
        with Journal(WORKSPACE) as journal:
            run = journal.create_run(recipe).id
            attempt = journal.begin_attempt(run)
        assert attempt is not None
        self._recorder = (Recorder if record else _Silent)(WORKSPACE, run, attempt)
        self._training = Training(WORKSPACE, self._recorder, recipe)
        if not record:
            backend = backends.choose("tensorflow")
            of = self._training._parts
            of.loop = backend.make_loop(of.model, of.optimizer, recipe, of.data, record=False)
        self._feed = Feed(self._training._data.training, recipe.training.batch_size)
        self._epochs = epochs
        self._epoch = 0

    def __call__(self) -> float:
        before = self._training.standing.step
        began = time.perf_counter()
        for _ in range(self._epochs):
            self._epoch += 1
            standing = self._training.standing
            standing.epoch, standing.epoch_begin = self._epoch - 1, standing.step
            self._training._begin_epoch(self._epoch)
            self._training._train_epoch(self._epoch, self._feed)
        return (self._training.standing.step - before) / (time.perf_counter() - began)


class _Same:
    """The same network and optimizer, and the same pictures, prepared beforehand as floats."""

    def __init__(self, recipe: Recipe, epochs: int) -> None:
        loaded = data.load(recipe.data, recipe.training.seed, WORKSPACE, lambda *_: None)
        self.x = (loaded.training.pictures.array().astype(np.float32) - loaded.mean) / loaded.spread
        self.y = loaded.training.labels
        self.model = build_model(plan(recipe, loaded.shape, len(loaded.classes)), recipe)
        self.optimizer = build_optimizer(recipe)
        self.loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        self.batch = recipe.training.batch_size
        self.steps = steps_in(len(self.y), self.batch)
        self.epochs = epochs


class PlainFit(_Same):
    """`model.fit` as every tutorial has it. The first epoch of a call sets things up and is left out."""

    def __init__(self, recipe: Recipe, epochs: int) -> None:
        super().__init__(recipe, epochs)
        self.model.compile(self.optimizer, self.loss, metrics=["accuracy"])

    def __call__(self) -> float:
        times: list[float] = []
        watch = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: times.append(time.perf_counter()))
        self.model.fit(self.x, self.y, batch_size=self.batch, epochs=self.epochs + 1, verbose=0, callbacks=[watch])
        return self.steps * self.epochs / (times[-1] - times[0])


class ByHand(_Same):
    """A whole epoch in one `tf.function` that keeps each step's loss and nothing else."""

    def __init__(self, recipe: Recipe, epochs: int) -> None:
        super().__init__(recipe, epochs)
        self.optimizer.build(self.model.trainable_variables)
        self._x, self._y = tf.constant(self.x), tf.constant(self.y)
        self._random = np.random.default_rng(1)
        self._whole = tf.function(self._epoch, input_signature=[tf.TensorSpec([len(self.y)], tf.int32)])

    def _epoch(self, order: tf.Tensor) -> tf.Tensor:
        losses = tf.TensorArray(tf.float32, size=self.steps)
        for step in tf.range(self.steps):
            chosen = order[step * self.batch : (step + 1) * self.batch]
            with tf.GradientTape() as tape:
                loss = self.loss(tf.gather(self._y, chosen), self.model(tf.gather(self._x, chosen), training=True))
            self.optimizer.apply(tape.gradient(loss, self.model.trainable_variables), self.model.trainable_variables)
            losses = losses.write(step, loss)
        return losses.stack()

    def __call__(self) -> float:
        began = time.perf_counter()
        for _ in range(self.epochs):
            self._whole(tf.constant(self._random.permutation(len(self.y)), tf.int32)).numpy()
        return self.steps * self.epochs / (time.perf_counter() - began)
