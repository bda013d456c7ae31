"""The two questions the form asks: for a name, and whether to delete. They ask; verbs do."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from workbench.gui.text import Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button

_WIDTH = 380


class AskDialog(QDialog):
    """A title, a sentence, perhaps a field, and a button that says what happens."""

    #: The person agreed (what the field holds, or nothing).
    answered = Signal(str)

    def __init__(
        self, theme: Theme, title: str, sentence: str, verb: str, *, name: str | None, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setObjectName("askDialog")
        self.setWindowTitle(title)
        self._remark: Callable[[str], str] = lambda _name: ""
        self._theme = theme
        self._note = Text(theme, sentence, "body", "text2", wrap=True)
        self.field = QLineEdit(name or "", self)
        self.field.setObjectName("presetNameField")
        self.field.setAccessibleName("Name")
        self.field.setMaxLength(80)
        self.field.selectAll()
        self.field.setVisible(name is not None)
        self._remark_line = Text(theme, "", "secondary", "warn", wrap=True)
        self.cancel = Button(theme, "Cancel", height=34)
        self.agree = Button(theme, verb, kind="primary", height=34)
        self.agree.setObjectName("askAgreeButton")
        self.agree.setDefault(True)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.agree)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(Text(theme, title, "title", wrap=True))
        for part in (self._note, self.field, self._remark_line):
            column.addWidget(part)
        column.addLayout(foot)
        self.setMinimumWidth(theme.px(_WIDTH))
        self.cancel.clicked.connect(self.reject)
        self.agree.clicked.connect(self.accept)
        self.field.textChanged.connect(self._written)
        self.finished.connect(self._finished)
        self._note.setVisible(bool(sentence))
        self._written(self.field.text())

    def set_remark(self, remark: Callable[[str], str]) -> None:
        """What to say about a name while it is typed, such as that it would replace another."""
        self._remark = remark
        self._written(self.field.text())

    def _written(self, text: str) -> None:
        remark = self._remark(text)
        self._remark_line.say(remark)
        self._remark_line.setVisible(bool(remark))
        self.agree.setEnabled(self.field.isHidden() or bool(text.strip()))

    def _finished(self, result: int) -> None:
        if result == QDialog.DialogCode.Accepted:
            self.answered.emit(" ".join(self.field.text().split()))
        self.deleteLater()
