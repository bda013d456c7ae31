"""DenseNets by their paper: parameters, what each layer reads, transitions."""

import pytest

from workbench.errors import RecipeError
from workbench.network.layers import Conv, Dense, Dropout, Pool
from workbench.network.plan import Plan, plan, summary
from workbench.spec.recipe import parse


def drawn(shape: tuple[int, int, int] = (32, 32, 3), classes: int = 10, tricks: object = None, **model: object) -> Plan:
    return plan(parse({"model": {"kind": "densenet", **model}, "tricks": tricks or {}}), shape, classes)


BC = {"bottleneck": True, "compression": 0.5}


@pytest.mark.parametrize(
    ("model", "parameters"),
    # Huang 2017, table 2, in millions: 1.0, 7.0, 27.2, 0.8, 15.3, 25.6.
    [
        ({"depth": 40, "growth": 12}, 1_019_722),
        ({"depth": 100, "growth": 12}, 6_979_642),
        ({"depth": 100, "growth": 24}, 27_249_082),
        ({"depth": 100, "growth": 12, **BC}, 769_162),
        ({"depth": 250, "growth": 24, **BC}, 15_324_406),
        ({"depth": 190, "growth": 40, **BC}, 25_624_430),
    ],
)
def test_densenets_have_the_paper_s_number_of_parameters(model: dict[str, object], parameters: int) -> None:
    found = drawn(**model)

    assert found.trainable_parameters == parameters
    assert sum(isinstance(layer.kind, Conv | Dense) for layer in found.layers) == model["depth"]


@pytest.mark.parametrize(
    ("variant", "total", "trainable"),
    # keras.applications' own totals, which the paper's figure 3 shows as 8, 14 and 20 million.
    [("densenet121", 8_062_504, 7_978_856), ("densenet169", 14_307_880, 14_149_480), ("densenet201", 20_242_984, 20_013_928)],
)  # fmt: skip
def test_imagenet_densenets_count_as_published(variant: str, total: int, trainable: int) -> None:
    found = drawn((224, 224, 3), 1000, kind="densenet_imagenet", variant=variant)

    assert (found.parameters, found.trainable_parameters) == (total, trainable)
    assert sum(isinstance(layer.kind, Conv | Dense) for layer in found.layers) == int(variant.removeprefix("densenet"))


def test_each_layer_reads_all_before_it_and_adds_k_maps() -> None:
    layers = {layer.name: layer for layer in drawn(depth=13, growth=5).layers}

    assert [layers[f"stage1_layer{number}_concat"].shape for number in (1, 2, 3)] == [
        (32, 32, 16 + 5 * number) for number in (1, 2, 3)
    ]
    assert layers["stage1_layer2_concat"].inputs == ("stage1_layer1_concat", "stage1_layer2_conv")
    assert layers["stage1_layer2_conv_norm"].inputs == ("stage1_layer1_concat",)


def test_a_transition_compresses_and_takes_means() -> None:
    layers = {layer.name: layer for layer in drawn(depth=16, growth=5, **BC).layers}

    came = layers["stage1_layer2_concat"].shape[-1]
    assert came == 2 * 5 + 2 * 5
    assert layers["transition1_conv"].shape == (32, 32, came // 2)
    assert layers["transition1_pool"].kind == Pool("average")
    assert layers["transition1_pool"].shape == (16, 16, came // 2)
    assert "transition3_conv" not in layers


def test_a_bottleneck_is_four_times_the_growth_wide() -> None:
    layers = {layer.name: layer for layer in drawn(depth=16, growth=5, **BC).layers}

    assert layers["stage2_layer1_wide"].kind == Conv(20, 1, bias=False)
    assert layers["stage2_layer1_conv"].kind == Conv(5, 3, bias=False)


def test_dropout_follows_every_convolution_but_the_first() -> None:
    # Huang 2017, section 3: after each convolutional layer except the first one.
    found = drawn(depth=16, growth=5, **BC, tricks={"dropout": {"rate": 0.2}})
    dropped = [layer.inputs[0] for layer in found.layers if layer.kind == Dropout(0.2)]

    assert dropped == [layer.name for layer in found.layers if isinstance(layer.kind, Conv)][1:]


def test_a_picture_too_small_to_be_halved_twice_is_refused() -> None:
    with pytest.raises(
        RecipeError, match=r"model\.kind: a DenseNet halves the picture twice, so pictures must be at least 4 × 4"
    ):
        drawn((3, 8, 1))
    assert drawn((4, 4, 1)).layers[-1].shape == (10,)


@pytest.mark.parametrize(
    ("model", "title"),
    [
        ({}, "DenseNet-40-12"),
        (BC | {"depth": 100}, "DenseNet-BC-100-12"),
        ({"bottleneck": True}, "DenseNet-B-40-12"),
        ({"compression": 0.5}, "DenseNet-C-40-12"),
        ({"kind": "densenet_imagenet"}, "DenseNet-121"),
    ],
)
def test_a_densenet_is_called_as_in_the_paper(model: dict[str, object], title: str) -> None:
    recipe = parse({"model": {"kind": "densenet", **model}})

    assert summary(recipe, plan(recipe, (32, 32, 3), 10)).startswith(f"{title} · ")
