"""The receptive field against a count of which lines of the picture reach which number, set by set, through every kind of layer."""

from __future__ import annotations

import math
from functools import reduce
from operator import or_

import pytest

from workbench.network.fields import RULES, _views, receptive_fields
from workbench.network.layers import (
    PICTURE,
    Conv,
    Dense,
    Edge,
    Flatten,
    GlobalPool,
    Kind,
    Layer,
    PadShortcut,
    Pool,
)
from workbench.network.maps import BilinearUp, CropLike, Deconv, PadToMultiple, Repeat
from workbench.network.plan import Plan, plan
from workbench.spec.recipe import parse

#: For each number along one axis the lines of the picture that it depends on, one bit a line.
Sets = list[int]
NOTHING = 0


def drawn(shape: tuple[int, int, int], data: str = "digits", tricks: object = None, **model: object) -> Plan:
    return plan(parse({"data": {"kind": data}, "model": model, "tricks": tricks or {}}), shape, 4)


def union(sets: Sets) -> int:
    return reduce(or_, sets, NOTHING)


def windows(sets: Sets, size: int, stride: int, before: int, count: int) -> Sets:
    """Windows of `size` over the numbers with `before` zeros before them; beyond either end there is nothing."""
    padded = [NOTHING] * before + sets + [NOTHING] * (size + count * stride)
    return [union(padded[place * stride : place * stride + size]) for place in range(count)]


def interpolated(sets: Sets, factor: int) -> Sets:
    """Every number of the result that a transposed convolution adds each input to, with the edges twice and cut off again."""
    wide = [sets[0], *sets, sets[-1]]
    full = [NOTHING] * ((len(wide) + 1) * factor)
    for place, lines in enumerate(wide):
        for tap in range(2 * factor):
            full[place * factor + tap] |= lines
    before = factor // 2
    same = full[before : before + len(wide) * factor]
    return same[factor:-factor]


def through(layer: Layer, inputs: list[Sets]) -> Sets:  # noqa: PLR0911 - one line a kind
    """What the numbers of a layer's result depend on, by what the layer does and by nothing else."""
    sets, kind = inputs[0], layer.kind
    match kind:
        case Conv(kernel=kernel, stride=stride, same=same):
            count = math.ceil(len(sets) / stride) if same else (len(sets) - kernel) // stride + 1
            zeros = max(0, (count - 1) * stride + kernel - len(sets)) if same else 0
            return windows(sets, kernel, stride, zeros // 2, count)
        case Pool(size=size, stride=stride):
            return windows(sets, size, stride, 0, (len(sets) - size) // stride + 1)
        case PadShortcut(stride=stride):
            return sets[::stride]
        case Edge(pixels=pixels):
            return [NOTHING] * pixels + sets + [NOTHING] * pixels
        case PadToMultiple(of=of):
            zeros = -len(sets) % of
            return [NOTHING] * (zeros // 2) + sets + [NOTHING] * (zeros - zeros // 2)
        case CropLike():
            top = (len(sets) - len(inputs[1])) // 2
            return sets[top : top + len(inputs[1])]
        case Deconv() | Repeat():
            return [lines for lines in sets for _ in range(2)]
        case BilinearUp(factor=factor):
            return interpolated(sets, factor)
        case GlobalPool() | Dense():
            return [union(sets)]
        case _:
            return [union(list(at_one_place)) for at_one_place in zip(*inputs, strict=True)]


def extent(sets: Sets) -> int:
    """The most lines from the first to the last that a number depends on."""
    return max(lines.bit_length() - (lines & -lines).bit_length() + 1 for lines in sets if lines)


def line_sets(found: Plan, axis: int) -> dict[str, Sets]:
    sets: dict[str, Sets] = {PICTURE: [1 << line for line in range(found.shape[axis])]}
    for layer in found.layers:
        sets[layer.name] = through(layer, [sets[name] for name in layer.inputs])
        if axis < len(layer.shape) - 1:
            assert len(sets[layer.name]) == layer.shape[axis], layer.name
    return sets


def counted(found: Plan, axis: int) -> dict[str, int]:
    sets = line_sets(found, axis)
    return {layer.name: extent(sets[layer.name]) for layer in found.layers}


#: Pictures so large that the largest field lies inside them, of sizes that can and cannot be halved evenly.
NETWORKS = [
    drawn((96, 81, 1), kind="cnn", stages=3, depth=2, kernel=5),
    drawn((95, 82, 1), kind="cnn", stages=3, depth=2, pooling="stride"),
    drawn((90, 71, 1), kind="fcn", stages=3, pooling="average"),
    drawn((128, 117, 3), kind="resnet", depth=20),
    drawn((130, 115, 3), kind="resnet", depth=20, shortcut="B", order="pre"),
    drawn((301, 288, 3), kind="resnet", block="bottleneck", depth=29, tricks={"stochastic_depth": {}}),
    drawn((128, 114, 3), kind="densenet", depth=22),
    drawn((128, 114, 3), kind="densenet", depth=22, bottleneck=True, compression=0.5, tricks={"dropout": {}}),
    drawn((700, 653, 3), kind="resnet_imagenet", variant="resnet18"),
    drawn((160, 147, 3), "shape_masks", kind="unet", depth=3),
    drawn((160, 147, 3), "shape_masks", kind="unet", depth=3, upsampling="resize", normalization="group"),
    *(drawn((320, 301, 3), "shape_masks", kind="fcn_masks", skips=skips, depth=1, head=0) for skips in ("32s", "16s", "8s")),
]  # fmt: skip


def named(found: Plan) -> str:
    return f"{found.layers[-2].name} of {len(found.layers)} layers on {found.shape[0]} × {found.shape[1]}"


@pytest.mark.parametrize("found", NETWORKS, ids=named)
def test_every_layer_sees_what_a_count_of_lines_says(found: Plan) -> None:
    fields = receptive_fields(found)
    counts = counted(found, 0), counted(found, 1)
    assert list(fields) == [layer.name for layer in found.layers]
    for layer in found.layers:
        seen = fields[layer.name]
        by_count = counts[0][layer.name], counts[1][layer.name]
        if seen is None:
            # All of it, but for what a pooling leaves out where its windows do not divide the map.
            assert all(0 <= side - lines < 32 for side, lines in zip(found.shape[:2], by_count, strict=True)), (
                layer.name
            )
        else:
            assert seen == by_count, layer.name
            assert max(seen) < min(found.shape[:2]), "the picture is too small for this test"


def test_fields_by_hand() -> None:
    fields = receptive_fields(drawn((32, 32, 1), kind="cnn", stages=2, depth=2, kernel=3))
    # 3, then 2 more; pooling by 2 one more; then 2 · 2 for each convolution, and 2 for the pooling.
    names = ("stage1_conv1", "stage1_conv2", "stage1_pool", "stage2_conv1", "stage2_conv2", "stage2_pool")
    assert [fields[name] for name in names] == [(3, 3), (5, 5), (6, 6), (10, 10), (14, 14), (16, 16)]


def test_the_mean_of_maps_and_dense_units_see_the_whole_picture() -> None:
    cnn = receptive_fields(drawn((32, 32, 1), kind="cnn", stages=1, dense=9))
    assert cnn["head_flatten"] == cnn["stage1_pool"]
    assert [cnn[name] for name in ("head_dense", "head_activation", "logits")] == [None] * 3
    assert receptive_fields(drawn((8, 8, 1), kind="fcn", stages=1))["logits"] is None
    mlp = receptive_fields(drawn((8, 8, 1), kind="mlp"))
    assert mlp["flatten"] == (1, 1)
    assert mlp["hidden1_dense"] is None


def test_a_skip_does_not_make_the_result_of_the_deep_way_see_less() -> None:
    fields = receptive_fields(drawn((64, 64, 3), "shape_masks", kind="unet", depth=2))
    assert fields["up1_concat"] == fields["up1_deconv"]
    small, large = fields["down1_activation2"], fields["up1_deconv"]
    assert small is not None
    assert large is not None
    assert small < large


def test_a_field_may_be_larger_than_the_picture() -> None:
    # 19 convolutions on whole pictures, one that steps, 17 on halves, one that steps, 17 on quarters.
    by_hand = 1 + 2 * (1 + 18) + 2 * (1 + 2 * 17) + 2 * (2 + 4 * 17)
    found = receptive_fields(drawn((8, 8, 1), kind="resnet", depth=56))
    assert found["stage3_block9_add"] == (by_hand, by_hand) == (249, 249)


def every_kind(of: type[Kind] = Kind) -> set[type[Kind]]:
    return {each for kind in of.__subclasses__() for each in {kind, *every_kind(kind)}}


def test_every_kind_of_layer_has_a_rule() -> None:
    assert set(RULES) == {kind for kind in every_kind() if kind.__module__.startswith("workbench.")}
    assert Flatten in RULES


@pytest.mark.parametrize("found", NETWORKS, ids=named)
def test_every_number_inside_sees_the_very_lines_that_a_count_says(found: Plan) -> None:
    for axis in (0, 1):
        sets, views = line_sets(found, axis), _views(found, axis)
        compared = 0
        for layer in found.layers:
            view = views[layer.name]
            for number, lines in enumerate(sets[layer.name]):
                first, last = view.of(number, number) if view is not None else (-1, -1)
                if first >= 0 and last < found.shape[axis]:
                    assert (first, last) == ((lines & -lines).bit_length() - 1, lines.bit_length() - 1), layer.name
                    compared += 1
        assert compared > 100
