"""The runs of a workspace as a table model, and the filter over it; knows rows, not how they are painted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)

from workbench.events import State
from workbench.gui import words
from workbench.gui.runs import facts
from workbench.gui.runs.watch import Row

Index = QModelIndex | QPersistentModelIndex


class Column(IntEnum):
    """The columns, from left to right."""

    RUN = 0
    STATE = 1
    CURVE = 2
    LOSS = 3
    ACCURACY = 4
    EPOCHS = 5
    TIME = 6
    CHIPS = 7


TITLES = ("Run", "State", "Validation loss", "Best val. loss", "Accuracy", "Epochs", "Time", "Differs from its preset")
NUMBERS = frozenset({Column.LOSS, Column.ACCURACY, Column.EPOCHS, Column.TIME})
#: The Row itself.
ROW = Qt.ItemDataRole.UserRole
#: What a column is sorted by.
SORT = Qt.ItemDataRole.UserRole + 1


class RunModel(QAbstractTableModel):
    """Every run that was not discarded, newest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []
        self._best: set[str] = set()
        #: whether waiting runs begin
        self.queue_moves = True

    @property
    def rows(self) -> Sequence[Row]:
        return self._rows

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows; only what changed is told to the views, so that selection and scroll position stay."""
        wanted = {row.run.id for row in rows}
        for place in range(len(self._rows) - 1, -1, -1):
            if self._rows[place].run.id not in wanted:
                self.beginRemoveRows(QModelIndex(), place, place)
                del self._rows[place]
                self.endRemoveRows()
        known = {row.run.id for row in self._rows}
        for place, row in enumerate(rows):
            if row.run.id not in known:
                self.beginInsertRows(QModelIndex(), place, place)
                self._rows.insert(place, row)
                self.endInsertRows()
        best = _best_of_each(rows)
        for place, (old, new) in enumerate(zip(self._rows, rows, strict=True)):
            self._rows[place] = new
            if old != new or (old.run.id in self._best) != (new.run.id in best):
                self.dataChanged.emit(self.index(place, 0), self.index(place, len(Column) - 1))
        self._best = best

    def place_of(self, run: str) -> int | None:
        return next((place for place, row in enumerate(self._rows) if row.run.id == run), None)

    def is_best(self, run: str) -> bool:
        """Whether no other run on the same pictures reached a lower validation loss."""
        return run in self._best

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return TITLES[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if Column(section) in NUMBERS else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        usual = super().flags(index)
        return usual | Qt.ItemFlag.ItemIsEditable if index.column() == Column.RUN else usual

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self._rows[index.row()]
        column = Column(index.column())
        if role == ROW:
            return row
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole, Qt.ItemDataRole.AccessibleTextRole}:
            return self.text(row, column)
        if role == SORT:
            return self._sort_key(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tooltip(row, column)
        return None

    def shown_state(self, row: Row) -> State:
        return facts.shown_state(row.run, [each.run for each in self._rows], moves=self.queue_moves)

    def text(self, row: Row, column: Column) -> str:  # noqa: PLR0911 - one line a column
        """A cell in words, as screen readers and the filter see it."""
        run = row.run
        match column:
            case Column.RUN:
                return run.name
            case Column.STATE:
                return words.state(self.shown_state(row), run.ending)
            case Column.CURVE:
                return words.plural(len(row.losses), "epoch", "epochs") if row.losses else ""
            case Column.LOSS:
                return words.loss(facts.best_loss(run))
            case Column.ACCURACY:
                return words.percent(facts.accuracy(run))
            case Column.EPOCHS:
                return f"{words.count(run.epochs)} / {words.count(run.epochs_planned)}"
            case Column.TIME:
                return words.clock(run.seconds) if run.seconds else "–"
            case Column.CHIPS:
                return ", ".join(row.chips) if row.chips else "–"

    def _sort_key(self, row: Row, column: Column) -> Any:  # noqa: PLR0911 - one line a column
        run = row.run
        match column:
            case Column.RUN | Column.CURVE:
                return run.number
            case Column.STATE:
                return words.state(self.shown_state(row), run.ending)
            case Column.LOSS:
                loss = facts.best_loss(run)
                return math.inf if loss is None or math.isnan(loss) else loss
            case Column.ACCURACY:
                accuracy = facts.accuracy(run)
                return -1.0 if accuracy is None or math.isnan(accuracy) else accuracy
            case Column.EPOCHS:
                return run.epochs
            case Column.TIME:
                return run.seconds
            case Column.CHIPS:
                return ", ".join(row.chips or ())

    def _tooltip(self, row: Row, column: Column) -> str | None:
        match column:
            case Column.RUN:
                return f"{row.run.name}: {row.line}" if row.line else row.run.name
            case Column.STATE if row.run.state is State.ENDED:
                return facts.reason(row.run)
            case Column.LOSS if self.is_best(row.run.id):
                return "The lowest of the runs on the same pictures."
            case Column.CHIPS if row.chips:
                return "\n".join(row.chips)
            case _:
                return None


def _best_of_each(rows: Sequence[Row]) -> set[str]:
    """The best run on each set of pictures that at least two runs have seen."""
    groups: dict[str, list[tuple[float, str]]] = {}
    for row in rows:
        loss = facts.best_loss(row.run)
        if row.pictures and loss is not None and math.isfinite(loss):
            groups.setdefault(row.pictures, []).append((loss, row.run.id))
    return {min(group)[1] for group in groups.values() if len(group) > 1}


class RunFilter(QSortFilterProxyModel):
    """The rows whose words contain every word of the filter; one run is never filtered away: the one in focus."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._words: tuple[str, ...] = ()
        self._kept: str | None = None
        self.setSortRole(SORT)
        self.setDynamicSortFilter(True)

    def set_words(self, text: str) -> None:
        self._words = tuple(text.casefold().split())
        self.invalidate()

    def keep(self, run: str | None) -> None:
        """The run in focus stays in view, whatever the filter says."""
        self._kept = run
        if self._words:
            self.invalidate()

    @property
    def model(self) -> RunModel:
        model = self.sourceModel()
        assert isinstance(model, RunModel)
        return model

    def filterAcceptsRow(self, source_row: int, _parent: Index) -> bool:
        if not self._words:
            return True
        row = self.model.rows[source_row]
        if row.run.id == self._kept:
            return True
        texts = (self.model.text(row, column) for column in (Column.RUN, Column.STATE, Column.CHIPS))
        found = " ".join((*texts, row.line, row.run.preset)).casefold()
        return all(word in found for word in self._words)
