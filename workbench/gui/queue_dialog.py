"""The queue: which runs wait, in which order, whether the line moves, and how many train at once.

It shows the journal and asks by signals; after each change it is shown what the journal says then.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from workbench.gui import words
from workbench.gui.text import Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.number_field import NumberField, NumberKind
from workbench.gui.widgets.switch import Switch
from workbench.journal import Run
from workbench.journal.queue import MOST_AT_ONCE, QueueSettings


class QueueDialog(QDialog):
    """Everything about the queue that can be changed."""

    #: A waiting run is to stand at a place, from 0 (its id, the place).
    move_asked = Signal(str, int)
    #: A waiting run is not to be trained (its id).
    remove_asked = Signal(str)
    #: The line is to stand still, or to move.
    pause_asked = Signal(bool)
    #: So many runs are to train at once.
    at_once_asked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Queue")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(theme.px(460), theme.px(420))
        self.said = Text(theme, "", "body", "text2", wrap=True)
        self.list = QListWidget()
        self.list.setObjectName("queueList")
        self.list.setAccessibleName("Runs that wait, the next one first")
        self.up = Button(theme, "Earlier", "chevron-up")
        self.down = Button(theme, "Later", "chevron-down")
        self.remove = Button(theme, "Remove", "delete")
        self.pause = Switch(theme)
        self.pause.setAccessibleName("Pause the queue")
        self.at_once = NumberField(theme, NumberKind(whole=True, unit="runs", lowest=1, highest=MOST_AT_ONCE))
        self.at_once.setAccessibleName("At once on the CPU")
        self.at_once.setToolTip("A GPU trains one run at a time.")
        close = Button(theme, "Close", height=34)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(Text(theme, "Queue", "title"))
        column.addWidget(self.said)
        column.addWidget(self.list, 1)
        column.addLayout(_row(self.up, self.down, None, self.remove))
        column.addLayout(_row(Text(theme, "Pause the queue"), None, self.pause))
        column.addLayout(_row(Text(theme, "At once on the CPU"), None, self.at_once))
        column.addLayout(_row(None, close))
        self.at_once.setMaximumWidth(theme.px(118))
        self.up.clicked.connect(self._earlier)
        self.down.clicked.connect(self._later)
        self.remove.clicked.connect(self._remove)
        self.pause.clicked.connect(self.pause_asked)
        self.at_once.value_edited.connect(self._ask_at_once)
        self.list.currentRowChanged.connect(self._show_buttons)
        close.clicked.connect(self.accept)

    def show_queue(self, line: Sequence[Run], at_work: int, settings: QueueSettings) -> None:
        """What the journal says now; the chosen run stays chosen."""
        chosen = self._chosen()
        self.list.clear()
        for place, run in enumerate(line, start=1):
            item = QListWidgetItem(f"{place}.  {run.name}  ·  {words.plural(run.epochs_planned, 'epoch', 'epochs')}")
            item.setData(Qt.ItemDataRole.UserRole, run.id)
            self.list.addItem(item)
            if run.id == chosen:
                self.list.setCurrentItem(item)
        if not line:
            text = "No run waits. Add to queue puts the recipe of the form here while another run trains."
        elif settings.paused:
            text = "The queue is paused: what trains goes on, and nothing else begins."
        elif at_work:
            text = f"{words.plural(len(line), 'run waits', 'runs wait')} for {words.plural(at_work, 'run', 'runs')} at work."
        else:
            text = f"{words.plural(len(line), 'run waits', 'runs wait')}; the first begins in a moment."
        self.said.say(text)
        self.pause.setChecked(settings.paused)
        self.at_once.show_value(settings.at_once)
        self._show_buttons()

    def _chosen(self) -> str:
        item = self.list.currentItem()
        return str(item.data(Qt.ItemDataRole.UserRole)) if item is not None else ""

    def _show_buttons(self) -> None:
        place, count = self.list.currentRow(), self.list.count()
        self.up.setEnabled(place > 0)
        self.down.setEnabled(0 <= place < count - 1)
        self.remove.setEnabled(place >= 0)

    def _earlier(self) -> None:
        self.move_asked.emit(self._chosen(), self.list.currentRow() - 1)

    def _later(self) -> None:
        self.move_asked.emit(self._chosen(), self.list.currentRow() + 1)

    def _remove(self) -> None:
        self.remove_asked.emit(self._chosen())

    def _ask_at_once(self, value: object) -> None:
        if isinstance(value, int):
            self.at_once_asked.emit(value)


def _row(*parts: QWidget | None) -> QHBoxLayout:
    """Parts beside each other; None is free space."""
    row = QHBoxLayout()
    row.setSpacing(8)
    for part in parts:
        if part is None:
            row.addStretch(1)
        else:
            row.addWidget(part)
    return row
