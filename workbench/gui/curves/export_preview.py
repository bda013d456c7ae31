"""The preview of what is exported: the figure on its white ground, or the first rows of a table. Knows no run."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QSizePolicy,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workbench.gui.text import Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.paint import box

_PAD = 10


class _Sheet(QWidget):
    """The figure, as large as there is room; words where there is none."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.image = QImage()
        self.words = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(560), self._theme.px(400))

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, painter = self._theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        box(painter, QRectF(self.rect()), theme.colour("window"), theme.colour("line"), radius=8)
        if self.words or self.image.isNull():
            painter.setPen(theme.colour("text2"))
            painter.setFont(theme.font("secondary"))
            room = QRectF(self.rect()).adjusted(_PAD, _PAD, -_PAD, -_PAD)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.words)
        else:
            size = self.image.size().scaled(
                self.width() - 2 * _PAD, self.height() - 2 * _PAD, Qt.AspectRatioMode.KeepAspectRatio
            )
            left, top = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
            painter.drawImage(QRectF(left, top, size.width(), size.height()), self.image)
        painter.end()


class Preview(QWidget):
    """A figure or rows, and a line under it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.sheet = _Sheet(theme)
        self.table = QTableWidget()
        self.table.setAccessibleName("First rows")
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.note = Text(theme, "", "secondary", "text2")
        self.stack = QStackedWidget()
        self.stack.addWidget(self.sheet)
        self.stack.addWidget(self.table)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.stack, 1)
        column.addWidget(self.note)

    @property
    def pixels(self) -> tuple[int, int]:
        """The room for a figure, in pixels of the screen."""
        ratio = self.devicePixelRatioF()
        return max(200, round((self.sheet.width() - 2 * _PAD) * ratio)), max(
            150, round((self.sheet.height() - 2 * _PAD) * ratio)
        )

    def say(self, words: str) -> None:
        """Words in place of a figure."""
        self.sheet.words = words
        self.stack.setCurrentWidget(self.sheet)
        self.sheet.update()

    def show_image(self, image: QImage, note: str) -> None:
        self.sheet.image, self.sheet.words = image, ""
        self.sheet.setAccessibleName(f"Preview, {note}")
        self.stack.setCurrentWidget(self.sheet)
        self.sheet.update()
        self.note.say(note)

    def clear(self) -> None:
        """Nothing can be shown."""
        self.sheet.image = QImage()
        self.note.say("")
        self.say("")

    def show_rows(self, rows: list[list[str]], note: str) -> None:
        """The head and some rows."""
        head, *body = rows
        self.table.setColumnCount(len(head))
        self.table.setHorizontalHeaderLabels(head)
        self.table.setRowCount(len(body))
        for line, row in enumerate(body):
            for column, text in enumerate(row):
                self.table.setItem(line, column, QTableWidgetItem(text))
        self.table.resizeColumnsToContents()
        self.stack.setCurrentWidget(self.table)
        self.note.say(note)
