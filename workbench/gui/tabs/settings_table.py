"""The table beside the plot of compared runs: settings down, runs across, results below them.

It shows the cells it is given. Labels stay at the left and the baseline at the right, what lies between scrolls sideways:
three views on one model, of which the middle one has the focus and both scroll bars.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from workbench.gui.text import Text, plain_tip
from workbench.gui.theme import Theme
from workbench.gui.widgets.sample import paint_sample
from workbench.gui.widgets.segments import Segments

Index = QModelIndex | QPersistentModelIndex
_CELL = int(Qt.ItemDataRole.UserRole) + 1
_ROW_HEIGHT, _HEADER = 27, 46
_PAD = 8
_STAR = 14
#: Words longer than this are cut; their tooltip has them whole.
_LABEL_MOST, _VALUE_MOST = 150, 120
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class Column:
    """A run across the top."""

    run: str
    name: str
    slot: int
    baseline: bool = False


@dataclass(frozen=True)
class Cell:
    """One value of one run."""

    text: str
    #: as the baseline has it, or closer to it than seeds are to each other
    dim: bool = False
    #: the best of its row
    star: bool = False


@dataclass(frozen=True)
class SettingRow:
    """A setting, or a result, of each run, in the order of the columns."""

    label: str
    cells: tuple[Cell, ...]
    differs: bool = True


@dataclass(frozen=True)
class SettingsShown:
    """All that the table shows."""

    columns: tuple[Column, ...] = ()
    #: every setting that these runs have, in the order of the form
    settings: tuple[SettingRow, ...] = ()
    #: what came of them: best validation loss, accuracy, epochs, time
    results: tuple[SettingRow, ...] = ()


class SettingsModel(QAbstractTableModel):
    """The rows in view; the baseline's column last."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.columns: list[Column] = []
        self.rows: list[SettingRow] = []
        self.first_result = 0

    def show_rows(self, shown: SettingsShown, *, everything: bool) -> None:
        self.beginResetModel()
        order = sorted(range(len(shown.columns)), key=lambda place: shown.columns[place].baseline)
        settings = [row for row in shown.settings if everything or row.differs]
        self.columns = [shown.columns[place] for place in order]
        self.rows = [
            SettingRow(row.label, tuple(row.cells[place] for place in order), row.differs)
            for row in (*settings, *shown.results)
        ]
        self.first_result = len(settings)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else 1 + len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.rows[index.row()]
        cell = row.cells[index.column() - 1] if index.column() else Cell(row.label)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return cell.text
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(cell.text)
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._spoken(row, index.column(), cell)
        return cell if role == _CELL else None

    def _spoken(self, row: SettingRow, column: int, cell: Cell) -> str:
        if not column:
            return cell.text
        best = ", the best" if cell.star else ""
        return f"{row.label}, {self.columns[column - 1].name}: {cell.text}{best}"

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation is Qt.Orientation.Vertical:
            return self.rows[section].label
        return self.columns[section - 1].name if section else "Setting"

    def is_baseline(self, column: int) -> bool:
        return column > 0 and self.columns[column - 1].baseline


class _Header(QHeaderView):
    """A run's line sample with its name under it; the baseline with a pin."""

    def __init__(self, theme: Theme, model: SettingsModel, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme, self._rows = theme, model
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setHighlightSections(False)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self._theme.px(_HEADER))

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        theme = self._theme
        painter.fillRect(rect, theme.colour("muted_tint" if self._rows.is_baseline(section) else "card"))
        if not section:
            return
        column = self._rows.columns[section - 1]
        half = rect.height() // 2
        sample = QRect(rect.left() + _PAD, rect.top() + 4, 26, half - 4)
        paint_sample(painter, sample, theme, column.slot)
        font = theme.font("secondary", 600)
        pin = theme.px(12) + 4 if column.baseline else 0
        metrics = QFontMetrics(font)
        name = metrics.elidedText(column.name, Qt.TextElideMode.ElideRight, rect.width() - 2 * _PAD - pin)
        line = QRect(rect.left() + _PAD, rect.top() + half, rect.width() - _PAD, half - 2)
        painter.setFont(font)
        painter.setPen(theme.colour("text"))
        painter.drawText(line, _LEFT, name)
        if column.baseline:
            left = line.left() + metrics.horizontalAdvance(name) + 5
            painter.drawPixmap(left, line.center().y() - theme.px(12) // 2, theme.pixmap("pin", "text2", 12))


class _Delegate(QStyledItemDelegate):
    """Paints one cell."""

    def __init__(self, theme: Theme, model: SettingsModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._rows = theme, model

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, rect, baseline = self._theme, option.rect, self._rows.is_baseline(index.column())
        cell: Cell = index.data(_CELL)
        painter.save()
        painter.fillRect(rect, theme.colour("muted_tint" if baseline else "card"))
        if index.row() == self._rows.first_result and index.row():
            painter.fillRect(rect.left(), rect.top(), rect.width(), 1, theme.colour("line2"))
        inner = rect.adjusted(_PAD if index.column() else 0, 0, -4, 0)
        if cell.star:
            size = theme.px(_STAR)
            painter.drawPixmap(inner.left(), inner.center().y() - size // 2 + 1, theme.pixmap("star", "warn", _STAR))
            inner.setLeft(inner.left() + size + 3)
        plain = not index.column() or baseline or index.row() >= self._rows.first_result
        font = theme.font("secondary", 600 if cell.star or not (plain or cell.dim) else 400)
        token = "text2" if not index.column() else "text3" if cell.dim else "text"
        painter.setFont(font)
        painter.setPen(theme.colour(token))
        text = QFontMetrics(font).elidedText(cell.text, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, _LEFT, text)
        painter.restore()


class _View(QTableView):
    """One of the three parts."""

    def __init__(self, theme: Theme, model: SettingsModel) -> None:
        super().__init__()
        self._theme = theme
        self.setModel(model)
        self.setHorizontalHeader(_Header(theme, model, self))
        self.setItemDelegate(_Delegate(theme, model, self))
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def dress(self) -> None:
        self.verticalHeader().setDefaultSectionSize(self._theme.px(_ROW_HEIGHT))
        ground = self._theme.hex("card")
        self.setStyleSheet(f"QTableView, QHeaderView {{ background: {ground}; border: none; }}")
        self.horizontalHeader().setFixedHeight(self._theme.px(_HEADER))

    def show_columns(self, shown: range, widths: Sequence[int]) -> int:
        """Show some of the columns; how wide they are together."""
        for column, width in enumerate(widths):
            self.setColumnHidden(column, column not in shown)
            self.setColumnWidth(column, width)
        return sum(widths[column] for column in shown)


class SettingsTable(QWidget):
    """Title with the choice between differences and all, over the table."""

    #: How wide the table would like to be has changed.
    width_changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("settingsTable")
        self._theme = theme
        self._shown = SettingsShown()
        self._widths: list[int] = []
        self._between = 0
        self.model = SettingsModel(self)
        self.title = Text(theme, "Settings that differ", "strong")
        self.count = Text(theme, "", "secondary", "text3")
        self.choice = Segments(theme, [("differences", "Differences"), ("all", "All")])
        self.choice.setObjectName("settingsChoice")
        self.choice.setAccessibleName("Which settings are listed")
        self.labels, self.values, self.baseline = (_View(theme, self.model) for _ in range(3))
        self.values.setObjectName("settingsView")
        self.values.setAccessibleName("Settings and results of the compared runs")
        self.values.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        for view in (self.labels, self.baseline):
            view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._arrange()
        self._connect()
        self._dress()

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        for part in (self.title, self.count):
            top.addWidget(part)
        top.addStretch(1)
        top.addWidget(self.choice)
        row = QHBoxLayout()
        row.setSpacing(0)
        # The part with a scroll bar sideways has less room for rows, which the others leave as well.
        self._sides = []
        for view in (self.labels, self.values, self.baseline):
            if view is self.values:
                row.addWidget(view, 1)
                continue
            side = QVBoxLayout()
            side.setContentsMargins(0, 0, 0, 0)
            side.addWidget(view)
            self._sides.append(side)
            row.addLayout(side)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(top)
        column.addLayout(row, 1)

    def _connect(self) -> None:
        self.choice.chosen.connect(self._fill)
        self._theme.changed.connect(self._dress)
        bars = [view.verticalScrollBar() for view in (self.values, self.labels, self.baseline)]
        for one in bars:
            for other in bars:
                if other is not one:
                    one.valueChanged.connect(other.setValue)

    def show_settings(self, shown: SettingsShown) -> None:
        """Show other runs or other values."""
        if shown != self._shown:
            self._shown = shown
            self._fill()

    def _fill(self, _key: str = "") -> None:
        everything = self.choice.key == "all"
        self.model.show_rows(self._shown, everything=everything)
        differing = sum(row.differs for row in self._shown.settings)
        self.title.say("Settings" if everything else "Settings that differ")
        self.count.say(f"{differing} of {len(self._shown.settings)}" if self._shown.settings else "")
        self._fit_columns()

    def _fit_columns(self) -> None:
        """Each column as wide as its words, within reason."""
        theme, model = self._theme, self.model
        metrics = QFontMetrics(theme.font("secondary", 600))
        most = theme.px(_LABEL_MOST)
        widths = [min(most, max((metrics.horizontalAdvance(row.label) for row in model.rows), default=60)) + _PAD]
        for place, column in enumerate(model.columns):
            words = [
                metrics.horizontalAdvance(row.cells[place].text) + (theme.px(_STAR) + 3 if row.cells[place].star else 0)
                for row in model.rows
            ]
            name = metrics.horizontalAdvance(column.name) + (theme.px(12) + 5 if column.baseline else 0)
            widths.append(max(theme.px(58), min(theme.px(_VALUE_MOST), max([name, *words]))) + 2 * _PAD)
        self._widths = widths
        pinned = bool(model.columns) and model.columns[-1].baseline
        last = len(widths) - pinned
        self.labels.setFixedWidth(self.labels.show_columns(range(1), widths))
        self._between = self.values.show_columns(range(1, last), widths)
        self.baseline.setFixedWidth(self.baseline.show_columns(range(last, len(widths)), widths))
        self.baseline.setVisible(pinned)
        self._level()
        self.width_changed.emit()

    def wanted_width(self) -> int:
        """So wide that nothing has to scroll sideways."""
        baseline = self.baseline.width() if not self.baseline.isHidden() else 0
        return self.labels.width() + self._between + baseline + 4

    def _level(self) -> None:
        self._spread()
        bar = self.values.horizontalScrollBar()
        room = bar.sizeHint().height() if self._between > self.values.width() else 0
        for side in self._sides:
            side.setContentsMargins(0, 0, 0, room)

    def _spread(self) -> None:
        """Columns share what room is left over."""
        columns = [place for place in range(len(self._widths)) if not self.values.isColumnHidden(place)]
        extra = max(0, self.values.width() - self._between) // max(1, len(columns))
        for place in columns:
            self.values.setColumnWidth(place, self._widths[place] + extra)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        needed = self.title.sizeHint().width() + self.count.sizeHint().width() + self.choice.sizeHint().width() + 16
        self.count.setVisible(needed <= self.width())
        self._level()

    def _dress(self) -> None:
        for view in (self.labels, self.values, self.baseline):
            view.dress()
        self._fit_columns()
