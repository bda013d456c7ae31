"""A plan as a tree of blocks: nothing is lost, nothing moves, and names tell where one is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.network.blocks import Block, Part, blocks
from workbench.network.layers import Layer
from workbench.network.plan import Plan, plan
from workbench.spec.recipe import parse


def drawn(data: str = "digits", tricks: object = None, **model: object) -> Plan:
    return plan(parse({"data": {"kind": data}, "model": model, "tricks": tricks or {}}), (32, 32, 3), 4)


def named(part: Part) -> str:
    return part.path if isinstance(part, Block) else part.name


def layers_of(parts: tuple[Part, ...]) -> list[Layer]:
    return [layer for part in parts for layer in (part.layers if isinstance(part, Block) else [part])]


PLANS = {
    "cnn": drawn(kind="cnn"), "mlp": drawn(kind="mlp", depth=1), "logistic": drawn(kind="mlp", depth=0),
    "resnet": drawn(kind="resnet", depth=20, tricks={"dropout": {"place": "both"}}), "densenet": drawn(kind="densenet", depth=22),
    "unet": drawn("shape_masks", kind="unet"), "fcn": drawn("shape_masks", kind="fcn_masks"),
}  # fmt: skip


@given(st.sampled_from(list(PLANS.values())))
def test_the_leaves_of_the_tree_are_the_plan_s_layers_in_order(found: Plan) -> None:
    assert layers_of(blocks(found)) == list(found.layers)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cnn", ["stage1", "stage2", "head"]),
        ("mlp", ["flatten", "hidden1", "logits"]),
        ("logistic", ["flatten", "logits"]),
        ("resnet", ["stem", "stage1", "stage2", "stage3", "head"]),
        ("densenet", ["stem_conv", "stage1", "transition1", "stage2", "transition2", "stage3", "head"]),
        ("unet", ["pad", "down1", "down2", "down3", "bottom", "up3", "up2", "up1", "output"]),
        ("fcn", ["pad", *(f"stage{stage}" for stage in range(1, 6)), "head", "skip4", "skip3", "output"]),
    ],
)
def test_blocks_are_the_planner_s_own_and_one_of_a_single_layer_is_that_layer(name: str, expected: list[str]) -> None:
    assert [named(part) for part in blocks(PLANS[name])] == expected


def test_a_stage_of_residual_blocks_holds_its_blocks() -> None:
    stage = blocks(PLANS["resnet"])[2]
    assert isinstance(stage, Block)
    assert [named(part) for part in stage.parts] == [f"stage2.block{number}" for number in (1, 2, 3)]
    assert [part.name for part in stage.parts] == ["block1", "block2", "block3"]
    first = stage.parts[0]
    assert isinstance(first, Block)
    assert all(isinstance(part, Layer) and part.block == "stage2.block1" for part in first.parts)
    assert stage.shape == (16, 16, 32)
