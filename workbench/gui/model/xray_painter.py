"""Paints the X-ray's two plots over the rows of the Model tab, and their axes over the header. It holds no state but the theme."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from workbench.gui.model.xray import HIGH, LOW, Line, Shown, Side, number, share, value
from workbench.gui.theme import Theme, mixed
from workbench.gui.widgets.paint import box
from workbench.gui.widgets.sample import marker_shape
from workbench.probing.xray import HIGHEST, LOWEST, Row

TITLES = {Side.SIGNAL: "Signal going forward", Side.GRADIENT: "Gradient coming back"}
#: Free at both sides of the axis, within its column.
_SIDE = 16
#: Reach of the markers: of the chosen initializer, of others, and of arrowheads.
_BOLD, _THIN, _ARROW = 3.6, 2.5, 3.6
#: How much colour others keep, and what is out of date.
_OTHERS, _STALE = 0.8, 0.45
_DECADES = ("1e-5", "1e-4", "1e-3", "0.01", "0.1", "1", "10")


@dataclass(frozen=True)
class Point:
    """A row with a value: the middle of the row, and what layer it is."""

    y: float
    layer: str
    selected: bool
    #: the head of an opened block: its line goes on below it, so its point stands apart
    opened: bool = False


class XRayPainter:
    """Paints in the colours of a theme."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme

    # --- the axis -----------------------------------------------------------------------------------------

    def _x(self, area: QRectF, at: float) -> float:
        side = self._theme.px(_SIDE)
        return area.left() + side + at * (area.width() - 2 * side)

    def _band(self, area: QRectF) -> QRectF:
        low, high = self._x(area, share(LOWEST)[0]), self._x(area, share(HIGHEST)[0])
        return QRectF(low, area.top(), high - low, area.height())

    def header(self, painter: QPainter, area: QRectF, side: Side) -> None:
        """The plot's title, the name of the healthy band and the decades."""
        theme = self._theme
        painter.fillRect(area, theme.colour("card"))
        strong, caption = theme.font("caption", 600), theme.font("caption")
        half = QRectF(area.left(), area.top(), area.width(), area.height() / 2)
        band = self._band(half)
        metrics = QFontMetricsF(strong)
        left, room = self._x(area, 0.0) - 4, QFontMetricsF(caption).horizontalAdvance("healthy")
        title = QRectF(left, half.top(), area.right() - left, half.height())
        painter.setFont(strong)
        painter.setPen(theme.colour("text"))
        painter.drawText(title, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, TITLES[side])
        painter.setFont(caption)
        # Where the plot is narrow the title is what matters; the band explains itself in the caption below.
        if left + metrics.horizontalAdvance(TITLES[side]) + 8 < band.center().x() - room / 2:
            painter.setPen(theme.colour("ok"))
            painter.drawText(band, Qt.AlignmentFlag.AlignCenter, "healthy")
        self._decades(painter, half.translated(0, half.height()))

    def _decades(self, painter: QPainter, area: QRectF) -> None:
        gap = self._x(area, 1 / (HIGH - LOW)) - self._x(area, 0.0)
        every = 1 if gap > painter.fontMetrics().horizontalAdvance("1e-4") + 4 else 2
        painter.setPen(self._theme.colour("text3"))
        for place, text in enumerate(_DECADES):
            if place % every == 0:
                middle = self._x(area, place / (HIGH - LOW))
                painter.drawText(QRectF(middle - 40, area.top(), 80, area.height()), Qt.AlignmentFlag.AlignCenter, text)

    # --- the plot -------------------------------------------------------------------------------------------

    def plot(self, painter: QPainter, area: QRectF, side: Side, shown: Shown, points: Sequence[Point]) -> None:
        """All lines of one side; `points` from top to bottom, those just out of sight among them."""
        theme = self._theme
        painter.save()
        painter.setClipRect(area)
        painter.fillRect(area, theme.colour("card"))
        tint = theme.colour("muted_tint" if shown.stale else "ok_tint")
        painter.fillRect(self._band(area), mixed(tint, theme.colour("card"), 0.8))
        painter.setPen(QPen(theme.colour("grid"), 1))
        for place in range(HIGH - LOW + 1):
            x = round(self._x(area, place / (HIGH - LOW))) + 0.5
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        selected = next((point for point in points if point.selected), None)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for line in reversed(shown.lines):
            colour = self._colour(line, stale=shown.stale)
            for stretch in _stretches(line, [point for point in points if not point.opened]):
                self._line(
                    painter, area, line, [(each.y, line.rows[each.layer]) for each in stretch], side=side, colour=colour
                )
        self._heads(painter, area, side, shown, points)
        if selected is not None:
            self._tag(painter, area, side, shown, selected)
        painter.restore()

    def _colour(self, line: Line, *, stale: bool) -> QColor:
        theme = self._theme
        if stale:
            return mixed(theme.colour("text2" if line.chosen else "text3"), theme.colour("card"), _STALE)
        colour = theme.colour("accent") if line.look.colour is None else theme.series(f"run{line.look.colour + 1}")
        return colour if line.chosen else mixed(colour, theme.colour("card"), _OTHERS)

    def _line(
        self, painter: QPainter, area: QRectF, line: Line, rows: Sequence[tuple[float, Row]], *, side: Side,
        colour: QColor,
    ) -> None:  # fmt: skip
        """A line without a gap, through the middles of rows; what is not judged has a hollow point."""
        shares = [share(value(row, side)) for _, row in rows]
        places = [QPointF(self._x(area, at), y) for (y, _), (at, _) in zip(rows, shares, strict=True)]
        painter.setPen(QPen(colour, 2.0 if line.chosen else 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(places))
        for place, (_, off), (_, row) in zip(places, shares, rows, strict=True):
            self.marker(painter, place, line, colour, off=off, hollow=not row.counts)

    def _heads(self, painter: QPainter, area: QRectF, side: Side, shown: Shown, points: Sequence[Point]) -> None:
        """What leaves an opened block, at its head: a ring beside the line, which passes through the block's layers."""
        colour = self._colour(shown.chosen, stale=shown.stale)
        for point in points:
            row = shown.chosen.rows.get(point.layer)
            if point.opened and row is not None:
                at, off = share(value(row, side))
                place = QPointF(self._x(area, at), point.y)
                self.marker(painter, place, shown.chosen, colour, off=off, hollow=True, reach=_THIN)

    def marker(
        self, painter: QPainter, place: QPointF, line: Line, colour: QColor, *, off: int = 0, hollow: bool = False,
        reach: float = 0.0,
    ) -> None:  # fmt: skip
        """A line's marker, or an arrowhead that points past an end of the axis."""
        hollow = (hollow or line.look.hollow) and not off
        painter.setPen(QPen(colour, 1.3))
        painter.setBrush(self._theme.colour("card") if hollow else colour)
        if off:
            tip, back = place + QPointF(off * _ARROW, 0), place - QPointF(off * _ARROW, 0)
            painter.drawPolygon(QPolygonF([tip, back + QPointF(0, _ARROW), back - QPointF(0, _ARROW)]))
        else:
            painter.drawPolygon(marker_shape(line.look.marker, place, reach or (_BOLD if line.chosen else _THIN)))

    def sample(self, painter: QPainter, place: QPointF, line: Line, *, stale: bool) -> None:
        """A line's marker on its card."""
        self.marker(painter, place, line, self._colour(line, stale=stale))

    def _tag(self, painter: QPainter, area: QRectF, side: Side, shown: Shown, point: Point) -> None:
        """The chosen one's value beside its point in the selected row."""
        row = shown.chosen.rows.get(point.layer)
        if row is None:
            return
        theme, font = self._theme, self._theme.font("caption", 600)
        metrics, size = QFontMetricsF(font), value(row, side)
        width, height = metrics.horizontalAdvance(number(size)) + 12, metrics.height() + 3
        x = self._x(area, share(size)[0]) + 10
        if x + width > area.right() - 2:
            x -= 20 + width
        rect = QRectF(x, point.y - height / 2, width, height)
        box(painter, rect, theme.colour("card"), theme.colour("line2" if shown.stale else "accent"), radius=4)
        painter.setFont(font)
        painter.setPen(theme.colour("text3" if shown.stale else "text"))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, number(size))


def _stretches(line: Line, points: Sequence[Point]) -> Iterator[list[Point]]:
    """The points that follow each other without a layer between them that was not measured."""
    stretch: list[Point] = []
    for point in points:
        if point.layer in line.rows:
            stretch.append(point)
        elif stretch:
            yield stretch
            stretch = []
    if stretch:
        yield stretch
