"""The run table itself: its columns, its keys, its eyes; it says by signals what is asked of a run."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from workbench.gui.runs.columns import Column
from workbench.gui.runs.delegate import RunDelegate
from workbench.gui.runs.model import ROW, RunFilter
from workbench.gui.runs.watch import Row
from workbench.gui.theme import Theme

HEADER = 28
ROW_HEIGHT = 30
WIDTHS = {
    Column.SHOW: 72, Column.RUN: 98, Column.STATE: 138, Column.CURVE: 116, Column.LOSS: 108, Column.ACCURACY: 80, Column.EPOCHS: 76,
    Column.TIME: 60, Column.NOTES: 122,
}  # fmt: skip
#: Held down, a click adds to the selection.
ADDING = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
#: What leaves first when the table gets narrow, and below which width.
LEAVING = ((Column.NOTES, 1040), (Column.TIME, 900), (Column.ACCURACY, 780), (Column.CURVE, 680))


class RunView(QTableView):
    """The table itself."""

    #: The person asks to see this run's curves (its id).
    run_opened = Signal(str)
    #: The person asks to delete this run (its id).
    delete_asked = Signal(str)
    resume_asked = Signal(str)
    #: The person asks for the tags, for the note, or to turn the pin of this run (its id).
    tags_asked = Signal(str)
    note_asked = Signal(str)
    pin_asked = Signal(str)
    #: The person asks to open (or close) the eyes of runs (their ids, whether open).
    show_asked = Signal(object, bool)
    #: The person asks to compare the runs that are selected.
    compare_asked = Signal()
    #: The person asks for the menu of this run (its id, where on the screen).
    menu_asked = Signal(str, QPoint)

    def __init__(self, theme: Theme, runs: RunFilter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._runs = runs
        #: the last click added to the selection; an eye is being pressed
        self._selecting = self._eye_pressed = False
        self.setObjectName("runTable")
        self.setAccessibleName("Runs")
        self.setModel(runs)
        self.setItemDelegate(RunDelegate(theme, runs, self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setMinimumSize(0, 0)
        self.verticalHeader().hide()
        self.setSortingEnabled(True)
        self.sortByColumn(Column.RUN, Qt.SortOrder.DescendingOrder)
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setSortIndicatorShown(False)
        head.setTextElideMode(Qt.TextElideMode.ElideRight)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setSectionResizeMode(Column.CHIPS, QHeaderView.ResizeMode.Stretch)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._ask_menu)
        self.clicked.connect(self._open)
        self._by_key = {Qt.Key.Key_T: self.tags_asked, Qt.Key.Key_N: self.note_asked, Qt.Key.Key_P: self.pin_asked}
        theme.changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        px = self._theme.px
        self.verticalHeader().setMinimumSectionSize(px(20))
        self.verticalHeader().setDefaultSectionSize(px(ROW_HEIGHT))
        self.horizontalHeader().setFont(self._theme.font("caption"))
        self.horizontalHeader().setFixedHeight(px(HEADER))
        for column, width in WIDTHS.items():
            self.setColumnWidth(column, px(width))
        self.viewport().update()

    def row_at(self, index: QModelIndex) -> Row | None:
        return index.data(ROW) if index.isValid() else None

    def selected(self) -> list[Row]:
        """The rows that are selected, in the order of the table."""
        indexes = sorted(self.selectionModel().selectedRows(Column.RUN), key=lambda index: index.row())
        return [row for index in indexes if (row := self.row_at(index)) is not None]

    def select(self, index: QModelIndex) -> None:
        """Select one row and no other."""
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.selectionModel().setCurrentIndex(index, flags)

    def turn_eyes(self) -> None:
        """Show what is selected of runs; hide them when all of them are shown."""
        runs = [row.run.id for row in self.selected()]
        if runs:
            self.show_asked.emit(runs, not all(self._runs.model.is_shown(run) for run in runs))

    def _open(self, index: QModelIndex) -> None:
        row = self.row_at(index)
        # A click that adds to the selection looks at no other run.
        if row is not None and not self._selecting:
            self.run_opened.emit(row.run.id)

    def _ask_menu(self, place: QPoint) -> None:
        row = self.row_at(self.indexAt(place))
        if row is not None:
            self.menu_asked.emit(row.run.id, self.viewport().mapToGlobal(place))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._selecting = bool(event.modifiers() & ADDING)
        index = self.indexAt(event.position().toPoint())
        row = self.row_at(index)
        self._eye_pressed = (
            row is not None
            and index.column() == Column.SHOW
            and event.button() is Qt.MouseButton.LeftButton
            and not self._selecting
        )
        if self._eye_pressed and row is not None:
            # An eye changes neither the selection nor the run in focus.
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self.show_asked.emit([row.run.id], not self._runs.model.is_shown(row.run.id))
        else:
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.indexAt(event.position().toPoint()).column() == Column.SHOW:
            self.mousePressEvent(event)  # two quick clicks on an eye are two clicks
        else:
            super().mouseDoubleClickEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._eye_pressed:
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not self._eye_pressed:
            super().mouseReleaseEvent(event)
        self._eye_pressed = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.row_at(self.currentIndex())
        key = event.key()
        if row is not None and key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.run_opened.emit(row.run.id)
        elif row is not None and key == Qt.Key.Key_Delete:
            self.delete_asked.emit(row.run.id)
        elif key == Qt.Key.Key_Space:
            self.turn_eyes()
        elif key == Qt.Key.Key_C and not event.modifiers():
            self.compare_asked.emit()
        elif row is not None and key == Qt.Key.Key_R and not event.modifiers():
            self.resume_asked.emit(row.run.id)
        elif row is not None and key == Qt.Key.Key_F2:
            self.edit(self.currentIndex().siblingAtColumn(Column.RUN))
        elif row is not None and key in self._by_key and not event.modifiers():
            self._by_key[Qt.Key(key)].emit(row.run.id)
        elif row is not None and key == Qt.Key.Key_Menu:
            self.menu_asked.emit(
                row.run.id, self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).bottomLeft())
            )
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for column, least in LEAVING:
            self.setColumnHidden(column, self.width() < self._theme.px(least))
