"""Every activation against its formula, written down here in NumPy alone."""

import math
import typing
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from tests.engine.training import recipe, train
from workbench.engine.build import build_model
from workbench.events import Ending
from workbench.network.plan import plan
from workbench.paths import Workspace
from workbench.spec.recipe import parse
from workbench.spec.vocabulary import ActivationName

pytestmark = pytest.mark.keras

Array = np.ndarray
X = np.concatenate([np.linspace(-8, 8, 63), [0.0]])


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def softplus(x: Array) -> Array:
    return np.log1p(np.exp(x))


def gauss(x: Array) -> Array:
    return np.array([0.5 * (1 + math.erf(each / math.sqrt(2))) for each in x])


#: Klambauer 2017: chosen so that mean 0 and variance 1 are a fixed point.
SCALE, ALPHA = 1.0507009873554805, 1.6732632423543772

FORMULAS: dict[str, Callable[[Array], Array]] = {
    "relu": lambda x: np.maximum(0, x),
    "leaky_relu": lambda x: np.where(x < 0, 0.2 * x, x),
    "relu6": lambda x: np.clip(x, 0, 6),
    "elu": lambda x: np.where(x < 0, np.exp(x) - 1, x),
    "selu": lambda x: SCALE * np.where(x < 0, ALPHA * (np.exp(x) - 1), x),
    "gelu": lambda x: x * gauss(x),
    "silu": lambda x: x * sigmoid(x),
    "hard_silu": lambda x: x * np.clip(x / 6 + 0.5, 0, 1),
    "mish": lambda x: x * np.tanh(softplus(x)),
    "softplus": softplus,
    "softsign": lambda x: x / (1 + np.abs(x)),
    "tanh": np.tanh,
    "sigmoid": sigmoid,
    "linear": lambda x: x,
}


def test_no_activation_is_without_a_formula() -> None:
    assert set(FORMULAS) == set(typing.get_args(ActivationName))


@pytest.mark.parametrize("name", FORMULAS)
def test_an_activation_is_its_formula(name: str) -> None:
    wanted = parse({"model": {"kind": "mlp", "depth": 1, "width": len(X), "activation": name}})
    layer = build_model(plan(wanted, (4, 4, 1), 2), wanted).get_layer("hidden1_activation")

    result = np.array(layer(X[None].astype(np.float32)))[0]

    assert result == pytest.approx(FORMULAS[name](X), rel=2e-6, abs=2e-6)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_mish_after_a_shortcut_trains_is_judged_and_predicts(workspace: Workspace, precision: str) -> None:
    wanted = recipe(
        model__kind="resnet", model__depth=8, model__width=4, model__normalization="none", model__activation="mish",
        data__limit=60, training__epochs=1, training__precision=precision,
    )  # fmt: skip

    from workbench.engine.predict import predict

    done = train(workspace, wanted)
    Image.new("L", (8, 8), 255).save(workspace.home / "picture.png")
    said = predict(workspace, done.run.id, [workspace.home / "picture.png"], workspace.home / "said")

    assert (done.ending, said.left_out) == (Ending.COMPLETED, ())


def test_without_an_activation_depth_is_one_linear_map() -> None:
    wanted = parse({"model": {"kind": "mlp", "depth": 3, "width": 7, "activation": "linear"}})
    network = build_model(plan(wanted, (3, 3, 1), 2), wanted)
    draw = np.random.default_rng(1)
    one, other = draw.standard_normal((2, 1, 3, 3, 1), dtype=np.float32)

    assert np.array(network(one + other)) == pytest.approx(np.array(network(one)) + np.array(network(other)), abs=1e-5)
