"""The curves as a table of epochs, for those who read numbers better than lines."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QDialog, QHeaderView, QTableView, QVBoxLayout, QWidget

from workbench.curves.run_curves import RunCurves
from workbench.gui import words
from workbench.gui.theme import Theme

_HEADS = ("Epoch", "Training loss", "Validation loss", "Training accuracy", "Validation accuracy", "Time")
_METRICS = (None, "loss", "val_loss", "accuracy", "val_accuracy", None)
_Index = QModelIndex | QPersistentModelIndex


class _Epochs(QAbstractTableModel):
    def __init__(self, curves: RunCurves, parent: QWidget) -> None:
        super().__init__(parent)
        self._epochs = curves.epochs
        # The run may go on (or be taken back) while the table is open; what is shown stays what it was.
        self._numbers = curves.epochs.number.view.copy()
        self._seconds = curves.epochs.seconds.view.copy()
        self._values = {name: curves.epochs.metric(name).copy() for name in _METRICS if name is not None}

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._numbers)

    def columnCount(self, _parent: _Index | None = None) -> int:
        return len(_HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _HEADS[section]
        return None

    def data(self, index: _Index, role: int = 0) -> object:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        row, column = index.row(), index.column()
        if column == 0:
            return words.count(int(self._numbers[row]))
        name = _METRICS[column]
        if name is None:
            return words.clock(float(self._seconds[row]))
        value = float(self._values[name][row])
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
        self.table.setModel(_Epochs(curves, self))
        self.table.setAlternatingRowColors(True)
        self.table.setShowGrid(False)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.verticalHeader().setDefaultSectionSize(theme.px(28))
        column = QVBoxLayout(self)
        column.addWidget(self.table)
        self.resize(theme.px(720), theme.px(480))
