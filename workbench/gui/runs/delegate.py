"""Paints the cells of the run table: pill, sparkline, star, numbers, chips; knows rows and the theme only."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from workbench.gui.runs.columns import NUMBERS, Column
from workbench.gui.runs.model import ROW, RunFilter
from workbench.gui.runs.watch import Row
from workbench.gui.theme import Theme, mixed
from workbench.gui.widgets.pill import paint_pill
from workbench.gui.widgets.sparkline import paint_sparkline

Index = QModelIndex | QPersistentModelIndex
EDGE = 3
MARGIN = 8


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
            case Column.STATE:
                paint_pill(painter, inner, self._theme, self._runs.model.shown_state(row), row.run.ending, small=True)
            case Column.CURVE:
                best = row.run.best_epoch - 1 if row.run.best_epoch else None
                paint_sparkline(painter, inner, self._theme, row.losses, best)
            case Column.CHIPS:
                self._chips(painter, inner, row.chips or ())
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

    def _text(self, painter: QPainter, rect: QRect, column: Column, row: Row) -> None:
        theme, run = self._theme, row.run
        text = self._runs.model.text(row, column)
        strong = column is Column.RUN or (column is Column.LOSS and self._runs.model.is_best(run.id))
        font = theme.font("body", 600) if strong else theme.font("body")
        quiet = text == "–"
        painter.setFont(font)
        painter.setPen(theme.colour("text3" if quiet else "text"))
        side = Qt.AlignmentFlag.AlignRight if column in NUMBERS else Qt.AlignmentFlag.AlignLeft
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, side | Qt.AlignmentFlag.AlignVCenter, shown)
        if column is Column.LOSS and self._runs.model.is_best(run.id):
            size = theme.px(13)
            left = rect.right() - QFontMetrics(font).horizontalAdvance(text) - size - 6
            painter.drawPixmap(left, rect.center().y() - size // 2, theme.pixmap("star", "warn", 13))

    def _chips(self, painter: QPainter, rect: QRect, chips: tuple[str, ...]) -> None:
        theme = self._theme
        font = theme.font("secondary")
        metrics = QFontMetrics(font)
        height, left = theme.px(20), rect.left()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font)
        if not chips:
            painter.setPen(theme.colour("text3"))
            painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, "–")
        for place, chip in enumerate(chips):
            rest = len(chips) - place
            room = rect.right() - left - (metrics.horizontalAdvance(f"+{rest - 1}") + 8 if rest > 1 else 0)
            width = metrics.horizontalAdvance(chip) + 14
            if width > room and place:
                painter.setPen(theme.colour("text2"))
                painter.drawText(
                    QRect(left, rect.top(), rect.right() - left, rect.height()),
                    Qt.AlignmentFlag.AlignVCenter,
                    f"+{rest}",
                )
                return
            box = QRectF(left + 0.5, rect.center().y() - height / 2 + 0.5, min(width, room) - 1, height)
            painter.setPen(theme.colour("line2"))
            painter.setBrush(theme.colour("field"))
            painter.drawRoundedRect(box, 5, 5)
            painter.setPen(theme.colour("text2"))
            painter.drawText(
                box,
                Qt.AlignmentFlag.AlignCenter,
                metrics.elidedText(chip, Qt.TextElideMode.ElideRight, int(box.width()) - 8),
            )
            left += int(box.width()) + 7
