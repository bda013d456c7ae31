"""Keeps pictures of the runs that do not grow, so that a frame costs the same for two runs and for fifty.

A sheet is a picture of some runs. Another view (range, size, theme, scale) has all sheets painted anew, in slices of some
milliseconds, while the last picture stands in, moved to where its numbers belong now. A run that is shown or hidden has
one sheet painted anew. It knows no lane; what is asked for is worked on until it is complete or something else is asked.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import numpy as np
from PySide6.QtCore import QObject, QRectF, QTimer, Signal
from PySide6.QtGui import QImage, QPainter

from workbench.gui.compared import Compared
from workbench.gui.curves import ends
from workbench.gui.curves.envelopes import Envelope, Indices, envelopes
from workbench.gui.curves.overlaid import TRAINING
from workbench.gui.curves.overlay import SLOTS, Outline, Parents, View, outlines, paint_line

#: Milliseconds that are painted at a time, and while a frame waits for its first answer.
SLICE, FIRST = 10.0, 5.0
#: So many runs are worked out together: their arrays are long enough then, and it takes less than half a slice.
_TOGETHER = 6
#: Runs on a sheet at least, as each sheet costs when the picture is put together.
_FEWEST = 4
#: Sheets at most, and the memory they may take together.
_MOST, _BYTES = 28, 96 * 2**20

#: What a run's picture depends on, besides the view.
Mark = tuple[object, ...]
Prepared = tuple[Outline, Envelope | None]


def mark_of(run: Compared, parent: Compared | None) -> Mark:
    """Two equal marks: the same picture."""
    return (run.run.id, run.slot, *_told(run), *(_told(parent) if parent is not None else ()))


def _told(run: Compared) -> Mark:
    curves = run.curves
    assert curves is not None
    return id(curves), curves.told, curves.rewritten, curves.steps, curves.smoothing


def prepared(runs: Sequence[Compared], view: View, parents: Parents) -> Iterator[Prepared]:
    """All of runs that is worked out before they are painted, some runs at a time."""
    for begin in range(0, len(runs), _TOGETHER):
        part = runs[begin : begin + _TOGETHER]
        steps: Sequence[Envelope | None] = envelopes(part, view) if view.series == TRAINING else [None] * len(part)
        yield from zip(outlines(part, view, parents), steps, strict=True)


class Sheet:
    """A picture of some runs: envelopes as numbers of colours, lines over them."""

    def __init__(self) -> None:
        self.view: View | None = None
        self.marks: tuple[Mark, ...] = ()
        #: where the stars and numbers of its runs belong
        self.points: list[ends.Points] = []
        self.envelopes = QImage()
        self.lines = QImage()
        self._coloured: QImage | None = None

    @property
    def coloured(self) -> QImage:
        """Its envelopes in colours: Qt takes ten times as long to draw a picture of numbers."""
        if self._coloured is None:
            self._coloured = coloured(self.envelopes)
        return self._coloured

    def lacks(self, runs: Sequence[Compared], marks: tuple[Mark, ...], view: View) -> Sequence[Compared]:
        """Those of its runs, in order, that are not on it yet: the last of them, or all."""
        return runs[self._kept(marks, view) :]

    def _kept(self, marks: tuple[Mark, ...], view: View) -> int:
        return len(self.marks) if self.view == view and marks[: len(self.marks)] == self.marks else 0

    def paint(self, marks: tuple[Mark, ...], view: View, lacking: Iterator[Prepared]) -> Iterator[None]:
        """Paint what is not there yet, the next that are prepared; stops after each run."""
        kept = self._kept(marks, view)
        if not kept:
            self._clear(view)
        self.view, self.marks, self.points = view, self.marks[:kept], self.points[:kept]
        for mark in marks[kept:]:
            outline, envelope = next(lacking)
            if envelope is not None:
                self._coloured = None
                envelope.fill(_numbers(self.envelopes), outline.run.slot % SLOTS + 1)
            painter = QPainter(self.lines)
            paint_line(painter, outline, view)
            painter.end()
            self.points.append(ends.points_of(outline.run, view, outline.line))
            self.marks = (*self.marks, mark)
            yield

    def paint_all(self, runs: Sequence[Compared], marks: tuple[Mark, ...], view: View, parents: Parents) -> None:
        """Paint what is not there yet, without a stop."""
        for _ in self.paint(marks, view, prepared(self.lacks(runs, marks, view), view, parents)):
            pass

    def _clear(self, view: View) -> None:
        self._coloured = None
        if self.view is None or (self.view.width, self.view.height, self.view.ratio) != _size(view) or (
            self.envelopes.isNull() and view.series == TRAINING
        ):  # fmt: skip
            self.lines = _blank(view, QImage.Format.Format_ARGB32_Premultiplied)
            self.envelopes = _blank(view, QImage.Format.Format_Indexed8) if view.series == TRAINING else QImage()
        self.lines.fill(0)
        if not self.envelopes.isNull():
            self.envelopes.setColorTable(view.inks.palette)
            self.envelopes.fill(0)


def _size(view: View) -> tuple[float, float, float]:
    return view.width, view.height, view.ratio


def _blank(view: View, form: QImage.Format) -> QImage:
    rows, columns = view.pixels
    image = QImage(columns, rows, form)
    image.setDevicePixelRatio(view.ratio)
    return image


def coloured(numbers: QImage) -> QImage:
    """A picture of numbers of colours as one of colours; nothing of nothing."""
    return numbers if numbers.isNull() else numbers.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


def _numbers(image: QImage) -> Indices:
    """The pixels of a picture of numbers, to write to."""
    pixels = np.frombuffer(image.bits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return pixels[:, : image.width()]


class Sheets(QObject):
    """All sheets of one lane."""

    #: A picture that was asked for is complete.
    completed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._clock = QTimer(self, singleShot=True, interval=0)
        self._clock.setObjectName("overlayClock")
        self._clock.timeout.connect(self._go_on)
        self._sheets: list[Sheet] = []
        self._places: dict[str, int] = {}
        self._asked: tuple[View, tuple[Mark, ...]] | None = None
        self._work: Iterator[None] | None = None
        #: what is complete
        self.view: View | None = None
        self.envelopes = QImage()
        self.lines = QImage()
        #: stars and numbers, which stand over all lines, and where the numbers are
        self.tops = QImage()
        self.labels: list[ends.EndLabel] = []

    @property
    def busy(self) -> bool:
        """Whether a picture is being painted."""
        return self._work is not None

    def ask(self, runs: Sequence[Compared], marks: tuple[Mark, ...], view: View, parents: Parents) -> None:
        """Want a picture of these runs; what can be done within a few milliseconds is done at once."""
        if self._asked == (view, marks):
            return
        self._asked = (view, marks)
        self._work = self._paint(runs, marks, view, parents)
        if self._slice(FIRST):
            self._clock.stop()
        else:
            self._clock.start()

    def finish(self) -> None:
        """Complete what is being painted, however long it takes."""
        while self._work is not None:
            self._go_on()

    def _go_on(self) -> None:
        if self._work is None:
            return
        if self._slice(SLICE):
            self.completed.emit()
        else:
            self._clock.start()

    def _slice(self, milliseconds: float) -> bool:
        """Paint for so long; whether the picture is complete."""
        end = time.perf_counter() + milliseconds / 1e3
        assert self._work is not None
        for _ in self._work:
            if time.perf_counter() >= end:
                return False
        self._work = None
        return True

    def _paint(self, runs: Sequence[Compared], marks: tuple[Mark, ...], view: View, parents: Parents) -> Iterator[None]:
        if view.series != TRAINING:
            for sheet in self._sheets:
                sheet.envelopes = QImage()
        counts = self._plan(runs, view)
        begins = [sum(counts[:place]) for place in range(len(counts))]
        parts = [slice(begin, begin + count) for begin, count in zip(begins, counts, strict=True)]
        lacking = [
            run
            for sheet, part in zip(self._sheets, parts, strict=True)
            for run in sheet.lacks(runs[part], marks[part], view)
        ]
        found = prepared(lacking, view, parents)
        for sheet, part in zip(self._sheets, parts, strict=True):
            yield from sheet.paint(marks[part], view, found)
        points = [each for sheet in self._sheets for each in sheet.points]
        self._compose(view)
        self._top(list(zip(runs, points, strict=True)), view)

    def _top(self, points: Sequence[tuple[Compared, ends.Points]], view: View) -> None:
        self.labels = ends.place_labels(points, view)
        self.tops = _blank(view, QImage.Format.Format_ARGB32_Premultiplied)
        self.tops.fill(0)
        painter = QPainter(self.tops)
        ends.paint_stars(painter, points, view.inks)
        ends.paint_labels(painter, self.labels, view.inks)
        painter.end()

    def _plan(self, runs: Sequence[Compared], view: View) -> list[int]:
        """How many runs each sheet gets. A run stays on its sheet while that is fair, as the others need not be painted."""
        pixels = max(1.0, view.width * view.height * view.ratio**2)
        most = int(max(2, min(_MOST, _BYTES // (pixels * (5 if view.series == TRAINING else 4)))))
        fair = max(_FEWEST, -(-len(runs) // most))
        sheets, here = [0] * len(self._sheets), 0
        for run in runs:
            place = self._places.get(run.run.id, here)
            if place < here or place >= len(sheets) or len(sheets) > most or sheets[place] >= 2 * fair:
                return self._plan_anew(runs, fair)
            here = place
            sheets[here] += 1
        self._remember(runs, sheets)
        return sheets

    def _plan_anew(self, runs: Sequence[Compared], fair: int) -> list[int]:
        sheets = [min(fair, len(runs) - begin) for begin in range(0, len(runs), fair)]
        self._sheets = [*self._sheets[: len(sheets)], *(Sheet() for _ in sheets[len(self._sheets) :])]
        self._remember(runs, sheets)
        return sheets

    def _remember(self, runs: Sequence[Compared], sheets: Sequence[int]) -> None:
        places = [place for place, count in enumerate(sheets) for _ in range(count)]
        self._places = {run.run.id: place for run, place in zip(runs, places, strict=True)}

    def _compose(self, view: View) -> None:
        """One picture of all sheets: envelopes below, lines above."""
        self.envelopes, self.lines = QImage(), _blank(view, QImage.Format.Format_ARGB32_Premultiplied)
        self.lines.fill(0)
        painter = QPainter(self.lines)
        for sheet in self._sheets:
            painter.drawImage(0, 0, sheet.lines)
        painter.end()
        if view.series == TRAINING:
            below = _blank(view, QImage.Format.Format_Indexed8)
            below.fill(0)
            below.setColorTable(view.inks.palette)
            total = _numbers(below)
            for sheet in self._sheets:
                np.maximum(total, _numbers(sheet.envelopes), out=total)
            self.envelopes = coloured(below)
        self.view = view

    def draw(self, painter: QPainter, picture: QImage, view: View) -> None:
        """Draw one of the pictures where its numbers belong in a view; nothing when it shows others."""
        if self.view is None or picture.isNull() or not self.view.same_values(view):
            return
        if self.view == view:
            painter.drawImage(0, 0, picture)
            return
        frame, old = view.frame, self.view
        left, top = frame.px1(old.x[0]), frame.py1(old.y[1])
        place = QRectF(left, top, frame.px1(old.x[1]) - left, frame.py1(old.y[0]) - top)
        target = place & QRectF(0, 0, view.width, view.height)
        if target.isEmpty():
            return
        # Only the part in view: Qt would go through all of a picture that reaches far out of it.
        across, down = picture.width() / place.width(), picture.height() / place.height()
        source = QRectF(
            (target.left() - left) * across,
            (target.top() - top) * down,
            target.width() * across,
            target.height() * down,
        )
        painter.drawImage(target, picture, source)
