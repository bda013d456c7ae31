"""Layers of a stranger's network are matched with ours: by name, else in order, whole or not at all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from workbench.network.plan import Plan, plan
from workbench.network.weights import arrays
from workbench.spec.recipe import Recipe, parse
from workbench.strangers.found import Numbers, StrangerLayer
from workbench.strangers.matching import all_by_name, leaves, match

DEEP = parse({"model": {"depth": 2, "stages": 2, "width": 4, "widening": 1, "dense": 8, "normalization": "batch"}})
CLASSES = {4: "conv2d", 2: "dense", 1: "batch_normalization"}


def network(recipe: Recipe = DEEP) -> Plan:
    return plan(recipe, (8, 8, 1), 10)


def theirs(names: str = "theirs_{}", *, numbered: bool = True, kinds: bool = True) -> list[StrangerLayer]:
    """A network of the same shapes under other names."""
    found = []
    for place, (_, shapes) in enumerate(arrays(network())):
        inside = tuple(
            Numbers(str(number) if numbered else leaf, shape, "<f4")
            for number, (leaf, shape) in enumerate(shapes.items())
        )
        kind = CLASSES[len(next(iter(shapes.values())))] if kinds else ""
        found.append(StrangerLayer(names.format(place), kind, inside))
    return found


def matched(layers: list[StrangerLayer]) -> dict[str, str]:
    return {name: layer.name for name, layer in match(network(), layers).items()}


ORDER = [layer.name for layer, _ in arrays(network())]


@pytest.mark.parametrize("numbered", [True, False])
@pytest.mark.parametrize("kinds", [True, False])
def test_a_network_of_the_same_shapes_fits_layer_by_layer(numbered: bool, kinds: bool) -> None:
    told = matched(theirs(numbered=numbered, kinds=kinds))
    assert [told[name] for name in ORDER] == [f"theirs_{place}" for place in range(len(ORDER))]


def test_it_is_said_whether_our_names_alone_find_the_layers() -> None:
    ours = [replace(layer, name=name) for name, layer in zip(ORDER, theirs(numbered=False), strict=True)]
    assert all_by_name(network(), ours)
    assert all_by_name(network(), [*ours, StrangerLayer("more", "", (Numbers("kernel", (9, 9), "<f4"),))])
    assert not all_by_name(network(), theirs(numbered=False))
    assert not all_by_name(network(), [replace(ours[0], name="theirs"), *ours[1:]])
    numbered = [replace(layer, name=name) for name, layer in zip(ORDER, theirs(), strict=True)]
    assert not all_by_name(network(), numbered)
    assert not all_by_name(network(), [replace(ours[0], epsilon=1e-3), *ours[1:]])


def test_where_only_the_order_within_a_kind_is_known_it_fits_as_well() -> None:
    layers = theirs()
    assert matched(sorted(layers, key=lambda each: each.kind)) == matched(layers)


def test_a_layer_that_is_missing_shifts_no_other_kind_and_most_of_its_own_fit() -> None:
    layers = theirs()
    whole = matched(layers)
    # stage1_conv1 is the only one of its shape, so the others stay where they are
    assert layers[0].arrays[0].shape == (3, 3, 1, 4)
    without = {name: their for name, their in whole.items() if name != "stage1_conv1"}
    assert matched(layers[1:]) == without


def test_one_more_layer_there_is_left_over() -> None:
    layers = theirs()
    more = StrangerLayer("more", "dense", (Numbers("0", (5, 5), "<f4"),))
    assert matched([*layers[:3], more, *layers[3:]]) == matched(layers)


def test_a_name_like_ours_wins_over_the_order() -> None:
    layers = theirs()
    named = {"stage1_conv2": "stage2_conv2", "stage2_conv2": "stage1_conv2"}
    renamed = [
        StrangerLayer(named.get(ours, layer.name), layer.kind, layer.arrays)
        for ours, layer in zip(ORDER, layers, strict=True)
    ]
    told = matched(renamed)
    assert told["stage1_conv2"] == "stage1_conv2"
    assert told["stage2_conv2"] == "stage2_conv2"


@pytest.mark.parametrize(
    "layer",
    [
        StrangerLayer("a", "depthwise_conv2d", (Numbers("0", (3, 3, 4, 4), "<f4"),)),
        StrangerLayer("a", "conv2d", (Numbers("0", (3, 3, 4, 4), "<f4"), Numbers("1", (4,), "<f4"))),
        StrangerLayer("a", "conv2d", (Numbers("weight", (3, 3, 4, 4), "<f4"),)),
        StrangerLayer("a", "conv2d", (Numbers("0", (4, 4, 3, 3), "<f4"),)),
        StrangerLayer("a", "batch_normalization", (Numbers("0", (4,), "<f4"), Numbers("1", (4,), "<f4"))),
    ],
)
def test_a_layer_of_another_kind_or_with_other_arrays_does_not_fit(layer: StrangerLayer) -> None:
    assert matched([layer]) == {}


def test_arrays_are_told_by_number_or_by_name() -> None:
    _, shapes = arrays(network())[1]
    numbered, named = theirs()[1], theirs(numbered=False)[1]
    assert leaves(shapes, numbered) == {"gamma": "0", "beta": "1", "moving_mean": "2", "moving_variance": "3"}
    assert leaves(shapes, named) == {leaf: leaf for leaf in shapes}
