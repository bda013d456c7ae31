"""Small labels in a row: painted one after the other, with "+n" where they no longer fit."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter

from workbench.gui.theme import Theme

GAP = 6
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


def paint_chips(painter: QPainter, rect: QRect, theme: Theme, chips: Sequence[str], *, rounded: bool = False) -> int:
    """Paint chips from the left of `rect`; where they end. Rounded ones are words that a person put there."""
    font = theme.font("secondary")
    metrics = QFontMetrics(font)
    height, left = theme.px(20), rect.left()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(font)
    for place, chip in enumerate(chips):
        rest = len(chips) - place
        room = rect.right() - left - (metrics.horizontalAdvance(f"+{rest - 1}") + 8 if rest > 1 else 0)
        width = metrics.horizontalAdvance(chip) + 14
        if width > room and place:
            painter.setPen(theme.colour("text2"))
            painter.drawText(QRect(left, rect.top(), rect.right() - left, rect.height()), _LEFT, f"+{rest}")
            return left + metrics.horizontalAdvance(f"+{rest}") + GAP
        box = QRectF(left + 0.5, rect.center().y() - height / 2 + 0.5, min(width, room) - 1, height)
        painter.setPen(Qt.PenStyle.NoPen if rounded else theme.colour("line2"))
        painter.setBrush(theme.colour("muted_tint" if rounded else "field"))
        radius = height / 2 if rounded else 5
        painter.drawRoundedRect(box, radius, radius)
        painter.setPen(theme.colour("text2"))
        shown = metrics.elidedText(chip, Qt.TextElideMode.ElideRight, int(box.width()) - 8)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, shown)
        left += int(box.width()) + 1 + GAP
    return left
