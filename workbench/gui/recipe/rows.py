"""One setting in the form: label, dot, help, control, and a sentence under it when something is wrong."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QMenu, QSizePolicy, QWidget

from workbench.gui.recipe import saying
from workbench.gui.recipe.editors import Editor, make_editor
from workbench.gui.text import Elided, Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.dot import ChangedDot
from workbench.gui.widgets.help import Help, HelpButton
from workbench.gui.widgets.number_field import NumberField
from workbench.gui.widgets.path_field import PathField
from workbench.gui.widgets.switch import Switch
from workbench.spec.base import Setting, Value

#: No control is narrower, except those of tricks in the narrow panel.
_LEAST = 118


class ProblemLine(QWidget):
    """An icon and a sentence about what is wrong, or what to know; hidden while there is nothing to say."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._remark = False
        self._sign = QLabel(self)
        self._text = Text(theme, "", "secondary", "err", wrap=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 0, 2)
        row.setSpacing(6)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._text, 1)
        self.setVisible(False)
        theme.changed.connect(self._dress)
        self._dress()

    @property
    def text(self) -> str:
        return self._text.text()

    def say(self, problem: str, remark: str = "") -> None:
        """The problem; without one the remark, which stops nobody."""
        is_remark = bool(remark) and not problem
        if is_remark != self._remark:
            self._remark = is_remark
            self._text.set_token("text2" if is_remark else "err")
            self._dress()
        self._text.say(problem or remark)
        self.setVisible(bool(problem or remark))

    def _dress(self) -> None:
        self._sign.setPixmap(self._theme.pixmap(*(("info", "info") if self._remark else ("error", "err")), 14))


class RowHead(QWidget):
    """Label, dot and help; the left part of every row."""

    def __init__(
        self, theme: Theme, label: str, help_text: Help, *, small: bool = False, elided: bool = False, parent: QWidget | None = None
    ) -> None:  # fmt: skip
        """`elided` lets a label that may be long end in … where there is no room for it."""
        super().__init__(parent)
        kind = Elided if elided else Text
        self.label = kind(theme, label, "secondary" if small else "body", "text2" if small else "text")
        self.dot = ChangedDot(theme, self)
        self.help = HelpButton(theme, help_text, self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.label, 1000 if elided else 0)
        row.addWidget(self.dot)
        row.addWidget(self.help)
        row.addStretch(1)


class SettingRow(QWidget):
    """A row of the form."""

    #: The person gave another value (path, value).
    edited = Signal(str, object)
    #: The person wrote something that is no value (path, text).
    unreadable = Signal(str, str)
    #: The person is done with the field (path).
    finished = Signal(str)
    #: The person wants the saved value back (path).
    reset_asked = Signal(str)

    def __init__(
        self, theme: Theme, declared: Setting, section: str, *, small: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self.declared = declared
        self.path = declared.path
        self._saved: str | None = None
        self._shown: tuple[object, str | None] | None = None
        self._stacked: bool | None = None
        self._control_width = 150
        self._width = 0
        help_text = saying.setting_help(declared)
        self.head = RowHead(theme, declared.label, help_text, small=small, parent=self)
        self.editor: Editor = make_editor(theme, declared, self)
        self.problem = ProblemLine(theme, self)
        name = ", ".join(part for part in (section, declared.label, declared.unit) if part)
        self.editor.setObjectName(declared.path)
        self.editor.setAccessibleName(name)
        self.editor.setAccessibleDescription(help_text.plain)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0 if isinstance(self.editor, Switch) else 4, 0)
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(0, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._dress()
        self._place()
        self._connect()

    def _dress(self) -> None:
        if not isinstance(self.editor, Switch):
            self.editor.setFixedHeight(self._theme.px(28))
        if self._stacked is not None:
            self._place()

    def minimumSizeHint(self) -> QSize:
        # Any width will do: where label and control do not fit beside each other, they stand one under the other.
        return QSize(0, super().minimumSizeHint().height())

    def _connect(self) -> None:
        self._theme.changed.connect(self._dress)
        self.editor.value_edited.connect(self._edited)
        if isinstance(self.editor, NumberField):
            self.editor.unreadable.connect(self._unreadable)
            self.editor.editingFinished.connect(self._finished)

    def _edited(self, value: object) -> None:
        self._shown = None
        self.edited.emit(self.path, value)

    def _unreadable(self, text: str) -> None:
        self._shown = None
        self.unreadable.emit(self.path, text)

    def _finished(self) -> None:
        self.finished.emit(self.path)

    # --- showing -------------------------------------------------------------------------------------

    def show_value(self, value: Value, text: str | None = None) -> None:
        """Show a value, or a text that is none."""
        if self._shown == (value, text) and type(self._shown[0]) is type(value):
            return
        self._shown = (value, text)
        if isinstance(self.editor, NumberField):
            self.editor.show_value(value if isinstance(value, (int, float)) else None, text)
        else:
            self.editor.show_value(value)

    def set_changed(self, saved: str | None) -> None:
        """The saved value in words when it differs, else None."""
        if saved != self._saved:
            self._saved = saved
            self.head.dot.set_changed(saved)
            self._place()  # the dot takes room from the control

    def set_problem(self, sentence: str, remark: str = "") -> None:
        """The sentence under the row: what is wrong, or else what to know."""
        if (sentence or remark) == self.problem.text:
            return
        self.problem.say(sentence, remark)
        target = self.editor.line if isinstance(self.editor, PathField) else self.editor
        target.setProperty("bad", bool(sentence))
        target.style().unpolish(target)
        target.style().polish(target)

    def words(self) -> str:
        """Everything a search may hit."""
        return f"{self.path} {self.declared.label} {self.declared.unit} {self.head.help.help.plain}".casefold()

    # --- placing ---------------------------------------------------------------------------------------

    def set_control_width(self, width: int) -> None:
        if width != self._control_width:
            self._control_width = width
            self._stacked = None
            self._place()

    def _place(self) -> None:
        """Label and control side by side, or one under the other where they do not fit."""
        # In a tight row the control gives way first, down to the width of the narrow panel.
        room = self.width() - self.head.sizeHint().width() - 10
        least = self._theme.px(min(_LEAST, self._control_width))
        width = max(least, min(self._theme.px(self._control_width), room))
        # A path needs all the room there is; a switch always stands at the right.
        stacked = isinstance(self.editor, PathField) or (room < least and not isinstance(self.editor, Switch))
        if (stacked, width) == (self._stacked, self._width):
            return
        self._width = width
        self._stacked = stacked
        for part in (self.head, self.editor, self.problem):
            self._grid.removeWidget(part)
        self._grid.addWidget(self.head, 0, 0)
        if stacked:
            self.editor.setMinimumWidth(0)
            self.editor.setMaximumWidth(16_777_215)
            self._grid.addWidget(self.editor, 1, 0, 1, 2)
        else:
            if not isinstance(self.editor, Switch):
                self.editor.setFixedWidth(width)
            self._grid.addWidget(self.editor, 0, 1, Qt.AlignmentFlag.AlignRight)
        self._grid.addWidget(self.problem, 2, 0, 1, 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.context_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def context_menu(self) -> QMenu:
        menu = QMenu(self)
        text = f"Reset to {self._saved}" if self._saved is not None else "Reset"
        action = menu.addAction(text)
        action.setEnabled(self._saved is not None)
        action.triggered.connect(self._ask_reset)
        return menu

    def _ask_reset(self) -> None:
        self.reset_asked.emit(self.path)
