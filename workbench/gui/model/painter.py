"""Paints one row of the Model tab: its block in the graph with the lines that pass, and its words and numbers.

Block width shows resolution (a step a halving), colour shows what the layer is for; a row without a kernel is a thin, quiet
block. It is told what to paint and holds no state but the theme.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPen

from workbench.gui.model import telling
from workbench.gui.model.drawing import Link, Node
from workbench.gui.model.telling import Role
from workbench.gui.theme import Theme, mixed
from workbench.gui.widgets.paint import box
from workbench.network.blocks import Block, Part
from workbench.probing.xray import MOSTLY_DEAD

#: Of the graph, in pixels: a lane, the widest block beside a table and alone, what is free at the sides.
LANE, WIDEST, ALONE, SIDE = 12, 76, 220, 14
#: A block of one line, and one without a kernel.
_TALL, _THIN = 14, 5
_ROUND, _TIP = 5.0, 4.0
EDGE = 3
#: The bar beside a share of dead units.
BAR = 26


@dataclass(frozen=True)
class Row:
    """All that is painted of a row."""

    number: int
    node: Node
    label: str
    detail: str
    links: Sequence[Link]
    above: bool
    below: bool
    #: an opened block: its parts follow, and nothing of it is drawn
    opened: bool
    selected: bool
    #: the row that is selected, so that its links can be told from others
    chosen: int


class Geometry:
    """Where the graph's parts stand, from the left edge of its column."""

    def __init__(self, theme: Theme, lanes: int, largest: int, *, alone: bool) -> None:
        self.lane = theme.px(LANE)
        self.widest = theme.px(ALONE if alone else WIDEST)
        self.narrowest, self.join = theme.px(16), theme.px(13)
        self.largest = max(2, largest)
        self.lanes = lanes
        side = theme.px(SIDE)
        self.left = side + lanes * self.lane + (side // 2 if lanes else 0)
        self.middle = self.left + self.widest / 2
        self.width = round(self.left + self.widest + side)

    def block(self, part: Part) -> float:
        """How wide a block is: by the halvings between its largest map and the network's; a vector is narrowest."""
        if telling.role(part) == "join":
            return self.join
        layers = list(part.layers) if isinstance(part, Block) else [part]
        sides = [max(layer.shape[:2]) for layer in layers if len(layer.shape) > 1]
        share = math.log2(max([1, *sides])) / math.log2(self.largest)
        return self.narrowest + (self.widest - self.narrowest) * min(1.0, share)

    def x_of(self, lane: int) -> float:
        return self.left - self.lane * (lane + 1) + self.lane / 2


class RowPainter:
    """Paints rows in the colours of a theme."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme

    # --- the graph ------------------------------------------------------------------------------------------

    def graph(self, painter: QPainter, rect: QRect, row: Row, geometry: Geometry) -> None:
        """The block, the spine through it and the links that pass."""
        painter.save()
        painter.setClipRect(rect)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = rect.left() + geometry.middle
        self._spine(painter, rect, row, middle)
        width = geometry.block(row.node.part)
        for link in row.links:
            self._link(painter, rect, row, link, (rect.left() + geometry.x_of(link.lane), middle - width / 2))
        if not row.opened:
            self._block(painter, QPointF(middle, rect.center().y() + 0.5), width, row)
        painter.restore()

    def _spine(self, painter: QPainter, rect: QRect, row: Row, middle: float) -> None:
        painter.setPen(QPen(mixed(self._theme.colour("ctl"), self._theme.colour("card"), 0.6), 1.4))
        centre = rect.center().y() + 0.5
        if row.above:
            painter.drawLine(QPointF(middle, rect.top()), QPointF(middle, centre))
        if row.below:
            painter.drawLine(QPointF(middle, centre), QPointF(middle, rect.bottom() + 1))

    def _link(self, painter: QPainter, rect: QRect, row: Row, link: Link, ends: tuple[float, float]) -> None:
        x, left = ends
        chosen = row.chosen in {link.start, link.end}
        painter.setPen(QPen(self._theme.colour("accent" if chosen else "ctl"), 1.6 if chosen else 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        # Where one link ends and another begins they pass the block above and below its middle.
        both = any(other.end == row.number for other in row.links) and any(
            other.start == row.number for other in row.links
        )
        shift = min(3.0, rect.height() / 6) if both else 0.0
        centre, bottom = rect.center().y() + 0.5, rect.bottom() + 1.0
        path = QPainterPath()
        if link.start == row.number:
            y = centre + shift
            path.moveTo(left, y)
            path.lineTo(x + _ROUND, y)
            path.quadTo(x, y, x, min(y + _ROUND, bottom))
            path.lineTo(x, bottom)
        elif link.end == row.number:
            y = centre - shift
            path.moveTo(x, rect.top())
            path.lineTo(x, max(y - _ROUND, rect.top()))
            path.quadTo(x, y, x + _ROUND, y)
            path.lineTo(left - _TIP, y)
        else:
            path.moveTo(x, rect.top())
            path.lineTo(x, bottom)
        painter.drawPath(path)
        if link.end == row.number:
            self._arrow(painter, left, centre - shift)

    @staticmethod
    def _arrow(painter: QPainter, x: float, y: float) -> None:
        tip = QPainterPath(QPointF(x, y))
        tip.lineTo(x - _TIP - 1.5, y - 3)
        tip.lineTo(x - _TIP - 1.5, y + 3)
        tip.closeSubpath()
        painter.fillPath(tip, painter.pen().color())

    def _block(self, painter: QPainter, centre: QPointF, width: float, row: Row) -> None:
        theme, role = self._theme, telling.role(row.node.part)
        if role == "join":
            self._join(painter, centre, width / 2, row)
            return
        height = theme.px(_THIN if role == "quiet" else _TALL)
        rect = QRectF(centre.x() - width / 2, centre.y() - height / 2, width, height)
        fill, edge = self.colour(role), theme.colour("accent") if row.selected else None
        if isinstance(row.node.part, Block):
            # A closed block looks like a pile.
            under = mixed(fill, theme.colour("card"), 0.45)
            box(painter, rect.translated(0, 2.5).adjusted(3, 0, -3, 0), under, None, radius=2.5)
            rect.translate(0, -1.5)
        box(painter, rect, fill, edge, radius=2.5, width=1.5)

    def _join(self, painter: QPainter, centre: QPointF, radius: float, row: Row) -> None:
        """A sum is a circle with a plus, maps laid side by side one with two bars."""
        theme = self._theme
        painter.setBrush(theme.colour("card"))
        painter.setPen(QPen(theme.colour("accent" if row.selected else "text2"), 1.3))
        painter.drawEllipse(centre, radius, radius)
        arm = radius - 2.5
        if telling.is_sum(row.node.part):
            painter.drawLine(centre - QPointF(arm, 0), centre + QPointF(arm, 0))
            painter.drawLine(centre - QPointF(0, arm), centre + QPointF(0, arm))
        else:
            for x in (-1.6, 1.6):
                painter.drawLine(centre + QPointF(x, -arm), centre + QPointF(x, arm))

    def colour(self, role: Role) -> QColor:
        """The colour of what a layer is for."""
        theme = self._theme
        match role:
            case "conv":
                return theme.colour("ctl")
            case "up":
                return mixed(theme.colour("violet"), theme.colour("card"), 0.72)
            case "classify":
                return mixed(theme.colour("ok"), theme.colour("card"), 0.85)
            case "quiet" | "join":
                return theme.colour("line2")

    # --- the words -------------------------------------------------------------------------------------------

    def name(self, painter: QPainter, rect: QRect, row: Row) -> None:
        """The name of a row, with what is particular about it in quiet letters where there is room."""
        theme = self._theme
        quiet = telling.role(row.node.part) == "quiet"
        font = theme.font(
            "secondary", 600 if row.selected or isinstance(row.node.part, Block) else 400 if quiet else 500
        )
        metrics = QFontMetrics(font)
        token = "text" if row.selected or not quiet else "text3"
        shown = metrics.elidedText(row.label, Qt.TextElideMode.ElideRight, rect.width())
        self._say(painter, rect, shown, token, font=font)
        used = metrics.horizontalAdvance(shown) + theme.px(8)
        room = rect.adjusted(used, 0, 0, 0)
        small = theme.font("caption")
        if row.detail and room.width() > theme.px(20):
            shown = QFontMetrics(small).elidedText(row.detail, Qt.TextElideMode.ElideRight, room.width())
            self._say(painter, room, shown, "text2" if row.selected else "text3", font=small)

    def cell(self, painter: QPainter, rect: QRect, text: str, row: Row, *, right: bool) -> None:
        """A number at the right, or a shape at the left."""
        font = self._theme.font("secondary")
        token = "text" if row.selected else "text3" if text == telling.NONE else "text2"
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        self._say(painter, rect, shown, token, font=font, right=right)

    def dead(self, painter: QPainter, rect: QRect, share: float, text: str, *, selected: bool, stale: bool) -> None:
        """A share of dead units: a bar, and the number beside it; bold where hardly any unit is left.

        `stale`: it is of a recipe that is no more.
        """
        theme = self._theme
        mostly = share >= MOSTLY_DEAD
        width, height = theme.px(BAR), theme.px(7)
        bar = QRectF(rect.left(), rect.center().y() + 0.5 - height / 2, width, height)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box(painter, bar, theme.colour("field"), theme.colour("line2"), radius=2)
        if share > 0:
            full = bar.adjusted(1, 1, -1, -1)
            full.setWidth(max(1.5, full.width() * share))
            box(painter, full, theme.colour("text3" if stale else "err" if mostly else "text2"), None, radius=1)
        painter.restore()
        font = theme.font("secondary", 700 if mostly else None)
        token = "err" if mostly else "text" if selected else "text2"
        token = "text3" if stale or not share else token
        self._say(painter, rect, text, token, font=font, right=True)

    def _say(self, painter: QPainter, rect: QRect, text: str, token: str, *, font: QFont, right: bool = False) -> None:
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        painter.setFont(font)
        painter.setPen(self._theme.colour(token))
        painter.drawText(rect, side | Qt.AlignmentFlag.AlignVCenter, text)

    def ground(self, painter: QPainter, rect: QRect, *, selected: bool, focused: bool) -> None:
        """What lies under the words: of the selected row a tint with an edge at the left, and a frame with the focus."""
        if not selected:
            return
        theme = self._theme
        painter.fillRect(rect, theme.colour("sel"))
        painter.fillRect(rect.left(), rect.top(), EDGE, rect.height(), theme.colour("accent"))
        if focused:
            painter.setPen(theme.colour("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(rect.adjusted(0, 0, -1, -1))
