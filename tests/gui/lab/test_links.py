"""From a method of the lab to the recipe's optimizer, by mouse, key and menu."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.gui.conftest import OpenWindow
from tests.gui.lab.walked import put
from workbench.gui.lab.racing import Racing
from workbench.gui.window import Window
from workbench.spec import optimizer
from workbench.spec.adam import Adam
from workbench.spec.lab_presets import parse

pytestmark = pytest.mark.window
LAB = parse({"racers": {
    "heavy_ball": {"method": "heavy_ball", "learning_rate": 0.2, "momentum": 0.5}, "newton": {"method": "newton"},
    "noisy_descent": {"method": "noisy_descent", "learning_rate": 0.3, "noise": 0.7}, "adam": {"method": "adam", "learning_rate": 0.1},
    "adamw": {"method": "adamw"},
}})  # fmt: skip


@pytest.fixture
def window(open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch) -> Window:
    monkeypatch.setattr(Racing, "ask", lambda *_: None)
    made = open_window()
    made.finish()
    put(made, LAB)
    made.tabs.show_tab("lab")
    return made


def unfolded(window: Window, name: str):
    row = window.lab_panel.racers[name]
    row.set_unfolded(True, moving=False)
    assert row.train.isVisible()
    return row


def test_a_button_puts_the_method_with_its_numbers_into_the_recipe_in_one_step(qtbot: QtBot, window: Window) -> None:
    before = window.recipe.recipe
    qtbot.mouseClick(unfolded(window, "heavy_ball").train, Qt.MouseButton.LeftButton)
    recipe = window.recipe.recipe
    assert recipe is not None
    assert before is not None
    assert recipe.optimizer == optimizer.Sgd(learning_rate=0.2, momentum=0.5)
    assert recipe.model_copy(update={"optimizer": before.optimizer}) == before, "everything else stays"
    assert window.tabs.name == "curves"
    assert window.status.text.startswith("The recipe's optimizer is SGD now, with the lab's numbers.")
    window.commands["undo"].trigger()
    assert window.recipe.recipe == before, "one step back"
    window.commands["redo"].trigger()
    assert window.recipe.recipe == recipe


def test_the_button_is_reached_and_pressed_by_key(qtbot: QtBot, window: Window) -> None:
    button = unfolded(window, "adam").train
    assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert button.accessibleName() == "Adam, train with this optimizer"
    qtbot.keyClick(button, Qt.Key.Key_Space)
    assert window.recipe.recipe is not None
    assert window.recipe.recipe.optimizer == Adam(learning_rate=0.1)


def test_the_menu_does_the_same(window: Window) -> None:
    menu = window.lab_panel.racers["adam"].context_menu()
    next(action for action in menu.actions() if action.text() == "Train with this optimizer").trigger()
    assert window.recipe.recipe is not None
    assert window.recipe.recipe.optimizer == Adam(learning_rate=0.1)
    menu.deleteLater()


def test_noisy_descent_brings_its_noise(window: Window) -> None:
    unfolded(window, "noisy_descent").train.click()
    recipe = window.recipe.recipe
    assert recipe is not None
    assert recipe.optimizer == optimizer.Sgd(learning_rate=0.3, momentum=0.0)
    assert recipe.tricks.gradient_noise.on
    assert (recipe.tricks.gradient_noise.sigma, recipe.tricks.gradient_noise.fade) == (0.7, 0.0)
    window.recipe.undo()
    assert not window.recipe.recipe.tricks.gradient_noise.on


def test_newton_says_why_no_network_is_trained_with_it(window: Window) -> None:
    before = window.recipe.recipe
    unfolded(window, "newton").train.click()
    assert window.recipe.recipe == before
    assert not window.recipe.can_undo
    assert window.status.text == "Newton needs the Hessian of all weights: no network is trained with it."
    assert window.tabs.name == "lab"


def test_what_contradicts_the_recipe_is_told_in_the_form_and_undone_in_one_step(window: Window) -> None:
    window.recipe.set_value("tricks.weight_decay.on", True)
    before = window.recipe.recipe
    unfolded(window, "adamw").train.click()
    assert [problem.path for problem in window.recipe.problems] == ["tricks.weight_decay"]
    window.recipe.undo()
    assert window.recipe.recipe == before
