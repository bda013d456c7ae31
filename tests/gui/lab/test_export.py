"""The descent lab is given out as a figure, and a figure or a preset of it that is dropped fills the lab."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from tests.gui.conftest import OpenWindow
from tests.gui.lab.walked import preset, put
from workbench.export.lab import figure
from workbench.gui import dialogs, tokens
from workbench.gui.lab.export_desk import drawing_of
from workbench.gui.lab.export_dialog import LabExportDialog
from workbench.gui.lab.racing import Racing
from workbench.gui.window import Window
from workbench.spec import carried, lab_presets
from workbench.spec.recipe import Recipe

pytestmark = pytest.mark.window
LONG = 60_000


@pytest.fixture
def window(open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch) -> Window:
    monkeypatch.setattr(Racing, "ask", lambda *_: None)
    made = open_window()
    made.finish()
    made.tabs.show_tab("lab")
    return made


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    said: list[tuple[str, str]] = []
    monkeypatch.setattr(dialogs, "tell", lambda _, title, text: said.append((title, text)))
    return said


def drop(qtbot: QtBot, window: Window, path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    buttons = (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    window.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, mime, *buttons))
    qtbot.waitUntil(lambda: not window.arrivals.looking, timeout=LONG)


def opened(window: Window) -> LabExportDialog:
    window.lab.export_button.click()
    dialog = window.lab_exports.dialog
    assert isinstance(dialog, LabExportDialog)
    return dialog


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_what_is_shown_is_written_by_a_process_with_the_labs_settings_in_it(
    qtbot: QtBot, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(figure, "save", lambda *_: pytest.fail("the window's process does not draw"))
    lab = preset("step-size")
    put(window, lab)
    dialog = opened(window)
    dialog.kind.show_value(kind)
    dialog.yes.click()
    (asking,) = dialog.findChildren(QFileDialog)
    assert asking.defaultSuffix() == kind
    path = tmp_path / "new" / f"lab.{kind}"
    asking.fileSelected.emit(str(path))
    qtbot.waitUntil(lambda: window.status.text.startswith("Wrote"), timeout=LONG)
    assert window.status.text == f"Wrote the descent lab to {path}."
    assert window.lab_exports.dialog is None
    text = carried.read_lab(path)
    assert text is not None
    assert lab_presets.loads(text).lab == lab


def test_what_is_drawn_is_what_is_on_screen(window: Window) -> None:
    shown = put(window, preset("long-valley"))
    window.lab.bar.go(12)
    found = drawing_of(shown, window.lab, dark=True, everything=False)
    assert found.step == 12
    (left, right), (bottom, top) = window.lab.landscape.getViewBox().viewRange()
    assert found.view == (left, right, bottom, top)
    assert [track.title for track in found.tracks] == [line.title for line in shown.lines]
    for track, line in zip(found.tracks, shown.lines, strict=True):
        np.testing.assert_array_equal(track.places, line.path.places)
        np.testing.assert_array_equal(track.values, line.path.heights)
        assert track.look.colour == tokens.SERIES_DARK[f"run{line.slot % 6 + 1}"]
    assert [line.name for line in found.theory] == [bound.name for bound in shown.bounds]
    window.lab.what.button("slopes").click()
    slopes = drawing_of(shown, window.lab, dark=False, everything=True)
    assert slopes.step == shown.steps
    np.testing.assert_array_equal(slopes.tracks[0].values, shown.lines[0].path.slopes)
    assert len(slopes.theory) == sum(bound.slopes is not None for bound in shown.bounds)


def test_the_preview_is_drawn_and_follows_what_is_chosen(qtbot: QtBot, window: Window) -> None:
    put(window, preset("long-valley"))
    dialog = opened(window)
    qtbot.waitUntil(lambda: not dialog.preview.sheet.image.isNull(), timeout=LONG)
    before = dialog.preview.sheet.image.copy()
    assert "17.5 × 9.0 cm" in dialog.preview.note.text()
    dialog.choices["Ground"].show_value("dark")
    dialog.choices["Ground"].value_edited.emit("dark")
    qtbot.waitUntil(lambda: dialog.preview.sheet.image != before, timeout=LONG)
    assert dialog.preview.sheet.image.pixelColor(2, 2).name() == tokens.DARK["plot"].lower()
    dialog.reject()


def test_a_size_that_cannot_be_is_said_and_nothing_is_written(qtbot: QtBot, window: Window) -> None:
    put(window, preset("long-valley"))
    dialog = opened(window)
    field = dialog.numbers["width_cm"]
    field.lineEdit().setText("")
    qtbot.keyClicks(field.lineEdit(), "wide")
    qtbot.waitUntil(lambda: bool(dialog.problem.text()), timeout=LONG)
    assert dialog.problem.text() == "The width must be from 4 to 100 cm, got no number."
    assert not dialog.yes.isEnabled()
    dialog.reject()


def test_without_a_race_there_is_nothing_to_export(window: Window) -> None:
    window.lab.export_button.click()
    assert window.lab_exports.dialog is None
    assert window.status.text == "There is nothing to export yet: no race has been shown."


@pytest.mark.parametrize("ending", ["png", "svg", "pdf", "toml"])
def test_a_figure_or_a_preset_that_is_dropped_fills_the_lab_and_shows_its_tab(
    qtbot: QtBot, window: Window, told: list[tuple[str, str]], tmp_path: Path, ending: str
) -> None:
    lab = preset("saddle-noise")
    shown = put(window, lab)
    path = tmp_path / f"given.{ending}"
    if ending == "toml":
        path.write_text(lab_presets.dump(lab, "Mine"), encoding="utf-8")
    else:
        figure.save(
            drawing_of(shown, window.lab, dark=False, everything=True),
            path,
            LabExportDialog(window.theme, window).wish(),
        )
    window.lab_panel.set_lab(preset("bumpy"))
    window.tabs.show_tab("curves")
    recipe = window.recipe.recipe
    drop(qtbot, window, path)
    assert window.lab_panel.lab == lab
    assert window.tabs.name == "lab"
    assert window.status.text == f"The descent lab has the settings of given.{ending}. Undo brings back what was there."
    assert window.recipe.recipe == recipe
    window.commands["undo"].trigger()
    assert window.lab_panel.lab == preset("bumpy")
    assert told == []


def test_where_recipes_are_imported_a_preset_of_the_lab_goes_to_the_lab(window: Window, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(lab_presets.dump(preset("bumpy")), encoding="utf-8")
    window.tabs.show_tab("curves")
    recipe, name = window.recipe.recipe, window.recipe.preset_name
    window.recipe.import_file(path)
    assert window.tabs.name == "lab"
    assert window.lab_panel.lab == preset("bumpy")
    assert (window.recipe.recipe, window.recipe.preset_name) == (recipe, name)


def test_a_recipe_still_fills_the_recipe(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    from workbench.spec import presets
    from workbench.spec.recipe import changed

    recipe, lab = changed(Recipe(), "training.epochs", 3), window.lab_panel.lab
    (tmp_path / "mine.toml").write_text(presets.dump(recipe, "Mine"))
    drop(qtbot, window, tmp_path / "mine.toml")
    assert window.recipe.recipe == recipe
    assert window.lab_panel.lab == lab


def test_a_bad_preset_of_the_lab_says_all_that_is_wrong_and_changes_nothing(
    qtbot: QtBot, window: Window, told: list[tuple[str, str]], tmp_path: Path
) -> None:
    lab = window.lab_panel.lab
    (tmp_path / "bad.toml").write_text("format = 1\n[landscape]\nsteps = 1\n[racers.adam]\nmethod = 'adem'")
    drop(qtbot, window, tmp_path / "bad.toml")
    ((title, text),) = told
    assert title == "The lab's settings in this file cannot be used"
    assert "Did you mean adam?" in text
    assert "lab.steps" in text
    assert window.lab_panel.lab == lab
