"""The Data tab's page on a data set that was looked through."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtGui import QColor, QFontMetrics
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from workbench.data.crew import Crew
from workbench.gui.data.balance import ClassCount
from workbench.gui.data.gallery import LABEL, SIDE, Gallery
from workbench.gui.tabs.data_page import MARGIN, DataPage
from workbench.gui.theme import Theme
from workbench.spec.data import Digits, Folder, ShapeMasks

pytestmark = pytest.mark.window


@pytest.fixture
def page(qtbot: QtBot, theme: Theme) -> DataPage:
    made = DataPage(theme)
    qtbot.addWidget(made)
    made.resize(1000, 640)
    made.show()
    return made


def show(page: DataPage, shown) -> None:
    page.show_data(shown)
    page.show_found(balanced=False)
    QCoreApplication.processEvents()  # it comes into view a turn of the event loop later


def test_the_heading_the_split_and_the_bars_count_alike(page, odd):
    show(page, odd)
    assert page.title.text() == "my pictures"
    assert page.note.whole.startswith(
        "58 pictures, 3 classes, 16 × 16, colour, mean ".replace(" pictures", "\xa0pictures").replace(
            " classes", "\xa0classes"
        )
    )
    counts = np.bincount(odd.parts[odd.parts >= 0], minlength=3)
    assert [page.split.button(key).text() for key in ("training", "validation", "test")] == [
        f"Training {counts[0]}", f"Validation {counts[1]}", f"Test {counts[2]}",
    ]  # fmt: skip
    rows = page.bars.bars.rows
    assert [row.name for row in rows] == ["<b>bold", "a & b", "cat"]
    assert np.sum([row.counts for row in rows], axis=0).tolist() == counts.tolist()
    assert [row.rare for row in rows] == [False, False, True]


def test_names_from_files_stay_plain_text(page, odd):
    show(page, odd)
    assert page.chips._chips[1].words == "<b>bold"
    for label in page.findChildren(QLabel):
        assert label.textFormat() == Qt.TextFormat.PlainText or not label.text()


def test_split_and_class_sift_the_gallery(page, odd, qtbot: QtBot):
    show(page, odd)
    assert page.gallery.count == (odd.parts == 0).sum()
    qtbot.mouseClick(page.split.button("validation"), Qt.MouseButton.LeftButton)
    assert page.gallery.count == (odd.parts == 1).sum()
    qtbot.mouseClick(page.chips._chips[3], Qt.MouseButton.LeftButton)
    assert page.gallery.count == ((odd.parts == 1) & (odd.labels == 2)).sum() > 0
    place = page.gallery.current
    assert page.gallery._caption(place) == odd.name(place).split("/")[1]
    qtbot.mouseClick(page.chips._chips[0], Qt.MouseButton.LeftButton)
    assert page.gallery._caption(place) == "cat"


def test_a_finding_shows_its_pictures_and_back_leads_to_all(page, odd, qtbot: QtBot):
    show(page, odd)
    number = next(n for n, each in enumerate(page._listed) if each.kind == "two_classes")
    page.show_finding(number)
    assert sorted(odd.name(int(place)) for place in page.gallery._places) == ["<b>bold/03.png", "a & b/wrong.png"]
    assert page.heading.whole == "1 picture is in two classes"
    assert not page.chips.isVisible()
    qtbot.mouseClick(page.back, Qt.MouseButton.LeftButton)
    assert page.gallery.count == (odd.parts == 0).sum()
    assert page.chips.isVisible()


def test_the_checks_say_what_was_found_and_imbalance_stands_beside_the_bars(page, odd):
    show(page, odd)
    kinds = {each.kind for each in page._listed}
    assert {"two_classes", "unreadable"} <= kinds
    assert "imbalance" not in kinds
    assert page.imbalance.isVisible()
    assert page.imbalance.title.text() == "cat has 6 times fewer pictures than <b>bold"
    assert "Turn on class weights" in page.imbalance.sentence.text()
    page.show_found(balanced=True)
    assert page.imbalance.sentence.text() == "Class balancing is on, so rare classes weigh more."


def test_findings_without_room_are_behind_a_count(page, odd):
    show(page, odd)
    page.checks.resize(300, page.checks.height())
    assert page.checks.more.isVisibleTo(page.checks)
    menu = page.checks.menu()
    visible = [check for check in page.checks._checks if check.isVisibleTo(page.checks)]
    assert len(menu.actions()) + len(visible) == len(page._listed)
    assert page.checks.more.text() == f"{len(menu.actions())} more"


def test_shuffle_mixes_the_same_pictures_anew(page, odd, qtbot: QtBot):
    show(page, odd)
    before = page.gallery._places.tolist()
    qtbot.mouseClick(page.shuffle, Qt.MouseButton.LeftButton)
    assert page.gallery._places.tolist() != before
    assert sorted(page.gallery._places.tolist()) == sorted(before)


def test_what_is_asked_of_a_picture_is_said_with_its_path(page, odd, qtbot: QtBot, base):
    show(page, odd)
    page.gallery.setFocus()
    menu = page.gallery.menu()
    path = str(base / odd.name(page.gallery.current))
    for name, signal in (
        ("openPictureAction", page.open_asked),
        ("revealPictureAction", page.reveal_asked),
        ("copyPictureAction", page.copy_asked),
    ):
        action = next(action for action in menu.actions() if action.objectName() == name)
        with qtbot.waitSignal(signal) as said:
            action.trigger()
        assert said.args == [path]
    with qtbot.waitSignal(page.open_asked):
        qtbot.keyClick(page.gallery, Qt.Key.Key_Return)


def test_pictures_without_files_have_no_menu_and_no_folder(page, shown):
    show(page, shown(Digits(limit=100)))
    assert page.gallery.menu() is None
    assert not page.folder.isVisible()
    assert page.title.text() == "Digits"


def test_masks_lie_over_the_pictures_when_wanted(page, shown, qtbot: QtBot):
    masked = shown(ShapeMasks(count=20, image_size=32))
    show(page, masked)
    assert page.masks.isVisible()
    assert not page.chips.isVisible()
    place = page.gallery.current
    covered = page.gallery._tiles.pixmap(place, SIDE).toImage()
    page.masks.setChecked(False)
    plain = page.gallery._tiles.pixmap(place, SIDE).toImage()
    pixels = masked._album.small(int(masked.index[place]))
    ground = np.argwhere(pixels[:, :, 3] == 0)[0] * 2
    figure = np.argwhere(pixels[:, :, 3] > 0)[0] * 2
    at = QPoint(int(ground[1]), int(ground[0]))
    assert (
        covered.pixelColor(at) == plain.pixelColor(at) == QColor(*pixels[ground[0] // 2, ground[1] // 2, :3].tolist())
    )
    at = QPoint(int(figure[1]), int(figure[0]))
    assert covered.pixelColor(at) != plain.pixelColor(at)
    del pixels
    assert sum(row.total for row in page.bars.bars.rows) == masked.pixels.sum()


def test_without_pictures_the_page_says_why_and_offers_what_can_be_done(page, qtbot: QtBot):
    page.show_nothing("mnist.npz is not here.", "Fetch it", fetch=True)
    with qtbot.waitSignal(page.fetch_asked):
        qtbot.mouseClick(page.offer, Qt.MouseButton.LeftButton)
    page.show_nothing("The folder is not there.", "Look again")
    with qtbot.waitSignal(page.again_asked):
        qtbot.mouseClick(page.offer, Qt.MouseButton.LeftButton)
    page.show_reading("Looking into cats", 3, 0)
    assert page.nothing.text() == "Looking into cats"
    assert not page.offer.isVisible()


def test_a_data_set_without_a_split_says_why(page, odd):
    odd.problem = "No class has enough pictures to keep some aside for validation."
    show(page, odd)
    assert page.imbalance.title.text() == "There is no split"


@pytest.mark.parametrize(
    ("scale", "width"), [(1.0, 460), (1.0, 776), (1.0, 1100), (1.25, 600), (1.5, 700), (2.0, 579), (2.0, 880)]
)
def test_the_head_has_room_for_its_buttons(page, odd, theme: Theme, scale: float, width: int):
    theme.set_text_scale(scale)
    try:
        page.show_title("Folder", may_change=True)
        page.resize(width, 600)
        show(page, odd)
        for button, name in ((page.look_again, "Look again"), (page.folder, "Open folder")):
            assert button.isVisible()
            assert button.accessibleName() == name
            assert button.width() >= button.minimumSizeHint().width()
            # Where there is no room for the word, a pointer is told what the sign means.
            assert button.toolTip() == ("" if button.sizeHint().width() > 2 * button.height() else name)
        head = page.folder.parentWidget()
        assert head.minimumSizeHint().width() <= width - 2 * MARGIN
    finally:
        theme.set_text_scale(1.0)


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_nothing_is_cut_in_a_small_window_with_large_text(page, odd, theme: Theme, scale: float):
    theme.set_text_scale(scale)
    try:
        page.resize(640, 560)
        show(page, odd)
        assert page.minimumSizeHint().width() <= 1024
        for widget in (page.split, page.shuffle, page.side, page.checks):
            corner = widget.mapTo(page, widget.rect().bottomRight())
            assert corner.x() <= page.width() or scale > 1
        first = page.gallery.cell(0)
        assert first.height() >= SIDE + theme.px(LABEL) - 2
    finally:
        theme.set_text_scale(1.0)


def test_with_large_text_in_a_small_window_the_page_scrolls_and_nothing_lies_over_anything(
    page, odd, theme: Theme, qtbot: QtBot
):
    theme.set_text_scale(2.0)
    try:
        page.resize(579, 334)  # what a window of 1100 × 700 leaves it then
        show(page, odd)
        assert page.minimumSizeHint().height() < 334
        qtbot.waitUntil(lambda: page.fed.height() >= page.fed.minimumSizeHint().height())
        parts = (page.title, page.split, page.gallery, page.bars, page.fed, page.checks)
        for part in parts:
            hint = part.minimumSizeHint()
            assert part.height() >= hint.height(), part.objectName()
            assert part.width() >= hint.width(), part.objectName()
        places = [part.mapTo(page, part.rect().topLeft()).y() for part in parts]
        assert places == sorted(places)
        assert all(low >= top + part.height() for top, low, part in zip(places, places[1:], parts, strict=False))
        page.resize(900, 600)
        qtbot.waitUntil(lambda: page.side.x() > 0)
        assert page.bars.mapTo(page, QPoint()).y() < page.gallery.mapTo(page, QPoint()).y() + page.gallery.height()
    finally:
        theme.set_text_scale(1.0)


# --- the gallery ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def gallery(qtbot: QtBot, theme: Theme, odd) -> Gallery:
    made = Gallery(theme)
    qtbot.addWidget(made)
    made.resize(400, 260)
    made.show()
    made.show_pictures(odd, odd.order(0, None, 0), caption="class", masks=True)
    made.setFocus()
    return made


def test_only_pictures_in_view_are_made(gallery, odd):
    places = np.tile(odd.order(0, None, 0), 2_000)
    gallery._tiles.forget()
    gallery.show_pictures(odd, places, caption="class", masks=True)
    made = []
    plain = gallery._tiles.pixmap
    gallery._tiles.pixmap = lambda place, side: made.append(place) or plain(place, side)
    gallery.verticalScrollBar().setValue(gallery.verticalScrollBar().maximum() // 2)
    gallery.viewport().repaint()
    assert 0 < len(made) <= gallery._columns() * (gallery.height() // gallery._row() + 2)


def test_a_picture_is_enlarged_by_a_whole_number(gallery, odd):
    pixmap = gallery._tiles.pixmap(gallery.current, SIDE)
    assert (pixmap.width(), pixmap.height()) == (64, 64)
    image, pixels = pixmap.toImage(), odd.small(gallery.current)
    for row, column in ((0, 0), (5, 9), (15, 15)):
        for corner in (0, 3):
            assert image.pixelColor(4 * column + corner, 4 * row + corner) == QColor(*pixels[row, column].tolist())


def test_arrows_move_the_current_picture_and_tell_of_it(gallery, odd, qtbot: QtBot):
    columns = gallery._columns()
    for key, expected in (
        (Qt.Key.Key_Right, 1),
        (Qt.Key.Key_Down, 1 + columns),
        (Qt.Key.Key_End, gallery.count - 1),
        (Qt.Key.Key_Home, 0),
    ):
        qtbot.keyClick(gallery, key)
        assert gallery.current == gallery._places[expected]
        assert gallery.viewport().rect().contains(gallery.cell(expected).adjusted(0, 0, 0, -20))
    assert gallery.accessibleDescription() == odd.about(gallery.current).replace("\n", ", ")


def test_a_click_makes_a_picture_the_current_one(gallery, qtbot: QtBot):
    with qtbot.waitSignal(gallery.current_changed) as said:
        qtbot.mouseClick(gallery.viewport(), Qt.MouseButton.LeftButton, pos=gallery.cell(2).center())
    assert said.args == [int(gallery._places[2])]


def test_a_missing_picture_is_drawn_once_it_has_come(gallery, odd, monkeypatch):
    there = odd.small
    monkeypatch.setattr(odd, "small", lambda _place: None)
    gallery._tiles.forget()
    gallery.viewport().repaint()
    assert gallery._waiting
    monkeypatch.setattr(odd, "small", there)
    gallery.refresh()
    gallery.viewport().repaint()
    assert not gallery._waiting


def test_the_reason_stands_in_the_words_about_a_broken_picture(odd):
    (place,) = [place for place in range(len(odd)) if odd.unreadable(place)]
    assert "Not used: it is not a picture" in odd.about(place)
    assert odd.about(place).startswith("cat/broken.png\ncat\nin no split")


def test_a_picture_that_was_out_of_reach_is_not_waited_for(shown, base, monkeypatch):
    plain = Crew.do

    def without_one(self, paths, task):
        (base / "cat" / "02.png").unlink()
        yield from plain(self, paths, task)

    monkeypatch.setattr(Crew, "do", without_one)
    odd = shown(Folder(path=str(base), image_size=16))
    (place,) = [place for place in range(len(odd)) if odd.name(place) == "cat/02.png"]
    assert odd.unreadable(place)
    assert odd.about(place).endswith("Not used: it is not there any more.")


def test_bars_are_sorted_and_told(page, theme: Theme):
    page.bars.show_classes([ClassCount("few", (1, 1, 0)), ClassCount("many", (1000, 200, 34))])
    assert [row.name for row in page.bars.bars.rows] == ["many", "few"]
    assert page.bars.accessibleDescription().startswith("many 1")


def test_a_name_that_there_is_room_for_is_not_shortened(page, theme: Theme):
    page.bars.resize(300, 200)
    metrics = QFontMetrics(theme.font("secondary"))
    for name in ("bird", "cat", "dog", "frog", "ship", "lorry", "truck", "i", "wii", "fjord", "llama", "0", "11", "7"):
        page.bars.show_classes([ClassCount(name, (10, 2, 1))])
        room = page.bars.bars.room_for_names()
        assert metrics.elidedText(name, Qt.TextElideMode.ElideRight, room) == name
    page.bars.show_classes([ClassCount("a very long name indeed " * 9, (10, 2, 1))])
    assert page.bars.bars.room_for_names() <= page.bars.bars.width() // 3


def test_numbers_of_small_copies_are_said_to_be_such(shown, base):
    same, other = shown(Folder(path=str(base), image_size=16)), shown(Folder(path=str(base), image_size=48))
    assert same.values().startswith("mean ")
    assert not same.values().endswith("copies")
    assert other.values() == f"{same.values()} of small copies"
