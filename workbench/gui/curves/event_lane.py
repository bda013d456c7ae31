"""The lane of flags over the plots: what happened, on a pole at its place; labels that would collide fold to the icon."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from workbench.curves.flags import Flag
from workbench.gui.curves.inks import flag_icon, flag_token
from workbench.gui.curves.shown import Shown
from workbench.gui.curves.strokes import Label

_ICON = 12
#: A folded flag: pole, icon and its box.
_FOLDED = 24.0


@dataclass(frozen=True)
class _Pennant:
    flags: tuple[Flag, ...]
    x: float
    rect: QRectF
    text: str


class EventLane(QWidget):
    """26 high; the name of the lane below stands at its left."""

    def __init__(self, shown: Shown) -> None:
        super().__init__()
        self._shown = shown
        self._left = 50
        self._drawn: tuple[object, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(200, self._shown.inks.theme.px(26))

    def set_left(self, left: int) -> None:
        self._left = left
        self.updateGeometry()
        self.update()

    def refresh(self) -> None:
        """Paint anew when flags or range have changed."""
        curves = self._shown.curves
        now = (tuple(curves.flags) if curves else (), self._shown.x, self._shown.axis)
        if now != self._drawn:
            self._drawn = now
            self.update()

    def pennants(self) -> list[_Pennant]:
        """The flags as they stand, folded where their labels would collide."""
        shown, curves = self._shown, self._shown.curves
        if curves is None:
            return []
        low, high = shown.x
        width = self.width() - self._left
        groups: list[tuple[list[Flag], float]] = []
        for flag in sorted(curves.flags, key=lambda flag: flag.step):
            x = curves.x_of_flag(shown.axis, flag)
            pixel = self._left + (x - low) * width / (high - low)
            if not self._left - 1 <= pixel <= self.width():
                continue
            if groups and pixel - groups[-1][1] < _FOLDED:
                groups[-1][0].append(flag)
            else:
                groups.append(([flag], pixel))
        return [self._pennant(groups, place) for place in range(len(groups))]

    def _pennant(self, groups: list[tuple[list[Flag], float]], place: int) -> _Pennant:
        flags, pixel = groups[place]
        text = flags[0].text if len(flags) == 1 else f"{len(flags)}"
        room = (groups[place + 1][1] if place + 1 < len(groups) else self.width()) - pixel
        wide = self._label(flags[0].kind, text).width
        if len(flags) == 1 and wide + 4 > room:
            text, wide = "", _FOLDED - 2
        return _Pennant(tuple(flags), pixel, QRectF(pixel + 1, self.height() - 22, wide, 18), text)

    def _label(self, kind: str, text: str) -> Label:
        inks = self._shown.inks
        return Label(inks, [text], inks.text, pixmap=inks.theme.pixmap(flag_icon(kind), flag_token(kind), _ICON))

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
            kind = pennant.flags[0].kind
            self._label(kind, pennant.text).paint(painter, pennant.rect)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
            painter.setPen(QPen(inks.theme.colour(flag_token(kind)), 2))
            pole = round(pennant.x)
            painter.drawLine(QPointF(pole, pennant.rect.top()), QPointF(pole, self.height()))
        painter.end()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            found = [pennant for pennant in self.pennants() if pennant.rect.contains(event.pos())]
            text = "\n".join(flag.sentence for pennant in found for flag in pennant.flags)
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)
