"""Our ImageNet forms are those of keras.applications: the same weights in the same order give the same numbers."""

from collections.abc import Callable

import keras
import numpy as np
import pytest

from workbench.engine.build import build_model
from workbench.engine.imagenet import PRETRAINED
from workbench.network.plan import plan
from workbench.spec.recipe import parse

pytestmark = pytest.mark.keras

SHAPE = (64, 64, 3)


def ours(classes: int, **model: object) -> keras.Model:
    # Its own start does not matter here, and zeros are drawn at once.
    recipe = parse({"model": model, "initializer": {"kind": "zeros"}})
    return build_model(plan(recipe, SHAPE, classes), recipe)


def shapes(model: keras.Model) -> list[tuple[str, tuple[int, ...]]]:
    return [(each.name, tuple(each.shape)) for each in model.weights]


@pytest.mark.parametrize(
    ("model", "theirs", "total"),
    [
        ({"kind": "resnet_imagenet", "variant": "resnet50"}, keras.applications.ResNet50, 25_636_712),
        ({"kind": "densenet_imagenet", "variant": "densenet121"}, keras.applications.DenseNet121, 8_062_504),
    ],
    ids=["resnet50", "densenet121"],
)
def test_names_shapes_order_and_results_are_those_of_keras_applications(
    model: dict[str, object], theirs: Callable[..., keras.Model], total: int
) -> None:
    wanted = theirs(weights=None, input_shape=SHAPE, classes=1000, classifier_activation=None)
    network = ours(1000, **model)

    assert network.count_params() == wanted.count_params() == total
    assert shapes(network) == shapes(wanted)
    # The table of names by which their files are read leads to the same layers.
    ours_of = PRETRAINED[str(model["variant"])].ours
    for layer in wanted.layers:
        if layer.weights and layer.name != "predictions":
            mine = network.get_layer(ours_of(layer.name))
            assert [tuple(each.shape) for each in mine.weights] == [tuple(each.shape) for each in layer.weights], (
                layer.name
            )

    # Norms that do something: another shift, scale, mean and variance for every channel.
    draw = np.random.default_rng(7)
    weights = [
        value + draw.uniform(0.0, 0.2, value.shape).astype(np.float32) if value.ndim == 1 else value
        for value in wanted.get_weights()
    ]
    wanted.set_weights(weights)
    network.set_weights(weights)
    pictures = draw.standard_normal((2, *SHAPE), dtype=np.float32)
    result, expected = (np.array(each(pictures, training=False)) for each in (network, wanted))

    # They add 1.001e-5 to a variance, we 1e-5.
    assert np.abs(expected).max() > 0.01
    assert np.abs(result - expected).max() < 1e-4 * np.abs(expected).max()
