"""The parts of the Results tab: what they show of made-up answers, and what they say when something is pressed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.gui.results import made
from workbench.gui.results import pixmaps, words
from workbench.gui.results.class_table import ClassRow, ClassTable
from workbench.gui.results.class_view import ClassView
from workbench.gui.results.layers_dialog import LayersDialog
from workbench.gui.results.mask_view import MaskView
from workbench.gui.results.reader import Kept
from workbench.gui.theme import Theme

pytestmark = pytest.mark.window


def shown(qtbot: QtBot, part: QWidget, width: int = 900, height: int = 640) -> None:
    qtbot.addWidget(part)
    part.resize(width, height)
    with qtbot.waitExposed(part):
        part.show()


@pytest.fixture
def view(qtbot: QtBot, theme: Theme) -> ClassView:
    made_view = ClassView(theme)
    shown(qtbot, made_view)
    made_view.show_look(made.classes())
    return made_view


def captions(view: ClassView) -> list[tuple[str, str, str]]:
    return [(each.first, each.first_right, each.second) for each in view.gallery.shown]


# --- pictures with classes ---------------------------------------------------------------------------


def test_the_commonest_mistake_is_chosen_first_and_drives_title_class_and_gallery(view: ClassView) -> None:
    assert view.matrix.cell == (2, 0)
    assert view._gallery_card.title.whole == "Shirt taken for T-shirt"
    assert view.count.whole == "2\u00a0pictures, most certain first"
    assert captions(view) == [("T-shirt", "95\u00a0%", "is Shirt"), ("T-shirt", "60\u00a0%", "is Shirt")]
    assert view.table._chosen == 2


def test_another_cell_shows_its_pictures(view: ClassView, qtbot: QtBot) -> None:
    qtbot.mouseClick(view.matrix, Qt.MouseButton.LeftButton, pos=view.matrix._grid().rect(3, 2).center())
    assert view._gallery_card.title.whole == "<b>Bag</b> taken for Shirt"
    assert [each.place for each in view.gallery.shown] == [8]
    qtbot.mouseClick(view.matrix, Qt.MouseButton.LeftButton, pos=view.matrix._grid().rect(1, 0).center())
    assert captions(view) == []
    assert view.count.whole == "No pictures"
    assert not view.cams.isEnabled()
    qtbot.mouseClick(view.matrix, Qt.MouseButton.LeftButton, pos=view.matrix._grid().rect(1, 1).center())
    assert captions(view)[0] == ("Trouser", "99\u00a0%", "right")
    assert view._gallery_card.title.whole == "Trouser recognised"


def test_classes_stand_weakest_first_and_choosing_one_shows_its_commonest_mistake(
    view: ClassView, qtbot: QtBot
) -> None:
    assert [row.name for row in view.table.rows] == ["Shirt", "<b>Bag</b>", "T-shirt", "Trouser"]
    assert view.table.rows[0].values == pytest.approx((1 / 2, 1 / 3, 0.4))
    view.table.setFocus()
    qtbot.keyClick(view.table, Qt.Key.Key_Down)
    assert view.matrix.cell == (3, 2)
    assert "F1 66.7" in view.table.accessibleDescription()
    qtbot.keyClick(view.table, Qt.Key.Key_End)
    assert view.matrix.cell == (1, 1), "no mistake: what was recognised"


def test_of_a_thousand_classes_the_rows_in_sight_are_painted_as_in_the_whole_table(
    qtbot: QtBot, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, painted = ClassTable(theme), []
    shown(qtbot, table, 500, 400)
    values = [0.3 + 0.0007 * number for number in range(999)]
    rows = [ClassRow(number, f"class {number}", (value,), "20") for number, value in enumerate(values)]
    table.show_rows(("F1",), [*rows, ClassRow(999, "none", (math.nan,), "0")])
    table.resize(500, table.sizeHint().height())
    whole = table.grab().toImage()
    paint_row = ClassTable._paint_row
    monkeypatch.setattr(ClassTable, "_paint_row", lambda *given: (painted.append(given[3]), paint_row(*given)))
    for area in (QRect(0, 0, 500, 300), QRect(0, 12_345, 500, 300), QRect(100, table.height() - 40, 400, 40)):
        painted.clear()
        assert table.grab(area).toImage() == whole.copy(area)
        assert 0 < len(painted) < 15


def test_the_surest_mistakes_and_the_least_certain_are_a_click_away(view: ClassView, qtbot: QtBot) -> None:
    qtbot.mouseClick(view.lists.button("mistakes"), Qt.MouseButton.LeftButton)
    assert [each.place for each in view.gallery.shown] == [6, 8, 5]
    qtbot.mouseClick(view.lists.button("uncertain"), Qt.MouseButton.LeftButton)
    assert view.gallery.shown[0].place == 7
    assert len(view.gallery.shown) == 10


def test_the_arrows_go_through_the_gallery_and_each_picture_is_told(view: ClassView, qtbot: QtBot) -> None:
    view.gallery.setFocus()
    with qtbot.waitSignal(view.gallery.picture_chosen) as said:
        qtbot.keyClick(view.gallery, Qt.Key.Key_Right)
    assert said.args == [5]
    assert view.gallery.accessibleDescription() == "5: T-shirt 60\u00a0%, is Shirt"
    qtbot.keyClick(view.gallery, Qt.Key.Key_Right)
    assert view.gallery.chosen == 5


def test_both_lines_under_the_pictures_can_be_read_beside_a_scroll_bar(view: ClassView, theme: Theme) -> None:
    bar = view._gallery_area.horizontalScrollBar().sizeHint().height()
    try:
        for scale in (1.0, 1.5):
            theme.set_text_scale(scale)
            assert view._gallery_area.height() >= view.gallery.height() + bar
    finally:
        theme.set_text_scale(1.0)


def test_curves_are_there_for_two_classes_only(view: ClassView, qtbot: QtBot) -> None:
    assert not view.sides.button("curves").isVisible()
    view.show_look(made.two_classes())
    qtbot.mouseClick(view.sides.button("curves"), Qt.MouseButton.LeftButton)
    assert view._side_card.title.whole == "Looking for dog"
    assert view.roc.accessibleName() == "Area under the ROC curve 1.0000"
    view.show_look(made.classes())
    assert view.sides.key == "classes"


def test_what_it_looked_at_is_asked_for_all_that_is_shown_and_laid_over_it(view: ClassView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.cams_asked) as said:
        qtbot.mouseClick(view.cams, Qt.MouseButton.LeftButton)
    assert said.args == [[6, 5], [0, 0]]
    bare = view.gallery.grab().toImage()
    view.lay_over({6: np.ones((2, 2), np.float32)})
    assert view.gallery.covered
    assert view.gallery.grab().toImage() != bare
    qtbot.mouseClick(view.cams, Qt.MouseButton.LeftButton)
    assert view.gallery.grab().toImage() == bare


def test_all_of_it_fits_into_the_smallest_window(view: ClassView) -> None:
    assert view.minimumSizeHint().width() <= 1024 - 280 - 44 - 24 - 10, "recipe, rail, margins, scroll bar"


# --- masks -----------------------------------------------------------------------------------------------


@pytest.fixture
def mask_view(qtbot: QtBot, theme: Theme) -> MaskView:
    part = MaskView(theme)
    shown(qtbot, part)
    part.show_look(made.masks())
    return part


def test_the_weakest_picture_stands_first_and_is_shown(mask_view: MaskView) -> None:
    assert [each.name for each in mask_view.list.listed] == ["cell_2", "cell_1", "cell_0"]
    assert [each.told for each in mask_view.list.listed][1:] == ["67.9\u00a0%", "100.0\u00a0%"]
    assert mask_view.name.whole == "cell_2"
    assert [(row.name, row.pictures) for row in mask_view.table.rows] == [
        ("nucleus", "0"),
        ("background", "48"),
        ("cell", "16"),
    ]


def test_another_picture_has_its_own_overlap_and_all_have_theirs(mask_view: MaskView, qtbot: QtBot) -> None:
    mask_view.list.setFocus()
    qtbot.keyClick(mask_view.list, Qt.Key.Key_Down)
    assert mask_view.name.whole == "cell_1"
    assert mask_view.table.rows[0].values == pytest.approx((0.5,))
    qtbot.mouseClick(mask_view.of.button("all"), Qt.MouseButton.LeftButton)
    values = {row.name: row.values[0] for row in mask_view.table.rows}
    assert values["cell"] == pytest.approx(40 / 48)


@pytest.mark.parametrize("layer", ["predicted", "true", "missed", "extra"])
def test_each_layer_is_seen_and_can_be_switched_off(mask_view: MaskView, qtbot: QtBot, layer: str) -> None:
    place = 2 if layer == "extra" else 1
    mask_view._show_picture(place)
    whole = mask_view.overlay.grab().toImage()
    qtbot.keyClick(mask_view.switches[layer], Qt.Key.Key_Space)
    without = mask_view.overlay.grab().toImage()
    assert whole != without
    qtbot.keyClick(mask_view.switches[layer], Qt.Key.Key_Space)
    assert mask_view.overlay.grab().toImage() == whole


def test_missed_pixels_are_filled_where_they_are(mask_view: MaskView, theme: Theme) -> None:
    mask_view._show_picture(1)
    for layer in ("predicted", "true", "extra"):
        mask_view.switches[layer].setChecked(False)
    mask_view.strength.setValue(100)
    picture, field = mask_view.overlay.grab().toImage(), mask_view.overlay._field()
    missed = field.topLeft() + (field.bottomRight() - field.topLeft()) * 0.40  # row and column 3 of 8
    hit = field.topLeft() + (field.bottomRight() - field.topLeft()) * 0.56  # row and column 4 of 8
    assert picture.pixelColor(missed.toPoint()) == theme.series("run6")
    assert picture.pixelColor(hit.toPoint()) == QColor(60, 60, 60)


# --- words, arrays -------------------------------------------------------------------------------------------


def test_tiles_always_have_the_score_of_guessing_one_class() -> None:
    labels = {label: (figure, note) for label, figure, note in words.class_tiles(made.classes())}
    assert labels["Always guessing one class"] == ("30.0\u00a0%", "always T-shirt")
    assert labels["Accuracy"][0] == "70.00\u00a0%"
    assert labels["Loss"] == ("0.2181", "validation set")
    masks = {label: (figure, note) for label, figure, note in words.mask_tiles(made.masks())}
    assert masks["Always guessing background"] == ("75.0\u00a0%", "pixels")
    assert masks["Weakest class"][1] == "nucleus"


def test_what_has_to_be_known_stands_under_the_title() -> None:
    found, kept = made.classes(), Kept(38, 380, "", best=True, ends_epoch=True)
    assert words.subtitle(found.about, kept, 10, 0) == "10\u00a0pictures, weights of epoch 38"
    other = made.classes(trained_on="g", part="test").about
    assert words.subtitle(other, kept, 1, 3) == (
        "1\u00a0picture never used in training, weights of epoch 38 · looked at 3 times · the pictures are not those that it was trained on"
    )


def test_checkpoints_are_named_by_their_epoch() -> None:
    assert words.kept_label(Kept(38, 380, "", best=True, ends_epoch=True)) == "Epoch 38 · best"
    assert words.kept_label(Kept(4, 1234, "", best=False, ends_epoch=False)) == "Epoch 5, step 1\u202f234"


def test_pictures_are_called_by_their_file_or_their_row() -> None:
    assert words.file_stem("images/cell_0185.png", 3) == "cell_0185"
    assert words.file_stem("noending", 3) == "noending"
    assert words.file_stem("", 3) == "Row 3"


def test_arrays_become_pictures_as_they_are() -> None:
    pixels = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    colour = pixmaps.image(pixels)
    assert (colour.width(), colour.height()) == (3, 2)
    assert colour.pixelColor(2, 1) == QColor(15, 16, 17)
    grey = pixmaps.image(pixels[..., :1])
    assert grey.pixelColor(1, 1) == QColor(12, 12, 12)
    heat = pixmaps.heat(np.array([[0.0, 1.0]]), QColor(10, 20, 30))
    assert [heat.pixelColor(column, 0).alpha() for column in (0, 1)] == [0, 200]
    assert pixmaps.greys(np.array([[0.0, 0.5], [1.0, 2.0]])).tolist() == [[0, 63], [127, 255]]
    assert pixmaps.greys(np.zeros((1, 2))).tolist() == [[128, 128]]


def test_layers_show_their_maps_and_their_filters(qtbot: QtBot, theme: Theme) -> None:
    parent = QWidget()
    shown(qtbot, parent)
    dialog = LayersDialog(theme, parent)
    random = np.random.default_rng(1)
    arrays = {"maps": random.random((4, 4, 5)), "filters": random.random((3, 3, 3, 5))}
    dialog.show_layer("conv_1", ["conv_1", "pool"], 70, arrays)
    assert len(dialog.grid.images) == 5
    assert dialog.note.whole.startswith("70\u00a0maps of 4 × 4")
    assert dialog.note.whole.endswith("the first 5 are shown")
    dialog.what.button("filters").click()
    assert dialog.note.whole.startswith("70\u00a0filters of 3 × 3 over 3\u00a0inputs, in colour")
    dialog.show_layer("pool", ["conv_1", "pool"], 5, {**arrays, "filters": np.zeros((0, 0, 0, 0))})
    assert not dialog.what.button("filters").isEnabled()
    assert dialog.what.key == "maps"
    with qtbot.waitSignal(dialog.layer_chosen) as said:
        dialog._choose("conv_1")
    assert said.args == ["conv_1"]
    dialog.close()


def test_the_layers_of_another_network_have_their_own_names(qtbot: QtBot, theme: Theme) -> None:
    parent = QWidget()
    shown(qtbot, parent)
    dialog = LayersDialog(theme, parent)
    arrays = {"maps": np.ones((4, 4, 2)), "filters": np.zeros((0, 0, 0, 0))}

    def named() -> list[str]:
        return [dialog.layer.itemText(place) for place in range(dialog.layer.count())]

    dialog.show_layer("conv_1", ["conv_1", "pool"], 2, arrays)
    dialog.show_layer("dense_2", ["dense_1", "dense_2"], 2, arrays)
    assert named() == ["dense_1", "dense_2"], "as many as before, and others"
    assert dialog.layer.currentText() == "dense_2"
    dialog.leave()
    assert named() == [], "nobody can choose a layer of a network that is gone"
