"""The Model tab in its window: it follows the form at once while it is in view, and says plainly why there is no network."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QTabBar, QTreeView
from pytestqt.qtbot import QtBot

from tests.gui.conftest import OpenWindow
from workbench.gui.recipe import estimate
from workbench.gui.recipe import network as shared
from workbench.gui.tabs.model_page import UNKNOWN, ModelPage
from workbench.gui.theme import Theme
from workbench.gui.window import Window

pytestmark = pytest.mark.window


@pytest.fixture
def window(open_window: OpenWindow) -> Window:
    made = open_window()
    made.finish()
    made.recipe.load_preset("cifar10-resnet20")
    made.commands["show_model"].trigger()
    return made


def totals(window: Window) -> str:
    return window.model.totals.whole


def follow(window: Window, qtbot: QtBot) -> None:
    """Until the tab has followed the form, which is when the event loop comes round."""
    qtbot.waitUntil(lambda: not window.networks.behind)


def test_the_tab_shows_the_network_of_the_form(window: Window) -> None:
    bar = window.findChild(QTabBar, "tabs")
    assert bar.tabText(bar.currentIndex()) == "Model"
    assert window.model.title.text() == "ResNet-20"
    assert totals(window).startswith("271\xa0k parameters (270\xa0k trainable) · 41\xa0M multiply-adds a picture")
    assert window.model.accessibleDescription() == f"ResNet-20. {totals(window)}"
    tree = window.findChild(QTreeView, "networkTree")
    assert tree.isVisible()
    assert not window.model.sentence.isVisible()
    assert not window.regions.panels.table
    assert not window.regions.panels.right


def test_it_follows_the_settings_at_once(window: Window, qtbot: QtBot) -> None:
    window.recipe.set_value("model.depth", 32)
    follow(window, qtbot)
    assert window.model.title.text() == "ResNet-32"
    before = totals(window)
    window.recipe.set_value("training.batch_size", 256)
    follow(window, qtbot)
    assert totals(window) != before
    assert totals(window).endswith("a batch of 256")
    window.recipe.undo()
    follow(window, qtbot)
    assert totals(window) == before


def test_a_batch_is_told_with_no_more_pictures_than_there_are_to_learn_from(window: Window, qtbot: QtBot) -> None:
    window.recipe.load_preset("digits-cnn")
    window.recipe.set_value("training.batch_size", 1258)
    follow(window, qtbot)
    whole = totals(window)
    assert whole.endswith("a batch of 1\u202f258")
    window.recipe.set_value("training.batch_size", 1_048_576)
    follow(window, qtbot)
    assert totals(window) == whole
    window.recipe.set_value("data.limit", 1000)
    follow(window, qtbot)
    assert totals(window).endswith("a batch of 700")


def test_a_setting_that_changes_no_network_paints_nothing_anew(
    window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[object] = []
    monkeypatch.setattr(window.model, "show_network", shown.append)
    window.recipe.set_value("model.depth", 32)
    follow(window, qtbot)
    window.recipe.set_value("optimizer.learning_rate", 0.05)
    follow(window, qtbot)
    assert len(shown) == 1


def test_out_of_sight_nothing_is_worked_out(window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    network = shared.network
    monkeypatch.setattr(shared, "network", lambda recipe: (asked.append(recipe), network(recipe))[1])
    window.tabs.show_tab("curves")
    window.recipe.set_value("model.depth", 32)
    follow(window, qtbot)
    assert not asked
    assert window.model.title.text() == "ResNet-20"
    window.tabs.show_tab("model")
    assert window.model.title.text() == "ResNet-32"


def test_the_estimate_and_the_tab_share_one_plan(window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    planned: list[object] = []
    plan = shared.plan
    monkeypatch.setattr(shared, "plan", lambda *rest: (planned.append(rest), plan(*rest))[1])
    window.recipe.set_value("model.width", 24)
    follow(window, qtbot)
    assert len(planned) == 1
    recipe = window.recipe.recipe
    assert recipe is not None
    assert estimate.estimate(recipe).parameters == window.model.told.costs.parameters
    assert len(planned) == 1


def test_a_network_that_does_not_fit_the_pictures_says_so_and_comes_back(window: Window, qtbot: QtBot) -> None:
    window.recipe.load_preset("digits-cnn")
    follow(window, qtbot)
    window.recipe.set_value("model.stages", 6)
    follow(window, qtbot)
    said = window.model.sentence.text()
    assert window.model.sentence.isVisible()
    assert not window.model.view.isVisible()
    assert "cannot be halved 6 times" in said
    assert "model.stages" not in said
    assert window.model.accessibleDescription() == said
    # The form finds the same a little later, and then the tab says the same.
    qtbot.waitUntil(lambda: bool(window.recipe.problems))
    assert window.model.sentence.text() == said
    window.recipe.set_value("model.stages", 2)
    follow(window, qtbot)
    assert window.model.view.isVisible()
    assert window.model.title.text() == "CNN, 2 stages"


def test_a_value_that_is_wrong_is_told_by_its_name_on_screen(window: Window, qtbot: QtBot) -> None:
    window.recipe.set_value("optimizer.learning_rate", -1.0)
    follow(window, qtbot)
    assert window.model.sentence.text().startswith("Learning rate: ")
    window.recipe.undo()
    follow(window, qtbot)
    assert window.model.view.isVisible()


def test_pictures_that_are_not_chosen_yet_are_asked_for(window: Window, qtbot: QtBot, tmp_path: Path) -> None:
    window.recipe.set_value("data.kind", "folder")
    follow(window, qtbot)
    assert window.model.sentence.text() == UNKNOWN
    window.recipe.set_value("data.path", str(tmp_path / "nowhere"))
    follow(window, qtbot)
    assert "nowhere" in window.model.sentence.text()
    for name in ("cat", "dog"):
        (tmp_path / "pictures" / name).mkdir(parents=True)
    window.recipe.set_value("data.path", str(tmp_path / "pictures"))
    follow(window, qtbot)
    assert window.model.view.isVisible()


def test_the_choice_and_the_copy_button_do_what_they_say(qtbot: QtBot, theme: Theme, window: Window) -> None:
    page: ModelPage = window.model
    page.choice.button("graph").click()
    assert page.view.isColumnHidden(2)
    page.choice.button("table").click()
    assert not page.view.isColumnHidden(2)
    page.copy.click()
    assert QApplication.clipboard().text().startswith("ResNet-20 · ")
    assert "rows copied" in window.status.text


def test_the_first_paint_needs_neither_the_view_nor_the_planners() -> None:
    code = (
        "import sys, workbench.gui.window;"
        "print([each for each in sys.modules if each.startswith(('workbench.network', 'workbench.gui.model.', 'numpy', 'pyqtgraph'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
