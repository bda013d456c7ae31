"""How many pictures each class has, as bars split by part in colour and hatch, the largest class first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QFontMetrics, QHelpEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QToolTip, QWidget

from workbench.gui import words
from workbench.gui.data.mask_legend import APART, SIDE, swatch
from workbench.gui.text import plain_tip
from workbench.gui.theme import Theme

PARTS = ("Training", "Validation", "Test")
_ROW, _BAR, _NAME, _COUNT = 26, 12, 110, 56
#: So many names decide how wide the column of names is.
_MEASURED = 200


@dataclass(frozen=True)
class ClassCount:
    """A class, how many pictures (or pixels of masks) of each part it has, and whether it is a rare one."""

    name: str
    counts: tuple[int, int, int]
    rare: bool = False
    #: the number by which masks look, where they are what is counted
    mask: int | None = None

    @property
    def total(self) -> int:
        return sum(self.counts)


def paint_part(painter: QPainter, rect: QRectF, theme: Theme, part: int) -> None:
    """A stretch of a bar: training blue, validation orange, test orange hatch on the ground."""
    painter.setPen(Qt.PenStyle.NoPen)
    if part < 2:  # noqa: PLR2004 - training and validation are filled
        painter.setBrush(theme.series(("training", "validation")[part]))
        painter.drawRect(rect)
        return
    painter.setBrush(theme.colour("muted_tint"))
    painter.drawRect(rect)
    painter.setBrush(QBrush(theme.series("validation"), Qt.BrushStyle.BDiagPattern))
    painter.drawRect(rect)


class PartLegend(QWidget):
    """Which colour and hatch is which part."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName("Training, validation and test")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._fit)
        self._fit()

    def places(self) -> list[QRect]:
        """Where each sample stands with its name, in as many lines as it takes."""
        metrics, side, high = QFontMetrics(self._theme.font("secondary")), self._theme.px(11), self._theme.px(20)
        found: list[QRect] = []
        left = top = 0
        for name in PARTS:
            wide = side + 8 + metrics.horizontalAdvance(name)
            if left and left + wide > self.width():
                left, top = 0, top + high
            found.append(QRect(left, top, wide, high))
            left += wide + 12
        return found

    def _fit(self) -> None:
        self.setFixedHeight(self.places()[-1].bottom() + 1)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setFont(theme.font("secondary"))
        side = theme.px(11)
        for part, (name, place) in enumerate(zip(PARTS, self.places(), strict=True)):
            sample = QRectF(place.left(), place.center().y() - side / 2, side, side)
            paint_part(painter, sample, theme, part)
            painter.setPen(theme.colour("text2"))
            painter.drawText(place.adjusted(side + 6, 0, 2, 0), Qt.AlignmentFlag.AlignVCenter, name)
        painter.end()


class _Bars(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.rows: tuple[ClassCount, ...] = ()
        self.share = False
        theme.changed.connect(self._dress)

    def _dress(self) -> None:
        self.setFixedHeight(max(1, len(self.rows)) * self._theme.px(_ROW))
        self.update()

    def show_rows(self, rows: tuple[ClassCount, ...], *, share: bool) -> None:
        self.rows, self.share = rows, share
        self._dress()

    def written(self, row: ClassCount) -> str:
        if not self.share:
            return words.count(row.total)
        return words.percent(row.total / max(1, sum(each.total for each in self.rows)), 1)

    def room_for_names(self) -> int:
        """How wide a name may be; a longer one ends in …."""
        metrics = QFontMetrics(self._theme.font("secondary"))
        # Advances are rounded, and a name that is a fraction wider than its room would be shortened.
        widest = 1 + max((metrics.horizontalAdvance(row.name) for row in self.rows[:_MEASURED]), default=0)
        return min(widest, self._theme.px(_NAME), self.width() // 3)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        high, most = theme.px(_ROW), max((row.total for row in self.rows), default=1) or 1
        names, numbers = self.room_for_names(), theme.px(_COUNT)
        before = theme.px(SIDE) + APART if any(row.mask is not None for row in self.rows) else 0
        left, room = before + names + 8, max(10, self.width() - before - names - numbers - 8 - theme.px(24))
        for place in range(event.rect().top() // high, min(len(self.rows), event.rect().bottom() // high + 1)):
            row, top = self.rows[place], place * high
            painter.setFont(theme.font("secondary"))
            painter.setPen(theme.colour("text"))
            name = painter.fontMetrics().elidedText(row.name, Qt.TextElideMode.ElideRight, names)
            painter.drawText(QRect(before, top, names + 2, high), Qt.AlignmentFlag.AlignVCenter, name)
            if row.mask is not None:
                sample = swatch(theme, row.mask, theme.px(SIDE))
                painter.drawPixmap(0, top + (high - sample.height()) // 2, sample)
            along = float(left)
            for part, count in enumerate(row.counts):
                wide = room * count / most
                if count:
                    bar = theme.px(_BAR)
                    paint_part(painter, QRectF(along, top + (high - bar) / 2, max(wide, 1.0), bar), theme, part)
                along += wide
            if row.rare:
                side = theme.px(14)
                painter.drawPixmap(round(along) + 6, top + (high - side) // 2, theme.pixmap("warning", "warn", 14))
            painter.setFont(theme.font("secondary", 600 if row.rare else None))
            painter.setPen(theme.colour("text" if row.rare else "text2"))
            right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(QRect(self.width() - numbers - 2, top, numbers, high), right, self.written(row))
        painter.end()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = event.pos().y() // self._theme.px(_ROW)
            if place < len(self.rows):
                row = self.rows[place]
                told = ", ".join(
                    f"{part.lower()} {words.count(count)}" for part, count in zip(PARTS, row.counts, strict=True)
                )
                QToolTip.showText(event.globalPos(), plain_tip(f"{row.name}: {told}"), self)
            return True
        return super().event(event)


class BalanceBars(QScrollArea):
    """The bars, in a view that scrolls where there are many classes."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("classBalance")
        self.setAccessibleName("Class balance")
        self.bars = _Bars(theme)
        self.setWidget(self.bars)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self.bars.setAutoFillBackground(False)

    def show_classes(self, classes: Sequence[ClassCount], *, share: bool = False) -> None:
        """Show classes, the largest first; with `share`, as a share of all instead of a count."""
        rows = tuple(sorted(classes, key=lambda row: -row.total))
        self.bars.show_rows(rows, share=share)
        self.setAccessibleDescription("; ".join(f"{row.name} {self.bars.written(row)}" for row in rows[:50]))
