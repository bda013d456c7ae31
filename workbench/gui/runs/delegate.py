"""Paints the cells of the run table: pill, sparkline, star, numbers, chips; knows rows and the theme only."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from workbench.gui.runs import facts
from workbench.gui.runs.columns import NUMBERS, Column
from workbench.gui.runs.model import ROW, RunFilter
from workbench.gui.runs.watch import Row
from workbench.gui.theme import Theme, mixed
from workbench.gui.widgets.chips import paint_chips
from workbench.gui.widgets.pill import paint_pill
from workbench.gui.widgets.sample import paint_sample
from workbench.gui.widgets.sparkline import paint_sparkline

Index = QModelIndex | QPersistentModelIndex
EDGE = 3
MARGIN = 8
#: Sizes of the eye, of the line sample beside it, and of the baseline's mark.
EYE, SAMPLE, MARK = 15, 26, 13


class RunDelegate(QStyledItemDelegate):
    """Paints one cell of a run's row."""

    def __init__(self, theme: Theme, runs: RunFilter, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._runs = runs

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(60, self._theme.px(30))

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, _index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setMaxLength(80)
        editor.setAcceptDrops(False)  # a file is for the window
        editor.setAccessibleName("Name of the run")
        return editor

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: Row = index.data(ROW)
        rect: QRect = option.rect
        painter.save()
        self._ground(painter, option, rect, index)
        inner = rect.adjusted(MARGIN, 0, -MARGIN, 0)
        column = Column(index.column())
        match column:
            case Column.SHOW:
                self._eye(painter, inner, row)
            case Column.STATE:
                paint_pill(painter, inner, self._theme, self._runs.model.shown_state(row), row.run.ending, small=True)
            case Column.CURVE:
                best = row.run.best_epoch - 1 if row.run.best_epoch else None
                paint_sparkline(painter, inner, self._theme, row.losses, best)
            case Column.CHIPS:
                self._chips(painter, inner, row.chips or ())
            case Column.NOTES:
                self._notes(painter, inner, row)
            case _:
                self._text(painter, inner, column, row)
        painter.restore()

    def _ground(self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect, index: Index) -> None:
        state: QStyle.StateFlag = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, self._theme.colour("sel"))
            if index.column() == 0:
                painter.fillRect(QRect(rect.left(), rect.top(), EDGE, rect.height()), self._theme.colour("accent"))
        elif index.row() % 2:
            painter.fillRect(rect, mixed(self._theme.colour("card"), self._theme.colour("panel"), 0.55))

    def _eye(self, painter: QPainter, rect: QRect, row: Row) -> None:
        """The eye and the line sample of the run; a run that never was shown has no colour yet, and so a bare line."""
        model, theme = self._runs.model, self._theme
        shown, slot = model.is_shown(row.run.id), model.shown.slots.get(row.run.id)
        size = theme.px(EYE)
        icon = theme.pixmap("eye" if shown else "eye-off", "text2" if shown else "text3", EYE)
        painter.drawPixmap(rect.left(), rect.center().y() - size // 2, icon)
        sample = QRect(rect.left() + size + MARGIN, rect.top(), theme.px(SAMPLE), rect.height())
        if slot is not None:
            paint_sample(painter, sample, theme, slot, shown=shown)
        else:
            middle = rect.center().y()
            painter.setPen(QPen(theme.colour("line2"), 2))
            painter.drawLine(sample.left(), middle, sample.right(), middle)

    def _text(self, painter: QPainter, rect: QRect, column: Column, row: Row) -> None:
        theme, run = self._theme, row.run
        if column is Column.RUN and run.pinned:
            size = theme.px(12)
            painter.drawPixmap(rect.left(), rect.center().y() - size // 2, theme.pixmap("pin", "text2", 12))
            rect = rect.adjusted(size + 4, 0, 0, 0)
        text = self._runs.model.text(row, column)
        strong = column is Column.RUN or (column is Column.LOSS and self._runs.model.is_best(run.id))
        font = theme.font("body", 600) if strong else theme.font("body")
        quiet = text == "–" or (column is Column.LOSS and row.greyed)
        painter.setFont(font)
        painter.setPen(theme.colour("text3" if quiet else "text"))
        side = Qt.AlignmentFlag.AlignRight if column in NUMBERS else Qt.AlignmentFlag.AlignLeft
        baseline = column is Column.RUN and self._runs.model.is_baseline(run.id)
        room = rect.width() - (theme.px(MARK) + 6 if baseline else 0)
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, room)
        painter.drawText(rect, side | Qt.AlignmentFlag.AlignVCenter, shown)
        if baseline:
            left = rect.left() + QFontMetrics(font).horizontalAdvance(shown) + 6
            painter.drawPixmap(left, rect.center().y() - theme.px(MARK) // 2, theme.pixmap("pin", "text2", MARK))
        if column is Column.LOSS and self._runs.model.is_best(run.id):
            size = theme.px(13)
            left = rect.right() - QFontMetrics(font).horizontalAdvance(text) - size - 6
            painter.drawPixmap(left, rect.center().y() - size // 2, theme.pixmap("star", "warn", 13))

    def _chips(self, painter: QPainter, rect: QRect, chips: Sequence[str]) -> None:
        if chips:
            paint_chips(painter, rect, self._theme, chips)
        else:
            self._plain(painter, rect, "–", "text3")

    def _notes(self, painter: QPainter, rect: QRect, row: Row) -> None:
        """Tags as chips, at most half of the cell when there is a note, and the note's first line."""
        run, left = row.run, rect.left()
        if run.tags:
            half = rect.adjusted(0, 0, -rect.width() // 2, 0) if run.note else rect
            left = paint_chips(painter, half, self._theme, run.tags, rounded=True)
        note = facts.first_line(run.note) or ("" if run.tags else "–")
        self._plain(
            painter, QRect(left, rect.top(), rect.right() - left, rect.height()), note, "text2" if run.note else "text3"
        )

    def _plain(self, painter: QPainter, rect: QRect, text: str, token: str) -> None:
        font = self._theme.font("secondary")
        painter.setFont(font)
        painter.setPen(self._theme.colour(token))
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
