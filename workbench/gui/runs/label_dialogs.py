"""Asks for the tags of a run, and for its note. What is typed is checked here and written by whoever asked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from workbench.errors import WorkspaceError
from workbench.gui.text import Elided, Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button, FlatButton
from workbench.journal import Run, labels

#: So many tags of other runs are offered.
OFFERED = 6


class _LabelDialog(QDialog):
    """A title, a field, a line for what is wrong with it, Save and Cancel."""

    def __init__(self, theme: Theme, title: str, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(theme.px(440), 0)
        self.column = QVBoxLayout(self)
        self.column.setSpacing(8)
        self.column.addWidget(Elided(theme, f"{title} of {name}", "title"))
        self.problem = Text(theme, "", "secondary", "err", wrap=True)
        self.problem.hide()
        self.save = Button(theme, "Save", kind="tonal", height=34)
        self.save.clicked.connect(self.accept)
        cancel = Button(theme, "Cancel", height=34)
        cancel.clicked.connect(self.reject)
        self.buttons = QHBoxLayout()
        self.buttons.addStretch(1)
        self.buttons.addWidget(cancel)
        self.buttons.addWidget(self.save)

    def finish(self) -> None:
        """After the field was put in: what stands under it."""
        self.column.addWidget(self.problem)
        self.column.addLayout(self.buttons)

    def complain(self, sentence: str) -> None:
        self.problem.say(sentence)
        self.problem.setVisible(bool(sentence))


class TagsDialog(_LabelDialog):
    """The tags of a run in one line, and some of other runs to press."""

    #: The person saved the tags (the run's id, a tuple of tags).
    tags_saved = Signal(str, object)

    def __init__(self, theme: Theme, run: Run, offered: Sequence[str], parent: QWidget) -> None:
        super().__init__(theme, "Tags", run.name, parent)
        self._run = run.id
        self.field = QLineEdit(" ".join(run.tags), placeholderText="holiday best-so-far")
        self.field.setObjectName("tagsField")
        self.field.setAccessibleName("Tags")
        self.field.setAccessibleDescription("Words, parted by spaces or commas")
        self.column.addWidget(self.field)
        self.column.addWidget(
            Text(theme, "Words, parted by spaces or commas. Filter runs with tag:holiday.", "caption", "text3")
        )
        row = QHBoxLayout()
        row.setSpacing(4)
        self.offers = [FlatButton(theme, tag, "add") for tag in offered[:OFFERED]]
        for offer in self.offers:
            offer.setAccessibleName(f"Add the tag {offer.text()}")
            offer.clicked.connect(self._add)
            row.addWidget(offer)
        row.addStretch(1)
        self.column.addLayout(row)
        self.finish()
        self.field.returnPressed.connect(self.accept)
        self.field.textEdited.connect(self._recheck)
        self.field.setFocus()

    def _add(self) -> None:
        offer = self.sender()
        if isinstance(offer, FlatButton):
            self.field.setText(f"{self.field.text()} {offer.text()}".strip())
            self._recheck()

    def _recheck(self) -> None:
        if self.problem.isVisible():
            self._read()

    def _read(self) -> tuple[str, ...] | None:
        try:
            tags = labels.tags_in(self.field.text())
        except WorkspaceError as error:
            self.complain(str(error))
            return None
        self.complain("")
        return tags

    def accept(self) -> None:
        tags = self._read()
        if tags is not None:
            self.tags_saved.emit(self._run, tags)
            super().accept()


class NoteDialog(_LabelDialog):
    """The note of a run, as many lines as it needs."""

    #: The person saved the note (the run's id, the text).
    note_saved = Signal(str, str)

    def __init__(self, theme: Theme, run: Run, parent: QWidget) -> None:
        super().__init__(theme, "Note", run.name, parent)
        self._run = run.id
        self.resize(theme.px(520), theme.px(300))
        self.field = QPlainTextEdit(run.note, placeholderText="What was tried, what it showed")
        self.field.setObjectName("noteField")
        self.field.setAccessibleName("Note")
        self.field.setTabChangesFocus(True)
        self.column.addWidget(self.field, 1)
        self.finish()
        self.save.setToolTip("Ctrl+Return")
        QShortcut(QKeySequence("Ctrl+Return"), self, self.accept)
        self.field.setFocus()

    def accept(self) -> None:
        text = self.field.toPlainText()
        if len(text.strip()) > labels.LONGEST_NOTE:
            self.complain(f"The note has {len(text):,} letters; at most {labels.LONGEST_NOTE:,} are kept. Shorten it.")
            return
        self.note_saved.emit(self._run, text)
        super().accept()
