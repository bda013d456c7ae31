"""Run by test_backend_pieces in a process of its own for each backend: what must hold inside a compiled step.

Prints one line for each check that held; a check that does not ends the process.
"""

import os
import sys
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from tests.engine.augment import plain
from workbench.engine.augment import Augmenter
from workbench.engine.augment.moves import Move, Moves
from workbench.engine.build import build_model, named_variables
from workbench.engine.optimizers import build_optimizer
from workbench.engine.shortcut import PadShortcutLayer
from workbench.engine.tricks.clipping import clip
from workbench.network.plan import plan
from workbench.spec.recipe import parse
from workbench.spec.tricks import GradientClipping

BACKEND = keras.backend.backend()


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """As the loop of this backend runs it: pictures and draws, a batch of unknown size on TensorFlow."""
    if BACKEND == "jax":
        import jax

        return jax.jit(function)
    if BACKEND == "tensorflow":
        return looped(function)
    return function


def looped(function: Callable[..., Any]) -> Callable[..., Any]:
    """In a compiled loop, three pictures at a time."""
    import tensorflow as tf

    @tf.function(autograph=False, reduce_retracing=False)
    def body(pixels: tf.Tensor, draws: tf.Tensor) -> tf.Tensor:
        def step(number: tf.Tensor, parts: tf.TensorArray) -> tuple[tf.Tensor, tf.TensorArray]:
            here = slice(number * 3, tf.minimum(number * 3 + 3, tf.shape(pixels)[0]))
            return number + 1, parts.write(number, tf.cast(function(pixels[here], draws[here]), tf.float32))

        steps = (tf.shape(pixels)[0] + 2) // 3
        parts = tf.TensorArray(tf.float32, steps, infer_shape=False)
        return tf.while_loop(lambda number, _: number < steps, step, (0, parts))[1].concat()

    def with_unknown_size(pixels: tf.Tensor, draws: tf.Tensor) -> tf.Tensor:
        kinds = [tf.TensorSpec([None, *each.shape[1:]], each.dtype) for each in (pixels, draws)]
        return body.get_concrete_function(*kinds)(pixels, draws)

    return with_unknown_size


SHAPE = (9, 7, 3)
EVERYTHING = {
    "flip_vertical": 0.5, "shift": 2, "rotation": 30.0, "zoom": 0.3, "brightness": 0.2, "contrast": 0.3, "noise": 5.0,
    "erasing": 0.7,
}  # fmt: skip


def augmenter(augmentation: dict[str, Any]) -> tuple[Augmenter, Moves, np.ndarray, np.ndarray]:
    """The augmentation, its moves, 20 pictures and their draws; the network sees 5 × 5."""
    recipe = parse({"data": {"crop": 5}, "tricks": {"augmentation": augmentation}})
    pixels = np.random.default_rng(0).integers(1, 256, (20, *SHAPE), dtype=np.uint8)
    made = Augmenter(recipe, SHAPE, outside=255)
    return made, Moves(recipe.tricks.augmentation, SHAPE[:2], 5), pixels, made.draws(1, 1, 20)


def augmentation() -> None:
    """Flip, shift and crop are exact, masks too."""
    made, moves, pixels, draws = augmenter({"shift": 8})
    tensors = ops.convert_to_tensor(pixels), ops.convert_to_tensor(draws)
    drawn = moves.drawn(1, 1, 20, 0)
    assert keras.backend.standardize_dtype(made.apply(*tensors).dtype) == "uint8"
    assert np.array_equal(ops.convert_to_numpy(compiled(made.apply)(*tensors)), plain.moved(pixels, drawn, (5, 5)))
    masks = pixels[..., 0].astype(np.int32)
    found = compiled(lambda labels, draws: made.apply(labels[..., None], draws, labels)[1])(
        ops.convert_to_tensor(masks), tensors[1]
    )
    assert np.array_equal(ops.convert_to_numpy(found), plain.moved(masks, drawn, (5, 5), 255))


def changes() -> None:
    """Everything at once, against the same written plainly."""
    made, moves, pixels, draws = augmenter(EVERYTHING)
    found = compiled(made.apply)(ops.convert_to_tensor(pixels), ops.convert_to_tensor(draws))
    drawn = moves.drawn(1, 1, 20, 0)
    pools = [np.asarray(ops.convert_to_numpy(part._pool), float) for part in (made._colours, made._erasing)]
    expected = np.stack([changed(pixels[at], draws[at], drawn, at, pools) for at in range(20)])
    assert np.allclose(ops.convert_to_numpy(found), expected, atol=0.05)


def changed(picture: np.ndarray, draws: np.ndarray, move: Move, at: int, pools: list[np.ndarray]) -> np.ndarray:
    noise, wiped = pools
    factor, added, sigma, row, *corners, wiped_row = draws[6:]
    seen = np.stack(
        [[plain.sampled(picture, *plain.came_from((i, j), move, at, (5, 5))) for j in range(5)] for i in range(5)]
    )
    seen = seen + factor * (seen - seen.mean((0, 1))) + added + sigma * noise[int(row) : int(row) + 5]
    return plain.erased(np.clip(seen, 0, 255), np.array(corners), wiped[int(wiped_row) : int(wiped_row) + 5])


def mixing() -> None:
    recipe = parse({"tricks": {"mixup": {"alpha": 1.0}, "cutmix": {"probability": 1.0}}})
    pixels = np.random.default_rng(0).integers(0, 256, (20, *SHAPE), dtype=np.uint8)
    made = Augmenter(recipe, SHAPE)
    draws = made.draws(1, 1, 20)
    tensors = ops.convert_to_tensor(pixels), ops.convert_to_tensor(draws)
    found, partner, share = (ops.convert_to_numpy(each) for each in made.mix(*tensors))
    assert partner.tolist() == np.argsort(draws[:, 0], kind="stable").tolist()
    for at, (_, weight, *corners) in enumerate(draws):
        other = pixels[partner[at]].astype(float)
        expected = plain.erased(weight * pixels[at] + (1 - weight) * other, np.array(corners), other)
        assert np.allclose(found[at], expected, atol=1e-3)
        area = (corners[1] - corners[0]) * (corners[3] - corners[2])
        assert np.isclose(share[at], weight * (1 - area / 63), atol=1e-6)


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
for check in (augmentation, changes, mixing, clipping, shortcut, dropout, decay):
    check()
    sys.stdout.write(f"{check.__name__}\n")
