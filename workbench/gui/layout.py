"""Where the regions of the window are: recipe at left, tabs in the middle, run panel at right, run table below.

Keeps the sizes and rules of the look (what folds when the window is narrow or low) and remembers how each tab's
panels were left. It knows the regions as widgets only.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSplitter, QSplitterHandle, QVBoxLayout, QWidget

from workbench.gui.layout_store import Panels
from workbench.gui.runs.card import Rule, RunCard
from workbench.gui.runs.rail import Rail
from workbench.gui.runs.table import RunTable
from workbench.gui.theme import Theme

NARROW = 1240
LOW = 800
LEFT, LEFT_NARROW, LEFT_LEAST, LEFT_MOST = 320, 280, 260, 420
RIGHT = 296
CENTRE_LEAST = 560
#: A handle is a line of 1 px that can be taken 3 px to either side of it.
GRAB = 3
UNBOUNDED = 16_777_215


class _Handle(QSplitterHandle):
    """A line that is easier to take than to see."""

    def __init__(self, theme: Theme, orientation: Qt.Orientation, parent: QSplitter) -> None:
        super().__init__(orientation, parent)
        self._theme = theme

        self.setAttribute(Qt.WidgetAttribute.WA_MouseNoMask)
        across = orientation is Qt.Orientation.Horizontal
        self.setContentsMargins(
            GRAB if across else 0, 0 if across else GRAB, GRAB if across else 0, 0 if across else GRAB
        )

    def resizeEvent(self, _event: QResizeEvent) -> None:
        # In place of Qt's own, which does the same with 2 px to either side.
        self.setMask(self.contentsRect())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.contentsRect(), self._theme.colour("line"))
        painter.end()


class _Splitter(QSplitter):
    def __init__(self, theme: Theme, orientation: Qt.Orientation) -> None:
        self._theme = theme
        super().__init__(orientation)
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)

    def createHandle(self) -> QSplitterHandle:
        return _Handle(self._theme, self.orientation(), self)


class RunPanel(QScrollArea):
    """The right panel: the run card, and room for more cards."""

    def __init__(self, theme: Theme, card: RunCard) -> None:
        super().__init__()
        self._theme = theme
        self.setObjectName("runPanel")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedWidth(theme.px(RIGHT))
        ground = QWidget()
        ground.setAutoFillBackground(True)
        column = QVBoxLayout(ground)
        column.setContentsMargins(12, 12, 12, 12)
        column.addWidget(card)
        column.addStretch(1)
        self.setWidget(ground)
        self._edge = Rule(theme, upright=True)
        self._edge.setParent(self)
        self._edge.hide()

    def set_edge(self, shown: bool) -> None:  # noqa: FBT001 - reads like Qt's own setters
        """A line at the left, where the panel lies over the middle."""
        self._edge.setVisible(shown)
        self._edge.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._edge.setGeometry(0, 0, 1, self.height())


class Regions(QWidget):
    """All regions between toolbar and status bar."""

    #: A panel was opened, folded or given another size by the person.
    arranged = Signal()

    def __init__(  # noqa: PLR0917 - the theme and the five regions, in reading order
        self, theme: Theme, left: QWidget, centre: QWidget, card: RunCard, rail: Rail, table: RunTable
    ) -> None:
        super().__init__()
        self._theme, self._left, self._centre, self._rail, self._table = theme, left, centre, rail, table
        self.panel = RunPanel(theme, card)
        self.panels = Panels()
        self.narrow = False
        self._low = False
        self._empty = False
        self._over = False
        self._outer = _Splitter(theme, Qt.Orientation.Horizontal)
        self._east = _Splitter(theme, Qt.Orientation.Vertical)
        self._upper = QWidget()
        self._edge = Rule(theme, upright=True)
        self._arrange()
        self._outer.splitterMoved.connect(self._left_moved)
        self._east.splitterMoved.connect(self._table_moved)
        self._upper.installEventFilter(self)
        self.panel.installEventFilter(self)

    def _arrange(self) -> None:
        row = QHBoxLayout(self._upper)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for part in (self._centre, self._edge, self.panel, self._rail):
            row.addWidget(part, 1 if part is self._centre else 0)
        self._row = row
        self._east.addWidget(self._upper)
        self._east.addWidget(self._table)
        self._east.setStretchFactor(0, 1)
        self._east.setStretchFactor(1, 0)
        self._left.setMinimumWidth(self._theme.px(LEFT_LEAST))
        self._left.setMaximumWidth(self._theme.px(LEFT_MOST))
        self._outer.addWidget(self._left)
        self._outer.addWidget(self._east)
        self._outer.setStretchFactor(0, 0)
        self._outer.setStretchFactor(1, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._outer)

    # --- what is open --------------------------------------------------------------------------------

    @property
    def right_open(self) -> bool:
        return self._over if self.narrow else self.panels.right

    def show_panels(self, panels: Panels) -> None:
        """Arrange the regions as a tab had them."""
        self.panels = panels
        self._apply()

    def set_left(self, shown: bool) -> None:  # noqa: FBT001 - reads like Qt's own setters
        self.panels.left = shown
        self._apply()
        self.arranged.emit()

    def set_table(self, shown: bool) -> None:  # noqa: FBT001 - reads like Qt's own setters
        self.panels.table = shown
        self._apply()
        self.arranged.emit()

    def set_right(self, shown: bool) -> None:  # noqa: FBT001 - reads like Qt's own setters
        if self.narrow:
            self._over = shown
        else:
            self.panels.right = shown
        self._apply()
        self.arranged.emit()

    def set_empty(self, empty: bool) -> None:  # noqa: FBT001 - reads like Qt's own setters
        """Without any run there is no run panel, and the table needs no room."""
        if empty != self._empty:
            self._empty = empty
            self._apply()

    def fit(self, width: int, height: int) -> bool:
        """Follow the size of the window; whether it has become narrow or wide by this."""
        narrow, low = width < self._theme.px(NARROW), height < self._theme.px(LOW)
        turned = narrow != self.narrow
        if turned or low != self._low:
            self.narrow, self._low = narrow, low
            self._over = False
            self._apply()
        return turned

    def _apply(self) -> None:
        self._left.setVisible(self.panels.left)
        self._apply_right()
        self._apply_sizes()

    def _apply_right(self) -> None:
        """In a wide window the panel stands beside the middle, in a narrow one it lies over it."""
        beside = self.panels.right and not self.narrow and not self._empty
        over = self._over and self.narrow and not self._empty
        if over:
            self._row.removeWidget(self.panel)
            self._place_over()
            self.panel.raise_()
            self.panel.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self._row.indexOf(self.panel) < 0:
            self._row.insertWidget(2, self.panel)
        self.panel.set_edge(over)
        self._rail.show_open(opened=over)
        self.panel.setVisible(beside or over)
        self._rail.setVisible(not beside and not self._empty)
        self._edge.setVisible(not self._empty)

    def _apply_sizes(self) -> None:
        px = self._theme.px
        table = self._table
        table.set_folded(not self.panels.table)
        if self.panels.table:
            table.setMinimumHeight(table.height_for_rows(1))
            table.setMaximumHeight(UNBOUNDED)
            height = (
                table.height_for_rows(2)
                if self._low or self._empty
                else self.panels.table_height or table.height_for_rows(5)
            )
        else:
            height = table.bar_height()
            table.setMinimumHeight(height)
            table.setMaximumHeight(height)
        self._east.setSizes([max(1, self.height() - height), height])
        width = px(LEFT_NARROW) if self.narrow else self.panels.left_width or px(LEFT)
        self._outer.setSizes([width, max(1, self.width() - width)])

    def _left_moved(self) -> None:
        if not self.narrow:
            self.panels.left_width = self._outer.sizes()[0]
            self.arranged.emit()

    def _table_moved(self) -> None:
        if not self._low and not self._empty and self.panels.table:
            self.panels.table_height = self._east.sizes()[1]
            self.arranged.emit()

    def _place_over(self) -> None:
        self.panel.setParent(self._upper)
        self.panel.setGeometry(
            self._upper.width() - self._rail.width() - self.panel.width(), 0, self.panel.width(), self._upper.height()
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The panel that lies over the middle follows its size, and Esc folds it."""
        if watched is self._upper and event.type() == QEvent.Type.Resize and self._over and self.narrow:
            self._place_over()
        escape = (
            isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape
        )
        if watched is self.panel and escape and self._over:
            self.set_right(False)
            return True
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().height() <= 0:
            self._apply_sizes()

    # --- moving between regions ------------------------------------------------------------------------

    def regions(self) -> list[QWidget]:
        """The regions in reading order, as F6 visits them."""
        return [self._left, self._centre, self.panel if self.panel.isVisible() else self._rail, self._table]
