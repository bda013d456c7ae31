"""The run table: every run of the workspace, newest first, with a filter; or a sentence when there is none.

Shows and asks; what is to be done with a run it says by signals.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QMenu,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from workbench.events import State
from workbench.gui import words
from workbench.gui.runs.columns import Column
from workbench.gui.runs.delegate import RunDelegate
from workbench.gui.runs.model import ROW, RunFilter, RunModel
from workbench.gui.runs.watch import Row
from workbench.gui.text import Text
from workbench.gui.theme import Theme

BAR = 38
HEADER = 28
ROW_HEIGHT = 30
EMPTY = "Every run is kept here, with its settings and curves."
FILTER_TIP = "Every word must be found: in the name, tags, note, preset, state or settings. tag:holiday finds a tag."
WIDTHS = {
    Column.RUN: 112, Column.STATE: 138, Column.CURVE: 116, Column.LOSS: 116, Column.ACCURACY: 88, Column.EPOCHS: 82, Column.TIME: 66,
    Column.NOTES: 190,
}  # fmt: skip
#: What leaves first when the table gets narrow, and below which width.
LEAVING = ((Column.NOTES, 1000), (Column.TIME, 860), (Column.ACCURACY, 700), (Column.CURVE, 600))


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
    #: The person asks for the menu of this run (its id, where on the screen).
    menu_asked = Signal(str, QPoint)

    def __init__(self, theme: Theme, runs: RunFilter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("runTable")
        self.setAccessibleName("Runs")
        self.setModel(runs)
        self.setItemDelegate(RunDelegate(theme, runs, self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
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

    def _open(self, index: QModelIndex) -> None:
        row = self.row_at(index)
        if row is not None:
            self.run_opened.emit(row.run.id)

    def _ask_menu(self, place: QPoint) -> None:
        row = self.row_at(self.indexAt(place))
        if row is not None:
            self.menu_asked.emit(row.run.id, self.viewport().mapToGlobal(place))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.row_at(self.currentIndex())
        key = event.key()
        if row is not None and key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.run_opened.emit(row.run.id)
        elif row is not None and key == Qt.Key.Key_Delete:
            self.delete_asked.emit(row.run.id)
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


class RunTable(QWidget):
    """The bar with count and filter, and the table under it."""

    #: The person asks to see this run's curves (its id).
    run_opened = Signal(str)
    #: The person gave a run another name (its id, the name).
    run_renamed = Signal(str, str)
    #: The person asks to fill the form with this run's recipe (its id).
    recipe_asked = Signal(str)
    #: The person asks to see this run's folder (its id).
    folder_asked = Signal(str)
    #: The person asks to delete (or, while it lives, discard) this run (its id).
    delete_asked = Signal(str)
    resume_asked = Signal(str)
    #: The person asks for the tags, for the note, or to turn the pin of this run (its id).
    tags_asked = Signal(str)
    note_asked = Signal(str)
    pin_asked = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._focus: str | None = None
        self.model = RunModel(self)
        self.runs = RunFilter(self.model, self)
        self._title = Text(theme, "Runs", "strong")
        self._count = Text(theme, "0", "body", "text3")
        self.filter = QLineEdit(placeholderText="Filter runs", clearButtonEnabled=True)
        self.filter.setObjectName("runFilter")
        self.filter.setAccessibleName("Filter runs")
        self.filter.setToolTip(FILTER_TIP)
        self._search = self.filter.addAction(theme.icon("search", "text3"), QLineEdit.ActionPosition.LeadingPosition)
        self.view = RunView(theme, self.runs)
        self._nothing = Text(theme, EMPTY, "body", "text2")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._body = QStackedWidget()
        self._body.addWidget(self._nothing)
        self._body.addWidget(self.view)
        self.setAutoFillBackground(True)
        self._arrange()
        self._connect()

    def _arrange(self) -> None:
        self._bar = QWidget()
        bar = QHBoxLayout(self._bar)
        bar.setContentsMargins(12, 0, 12, 0)
        bar.setSpacing(8)
        bar.addWidget(self._title)
        bar.addWidget(self._count)
        bar.addSpacing(8)
        bar.addWidget(self.filter)
        bar.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._bar)
        whole.addWidget(self._body, 1)
        self._dress()

    def _connect(self) -> None:
        self.filter.textChanged.connect(self._search_for)
        self.view.horizontalHeader().sortIndicatorChanged.connect(self._keep_in_view)
        self.view.run_opened.connect(self.run_opened)
        self.view.delete_asked.connect(self.delete_asked)
        self.view.resume_asked.connect(self.resume_asked)
        self.view.tags_asked.connect(self.tags_asked)
        self.view.note_asked.connect(self.note_asked)
        self.view.pin_asked.connect(self.pin_asked)
        self.view.menu_asked.connect(self._show_menu)
        self.view.itemDelegate().commitData.connect(self._rename)
        self.filter.installEventFilter(self)
        self._theme.changed.connect(self._dress)

    def _dress(self) -> None:
        px = self._theme.px
        self._bar.setFixedHeight(px(BAR))
        self.filter.setFixedWidth(px(180))
        self._search.setIcon(self._theme.icon("search", "text3"))

    def bar_height(self) -> int:
        return self._theme.px(BAR)

    def height_for_rows(self, rows: int) -> int:
        """How high the table is with so many rows in view."""
        return self._theme.px(BAR + HEADER + ROW_HEIGHT * rows)

    def set_folded(self, folded: bool) -> None:  # noqa: FBT001 - reads like Qt's own setters
        """Only the bar, or the whole table."""
        self._body.setVisible(not folded)

    def set_rows(self, rows: Sequence[Row]) -> None:
        self.model.set_rows(rows)
        self._show_count()
        self._body.setCurrentIndex(1 if rows else 0)
        self.filter.setEnabled(bool(rows))
        self.focus_run(self._focus)

    def _search_for(self, text: str) -> None:
        self.runs.set_words(text)
        self._show_count()
        self._keep_in_view()

    def _show_count(self) -> None:
        everything, found = len(self.model.rows), self.runs.rowCount()
        whole = words.count(everything)
        self._count.say(whole if found == everything else f"{words.count(found)} of {whole}")

    def _keep_in_view(self) -> None:
        """Sorting and filtering leave the run in focus in sight."""
        self.view.scrollTo(self.view.currentIndex())

    def row(self, run: str) -> Row | None:
        place = self.model.place_of(run)
        return None if place is None else self.model.rows[place]

    def focus_run(self, run: str | None) -> None:
        """Mark the run whose curves are shown."""
        moved = run != self._focus
        self._focus = run
        self.runs.keep(run)
        self._show_count()
        place = self.model.place_of(run) if run else None
        if place is None:
            return
        index = self.runs.mapFromSource(self.model.index(place, 0))
        chosen = self.view.selectionModel()
        if index.isValid() and (moved or not chosen.isRowSelected(index.row(), QModelIndex())):
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            chosen.setCurrentIndex(index, flags)
            self.view.scrollTo(index)

    def focus_filter(self) -> None:
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    def start_rename(self, run: str) -> None:
        place = self.model.place_of(run)
        if place is not None:
            self.view.edit(self.runs.mapFromSource(self.model.index(place, Column.RUN)))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Esc in the filter empties it; Down goes to the table."""
        if watched is self.filter and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape and self.filter.text():
                self.filter.clear()
                return True
            if event.key() == Qt.Key.Key_Down:
                self.view.setFocus(Qt.FocusReason.ShortcutFocusReason)
                return True
        return super().eventFilter(watched, event)

    def _rename(self, editor: QWidget) -> None:
        row = self.view.row_at(self.view.currentIndex())
        if row is not None and isinstance(editor, QLineEdit) and editor.text() != row.run.name:
            self.run_renamed.emit(row.run.id, editor.text())

    def _show_menu(self, run: str, place: QPoint) -> None:
        row = self.row(run)
        if row is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        show = menu.addAction("Show its curves")
        recipe = menu.addAction("Use its recipe")
        menu.addSeparator()
        rename = menu.addAction("Rename…\tF2")
        tags = menu.addAction("Tags…\tT")
        note = menu.addAction("Note…\tN")
        pin = menu.addAction("Take the pin off\tP" if row.run.pinned else "Pin to the top\tP")
        folder = menu.addAction("Show its folder")
        menu.addSeparator()
        delete = menu.addAction("Delete…" if row.run.state is State.ENDED else "Stop and discard…")
        chosen = menu.exec(place)
        if chosen is show:
            self.run_opened.emit(run)
        elif chosen is recipe:
            self.recipe_asked.emit(run)
        elif chosen is rename:
            self.start_rename(run)
        elif chosen is tags:
            self.tags_asked.emit(run)
        elif chosen is note:
            self.note_asked.emit(run)
        elif chosen is pin:
            self.pin_asked.emit(run)
        elif chosen is folder:
            self.folder_asked.emit(run)
        elif chosen is delete:
            self.delete_asked.emit(run)
