"""The export dialog: what is chosen is previewed, saved and copied as it was chosen."""

import csv
import io
from dataclasses import fields
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QFileDialog

from workbench.curves.axes import Axis
from workbench.export import flags, looks
from workbench.export.switches import SWITCHES
from workbench.export.wish import LIMITS, Wish
from workbench.gui import tokens
from workbench.gui.curves import export_dialog
from workbench.gui.curves.export_dialog import ExportDialog, file_name
from workbench.gui.curves.export_fields import FIGURES
from workbench.gui.curves.inks import flag_token

pytestmark = pytest.mark.window


@pytest.fixture
def dialog(view, teller, run, qtbot) -> ExportDialog:
    teller.epochs(6)
    view.show_run(run(name="Run 17: a/b"), teller.curves)
    made = view.ask_export()
    qtbot.waitUntil(lambda: not made.preview.sheet.image.isNull(), timeout=20_000)
    return made


def choose(dialog: ExportDialog, name: str, key: str) -> None:
    picker = getattr(dialog.asked, name)
    picker.show_value(key)
    picker.value_edited.emit(key)
    dialog.show_preview()


def write(dialog: ExportDialog, qtbot, name: str, text: str) -> None:
    field = dialog.asked.numbers[name]
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)


def test_the_preview_is_the_figure_and_says_its_size(dialog, theme) -> None:
    image = dialog.preview.sheet.image
    assert image.width() / image.height() == pytest.approx(16 / 11, abs=0.02)
    assert image.width() <= dialog.preview.pixels[0] + 1
    assert image.pixelColor(2, image.height() - 2).name() == "#ffffff"
    assert "16.0 × 11.0 cm" in dialog.preview.note.text()
    choose(dialog, "kind", "pdf")
    assert dialog.preview.note.text() == "16.0 × 11.0 cm"


def test_several_keystrokes_are_drawn_once(dialog, qtbot, monkeypatch) -> None:
    drawn = []
    show = dialog.preview.show_image
    monkeypatch.setattr(dialog.preview, "show_image", lambda image, note: (drawn.append(note), show(image, note)))
    write(dialog, qtbot, "width_cm", "12.5")
    assert not drawn
    qtbot.waitUntil(lambda: bool(drawn), timeout=20_000)
    assert len(drawn) == 1
    assert drawn[0].startswith("12.5 × 11.0 cm")
    assert dialog.asked.size.currentText() == "Own size"


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("width_cm", "1", "The width must be from 4 to 100 cm, got 1 cm."),
        ("height_cm", "tall", "The height must be from 3 to 100 cm, got no number."),
        ("dpi", "9999", "The resolution must be"),
        ("points", "30", "lanes need at least"),
    ],
)
def test_a_number_that_cannot_be_is_said_and_nothing_can_be_saved(dialog, qtbot, name, text, sentence) -> None:
    before = dialog.asked.numbers[name].value
    write(dialog, qtbot, name, text)
    dialog.show_preview()
    assert sentence in dialog.problem.text()
    assert dialog.problem.isVisible()
    assert dialog.preview.sheet.image.isNull()  # what was drawn before is not what would be saved
    assert not dialog.yes.isEnabled()
    assert not dialog.copy.isEnabled()
    write(dialog, qtbot, name, str(before))
    dialog.show_preview()
    assert not dialog.problem.isVisible()
    assert dialog.yes.isEnabled()


def test_a_resolution_that_is_not_asked_for_stands_in_nobodys_way(dialog, qtbot) -> None:
    write(dialog, qtbot, "dpi", "9999")
    choose(dialog, "kind", "svg")
    assert not dialog.asked.numbers["dpi"].isVisible()
    assert dialog.yes.isEnabled()


def test_a_size_of_the_list_brings_its_numbers(dialog) -> None:
    choose(dialog, "size", "One column (8.5 cm)")
    wish = dialog.wish()
    assert (wish.width_cm, wish.height_cm, wish.points) == (8.5, 8.0, 8.0)
    choose(dialog, "family", "serif")
    assert dialog.wish().family == "serif"


def test_everything_or_what_is_on_screen(dialog) -> None:
    assert dialog.wish().x == (0.0, 10.0)
    choose(dialog, "part", "everything")
    assert dialog.wish().x is None
    assert dialog.wish().axis is Axis.EPOCH


@pytest.mark.parametrize("kind", [*FIGURES, "epochs", "steps"])
def test_each_kind_is_saved_under_its_ending(dialog, qtbot, tmp_path: Path, kind) -> None:
    choose(dialog, "kind", kind)
    dialog.yes.click()
    (asking,) = dialog.findChildren(QFileDialog)
    ending = kind if kind in FIGURES else "csv"
    assert asking.defaultSuffix() == ending
    assert asking.selectedFiles()[0].endswith(f"/Run 17- a-b.{ending}")
    path = tmp_path / f"a.{ending}"
    with qtbot.waitSignals([dialog.status, dialog.accepted]):
        asking.fileSelected.emit(str(path))
    begin = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF", "epochs": b"run,epoch", "steps": b"run,step"}[kind]
    assert path.read_bytes().startswith(begin)
    if kind == "png":
        with Image.open(path) as picture:
            assert picture.size == (1890, 1299)
    if kind == "steps":
        assert len(path.read_text().splitlines()) == 301


def test_a_folder_that_cannot_be_written_is_said_and_the_dialog_stays(dialog, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    dialog.save(tmp_path / "file" / "a.png")
    assert dialog.problem.text() == f"{tmp_path / 'file'} is a file where a folder is needed. Choose another folder."
    assert dialog.isVisible()
    assert dialog.yes.isEnabled()


def test_copy_puts_the_figure_on_the_clipboard_at_its_resolution(dialog, qtbot) -> None:
    write(dialog, qtbot, "dpi", "100")
    dialog.copy.click()
    image = QGuiApplication.clipboard().image()
    assert (image.width(), image.height()) == Wish(dpi=100).pixels
    assert image.dotsPerMeterX() == 3937
    colours = {
        image.convertToFormat(QImage.Format.Format_RGB32).pixelColor(x, 200).name() for x in range(image.width())
    }
    assert "#ffffff" in colours
    assert len(colours) > 3
    assert dialog.preview.note.text() == "Copied the figure."


def test_copy_of_a_table_can_be_pasted_as_text(dialog) -> None:
    choose(dialog, "kind", "epochs")
    dialog.copy.click()
    data = QGuiApplication.clipboard().mimeData()
    rows = list(csv.DictReader(io.StringIO(data.text(), newline=""), delimiter="\t"))
    assert [row["epoch"] for row in rows] == [str(at) for at in range(1, 7)]
    assert bytes(data.data("text/csv").data()).startswith(b"run,epoch,step")


def test_a_table_too_long_for_the_clipboard_is_refused(dialog, monkeypatch) -> None:
    monkeypatch.setattr(export_dialog, "MOST_COPIED", 299)
    choose(dialog, "kind", "steps")
    dialog.copy.click()
    assert "300 rows are too many for the clipboard" in dialog.problem.text()


def test_the_preview_of_a_table_is_its_first_rows(dialog) -> None:
    choose(dialog, "kind", "steps")
    table = dialog.preview.table
    assert table.isVisible()
    assert [table.horizontalHeaderItem(at).text() for at in range(3)] == ["run", "step", "epoch"]
    assert table.rowCount() == 30
    assert "The first 30 of 300" in dialog.preview.note.text()
    assert not dialog.asked.size.isVisible()
    choose(dialog, "kind", "epochs")
    assert table.rowCount() == 6


def test_the_dialog_is_used_with_the_keyboard_alone(dialog, qtbot, monkeypatch) -> None:
    asked = dialog.asked
    dialog.activateWindow()
    asked.kind.setFocus()
    seen = []
    for _ in range(12):
        focused = QApplication.focusWidget()
        seen.append(focused.accessibleName() or focused.text())
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    assert seen == [
        "Kind", "Show", "Size", "Width", "Height", "Resolution", "Font", "Text size", "Event flags", "Copy",
        "Save…", "Cancel",
    ]  # fmt: skip
    asked.kind.setFocus()
    qtbot.keyClick(asked.kind, Qt.Key.Key_Down)
    assert asked.kind_key == "svg"
    qtbot.keyClick(asked.kind, Qt.Key.Key_Return)
    (asking,) = dialog.findChildren(QFileDialog)
    assert asking.defaultSuffix() == "svg"
    asking.reject()
    with qtbot.waitSignal(dialog.rejected):
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)


def test_flags_are_in_the_figure_as_in_the_window_until_they_are_turned_off(dialog, teller, qtbot) -> None:
    teller.change_rate()
    dialog.show_preview()
    with_flags = dialog.preview.sheet.image.copy()
    assert dialog.wish().flags
    switch = dialog.asked.switches["flags"]
    with qtbot.waitSignal(dialog.asked.changed):
        switch.click()
    assert not dialog.wish().flags
    dialog.show_preview()
    assert dialog.preview.sheet.image != with_flags
    choose(dialog, "kind", "epochs")
    assert not switch.isVisible()


def test_forks_of_the_run_are_among_the_flags(view, teller, run) -> None:
    teller.epochs(6)
    view.show_run(run(), teller.curves)
    view.set_forks([("Run 18", 4)])
    assert view.wish().forks == (("Run 18", 4),)


def test_every_field_has_a_name(dialog) -> None:
    assert all(field.accessibleName() for field in dialog.asked.fields)
    assert dialog.copy.accessibleDescription()
    assert set(dialog.asked.numbers) == set(LIMITS)
    assert set(dialog.asked.switches) == set(SWITCHES) <= {each.name for each in fields(Wish)}
    assert all(switch.toolTip() for switch in dialog.asked.switches.values())


@pytest.mark.parametrize("mode", ["dark", "light"])
def test_the_figure_stays_light_in_both_themes(dialog, theme, mode) -> None:
    theme.set_mode(mode)
    image = dialog.grab().toImage()
    sheet = dialog.preview.sheet
    at = sheet.mapTo(dialog, sheet.rect().center())
    ground = image.pixelColor(sheet.mapTo(dialog, sheet.rect().topLeft()).x() + 4, at.y())
    assert ground.name() == theme.hex("window").lower()
    left = sheet.mapTo(dialog, sheet.rect().topLeft()).x() + 12
    assert image.pixelColor(left, at.y()).name() == "#ffffff"


def test_the_colours_of_figures_are_those_of_the_light_theme() -> None:
    assert (tokens.SERIES_LIGHT["training"], tokens.SERIES_LIGHT["validation"]) == (looks.TRAINING, looks.VALIDATION)
    names = {"text": looks.TEXT, "text2": looks.QUIET, "grid": looks.GRID, "err": looks.BAD, "violet": looks.VIOLET}
    assert {name: tokens.LIGHT[name] for name in names} == names
    assert set(looks.MARKERS) == set(tokens.RUN_MARKERS)
    quiet = {"checkpoint": looks.QUIET}  # darker than on screen: it is printed
    assert {kind: tokens.LIGHT[flag_token(kind)] for kind in flags.KINDS} | quiet == flags.KINDS


def test_a_runs_name_becomes_a_name_of_a_file() -> None:
    assert file_name('a/b\\c:d*e?"<>|\n') == "a-b-c-d-e------"
    assert file_name(" .. ") == "curves"
    assert len(file_name("x" * 300)) == 80
