"""The confusion matrix: what its cells count, which colours they have, and which of them is pressed."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from tests.gui.results import made
from tests.gui.results.test_parts import shown
from workbench.gui.results.cells import Cells, Pixels
from workbench.gui.results.class_view import scrolled
from workbench.gui.results.grid import Grid
from workbench.gui.results.matrix import ConfusionMatrix, ink_on
from workbench.gui.theme import Theme, mixed

pytestmark = pytest.mark.window


@pytest.fixture
def matrix(qtbot: QtBot, theme: Theme) -> ConfusionMatrix:
    part = ConfusionMatrix(theme)
    shown(qtbot, part, 500, 400)
    part.show_matrix(made.classes().matrix, made.NAMES)
    return part


def ground(matrix: ConfusionMatrix, true: int, said: int) -> QColor:
    """The colour of a cell as it is seen, beside its number or its dot."""
    return matrix.grab().toImage().pixelColor(matrix._grid().rect(true, said).topLeft() + QPoint(4, 4))


def middle(matrix: ConfusionMatrix, true: int, said: int) -> QPoint:
    return matrix._grid().rect(true, said).center()


def test_the_diagonal_is_blue_mistakes_are_orange_and_nothing_is_a_dot(matrix: ConfusionMatrix, theme: Theme) -> None:
    assert ground(matrix, 0, 0) == theme.series("training"), "all of them are right"
    assert ground(matrix, 2, 0) == theme.series("validation"), "the commonest mistake"
    assert ground(matrix, 1, 0) == theme.colour("plot")
    picture, centre = matrix.grab().toImage(), middle(matrix, 1, 0)
    assert picture.pixelColor(centre) != picture.pixelColor(centre + QPoint(8, 0)), "a dot in the middle"


def test_mistakes_stand_on_a_square_root_scale(matrix: ConfusionMatrix, theme: Theme) -> None:
    counts = np.zeros((2, 2), np.int64)
    counts[0], counts[1] = (100, 100), (25, 75)
    matrix.show_matrix(counts, ("a", "b"))
    quarter, plot, full = ground(matrix, 1, 0), theme.colour("plot"), theme.series("validation")
    share = (quarter.red() - plot.red()) / (full.red() - plot.red())
    assert share == pytest.approx(0.22 + 0.78 * 0.5, abs=0.01), "a quarter of the pictures, half of the way"


def test_a_click_and_the_arrows_choose_a_cell_and_stop_at_the_edge(matrix: ConfusionMatrix, qtbot: QtBot) -> None:
    with qtbot.waitSignal(matrix.cell_chosen) as said:
        qtbot.mouseClick(matrix, Qt.MouseButton.LeftButton, pos=middle(matrix, 2, 0))
    assert said.args == [2, 0]
    assert matrix.accessibleDescription() == "Shirt taken for T-shirt: 2 of 3\u00a0pictures, 66.7\u00a0%"
    keys = [
        Qt.Key.Key_Right,
        Qt.Key.Key_Down,
        Qt.Key.Key_Down,
        Qt.Key.Key_End,
        Qt.Key.Key_Up,
        Qt.Key.Key_Home,
        Qt.Key.Key_Left,
    ]
    cells = []
    for key in keys:
        qtbot.keyClick(matrix, key)
        cells.append(matrix.cell)
    assert cells == [(2, 1), (3, 1), (3, 1), (3, 3), (2, 3), (2, 0), (2, 0)]
    qtbot.mouseClick(matrix, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    assert matrix.cell == (2, 0), "the names are no cells"


def test_cells_show_counts_or_shares_of_their_row(matrix: ConfusionMatrix) -> None:
    assert [matrix._number(*matrix._count(2, said)) for said in (0, 2)] == ["2", "1"]
    matrix.show_shares(True)
    assert [matrix._number(*matrix._count(2, said)) for said in (0, 2)] == ["67", "33"]
    assert matrix._number(*matrix._count(0, 0)) == "100"


@pytest.mark.parametrize(("name", "whole"), [("automobile", True), ("elongated names of classes", False)])
def test_the_name_of_the_chosen_class_is_not_cut_off(matrix: ConfusionMatrix, name: str, whole: bool) -> None:
    matrix.show_matrix(made.classes().matrix, ("cat", name, "dog", "bird"))
    matrix.choose(1, 0)
    picture, row = matrix.grab().toImage(), matrix._grid().rect(1, 0)
    bare = picture.pixel(0, row.top())
    inks = [
        (x, y) for y in range(row.top(), row.bottom()) for x in range(row.left() - 2) if picture.pixel(x, y) != bare
    ]
    left, right = min(x for x, _ in inks), max(x for x, _ in inks)
    assert left >= 1, "a letter that is cut begins at the very edge"
    top, foot = min(y for _, y in inks), max(y for _, y in inks)
    assert (min(y for x, y in inks if x > right - 6) < (top + foot) / 2) == whole, "dots stand at the foot of the line"


def test_ink_reads_on_any_ground() -> None:
    assert ink_on(QColor("#E69F00")).lightness() < 60
    assert ink_on(QColor("#0072B2")).lightness() > 200
    assert ink_on(QColor("#181B20")).lightness() > 200


def test_the_matrix_follows_the_theme_and_larger_text(matrix: ConfusionMatrix, theme: Theme) -> None:
    dark = ground(matrix, 1, 0)
    try:
        theme.set_mode("light")
        light = ground(matrix, 1, 0)
        before = matrix.minimumSizeHint()
        theme.set_text_scale(1.5)
        assert matrix.minimumSizeHint().width() > before.width()
    finally:
        theme.set_text_scale(1.0)
        theme.set_mode("dark")
    assert dark.lightness() < 60
    assert light.lightness() > 200


# --- many classes ---------------------------------------------------------------------------------


def many(classes: int, seed: int = 1) -> np.ndarray:
    """Counts of which about half of the cells have none; no two rows are alike."""
    random = np.random.default_rng(seed)
    counts = random.poisson(0.7, (classes, classes)).astype(np.int64)
    counts[np.arange(classes), np.arange(classes)] = random.integers(0, 60, classes)
    return counts


def names(classes: int) -> tuple[str, ...]:
    return tuple(f"class {number}" for number in range(classes))


def colour_of(counts: np.ndarray, true: int, said: int, theme: Theme) -> QColor:
    """What the ground of one cell is to be, by itself."""
    count, plot = int(counts[true, said]), theme.colour("plot")
    if not count:
        return plot
    if true == said:
        return mixed(theme.series("training"), plot, 0.22 + 0.78 * (count / int(counts[true].sum())) ** 2)
    most = max(int(counts[row, column]) for row, column in np.ndindex(counts.shape) if row != column)
    return mixed(theme.series("validation"), plot, 0.22 + 0.78 * math.sqrt(count / most))


@pytest.mark.parametrize("mode", ["dark", "light"])
def test_each_of_ten_thousand_cells_has_the_colour_of_its_count_and_a_dot_where_there_is_none(
    matrix: ConfusionMatrix, theme: Theme, mode: str
) -> None:
    counts = many(100)
    cells = [(0, 0), (99, 99), (40, 40), *((row, (row * 37 + 5) % 100) for row in range(0, 100, 3))]
    assert {bool(counts[cell]) for cell in cells} == {True, False}
    try:
        theme.set_mode(mode)  # type: ignore[arg-type]
        matrix.show_matrix(counts, names(100))
        matrix.choose(50, 50)
        matrix.resize(matrix.minimumSize())
        picture, grid = matrix.grab().toImage(), matrix._grid()
        for true, said in cells:
            rect, wanted = grid.rect(true, said), colour_of(counts, true, said, theme)
            corners = rect.topLeft(), rect.topRight(), rect.bottomLeft(), rect.bottomRight()
            assert {picture.pixelColor(corner).name() for corner in corners} == {wanted.name()}, (true, said)
            behind = picture.pixelColor(rect.bottomRight() + QPoint(1, 1))
            assert behind == picture.pixelColor(2, matrix.height() - 2), "between cells nothing is painted"
            assert (picture.pixelColor(rect.center()) != wanted) == (not counts[true, said]), "a dot"
    finally:
        theme.set_mode("dark")


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
def test_the_cell_that_is_pressed_is_the_one_that_is_drawn_there_on_any_screen(theme: Theme, ratio: float) -> None:
    count = 30
    counts = 1 + np.arange(count * count, dtype=np.int64).reshape(count, count) ** 2
    np.fill_diagonal(counts, 0)
    cells, grid = Cells(counts), Grid(7, 5, 13, 12, count)
    whole = slice(0, count)
    grounds = cells.colours(theme, whole, whole)
    for area in (QRect(0, 0, 420, 380), QRect(51, 33, 88, 70)):
        picture = QImage(QSize(420, 380) * ratio, QImage.Format.Format_ARGB32_Premultiplied)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        cells.paint(painter, theme, grid, area, 0)
        painter.end()
        seen = 0
        for x, y in itertools.product(range(0, picture.width(), 3), range(0, picture.height(), 5)):
            point = QPoint(int((x + 0.5) / ratio), int((y + 0.5) / ratio))
            cell = grid.at(point)
            if not area.contains(point) or (cell is not None and cell[0] == cell[1]):
                continue
            if cell is None or not grid.rect(*cell).contains(point):
                assert not picture.pixelColor(x, y).alpha(), "between cells and beside them nothing is painted"
            else:
                assert picture.pixel(x, y) == grounds[cell], (x, y)
                seen += 1
        assert seen > 100


def test_a_click_on_a_small_cell_picks_the_one_under_the_pointer_and_frames_it(
    matrix: ConfusionMatrix, qtbot: QtBot, theme: Theme
) -> None:
    matrix.show_matrix(many(100), names(100))
    matrix.resize(matrix.minimumSize())
    grid = matrix._grid()
    for cell in ((0, 99), (57, 31), (99, 0)):
        with qtbot.waitSignal(matrix.cell_chosen) as said:
            qtbot.mouseClick(matrix, Qt.MouseButton.LeftButton, pos=grid.rect(*cell).center())
        assert said.args == list(cell)
        assert matrix.accessibleDescription().startswith(f"class {cell[0]} taken for class {cell[1]}: ")
        frame = (
            matrix.grab().toImage().pixelColor(grid.rect(*cell).center() - QPoint(0, grid.rect(*cell).height() // 2))
        )
        assert frame == theme.colour("accent")
    qtbot.mouseClick(matrix, Qt.MouseButton.LeftButton, pos=grid.rect(99, 99).bottomRight() + QPoint(4, 0))
    assert matrix.cell == (99, 0), "beside the cells there is none"


def test_what_is_in_sight_is_painted_as_in_the_whole_picture(matrix: ConfusionMatrix) -> None:
    matrix.show_matrix(many(100), names(100))
    matrix.resize(matrix.minimumSize())
    whole = matrix.grab().toImage()
    for area in (QRect(0, 0, 300, 200), QRect(401, 333, 250, 190), QRect(20, 611, 300, 77), QRect(700, 3, 99, 150)):
        assert matrix.grab(area).toImage() == whole.copy(area)


def test_of_a_thousand_classes_only_the_cells_in_sight_are_worked_out(
    qtbot: QtBot, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked_out: list[int] = []
    colours = Cells.colours

    def counted(cells: Cells, theme: Theme, rows: slice, columns: slice) -> Pixels:
        found = colours(cells, theme, rows, columns)
        worked_out.append(found.size)
        return found

    monkeypatch.setattr(Cells, "colours", counted)
    matrix = ConfusionMatrix(theme)
    area = scrolled(matrix, "matrixScroll")
    shown(qtbot, area, 600, 500)
    counts = many(1000)
    counts[700, 20] = 50
    matrix.show_matrix(counts, names(1000))
    assert matrix.worst() == (700, 20)
    area.horizontalScrollBar().setValue(5000)
    area.verticalScrollBar().setValue(7000)
    worked_out.clear()
    area.grab()
    assert worked_out
    assert max(worked_out) < 60 * 60
