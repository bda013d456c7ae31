"""The curves as a table of epochs, for those who read numbers better than lines."""

from __future__ import annotations

import math

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QDialog, QHeaderView, QTableView, QVBoxLayout, QWidget

from workbench.curves.run_curves import RunCurves
from workbench.gui import words
from workbench.gui.curves.legend import JUDGED_ANEW, REMEASURED
from workbench.gui.theme import Theme

#: Heads of the columns and the metrics in them. Those of training pictures judged anew are there if the run has any.
_COLUMNS = (
    ("Epoch", None), ("Training loss", "loss"), (f"{REMEASURED} loss", "remeasured_loss"), ("Validation loss", "val_loss"),
    ("Training accuracy", "accuracy"), (f"{REMEASURED} accuracy", "remeasured_accuracy"), ("Validation accuracy", "val_accuracy"),
    ("Time", None),
)  # fmt: skip
#: So much of the window's width for each of them: no head is cut off.
_WIDTH = 128
_Index = QModelIndex | QPersistentModelIndex


def _columns(curves: RunCurves) -> list[tuple[str, str | None]]:
    names = curves.epochs.names
    return [each for each in _COLUMNS if each[1] is None or "remeasured" not in each[1] or each[1] in names]


class _Epochs(QAbstractTableModel):
    def __init__(self, curves: RunCurves, parent: QWidget) -> None:
        super().__init__(parent)
        self._epochs = curves.epochs
        # The run may go on (or be taken back) while the table is open; what is shown stays what it was.
        self._numbers = curves.epochs.number.view.copy()
        self._seconds = curves.epochs.seconds.view.copy()
        self._columns = _columns(curves)
        self._values = {name: curves.epochs.metric(name).copy() for _, name in self._columns if name is not None}

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._numbers)

    def columnCount(self, _parent: _Index | None = None) -> int:
        return len(self._columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        head = self._columns[section][0]
        if role == Qt.ItemDataRole.ToolTipRole and head.startswith(REMEASURED):
            return JUDGED_ANEW.capitalize()
        return head if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: _Index, role: int = 0) -> object:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        row, column = index.row(), index.column()
        if column == 0:
            return words.count(int(self._numbers[row]))
        name = self._columns[column][1]
        if name is None:
            return words.clock(float(self._seconds[row]))
        value = float(self._values[name][row])
        if math.isnan(value) and name.startswith("remeasured"):  # not measured at the end of this epoch
            return "–"
        return words.percent(value) if "accuracy" in name else words.loss(value)


class CurvesTable(QDialog):
    """A window with one row an epoch."""

    def __init__(self, theme: Theme, name: str, curves: RunCurves, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Curves of {name}")
        self.setObjectName("curvesTable")
        self.table = QTableView()
        self.table.setAccessibleName(f"Epochs of {name}")
        model = _Epochs(curves, self)
        self.table.setModel(model)
        self.table.setAlternatingRowColors(True)
        self.table.setShowGrid(False)
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        for short in (0, model.columnCount() - 1):
            header.setSectionResizeMode(short, QHeaderView.ResizeMode.ResizeToContents)
        self.table.verticalHeader().setDefaultSectionSize(theme.px(28))
        column = QVBoxLayout(self)
        column.addWidget(self.table)
        self.resize(theme.px(_WIDTH * model.columnCount()), theme.px(480))
