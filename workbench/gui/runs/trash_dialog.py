"""What is in the trash, with sizes; asks to take runs back or to empty it, and a thread that measures and empties.

Walking through folders and removing them can take seconds, so that the window does not do it itself.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt, QThread, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workbench.errors import WorkbenchError
from workbench.gui import words
from workbench.gui.text import Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button
from workbench.journal import Journal, Run, trash
from workbench.journal.trash import Contents
from workbench.paths import Workspace

Found = Sequence[tuple[Run, Contents]]
_ID = Qt.ItemDataRole.UserRole
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
EMPTY = "The trash is empty."
MEASURING = "Looking into the trash"


class TrashThread(QThread):
    """Measures what is in the trash; with `empty`, deletes it for good before."""

    #: What is in the trash (a list of (Run, Contents), the last put there first).
    measured = Signal(object)
    #: The trash was emptied (a Freed).
    emptied = Signal(object)
    #: The workspace could not be read or written (a sentence).
    failed = Signal(str)

    def __init__(self, workspace: Workspace, parent: QObject, *, empty: bool) -> None:
        super().__init__(parent)
        self.setObjectName("trash")
        self._workspace = workspace
        self._empty = empty

    def run(self) -> None:
        try:
            with Journal(self._workspace) as journal:
                if self._empty:
                    self.emptied.emit(trash.empty(journal))
                self.measured.emit([(run, trash.contents(journal, run)) for run in trash.runs(journal)])
        except WorkbenchError as error:
            self.failed.emit(str(error))


def _list(theme: Theme) -> QTreeWidget:
    found = QTreeWidget()
    found.setObjectName("trashList")
    found.setAccessibleName("Runs in the trash")
    found.setHeaderLabels(["Run", "State", "Epochs", "Size", "Deleted"])
    found.setRootIsDecorated(False)
    found.setUniformRowHeights(True)
    found.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
    found.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    found.header().setStretchLastSection(False)
    for column, width in ((1, 116), (2, 70), (3, 90), (4, 140)):
        found.setColumnWidth(column, theme.px(width))
    for column in (2, 3):
        found.headerItem().setTextAlignment(column, _RIGHT)
    return found


class TrashDialog(QDialog):
    """The runs in the trash."""

    #: The person wants these runs back (a list of their ids).
    restore_asked = Signal(object)
    #: The person wants everything in the trash gone (how many runs, their bytes).
    empty_asked = Signal(int, int)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Trash")
        self.setObjectName("trashDialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(theme.px(640), theme.px(380))
        self._found: list[tuple[Run, Contents]] = []
        self.summary = Text(theme, MEASURING, "body", "text2", wrap=True)
        self.list = _list(theme)
        self.restore = Button(theme, "Restore", "undo", "tonal", height=34)
        self.restore.setObjectName("restoreButton")
        self.empty = Button(theme, "Empty trash…", "delete", height=34, icon_token="err")  # noqa: S106 - the name of a colour
        self.empty.setObjectName("emptyTrashButton")
        close = Button(theme, "Close", height=34)
        whole = QVBoxLayout(self)
        whole.setSpacing(8)
        whole.addWidget(Text(theme, "Trash", "title"))
        whole.addWidget(self.summary)
        whole.addWidget(self.list, 1)
        row = QHBoxLayout()
        row.addWidget(self.empty)
        row.addStretch(1)
        row.addWidget(close)
        row.addWidget(self.restore)
        whole.addLayout(row)
        self.list.itemSelectionChanged.connect(self._show_buttons)
        self.list.itemActivated.connect(self._ask_restore)
        self.restore.clicked.connect(self._ask_restore)
        self.empty.clicked.connect(self._ask_empty)
        close.clicked.connect(self.reject)
        self._show_buttons()

    def show_found(self, found: Found) -> None:
        """Show these runs."""
        self._found = list(found)
        self.list.clear()
        for run, held in self._found:
            when = time.strftime("%Y-%m-%d %H:%M", time.localtime(run.trashed or 0))
            state = words.state(run.state, run.ending)
            item = QTreeWidgetItem([run.name, state, words.count(held.epochs), words.size(held.size), when])
            item.setData(0, _ID, run.id)
            for column in (2, 3):
                item.setTextAlignment(column, _RIGHT)
            self.list.addTopLevelItem(item)
        first = self.list.topLevelItem(0)
        if first is not None:
            self.list.setCurrentItem(first)
            self.list.setFocus()
        size = sum(held.size for _, held in self._found)
        many = f"{words.plural(len(self._found), 'run', 'runs')}, {words.size(size)}"
        self.summary.say(
            f"{many}. A run that is restored has its curves and weights as before." if self._found else EMPTY
        )
        self._show_buttons()

    def take_out(self, runs: Sequence[str]) -> None:
        """These runs are no longer in the trash."""
        self.show_found([each for each in self._found if each[0].id not in runs])

    def show_busy(self) -> None:
        """The trash is being emptied."""
        self.summary.say("Emptying the trash")
        self._found = []
        self.list.clear()
        self._show_buttons()

    def _show_buttons(self) -> None:
        self.restore.setEnabled(bool(self.list.selectedItems()))
        self.empty.setEnabled(bool(self._found))

    def _ask_restore(self) -> None:
        chosen = [item.data(0, _ID) for item in self.list.selectedItems()]
        if chosen:
            self.restore_asked.emit(chosen)

    def _ask_empty(self) -> None:
        self.empty_asked.emit(len(self._found), sum(held.size for _, held in self._found))
