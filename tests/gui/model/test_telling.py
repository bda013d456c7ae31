"""The words of the Model tab's rows: names, details, sums of blocks, the line of totals."""

from __future__ import annotations

import pytest

from workbench.gui import words
from workbench.gui.model import telling
from workbench.gui.model.drawing import Node, nodes
from workbench.network.blocks import blocks
from workbench.network.costs import costs
from workbench.network.fields import receptive_fields
from workbench.network.layers import Kind
from workbench.network.plan import plan
from workbench.spec.recipe import Recipe, parse

SPACE, NARROW = words.NO_BREAK, words.NARROW


def recipe_of(data: str = "cifar10", **model: object) -> Recipe:
    return parse({"data": {"kind": data}, "model": model, "training": {"batch_size": 64}})


def rows(recipe: Recipe) -> dict[str, Node]:
    return {node.path: node for node in nodes(blocks(plan(recipe, (32, 32, 3), 10)))}


def test_every_kind_of_layer_is_told() -> None:
    kinds = {kind for kind in Kind.__subclasses__() if kind.__module__.startswith("workbench.")}
    assert set(telling.TOLD) == kinds


@pytest.mark.parametrize(
    ("model", "name", "around", "expected"),
    [
        ({"kind": "resnet"}, "stage2_block1_conv1", "stage2.block1", ("Conv 1", "3 × 3, step 2", "conv")),
        ({"kind": "resnet"}, "stage2_block1_conv1_norm", "stage2.block1", ("Conv 1 norm", "batch", "quiet")),
        ({"kind": "resnet"}, "stage2_block1_add", "stage2.block1", ("Add", "", "join")),
        ({"kind": "resnet"}, "stage2_block1", "stage2", ("Block 1", f"8{SPACE}layers", "conv")),
        ({"kind": "resnet", "activation": "gelu"}, "stem_activation", "stem", ("Activation", "GELU", "quiet")),
        ({"kind": "densenet", "depth": 22}, "stem_conv", "", ("Stem conv", "3 × 3", "conv")),
        ({"kind": "resnet"}, "logits", "head", ("Logits", "", "classify")),
        ({"kind": "cnn"}, "stage1_pool", "stage1", ("Pool", "max 2 × 2", "quiet")),
    ],
)
def test_a_row_is_named_within_its_block(
    model: dict[str, object], name: str, around: str, expected: tuple[str, ...]
) -> None:
    part = next(node.part for path, node in rows(recipe_of(**model)).items() if path.replace(".", "_") == name)
    assert (telling.label(part, around), telling.detail(part), telling.role(part)) == expected


def test_a_block_that_enlarges_maps_is_told_from_one_that_does_not() -> None:
    found = rows(recipe_of("shape_masks", kind="unet"))
    assert [telling.role(found[path].part) for path in ("down1", "bottom", "up2", "output")] == [
        "conv", "conv", "up", "classify",
    ]  # fmt: skip


def test_a_block_sums_its_layers_and_shows_what_leaves_it() -> None:
    recipe = recipe_of(kind="resnet")
    found = plan(recipe, (32, 32, 3), 10)
    part = rows(recipe)["stage2"].part
    told = telling.cells(part, costs(found, recipe.training), receptive_fields(found))
    parameters = sum(layer.parameters for layer in part.layers)
    memory = sum(16 * 16 * 32 * 4 * 64 for _ in part.layers)
    assert told == ("16 × 16 × 32", words.count(parameters), f"13{SPACE}M", words.size(memory), "37 × 37")


def test_what_a_layer_has_not_is_a_dash() -> None:
    recipe = recipe_of(kind="cnn")
    found = plan(recipe, (32, 32, 3), 10)
    told = telling.cells(rows(recipe)["head_flatten"].part, costs(found, recipe.training), receptive_fields(found))
    assert told == (f"2{NARROW}048", "–", "–", "–", "10 × 10")


def test_a_row_in_full_says_what_it_reads_and_how_often_it_multiplies() -> None:
    found = rows(recipe_of(kind="resnet"))
    assert telling.explained(found["stem_conv"].part) == (
        f"Stem conv: Convolution, 3 × 3, 442{NARROW}368 multiply-adds a picture. Reads the picture."
    )
    assert telling.explained(found["stage1_block1_add"].part).endswith(
        "Reads stage 1 block 1 conv 2 norm and stem activation."
    )


@pytest.mark.parametrize(
    ("data", "model", "expected"),
    [
        (
            "cifar10",
            {"kind": "resnet"},
            (
                f"271{SPACE}k parameters (270{SPACE}k trainable) · 41{SPACE}M multiply-adds a picture · 1.1{SPACE}MB on disk · "
                f"last map sees 81 × 81{SPACE}pixels · 171{SPACE}MB of results a batch of 64"
            ),
        ),
        (
            "cifar10",
            {"kind": "mlp", "depth": 0},
            (
                f"31{SPACE}k parameters · 31{SPACE}k multiply-adds a picture · 123{SPACE}kB on disk · "
                f"789{SPACE}kB of results a batch of 64"
            ),
        ),
    ],
)
def test_the_totals_are_one_line(data: str, model: dict[str, object], expected: str) -> None:
    from workbench.gui.model.rows import Told

    recipe = recipe_of(data, **model)
    assert Told.of("", plan(recipe, (32, 32, 3), 10), recipe).totals == expected


def test_a_network_for_masks_tells_how_much_a_pixel_sees() -> None:
    from workbench.gui.model.rows import Told

    recipe = recipe_of("shape_masks", kind="unet")
    assert f" · sees 100 × 100{SPACE}pixels · " in Told.of("", plan(recipe, (64, 64, 3), 4), recipe).totals
