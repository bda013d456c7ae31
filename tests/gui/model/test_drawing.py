"""The graph without a window: which rows are in view, where links run, what is open at first."""

from __future__ import annotations

import pytest

from workbench.gui.model.drawing import FIRST_ROWS, MOST_LANES, Drawing, Node, draw, in_view, nodes, opening
from workbench.network.blocks import blocks
from workbench.network.layers import PICTURE
from workbench.network.plan import plan
from workbench.spec.recipe import parse


def tree_of(data: str = "digits", side: int = 32, **model: object) -> list[Node]:
    return nodes(blocks(plan(parse({"data": {"kind": data}, "model": model}), (side, side, 3), 4)))


def every_block(tree: list[Node]) -> set[int]:
    return {node.number for node in tree if node.children}


def named(tree: list[Node], drawing: Drawing) -> list[tuple[str, str, int]]:
    path = [tree[number].path for number in drawing.rows]
    return [(path[link.start], path[link.end], link.lane) for link in drawing.links]


UNET = tree_of("shape_masks", kind="unet", depth=3)
RESNET = tree_of(kind="resnet", depth=20)
DENSENET = tree_of(kind="densenet", depth=190, growth=40, bottleneck=True, compression=0.5)


def test_a_deep_network_opens_closed_and_a_small_one_open() -> None:
    assert opening(DENSENET) == set()
    assert len(in_view(DENSENET, set())) == 7
    cnn = tree_of(kind="cnn")
    assert opening(cnn) == every_block(cnn)
    for tree in (UNET, RESNET, DENSENET, cnn):
        assert len(in_view(tree, opening(tree))) <= FIRST_ROWS


def test_a_resnet_opens_its_stages_and_leaves_its_blocks_closed() -> None:
    paths = [node.path for node in in_view(RESNET, opening(RESNET))]
    assert [path for path in paths if path.startswith("stage2")] == [
        "stage2", "stage2.block1", "stage2.block2", "stage2.block3",
    ]  # fmt: skip


def test_the_skips_of_a_unet_lie_around_each_other_from_size_to_size() -> None:
    drawing = draw(UNET, set())
    assert named(UNET, drawing) == [("down1", "up1", 2), ("down2", "up2", 1), ("down3", "up3", 0)]
    assert drawing.lanes == 3
    # Every row reads the one above it.
    assert drawing.spine == frozenset(range(len(drawing.rows) - 1))


@pytest.mark.parametrize(
    "tree", [UNET, RESNET, DENSENET, tree_of("shape_masks", kind="fcn_masks"), tree_of(kind="mlp")]
)
def test_every_reading_is_a_link_or_the_spine_and_nothing_else_is(tree: list[Node]) -> None:
    opened = every_block(tree)
    drawing = draw(tree, opened)
    layers = [tree[number] for number in drawing.rows if number not in opened]
    places = {node.path: place for place, node in enumerate(layers)}
    wanted = {
        (places[name], place) for place, node in enumerate(layers) for name in node.part.inputs if name != PICTURE
    }
    row_of = [row for row, number in enumerate(drawing.rows) if number not in opened]
    found = {(row_of.index(link.start), row_of.index(link.end)) for link in drawing.links}
    found |= {
        (place, place + 1)
        for place in range(len(layers) - 1)
        if set(range(row_of[place], row_of[place + 1])) <= drawing.spine
    }
    assert found == wanted


def test_no_two_links_share_a_stretch_of_a_lane_and_no_lane_is_beyond_the_last() -> None:
    drawing = draw(DENSENET, every_block(DENSENET))
    assert len(drawing.rows) == len(DENSENET) > 700
    for row, links in enumerate(drawing.at):
        assert all(link.start <= row <= link.end for link in links)
        passing = [link.lane for link in links if link.start < row < link.end]
        assert len(passing) == len(set(passing))
    assert 0 < drawing.lanes <= MOST_LANES
    deep = tree_of("shape_masks", 1024, kind="unet", depth=7)
    assert draw(deep, set()).lanes == 7


def test_what_a_closed_block_reads_inside_itself_is_no_link() -> None:
    assert draw(RESNET, opening(RESNET)).links == ()
    opened = opening(RESNET) | {node.number for node in RESNET if node.path == "stage2.block1"}
    assert named(RESNET, draw(RESNET, opened)) == [
        ("stage1.block3", "stage2_block1_shortcut", 1), ("stage2_block1_conv2_norm", "stage2_block1_add", 0),
    ]  # fmt: skip


def test_a_hidden_block_shows_nothing_even_if_it_is_open_inside() -> None:
    inner = {node.number for node in RESNET if node.path.startswith("stage2.block")}
    assert [node.path for node in in_view(RESNET, inner)] == ["stem", "stage1", "stage2", "stage3", "head"]
