"""The slider's face: where the knob stands, also where there is nothing to choose from."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from workbench.gui.theme import Theme
from workbench.gui.widgets.slider import Slider

pytestmark = pytest.mark.window


@pytest.mark.parametrize("values", [(0, 0, 0), (7, 7, 7), (0, 10, 10)])
def test_it_is_drawn_whatever_there_is_to_choose_from(qtbot: QtBot, theme: Theme, values: tuple[int, int, int]) -> None:
    slider = Slider(theme)
    qtbot.addWidget(slider)
    slider.setRange(*values[:2])
    slider.setValue(values[2])
    slider.resize(100, 24)
    shot = slider.grab().toImage()
    knob = 7 if values[0] == values[1] else 93
    assert shot.pixelColor(round(knob * shot.devicePixelRatio()), shot.height() // 2) == theme.colour("text")
