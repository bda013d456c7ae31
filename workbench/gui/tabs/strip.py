"""The tab strip over the middle of the window."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from workbench.gui.theme import Theme

HEIGHT = 41


class Tabs(QWidget):
    """Named pages, one in view."""

    #: Another tab came into view (its name).
    turned = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._names: list[str] = []
        self.bar = QTabBar()
        self.bar.setObjectName("tabs")
        self.bar.setAccessibleName("Tabs")
        self.bar.setDrawBase(False)
        self.bar.setExpanding(False)
        self._pages = QStackedWidget()
        self._strip = _Strip(theme)
        row = QHBoxLayout(self._strip)
        row.setContentsMargins(8, 0, 8, 0)
        row.addWidget(self.bar)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._strip)
        column.addWidget(self._pages, 1)
        self.bar.currentChanged.connect(self._turn)
        theme.changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        self._strip.setFixedHeight(self._theme.px(HEIGHT))
        self.bar.setFont(self._theme.font("button"))
        self.bar.setFixedHeight(self._theme.px(HEIGHT))

    def add(self, name: str, title: str, page: QWidget | None = None) -> None:
        """Another tab at the end; without a page one that is empty until it is put in."""
        self._names.append(name)
        self._pages.addWidget(page or QWidget())
        self.bar.addTab(title)

    def put(self, name: str, page: QWidget) -> None:
        """Give a tab that was added without a page its page."""
        place = self._names.index(name)
        empty, shown = self._pages.widget(place), self._pages.currentIndex()
        assert empty is not None
        self._pages.insertWidget(place, page)
        self._pages.removeWidget(empty)
        empty.deleteLater()
        self._pages.setCurrentIndex(shown)

    def _turn(self, place: int) -> None:
        self._pages.setCurrentIndex(place)
        # The first page comes into view as it is added, which turns nothing.
        if self._pages.count() > 1:
            self.turned.emit(self._names[place])

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("window"))
        painter.end()

    @property
    def name(self) -> str:
        """The name of the tab in view."""
        return self._names[self.bar.currentIndex()]

    def show_tab(self, name: str) -> None:
        self.bar.setCurrentIndex(self._names.index(name))


class _Strip(QWidget):
    """The ground of the tabs, with a line under it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("panel"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, self._theme.colour("line"))
        painter.end()
