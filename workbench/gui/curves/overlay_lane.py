"""The lane of several runs: pictures of those that do not grow, the growing ones over them, stars, numbers and card.

Its range fits all runs. It paints what it is given and decides nothing about runs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from workbench.gui.compared import Compared
from workbench.gui.curves import ends, marks
from workbench.gui.curves.frame import Frame
from workbench.gui.curves.inks import faded
from workbench.gui.curves.lane import Lane
from workbench.gui.curves.overlaid import TRAINING, Overlaid, grows
from workbench.gui.curves.overlay import RunInks, View
from workbench.gui.curves.overlay_card import Card
from workbench.gui.curves.scales import (
    Range,
    Tick,
    close_range,
    log_range,
    log_ticks,
    percent_ticks,
    settled,
    share_range,
    value_ticks,
)
from workbench.gui.curves.sheets import Mark, Sheet, Sheets, mark_of
from workbench.gui.curves.shown import heights

_TICK_ROOM = 36
_DOT = 8.0
#: Every so many pixels are looked at for how much is drawn under a card.
_COARSE = 3


class OverlayLane(Lane):
    """Lines of any number of runs."""

    def __init__(self, shown: Overlaid) -> None:
        self.overlaid = shown
        self._pens = RunInks(shown.inks)
        self._ranges: dict[str, tuple[tuple[object, ...], Range | None]] = {}
        self._stood: tuple[object, ...] = ()
        super().__init__(shown, "comparePlot")
        self.sheets = Sheets(self)
        self.sheets.completed.connect(self._completed)
        self.live = Sheet()

    def dress(self) -> None:
        self._pens = RunInks(self.shown.inks)
        super().dress()

    def _completed(self) -> None:
        self.layer.update()

    # --- range ------------------------------------------------------------------------------------------

    def wanted_y(self) -> Range:
        shown = self.overlaid
        found = [each for run in shown.lines if (each := self._range_of(run)) is not None]
        if not found:
            return (-3.0, 1.0) if shown.logarithmic else (0.0, 1.0)
        wanted = min(low for low, _ in found), max(high for _, high in found)
        if shown.share:
            # A little more than 100 % may be in view, so that a marker at the top is whole.
            wanted = wanted[0], wanted[1] + 0.04 * (wanted[1] - wanted[0])
        return settled(self.y_range, wanted)

    def _range_of(self, run: Compared) -> Range | None:
        """The range that suits one run; kept until it tells something new."""
        shown, curves = self.overlaid, run.curves
        assert curves is not None
        steps = curves.steps // 64 if shown.series == TRAINING else 0
        known = (id(curves), curves.told, curves.rewritten, steps, shown.series, shown.logarithmic)
        kept = self._ranges.get(run.run.id)
        if kept is None or kept[0] != known:
            kept = self._ranges[run.run.id] = (known, self._find_range(run))
        return kept[1]

    def _find_range(self, run: Compared) -> Range | None:
        shown, curves = self.overlaid, run.curves
        assert curves is not None
        if shown.series == TRAINING:
            # The smoothed line decides; spikes of single steps are drawn as far as there is room.
            first = curves.grown_at
            places = np.linspace(first, curves.steps - 1, max(0, min(256, curves.steps - first)))
            points = curves.smooth_loss.at(places.astype(np.int64))
        else:
            points = curves.epochs.metric(shown.series)
        if not np.isfinite(points).any():
            return None
        if shown.share:
            return share_range(points)
        nothing = points[:0]
        if shown.logarithmic:
            return log_range(nothing, nothing, points)
        return close_range(points)

    def forget_range(self) -> None:
        """Take the range that suits best, whatever was there before."""
        self.y_range = (0.0, -1.0)
        self.set_y(self.wanted_y())

    def ticks(self) -> Sequence[Tick]:
        shown = self.overlaid
        if shown.empty:
            return []
        most = max(2, int(self.frame().height / shown.inks.theme.px(_TICK_ROOM)))
        if shown.logarithmic:
            return log_ticks(*self.y_range, most)
        ticks = (percent_ticks if shown.share else value_ticks)(*self.y_range, most)
        return [tick for tick in ticks if tick.value <= 1] if shown.share else ticks

    # --- what changed -------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Paint what is new; nothing when no run has told anything."""
        shown = self.overlaid
        now = tuple(self._mark(run) for run in shown.lines)
        if now == self._stood or not self.isVisible():
            return
        self.set_y(self.wanted_y())
        self._stood = now
        self.layer.update()
        self.over.update()

    def repaint_all(self) -> None:
        self._stood = ()
        super().repaint_all()

    def _parent(self, run: Compared) -> Compared | None:
        parent = self.overlaid.run_of(run.run.parent) if run.run.parent else None
        return parent if parent is not None and parent.curves is not None else None

    def _mark(self, run: Compared) -> Mark:
        return mark_of(run, self._parent(run))

    def view(self) -> View:
        """What decides how every run looks now."""
        shown, frame = self.overlaid, self.frame()
        return View(
            frame.x, frame.y, frame.width, frame.height, self.devicePixelRatioF(), shown.series, shown.axis,
            shown.logarithmic, self._pens,
        )  # fmt: skip

    # --- painting -----------------------------------------------------------------------------------------

    def paint_lane(self, painter: QPainter, frame: Frame) -> None:
        super().paint_lane(painter, frame)
        shown = self.overlaid
        if shown.empty:
            self._paint_nothing(painter, frame)
            return
        view = self.view()
        self._paint_band(painter, view)
        growing = [run for run in shown.lines if grows(run)]
        done = [run for run in shown.lines if not grows(run)]
        self.sheets.ask(done, tuple(map(self._mark, done)), view, self._parent)
        self.live.paint_all(growing, tuple(map(self._mark, growing)), view, self._parent)
        self.sheets.draw(painter, self.sheets.envelopes, view)
        if growing and not self.live.coloured.isNull():
            painter.drawImage(0, 0, self.live.coloured)
        self.sheets.draw(painter, self.sheets.lines, view)
        if growing:
            painter.drawImage(0, 0, self.live.lines)
        self.sheets.draw(painter, self.sheets.tops, view)
        points = list(zip(growing, self.live.points, strict=True))
        ends.paint_stars(painter, points, self._pens)
        ends.paint_labels(painter, ends.place_labels(points, view, self.sheets.labels), self._pens)

    def _paint_nothing(self, painter: QPainter, frame: Frame) -> None:
        inks = self.shown.inks
        painter.setFont(inks.secondary)
        painter.setPen(inks.text2)
        room = QRectF(24, 12, frame.width - 48, frame.height - 24)
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.overlaid.nothing())

    def _paint_band(self, painter: QPainter, view: View) -> None:
        """Mean and range over the seeds of the baseline."""
        band = self.overlaid.band
        run = self.overlaid.run_of(band.run) if band is not None else None
        if band is None or run is None or run.curves is None or band.series != view.series:
            return
        curves, inks = run.curves, self.shown.inks
        x = view.frame.px(np.array([curves.axes.x_of_epoch(view.axis, epoch) for epoch in band.epochs.tolist()]))
        low, high, mean = (view.frame.py(heights(part, log=view.log)) for part in (band.low, band.high, band.mean))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faded(inks.text3, 0.32))
        good = np.isfinite(low) & np.isfinite(high)
        edges = np.flatnonzero(np.diff(np.concatenate(([False], good, [False])).astype(np.int8)))
        for begin, end in edges.reshape(-1, 2):
            part = slice(begin, end)
            there = zip(x[part].tolist(), np.clip(high[part], -1e4, 1e4).tolist(), strict=True)
            back = zip(x[part][::-1].tolist(), np.clip(low[part][::-1], -1e4, 1e4).tolist(), strict=True)
            painter.drawPolygon(QPolygonF([QPointF(*point) for point in (*there, *back)]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(inks.edge)
        points = [QPointF(a, b) for a, b in zip(x.tolist(), mean.tolist(), strict=True) if math.isfinite(b)]
        for one, other in pairwise(points):
            painter.drawLine(one, other)

    # --- the crosshair --------------------------------------------------------------------------------------

    def cursor_area(self) -> list[QRectF]:
        """The line with its dots, and the card."""
        x = self.overlaid.cursor_x()
        if x is None:
            return []
        frame = self.frame()
        return [QRectF(frame.px1(x) - _DOT - 1, 0, 2 * _DOT + 2, frame.height), self.card_rect()]

    def card_rect(self) -> QRectF:
        """Where the card stands now."""
        if self.overlaid.at is None or self.overlaid.empty:
            return QRectF()
        view = self.view()
        return Card(self.overlaid, view).place(self._covered)

    def _covered(self, rect: QRectF) -> float:
        """How many pixels of lines there are under a rectangle, and labels."""
        total = sum(400.0 for label in self.sheets.labels if label.rect.intersects(rect))
        pictures = [self.sheets.lines, *([self.live.lines] if any(map(grows, self.overlaid.lines)) else [])]
        for picture in (each for each in pictures if not each.isNull()):
            ratio = picture.devicePixelRatio()
            pixels = np.frombuffer(picture.constBits(), np.uint32).reshape(picture.height(), picture.width())
            left, top = max(0, int(rect.left() * ratio)), max(0, int(rect.top() * ratio))
            part = pixels[top : int(rect.bottom() * ratio) : _COARSE, left : int(rect.right() * ratio) : _COARSE]
            total += float(np.count_nonzero(part))
        return total

    def paint_over(self, painter: QPainter, frame: Frame) -> None:
        marks.paint_cross(painter, self.shown, frame)
        shown = self.overlaid
        if shown.at is None or shown.empty or not -1 <= frame.px1(shown.at) <= frame.width + 1:
            return
        view = self.view()
        ends.paint_dots(painter, shown, view)
        card = Card(shown, view)
        card.paint(painter, card.place(self._covered))
