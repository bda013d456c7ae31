"""The pictures on the cards of the first launch: drawn, not loaded; the same every time."""

from __future__ import annotations

import math
import random
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.gui.theme import Theme

Motif = Literal["digits", "shapes", "folder"]
HEIGHT = 132
#: The digits data set was scanned at 8 × 8 pixels; the card shows how coarse that is.
PIXELS = 8
COLOURS = ("#E4572E", "#29A36A", "#3D7DD8", "#D9A400", "#9A5BD0", "#1FA5B5", "#D8518F", "#7A9A01")


class StartArt(QWidget):
    """One drawn picture at the head of a card."""

    def __init__(self, theme: Theme, motif: Motif, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._motif: Motif = motif
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(theme.px(HEIGHT))
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(240, self._theme.px(HEIGHT))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = self.rect().toRectF()
        shape = QPainterPath()
        shape.addRoundedRect(rect.adjusted(0, 0, 0, 10), 8, 8)
        painter.setClipPath(shape)
        ground = {"digits": "#000000", "shapes": "#1D2430", "folder": self._theme.hex("field")}[self._motif]
        painter.fillRect(rect, QColor(ground))
        {"digits": _digits, "shapes": _shapes, "folder": self._folder}[self._motif](painter, rect)
        painter.end()

    def _folder(self, painter: QPainter, rect: QRectF) -> None:
        """A folder, and in it one folder a class with pictures."""
        line = QPen(
            self._theme.colour("text2"), 2.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
        )
        painter.setBrush(Qt.BrushStyle.NoBrush)
        left = rect.center().x() - 96
        _draw_folder(painter, QRectF(left, rect.center().y() - 22, 56, 42), line)
        for row, colour in enumerate(COLOURS[:3]):
            y = rect.top() + 24 + row * (rect.height() - 48) / 2
            painter.setPen(QPen(self._theme.colour("line2"), 1.6))
            painter.drawPolyline(
                QPolygonF(
                    [
                        QPointF(left + 62, rect.center().y()),
                        QPointF(left + 78, rect.center().y()),
                        QPointF(left + 78, y),
                        QPointF(left + 90, y),
                    ]
                )
            )
            painter.setBrush(Qt.BrushStyle.NoBrush)
            _draw_folder(painter, QRectF(left + 96, y - 10, 27, 20), QPen(self._theme.colour("text3"), 1.6))
            for picture in range(3):
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(colour).lighter(100 + 18 * picture))
                painter.drawRoundedRect(QRectF(left + 134 + picture * 25, y - 10, 20, 20), 3, 3)


def _draw_folder(painter: QPainter, rect: QRectF, pen: QPen) -> None:
    tab, lip = rect.width() * 0.42, rect.height() * 0.18
    path = QPainterPath(rect.bottomLeft())
    for point in (
        rect.topLeft(), QPointF(rect.left() + tab, rect.top()), QPointF(rect.left() + tab + lip, rect.top() + lip),
        QPointF(rect.right(), rect.top() + lip), rect.bottomRight(),
    ):  # fmt: skip
        path.lineTo(point)
    path.closeSubpath()
    painter.setPen(pen)
    painter.drawPath(path)


def _digits(painter: QPainter, rect: QRectF) -> None:
    """Ten digits, as coarse as the data set's."""
    side = min(rect.width() / 5.6, rect.height() / 2.3)
    gap = (rect.width() - 5 * side) / 6
    top = (rect.height() - 2 * side) / 3
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=False)
    for digit in range(10):
        place = QRectF(gap + (digit % 5) * (side + gap), top + (digit // 5) * (side + top), side, side)
        painter.drawImage(place, _coarse(digit))


def _coarse(digit: int) -> QImage:
    large = QImage(64, 64, QImage.Format.Format_Grayscale8)
    large.fill(0)
    painter = QPainter(large)
    font = QFont()
    font.setPixelSize(66)
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    painter.setPen(QColor("white"))
    painter.translate(32, 32)
    painter.rotate((digit * 37) % 17 - 8)
    painter.drawText(QRectF(-32, -34, 64, 64), Qt.AlignmentFlag.AlignCenter, str(digit))
    painter.end()
    return large.scaled(
        PIXELS, PIXELS, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    )


def _shapes(painter: QPainter, rect: QRectF) -> None:
    """Circles, squares, triangles and stars with some grain."""
    draw = random.Random(7)  # noqa: S311 - a picture
    columns, rows = 6, 2
    width, height = rect.width() / columns, rect.height() / rows
    painter.setPen(Qt.PenStyle.NoPen)
    for place in range(columns * rows):
        centre = QPointF(
            (place % columns + 0.5) * width + draw.uniform(-4, 4),
            (place // columns + 0.5) * height + draw.uniform(-4, 4),
        )
        painter.setBrush(QColor(COLOURS[draw.randrange(len(COLOURS))]))
        _draw_shape(painter, centre, draw.uniform(15, 22), place % 4, draw.uniform(0, 90))
    for _ in range(500):
        painter.setBrush(QColor(255, 255, 255, draw.randrange(10, 45)))
        painter.drawRect(QRectF(draw.uniform(0, rect.width()), draw.uniform(0, rect.height()), 2, 2))


def _draw_shape(painter: QPainter, centre: QPointF, size: float, kind: int, turn: float) -> None:
    corners, inner = ((0, 1.0), (4, 1.0), (3, 1.0), (5, 0.45))[kind]
    if not corners:
        painter.drawEllipse(centre, size, size)
        return
    points = corners * (2 if inner < 1 else 1)
    outline = [
        QPointF(
            centre.x()
            + size * (inner if point % 2 and inner < 1 else 1) * math.cos(math.radians(turn + 360 * point / points)),
            centre.y()
            + size * (inner if point % 2 and inner < 1 else 1) * math.sin(math.radians(turn + 360 * point / points)),
        )
        for point in range(points)
    ]
    painter.drawPolygon(QPolygonF(outline))
