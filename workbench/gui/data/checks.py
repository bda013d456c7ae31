"""The line of data checks: what was found, each with a mark and, where it is about pictures, a way to see them.

What has no room is behind a button that counts it. Knows findings by their words only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QAction, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSizePolicy, QWidget

from workbench.gui.text import Text, plain_tip
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.paint import box

if TYPE_CHECKING:
    from workbench.gui.data.shown import FindingShown

_ICONS = {"ok": ("ok", "ok"), "warn": ("warning", "warn"), "note": ("info", "info")}
_APART = 22


class _Check(QWidget):
    """One finding."""

    def __init__(self, theme: Theme, finding: FindingShown, number: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self.finding = theme, finding
        self.setToolTip(plain_tip(finding.tip))
        self._icon = QLabel(self)
        self.words = Text(theme, finding.sentence, "secondary")
        self.show_button = Button(theme, "Show", kind="flat", height=24, parent=self)
        self.show_button.setObjectName(f"showFinding.{finding.kind}")
        self.show_button.setAccessibleName(f"Show: {finding.sentence}")
        self.show_button.setVisible(len(finding.places) > 0)
        self.number = number
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addWidget(self.words)
        row.addWidget(self.show_button)
        self.setAccessibleName(finding.sentence)
        self.setAccessibleDescription(finding.tip)
        theme.changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        icon, token = _ICONS[self.finding.tone]
        self._icon.setPixmap(self._theme.pixmap(icon, token, 16))


class Checks(QWidget):
    """All findings in one line."""

    #: The pictures of a finding are to be shown (its number).
    show_asked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dataChecks")
        self.setAccessibleName("Data checks")
        self._theme = theme
        self._checks: list[_Check] = []
        self._findings: tuple[FindingShown, ...] = ()
        self._fitting = 0
        self.waiting = Text(theme, "", "secondary", "text2", parent=self)
        self.more = Button(theme, "", kind="flat", height=24, parent=self)
        self.more.setObjectName("moreFindingsButton")
        self.more.clicked.connect(self._open_menu)
        self.more.hide()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        self.setFixedHeight(self._theme.px(38))
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(300, self._theme.px(38))

    def show_findings(self, findings: Sequence[FindingShown], waiting: str = "") -> None:
        """Show what was found; `waiting`: why there is nothing yet."""
        for check in self._checks:
            check.hide()
            check.deleteLater()
        self._findings = tuple(findings)
        self._checks = [_Check(self._theme, finding, number, self) for number, finding in enumerate(findings)]
        for check in self._checks:
            check.show_button.clicked.connect(lambda _checked=False, number=check.number: self.show_asked.emit(number))
        self.waiting.say("" if findings else waiting)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        left, high = 14, self.height()
        self.waiting.setGeometry(left, 0, max(0, self.width() - 28), high)
        fitting = 0
        for number, check in enumerate(self._checks):
            wide = check.sizeHint().width()
            rest = len(self._checks) - number - 1
            room = self.width() - 14 - (self._theme.px(70) if rest else 0)
            fits = fitting == number and (left + wide <= room or number == 0)
            check.setVisible(fits)
            if fits:
                check.setGeometry(left, 0, min(wide, max(0, room - left)), high)
                left += wide + _APART
                fitting = number + 1
        self._fitting = fitting
        rest = len(self._checks) - fitting
        self.more.setVisible(rest > 0)
        if rest:
            self.more.setText(f"{rest} more")
            self.more.setAccessibleName(f"{rest} more findings")
            size = self.more.sizeHint()
            self.more.setGeometry(
                self.width() - size.width() - 8, (high - size.height()) // 2, size.width(), size.height()
            )

    def menu(self) -> QMenu:
        """The findings that have no room."""
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        for number, finding in enumerate(self._findings[self._fitting :], self._fitting):
            action = QAction(finding.sentence.replace("&", "&&"), menu)
            action.setIcon(self._theme.icon(*_ICONS[finding.tone]))
            action.setToolTip(plain_tip(finding.tip))
            action.setEnabled(len(finding.places) > 0)
            action.triggered.connect(lambda _checked=False, number=number: self.show_asked.emit(number))
            menu.addAction(action)
        return menu

    def _open_menu(self) -> None:
        menu = self.menu()
        menu.exec(self.more.mapToGlobal(self.more.rect().bottomLeft()))
        menu.deleteLater()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box(painter, QRectF(self.rect()), self._theme.colour("card"), self._theme.colour("line"), radius=8)
        painter.end()
