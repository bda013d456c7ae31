"""The runs of a workspace as a table model, and the filter over it; knows rows, not how they are painted."""

from __future__ import annotations

from collections.abc import Sequence
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
from workbench.gui.runs.columns import LARGEST_FIRST, NUMBERS, TITLES, Column, in_order, sort_key, standings
from workbench.gui.runs.search import Search
from workbench.gui.runs.watch import Row
from workbench.gui.text import plain_tip
from workbench.journal import Run
from workbench.journal.shown import Shown

Index = QModelIndex | QPersistentModelIndex


#: The Row itself.
ROW = Qt.ItemDataRole.UserRole
#: Why a best value is grey.
GREYED = "No difference from {} is shown: it is within the spread between seeds."
#: How many columns there are; Qt asks some hundred thousand times, and counting an enumeration is slow.
COLUMNS = len(Column)


class RunModel(QAbstractTableModel):
    """Every run that was neither discarded nor put into the trash, sorted; at first newest first.

    The rows are sorted here and not by the filter over it: that would ask Python ten thousand times which of two
    comes first.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []
        self._unended: list[Run] = []
        self._standings: dict[str, tuple[int, int]] = {}
        self._column, self._descending = Column.RUN, True
        #: whose eye is open, in which colour, and which run is the baseline
        self.shown = Shown()
        self._against = ""
        #: whether waiting runs begin
        self.queue_moves = True

    @property
    def rows(self) -> Sequence[Row]:
        return self._rows

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows; only what changed is told to the views, so that selection and scroll position stay."""
        self._unended = [row.run for row in rows if row.run.state is not State.ENDED]
        rows = self._sorted(rows)
        wanted = {row.run.id for row in rows}
        for first, last in reversed(_stretches([row.run.id not in wanted for row in self._rows])):
            self.beginRemoveRows(QModelIndex(), first, last)
            del self._rows[first : last + 1]
            self.endRemoveRows()
        before = {row.run.id: row for row in self._rows}
        self._put_in_order([before[row.run.id] for row in rows if row.run.id in before])
        for first, last in _stretches([row.run.id not in before for row in rows]):
            self.beginInsertRows(QModelIndex(), first, last)
            self._rows[first:first] = rows[first : last + 1]
            self.endInsertRows()
        ranked, self._standings = self._standings, standings(rows)
        changed = [
            old != new or ranked.get(old.run.id) != self._standings.get(new.run.id)
            for old, new in zip(self._rows, rows, strict=True)
        ]
        self._rows = rows
        for first, last in _stretches(changed):
            self.dataChanged.emit(self.index(first, 0), self.index(last, COLUMNS - 1))
        against, self._against = self._against, next((row.against for row in rows), "")
        if self._against != against:
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, Column.CHIPS, Column.CHIPS)

    def set_shown(self, shown: Shown) -> None:
        """Eyes were opened or closed, or the baseline is another; only what changed is told to the views."""
        before, self.shown = self.shown, shown
        turned = before.runs ^ shown.runs
        turned |= {before.baseline, shown.baseline} if before.baseline != shown.baseline else set()
        if self._column is Column.SHOW:
            self._put_in_order(self._sorted(self._rows))
        for first, last in _stretches([row.run.id in turned for row in self._rows]):
            self.dataChanged.emit(self.index(first, Column.SHOW), self.index(last, Column.RUN))

    def is_shown(self, run: str) -> bool:
        return run in self.shown.runs

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by the best epoch's value or whatever the column tells; pinned runs stay on top."""
        self._column, self._descending = Column(column), order == Qt.SortOrder.DescendingOrder
        self._put_in_order(self._sorted(self._rows))

    def _sorted(self, rows: Sequence[Row]) -> list[Row]:
        slots = {run: self.shown.slots[run] for run in self.shown.runs}
        keys = [sort_key(row, self._column, self.shown_state(row), slots.get(row.run.id)) for row in rows]
        return in_order(rows, keys, descending=self._descending)

    def _put_in_order(self, rows: list[Row]) -> None:
        """The same rows in another order; what is selected stays so."""
        if all(old is new for old, new in zip(self._rows, rows, strict=True)):
            return
        self.layoutAboutToBeChanged.emit()
        kept = [(index, self._rows[index.row()].run.id) for index in self.persistentIndexList()]
        self._rows = rows
        places = {row.run.id: place for place, row in enumerate(rows)} if kept else {}
        self.changePersistentIndexList(
            [index for index, _ in kept], [self.index(places[run], index.column()) for index, run in kept]
        )
        self.layoutChanged.emit()

    def place_of(self, run: str) -> int | None:
        return next((place for place, row in enumerate(self._rows) if row.run.id == run), None)

    def is_baseline(self, run: str) -> bool:
        return run == self.shown.baseline

    def is_best(self, run: str) -> bool:
        """Whether no other run on the same pictures reached a lower validation loss."""
        return self._standings.get(run, (0, 0))[0] == 1

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else COLUMNS

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return f"Differs from {self._against}" if section == Column.CHIPS and self._against else TITLES[section]
        if role == Qt.ItemDataRole.InitialSortOrderRole:
            largest = Column(section) in LARGEST_FIRST
            return Qt.SortOrder.DescendingOrder if largest else Qt.SortOrder.AscendingOrder
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
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(self._tooltip(row, column) or "")
        return None

    def shown_state(self, row: Row) -> State:
        return facts.shown_state(row.run, self._unended, moves=self.queue_moves)

    def text(self, row: Row, column: Column) -> str:  # noqa: C901, PLR0911 - one line a column
        """A cell in words, as screen readers and the filter see it."""
        run = row.run
        match column:
            case Column.SHOW:
                return "shown" if self.is_shown(run.id) else "hidden"
            case Column.RUN:
                return run.name
            case Column.STATE:
                return words.state(self.shown_state(row), run.ending)
            case Column.CURVE:
                return words.plural(len(row.losses), "epoch", "epochs") if row.losses else ""
            case Column.LOSS:
                return words.loss(facts.best_loss(run))
            case Column.ACCURACY:
                return words.percent(facts.best_accuracy(run))
            case Column.EPOCHS:
                return f"{words.count(run.epochs)} / {words.count(run.epochs_planned)}"
            case Column.TIME:
                return words.clock(run.seconds) if run.seconds else "–"
            case Column.CHIPS:
                return ", ".join(row.chips) if row.chips else "–"
            case Column.NOTES:
                return " ".join((*(f"#{tag}" for tag in run.tags), facts.first_line(run.note))).strip() or "–"

    def _tooltip(self, row: Row, column: Column) -> str | None:  # noqa: PLR0911 - one line a column
        match column:
            case Column.SHOW:
                return "Hide it in the plots" if self.is_shown(row.run.id) else "Show it in the plots"
            case Column.RUN:
                marks = [
                    *(["pinned"] if row.run.pinned else []),
                    *(["baseline"] if self.is_baseline(row.run.id) else []),
                ]
                name = f"{row.run.name} ({', '.join(marks)})" if marks else row.run.name
                return f"{name}: {row.line}" if row.line else name
            case Column.STATE if row.run.state is State.ENDED:
                return facts.reason(row.run)
            case Column.LOSS if row.run.id in self._standings:
                place, of = self._standings[row.run.id]
                among = f"of the {words.count(of)} runs on the same pictures"
                told = f"The lowest {among}." if place == 1 else f"Number {words.count(place)} {among}."
                return f"{told}\n{GREYED.format(row.against)}" if row.greyed else told
            case Column.CHIPS if row.chips:
                return "\n".join(row.chips)
            case Column.NOTES if row.run.tags or row.run.note:
                return "\n".join(
                    (*(("Tags: " + ", ".join(row.run.tags),) if row.run.tags else ()), row.run.note)
                ).strip()
            case _:
                return None


def _stretches(wanted: Sequence[bool]) -> list[tuple[int, int]]:
    """First and last place of each stretch without a gap."""
    found: list[tuple[int, int]] = []
    for place, here in enumerate(wanted):
        if not here:
            continue
        if found and found[-1][1] == place - 1:
            found[-1] = found[-1][0], place
        else:
            found.append((place, place))
    return found


class RunFilter(QSortFilterProxyModel):
    """The rows that a search finds, in the order of the model; one run is never filtered away: the one in focus."""

    def __init__(self, runs: RunModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.model = runs
        self._search = Search()
        self._kept: str | None = None
        self.setSourceModel(runs)

    def set_words(self, text: str) -> None:
        search = Search.of(text)
        if search != self._search:
            self._search = search
            self.invalidate()

    def keep(self, run: str | None) -> None:
        """The run in focus stays in view, whatever the filter says."""
        if run == self._kept:
            return
        self._kept = run
        if self._search:
            self.invalidate()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self.model.sort(column, order)

    def filterAcceptsRow(self, source_row: int, _parent: Index) -> bool:
        if not self._search:
            return True
        row = self.model.rows[source_row]
        return row.run.id == self._kept or self._search.finds(row, self.model.shown_state(row))
