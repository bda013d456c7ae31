"""Graph and table as a person uses them: keys, mouse, zoom, copying; and that only rows in view are painted."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from workbench.gui.model.columns import LEAVING, Parts
from workbench.gui.model.painter import RowPainter
from workbench.gui.model.rows import Column, NetworkModel, Told
from workbench.gui.model.view import ROW_HEIGHTS, USUAL, NetworkView
from workbench.gui.recipe.network import network
from workbench.gui.theme import Theme
from workbench.spec.recipe import parse

pytestmark = pytest.mark.window


def told(data: str = "cifar10", **model: object) -> Told:
    recipe = parse({"data": {"kind": data}, "model": model})
    found = network(recipe)
    assert found.plan is not None
    return Told.of(found.title, found.plan, recipe)


DENSE: dict[str, object] = {"kind": "densenet", "depth": 190, "growth": 40, "bottleneck": True, "compression": 0.5}


@pytest.fixture
def view(qtbot: QtBot, theme: Theme) -> NetworkView:
    theme.set_mode("dark")
    made = NetworkView(theme)
    qtbot.addWidget(made)
    made.resize(900, 500)
    with qtbot.waitExposed(made):
        made.show()
    made.setFocus()
    return made


def paths(view: NetworkView) -> list[str]:
    return [view.rows.tree[number].path for number in view.drawing.rows]


def current(view: NetworkView) -> str:
    return view.rows.node(view.currentIndex()).path


def go(view: NetworkView, path: str) -> None:
    number = next(node.number for node in view.rows.tree if node.path == path)
    view.setCurrentIndex(view.rows.index_of(number))


@pytest.mark.parametrize("model", [{"kind": "cnn"}, {"kind": "resnet"}, DENSE])
def test_the_rows_are_a_sound_model(model: dict[str, object], qtmodeltester: ModelTester) -> None:
    rows = NetworkModel()
    rows.show_network(told(**model))
    qtmodeltester.check(rows)
    assert rows.columnCount() == len(Column)
    rows.show_network(None)
    assert rows.rowCount() == 0


def test_arrows_and_return_open_and_close_blocks_as_in_a_tree(view: NetworkView, qtbot: QtBot) -> None:
    view.show_network(told(**DENSE))
    assert paths(view) == ["stem_conv", "stage1", "transition1", "stage2", "transition2", "stage3", "head"]
    go(view, "stage1")
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert len(paths(view)) == 7 + 31
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert current(view) == "stage1.layer1"
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert len(paths(view)) == 7 + 31 + 7
    qtbot.keyClick(view, Qt.Key.Key_Enter)
    assert len(paths(view)) == 7 + 31
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert current(view) == "stage1"
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert len(paths(view)) == 7
    qtbot.keyClick(view, Qt.Key.Key_Asterisk)
    assert len(paths(view)) == 7 + 31 * 8


def test_a_click_on_the_chevron_opens_a_block(view: NetworkView, qtbot: QtBot) -> None:
    view.show_network(told(**DENSE))
    rect = view.visualRect(view.rows.index(1, Column.LAYER))
    chevron = QPoint(view.columnViewportPosition(Column.LAYER) + view.indentation() // 2, rect.center().y())
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=chevron)
    assert len(paths(view)) == 7 + 31


def test_everything_can_be_opened_and_the_graph_follows(view: NetworkView) -> None:
    view.show_network(told(**DENSE))
    view.expandAll()  # of which Qt tells nothing
    view.grab()
    assert len(view.drawing.rows) == len(view.rows.tree)
    view.collapseAll()
    view.grab()
    assert len(view.drawing.rows) == 7


def test_only_rows_in_view_are_painted(view: NetworkView, monkeypatch: pytest.MonkeyPatch) -> None:
    painted: list[int] = []
    graph = RowPainter.graph
    monkeypatch.setattr(RowPainter, "graph", lambda self, *rest: (painted.append(rest[2].number), graph(self, *rest)))
    view.show_network(told(**DENSE))
    view.expandAll()
    painted.clear()
    view.viewport().repaint()
    assert 10 < len(set(painted)) <= 500 // ROW_HEIGHTS[USUAL] + 2
    assert min(painted) == 0


def test_what_was_opened_and_selected_stays_when_a_setting_changes(view: NetworkView) -> None:
    view.show_network(told(**DENSE))
    go(view, "stage2")
    view.expand(view.currentIndex())
    go(view, "stage2.layer3")
    view.show_network(told(**{**DENSE, "growth": 12}))
    assert "stage2.layer4" in paths(view)
    assert current(view) == "stage2.layer3"
    view.show_network(told(kind="resnet"))
    view.show_network(told(**DENSE))
    assert len(paths(view)) == 7, "another architecture, and it begins anew"


def test_zoom_by_wheel_and_keys_changes_the_height_of_rows_and_never_the_words(view: NetworkView, qtbot: QtBot) -> None:
    view.show_network(told(kind="resnet"))
    heights = []
    for key in (Qt.Key.Key_Plus, Qt.Key.Key_0, Qt.Key.Key_Minus):
        qtbot.keyClick(view, key, Qt.KeyboardModifier.ControlModifier)
        heights.append(view.visualRect(view.rows.index(0, 0)).height())
    assert heights == [ROW_HEIGHTS[USUAL + 1], ROW_HEIGHTS[USUAL], ROW_HEIGHTS[USUAL - 1]]
    view.zoom_usual()
    for turn, expected in ((60, USUAL), (60, USUAL + 1), (-240, USUAL - 1), (12_000, len(ROW_HEIGHTS) - 1)):
        where = QPointF(100, 100)
        event = QWheelEvent(
            where, view.viewport().mapToGlobal(where), QPoint(), QPoint(0, turn), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.ControlModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(view.viewport(), event)
        assert view.zoom == expected


def test_the_table_is_copied_as_it_is_opened(view: NetworkView, qtbot: QtBot) -> None:
    view.show_network(told(kind="resnet"))
    with qtbot.waitSignal(view.copied) as said:
        qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert said.args == [len(lines) - 2]
    assert lines[0].startswith("ResNet-20 · ")
    assert lines[1].split("\t") == ["Layer", "Output", "Parameters", "Multiply-adds", "Memory", "Sees"]
    assert [line.split("\t")[0] for line in lines[2:6]] == [
        "Stem 3\xa0layers", "  Conv 3 × 3", "  Conv norm batch", "  Activation ReLU",
    ]  # fmt: skip
    assert lines[3].split("\t")[1:] == ["32 × 32 × 16", "432", "442\xa0k", "2.1\xa0MB", "3 × 3"]


def test_a_narrow_page_leaves_out_memory_then_the_field_and_never_cuts_what_is_left(
    view: NetworkView, qtbot: QtBot
) -> None:
    view.show_network(told(kind="resnet"))
    hidden = []
    for width in (900, 620, 560):
        view.resize(width, 500)
        hidden.append([column for column in LEAVING[Parts.TABLE] if view.isColumnHidden(column)])
    assert hidden[0] == []
    assert hidden[1] == [Column.MEMORY]
    assert hidden[2] == list(LEAVING[Parts.TABLE])


def test_the_graph_alone_has_no_numbers_and_wider_blocks(view: NetworkView) -> None:
    view.show_network(told(kind="resnet"))
    narrow = view.columnWidth(Column.GRAPH)
    view.show_parts(Parts.GRAPH)
    assert view.columnWidth(Column.GRAPH) > narrow
    assert [column for column in Column if not view.isColumnHidden(column)] == [Column.GRAPH, Column.LAYER]
    view.show_parts(Parts.TABLE)
    assert not view.isColumnHidden(Column.FIELD)


def pixels(view: NetworkView, colour: QColor) -> int:
    shot = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    found = np.frombuffer(shot.constBits(), np.uint32) & 0xFFFFFF
    return int(np.count_nonzero(found == (colour.rgb() & 0xFFFFFF)))


def test_blocks_are_painted_in_the_colour_of_what_they_are_for_in_both_themes(view: NetworkView, theme: Theme) -> None:
    painter = RowPainter(theme)
    for mode in ("dark", "light"):
        theme.set_mode(mode)
        view.show_network(told("shape_masks", kind="unet"))
        assert all(pixels(view, painter.colour(role)) > 500 for role in ("conv", "up", "classify"))
        view.show_network(told(kind="cnn"))
        assert pixels(view, painter.colour("up")) == 0


def test_a_wider_block_has_larger_maps(view: NetworkView) -> None:
    view.show_network(told("shape_masks", kind="unet"))
    view.grab()
    widths = [view._graph.block(view.rows.tree[number].part) for number in view.drawing.rows]
    assert widths[1] > widths[2] > widths[3] > widths[4]
    assert widths[4] < widths[5] < widths[6] < widths[7] == widths[1]


def test_larger_text_makes_rows_higher(view: NetworkView, theme: Theme) -> None:
    view.show_network(told(kind="cnn"))
    before = view.visualRect(view.rows.index(0, 0)).height()
    try:
        theme.set_text_scale(2.0)
        assert view.visualRect(view.rows.index(0, 0)).height() == 2 * before
        view.grab()
    finally:
        theme.set_text_scale(1.0)


def test_a_screen_reader_hears_what_a_row_is_and_reads(view: NetworkView) -> None:
    view.show_network(told(kind="cnn"))
    conv = next(node.number for node in view.rows.tree if node.path == "stage1_conv1")
    said = view.rows.index_of(conv, Column.GRAPH).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said.startswith("Conv 1. Stage 1 conv 1: Convolution, 3 × 3, ")
    assert said.endswith("Reads the picture.")
    number = view.rows.index_of(conv, Column.PARAMETERS).data(Qt.ItemDataRole.AccessibleTextRole)
    assert number == "Parameters 448"


def test_the_graph_makes_room_for_the_links_of_a_block_that_is_opened(view: NetworkView) -> None:
    view.show_network(told(kind="resnet"))
    view.grab()
    before = view.columnWidth(Column.GRAPH)
    go(view, "stage2.block1")
    view.expand(view.currentIndex())
    view.grab()
    assert view.drawing.lanes > 0
    assert view.columnWidth(Column.GRAPH) > before
