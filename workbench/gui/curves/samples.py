"""The samples of the lines of the run in focus, as they are in the plot: for the legend and the card at the crosshair."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from workbench.gui.curves.inks import CIRCLE, SQUARE, Inks


class Line(StrEnum):
    """The lines of the loss lane."""

    TRAINING = "training"
    RAW = "raw"
    VALIDATION = "validation"
    REMEASURED = "remeasured"
    MEAN = "mean"
    PENALTY = "penalty"


def paint_sample(painter: QPainter, inks: Inks, rect: QRectF, line: Line) -> None:
    """A short piece of a line with its marker, in the middle of `rect`."""
    left, right, middle = rect.left() + 1, rect.right() - 1, rect.center().y()
    if line in {Line.TRAINING, Line.RAW}:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.setPen(inks.raw)
        for number, reach in enumerate((3, 5, 2, 4, 6, 3, 5, 2, 4, 3)):
            x = round(left + number * (right - left) / 9)
            painter.drawLine(QPointF(x, middle - reach), QPointF(x, middle + reach))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pens = {
        Line.TRAINING: inks.smooth, Line.VALIDATION: inks.line, Line.REMEASURED: inks.remeasured, Line.PENALTY: inks.penalty,
    }  # fmt: skip
    if line in pens:
        painter.setPen(pens[line])
        painter.drawLine(QPointF(left, middle), QPointF(right, middle))
    painter.setBrush(inks.card)
    if line is Line.VALIDATION:
        painter.setPen(inks.circle)
        painter.drawEllipse(rect.center(), CIRCLE / 2, CIRCLE / 2)
    elif line is Line.REMEASURED:
        painter.setPen(inks.square)
        painter.drawRect(QRectF(rect.center().x() - SQUARE / 2, middle - SQUARE / 2, SQUARE, SQUARE))
    elif line is Line.MEAN:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(inks.mean)
        painter.drawPolygon(inks.diamond(rect.center()))
    painter.setBrush(Qt.BrushStyle.NoBrush)
