"""The lane of flags over the plots: what happened, on a pole at its place; labels that would collide fold to the icon.

Each flag is a button: Tab reaches it, Enter opens what it tells, the mouse over it says it, and so do screen readers.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from workbench.curves.flags import Flag
from workbench.gui.curves.inks import flag_icon, flag_token
from workbench.gui.curves.shown import Shown
from workbench.gui.curves.strokes import Label
from workbench.gui.text import plain_tip
from workbench.gui.widgets.paint import ring

_ICON = 12
#: A folded flag: pole, icon and its box.
_FOLDED = 24.0


@dataclass(frozen=True)
class Pennant:
    flags: tuple[Flag, ...]
    x: float
    rect: QRectF
    text: str


class FlagButton(QAbstractButton):
    """A flag of the lane, and what it says."""

    def __init__(self, shown: Shown, parent: QWidget) -> None:
        super().__init__(parent)
        self._shown = shown
        self._text = ""
        self.flags: tuple[Flag, ...] = ()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def show_pennant(self, pennant: Pennant) -> None:
        """Become this flag."""
        self.flags, self._text = pennant.flags, pennant.text
        self.setGeometry(pennant.rect.toAlignedRect())
        said = "\n".join(flag.sentence for flag in pennant.flags)
        if said != self.accessibleName():
            self.setAccessibleName(said)
            self.setToolTip(plain_tip(said))
        self.update()

    def sizeHint(self) -> QSize:
        return self.size()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self.flags:
            return
        inks = self._shown.inks
        painter = QPainter(self)
        label(self._shown, self.flags[0].kind, self._text).paint(painter, QRectF(self.rect()))
        if self.hasFocus():
            ring(painter, QRectF(self.rect()), inks.theme, 5)
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.click()
        else:
            super().keyPressEvent(event)


def label(shown: Shown, kind: str, text: str) -> Label:
    inks = shown.inks
    return Label(inks, [text], inks.text, pixmap=inks.theme.pixmap(flag_icon(kind), flag_token(kind), _ICON))


class EventLane(QWidget):
    """26 high; the name of the lane below stands at its left."""

    #: A flag was opened (its button).
    opened = Signal(object)

    def __init__(self, shown: Shown) -> None:
        super().__init__()
        self._shown = shown
        self._left = 50
        self._drawn: tuple[object, ...] = ()
        self._buttons: list[FlagButton] = []
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(200, self._shown.inks.theme.px(26))

    def set_left(self, left: int) -> None:
        self._left = left
        self.updateGeometry()
        self.arrange()

    def refresh(self) -> None:
        """Arrange anew when flags or range have changed."""
        now = (self._shown.flags(), self._shown.x, self._shown.axis, self._shown.run and self._shown.run.id)
        if now != self._drawn:
            self._drawn = now
            self.arrange()

    def arrange(self) -> None:
        """A button for each flag that is in view, in order; Tab goes through them after the plot itself."""
        pennants = self.pennants()
        while len(self._buttons) < len(pennants):
            button = FlagButton(self._shown, self)
            button.clicked.connect(self._open)
            before = self._buttons[-1] if self._buttons else self.parentWidget()
            if before is not None:
                QWidget.setTabOrder(before, button)
            self._buttons.append(button)
        for button, pennant in zip(self._buttons, pennants, strict=False):
            button.show_pennant(pennant)
            button.show()
        for button in self._buttons[len(pennants) :]:
            button.hide()
        self.update()

    @property
    def buttons(self) -> list[FlagButton]:
        """The flags in view, from left to right."""
        return [button for button in self._buttons if not button.isHidden()]

    def _open(self) -> None:
        self.opened.emit(self.sender())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange()

    def pennants(self) -> list[Pennant]:
        """The flags as they stand, folded where their labels would collide."""
        shown, curves = self._shown, self._shown.curves
        if curves is None:
            return []
        low, high = shown.x
        width = self.width() - self._left
        groups: list[tuple[list[Flag], float]] = []
        for flag in shown.flags():
            x = curves.axes.x_of_flag(shown.axis, flag)
            pixel = self._left + (x - low) * width / (high - low)
            if not self._left - 1 <= pixel <= self.width():
                continue
            if groups and pixel - groups[-1][1] < _FOLDED:
                groups[-1][0].append(flag)
            else:
                groups.append(([flag], pixel))
        return [self._pennant(groups, place) for place in range(len(groups))]

    def _pennant(self, groups: list[tuple[list[Flag], float]], place: int) -> Pennant:
        flags, pixel = groups[place]
        text = flags[0].text if len(flags) == 1 else f"{len(flags)}"
        room = (groups[place + 1][1] if place + 1 < len(groups) else self.width()) - pixel
        wide = label(self._shown, flags[0].kind, text).width
        if len(flags) == 1 and wide + 4 > room:
            text, wide = "", _FOLDED - 2
        return Pennant(tuple(flags), pixel, QRectF(pixel + 1, self.height() - 22, wide, 18), text)

    def paintEvent(self, _event: QPaintEvent) -> None:
        inks = self._shown.inks
        painter = QPainter(self)
        painter.setFont(inks.caption_strong)
        painter.setPen(inks.text2)
        painter.drawText(
            QRectF(self._left + 3, 0, 80, self.height() - 3),
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
            "Loss",
        )
        for pennant in self.pennants():
            painter.setPen(QPen(inks.theme.colour(flag_token(pennant.flags[0].kind)), 2))
            pole = round(pennant.x)
            painter.drawLine(QPointF(pole, pennant.rect.top()), QPointF(pole, self.height()))
        painter.end()
