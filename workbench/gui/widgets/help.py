"""Help at the setting itself: a small button after the label and the popover it opens."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QPainter, QPainterPath, QPaintEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from workbench.gui.text import Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import FlatButton
from workbench.gui.widgets.paint import box, ring

_WIDTH = 290


@dataclass(frozen=True)
class Help:
    """What can be told of a setting: its name, what it does, and advice under headings."""

    name: str
    meaning: str
    advice: tuple[tuple[str, str], ...] = ()

    @property
    def plain(self) -> str:
        """All of it in one line, for screen readers."""
        return " ".join([self.meaning, *(f"{heading}: {words}" for heading, words in self.advice)])


class HelpPopover(QFrame):
    """The help text in a card of its own; Esc or a click elsewhere closes it."""

    def __init__(self, theme: Theme, text: Help, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self._theme = theme
        self.setObjectName("helpPopover")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(text.name)
        self.setAccessibleDescription(text.plain)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(13, 12, 13, 13)
        column.setSpacing(6)
        head = QHBoxLayout()
        head.setSpacing(8)
        sign = QLabel(self)
        sign.setPixmap(theme.pixmap("help", "accent", 16))
        close = FlatButton(theme, icon="close", height=24)
        close.setAccessibleName("Close help")
        close.clicked.connect(self.close)
        head.addWidget(sign)
        head.addWidget(Text(theme, text.name, "strong", wrap=True), 1)
        head.addWidget(close)
        column.addLayout(head)
        column.addWidget(Text(theme, text.meaning, "secondary", "text2", wrap=True))
        for heading, advice in text.advice:
            column.addWidget(Text(theme, heading, "secondary", "text", weight=600))
            column.addWidget(Text(theme, advice, "secondary", "text2", wrap=True))
        self.setFixedWidth(theme.px(_WIDTH))

    def open_at(self, owner: QWidget) -> None:
        """Show beside the owner, on the screen it is on."""
        height = self._column.heightForWidth(self.width())
        self.resize(self.width(), max(height, self.sizeHint().height() if height < 0 else height))
        corner = owner.mapToGlobal(QPoint(owner.width() + 4, -8))
        screen = owner.screen() or QGuiApplication.primaryScreen()
        area = screen.availableGeometry()
        left = min(corner.x(), area.right() - self.width())
        top = max(area.top(), min(corner.y(), area.bottom() - self.height()))
        self.setGeometry(QRect(left, top, self.width(), self.height()))
        self.show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        path = QPainterPath()
        path.addRoundedRect(QRectF(self.rect()), 8, 8)
        # A mask, because translucent windows have black corners where nothing composes them.
        self.setMask(QRegion(path.toFillPolygon().toPolygon()))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("card"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box(painter, QRectF(self.rect()), None, self._theme.colour("line2"), 8)
        painter.end()


class HelpButton(QAbstractButton):
    """The question mark after a label: 14 px in a target of 24."""

    def __init__(self, theme: Theme, text: Help, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._help = text
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        # Tab would stop twice at each row; F1 on the control opens the same help.
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAccessibleName(f"Help: {text.name}")
        self.setAccessibleDescription(text.plain)
        self.clicked.connect(self.open)
        theme.changed.connect(self.update)

    @property
    def help(self) -> Help:
        return self._help

    def set_help(self, text: Help) -> None:
        self._help = text
        self.setAccessibleDescription(text.plain)

    def open(self) -> HelpPopover:
        popover = HelpPopover(self._theme, self._help, self)
        popover.open_at(self)
        return popover

    def sizeHint(self) -> QSize:
        side = max(24, self._theme.px(24))
        return QSize(side, side)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus():
            ring(painter, QRectF(self.rect()), self._theme, 6)
        side = self._theme.px(14)
        token = "accent" if self.underMouse() else "text3"
        place = QPoint(round((self.width() - side) / 2), round((self.height() - side) / 2))
        painter.drawPixmap(place, self._theme.pixmap("help", token, 14))
        painter.end()
