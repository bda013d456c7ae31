"""The network as a tree of rows that graph and table share: opens and closes blocks, zooms, copies the table.

Only rows in view are painted. What a person has opened or closed stays so when the network is planned anew.
"""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QHeaderView, QStyledItemDelegate, QStyleOptionViewItem, QTreeView, QWidget

from workbench.gui import words
from workbench.gui.model import telling
from workbench.gui.model.drawing import Drawing, draw, opening
from workbench.gui.model.painter import Geometry, Row, RowPainter
from workbench.gui.model.rows import NUMBERS, TITLES, Column, NetworkModel, Told
from workbench.gui.theme import Theme

#: Heights of a row at each zoom; the third is the usual one.
ROW_HEIGHTS = (16, 18, 22, 28, 36, 48)
USUAL = 2
_HEADER, _INDENT, _PAD = 28, 16, 8
_NAME_LEAST, _NAME_MOST = 168, 250
#: What leaves first where the page is narrow.
LEAVING = (Column.MEMORY, Column.FIELD)
_WHEEL_STEP = 120


class _Heights(QStyledItemDelegate):
    """Knows how high a row is; rows are painted by the view."""

    height = 22

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(10, self.height)


class NetworkView(QTreeView):
    """Graph and table of a network."""

    #: The table was copied (how many rows).
    copied = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._painter = RowPainter(theme)
        self._heights = _Heights(self)
        self._zoom = USUAL
        self._wheel = 0
        self._alone = False
        #: blocks that the person opened or closed, by their paths
        self._wishes: dict[str, bool] = {}
        #: the blocks that were open at first, and those that were when the graph was drawn last
        self._first: set[int] = set()
        self._opened: frozenset[int] = frozenset()
        self._drawing: Drawing | None = None
        self._row_of: dict[int, int] = {}
        self._graph = Geometry(theme, 0, 2, alone=False)
        self.rows = NetworkModel(self)
        self.setObjectName("networkTree")
        self.setAccessibleName("Layers of the network")
        self.setModel(self.rows)
        self.setItemDelegate(self._heights)
        self._set_up()
        theme.changed.connect(self._dress)
        self._dress()

    def _set_up(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformRowHeights(True)
        self.setTreePosition(Column.LAYER)
        self.setSelectionBehavior(QTreeView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QTreeView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QTreeView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QTreeView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionsMovable(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setHighlightSections(False)
        header.setMinimumSectionSize(0)

    def _dress(self) -> None:
        theme = self._theme
        card, line = theme.hex("card"), theme.hex("line")
        self.setStyleSheet(
            f"QTreeView {{ background: {card}; border: none; }}"
            f"QHeaderView {{ background: {card}; border: none; border-bottom: 1px solid {line}; }}"
            f"QHeaderView::section {{ background: {card}; border: none; }}"
        )
        self.header().setFont(theme.font("caption"))
        self.header().setFixedHeight(theme.px(_HEADER))
        self.setIndentation(theme.px(_INDENT))
        self._set_zoom(self._zoom)

    # --- what is shown ------------------------------------------------------------------------------------

    def show_network(self, told: Told | None) -> None:
        """Show another network; the same blocks stay open, and the same row stays selected."""
        index = self.currentIndex()
        current = self.rows.node(index).path if index.isValid() else ""
        top = self.verticalScrollBar().value()
        self._keep_wishes(told)
        self.rows.show_network(told)
        tree = self.rows.tree
        self._first = opening(tree)
        for node in tree:
            if node.children and self._wishes.get(node.path, node.number in self._first):
                self.expand(self.rows.index_of(node.number))
        found = next((node.number for node in tree if node.path == current), 0)
        if tree:
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.selectionModel().setCurrentIndex(self.rows.index_of(found), flags)
        self._drawing = None
        self.viewport().update()
        self.executeDelayedItemsLayout()
        self.verticalScrollBar().setValue(top)

    def _keep_wishes(self, told: Told | None) -> None:
        """What is open otherwise than at first is so by the person's will, as long as the architecture is the same."""
        before = self.rows.told
        if told is None or before is None or told.kind != before.kind:
            self._wishes.clear()
            return
        opened = self._now_open()
        for node in self.rows.tree:
            if node.children and (node.number in opened) != (node.number in self._first):
                self._wishes[node.path] = node.number in opened

    def _now_open(self) -> frozenset[int]:
        """The blocks that are open. Asked of Qt, which does not tell of all ways to open them."""
        return frozenset(
            node.number for node in self.rows.tree if node.children and self.isExpanded(self.rows.index_of(node.number))
        )

    def set_alone(self, alone: bool) -> None:  # noqa: FBT001 - reads like Qt's own setters
        """The graph alone, or with its table."""
        self._alone = alone
        self._fit_columns()
        self.viewport().update()

    @property
    def drawing(self) -> Drawing:
        """The rows in view and the lines between them."""
        opened = self._now_open()
        if self._drawing is None or opened != self._opened:
            self._opened = opened
            self._drawing = draw(self.rows.tree, opened)
            self._row_of = {number: row for row, number in enumerate(self._drawing.rows)}
        return self._drawing

    # --- zoom and columns -------------------------------------------------------------------------------------

    @property
    def zoom(self) -> int:
        """Which of ROW_HEIGHTS a row has."""
        return self._zoom

    def zoom_in(self) -> None:
        self._set_zoom(self._zoom + 1)

    def zoom_out(self) -> None:
        self._set_zoom(self._zoom - 1)

    def zoom_usual(self) -> None:
        self._set_zoom(USUAL)

    def _set_zoom(self, zoom: int) -> None:
        self._zoom = max(0, min(zoom, len(ROW_HEIGHTS) - 1))
        self._heights.height = self._theme.px(ROW_HEIGHTS[self._zoom])
        self.doItemsLayout()
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())

    def _fit_columns(self) -> None:
        """The graph as wide as its lanes need, numbers as wide as they get, the name takes what is left."""
        told, px = self.rows.told, self._theme.px
        if told is None:
            return
        self._graph = Geometry(self._theme, self.drawing.lanes, told.largest, alone=self._alone)
        widths = self._widths(told)
        shown = [] if self._alone else list(widths)
        for column in LEAVING:
            free = self.viewport().width() - self._graph.width - sum(widths[each] for each in shown)
            if free < px(_NAME_LEAST) and column in shown:
                shown.remove(column)
        free = self.viewport().width() - self._graph.width - sum(widths[each] for each in shown)
        self.setColumnWidth(Column.GRAPH, self._graph.width)
        self.setColumnWidth(Column.LAYER, max(px(_NAME_LEAST), min(px(_NAME_MOST), free)))
        for column, width in widths.items():
            self.setColumnHidden(column, column not in shown)
            self.setColumnWidth(column, width)

    def _widths(self, told: Told) -> dict[Column, int]:
        """By the longest words that can stand in a column, so that none moves when blocks are opened."""
        metrics, head = QFontMetrics(self._theme.font("secondary")), QFontMetrics(self._theme.font("caption"))
        longest = {
            Column.OUTPUT: max((telling.shape(each) for each in {layer.shape for layer in told.plan.layers}), key=len),
            Column.PARAMETERS: words.count(told.costs.parameters),
            Column.MULTIPLY_ADDS: f"888{words.NO_BREAK}M",
            Column.MEMORY: f"888{words.NO_BREAK}MB",
            Column.FIELD: max((telling.field(each) for each in set(told.fields.values())), key=len),
        }
        pad = 2 * self._theme.px(_PAD) + 4
        return {
            column: max(metrics.horizontalAdvance(text), head.horizontalAdvance(TITLES[column])) + pad
            for column, text in longest.items()
        }

    # --- painting -------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        before = self._drawing
        if self.drawing is not before:
            self._fit_columns()
        super().paintEvent(event)

    def drawRow(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """In place of Qt's own: one row of the graph and of the table."""
        rect: QRect = option.rect
        row = self._row(index.internalId())
        left = self.columnViewportPosition(Column.LAYER)
        ground = QRect(left, rect.top(), max(0, self.viewport().width() - left), rect.height())
        self._painter.ground(painter, ground, selected=row.selected, focused=row.selected and self.hasFocus())
        start = self.columnViewportPosition(Column.GRAPH)
        self._painter.graph(painter, QRect(start, rect.top(), self._graph.width, rect.height()), row, self._graph)
        self._name(painter, rect, row)
        for column in Column:
            if column > Column.LAYER and not self.isColumnHidden(column):
                pad = self._theme.px(_PAD)
                place = QRect(self.columnViewportPosition(column), rect.top(), self.columnWidth(column), rect.height())
                text = self.rows.text(self.rows.tree[index.internalId()], column)
                self._painter.cell(painter, place.adjusted(pad, 0, -pad, 0), text, row, right=column in NUMBERS)

    def _row(self, number: int) -> Row:
        drawing = self._drawing or self.drawing  # as it stands: asked once for each frame
        node, row = self.rows.tree[number], self._row_of[number]
        current = self.currentIndex()
        chosen = self._row_of.get(current.internalId(), -1) if current.isValid() else -1
        return Row(
            row, node, self.rows.label(node), telling.detail(node.part), drawing.at[row],
            above=row - 1 in drawing.spine, below=row in drawing.spine, opened=number in self._opened,
            selected=row == chosen, chosen=chosen,
        )  # fmt: skip

    def _name(self, painter: QPainter, rect: QRect, row: Row) -> None:
        """Chevron and name, further right the deeper the block."""
        theme = self._theme
        level = self._level(row.node.number)
        left = self.columnViewportPosition(Column.LAYER) + level * self.indentation()
        if row.node.children:
            side = theme.px(12)
            chevron = theme.pixmap("chevron-down" if row.opened else "chevron-right", "text2", 12)
            painter.drawPixmap(left + (self.indentation() - side) // 2 + 3, rect.center().y() - side // 2, chevron)
        start = left + self.indentation() + 6
        end = self.columnViewportPosition(Column.LAYER) + self.columnWidth(Column.LAYER)
        self._painter.name(painter, QRect(start, rect.top(), max(0, end - start - 4), rect.height()), row)

    def _level(self, number: int) -> int:
        level, above = 0, self.rows.tree[number].parent
        while above is not None:
            level, above = level + 1, self.rows.tree[above].parent
        return level

    # --- keys and wheel ---------------------------------------------------------------------------------------------

    def table_text(self) -> str:
        """The rows in view as lines with tabs between the columns, the titles first and the totals last."""
        told = self.rows.told
        if told is None:
            return ""
        columns = [column for column in Column if column is not Column.GRAPH]
        lines = [[TITLES[column] for column in columns]]
        for number in self.drawing.rows:
            node = self.rows.tree[number]
            cells = [self.rows.text(node, column) for column in columns]
            cells[0] = "  " * self._level(number) + " ".join(filter(None, (cells[0], telling.detail(node.part))))
            lines.append(cells)
        return "\n".join([f"{told.title} · {told.totals}", *("\t".join(cells) for cells in lines)]) + "\n"

    def copy_table(self) -> None:
        """The table, as far as it is opened, to the clipboard."""
        QGuiApplication.clipboard().setText(self.table_text())
        self.copied.emit(len(self.drawing.rows))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_table()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._turn_current()
        elif control and event.key() in {Qt.Key.Key_Plus, Qt.Key.Key_Equal}:
            self.zoom_in()
        elif control and event.key() == Qt.Key.Key_Minus:
            self.zoom_out()
        elif control and event.key() == Qt.Key.Key_0:
            self.zoom_usual()
        else:
            super().keyPressEvent(event)

    def _turn_current(self) -> None:
        """Open the block of the current row, or close it."""
        index = self.currentIndex().siblingAtColumn(Column.GRAPH)
        if index.isValid():
            self.setExpanded(index, not self.isExpanded(index))

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(event)
            return
        # A touchpad tells of a step in many small parts.
        self._wheel += event.angleDelta().y()
        steps = int(self._wheel / _WHEEL_STEP)
        if steps:
            self._wheel -= steps * _WHEEL_STEP
            self._set_zoom(self._zoom + steps)
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_columns()
