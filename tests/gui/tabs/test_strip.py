"""The strip of tabs."""

import pytest
from PySide6.QtWidgets import QLabel

from workbench.gui.tabs.strip import Tabs

pytestmark = pytest.mark.window


def test_a_tab_gets_its_page_later_also_while_it_is_in_view(theme, qtbot) -> None:
    tabs = Tabs(theme)
    qtbot.addWidget(tabs)
    tabs.add("first", "First", QLabel("one"))
    tabs.add("second", "Second")
    tabs.add("third", "Third")
    tabs.show()
    tabs.show_tab("second")
    late, later = QLabel("two"), QLabel("three")
    turned: list[str] = []
    tabs.turned.connect(turned.append)
    tabs.put("second", late)
    tabs.put("third", later)
    assert tabs.name == "second"
    assert late.isVisible()
    assert not later.isVisible()
    assert not turned
    tabs.show_tab("third")
    assert later.isVisible()
    assert turned == ["third"]
