"""The run table: every run of the workspace, newest first, with a filter; or a sentence when there is none.

Shows and asks; what is to be done with a run it says by signals.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from workbench.gui import words
from workbench.gui.runs.columns import Column
from workbench.gui.runs.menu import RunMenu
from workbench.gui.runs.model import RunFilter, RunModel
from workbench.gui.runs.view import HEADER, ROW_HEIGHT, RunView
from workbench.gui.runs.watch import Row
from workbench.gui.text import Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button
from workbench.journal.shown import Shown

BAR = 38
EMPTY = "Every run is kept here, with its settings and curves."
FILTER_TIP = "Every word must be found: in the name, tags, note, preset, state or settings. tag:holiday finds a tag."


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
    #: The person asks to write this run's network as a model for other programs (its id).
    export_asked = Signal(str)
    #: The person asks to write this run as a report, script or notebook (which of them, its id).
    write_asked = Signal(str, str)
    #: The person asks to see these runs in TensorBoard (their ids).
    tensorboard_asked = Signal(object)
    #: The person asks to delete (or, while it lives, discard) this run (its id).
    delete_asked = Signal(str)
    resume_asked = Signal(str)
    #: The person asks for the tags, for the note, or to turn the pin of this run (its id).
    tags_asked = Signal(str)
    note_asked = Signal(str)
    pin_asked = Signal(str)
    #: The person asks to open (or close) the eyes of runs (their ids, whether open).
    show_asked = Signal(object, bool)
    #: The person asks to open the eyes of these runs and to close all others (their ids).
    only_asked = Signal(object)
    #: The person asks to open the eyes of all seeds of this run's recipe (its id).
    seeds_asked = Signal(str)
    #: The person asks to measure the others against this run (its id; empty: against none).
    baseline_asked = Signal(str)
    #: The person asks to see the shown runs beside each other.
    compare_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._focus: str | None = None
        #: the run in focus whose row was selected for that
        self._marked: str | None = None
        self.model = RunModel(self)
        self.runs = RunFilter(self.model, self)
        self._title = Text(theme, "Runs", "strong")
        self._count = Text(theme, "0", "body", "text3")
        self.filter = QLineEdit(placeholderText="Filter runs", clearButtonEnabled=True)
        self.filter.setObjectName("runFilter")
        self.filter.setAcceptDrops(False)  # a file is for the window
        self.filter.setAccessibleName("Filter runs")
        self.filter.setToolTip(FILTER_TIP)
        self._search = self.filter.addAction(theme.icon("search", "text3"), QLineEdit.ActionPosition.LeadingPosition)
        self.view = RunView(theme, self.runs)
        self.compare_button = Button(theme, "Compare", "compare")
        self.compare_button.setObjectName("compareButton")
        self.compare_button.setToolTip("Show the selected runs beside each other, and no others (C)")
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
        bar.addWidget(self.filter, 100)
        bar.addStretch(1)
        bar.addWidget(self.compare_button)
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
        self.view.show_asked.connect(self.show_asked)
        self.view.compare_asked.connect(self.compare)
        self.view.selectionModel().selectionChanged.connect(self._show_selected)
        self.compare_button.clicked.connect(self.compare)
        self.view.itemDelegate().commitData.connect(self._rename)
        self.filter.installEventFilter(self)
        self._theme.changed.connect(self._dress)

    def _dress(self) -> None:
        px = self._theme.px
        self._bar.setFixedHeight(px(BAR))
        self.filter.setMaximumWidth(px(180))
        self.filter.setMinimumWidth(px(60))
        self._search.setIcon(self._theme.icon("search", "text3"))

    def bar_height(self) -> int:
        return self._theme.px(BAR)

    def height_for_rows(self, rows: int) -> int:
        """How high the table is with so many rows in view."""
        return self._theme.px(BAR + HEADER + ROW_HEIGHT * rows)

    def set_folded(self, folded: bool) -> None:  # noqa: FBT001 - reads like Qt's own setters
        """Only the bar, or the whole table."""
        self._body.setVisible(not folded)

    def set_shown(self, shown: Shown) -> None:
        """Eyes were opened or closed, or the baseline is another."""
        self.model.set_shown(shown)
        self._show_selected()

    def compare(self) -> None:
        """Show what is selected and nothing else; with a single run selected, what is shown already."""
        runs = [row.run.id for row in self.view.selected()]
        if len(runs) > 1:
            self.only_asked.emit(runs)
        if len(runs) > 1 or self.model.shown.runs:
            self.compare_asked.emit()

    def _show_selected(self) -> None:
        count = len(self.view.selectionModel().selectedRows())
        self.compare_button.setText(f"Compare {words.count(count)}" if count > 1 else "Compare")
        self.compare_button.setEnabled(count > 1 or bool(self.model.shown.runs))

    def set_rows(self, rows: Sequence[Row]) -> None:
        self.model.set_rows(rows)
        self._show_count()
        self._body.setCurrentIndex(1 if rows else 0)
        self.filter.setEnabled(bool(rows))
        self.focus_run(self._focus)
        self._show_selected()

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
        self._focus = run
        self.runs.keep(run)
        self._show_count()
        place = self.model.place_of(run) if run else None
        if place is None:
            return
        index = self.runs.mapFromSource(self.model.index(place, Column.RUN))
        # What else is selected stays so, until another run comes into focus; that may be before the table has its row.
        if index.isValid() and (run != self._marked or not self.view.selectionModel().hasSelection()):
            self._marked = run
            self.view.select(index)
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
        menu = RunMenu(self, row, [each.run for each in self.view.selected()])
        menu.exec(place)
