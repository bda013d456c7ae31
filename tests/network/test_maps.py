"""Networks for masks as plans: which layers, of which shape, with how many weights."""

from __future__ import annotations

import pytest

from workbench.errors import RecipeError
from workbench.network.layers import Conv, Dropout, MapDropout, Pool
from workbench.network.maps import BilinearUp, Concat, CropLike, Deconv, PadToMultiple, Repeat, Score
from workbench.network.plan import Plan, plan, summary
from workbench.spec.recipe import parse

SHAPES = {"kind": "shape_masks"}


def drawn(shape: tuple[int, int, int] = (64, 64, 3), classes: int = 4, **stations: object) -> Plan:
    return plan(parse({"data": SHAPES, **stations}), shape, classes)


def names(found: Plan) -> list[str]:
    return [layer.name for layer in found.layers]


@pytest.mark.parametrize("kind", ["fcn_masks", "unet"])
@pytest.mark.parametrize("shape", [(64, 64, 3), (47, 61, 1), (1, 33, 3)])
def test_a_picture_of_any_size_has_an_answer_of_the_same_size(kind: str, shape: tuple[int, int, int]) -> None:
    last = drawn(shape, 7, model={"kind": kind}).layers[-1]
    assert (last.name, last.shape) == ("logits", (*shape[:2], 7))


def test_a_unet_goes_down_and_up_with_a_skip_at_every_size() -> None:
    found = drawn(model={"kind": "unet", "depth": 2, "convolutions": 1, "normalization": "none", "width": 8})
    assert names(found) == [
        "pad",
        "down1_conv1", "down1_activation1", "down1_pool",
        "down2_conv1", "down2_activation1", "down2_pool",
        "bottom_conv1", "bottom_activation1",
        "up2_deconv", "up2_concat", "up2_conv1", "up2_activation1",
        "up1_deconv", "up1_concat", "up1_conv1", "up1_activation1",
        "score", "logits",
    ]  # fmt: skip
    layers = {layer.name: layer for layer in found.layers}
    assert layers["up2_concat"].inputs == ("down2_activation1", "up2_deconv")
    assert layers["up1_concat"].inputs == ("down1_activation1", "up1_deconv")
    assert [layers[f"{name}_conv1"].shape for name in ("down1", "down2", "bottom", "up2", "up1")] == [
        (64, 64, 8), (32, 32, 16), (16, 16, 32), (32, 32, 16), (64, 64, 8),
    ]  # fmt: skip
    assert layers["up2_concat"].shape == (32, 32, 32)


def test_the_paper_s_unet_has_its_number_of_weights() -> None:
    # Ronneberger 2015, figure 1: 64 to 1024 filters, one grey channel in, two classes out.
    model = {"kind": "unet", "depth": 4, "width": 64, "normalization": "none"}
    assert drawn((64, 64, 1), 2, model=model).parameters == 31_030_658


def test_repeat_and_convolve_takes_the_place_of_deconvolution() -> None:
    model = {"kind": "unet", "depth": 1}
    kinds = {upsampling: [type(layer.kind) for layer in drawn(model={**model, "upsampling": upsampling}).layers]
             for upsampling in ("deconvolution", "resize")}  # fmt: skip
    assert kinds["deconvolution"].count(Deconv) == 1
    assert Repeat not in kinds["deconvolution"]
    assert kinds["resize"].count(Repeat) == 1
    assert Deconv not in kinds["resize"]


def test_an_fcn_32s_goes_up_at_once_and_skips_take_the_score_of_the_fourth_and_third_stage() -> None:
    ups = {}
    for skips in ("32s", "16s", "8s"):
        found = drawn(model={"kind": "fcn_masks", "skips": skips})
        ups[skips] = [
            (layer.kind.factor, layer.shape[0]) for layer in found.layers if isinstance(layer.kind, BilinearUp)
        ]
        assert sum(isinstance(layer.kind, Pool) for layer in found.layers) == 5
    assert ups == {"32s": [(32, 64)], "16s": [(2, 4), (16, 64)], "8s": [(2, 4), (2, 8), (8, 64)]}
    layers = {layer.name: layer for layer in found.layers}
    assert layers["skip4_score"].inputs == ("stage4_pool",)
    assert layers["skip3_score"].inputs == ("stage3_pool",)
    assert layers["skip3_add"].inputs == ("skip3_up", "skip3_score")
    assert layers["skip3_up"].inputs == ("skip4_add",)
    assert layers["skip3_score"].kind == Score(4, zero=True)
    assert layers["head_score"].kind == Score(4)


def test_the_filters_of_an_fcn_grow_as_vgg_s() -> None:
    found = drawn((224, 224, 3), 21, model={"kind": "fcn_masks", "width": 64, "depth": 2})
    assert [layer.kind.filters for layer in found.layers if isinstance(layer.kind, Conv)][:10] == [
        64, 64, 128, 128, 256, 256, 512, 512, 512, 512,
    ]  # fmt: skip


def test_an_fcn_counts_as_on_paper() -> None:
    model = {"kind": "fcn_masks", "skips": "16s", "width": 2, "depth": 1, "head": 5, "normalization": "none"}
    found = drawn((32, 32, 3), 4, model=model)
    convolutions = sum(9 * a * b + b for a, b in [(3, 2), (2, 4), (4, 8), (8, 16), (16, 16), (16, 5)]) + 5 * 5 + 5
    scores = (5 * 4 + 4) + (16 * 4 + 4)
    ups = 4**2 * 4 * 4 + 32**2 * 4 * 4
    assert found.parameters == convolutions + scores + ups


def test_without_a_head_the_score_stands_on_the_last_pooling() -> None:
    layers = {layer.name: layer for layer in drawn(model={"kind": "fcn_masks", "head": 0}).layers}
    assert layers["head_score"].inputs == ("stage5_pool",)


@pytest.mark.parametrize(
    ("model", "expected"),
    [({"kind": "unet"}, ["bottom_dropout"]), ({"kind": "fcn_masks"}, ["head_dropout1", "head_dropout2"])],
)
def test_dropout_takes_whole_maps_where_the_papers_have_it(model: dict[str, object], expected: list[str]) -> None:
    found = drawn(model=model, tricks={"dropout": {"rate": 0.2}})
    assert [layer.name for layer in found.layers if isinstance(layer.kind, MapDropout)] == expected
    assert not any(isinstance(layer.kind, Dropout) for layer in found.layers)


def test_padding_is_to_the_next_multiple_and_cropping_takes_it_away() -> None:
    assert PadToMultiple(8).shape((47, 64, 3)) == (48, 64, 3)
    assert CropLike().shape((48, 64, 5), (47, 61, 3)) == (47, 61, 5)
    assert Concat().shape((4, 5, 2), (4, 5, 7)) == (4, 5, 9)


@pytest.mark.parametrize(
    ("model", "title"), [({"kind": "unet"}, "U-Net, depth 3 · "), ({"kind": "fcn_masks"}, "FCN-8s · ")]
)
def test_the_summary_is_one_line(model: dict[str, object], title: str) -> None:
    recipe = parse({"data": SHAPES, "model": model})
    assert summary(recipe, plan(recipe, (64, 64, 3), 4)).startswith(title)


@pytest.mark.parametrize(
    ("data", "model", "sentence"),
    [
        (
            "shape_masks",
            "cnn",
            "Shapes with masks asks for the class of every pixel, and CNN gives one for the whole picture; take a U-Net or an FCN for masks.",
        ),
        (
            "digits",
            "unet",
            "U-Net gives a class for every pixel, and Digits has no masks; take a network for classes, such as a CNN, or data with masks.",
        ),
    ],
)
def test_masks_and_classes_do_not_go_together_and_the_row_of_the_network_says_so(
    data: str, model: str, sentence: str
) -> None:
    with pytest.raises(RecipeError) as caught:
        parse({"data": {"kind": data}, "model": {"kind": model}})
    assert [(problem.path, problem.sentence) for problem in caught.value.problems] == [("model.kind", sentence)]


def test_resampling_by_class_is_refused_where_only_pixels_have_a_class() -> None:
    with pytest.raises(RecipeError, match=r"tricks.resampling: draws pictures by their class, and with masks"):
        drawn(model={"kind": "unet"}, tricks={"resampling": {}})
