"""The lab's methods race on the recipe's network: what is asked, what is refused, and which runs there are then."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from tests.gui.conftest import OpenWindow
from tests.gui.lab.walked import put
from workbench.gui.lab.network_dialog import NetworkDialog
from workbench.gui.lab.racing import Racing
from workbench.gui.window import Window
from workbench.journal import Run
from workbench.spec.entrants import entrant, recipe_of
from workbench.spec.lab import Lab
from workbench.spec.lab_presets import parse
from workbench.spec.recipe import Recipe

pytestmark = pytest.mark.window
LONG = 20_000
LAB = parse({"racers": {
    "gradient_descent": {"method": "gradient_descent", "learning_rate": 0.07}, "noisy_descent": {"method": "noisy_descent", "on": False},
    "heavy_ball": {"method": "heavy_ball", "on": False}, "newton": {"method": "newton"}, "adam": {"method": "adam", "learning_rate": 0.5},
    "adamw": {"method": "adamw", "on": False},
}})  # fmt: skip


@pytest.fixture
def window(open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch) -> Window:
    monkeypatch.setattr(Racing, "ask", lambda *_: None)
    made = open_window()
    made.finish()
    put(made, LAB)
    return made


@pytest.fixture
def asked(qtbot: QtBot, window: Window) -> Callable[[], NetworkDialog]:
    def ask() -> NetworkDialog:
        window.lab.network_button.click()
        dialog = window.lab_races.dialog
        assert isinstance(dialog, NetworkDialog)
        return dialog

    return ask


def on(dialog: NetworkDialog) -> list[str]:
    return [entry.racer.name for entry in dialog.entries if entry.switch.isChecked()]


def entry(dialog: NetworkDialog, name: str):
    return next(each for each in dialog.entries if each.racer.name == name)


def runs(window: Window) -> list[Run]:
    return sorted(window.session.journal.runs(), key=lambda run: run.number)


def form(window: Window) -> Recipe:
    assert window.recipe.recipe is not None
    return window.recipe.recipe


def test_the_methods_that_train_networks_are_offered_and_those_that_are_on_are_ticked(asked) -> None:
    dialog = asked()
    assert [each.racer.name for each in dialog.entries] == [name for name in LAB.racers if name != "newton"]
    assert on(dialog) == ["gradient_descent", "adam"]
    assert dialog.yes.text() == "Start 2\N{NO-BREAK SPACE}runs"
    assert [each.rate.value for each in dialog.entries if each.switch.isChecked()] == [0.05, 1e-3]
    assert not entry(dialog, "adamw").rate.isEnabled()
    said = " ".join(label.text() for label in dialog.findChildren(type(dialog.problem)))
    assert "Newton is left out" in said
    assert "first weights and every batch" in said


def test_the_labs_numbers_can_be_taken_instead(asked) -> None:
    dialog = asked()
    dialog.numbers.button("lab").click()
    assert entry(dialog, "gradient_descent").rate.value == 0.07
    assert entry(dialog, "adam").rate.value == 0.5
    assert entry(dialog, "heavy_ball").note.text() == "SGD, momentum 0.444"
    dialog.numbers.button("usual").click()
    assert entry(dialog, "adam").rate.value == 1e-3


def test_one_run_a_method_is_started_tagged_shown_and_compared_with_the_first(
    qtbot: QtBot, window: Window, asked
) -> None:
    recipe, dialog = form(window), asked()
    entry(dialog, "noisy_descent").switch.click()
    entry(dialog, "adam").rate.lineEdit().setText("")
    qtbot.keyClicks(entry(dialog, "adam").rate.lineEdit(), "2e-3")
    button = dialog.findChild(QPushButton, "agreeButton")
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    made = runs(window)
    assert [run.name for run in made] == ["Race: Gradient descent 0.05", "Race: Noisy descent 0.05", "Race: Adam 2e-3"]
    racers = {name: entrant(name, LAB.racers[name], "usual") for name in ("gradient_descent", "noisy_descent", "adam")}
    assert [run.recipe for run in made] == [
        recipe_of(racers["gradient_descent"], recipe),
        recipe_of(racers["noisy_descent"], recipe),
        recipe_of(racers["adam"].at(2e-3), recipe),
    ]
    assert {run.tags for run in made} == {("race",)}
    assert {run.recipe.training.seed for run in made} == {recipe.training.seed}
    shown = window.session.shown
    assert shown.runs == {run.id for run in made}
    assert shown.baseline == made[0].id
    assert window.tabs.name == "compare"
    assert (window.compare.series.key, window.compare.axis.key) == ("loss", "step")
    assert form(window) == recipe, "the form stays as it is"
    assert "3\N{NO-BREAK SPACE}runs race" in window.status.text
    qtbot.waitUntil(lambda: len(window.compare.shown.runs) == 3, timeout=LONG)


def test_what_is_at_work_goes_first(qtbot: QtBot, window: Window, asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_FAKE_SPEED", "0.5")
    window.session.start(form(window), "")
    qtbot.waitUntil(lambda: bool(window.session.unended), timeout=LONG)
    assert asked().yes.text() == "Add 2\N{NO-BREAK SPACE}runs to the queue"


def test_a_method_that_contradicts_the_recipe_is_named_and_nothing_is_started(window: Window, asked) -> None:
    window.recipe.set_value("tricks.weight_decay.on", True)
    dialog = asked()
    entry(dialog, "adamw").switch.click()
    dialog.yes.click()
    assert dialog.isVisible()
    assert dialog.problem.text().startswith("AdamW cannot train this recipe.")
    assert "decays weights itself" in dialog.problem.text()
    assert dialog.problem.text().endswith("Nothing was started.")
    assert runs(window) == []
    entry(dialog, "adamw").switch.click()
    assert dialog.problem.text() == ""


def test_a_rate_that_is_none_is_named(qtbot: QtBot, window: Window, asked) -> None:
    dialog = asked()
    field = entry(dialog, "adam").rate
    field.lineEdit().setText("")
    qtbot.keyClicks(field.lineEdit(), "fast")
    dialog.yes.click()
    assert dialog.problem.text().startswith("Adam cannot train this recipe. Learning rate")
    assert runs(window) == []


def test_the_same_run_twice_is_refused(window: Window, asked) -> None:
    twice = parse({"racers": {"adam": {"method": "adam"}, "adam_2": {"method": "adam", "learning_rate": 0.1}}})
    window.lab_panel.set_lab(twice)
    dialog = asked()
    dialog.yes.click()
    assert dialog.problem.text().startswith("Adam 1 1e-3 and Adam 2 1e-3 would be the same run twice.")
    assert runs(window) == []
    dialog.numbers.button("lab").click()
    dialog.yes.click()
    assert [run.name for run in runs(window)] == ["Race: Adam 1 1e-3", "Race: Adam 2 0.1"]


def test_a_recipe_with_a_problem_and_a_lab_without_methods_open_nothing(window: Window) -> None:
    window.recipe.set_value("training.epochs", 0)
    window.lab.network_button.click()
    assert window.lab_races.dialog is None
    assert window.status.text.startswith("No race on a network: something in the recipe is wrong.")
    window.recipe.undo()
    window.lab_panel.set_lab(Lab())
    window.lab.network_button.click()
    assert window.lab_races.dialog is None
    assert "no method that trains a network" in window.status.text
    assert runs(window) == []


def test_runs_that_share_the_machine_are_not_to_be_compared_by_second(qtbot: QtBot, window: Window, asked) -> None:
    window.queue._set_at_once(2)
    qtbot.waitUntil(lambda: window.session.queue.at_once == 2, timeout=LONG)
    dialog = asked()
    assert any("compare them by step" in label.text() for label in dialog.findChildren(type(dialog.problem)))
