"""ResNets by their papers: parameters, blocks in both orders, wide ones, the ImageNet form."""

import pytest

from workbench.errors import RecipeError
from workbench.network.layers import Conv, Dense, Dropout, MapDropout, PadShortcut, Pool, StochasticDepth
from workbench.network.plan import Plan, plan
from workbench.spec.recipe import parse

CIFAR = (32, 32, 3)


def drawn(shape: tuple[int, int, int] = CIFAR, classes: int = 10, tricks: object = None, **model: object) -> Plan:
    return plan(parse({"model": model, "tricks": tricks or {}}), shape, classes)


def names(found: Plan, word: str) -> list[str]:
    return [layer.name for layer in found.layers if word in layer.name]


@pytest.mark.parametrize(
    ("depth", "parameters"),
    # He 2016, table 4: 1.7 million and 10.2 million (of which 10.3 with the norms' scales and shifts).
    [(164, 1_703_258), (1001, 10_327_706)],
)
def test_pre_activation_bottlenecks_have_the_paper_s_number_of_parameters(depth: int, parameters: int) -> None:
    found = drawn(kind="resnet", order="pre", block="bottleneck", shortcut="B", depth=depth)

    assert found.trainable_parameters == parameters
    assert sum(isinstance(layer.kind, Conv | Dense) and "shortcut" not in layer.name for layer in found.layers) == depth


@pytest.mark.parametrize(
    ("depth", "factor", "parameters"),
    # Zagoruyko 2016, tables 2 to 5, to the last digit of their 36.5 and 8.9 M; trainable numbers, norms included.
    [(16, 4, 2_748_890), (28, 10, 36_479_194), (40, 4, 8_949_210), (22, 8, 17_158_106), (16, 8, 10_961_370)],
)
def test_wide_resnets_have_the_paper_s_number_of_parameters(depth: int, factor: int, parameters: int) -> None:
    assert drawn(kind="wide_resnet", depth=depth, factor=factor).trainable_parameters == parameters


@pytest.mark.parametrize(
    ("variant", "parameters", "fewest"),
    # Without the biases that keras.applications has beside its norms: 11.7, 21.8, 25.6, 44.5 and 60.2 million (torchvision).
    [("resnet18", 11_694_312, 11_689_512), ("resnet34", 21_806_184, 21_797_672), ("resnet50", 25_583_592, 25_557_032),
     ("resnet101", 44_601_832, 44_549_160), ("resnet152", 60_268_520, 60_192_808)],
)  # fmt: skip
def test_imagenet_resnets_count_as_published_once_idle_biases_are_left_out(
    variant: str, parameters: int, fewest: int
) -> None:
    found = drawn((224, 224, 3), 1000, kind="resnet_imagenet", variant=variant)
    biases = sum(layer.kind.filters for layer in found.layers if isinstance(layer.kind, Conv))

    assert found.trainable_parameters == parameters
    assert found.trainable_parameters - biases == fewest


def test_resnet_50_costs_as_the_paper_says() -> None:
    # He 2015, table 1: 3.8 · 10⁹ multiplications with addition.
    assert drawn((224, 224, 3), 1000, kind="resnet_imagenet").multiply_adds / 1e9 == pytest.approx(3.8, abs=0.06)


def test_a_pre_activation_block_ends_in_the_sum_and_its_shortcut_is_clean() -> None:
    found = {layer.name: layer for layer in drawn(kind="resnet", order="pre").layers}

    assert found["stage1_block2_add"].inputs == ("stage1_block2_conv2", "stage1_block1_add")
    assert found["stage1_block2_norm1"].inputs == ("stage1_block1_add",)
    assert found["head_norm"].inputs == ("stage3_block3_add",)


def test_where_a_stage_begins_the_shortcut_reads_the_first_activation() -> None:
    # He 2016, appendix, and the authors' code: the first activation comes before the ways part.
    found = {layer.name: layer for layer in drawn(kind="resnet", order="pre", shortcut="B").layers}

    assert found["stage1_block1_add"].inputs == ("stage1_block1_conv2", "stage1_block1_activation1")
    assert found["stage2_block1_shortcut"].inputs == ("stage2_block1_shortcut_places",)
    assert found["stage2_block1_shortcut_places"].inputs == ("stage2_block1_activation1",)
    assert found["stage2_block1_add"].inputs == ("stage2_block1_conv2", "stage2_block1_shortcut")


@pytest.mark.parametrize("order", ["post", "pre"])
@pytest.mark.parametrize("size", [16, 15])
def test_a_kernel_of_one_place_steps_by_taking_every_other_place_before(order: str, size: int) -> None:
    # TensorFlow's gradient for such a kernel with a stride has killed the process.
    layers = drawn((size, size, 1), kind="resnet", block="bottleneck", order=order, width=3, shortcut="B").layers
    found = {layer.name: layer for layer in layers}

    assert not any(isinstance(layer.kind, Conv) and layer.kind.kernel == 1 < layer.kind.stride for layer in layers)
    assert found["stage2_block1_shortcut_places"].kind == Pool("max", 1, 2)
    assert found["stage2_block1_shortcut"].shape == (8, 8, 24)


def test_a_bottleneck_gives_four_times_its_width_and_needs_a_shortcut_from_the_first_block_on() -> None:
    found = {layer.name: layer for layer in drawn(kind="resnet", block="bottleneck").layers}

    assert [found[f"stage1_block1_conv{number}"].shape for number in (1, 2, 3)] == [(32, 32, 16)] * 2 + [(32, 32, 64)]
    assert found["stage1_block1_shortcut"].kind == PadShortcut(64, 1)
    assert found["stage3_block2_add"].shape == (8, 8, 256)


def test_the_imagenet_form_halves_five_times_and_begins_without_a_second_activation() -> None:
    found = {layer.name: layer for layer in drawn((224, 224, 3), kind="resnet_imagenet", order="pre").layers}

    assert [found[name].shape[0] for name in ("stem_conv", "stem_pool", "stage1_block3_add", "stage4_block3_add")] == [
        112, 56, 56, 7,
    ]  # fmt: skip
    assert found["stage1_block1_conv1"].inputs == ("stem_pool",)
    assert "stage1_block1_norm1" not in found


@pytest.mark.parametrize("kind", ["resnet_imagenet", "densenet_imagenet"])
def test_the_imagenet_form_says_how_large_pictures_must_be(kind: str) -> None:
    with pytest.raises(RecipeError) as caught:
        drawn((28, 31, 1), kind=kind)

    assert str(caught.value) == (
        "model.kind: the ImageNet form halves the picture five times, so pictures must be at least 32 × 32 pixels, "
        "got 28 × 31; raise data.image_size or take a smaller network."
    )
    assert drawn((32, 32, 1), kind=kind).layers[-1].shape == (10,)


# --- stochastic depth and dropout ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "blocks"),
    [
        ({"kind": "resnet", "depth": 20}, 9),
        ({"kind": "resnet", "depth": 20, "order": "pre", "block": "bottleneck"}, 6),
        ({"kind": "wide_resnet"}, 6),
        ({"kind": "resnet_imagenet", "variant": "resnet50"}, 16),
    ],
)
def test_survival_falls_in_a_straight_line_to_the_last_block(model: dict[str, object], blocks: int) -> None:
    found = drawn(**model, tricks={"stochastic_depth": {"survival": 0.4, "each": "batch"}})
    kinds = [layer.kind for layer in found.layers if isinstance(layer.kind, StochasticDepth)]

    # Huang 2016, equation 4: p_l = 1 − l / L · (1 − p_L).
    assert [kind.survival for kind in kinds] == pytest.approx(
        [1 - number / blocks * 0.6 for number in range(1, blocks + 1)]
    )
    assert {kind.each for kind in kinds} == {"batch"}


@pytest.mark.parametrize("order", ["post", "pre"])
@pytest.mark.parametrize("kind", ["resnet", "resnet_imagenet"])
def test_only_the_branch_is_skipped_never_the_shortcut(kind: str, order: str) -> None:
    layers = {layer.name: layer for layer in drawn(kind=kind, order=order, tricks={"stochastic_depth": {}}).layers}

    for name, layer in layers.items():
        if name.endswith("_add"):
            branches = [each for each in layer.inputs if each.endswith("_depth")]
            assert branches == [f"{name.removesuffix('_add')}_depth"]
            assert "conv" in layers[branches[0]].inputs[0]


def test_a_wide_resnet_drops_units_between_the_convolutions_of_a_block() -> None:
    found = drawn(kind="wide_resnet", depth=10, tricks={"dropout": {"rate": 0.3}})
    layers = {layer.name: layer for layer in found.layers}

    assert names(found, "dropout") == [f"stage{stage}_block1_dropout" for stage in (1, 2, 3)]
    assert layers["stage1_block1_dropout"].kind == Dropout(0.3)
    assert layers["stage1_block1_dropout"].inputs == ("stage1_block1_activation2",)
    assert layers["stage1_block1_conv2"].inputs == ("stage1_block1_dropout",)


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("usual", ["head_dropout"]),
        ("output", ["head_dropout"]),
        ("stages", ["stage1_dropout", "stage2_dropout", "stage3_dropout"]),
        ("both", ["stage1_dropout", "stage2_dropout", "head_dropout"]),
    ],
)
def test_the_place_of_dropout_in_a_resnet_can_be_chosen(place: str, expected: list[str]) -> None:
    found = drawn(kind="resnet", depth=8, tricks={"dropout": {"place": place}})

    assert names(found, "dropout") == expected
    for layer in found.layers:
        if layer.name.endswith("_dropout"):
            assert isinstance(layer.kind, MapDropout if layer.name.startswith("stage") else Dropout)
