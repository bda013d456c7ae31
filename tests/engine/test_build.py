import math
import typing
from collections.abc import Callable

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.engine.networks import differences, pictures
from workbench.engine.build import BUILDERS, build_model, named_variables
from workbench.engine.initializers import INITIALIZERS
from workbench.errors import RecipeError
from workbench.network.layers import Conv, Dense, Kind
from workbench.network.plan import Plan, plan
from workbench.spec.recipe import Recipe, parse, spec_classes
from workbench.spec.vocabulary import ActivationName

pytestmark = pytest.mark.keras


def drawn(shape: tuple[int, int, int], classes: int = 10, **stations: object) -> tuple[Recipe, Plan]:
    recipe = parse(dict(stations))
    return recipe, plan(recipe, shape, classes)


def built(shape: tuple[int, int, int], classes: int = 10, **stations: object) -> keras.Model:
    recipe, found = drawn(shape, classes, **stations)
    return build_model(found, recipe)


def numbers(variable: keras.Variable) -> np.ndarray:
    return keras.ops.convert_to_numpy(variable)


def values(model: keras.Model) -> dict[str, np.ndarray]:
    return {name: numbers(variable) for name, variable in named_variables(model).items()}


def test_every_kind_of_layer_has_a_builder() -> None:
    assert set(BUILDERS) == set(Kind.__subclasses__())


def test_every_initializer_spec_has_a_builder() -> None:
    assert set(INITIALIZERS) == set(spec_classes("initializer").values())


# --- the plan is what Keras builds -----------------------------------------------------------------


def networks(kind: str, **settings: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    normalization = st.sampled_from(["none", "batch", "layer", "group"])
    activation = st.sampled_from(typing.get_args(ActivationName))
    return st.fixed_dictionaries(
        {"kind": st.just(kind), "normalization": normalization, "activation": activation, **settings}
    )


staged = {
    "stages": st.integers(1, 3),
    "depth": st.integers(1, 2),
    "width": st.integers(1, 9),
    "widening": st.floats(1, 3),
    "kernel": st.integers(1, 5),
    "pooling": st.sampled_from(["max", "average", "stride"]),
}
cnns = networks("cnn", **staged, dense=st.integers(0, 12), dense_layers=st.integers(1, 2))
fcns = networks("fcn", **staged)
mlps = networks("mlp", depth=st.integers(0, 3), width=st.integers(1, 20))
residual = {"order": st.sampled_from(["post", "pre"]), "width": st.integers(1, 9)}
resnets = networks("resnet", **residual, depth=st.sampled_from([8, 14]), shortcut=st.sampled_from(["A", "B"]))
bottlenecks = networks(
    "resnet", **residual, depth=st.just(11), block=st.just("bottleneck"), shortcut=st.sampled_from(["A", "B"])
)
wide = networks("wide_resnet", depth=st.just(10), factor=st.integers(1, 2))
large_resnets = networks("resnet_imagenet", **residual, variant=st.just("resnet18"))
thin = {"growth": st.integers(1, 5), "compression": st.floats(0.1, 1)}
densenets = networks("densenet", **thin, depth=st.sampled_from([10, 16]), bottleneck=st.booleans())

channels = st.sampled_from([1, 3])
small = st.tuples(st.integers(1, 13), st.integers(1, 13), channels)
large = st.tuples(st.integers(31, 40), st.integers(31, 40), channels)
drawn_networks = st.one_of(
    *(st.tuples(kind, small) for kind in (cnns, fcns, mlps, resnets, bottlenecks, wide, densenets)),
    st.tuples(large_resnets, large),
)
#: Whose sentence it is when a network does not fit its pictures.
REFUSALS = ("model.stages: ", "model.normalization: ", "model.kind: ")


@given(
    drawn_network=drawn_networks,
    classes=st.integers(2, 5),
    dropout=st.sampled_from([None, "usual", "stages", "output", "both"]),
    depth=st.booleans(),
)
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],  # shrinking would build hundreds of models
    suppress_health_check=[HealthCheck.too_slow],
)
def test_shapes_parameters_and_multiply_adds_are_keras_own(
    drawn_network: tuple[dict[str, object], tuple[int, int, int]], classes: int, dropout: str | None, depth: bool
) -> None:
    model, shape = drawn_network
    skipping = depth and spec_classes("model")[model["kind"]].RESIDUAL
    tricks = {"dropout": {"on": dropout is not None, "place": dropout or "usual"}, "stochastic_depth": {"on": skipping}}
    recipe = parse({"model": model, "tricks": tricks})
    try:
        found = plan(recipe, shape, classes)
    except RecipeError as error:
        assert str(error).startswith(REFUSALS)  # noqa: PT017 - each is right
        return
    network = build_model(found, recipe)

    assert differences(network, found) == []
    logits = network(pictures(2, shape), training=True)
    assert logits.shape == (2, classes)
    assert np.isfinite(logits).all()


def test_an_fcn_takes_pictures_of_any_size_with_the_same_weights() -> None:
    recipe, found = drawn((32, 32, 3), model={"kind": "fcn", "stages": 3, "normalization": "batch"})
    assert found.any_size
    network = build_model(found, recipe, any_size=True)
    before = values(network)

    assert network.input.shape == (None, None, None, 3)
    for size in ((32, 32), (47, 61)):
        answers = np.array(network(pictures(2, (*size, 3))))
        assert answers.shape == (2, 10)
        assert np.isfinite(answers).all()
        # The score is a 1 × 1 convolution: the mean of the scores is the score of the mean.
        last = keras.Model(network.input, network.get_layer("head_score").input)(pictures(2, (*size, 3)))
        score = network.get_layer("head_score")
        by_hand = np.array(last).mean(axis=(1, 2)) @ numbers(score.kernel)[0, 0] + numbers(score.bias)
        assert answers == pytest.approx(by_hand, abs=1e-4)
    assert all((before[name] == value).all() for name, value in values(network).items())


@pytest.mark.parametrize(("depth", "total"), [(20, 271_098), (56, 857_082)])
def test_a_resnet_counts_as_the_paper_in_keras_too(depth: int, total: int) -> None:
    recipe, found = drawn((32, 32, 3), model={"kind": "resnet", "depth": depth})
    network = build_model(found, recipe)

    assert network.count_params() == found.parameters == total
    assert sum(math.prod(each.shape) for each in network.trainable_variables) == found.trainable_parameters


# --- what goes in and comes out ---------------------------------------------------------------------


def test_float32_pictures_go_in_and_float32_logits_come_out() -> None:
    network = built((8, 8, 1))

    assert network.input.dtype == network.output.dtype == "float32"
    assert network.get_layer("logits").activation is keras.activations.linear


def test_shortcut_a_takes_every_second_place_and_adds_channels_of_zeros() -> None:
    network = built((5, 4, 3), model={"kind": "resnet", "depth": 8, "width": 6})
    maps = pictures(2, (5, 4, 6))

    result = np.array(network.get_layer("stage2_block1_shortcut")(maps))

    assert result.shape == (2, 3, 2, 12)
    assert (result[..., :6] == maps[:, ::2, ::2]).all()
    assert (result[..., 6:] == 0).all()


def test_the_shortcut_layer_can_be_made_again_from_its_own_description() -> None:
    layer = built((8, 8, 3), model={"kind": "resnet", "depth": 8}).get_layer("stage2_block1_shortcut")

    again = type(layer).from_config(layer.get_config())

    assert (again.name, again.channels, again.stride) == ("stage2_block1_shortcut", 32, 2)


@pytest.mark.parametrize(("normalization", "axes"), [("batch", (0, 1, 2)), ("layer", (3,))])
def test_a_norm_brings_mean_0_and_variance_1_where_it_should(normalization: str, axes: tuple[int, ...]) -> None:
    model = {"kind": "cnn", "normalization": normalization, "width": 16}
    norm = built((8, 8, 3), model=model).get_layer("stage1_conv1_norm")
    maps = 5 + 3 * pictures(4, (8, 8, 16))

    result = np.array(norm(maps, training=True))

    assert np.abs(result.mean(axis=axes)).max() < 1e-4
    assert np.abs(result.var(axis=axes) - 1).max() < 1e-3


def test_group_norm_works_on_groups_of_channels_over_the_whole_map() -> None:
    norm = built((8, 8, 3), model={"kind": "cnn", "normalization": "group", "width": 16}).get_layer("stage1_conv1_norm")
    maps = 5 + 3 * pictures(4, (8, 8, 16))

    groups = np.array(norm(maps)).reshape(4, 64, 4, 4)

    assert np.abs(groups.mean(axis=(1, 3))).max() < 1e-4
    assert np.abs(groups.var(axis=(1, 3)) - 1).max() < 1e-3


def test_dropout_keeps_the_expectation_and_drops_whole_maps_in_stages() -> None:
    layer = built((8, 8, 1), tricks={"dropout": {"rate": 0.25}}).get_layer("stage1_dropout")
    result = np.array(layer(np.ones((2000, 4, 4, 16), np.float32), training=True))

    assert (result == result[:, :1, :1]).all()
    assert set(np.unique(result)) == {np.float32(0), np.float32(1 / 0.75)}
    assert abs(result.mean() - 1) < 0.02
    assert (np.array(layer(np.ones((2, 4, 4, 16), np.float32), training=False)) == 1).all()


# --- seeds and names -------------------------------------------------------------------------------

EVERYTHING_RANDOM = {"model": {"kind": "cnn", "normalization": "batch"}, "tricks": {"dropout": {}}}


def test_the_same_recipe_is_the_same_model_whatever_was_built_before() -> None:
    one = values(built((8, 8, 1), **EVERYTHING_RANDOM))
    built((8, 8, 3), model={"kind": "resnet", "depth": 8})
    keras.utils.set_random_seed(4711)
    other = values(built((8, 8, 1), **EVERYTHING_RANDOM))

    assert list(one) == list(other)
    assert all((one[name] == other[name]).all() for name in one)


def test_another_seed_is_another_start() -> None:
    one = values(built((8, 8, 1), **EVERYTHING_RANDOM))
    other = values(built((8, 8, 1), **EVERYTHING_RANDOM, training={"seed": 2}))

    assert not any(
        (one[name] == other[name]).all() for name in one if name.endswith(("kernel", "seed_generator_state"))
    )


def test_every_random_layer_has_a_seed_of_its_own() -> None:
    network = values(built((8, 8, 1), model={"kind": "mlp", "depth": 3, "width": 64}, tricks={"dropout": {}}))

    seeds = [tuple(value) for name, value in network.items() if name.endswith("seed_generator_state")]
    assert len(set(seeds)) == len(seeds) == 3
    assert not (network["hidden2_dense/kernel"] == network["hidden3_dense/kernel"]).any()


def test_after_n_training_steps_a_dropout_s_state_is_its_seed_and_n() -> None:
    network = built((8, 8, 1), **EVERYTHING_RANDOM)
    states = {name: each for name, each in named_variables(network).items() if name.endswith("seed_generator_state")}
    seeds = {name: int(numbers(each)[0]) for name, each in states.items()}
    for _ in range(3):
        network(pictures(2, (8, 8, 1)), training=True)
    network(pictures(2, (8, 8, 1)), training=False)

    assert states
    assert all(list(numbers(each)) == [seeds[name], 3] for name, each in states.items())


def test_variables_bear_the_plan_s_names_and_nothing_numbered() -> None:
    assert list(named_variables(built((8, 8, 1), model={"kind": "cnn", "stages": 1}, tricks={"dropout": {}}))) == [
        "stage1_conv1/kernel", "stage1_conv1/bias", "stage1_dropout/seed_generator_state",
        "head_dense/kernel", "head_dense/bias", "head_dropout/seed_generator_state",
        "logits/kernel", "logits/bias",
    ]  # fmt: skip


# --- the starting weights --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "variance"),
    [
        ("kaiming_normal", lambda fans: 2 / fans[0]),
        ("kaiming_uniform", lambda fans: 2 / fans[0]),
        ("xavier_normal", lambda fans: 2 / sum(fans)),
        ("xavier_uniform", lambda fans: 2 / sum(fans)),
        ("lecun_normal", lambda fans: 1 / fans[0]),
        ("lecun_uniform", lambda fans: 1 / fans[0]),
        ("doubling", lambda fans: 8 / fans[0]),
        ("truncated_normal", lambda _: (0.05 * 0.8796) ** 2),
    ],
)
def test_kernels_have_the_variance_of_the_formula(kind: str, variance: Callable[[tuple[int, int]], float]) -> None:
    recipe, found = drawn((16, 16, 3), initializer={"kind": kind}, model={"kind": "cnn", "width": 64, "dense": 128})
    network = build_model(found, recipe)
    for layer in found.layers:
        if not isinstance(layer.kind, Conv | Dense) or layer.name in {"stage1_conv1", "logits"}:
            continue  # too few weights for a sharp measurement
        kernel = numbers(network.get_layer(layer.name).kernel).astype(np.float64)
        places = math.prod(kernel.shape[:-2])
        expected = variance((places * kernel.shape[-2], places * kernel.shape[-1]))
        assert abs(kernel.mean()) < 4 * math.sqrt(expected / kernel.size), layer.name
        assert kernel.var() == pytest.approx(expected, rel=0.02), layer.name
        if kind.endswith("uniform"):
            assert np.abs(kernel).max() <= math.sqrt(3 * expected) * 1.000_001, layer.name
        else:
            # cut at two standard deviations of the wider normal it was drawn from
            assert np.abs(kernel).max() <= 2 * math.sqrt(expected) / 0.8796 * 1.001, layer.name


def test_zeros_are_zeros_and_orthogonal_kernels_keep_every_length_times_the_gain() -> None:
    zeros = values(built((8, 8, 1), initializer={"kind": "zeros"}))
    assert all((value == 0).all() for name, value in zeros.items() if name.endswith("kernel"))

    network = built(
        (8, 8, 1), initializer={"kind": "orthogonal", "gain": 1.5}, model={"kind": "mlp", "depth": 2, "width": 64}
    )
    kernel = numbers(network.get_layer("hidden2_dense").kernel)
    assert kernel.T @ kernel == pytest.approx(1.5**2 * np.eye(64), abs=1e-4)


@pytest.mark.parametrize(
    ("kind", "factor"),
    [("kaiming_normal", 1.0), ("xavier_uniform", 0.5), ("lecun_normal", 0.5), ("doubling", 4.0)],
)
def test_kaiming_keeps_the_signal_through_relu_layers_and_others_halve_or_explode_it(kind: str, factor: float) -> None:
    depth = 9
    network = built((16, 16, 1), initializer={"kind": kind}, model={"kind": "mlp", "depth": depth, "width": 256})
    ends = [network.get_layer(f"hidden{number}_dense").output for number in (1, depth)]
    first, last = keras.Model(network.input, ends)(pictures(64, (16, 16, 1)))

    measured = np.mean(np.square(last)) / np.mean(np.square(first))

    assert measured ** (1 / (depth - 1)) == pytest.approx(factor, rel=0.12)


def test_biases_start_at_0_and_norms_change_nothing() -> None:
    network = values(built((8, 8, 1), model={"kind": "cnn", "normalization": "layer"}))

    for name, value in network.items():
        if name.endswith(("bias", "beta")):
            assert (value == 0).all(), name
        if name.endswith("gamma"):
            assert (value == 1).all(), name
