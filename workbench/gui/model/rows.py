"""The rows of a network for Qt's views: a tree of blocks and layers with a column for each number.

Column GRAPH has no text; the view paints there. What a row says comes from `telling`, once it is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from workbench.gui.model import telling
from workbench.gui.model.drawing import Node, nodes
from workbench.gui.model.xray import Shown, Side, dead_text
from workbench.gui.text import plain_tip
from workbench.network.blocks import blocks
from workbench.network.costs import Costs, costs
from workbench.network.fields import Field, receptive_fields
from workbench.network.plan import Plan
from workbench.spec.recipe import Recipe

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class Column(IntEnum):
    """The columns, from left to right."""

    GRAPH = 0
    LAYER = 1
    OUTPUT = 2
    PARAMETERS = 3
    MULTIPLY_ADDS = 4
    MEMORY = 5
    FIELD = 6
    DEAD = 7
    SIGNAL = 8
    GRADIENT = 9


TITLES = ("Graph", "Layer", "Output", "Parameters", "Multiply-adds", "Memory", "Sees", "Dead", "Signal", "Gradient")
NUMBERS = frozenset({Column.PARAMETERS, Column.MULTIPLY_ADDS, Column.MEMORY, Column.FIELD, Column.DEAD})
SIDES = {Column.SIGNAL: Side.SIGNAL, Column.GRADIENT: Side.GRADIENT}
_TIPS = {
    Column.OUTPUT: "Rows × columns × channels of one picture's result, or how many numbers",
    Column.PARAMETERS: "All its numbers, also those that no optimizer changes, such as moving averages",
    Column.MULTIPLY_ADDS: "Multiplications with addition for one picture, forward. People who say FLOPs count one or two for each",
    Column.MEMORY: "What its result takes for a batch in the recipe's precision",
    Column.DEAD: "Share of units that give 0 for every one of the pictures: they learn nothing any more. Of a block the most in it",
    Column.SIGNAL: "Spread of all numbers that the layer gives, over the input's. Healthy from 0.1 to 10",
    Column.GRADIENT: "Length of the loss' gradient by what the layer gives, over its length at the loss, with what a mean of all places "
    "takes put back. Healthy from 0.1 to 10",
    Column.FIELD: "Rows × columns of the picture that one number of its result depends on, as if the picture went on beyond its edges",
}


@dataclass(frozen=True)
class Told:
    """A network with all that is told of it."""

    title: str
    #: the architecture, as the recipe names it
    kind: str
    plan: Plan
    costs: Costs
    fields: Mapping[str, Field]
    #: the pictures of a batch, at most all that there are to learn from
    batch: int

    @classmethod
    def of(cls, title: str, plan: Plan, recipe: Recipe, samples: int | None = None) -> Told:
        """All that is told of a plan at the recipe's batch size and precision, with so many training pictures, where known."""
        training = recipe.training
        batch = training.batch_of(samples)
        return cls(title, recipe.model.kind, plan, costs(plan, training, samples), receptive_fields(plan), batch)

    @property
    def largest(self) -> int:
        """The longer side of the largest map, in pixels; at least 2."""
        return max([2, *(max(layer.shape[:2]) for layer in self.plan.layers if len(layer.shape) > 1)])

    @property
    def totals(self) -> str:
        """The line under the title."""
        maps = [layer for layer in self.plan.layers if len(layer.shape) > 1]
        last = self.fields[maps[-1].name] if maps else None
        classes = len(self.plan.layers[-1].shape) == 1
        return telling.totals(self.costs, self.batch, last, classes=classes)


class NetworkModel(QAbstractItemModel):
    """A network's blocks and layers."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.told: Told | None = None
        #: the X-ray whose values stand in the last three columns
        self.xray: Shown | None = None
        self.tree: list[Node] = []
        self._roots: list[int] = []
        self._cells: dict[int, tuple[str, ...]] = {}

    def show_network(self, told: Told | None) -> None:
        """Show another network, or none."""
        self.beginResetModel()
        self.told = told
        self.tree = nodes(blocks(told.plan)) if told is not None else []
        self._roots = [node.number for node in self.tree if node.parent is None]
        self._cells = {}
        self.endResetModel()

    def show_xray(self, xray: Shown | None) -> None:
        """Show the values of another X-ray, or none."""
        self.xray = xray
        if self._roots:
            first, last = self.index_of(self._roots[0], Column.DEAD), self.index_of(self._roots[-1], Column.GRADIENT)
            self.dataChanged.emit(first, last)

    # --- what a row says ---------------------------------------------------------------------------------

    def node(self, index: Index) -> Node:
        return self.tree[index.internalId()]

    def label(self, node: Node) -> str:
        around = self.tree[node.parent].path if node.parent is not None else ""
        return telling.label(node.part, around)

    def dead(self, node: Node) -> float | None:
        """The share of dead units of a row."""
        return None if self.xray is None else self.xray.dead(node.part)

    def text(self, node: Node, column: Column) -> str:
        """The words of a cell."""
        match column:
            case Column.GRAPH:
                return ""
            case Column.LAYER:
                return self.label(node)
            case Column.SIGNAL | Column.GRADIENT:
                return self.xray.text(node.part, SIDES[column]) if self.xray is not None else ""
            case Column.DEAD:
                dead = self.dead(node)
                return "" if dead is None else dead_text(dead)
            case _:
                if node.number not in self._cells:
                    assert self.told is not None
                    self._cells[node.number] = telling.cells(node.part, self.told.costs, self.told.fields)
                return self._cells[node.number][column - Column.OUTPUT]

    # --- Qt's model ----------------------------------------------------------------------------------------

    def index_of(self, number: int, column: int = Column.GRAPH) -> QModelIndex:
        return self.createIndex(self.tree[number].place, column, number)

    def index(self, row: int, column: int, parent: Index = _ROOT) -> QModelIndex:
        siblings = self.node(parent).children if parent.isValid() else self._roots
        if parent.column() > 0 or not 0 <= row < len(siblings) or not 0 <= column < len(Column):
            return QModelIndex()
        return self.createIndex(row, column, siblings[row])

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override] # the other overload is QObject's parent
        above = self.node(index).parent if index.isValid() else None
        return QModelIndex() if above is None else self.index_of(above)

    def rowCount(self, parent: Index = _ROOT) -> int:
        if not parent.isValid():
            return len(self._roots)
        return len(self.node(parent).children) if parent.column() == 0 else 0

    def columnCount(self, _parent: Index = _ROOT) -> int:
        return len(Column)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: PLR0911 - one line a role
        if not index.isValid():
            return None
        node, column = self.node(index), Column(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.text(node, column)
            case Qt.ItemDataRole.ToolTipRole if column >= Column.DEAD and self.xray is not None:
                return plain_tip(self.xray.told(node.part, self.label(node)))
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(telling.explained(node.part))
            case Qt.ItemDataRole.AccessibleTextRole if column in {Column.GRAPH, Column.LAYER}:
                return f"{self.label(node)}. {telling.explained(node.part)}"
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{TITLES[column]} {self.text(node, column)}"
            case Qt.ItemDataRole.TextAlignmentRole if column in NUMBERS:
                return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            case _:
                return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        column = Column(section)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return "" if column is Column.GRAPH else TITLES[column]
            case Qt.ItemDataRole.AccessibleTextRole:
                return TITLES[column]
            case Qt.ItemDataRole.ToolTipRole:
                return _TIPS.get(column)
            case Qt.ItemDataRole.TextAlignmentRole:
                side = Qt.AlignmentFlag.AlignRight if column in NUMBERS else Qt.AlignmentFlag.AlignLeft
                return int(side | Qt.AlignmentFlag.AlignVCenter)
            case _:
                return None
