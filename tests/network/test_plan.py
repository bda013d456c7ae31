import itertools

import pytest

from workbench.errors import RecipeError
from workbench.network.layers import Activation, BatchNorm, Conv, Dense, Dropout, MapDropout, PadShortcut
from workbench.network.plan import PLANNERS, Plan, plan, summary
from workbench.spec.recipe import Recipe, parse, spec_classes

CIFAR = (32, 32, 3)


def recipe(**stations: object) -> Recipe:
    return parse(dict(stations))


def drawn(shape: tuple[int, int, int] = CIFAR, classes: int = 10, **stations: object) -> Plan:
    return plan(recipe(**stations), shape, classes)


def names(found: Plan) -> list[str]:
    return [layer.name for layer in found.layers]


def problem(shape: tuple[int, int, int] = CIFAR, **stations: object) -> str:
    with pytest.raises(RecipeError) as caught:
        drawn(shape, **stations)
    assert len(caught.value.problems) == 1
    return str(caught.value.problems[0])


def test_every_model_spec_has_a_planner() -> None:
    assert set(PLANNERS) == set(spec_classes("model").values())


@pytest.mark.parametrize(
    ("depth", "parameters"),
    [(20, 269_722), (32, 464_154), (44, 658_586), (56, 853_018), (110, 1_727_962), (1202, 19_421_274)],
)
def test_resnets_have_the_paper_s_number_of_parameters(depth: int, parameters: int) -> None:
    # He 2015, table 6: 0.27, 0.46, 0.66, 0.85, 1.7 and 19.4 million.
    found = drawn(model={"kind": "resnet", "depth": depth})

    assert found.trainable_parameters == parameters
    assert sum(isinstance(layer.kind, Conv | Dense) for layer in found.layers) == depth


def test_shortcut_b_adds_two_small_convolutions_with_their_norms() -> None:
    added = (16 * 32 + 2 * 32) + (32 * 64 + 2 * 64)
    one = drawn(model={"kind": "resnet", "shortcut": "A"})
    other = drawn(model={"kind": "resnet", "shortcut": "B"})

    assert other.trainable_parameters - one.trainable_parameters == added
    assert sum(isinstance(layer.kind, PadShortcut) for layer in one.layers) == 2
    assert not any(isinstance(layer.kind, PadShortcut) for layer in other.layers)


def test_a_residual_block_adds_what_came_in_to_its_branch_and_then_bends() -> None:
    layers = {layer.name: layer for layer in drawn(model={"kind": "resnet"}).layers}

    assert layers["stage1_block1_add"].inputs == ("stage1_block1_conv2_norm", "stem_activation")
    assert layers["stage2_block1_add"].inputs == ("stage2_block1_conv2_norm", "stage2_block1_shortcut")
    assert layers["stage2_block1_shortcut"].inputs == ("stage1_block3_activation2",)
    assert layers["stage2_block1_activation2"].inputs == ("stage2_block1_add",)
    assert layers["stage3_block3_add"].shape == (8, 8, 64)
    assert layers["stage3_block3_add"].block == "stage3.block3"


def test_a_resnet_halves_odd_pictures_alike_on_both_ways() -> None:
    layers = {layer.name: layer for layer in drawn((7, 5, 1), model={"kind": "resnet", "depth": 8}).layers}

    assert layers["stage2_block1_add"].shape == (4, 3, 32)
    assert layers["stage3_block1_add"].shape == (2, 2, 64)


def test_a_cnn_is_stages_of_convolution_norm_activation_and_pool_then_a_head() -> None:
    found = drawn(model={"kind": "cnn", "normalization": "batch", "stages": 1, "depth": 2})

    assert names(found) == [
        "stage1_conv1", "stage1_conv1_norm", "stage1_activation1",
        "stage1_conv2", "stage1_conv2_norm", "stage1_activation2",
        "stage1_pool",
        "head_flatten", "head_dense", "head_dense_norm", "head_activation", "logits",
    ]  # fmt: skip
    assert [layer.block for layer in found.layers] == ["stage1"] * 7 + ["head"] * 5


def test_each_stage_of_a_cnn_doubles_the_filters_and_halves_the_picture() -> None:
    layers = {layer.name: layer for layer in drawn(model={"kind": "cnn", "stages": 3, "width": 5}).layers}

    assert [layers[f"stage{stage}_pool"].shape for stage in (1, 2, 3)] == [(16, 16, 5), (8, 8, 10), (4, 4, 20)]


def test_pooling_by_stride_lets_the_last_convolution_of_a_stage_shrink() -> None:
    found = drawn(model={"kind": "cnn", "stages": 2, "depth": 2, "pooling": "stride"})
    strides = [layer.kind.stride for layer in found.layers if isinstance(layer.kind, Conv)]

    assert strides == [1, 2, 1, 2]
    assert not any("pool" in name for name in names(found))


def test_a_cnn_without_dense_units_goes_straight_to_the_logits() -> None:
    assert "head_dense" not in names(drawn(model={"kind": "cnn", "dense": 0}))


@pytest.mark.parametrize("model", [{"kind": "cnn"}, {"kind": "mlp"}, {"kind": "resnet", "depth": 8}])
def test_a_layer_has_no_bias_exactly_when_batch_norm_follows(model: dict[str, object]) -> None:
    for normalization in ("none", "batch", "layer", "group"):
        layers = drawn(model={**model, "normalization": normalization}).layers
        for layer, following in itertools.pairwise(layers):
            if isinstance(layer.kind, Conv | Dense):
                assert layer.kind.bias != isinstance(following.kind, BatchNorm), layer.name


@pytest.mark.parametrize("model", [{"kind": "cnn"}, {"kind": "mlp"}, {"kind": "resnet", "depth": 8}])
def test_the_output_is_logits_one_for_each_class(model: dict[str, object]) -> None:
    last = drawn(classes=7, model={**model, "normalization": "batch"}).layers[-1]

    assert (last.name, last.kind, last.shape) == ("logits", Dense(7), (7,))


def test_dropout_takes_whole_maps_in_stages_and_units_before_the_output() -> None:
    found = drawn(model={"kind": "cnn", "stages": 2}, tricks={"dropout": {"rate": 0.2}})
    kinds = {layer.name: layer.kind for layer in found.layers if "dropout" in layer.name}

    assert kinds == {
        "stage1_dropout": MapDropout(0.2),
        "stage2_dropout": MapDropout(0.2),
        "head_dropout": Dropout(0.2),
    }


def test_dropout_never_stands_twice_in_a_row() -> None:
    found = drawn(model={"kind": "cnn", "stages": 2, "dense": 0}, tricks={"dropout": {}})

    assert [name for name in names(found) if "dropout" in name] == ["stage1_dropout", "head_dropout"]


@pytest.mark.parametrize(("depth", "expected"), [(0, ["head_dropout"]), (2, ["hidden1_dropout", "hidden2_dropout"])])
def test_an_mlp_drops_units_after_every_hidden_layer(depth: int, expected: list[str]) -> None:
    found = drawn(model={"kind": "mlp", "depth": depth}, tricks={"dropout": {}})

    assert [name for name in names(found) if "dropout" in name] == expected


def test_without_the_trick_there_is_no_dropout() -> None:
    found = drawn(model={"kind": "cnn"}, tricks={"dropout": {"on": False, "rate": 0.5}})

    assert not any("dropout" in name for name in names(found))


def test_an_mlp_counts_as_on_paper() -> None:
    found = drawn((8, 8, 1), model={"kind": "mlp", "depth": 2, "width": 128})

    assert found.parameters == (64 + 1) * 128 + (128 + 1) * 128 + (128 + 1) * 10
    assert found.multiply_adds == 64 * 128 + 128 * 128 + 128 * 10
    # the picture, two hidden layers before and after their activation, the logits
    assert found.activation_numbers == 64 + 4 * 128 + 10


def test_no_hidden_layer_is_logistic_regression() -> None:
    found = drawn((8, 8, 1), model={"kind": "mlp", "depth": 0})

    assert names(found) == ["flatten", "logits"]
    assert found.parameters == 650


def test_too_many_stages_say_how_many_fit() -> None:
    assert problem((8, 8, 1), model={"kind": "cnn", "stages": 4}) == (
        "model.stages: each stage halves the picture, and 8 × 8 pixels cannot be halved 4 times; "
        "take at most 3, or larger pictures."
    )
    assert drawn((8, 8, 1), model={"kind": "cnn", "stages": 3})


def test_the_smaller_side_of_a_picture_decides() -> None:
    assert "at most 1" in problem((64, 3, 1), model={"kind": "cnn", "stages": 2})


def test_a_picture_of_one_pixel_gets_advice_that_helps() -> None:
    assert problem((1, 1, 1), model={"kind": "cnn", "stages": 1}).endswith("take larger pictures, or an MLP.")


@pytest.mark.parametrize("normalization", ["layer", "group"])
def test_normalizing_a_single_number_is_refused(normalization: str) -> None:
    sentence = problem(model={"kind": "mlp", "width": 1, "normalization": normalization})

    assert sentence.startswith("model.normalization: ")
    assert "raise model.width" in sentence


@pytest.mark.parametrize(
    ("width", "groups"), [(1, 1), (4, 1), (7, 1), (8, 2), (12, 3), (16, 4), (32, 8), (64, 8), (13, 1), (100, 5)]
)
def test_groups_divide_the_channels_and_leave_at_least_four_in_each(width: int, groups: int) -> None:
    found = drawn(model={"kind": "cnn", "stages": 1, "width": width, "dense": 0, "normalization": "group"})
    norm = next(layer for layer in found.layers if layer.name == "stage1_conv1_norm")

    assert norm.kind.groups == groups


def test_the_recipe_s_activation_is_used_everywhere() -> None:
    found = drawn(model={"kind": "resnet", "depth": 8, "activation": "gelu"})

    assert {layer.kind.function for layer in found.layers if isinstance(layer.kind, Activation)} == {"gelu"}


def test_every_layer_reads_only_layers_before_it() -> None:
    known = {"picture"}
    for layer in drawn(model={"kind": "resnet", "shortcut": "B"}).layers:
        assert set(layer.inputs) <= known
        known.add(layer.name)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ({"kind": "resnet"}, "ResNet-20 · 271 k parameters"),
        ({"kind": "resnet", "depth": 110}, "ResNet-110 · 1.74 M parameters"),
        ({"kind": "mlp", "depth": 0}, "Logistic regression · 30.7 k parameters"),
        ({"kind": "mlp", "width": 1}, "MLP, 2 × 1 · 3.10 k parameters"),
        ({"kind": "cnn", "stages": 1, "width": 1, "dense": 0}, "CNN, 1 stage · 2.60 k parameters"),
    ],
)
def test_the_summary_is_one_line(model: dict[str, object], expected: str) -> None:
    wanted = recipe(model=model)

    assert summary(wanted, plan(wanted, CIFAR, 10)) == expected
