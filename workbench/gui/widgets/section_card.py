"""A card that opens and closes: header with chevron, title, dot, warning and summary; the body under it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from workbench.gui.theme import Theme
from workbench.gui.widgets.paint import box, ring
from workbench.gui.widgets.unfold import Unfold

_HEADER = 38


class _Header(QAbstractButton):
    """The whole width is the target; Space toggles, → opens, ← closes."""

    def __init__(self, theme: Theme, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setText(title)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.summary, self.changed, self.problem, self.keeps_summary = "", False, "", False

    def sizeHint(self) -> QSize:
        return QSize(200, self._theme.px(_HEADER))

    def name(self) -> None:
        """Tell screen readers what the eye sees."""
        parts = [self.text(), "open" if self.isChecked() else "closed", self.summary]
        parts += ["changed"] if self.changed else []
        parts += [f"problem: {self.problem}"] if self.problem else []
        self.setAccessibleName(", ".join(part for part in parts if part))
        self.setToolTip(self.problem or self.summary)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        wanted = {Qt.Key.Key_Right: True, Qt.Key.Key_Left: False}.get(Qt.Key(event.key()))
        if wanted is None:
            super().keyPressEvent(event)
        elif wanted != self.isChecked():
            self.click()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, middle = self._theme, self.height() / 2
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus():
            ring(painter, QRectF(self.rect()).adjusted(2, 2, -2, -2), theme, 6)
        side = theme.px(14)
        arrow = theme.pixmap("chevron-down" if self.isChecked() else "chevron-right", "text2", 14)
        painter.drawPixmap(10, round(middle - side / 2), arrow)
        font = theme.font("strong")
        painter.setFont(font)
        painter.setPen(theme.colour("text"))
        left = 10.0 + side + 6
        width = QFontMetrics(font).horizontalAdvance(self.text())
        painter.drawText(QRectF(left, 0, width + 2, self.height()), Qt.AlignmentFlag.AlignVCenter, self.text())
        left += width + 8
        if self.changed:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent"))
            painter.drawEllipse(QRectF(left + 1, middle - 3, 6, 6))
            left += 16
        self._paint_summary(painter, left + 8)
        painter.end()

    def _paint_summary(self, painter: QPainter, left: float) -> None:
        theme = self._theme
        font = theme.font("secondary")
        summary = "" if self.isChecked() and not self.keeps_summary else self.summary
        sign = theme.px(14) + 6 if self.problem and not self.isChecked() else 0
        room = self.width() - 12 - left - sign
        text = QFontMetrics(font).elidedText(summary, Qt.TextElideMode.ElideRight, max(0, round(room)))
        width = QFontMetrics(font).horizontalAdvance(text)
        painter.setFont(font)
        painter.setPen(theme.colour("text2"))
        start = self.width() - 12 - width
        painter.drawText(QRectF(start, 0, width + 2, self.height()), Qt.AlignmentFlag.AlignVCenter, text)
        if sign:
            top = round((self.height() - theme.px(14)) / 2)
            painter.drawPixmap(round(start - sign), top, theme.pixmap("warning", "warn", 14))


class SectionCard(QWidget):
    """A titled card with a body that can be folded away."""

    #: The card was opened (True) or closed by the person.
    opened = Signal(bool)

    def __init__(self, theme: Theme, title: str, *, keeps_summary: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._header = _Header(theme, title, self)
        self._header.keeps_summary = keeps_summary
        self._body = Unfold(theme, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 0, 1, 0)
        column.setSpacing(0)
        column.addWidget(self._header)
        column.addWidget(self._body)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._header.clicked.connect(self._clicked)
        theme.changed.connect(self._dress)
        self._header.name()

    @property
    def header(self) -> QAbstractButton:
        return self._header

    @property
    def body(self) -> QWidget:
        """Give it a layout; its contents stand 12 px from the card's edges."""
        return self._body

    @property
    def title(self) -> str:
        return self._header.text()

    @property
    def summary(self) -> str:
        return self._header.summary

    @property
    def changed(self) -> bool:
        return self._header.changed

    @property
    def problem(self) -> str:
        return self._header.problem

    @property
    def is_open(self) -> bool:
        return self._header.isChecked()

    def set_summary(self, summary: str) -> None:
        self._header.summary = summary
        self._header.name()

    def set_marks(self, *, changed: bool, problem: str = "") -> None:
        """The dot for unsaved changes and the triangle for a problem inside (its sentence)."""
        self._header.changed, self._header.problem = changed, problem
        self._header.name()

    def set_open(self, is_open: bool, *, moving: bool = False) -> None:  # noqa: FBT001 - reads like Qt's setters
        """Open or close, at once unless `moving`."""
        self._header.setChecked(is_open)
        self._header.name()
        self._body.set_open(is_open, moving=moving)

    def _clicked(self, is_open: bool) -> None:  # noqa: FBT001 - the slot of clicked
        self.set_open(is_open, moving=True)
        self.opened.emit(is_open)

    def _dress(self) -> None:
        self._header.updateGeometry()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box(painter, QRectF(self.rect()), self._theme.colour("card"), self._theme.colour("line"), 8)
        painter.end()
