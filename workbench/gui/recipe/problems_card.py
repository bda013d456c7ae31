"""What is wrong with a preset file: every problem at once, as sentences. The form stays as it was."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from workbench.errors import Problem
from workbench.gui import words
from workbench.gui.text import Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button, FlatButton
from workbench.gui.widgets.paint import box

_TALLEST = 260


class ProblemsCard(QWidget):
    """A card over the form; hidden until a file has problems."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("presetProblems")
        self._sign = QLabel(self)
        self._title = Text(theme, "", "strong", wrap=True)
        self._list = Text(theme, "", "secondary", "text", wrap=True, selectable=True)
        self._list.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._list)
        self._scroll.viewport().setAutoFillBackground(False)
        self._list.setAutoFillBackground(False)
        self.close_button = FlatButton(theme, icon="close", height=24)
        self.close_button.setAccessibleName("Close")
        self._copy = Button(theme, "Copy", "copy", height=26)
        head = QHBoxLayout()
        head.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._title, 1)
        head.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        foot = QHBoxLayout()
        foot.addWidget(Text(theme, "The form stays as it was.", "secondary", "text2", wrap=True), 1)
        foot.addWidget(self._copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(13, 12, 13, 13)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._scroll)
        column.addLayout(foot)
        self.setVisible(False)
        self.close_button.clicked.connect(self.hide)
        self._copy.clicked.connect(self._copy_text)
        theme.changed.connect(self._dress)
        self._dress()

    @property
    def text(self) -> str:
        """All sentences."""
        return self._list.text()

    def show_problems(self, file: str, problems: Sequence[Problem]) -> None:
        count = words.plural(len(problems), "problem", "problems")
        self._title.say(f"{file} cannot be used: {count}")
        self._list.say("\n\n".join(str(problem) for problem in problems))
        self.setAccessibleName(self._title.text())
        self.setAccessibleDescription(self._list.text())
        self.setVisible(True)
        self._fit()

    def _fit(self) -> None:
        height = self._list.heightForWidth(max(self.width() - 27, 120)) + 4
        self._scroll.setFixedHeight(min(height, self._theme.px(_TALLEST)))

    def _copy_text(self) -> None:
        QGuiApplication.clipboard().setText(f"{self._title.text()}\n{self.text}")

    def _dress(self) -> None:
        self._sign.setPixmap(self._theme.pixmap("error", "err", 16))
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
            return
        super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box(painter, QRectF(self.rect()), self._theme.colour("card"), self._theme.colour("err"), 8)
        painter.end()
