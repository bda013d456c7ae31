import pytest
from PySide6.QtWidgets import QApplication

from workbench.gui.theme import Theme


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    theme = Theme("dark")
    theme.apply(qapp)
    return theme
