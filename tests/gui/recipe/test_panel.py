import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QPushButton, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from workbench.errors import Problem
from workbench.gui.recipe.asking import AskDialog
from workbench.gui.recipe.draft import draft_path
from workbench.gui.recipe.edits import Edits, Saved
from workbench.gui.recipe.panel import RecipePanel
from workbench.gui.recipe.problems_card import ProblemsCard
from workbench.gui.text import Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.help import HelpPopover
from workbench.gui.widgets.number_field import NumberField
from workbench.gui.widgets.switch import Switch
from workbench.paths import Workspace
from workbench.spec import presets
from workbench.spec.recipe import STATIONS, Recipe, changed, settings

pytestmark = pytest.mark.window


@pytest.fixture
def opened(qtbot: QtBot, theme: Theme, workspace: Workspace) -> Callable[[], RecipePanel]:
    def open_panel() -> RecipePanel:
        panel = RecipePanel(theme, workspace)
        qtbot.addWidget(panel)
        panel.resize(320, 900)
        panel.show()
        return panel

    return open_panel


@pytest.fixture
def panel(opened: Callable[[], RecipePanel]) -> RecipePanel:
    return opened()


def control(panel: QWidget, name: str) -> QWidget:
    found = panel.findChildren(QWidget, name)
    assert len(found) == 1, f"{len(found)} controls are called {name}"
    return found[0]


def number(panel: QWidget, name: str) -> NumberField:
    field = control(panel, name)
    assert isinstance(field, NumberField)
    return field


def switch(panel: QWidget, name: str) -> Switch:
    found = control(panel, name)
    assert isinstance(found, Switch)
    return found


def button(panel: QWidget, name: str) -> QPushButton:
    found = control(panel, name)
    assert isinstance(found, QPushButton)
    return found


def pick(qtbot: QtBot, panel: QWidget, name: str, label: str) -> None:
    box = control(panel, name)
    assert isinstance(box, QComboBox)
    box.setCurrentIndex(box.findText(label))
    box.activated.emit(box.currentIndex())


def write(qtbot: QtBot, field: NumberField, text: str) -> None:
    field.selectAll()
    qtbot.keyClicks(field.lineEdit(), text)


def words(panel: QWidget, name: str) -> str:
    found = control(panel, name)
    assert isinstance(found, Text)
    return found.text()


# --- generated from the spec ---------------------------------------------------------------------------


def test_every_setting_has_one_control_under_its_path_with_a_name_and_help(panel: RecipePanel) -> None:
    for declared in settings(Recipe()):
        found = panel.findChildren(QWidget, declared.path.removesuffix(".on"))
        if declared.path.startswith("tricks."):
            assert len(found) == 1, "there, and in sight once the trick is on and the setting means something"
            assert found[0].accessibleName()
            assert found[0].accessibleDescription()
            continue
        if len(declared.choices) == 1 or not Edits(Saved("", Recipe())).applies(declared):
            assert found == [], "one choice, or it does not apply to a fresh recipe"
            continue
        assert len(found) == 1, declared.path
        assert found[0].accessibleName()
        assert found[0].accessibleDescription()
    assert (
        control(panel, "tricks.early_stopping.patience").accessibleName() == "Tricks, Early stopping, Patience, epochs"
    )


@pytest.mark.parametrize("station", STATIONS)
def test_every_section_says_what_is_in_it_while_closed(panel: RecipePanel, station: str) -> None:
    assert control(panel, f"{station}Section").accessibleName().count(",") >= 2


def test_controls_are_large_enough_to_hit(panel: RecipePanel) -> None:
    for declared in settings(Recipe()):
        for found in panel.findChildren(QWidget, declared.path.removesuffix(".on")):
            assert min(found.sizeHint().height(), found.sizeHint().width()) >= 24, declared.path


# --- edits --------------------------------------------------------------------------------------------


def test_a_typed_rate_becomes_the_recipe_and_a_dot(qtbot: QtBot, panel: RecipePanel) -> None:
    with qtbot.waitSignal(panel.recipe_changed) as caught:
        write(qtbot, number(panel, "optimizer.learning_rate"), "3")
    with qtbot.waitSignal(panel.recipe_changed) as caught:
        write(qtbot, number(panel, "optimizer.learning_rate"), "0.02")
    assert caught.args is not None
    assert panel.recipe is not None
    assert panel.recipe.optimizer.learning_rate == 0.02
    assert panel.changes == 1
    assert "changed" in control(panel, "optimizerSection").accessibleName()
    panel.reset("optimizer.learning_rate")
    assert panel.changes == 0


def test_a_bad_value_is_said_under_its_row_and_leaves_no_recipe(qtbot: QtBot, panel: RecipePanel) -> None:
    with qtbot.waitSignal(panel.problems_changed) as caught:
        write(qtbot, number(panel, "training.epochs"), "0")
    assert panel.recipe is None
    assert caught.args is not None
    assert [problem.path for problem in caught.args[0]] == ["training.epochs"]
    qtbot.keyClick(number(panel, "training.epochs"), Qt.Key.Key_Return)
    assert number(panel, "training.epochs").property("bad") is True
    assert "problem" in control(panel, "trainingSection").accessibleName()
    assert panel.explain_problems().startswith("Epochs: must be at least 1")
    with qtbot.waitSignal(panel.problems_changed):
        write(qtbot, number(panel, "training.epochs"), "7")
    assert panel.recipe is not None
    assert number(panel, "training.epochs").property("bad") is False


def test_a_text_that_is_no_number_is_said_too(qtbot: QtBot, panel: RecipePanel) -> None:
    write(qtbot, number(panel, "training.epochs"), "many")
    assert panel.recipe is None
    assert "many" in panel.explain_problems()
    panel.undo()
    assert panel.recipe is not None
    assert "many" not in number(panel, "training.epochs").text()


def test_values_that_conflict_are_said_on_both_rows_by_their_names(panel: RecipePanel) -> None:
    panel.set_value("tricks.early_stopping.on", True)
    panel.set_value("data.validation", 0.0)
    assert number(panel, "data.validation").property("bad") is True
    said = {each.text() for each in panel.findChildren(Text) if "validation pictures" in each.text()}
    assert said == {
        "Needs validation pictures; set Validation (Data) above 0 or turn early stopping off.",
        "Early stopping: needs validation pictures; set Validation (Data) above 0 or turn early stopping off.",
    }


def test_what_to_know_of_a_right_recipe_is_said_on_its_row_and_stops_nobody(panel: RecipePanel) -> None:
    def said() -> list[str]:
        return [each.text() for each in panel.findChildren(Text) if "own statistics" in each.text()]

    panel.set_value("model.normalization", "batch")
    panel.set_value("tricks.gradient_accumulation.on", value=True)
    assert [each.partition(",")[0] for each in said()] == ["With batch norm each batch has its own statistics"]
    assert panel.recipe is not None
    panel.set_value("model.normalization", "group")
    assert said() == []


def test_a_batch_larger_than_the_data_is_said_on_its_row_before_start(panel: RecipePanel) -> None:
    panel.load_preset("digits-cnn")
    panel.set_value("training.batch_size", 5000)
    assert [each.text() for each in panel.findChildren(Text) if "all training pictures" in each.text()] == [
        "5,000 is more than all training pictures (about 1,258), so each epoch is one step with all of them."
    ]
    assert panel.recipe is not None


def test_while_values_conflict_the_model_s_line_is_not_that_of_the_last_network(
    qtbot: QtBot, panel: RecipePanel
) -> None:
    line = control(panel, "modelSection")
    qtbot.waitUntil(lambda: "parameters" in line.accessibleName())
    panel.set_value("tricks.weight_decay.on", value=True)
    panel.set_value("optimizer.method", value="adamw")
    panel.set_value("model.kind", value="resnet")
    assert panel.recipe is None
    qtbot.waitUntil(lambda: "parameters" not in line.accessibleName())
    assert "ResNet" in line.accessibleName()


def test_another_optimizer_brings_its_own_rows(qtbot: QtBot, panel: RecipePanel) -> None:
    panel.load_preset("digits-cnn")
    pick(qtbot, panel, "optimizer.method", "SGD")
    assert panel.recipe is not None
    assert panel.recipe.optimizer.method == "sgd"
    control(panel, "optimizer.momentum")
    assert panel.findChildren(QWidget, "optimizer.beta_1") == []
    panel.undo()
    control(panel, "optimizer.beta_1")


def test_settings_appear_where_they_apply(qtbot: QtBot, panel: RecipePanel) -> None:
    def shown() -> set[str]:
        names = ("run", "file", "layers", "freeze", "freeze_epochs")
        return {name for name in names if panel.findChildren(QWidget, f"initializer.{name}")}

    assert shown() == set()
    pick(qtbot, panel, "initializer.start", "An earlier run")
    assert shown() == {"run", "layers", "freeze"}
    assert panel.explain_problems().startswith("Run: is empty; give the number")
    pick(qtbot, panel, "initializer.freeze", "At first")
    assert shown() == {"run", "layers", "freeze", "freeze_epochs"}
    pick(qtbot, panel, "initializer.start", "A weights file")
    assert shown() == {"file", "layers", "freeze", "freeze_epochs"}
    panel.set_value("initializer.start", "nothing")
    assert shown() == set()


def test_a_trick_unfolds_when_on_and_keeps_its_values_when_off(qtbot: QtBot, panel: RecipePanel) -> None:
    panel.set_value("tricks.dropout.on", False)
    rate = number(panel, "tricks.dropout.rate")
    write(qtbot, rate, "0.45")
    qtbot.mouseClick(switch(panel, "tricks.dropout"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(rate.isVisible)
    assert panel.recipe is not None
    assert panel.recipe.tricks.dropout.on
    qtbot.mouseClick(switch(panel, "tricks.dropout"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not rate.isVisible())
    assert panel.recipe is not None
    assert (panel.recipe.tricks.dropout.on, panel.recipe.tricks.dropout.rate) == (False, 0.45)


def test_a_setting_of_a_trick_is_in_sight_only_while_it_means_something(qtbot: QtBot, panel: RecipePanel) -> None:
    names = ("rotation", "rotation_probability", "edge", "erasing_fill")

    def in_sight() -> set[str]:
        return {name for name in names if control(panel, f"tricks.augmentation.{name}").isVisible()}

    panel.set_value("tricks.augmentation.shift", 0)
    qtbot.mouseClick(switch(panel, "tricks.augmentation"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: in_sight() == {"rotation"})
    panel.set_value("tricks.augmentation.rotation", 20.0)
    assert in_sight() == {"rotation", "rotation_probability", "edge"}
    write(qtbot, number(panel, "tricks.augmentation.rotation_probability"), "2")
    panel.set_value("tricks.augmentation.rotation", 0.0)
    assert in_sight() == {"rotation", "rotation_probability"}, "what must be put right stays in sight"
    panel.set_value("tricks.augmentation.rotation_probability", 1.0)
    assert in_sight() == {"rotation"}


def test_batch_normalization_is_a_choice_of_the_network_and_a_trick(qtbot: QtBot, panel: RecipePanel) -> None:
    panel.set_value("model.normalization", "none")
    trick = switch(panel, "tricks.batch_normalization")
    assert not trick.isChecked()
    qtbot.mouseClick(trick, Qt.MouseButton.LeftButton)
    assert panel.recipe is not None
    assert panel.recipe.model.normalization == "batch"
    panel.set_value("model.normalization", "group")
    assert not trick.isChecked()


def test_arrows_on_a_depth_skip_what_the_network_cannot_be(qtbot: QtBot, panel: RecipePanel) -> None:
    panel.set_value("model.kind", "resnet")
    depth = number(panel, "model.depth")
    depth.stepBy(1)
    assert (depth.value, panel.problems) == (26, ())


def test_undo_and_redo_go_through_the_form(panel: RecipePanel) -> None:
    panel.set_value("training.epochs", 5)
    panel.set_value("training.seed", 6)
    panel.undo()
    panel.undo()
    assert not panel.can_undo
    assert panel.changes == 0
    panel.redo()
    assert panel.recipe is not None
    assert panel.recipe.training.epochs == 5
    assert number(panel, "training.epochs").value == 5


def test_a_row_can_be_reset_from_its_menu(panel: RecipePanel) -> None:
    panel.set_value("training.epochs", 5)
    row = number(panel, "training.epochs").parentWidget()
    menu = row.context_menu()  # type: ignore[attr-defined]
    assert "30 epochs" in menu.actions()[0].text()
    menu.actions()[0].trigger()
    assert panel.changes == 0


def test_a_network_that_does_not_fit_its_pictures_leaves_no_recipe(qtbot: QtBot, panel: RecipePanel) -> None:
    panel.set_value("model.stages", 7)
    qtbot.waitUntil(lambda: panel.recipe is None)
    assert panel.problems[0].path.startswith("model")
    panel.set_value("model.stages", 2)
    assert panel.recipe is not None


# --- find, help, title ------------------------------------------------------------------------------------


def test_find_shows_only_matching_rows_and_then_everything_as_before(qtbot: QtBot, panel: RecipePanel) -> None:
    panel.focus_find()
    field = control(panel, "findSetting")
    assert isinstance(field, QLineEdit)
    qtbot.keyClicks(field, "learning rate")
    assert number(panel, "optimizer.learning_rate").isVisible()
    assert not control(panel, "trainingSection").isVisible()
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == ""
    assert control(panel, "trainingSection").isVisible()
    assert not number(panel, "optimizer.learning_rate").isVisible()


def test_f1_tells_of_the_setting_that_has_the_focus(qtbot: QtBot, panel: RecipePanel) -> None:
    control(panel, "optimizerSection").click()  # type: ignore[attr-defined]
    field = number(panel, "optimizer.learning_rate")
    qtbot.waitUntil(field.isVisible)
    field.setFocus()
    panel.show_help()
    (popover,) = panel.findChildren(HelpPopover)
    assert popover.accessibleName() == "Learning rate"
    assert "Higher" in popover.accessibleDescription()
    with qtbot.waitSignal(popover.destroyed):
        popover.close()


def test_while_a_run_lives_the_form_is_for_the_next_one(panel: RecipePanel) -> None:
    panel.set_running(True)
    assert "Recipe for the next run" in {each.text() for each in panel.findChildren(Text)}
    panel.set_running(False)
    assert "Recipe for the next run" not in {each.text() for each in panel.findChildren(Text)}


def test_in_a_narrow_panel_controls_shrink_and_icons_go(qtbot: QtBot, panel: RecipePanel) -> None:
    panel.load_preset("digits-cnn")
    control(panel, "trainingSection").click()  # type: ignore[attr-defined]
    field = number(panel, "training.epochs")
    qtbot.waitUntil(lambda: field.width() == 150)
    wide = button(panel, "savePresetButton").sizeHint().width()
    panel.resize(280, 900)
    qtbot.waitUntil(lambda: field.width() == 118)
    assert button(panel, "savePresetButton").sizeHint().width() < wide


def test_in_a_narrow_panel_the_form_is_no_wider_than_what_is_seen_of_it(qtbot: QtBot, panel: RecipePanel) -> None:
    panel.load_preset("digits-cnn")
    panel.resize(280, 600)
    (form,) = [each for each in panel.findChildren(QScrollArea) if each.isAncestorOf(control(panel, "tricksSection"))]
    inside = form.widget()
    assert inside is not None
    qtbot.waitUntil(lambda: form.viewport().width() < 280)
    qtbot.waitUntil(lambda: inside.width() == form.viewport().width())


# --- presets ------------------------------------------------------------------------------------------------


def test_save_and_revert_are_off_until_something_changed(qtbot: QtBot, panel: RecipePanel) -> None:
    save, revert = button(panel, "savePresetButton"), button(panel, "revertPresetButton")
    assert not save.isEnabled()
    assert not revert.isEnabled()
    assert words(panel, "presetChanges") == "Saved"
    panel.set_value("training.epochs", 5)
    assert words(panel, "presetChanges") == "1\u00a0change"
    qtbot.mouseClick(revert, Qt.MouseButton.LeftButton)
    assert panel.changes == 0
    assert not save.isEnabled()
    panel.undo()
    assert panel.changes == 1


def test_saving_a_shipped_preset_asks_for_a_name_and_saves_a_copy(
    qtbot: QtBot, panel: RecipePanel, workspace: Workspace
) -> None:
    panel.set_value("training.epochs", 5)
    qtbot.mouseClick(button(panel, "savePresetButton"), Qt.MouseButton.LeftButton)
    (dialog,) = panel.findChildren(AskDialog)
    field = dialog.findChild(QLineEdit, "presetNameField")
    assert isinstance(field, QLineEdit)
    field.setText("Short one")
    with qtbot.waitSignal(panel.preset_chosen) as caught:
        dialog.accept()
    assert caught.args == ["short-one"]
    saved = presets.load(workspace.presets / "short-one.toml")
    assert (saved.title, saved.recipe.training.epochs) == ("Short one", 5)
    assert (panel.preset_name, panel.changes) == ("short-one", 0)
    panel.set_value("training.epochs", 6)
    qtbot.mouseClick(button(panel, "savePresetButton"), Qt.MouseButton.LeftButton)
    assert presets.load(workspace.presets / "short-one.toml").recipe.training.epochs == 6


def test_a_recipe_with_a_problem_is_not_saved_and_says_why(
    qtbot: QtBot, panel: RecipePanel, workspace: Workspace
) -> None:
    panel.set_value("training.epochs", 0)
    with qtbot.waitSignal(panel.status) as caught:
        panel.save_as("Broken")
    assert caught.args is not None
    assert caught.args[0].startswith("Not saved. Epochs: must be at least 1")
    assert not list(workspace.presets.iterdir())


def test_a_preset_can_be_picked_renamed_and_deleted(qtbot: QtBot, panel: RecipePanel, workspace: Workspace) -> None:
    panel.save_as("One")
    pick(qtbot, panel, "presetPicker", "Digits, small CNN")
    assert panel.preset_name == "digits-cnn"
    panel.load_preset("one")
    panel._desk.rename("Two")
    assert [path.name for path in workspace.presets.iterdir()] == ["two.toml"]
    panel._desk.ask_delete()
    (dialog,) = panel.findChildren(AskDialog)
    assert "Two" in dialog.windowTitle()
    dialog.accept()
    assert not list(workspace.presets.iterdir())
    assert panel.preset_name == "digits-cnn"


def test_the_menu_offers_rename_and_delete_only_for_own_presets(panel: RecipePanel) -> None:
    def offered() -> dict[str, bool]:
        return {action.text(): action.isEnabled() for action in panel._header.menu().actions() if action.text()}

    assert offered() == {"Rename preset…": False, "Delete preset…": False, "Import a preset…": True}
    panel.save_as("Mine")
    assert all(offered().values())


BAD = """format = 1
[data]
kind = "digit"
[optimizer]
learning_rate = 5000
[tricks.dropuot]
rate = 0.5
"""


def test_a_bad_file_says_every_problem_and_leaves_the_form_as_it_was(
    qtbot: QtBot, panel: RecipePanel, tmp_path: Path, workspace: Workspace
) -> None:
    panel.set_value("training.epochs", 5)
    before = panel.recipe
    (tmp_path / "bad.toml").write_text(BAD)
    panel.import_file(tmp_path / "bad.toml")
    card = control(panel, "presetProblems")
    assert isinstance(card, ProblemsCard)
    assert card.isVisible()
    assert all(part in card.text for part in ("Did you mean digits?", "Did you mean dropout?", "at most 1,000"))
    assert "3" in card.accessibleName()
    assert panel.recipe == before
    assert not list(workspace.presets.iterdir())
    qtbot.keyClick(card, Qt.Key.Key_Escape)
    assert not card.isVisible()


def test_a_good_file_that_is_dropped_becomes_an_own_preset(qtbot: QtBot, panel: RecipePanel, tmp_path: Path) -> None:
    file = tmp_path / "Gift 🎁.toml"
    file.write_text(presets.dump(changed(Recipe(), "training.epochs", 3), "<b>Gift</b>"))
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(file))])
    actions, none = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(5, 5), actions, mime, Qt.MouseButton.LeftButton, none)
    panel.dragEnterEvent(enter)
    assert enter.isAccepted()
    panel.dropEvent(QDropEvent(QPoint(5, 5), actions, mime, Qt.MouseButton.LeftButton, none))
    assert panel.recipe is not None
    assert panel.recipe.training.epochs == 3
    box = control(panel, "presetPicker")
    assert isinstance(box, QComboBox)
    assert box.currentText() == "<b>Gift</b>"


def test_what_is_no_preset_file_cannot_be_dropped(panel: RecipePanel, tmp_path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    event = QDragEnterEvent(
        QPoint(5, 5), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    event.ignore()
    panel.dragEnterEvent(event)
    assert not event.isAccepted()


def test_an_own_preset_file_that_cannot_be_read_is_listed(
    opened: Callable[[], RecipePanel], workspace: Workspace
) -> None:
    (workspace.presets / "broken.toml").write_text("format = 1\n[data]\nkind = 'digit'\n")
    panel = opened()
    box = control(panel, "presetPicker")
    assert isinstance(box, QComboBox)
    place = box.findText("broken.toml")
    assert place >= 0
    box.activated.emit(place)
    card = control(panel, "presetProblems")
    assert isinstance(card, ProblemsCard)
    assert "Did you mean digits?" in card.text


def test_the_recipe_of_a_run_fills_the_form(qtbot: QtBot, panel: RecipePanel) -> None:
    recipe = changed(changed(Recipe(), "model.kind", "mlp"), "training.epochs", 77)
    with qtbot.waitSignal(panel.recipe_changed) as caught:
        panel.set_recipe(recipe, "digits-cnn")
    assert caught.args == [recipe]
    assert panel.recipe == recipe
    assert panel.changes > 1
    panel.undo()
    assert panel.changes == 0


# --- what survives -----------------------------------------------------------------------------------------


def test_right_and_wrong_values_and_open_sections_survive_a_crash(
    qtbot: QtBot, opened: Callable[[], RecipePanel], workspace: Workspace
) -> None:
    first = opened()
    first.load_preset("digits-resnet")
    first.set_value("training.epochs", 5)
    write(qtbot, number(first, "training.batch_size"), "huge")
    control(first, "dataSection").click()  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: draft_path(workspace).is_file() and "huge" in draft_path(workspace).read_text())
    qtbot.waitUntil(lambda: "data" in json.loads(draft_path(workspace).read_text())["open"])
    second = opened()
    assert second.preset_name == "digits-resnet"
    assert number(second, "training.epochs").value == 5
    assert number(second, "training.batch_size").text() == "huge"
    assert second.recipe is None
    assert control(second, "data.kind").isVisible()


def test_a_read_only_workspace_is_said_once(qtbot: QtBot, theme: Theme, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    panel = RecipePanel(theme, Workspace(tmp_path / "file"))
    qtbot.addWidget(panel)
    said: list[str] = []
    panel.status.connect(said.append)
    panel.set_value("training.epochs", 5)
    panel.flush()
    panel.set_value("training.epochs", 6)
    panel.flush()
    assert len(said) == 1
    assert "would not survive a crash" in said[0]


def test_problems_are_said_with_paths_that_exist(panel: RecipePanel) -> None:
    panel.set_value("schedule.warmup", 500.0)
    assert panel.problems == (Problem("schedule.warmup", "must be shorter than the run of 30 epochs, got 500."),)
    panel.focus_problem()
    assert control(panel, "schedule.warmup").isVisible()


def test_a_change_of_theme_reaches_the_form(panel: RecipePanel, theme: Theme) -> None:
    dark = panel.grab().toImage().pixelColor(2, 2).name()
    theme.set_mode("light")
    assert panel.grab().toImage().pixelColor(2, 2).name() != dark
    theme.set_mode("dark")
    assert panel.grab().toImage().pixelColor(2, 2).name() == dark


def test_at_twice_the_text_size_rows_stack_and_nothing_overlaps(qtbot: QtBot, panel: RecipePanel, theme: Theme) -> None:
    control(panel, "modelSection").click()  # type: ignore[attr-defined]
    field, label = control(panel, "model.activation"), control(panel, "model.activation").parentWidget().head.label  # type: ignore[attr-defined]
    qtbot.waitUntil(field.isVisible)
    try:
        theme.set_text_scale(2.0)
        qtbot.waitUntil(lambda: field.geometry().top() >= label.parentWidget().geometry().bottom())
        picker, find = control(panel, "presetPicker"), control(panel, "findSetting")
        qtbot.waitUntil(
            lambda: (
                find.geometry().top()
                > button(panel, "savePresetButton").geometry().bottom()
                > picker.geometry().bottom()
            )
        )
    finally:
        theme.set_text_scale(1.0)
