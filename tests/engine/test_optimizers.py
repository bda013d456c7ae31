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


@pytest.mark.parametrize("method", sorted(spec_classes("optimizer")))
def test_an_optimizer_keeps_as_many_numbers_a_weight_as_the_estimate_of_memory_says(method: str) -> None:
    wanted = recipe(method)
    kernel = keras.Variable(np.ones((100, 100)), name="kernel")
    optimizer = build_optimizer(wanted)
    optimizer.build([kernel])
    kept = sum(np.prod(each.shape, dtype=int) for each in optimizer.variables)

    assert wanted.optimizer.SLOTS * 10_000 <= kept <= wanted.optimizer.SLOTS * 10_000 + 300


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


STEPS = 50


def test_amsgrad_never_forgets_the_largest_size() -> None:
    # Reddi 2018 with Adam's bias corrections, as Keras has it
    places, mean, square, largest = [START], np.zeros(2), np.zeros(2), np.zeros(2)
    for step in range(1, STEPS + 1):
        gradient = CURVES * places[-1]
        mean = 0.8 * mean + 0.2 * gradient
        square = 0.95 * square + 0.05 * gradient**2
        largest = np.maximum(largest, square)
        size = RATE * np.sqrt(1 - 0.95**step) / (1 - 0.8**step)
        places.append(places[-1] - size * mean / (np.sqrt(largest) + 1e-7))

    assert same(descent(recipe("adam", beta_1=0.8, beta_2=0.95, amsgrad=True), STEPS), places)


def adagrad(start: float, *, under_the_root: bool) -> list[np.ndarray]:
    """Duchi 2011; Keras adds ε under the root and starts the sum at 0.1."""
    places, total = [START], np.full(2, start)
    for _ in range(STEPS):
        gradient = CURVES * places[-1]
        total = total + gradient**2
        root = np.sqrt(total + 1e-7) if under_the_root else np.sqrt(total) + 1e-7
        places.append(places[-1] - RATE * gradient / root)
    return places


def test_adagrad_divides_by_the_root_of_all_squares() -> None:
    assert same(descent(recipe("adagrad"), STEPS), adagrad(0.1, under_the_root=True))


def test_adagrad_that_starts_at_0_is_the_paper_s_to_a_millionth() -> None:
    found = descent(recipe("adagrad", initial_accumulator=0.0), STEPS)

    assert np.allclose(found, adagrad(0.0, under_the_root=False), rtol=1e-5, atol=2e-6)
    assert not same(found, adagrad(0.1, under_the_root=True)), "Keras' start is something else"


def test_adadelta_is_zeiler_s_algorithm_1_at_a_rate_of_1() -> None:
    places, squares, steps = [START], np.zeros(2), np.zeros(2)
    for _ in range(STEPS):
        gradient = CURVES * places[-1]
        squares = 0.9 * squares + 0.1 * gradient**2
        step = -np.sqrt(steps + 1e-6) / np.sqrt(squares + 1e-6) * gradient
        steps = 0.9 * steps + 0.1 * step**2
        places.append(places[-1] + step)

    assert same(descent(recipe("adadelta", learning_rate=1.0, rho=0.9), STEPS), places)


def adamax(epsilon: float) -> list[np.ndarray]:
    """Kingma & Ba 2015, algorithm 2; the paper has no ε, Keras adds one to the largest gradient."""
    places, mean, largest = [START], np.zeros(2), np.zeros(2)
    for step in range(1, STEPS + 1):
        gradient = CURVES * places[-1]
        mean = 0.8 * mean + 0.2 * gradient
        largest = np.maximum(0.95 * largest, np.abs(gradient))
        places.append(places[-1] - RATE / (1 - 0.8**step) * mean / (largest + epsilon))
    return places


def test_adamax_divides_by_the_largest_recent_gradient() -> None:
    found = descent(recipe("adamax", beta_1=0.8, beta_2=0.95), STEPS)

    assert same(found, adamax(1e-7))
    assert np.allclose(found, adamax(0.0), rtol=1e-4, atol=1e-5), "ε keeps it near the paper"


def test_nadam_is_dozat_s_algorithm_with_his_warming_momentum() -> None:
    places, mean, square, product = [START], np.zeros(2), np.zeros(2), 1.0

    def momentum(step: int) -> float:
        return 0.8 * (1 - 0.5 * 0.96**step)

    for step in range(1, STEPS + 1):
        gradient = CURVES * places[-1]
        mean = 0.8 * mean + 0.2 * gradient
        square = 0.95 * square + 0.05 * gradient**2
        product *= momentum(step)
        ahead = momentum(step + 1) * mean / (1 - product * momentum(step + 1))
        ahead = ahead + (1 - momentum(step)) * gradient / (1 - product)
        places.append(places[-1] - RATE * ahead / (np.sqrt(square / (1 - 0.95**step)) + 1e-7))

    assert same(descent(recipe("nadam", beta_1=0.8, beta_2=0.95), STEPS), places)


def test_lion_steps_by_the_sign_of_an_interpolated_mean() -> None:
    # Chen 2023, algorithm 2; few steps of an odd size, so that no sign hangs on the last digit
    places, mean = [START], np.zeros(2)
    for _ in range(12):
        gradient = CURVES * places[-1]
        places.append(places[-1] - 0.037 * np.sign(0.8 * mean + 0.2 * gradient))
        mean = 0.95 * mean + 0.05 * gradient

    assert same(descent(recipe("lion", learning_rate=0.037, beta_1=0.8, beta_2=0.95), 12), places)


def test_lamb_is_adam_at_the_length_of_the_weights() -> None:
    # You 2020, algorithm 2, without weight decay and with φ(z) = z
    places, mean, square = [START], np.zeros(2), np.zeros(2)
    for step in range(1, STEPS + 1):
        gradient = CURVES * places[-1]
        mean = 0.8 * mean + 0.2 * gradient
        square = 0.95 * square + 0.05 * gradient**2
        update = mean / (1 - 0.8**step) / (np.sqrt(square / (1 - 0.95**step)) + 1e-7)
        ratio = np.linalg.norm(places[-1]) / np.linalg.norm(update)
        places.append(places[-1] - RATE * ratio * update)

    assert same(descent(recipe("lamb", beta_1=0.8, beta_2=0.95), STEPS), places)


@pytest.mark.parametrize(
    ("l1", "l2", "beta", "shrinkage", "power"),
    [
        (0.0, 0.0, 0.0, 0.0, -0.5),
        (0.3, 0.0, 0.0, 0.0, -0.5),
        (0.0, 0.2, 0.5, 0.0, -0.5),
        (0.0, 0.0, 0.0, 0.4, -0.5),
        (0.1, 0.0, 0.0, 0.0, -0.8),
        (0.0, 0.0, 0.0, 0.0, 0.0),
    ],
)
def test_ftrl_proximal_is_mcmahan_s_algorithm_1(
    l1: float, l2: float, beta: float, shrinkage: float, power: float
) -> None:
    # In the paper λ₂ multiplies ½‖θ‖², in Keras ‖θ‖²: hence the 2s. The paper's sum starts at 0 and its power is -½;
    # shrinkage is Keras' own.
    place, linear, total = START, np.zeros(2), np.full(2, 0.1)
    places = [place]
    for _ in range(STEPS):
        gradient = CURVES * place
        sigma = ((total + gradient**2) ** -power - total**-power) / RATE
        linear = linear + gradient + 2 * shrinkage * place - sigma * place
        total = total + gradient**2
        strength = (beta + total**-power) / RATE + 2 * l2
        place = np.where(np.abs(linear) <= l1, 0.0, -(linear - np.sign(linear) * l1) / strength)
        places.append(place)

    wanted = recipe("ftrl", l1=l1, l2=l2, beta=beta, shrinkage=shrinkage, power=power)
    assert same(descent(wanted, STEPS), places)


def test_adafactor_is_the_paper_s_for_a_vector() -> None:
    # Shazeer & Stern 2018, algorithm 5 (a vector is not factored), with Keras' relative step
    places, square = [START], np.zeros(2)

    def size(values: np.ndarray) -> float:
        return float(np.sqrt(np.mean(values**2)))

    for step in range(1, STEPS + 1):
        gradient = CURVES * places[-1]
        beta = 1 - step**-0.8
        square = beta * square + (1 - beta) * (gradient**2 + 1e-30)
        update = gradient / np.sqrt(square)
        update = update / max(1.0, size(update))
        places.append(places[-1] - max(1e-3, size(places[-1])) * min(RATE, 1 / np.sqrt(step)) * update)

    assert same(descent(recipe("adafactor", epsilon_1=1e-30), STEPS), places)


def test_adafactor_keeps_row_and_column_means_of_a_matrix() -> None:
    # algorithm 4: the square of each gradient is taken to be row · column / mean of the rows
    start = np.array([[1.0, -2.0, 0.5], [0.25, 3.0, -1.0]])
    curves = np.array([[1.0, 2.0, 0.5], [3.0, 0.1, 1.5]])
    place = keras.Variable(start, dtype="float32", name="kernel")
    optimizer = build_optimizer(recipe("adafactor", epsilon_1=1e-30))
    optimizer.build([place])
    expected, rows, columns = start, np.zeros(2), np.zeros(3)
    for step in range(1, STEPS + 1):
        beta = 1 - step**-0.8
        gradient = curves * expected
        rows = beta * rows + (1 - beta) * (gradient**2 + 1e-30).mean(1)
        columns = beta * columns + (1 - beta) * (gradient**2 + 1e-30).mean(0)
        update = gradient / np.sqrt(np.outer(rows, columns) / rows.mean())
        update = update / max(1.0, np.sqrt((update**2).mean()))
        scale = max(1e-3, np.sqrt((expected**2).mean())) * min(RATE, 1 / np.sqrt(step))
        expected = expected - scale * update
        now = curves * keras.ops.convert_to_numpy(place)
        optimizer.apply([keras.ops.convert_to_tensor(now, "float32")], [place])

    assert np.allclose(keras.ops.convert_to_numpy(place), expected, rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize("method", sorted(spec_classes("optimizer")))
def test_no_optimizer_breaks_on_weights_whose_gradient_is_0(method: str) -> None:
    # Units that are dead, and what leads to them: a row and a column without any gradient
    gradient = np.full((3, 3), 0.1)
    gradient[0], gradient[:, 1] = 0.0, 0.0
    kernel = keras.Variable(np.full((3, 3), 0.3), dtype="float32", name="kernel")
    bias = keras.Variable(np.zeros(3), dtype="float32", name="bias")
    optimizer = build_optimizer(recipe(method))
    optimizer.build([kernel, bias])
    for _ in range(STEPS):
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
