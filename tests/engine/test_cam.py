"""Grad-CAM against a reference of its own, and what layers are and give."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers as kl

from workbench.engine.results.cam import grad_cam, last_maps, layers_with_maps, scaled
from workbench.engine.results.layers import activations, filters
from workbench.errors import EngineError

pytestmark = pytest.mark.keras

RANDOM = np.random.default_rng(5)
PICTURES = RANDOM.normal(0, 1, (4, 9, 9, 2)).astype(np.float32)
CLASSES = np.array([0, 2, 1, 2])


@pytest.fixture
def model() -> keras.Model:
    """Two convolutions with a short cut, and a head with a hidden layer: no answer is linear in any layer's maps."""
    picture = keras.Input((9, 9, 2))
    first = kl.Conv2D(5, 3, padding="same", activation="relu", name="first", kernel_initializer=_drawn(1))(picture)
    second = kl.Conv2D(5, 3, padding="same", name="second", kernel_initializer=_drawn(2))(first)
    both = kl.Activation("relu", name="last")(kl.Add(name="sum")([first, second]))
    pooled = kl.Dense(6, activation="tanh", name="hidden", kernel_initializer=_drawn(3))(kl.Flatten(name="flat")(both))
    return keras.Model(picture, kl.Dense(3, name="head", kernel_initializer=_drawn(4))(pooled))


def _drawn(seed: int) -> keras.initializers.Initializer:
    return keras.initializers.RandomNormal(0.0, 0.4, seed=seed)


def reference(model: keras.Model, picture: np.ndarray, number: int, name: str) -> np.ndarray:
    """Selvaraju's equations 1 and 2, one picture and one place at a time: slopes by central differences, in float64."""
    weight = {each.path: each.numpy().astype(np.float64) for each in model.weights}

    def convolved(maps: np.ndarray, layer: str) -> np.ndarray:
        kernel, padded = weight[f"{layer}/kernel"], np.pad(maps, ((1, 1), (1, 1), (0, 0)))
        return np.array([
            [np.einsum("abc,abck->k", padded[row : row + 3, column : column + 3], kernel) for column in range(9)] for row in range(9)
        ]) + weight[f"{layer}/bias"]  # fmt: skip

    def head(maps: np.ndarray) -> float:
        hidden = np.tanh(maps.ravel() @ weight["hidden/kernel"] + weight["hidden/bias"])
        return float((hidden @ weight["head/kernel"] + weight["head/bias"])[number])

    first = np.maximum(convolved(picture.astype(np.float64), "first"), 0)
    second = convolved(first, "second")
    if name == "last":
        maps, score = np.maximum(first + second, 0), head
    else:  # the short cut carries the first layer's maps past this one
        maps, score = second, lambda moved: head(np.maximum(first + moved, 0))
    alphas = np.zeros(maps.shape[-1])
    for place in np.ndindex(maps.shape):
        step = np.zeros_like(maps)
        step[place] = 1e-5
        alphas[place[2]] += (score(maps + step) - score(maps - step)) / 2e-5 / (maps.shape[0] * maps.shape[1])
    return np.maximum((maps * alphas).sum(axis=-1), 0)


@pytest.mark.parametrize("layer", ["last", "second"])
def test_it_is_what_the_paper_says_of_the_last_maps_and_of_a_chosen_layer(model: keras.Model, layer: str) -> None:
    ours = grad_cam(model, PICTURES, CLASSES, "" if layer == "last" else layer)
    assert ours.max() > 0.01
    for found, picture, number in zip(ours, PICTURES, CLASSES, strict=True):
        np.testing.assert_allclose(found, reference(model, picture, int(number), layer), rtol=2e-3, atol=2e-6)


def test_a_plain_tape_over_one_picture_gives_the_same(model: keras.Model) -> None:
    both = keras.Model(model.input, [model.get_layer("last").output, model.output])
    for place, number in enumerate(CLASSES):
        with tf.GradientTape() as tape:
            maps, logits = both(PICTURES[place : place + 1])
            output = logits[0, int(number)]
        slopes = tape.gradient(output, maps).numpy()[0]
        theirs = np.maximum(maps.numpy()[0] @ slopes.mean(axis=(0, 1)), 0)
        np.testing.assert_allclose(
            grad_cam(model, PICTURES[place : place + 1], [number])[0], theirs, rtol=1e-4, atol=1e-6
        )


def test_of_a_frozen_network_it_is_the_same(model: keras.Model) -> None:
    learning = grad_cam(model, PICTURES, CLASSES)
    model.trainable = False
    np.testing.assert_allclose(grad_cam(model, PICTURES, CLASSES), learning, rtol=1e-5)


def test_a_pictures_map_does_not_depend_on_those_beside_it_and_another_class_gives_another(model: keras.Model) -> None:
    together = grad_cam(model, PICTURES, CLASSES)
    np.testing.assert_allclose(grad_cam(model, PICTURES[2:3], CLASSES[2:3])[0], together[2], rtol=1e-4, atol=1e-7)
    assert np.abs(grad_cam(model, PICTURES[2:3], [0])[0] - together[2]).max() > 0.01


def test_scaled_maps_reach_1_and_a_map_of_zeros_stays_one() -> None:
    found = scaled(np.array([[[0.0, 0.5]], [[0.0, 0.0]]], np.float32))
    assert found.tolist() == [[[0.0, 1.0]], [[0.0, 0.0]]]


def test_layers_with_maps_are_named_and_others_refused(model: keras.Model) -> None:
    assert layers_with_maps(model) == ("first", "second", "sum", "last")
    assert last_maps(model) == "last"
    with pytest.raises(EngineError, match=r"'hidden' gives no maps\. Choose one of first, second, sum, last"):
        grad_cam(model, PICTURES, CLASSES, "hidden")
    with pytest.raises(EngineError, match="no layer 'third'"):
        grad_cam(model, PICTURES, CLASSES, "third")
    flat = keras.Sequential([keras.Input((9, 9, 2)), kl.Flatten(), kl.Dense(3)])
    with pytest.raises(EngineError, match="has no maps to look at"):
        grad_cam(flat, PICTURES, CLASSES)


def test_activations_are_what_the_layer_gives_and_filters_its_kernel(model: keras.Model) -> None:
    kernel = filters(model, "first")
    assert kernel is not None
    assert kernel.shape == (3, 3, 2, 5)
    maps = activations(model, PICTURES, "first")
    middle = np.einsum("abc,abck->k", PICTURES[1, 3:6, 4:7], kernel)
    np.testing.assert_allclose(maps[1, 4, 5], np.maximum(middle, 0), rtol=1e-4, atol=1e-5)
    assert activations(model, PICTURES, "hidden").shape == (4, 6)
    assert filters(model, "hidden") is None
    assert filters(model, "sum") is None
    with pytest.raises(EngineError, match="no layer 'third'"):
        filters(model, "third")
