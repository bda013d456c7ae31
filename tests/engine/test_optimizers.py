import keras
import numpy as np
import pytest

from workbench.engine.build import build_model, named_variables
from workbench.engine.optimizers import OPTIMIZERS, build_optimizer
from workbench.network.plan import plan
from workbench.spec.recipe import Recipe, parse, spec_classes

pytestmark = pytest.mark.keras

RATE = 0.05


def recipe(method: str, decay: dict[str, object] | None = None, **optimizer: object) -> Recipe:
    return parse(
        {
            "model": {"kind": "cnn", "stages": 1, "width": 4, "normalization": "layer"},
            "optimizer": {"method": method, "learning_rate": RATE, **optimizer},
            "tricks": {} if decay is None else {"weight_decay": decay},
        }
    )


def test_every_optimizer_spec_has_a_builder() -> None:
    assert set(OPTIMIZERS) == set(spec_classes("optimizer").values())


#: Settings with which a method keeps more or fewer numbers than it does as it comes.
OTHER_SLOTS = [
    ("sgd", {"momentum": 0.0}), ("adam", {"amsgrad": True}), ("adamw", {"amsgrad": True}), ("rmsprop", {"momentum": 0.5}),
    ("rmsprop", {"centered": True, "momentum": 0.5}),
]  # fmt: skip


@pytest.mark.parametrize(("method", "settings"), [*((each, {}) for each in spec_classes("optimizer")), *OTHER_SLOTS])
def test_an_optimizer_keeps_as_many_numbers_a_weight_as_the_estimate_of_memory_says(
    method: str, settings: dict[str, object]
) -> None:
    wanted = recipe(method, **settings)
    # Muon keeps most for convolutions, Adafactor for anything but them.
    kernel = keras.Variable(np.ones((5, 5, 20, 20) if method == "muon" else (100, 100)), name="kernel")
    optimizer = build_optimizer(wanted)
    optimizer.build([kernel])
    kept = sum(np.prod(each.shape, dtype=int) for each in optimizer.variables)

    assert wanted.optimizer.slots * 10_000 <= kept <= wanted.optimizer.slots * 10_000 + 300


# --- what all have in common -----------------------------------------------------------------------


@pytest.mark.parametrize("method", sorted(spec_classes("optimizer")))
def test_no_optimizer_breaks_on_weights_whose_gradient_is_0(method: str) -> None:
    # Units that are dead, and what leads to them: a row and a column without any gradient
    gradient = np.full((3, 3), 0.1)
    gradient[0], gradient[:, 1] = 0.0, 0.0
    kernel = keras.Variable(np.full((3, 3), 0.3), dtype="float32", name="kernel")
    bias = keras.Variable(np.zeros(3), dtype="float32", name="bias")
    optimizer = build_optimizer(recipe(method))
    optimizer.build([kernel, bias])
    for _ in range(50):
        optimizer.apply(
            [keras.ops.convert_to_tensor(each, "float32") for each in (gradient, gradient[0])], [kernel, bias]
        )

    assert np.isfinite(keras.ops.convert_to_numpy(kernel)).all()
    assert np.isfinite(keras.ops.convert_to_numpy(bias)).all()


def test_the_rate_can_be_set_before_each_step() -> None:
    optimizer = build_optimizer(recipe("sgd", momentum=0.0))
    place = keras.Variable([1.0], name="kernel")
    optimizer.build([place])
    optimizer.learning_rate = 0.25
    optimizer.apply([keras.ops.ones(1)], [place])

    assert float(place[0]) == 0.75
    assert int(optimizer.iterations) == 1


# --- weight decay ----------------------------------------------------------------------------------


def shrunk(wanted: Recipe) -> dict[str, float]:
    """By which share each variable of a real model shrank in a step without gradient."""
    network = build_model(plan(wanted, (8, 8, 1), 3), wanted)
    variables = network.trainable_variables
    for variable in variables:
        variable.assign(keras.ops.ones_like(variable))
    optimizer = build_optimizer(wanted)
    optimizer.build(variables)
    optimizer.apply([keras.ops.zeros_like(variable) for variable in variables], variables)
    return {name: 1 - float(keras.ops.mean(each)) for name, each in named_variables(network).items()}


@pytest.mark.parametrize("method", ["sgd", "adam", "rmsprop"])
def test_only_kernels_decay(method: str) -> None:
    found = shrunk(recipe(method, {"rate": 0.4}))

    assert {name for name, share in found.items() if share} == {
        "stage1_conv1/kernel", "head_dense/kernel", "logits/kernel",
    }  # fmt: skip
    assert found["logits/kernel"] == pytest.approx(RATE * 0.4, rel=1e-4)
    assert set(found) > {"stage1_conv1/bias", "stage1_conv1_norm/gamma", "stage1_conv1_norm/beta", "logits/bias"}


def test_adamw_leaves_the_same_variables_alone() -> None:
    found = shrunk(recipe("adamw", weight_decay=0.4))

    assert all((share > 0) == name.endswith("/kernel") for name, share in found.items())


def test_everything_decays_when_asked() -> None:
    found = shrunk(recipe("adam", {"rate": 0.4, "everything": True}))

    assert all(share == pytest.approx(RATE * 0.4, rel=1e-4) for share in found.values())


@pytest.mark.parametrize("trick", [None, {"on": False, "rate": 0.4}])
def test_nothing_decays_when_the_trick_is_off(trick: dict[str, object] | None) -> None:
    assert not any(shrunk(recipe("adam", trick)).values())


def test_variables_of_the_optimizer_bear_the_same_names_every_time() -> None:
    def names() -> list[str]:
        wanted = recipe("adam")
        optimizer = build_optimizer(wanted)
        optimizer.build(build_model(plan(wanted, (8, 8, 1), 3), wanted).trainable_variables)
        return [variable.path for variable in optimizer.variables]

    assert names() == names()
