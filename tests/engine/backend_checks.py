"""Run by test_backend_pieces in a process of its own for each backend: what must hold inside a compiled step.

Prints one line for each check that held; a check that does not ends the process.
"""

import os
import sys
from collections.abc import Callable

import keras
import numpy as np
from keras import ops

from workbench.engine.augment import drawing as augment
from workbench.engine.augment import moving
from workbench.engine.build import build_model, named_variables
from workbench.engine.optimizers import build_optimizer
from workbench.engine.shortcut import PadShortcutLayer
from workbench.engine.tricks.clipping import clip
from workbench.network.plan import plan
from workbench.spec.recipe import parse
from workbench.spec.tricks import GradientClipping

BACKEND = keras.backend.backend()


def compiled(function: Callable[..., object]) -> Callable[..., object]:
    """As the loop of this backend runs it; on TensorFlow in a while loop with a batch of unknown size."""
    if BACKEND == "jax":
        import jax

        return jax.jit(function)
    if BACKEND == "tensorflow":
        return looped(function)
    return function


def looped(function: Callable[..., object]) -> Callable[..., object]:
    import tensorflow as tf

    def body(pixels: tf.Tensor, draws: tf.Tensor) -> tf.Tensor:
        def step(number: tf.Tensor, parts: tf.TensorArray) -> tuple[tf.Tensor, tf.TensorArray]:
            here = slice(number * 3, tf.minimum(number * 3 + 3, tf.shape(pixels)[0]))
            return number + 1, parts.write(number, function(pixels[here], draws[here]))

        steps = (tf.shape(pixels)[0] + 2) // 3
        parts = tf.TensorArray(tf.uint8, steps, infer_shape=False, element_shape=[None, *pixels.shape[1:]])
        return tf.while_loop(lambda number, _: number < steps, step, (0, parts))[1].concat()

    shapes = [tf.TensorSpec([None, 9, 7, 3], tf.uint8), tf.TensorSpec([None, augment.COLUMNS], tf.int32)]
    return tf.function(body, input_signature=shapes, autograph=False)


def moved(pixels: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """The plain loop that augmentation must equal."""
    result = np.zeros_like(pixels)
    for number, (flip, down, right) in enumerate(draws):
        picture = pixels[number, :, ::-1] if flip else pixels[number]
        for row, column in np.ndindex(picture.shape[:2]):
            if 0 <= row + down < picture.shape[0] and 0 <= column + right < picture.shape[1]:
                result[number, row + down, column + right] = picture[row, column]
    return result


def augmentation() -> None:
    recipe = parse({"tricks": {"augmentation": {"shift": 8}}})
    pixels = np.random.default_rng(0).integers(1, 256, (20, 9, 7, 3), dtype=np.uint8)
    draws = augment.draws(recipe, 1, 1, 20)
    found = compiled(moving.apply)(ops.convert_to_tensor(pixels), ops.convert_to_tensor(draws))
    assert keras.backend.standardize_dtype(found.dtype) == "uint8"
    assert np.array_equal(ops.convert_to_numpy(found), moved(pixels, draws))


def clipping() -> None:
    gradients = [ops.convert_to_tensor([3.0, -4.0]), ops.convert_to_tensor([[12.0]])]
    for by, expected in (("value", [2.0, -2.0]), ("norm", [1.2, -1.6]), ("global_norm", [6 / 13, -8 / 13])):
        found = clip(gradients, GradientClipping(on=True, by=by, limit=2.0))
        assert np.allclose(ops.convert_to_numpy(found[0]), expected), by


def shortcut() -> None:
    maps = np.random.default_rng(0).standard_normal((2, 5, 4, 3), dtype=np.float32)
    result = ops.convert_to_numpy(PadShortcutLayer(7, 2)(ops.convert_to_tensor(maps)))
    assert np.array_equal(result[..., :3], maps[:, ::2, ::2])
    assert result.shape == (2, 3, 2, 7)
    assert not result[..., 3:].any()


def dropout() -> None:
    """After n steps the state is [seed, n]."""
    recipe = parse({"model": {"kind": "mlp", "depth": 1}, "tricks": {"dropout": {}}})
    network = build_model(plan(recipe, (8, 8, 1), 4), recipe)
    state = named_variables(network)["hidden1_dropout/seed_generator_state"]
    seed = int(ops.convert_to_numpy(state)[0])
    for _ in range(3):
        logits = network(ops.ones((2, 8, 8, 1)), training=True)
    assert tuple(logits.shape) == (2, 4)
    assert ops.convert_to_numpy(state).tolist() == [seed, 3]


def decay() -> None:
    recipe = parse({"model": {"kind": "mlp", "depth": 1}, "tricks": {"weight_decay": {"rate": 0.5}}})
    network = build_model(plan(recipe, (8, 8, 1), 3), recipe)
    for variable in network.trainable_variables:
        variable.assign(np.ones(variable.shape, np.float32))
    optimizer = build_optimizer(recipe)
    optimizer.build(network.trainable_variables)
    optimizer.apply(
        [ops.zeros(variable.shape) for variable in network.trainable_variables], network.trainable_variables
    )
    for name, variable in named_variables(network).items():
        share = 1 - float(ops.convert_to_numpy(variable).mean())
        assert np.isclose(share, 0.5e-3 if name.endswith("/kernel") else 0, rtol=1e-3), name


assert os.environ["KERAS_BACKEND"] == BACKEND
for check in (augmentation, clipping, shortcut, dropout, decay):
    check()
    sys.stdout.write(f"{check.__name__}\n")
