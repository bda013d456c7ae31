"""Every pen, brush and font of the plots, made from the theme; made again when the theme changes."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem

from workbench.gui.theme import Theme

#: Diameter of the circles of validation points, and width of the lines.
CIRCLE = 6.5
#: Side of the squares of re-measured training points.
SQUARE = 5.5
#: Reach of the diamonds that stand for an epoch's mean.
DIAMOND = 3.0
SMOOTH_WIDTH = 2.4
VALIDATION_WIDTH = 2.0
SMALL_SMOOTH_WIDTH = 1.8


def _line(colour: QColor, width: float) -> QPen:
    pen = QPen(colour, width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.BevelJoin)  # at points this close nobody sees a difference; it costs half
    return pen


def _dashed(colour: QColor, width: float, *dash: float) -> QPen:
    pen = QPen(colour, width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    pen.setDashPattern([length / width for length in dash])
    return pen


def faded(colour: QColor, share: float) -> QColor:
    faint = QColor(colour)
    faint.setAlphaF(share)
    return faint


class Inks:
    """What the lanes paint with."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        training, validation = theme.series("training"), theme.series("validation")
        self.ground = theme.colour("plot")
        self.card = theme.colour("card")
        self.text, self.text2, self.text3 = (theme.colour(token) for token in ("text", "text2", "text3"))
        self.validation_text = theme.series("validation_text")
        self.training, self.validation = training, validation
        self.grid = QPen(theme.colour("grid"), 1)
        self.frame = QPen(theme.colour("line"), 1)
        self.edge = QPen(theme.colour("line2"), 1)
        self.raw = QPen(theme.series("training_raw"), 1)
        self.raw.setCosmetic(True)
        self.smooth = _line(training, SMOOTH_WIDTH)
        self.small_smooth = _line(training, SMALL_SMOOTH_WIDTH)
        self.line = _line(validation, VALIDATION_WIDTH)
        self.small_line = _line(validation, 1.6)
        self.circle = QPen(validation, 1.6)
        self.remeasured = _dashed(training, 1.4, 3, 2)
        self.square = QPen(training, 1.5)
        self.mean = theme.colour("text2")
        self.strip = QPen(theme.colour("text2"), 1)
        self.strip.setCosmetic(True)
        self.strip_line = _line(theme.colour("text2"), 1.6)
        self.strip_second = _dashed(theme.colour("text3"), 1.4, 4, 3)
        self.zero = QPen(theme.colour("line2"), 1)
        self.penalty = _dashed(theme.colour("text2"), 1.6, 1.5, 2.5)
        self.rate = _line(theme.colour("text2"), 1.6)
        self.best = _dashed(validation, 2.0, 3, 3)
        self.best_level = _dashed(faded(validation, 0.6), 1.0, 1.5, 3.5)
        self.early = _dashed(theme.colour("violet"), 2.0, 8, 4)
        self.projected = _dashed(theme.colour("text2"), 1.6, 6, 4)
        self.what_if = _dashed(theme.colour("accent"), 2.0, 5, 3)
        self.what_if_edge = QPen(theme.colour("accent"), 1.6)
        self.accent = theme.colour("accent")
        self.shade = QBrush(faded(validation, 0.12))
        self.hatch = QBrush(faded(validation, 0.30), Qt.BrushStyle.BDiagPattern)
        self.now = QPen(faded(validation, 0.45), 1)
        self.cross = QPen(faded(theme.colour("text"), 0.55), 1)
        self.star_edge = QPen(theme.colour("text"), 1.2)
        self.bad = theme.colour("err")
        self.violet = theme.colour("violet")
        self.caption = theme.font("caption")
        self.caption_strong = theme.font("caption", 600)
        self.secondary = theme.font("secondary")
        self.secondary_strong = theme.font("secondary", 600)
        self.metrics = QFontMetricsF(self.caption)
        self.strong_metrics = QFontMetricsF(self.caption_strong)
        self.secondary_metrics = QFontMetricsF(self.secondary_strong)

    def dress_axis(self, axis: Any) -> None:
        """Pens and font of one of pyqtgraph's own axes."""
        axis.setPen(self.frame)
        axis.setTextPen(self.text3)
        axis.setTickFont(self.caption)
        axis.setStyle(tickLength=-3)
        # Ticks, grid and words are kept as a picture: played each time they take as long as all curves.
        axis.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)

    @staticmethod
    def diamond(centre: QPointF) -> QPolygonF:
        """The marker of an epoch's mean."""
        return _DIAMOND.translated(centre)

    def seam(self, kind: str) -> QPen:
        """The thin line under a flag."""
        return QPen(faded(self.theme.colour(flag_token(kind)), 0.55), 1)


#: Around its middle: a shape that is moved is there ten times as soon as one that is made.
_DIAMOND = QPolygonF([QPointF(0, -DIAMOND), QPointF(DIAMOND, 0), QPointF(0, DIAMOND), QPointF(-DIAMOND, 0)])

#: The colour and the icon of each kind of flag.
_FLAGS = {
    "rate": ("info", "curve"), "resumed": ("ok", "play"), "skipped": ("warn", "warning"), "paused": ("warn", "pause"),
    "fork": ("violet", "fork"), "checkpoint": ("text3", "save"), "warning": ("warn", "warning"), "overfits": ("warn", "warning"),
}  # fmt: skip


def flag_token(kind: str) -> str:
    """The colour of a flag: learning rate blue, resumed green, pauses and skipped steps amber, forks violet."""
    return _FLAGS.get(kind, ("text3", "notes"))[0]


def flag_icon(kind: str) -> str:
    return _FLAGS.get(kind, ("text3", "notes"))[1]
