"""The toolbar in windows of every width and text of every size: nothing lies over anything else, and what is most needed keeps its word."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from workbench.gui.theme import Theme
from workbench.gui.toolbar import Toolbar

pytestmark = pytest.mark.window


@pytest.fixture
def toolbar(theme: Theme, qtbot: QtBot) -> Iterator[Toolbar]:
    window = QWidget()  # a window of its own would keep its layout's least width
    qtbot.addWidget(window)
    made = Toolbar(theme, window)
    window.resize(2600, 200)
    window.show()
    for icon, name in (("left-panel", "Recipe"), ("bottom-panel", "Runs"), ("right-panel", "Run panel")):
        made.add_switch(icon, QAction(name, made, checkable=True))
    made.show_start(busy=True, blocked="", primary=True)
    made.show_fit("Fits", "ok", "It fits.")
    yield made
    theme.set_text_scale(1.0)


def parts(toolbar: Toolbar) -> list[QWidget]:
    children = toolbar.findChildren(QWidget)
    return sorted(
        (each for each in children if each.isVisible() and each.parent() is toolbar), key=lambda each: each.x()
    )


@pytest.mark.parametrize("scale", [0.8, 1.0, 1.5, 2.0])
@pytest.mark.parametrize("width", [1100, 1239, 1440, 2560])
def test_no_part_lies_over_another(toolbar: Toolbar, theme: Theme, qtbot: QtBot, width: int, scale: float) -> None:
    theme.set_text_scale(scale)
    toolbar.resize(width, toolbar.height())
    qtbot.waitUntil(lambda: toolbar.layout().geometry().width() == width)
    shown = parts(toolbar)
    assert toolbar.start in shown
    assert toolbar.stop in shown
    for left, right in itertools.pairwise(shown):
        assert left.geometry().right() < right.x(), (left, right)
    assert shown[-1].geometry().right() <= width
    # A word that is shown is shown whole.
    for button in (toolbar.start, toolbar.queue, toolbar.device, toolbar.rate):
        assert button.width() >= button.minimumSizeHint().width()


def test_words_come_back_when_there_is_room_again(toolbar: Toolbar, qtbot: QtBot) -> None:
    toolbar.resize(1440, toolbar.height())
    qtbot.waitUntil(lambda: toolbar.layout().geometry().width() == 1440)
    wide = [(part, part.geometry()) for part in parts(toolbar)]
    toolbar.resize(560, toolbar.height())
    qtbot.waitUntil(lambda: len(parts(toolbar)) < len(wide))
    assert toolbar.pause.width() < 50
    assert toolbar.start.width() > 100
    toolbar.resize(1440, toolbar.height())
    qtbot.waitUntil(lambda: [(part, part.geometry()) for part in parts(toolbar)] == wide)


def test_a_longer_word_makes_room_for_itself(toolbar: Toolbar, qtbot: QtBot) -> None:
    toolbar.resize(800, toolbar.height())
    toolbar.device.setText("A graphics card with a rather long name, 24 GB")
    toolbar.device.updateGeometry()
    qtbot.waitUntil(lambda: toolbar.device.width() < 50)
    assert toolbar.device.geometry().right() <= 800
