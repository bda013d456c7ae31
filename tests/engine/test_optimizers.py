import keras
import numpy as np
import pytest

from workbench.engine.build import build_model, named_variables
from workbench.engine.optimizers import OPTIMIZERS, build_optimizer
from workbench.network.plan import plan
from workbench.spec.recipe import Recipe, parse, spec_classes

pytestmark = pytest.mark.keras

RATE = 0.05
#: f(x) = ½ xᵀ·diag(CURVES)·x, so ∇f(x) = CURVES·x
CURVES = np.array([1.0, 10.0])
START = np.array([2.0, -1.0])


def recipe(method: str, decay: dict[str, object] | None = None, **optimizer: object) -> Recipe:
    return parse(
        {
            "model": {"kind": "cnn", "stages": 1, "width": 4, "normalization": "layer"},
            "optimizer": {"method": method, "learning_rate": RATE, **optimizer},
            "tricks": {} if decay is None else {"weight_decay": decay},
        }
    )


def descent(wanted: Recipe, steps: int = 6, penalty: float = 0.0) -> list[np.ndarray]:
    """The places the optimizer passes on the quadratic, the start first."""
    place = keras.Variable(START, dtype="float32", name="kernel")
    optimizer = build_optimizer(wanted)
    optimizer.build([place])
    places = [START]
    for _ in range(steps):
        gradient = (CURVES + penalty) * keras.ops.convert_to_numpy(place)
        optimizer.apply([keras.ops.convert_to_tensor(gradient, "float32")], [place])
        places.append(keras.ops.convert_to_numpy(place))
    return places


def same(found: list[np.ndarray], expected: list[np.ndarray]) -> bool:
    return np.allclose(found, expected, rtol=2e-5, atol=1e-6)


def test_every_optimizer_spec_has_a_builder() -> None:
    assert set(OPTIMIZERS) == set(spec_classes("optimizer").values())


# --- against the papers' formulas ------------------------------------------------------------------


def test_sgd_without_momentum_is_gradient_descent() -> None:
    expected = [START]
    for _ in range(6):
        expected.append(expected[-1] - RATE * CURVES * expected[-1])

    assert same(descent(recipe("sgd", momentum=0.0)), expected)


def test_momentum_is_polyak_s_heavy_ball() -> None:
    places = [START, START]
    for _ in range(6):
        before, now = places[-2:]
        places.append(now - RATE * CURVES * now + 0.9 * (now - before))

    assert same(descent(recipe("sgd", momentum=0.9)), places[1:])


def test_nesterov_is_his_rule_seen_from_where_the_gradient_is_taken() -> None:
    # x₊ = x − η∇f(x + β(x − x₋)) + β(x − x₋); Keras keeps y = x + β(x − x₋) instead of x.
    beta = 0.9
    places, looked = [START, START], [START]
    for _ in range(6):
        before, now = places[-2:]
        ahead = now + beta * (now - before)
        places.append(ahead - RATE * CURVES * ahead)
        looked.append(places[-1] + beta * (places[-1] - now))

    assert same(descent(recipe("sgd", momentum=beta, nesterov=True)), looked)


def adam(steps: int, decay: float = 0.0) -> list[np.ndarray]:
    """Kingma & Ba 2015, section 2, with ε beside the uncorrected root (ε-hat); decay as in Loshchilov & Hutter 2019."""
    beta_1, beta_2, epsilon = 0.8, 0.95, 1e-7
    places, mean, square = [START], np.zeros(2), np.zeros(2)
    for step in range(1, steps + 1):
        gradient = CURVES * places[-1]
        mean = beta_1 * mean + (1 - beta_1) * gradient
        square = beta_2 * square + (1 - beta_2) * gradient**2
        size = RATE * np.sqrt(1 - beta_2**step) / (1 - beta_1**step)
        places.append(places[-1] * (1 - RATE * decay) - size * mean / (np.sqrt(square) + epsilon))
    return places


def test_adam_is_the_paper_s_rule() -> None:
    assert same(descent(recipe("adam", beta_1=0.8, beta_2=0.95)), adam(6))


def test_adamw_decays_apart_from_the_gradient() -> None:
    assert same(descent(recipe("adamw", beta_1=0.8, beta_2=0.95, weight_decay=0.3)), adam(6, decay=0.3))


def test_adam_with_the_trick_is_adamw() -> None:
    assert same(descent(recipe("adam", {"rate": 0.3}, beta_1=0.8, beta_2=0.95)), adam(6, decay=0.3))


def test_rmsprop_divides_by_the_running_size_of_the_gradient() -> None:
    places, square, speed = [START], np.zeros(2), np.zeros(2)
    for _ in range(6):
        gradient = CURVES * places[-1]
        square = 0.8 * square + 0.2 * gradient**2
        speed = 0.5 * speed + RATE * gradient / np.sqrt(square + 1e-7)
        places.append(places[-1] - speed)

    assert same(descent(recipe("rmsprop", rho=0.8, momentum=0.5)), places)


def test_the_rate_can_be_set_before_each_step() -> None:
    optimizer = build_optimizer(recipe("sgd", momentum=0.0))
    place = keras.Variable([1.0], name="kernel")
    optimizer.build([place])
    optimizer.learning_rate = 0.25
    optimizer.apply([keras.ops.ones(1)], [place])

    assert float(place[0]) == 0.75
    assert int(optimizer.iterations) == 1


# --- weight decay ----------------------------------------------------------------------------------


def test_decay_with_sgd_is_a_shrunk_weight_minus_the_step() -> None:
    expected = [START]
    for _ in range(6):
        expected.append((1 - RATE * 0.4) * expected[-1] - RATE * CURVES * expected[-1])

    assert same(descent(recipe("sgd", {"rate": 0.4}, momentum=0.0)), expected)


def test_decay_is_an_l2_penalty_for_plain_sgd_and_is_none_with_momentum_or_adam() -> None:
    def alike(method: str, **optimizer: object) -> bool:
        decayed = descent(recipe(method, {"rate": 0.4}, **optimizer))
        return same(decayed, descent(recipe(method, **optimizer), penalty=0.4))

    assert alike("sgd", momentum=0.0)
    assert not alike("sgd", momentum=0.9)
    assert not alike("adam")


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
