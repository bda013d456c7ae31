"""The loss lane: per-step loss thin, smoothed over it, validation with circles, best epoch, stops and what is no number."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from workbench.curves.pyramid import ABOVE, BELOW, NAN, Seen
from workbench.gui import words
from workbench.gui.curves import marks, readout
from workbench.gui.curves.inks import CIRCLE
from workbench.gui.curves.lane import THICK_POINTS, Frame, Lane
from workbench.gui.curves.scales import Numbers, Range, Tick, linear_range, log_range, log_ticks, settled, value_ticks
from workbench.gui.curves.shown import Shown, heights
from workbench.gui.curves.strokes import Label, circles, envelope, polyline, star

#: Room of one tick at the left, in pixels at 100 %.
_TICK_ROOM = 36
#: Circles stand at least so many pixels apart; closer, only some are drawn.
_CIRCLE_ROOM = 7.0
_BAD_WORDS = {NAN: "NaN", ABOVE: "∞", BELOW: "−∞"}


def spacing(shown: Shown, frame: Frame) -> tuple[int, int]:
    """Of how many epochs one is a point of the validation line, and of how many points one has a circle."""
    assert shown.curves is not None
    x = shown.curves.x_of_epochs(shown.axis)
    visible = int(np.searchsorted(x, frame.x[1]) - np.searchsorted(x, frame.x[0]))
    stride = max(1, -(-visible // THICK_POINTS))
    apart = frame.width / max(1, visible // stride)
    return stride, max(1, math.ceil(_CIRCLE_ROOM / apart))


def paint_validation(painter: QPainter, shown: Shown, frame: Frame, name: str, *, log: bool, small: bool) -> None:
    """A metric at the ends of epochs: line and hollow circles."""
    curves, inks = shown.curves, shown.inks
    assert curves is not None
    x, values = curves.x_of_epochs(shown.axis), curves.epochs.metric(name)
    low, high = frame.shown(20)
    first = max(0, int(np.searchsorted(x, low)) - 1)
    stop = int(np.searchsorted(x, high)) + 1
    stride, thin = spacing(shown, frame)
    chosen = np.arange(first // stride * stride, min(stop + stride, len(x)), stride)
    if not len(chosen):
        return
    px, py = frame.px(x[chosen]), frame.py(heights(values[chosen], log=log))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(inks.small_line if small else inks.line)
    polyline(painter, px, py)
    keep = (chosen // stride) % thin == 0
    circles(painter, inks, px[keep], py[keep], CIRCLE * (0.8 if small else 1.0))


class LossLane(Lane):
    """See the module."""

    def __init__(self, shown: Shown) -> None:
        super().__init__(shown, "lossPlot")
        self._clipped: float | None = None
        self._labels: tuple[tuple[object, ...], list[tuple[Label, QRectF]]] = ((), [])

    # --- range ----------------------------------------------------------------------------------------

    def _known(self) -> tuple[Numbers, Numbers, Numbers]:
        """Maxima and minima of at most some hundred stretches of steps, and the validation values."""
        curves = self.shown.curves
        assert curves is not None
        seen = curves.loss.see(0, curves.steps, 64)
        values = seen.values
        points = curves.epochs.metric("val_loss")
        if len(values) and len(seen.places) > 1 and seen.places[0] == seen.places[1]:
            return values[1::2], values[0::2], points
        return values, values, points

    def _penalties(self) -> Numbers:
        """What the penalties add, which is to be in view beside the loss: some hundred values tell its range."""
        curves = self.shown.curves
        assert curves is not None
        values = curves.penalty.values if curves.penalized else np.empty(0)
        values = values[:: max(1, len(values) // 256)]
        return values[np.isfinite(values)]

    def wanted_y(self) -> Range:
        curves = self.shown.curves
        if curves is None or not (curves.steps or len(curves.epochs)):
            return (-3.0, 1.0) if self.shown.log else (0.0, 1.0)
        highs, lows, points = self._known()
        if self.shown.log:
            self._clip(None)
            return settled(self.y_range, log_range(highs, lows, np.concatenate([points, self._penalties()])))
        low, high = linear_range(highs, lows, points)
        beside = self._penalties()
        if len(beside):
            low, high = min(low, float(beside.min())), max(high, 1.06 * float(beside.max()))
        wanted = settled(self.y_range, (low, high))
        everything = np.concatenate([highs, points])
        everything = everything[np.isfinite(everything)]
        top = float(everything.max()) if len(everything) else 0.0
        self._clip(top if top > wanted[1] else None)
        return wanted

    def _clip(self, top: float | None) -> None:
        """Whether and how far the losses reach past the range stands beside the axis."""
        if top != self._clipped:
            self._clipped = top
            self.plotItem.getAxis("left").update()

    def own_past(self) -> tuple[object, ...]:
        """The best epoch's star, level and label, the stop's label and where the loss stopped being a number."""
        shown, curves = self.shown, self.shown.curves
        assert curves is not None
        return shown.best_point(), shown.projected(), curves.loss.first_bad(), spacing(shown, self.frame())

    @property
    def clipped(self) -> float | None:
        """The greatest loss, when it lies above the range; None when all fits."""
        return self._clipped

    def forget_range(self) -> None:
        """Take the range that suits best, whatever was there before."""
        self.y_range = (0.0, -1.0)
        self._clipped = None
        self.set_y(self.wanted_y())

    def ticks(self) -> Sequence[Tick]:
        if self.shown.empty:
            return []
        most = max(2, int(self.frame().height / self.shown.inks.theme.px(_TICK_ROOM)))
        return log_ticks(*self.y_range, most) if self.shown.log else value_ticks(*self.y_range, most)

    def paint_axis_extra(self, painter: QPainter, right: float) -> float:
        """The mark that says that something lies above the range."""
        if self._clipped is None:
            return 0.0
        inks = self.shown.inks
        text = _short(self._clipped)
        height = inks.metrics.height()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(inks.text2)
        painter.drawText(QRectF(0, 0, right, height), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        tip = right - inks.metrics.horizontalAdvance(text) - 9
        painter.setBrush(inks.text2)
        painter.setPen(Qt.PenStyle.NoPen)
        middle = height / 2
        painter.drawPolygon(
            QPolygonF([QPointF(tip, middle - 3), QPointF(tip - 4, middle + 3), QPointF(tip + 4, middle + 3)])
        )
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(inks.text3)
        return height

    # --- painting ---------------------------------------------------------------------------------------

    def paint_curves(self, painter: QPainter, frame: Frame) -> None:
        shown, inks, curves = self.shown, self.shown.inks, self.shown.curves
        assert curves is not None
        log = shown.log
        if curves.steps:
            first, stop = self.exposed_steps(frame)
            width = max(1.0, frame.width * (stop - first) / max(1, self._visible_steps(frame)))
            seen = curves.loss.see(first, stop, width)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
            painter.setPen(inks.raw)
            px = frame.px(curves.x_of_places(shown.axis, seen.places))
            polyline(painter, *envelope(px, frame.py(heights(seen.values, log=log))))
            places = self.thick_places(frame)
            smooth = curves.smooth_loss.at(places)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(inks.smooth)
            polyline(painter, frame.px(curves.x_of_places(shown.axis, places)), frame.py(heights(smooth, log=log)))
            if curves.penalized:
                painter.setPen(inks.penalty)
                penalty = heights(curves.penalty.values[places.astype(np.int64)], log=log)
                polyline(painter, frame.px(curves.x_of_places(shown.axis, places)), frame.py(penalty))
            self._paint_bad(painter, frame, seen)
        paint_validation(painter, shown, frame, "val_loss", log=log, small=False)

    def _visible_steps(self, frame: Frame) -> int:
        curves, axis = self.shown.curves, self.shown.axis
        assert curves is not None
        # Of the axis' whole width, also where no step has come yet: the decimation must not change as they come.
        if self.shown.axis.value == "time":
            return curves.place_of_x(axis, frame.x[1]) - curves.place_of_x(axis, frame.x[0])
        return max(1, round((frame.x[1] - frame.x[0]) * (1 if axis.value == "step" else curves.steps_per_epoch or 1)))

    def _paint_bad(self, painter: QPainter, frame: Frame, seen: Seen) -> None:
        """Steps whose loss is no number: marks at the edge they left by, and words at the first."""
        curves, inks = self.shown.curves, self.shown.inks
        assert curves is not None
        first = curves.loss.first_bad()
        if first is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(inks.bad)
        columns: set[tuple[int, bool]] = set()
        px = frame.px(curves.x_of_places(self.shown.axis, seen.marks.astype(np.float64)))
        for pixel, flag in zip(px.tolist(), seen.flags.tolist(), strict=True):
            down = flag == BELOW
            column = (round(pixel / 4), down)  # one mark in four pixels is enough to be seen
            if column not in columns:
                columns.add(column)
                edge, inner = (frame.height - 1, frame.height - 7) if down else (1.0, 7.0)
                painter.drawPolygon(
                    QPolygonF([QPointF(pixel - 4, inner), QPointF(pixel + 4, inner), QPointF(pixel, edge)])
                )
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _bad_label(self, frame: Frame, taken: list[QRectF]) -> tuple[Label, QRectF]:
        """Where the loss stopped being a number, in words beside the first mark and clear of other labels."""
        curves = self.shown.curves
        assert curves is not None
        first = curves.loss.first_bad()
        assert first is not None
        place, flag = first
        label = Label(
            self.shown.inks, [f"{_BAD_WORDS.get(flag, 'NaN')} from step {words.count(place + 1)}"], self.shown.inks.bad
        )
        pixel = frame.px1(float(curves.x_of_places(self.shown.axis, np.array([float(place)]))[0]))
        left = pixel - label.width - 6 if pixel + label.width + 6 > frame.width else pixel + 6
        rect = label.at(max(2.0, left), frame.height - label.height - 9 if flag == BELOW else 9.0)
        for other in sorted(taken, key=QRectF.top):
            if rect.intersects(other):
                rect.moveTop(other.bottom() + 5)
        return label, rect

    def paint_lane(self, painter: QPainter, frame: Frame) -> None:
        super().paint_lane(painter, frame)
        if self.shown.empty:
            painter.setFont(self.shown.inks.secondary)
            painter.setPen(self.shown.inks.text2)
            room = QRectF(24, 12, frame.width - 48, frame.height - 24)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.shown.nothing())
            return
        best = self.shown.best_point()
        if best is not None:
            height = frame.py1(float(heights(np.array([best[2]]), log=self.shown.log)[0]))
            if math.isfinite(height):
                self._paint_best(painter, frame, frame.px1(best[1]), height)
        for label, rect in self.labels(frame):
            if rect.intersects(frame.exposed):
                label.paint(painter, rect)
        self._paint_patience(painter, frame)

    def _paint_best(self, painter: QPainter, frame: Frame, x: float, y: float) -> None:
        inks = self.shown.inks
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.setPen(inks.best_level)
        painter.drawLine(QPointF(0, round(y)), QPointF(frame.width, round(y)))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(inks.star_edge)
        painter.setBrush(inks.validation)
        painter.drawPolygon(star(QPointF(x, y), 8.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def labels(self, frame: Frame) -> list[tuple[Label, QRectF]]:
        """The labels of best epoch, early stop and projected stop, where they belong now."""
        shown, curves = self.shown, self.shown.curves
        if curves is None:
            return []
        # They change with an event or a range, not with each frame.
        known = (curves, curves.told, shown.run, shown.axis, frame.x, frame.width, shown.inks, curves.loss.first_bad())
        if known != self._labels[0]:
            self._labels = (known, self._place_labels(frame))
        return self._labels[1]

    def _place_labels(self, frame: Frame) -> list[tuple[Label, QRectF]]:
        curves, inks, axis = self.shown.curves, self.shown.inks, self.shown.axis
        best = self.shown.best_point()
        if curves is None:
            return []
        found: list[tuple[Label, QRectF]] = []
        top = 8.0
        if best is not None and frame.x[0] <= best[1] <= frame.x[1]:
            text = f"Best {words.loss(best[0].value)} · epoch {words.count(best[0].epoch)}"
            label = Label(inks, [text], inks.validation_text, star=True)
            found.append((label, _left_of(label, frame, frame.px1(best[1]), top)))
            top += label.height + 5
        if curves.stopped_early is not None:
            pixmap = inks.theme.pixmap("early_stopped", "violet", 12)
            label = Label(
                inks, [f"Stopped early · epoch {words.count(curves.stopped_early.epoch)}"], inks.violet, pixmap=pixmap
            )
            pixel = frame.px1(curves.x_of_epoch(axis, curves.stopped_early.epoch))
            if -1 <= pixel <= frame.width + 1:
                found.append((label, _left_of(label, frame, pixel, top)))
        stop = self.shown.projected()
        if stop is not None:
            label = Label(inks, [f"Stops at epoch {words.count(stop)}", "if no better"], inks.text2)
            pixel = frame.px1(curves.x_of_epoch(axis, stop))
            if -1 <= pixel <= frame.width + 1:
                right = pixel + 8
                height = 8.0 if right + label.width <= frame.width else top
                left = right if right + label.width <= frame.width else pixel - label.width - 8
                found.append((label, label.at(max(2.0, left), height)))
        bad = curves.loss.first_bad()
        if bad is not None:
            found.append(self._bad_label(frame, [rect for _, rect in found]))
        return found

    def _paint_patience(self, painter: QPainter, frame: Frame) -> None:
        """`patience 8` inside the window of a run that was stopped early."""
        curves, best = self.shown.curves, self.shown.best_point()
        if curves is None or best is None or curves.stopped_early is None or not curves.patience:
            return
        inks = self.shown.inks
        text = f"patience {words.count(curves.patience)}"
        left, right = frame.px1(best[1]), frame.px1(curves.x_of_epoch(self.shown.axis, curves.stopped_early.epoch))
        room = inks.strong_metrics.horizontalAdvance(text)
        if right - left < room + 8:
            return
        painter.setFont(inks.caption_strong)
        painter.setPen(inks.text2)
        star_at = frame.py1(float(heights(np.array([best[2]]), log=self.shown.log)[0]))
        height = inks.strong_metrics.height()
        tops = (star_at + 18, frame.height - height - 6, star_at - height - 18, star_at / 2 + 20)
        places = [
            QRectF((left + right - room) / 2, top, room, height)
            for top in tops
            if 0 <= top <= frame.height - height - 4
        ]
        if places:
            emptiest = min(places, key=lambda place: readout.drawn_under(self.shown, frame, place))
            painter.drawText(emptiest, Qt.AlignmentFlag.AlignCenter, text)

    def cursor_area(self) -> list[QRectF]:
        frame = self.frame()
        card = readout.card_rect(self.shown, frame, [rect for _, rect in self.labels(frame)])
        return [*super().cursor_area(), *([card] if card is not None else [])]

    def paint_over(self, painter: QPainter, frame: Frame) -> None:
        marks.paint_cross(painter, self.shown, frame)
        readout.paint(painter, self.shown, frame, [rect for _, rect in self.labels(frame)])


def _left_of(label: Label, frame: Frame, pixel: float, top: float) -> QRectF:
    """Left of a line; right of it where there is no room."""
    left = pixel - label.width - 7
    if left < 0 and pixel + 7 + label.width <= frame.width:
        left = pixel + 7
    return label.at(max(2.0, left), top)


def _short(value: float) -> str:
    if abs(value) >= 1e4:  # noqa: PLR2004 - more digits do not fit beside the axis
        return f"{value:.0e}".replace("e+0", "e").replace("e+", "e")
    return words.decimals(value, 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2)  # noqa: PLR2004 - three figures
