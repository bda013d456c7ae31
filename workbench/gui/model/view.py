"""The network as a tree of rows that graph and table share: opens and closes blocks, zooms, copies the table.

Only rows in view are painted. What a person has opened or closed stays so when the network is planned anew.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QStyledItemDelegate, QStyleOptionViewItem, QTreeView, QWidget

from workbench.gui.model import telling
from workbench.gui.model.columns import PAD, Parts, fitted, natural
from workbench.gui.model.drawing import Drawing, draw, opening
from workbench.gui.model.header import Header
from workbench.gui.model.painter import Geometry, Row, RowPainter
from workbench.gui.model.rows import NUMBERS, SIDES, TITLES, Column, NetworkModel, Told
from workbench.gui.model.xray import Shown, last_layer
from workbench.gui.model.xray_painter import Point, XRayPainter
from workbench.gui.theme import Theme

#: Heights of a row at each zoom; the third is the usual one.
ROW_HEIGHTS = (16, 18, 22, 28, 36, 48)
USUAL = 2
_INDENT = 16
#: Rows above and below those in view to which lines go on: at most so many opened blocks lie between two layers.
_BEYOND = 8
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
        self._painter, self._xray = RowPainter(theme), XRayPainter(theme)
        self._heights = _Heights(self)
        self._zoom = USUAL
        self._wheel = 0
        self._parts = Parts.TABLE
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
        self._header = Header(self._theme, self)
        self.setHeader(self._header)

    def _dress(self) -> None:
        theme = self._theme
        card, line = theme.hex("card"), theme.hex("line")
        self.setStyleSheet(
            f"QTreeView {{ background: {card}; border: none; }}"
            f"QHeaderView {{ background: {card}; border: none; border-bottom: 1px solid {line}; }}"
            f"QHeaderView::section {{ background: {card}; border: none; }}"
        )
        self._header.dress()
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

    def show_parts(self, parts: Parts) -> None:
        """The graph alone, with its table, or with table and X-ray."""
        self._parts = parts
        self._header.show_axes(parts is Parts.XRAY)
        self._fit_columns()
        self.viewport().update()

    def show_xray(self, shown: Shown | None) -> None:
        """Draw another X-ray over the rows, or none."""
        self.rows.show_xray(shown)
        self._describe()
        self.viewport().update()

    def _describe(self) -> None:
        """Screen readers are told what the X-ray says, in all and of the selected row."""
        shown, index = self.rows.xray, self.currentIndex()
        if shown is None or not index.isValid():
            self.setAccessibleDescription("")
            return
        node = self.rows.node(index)
        stale = "Of the recipe before the last change. " if shown.stale else ""
        self.setAccessibleDescription(f"{stale}{shown.sentence} {shown.told(node.part, self.rows.label(node))}")

    def currentChanged(
        self, current: QModelIndex | QPersistentModelIndex, previous: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().currentChanged(current, previous)
        self._describe()

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
        """The graph as wide as its lanes need; of the rest what there is room for."""
        told = self.rows.told
        if told is None:
            return
        alone = self._parts is Parts.GRAPH
        self._graph = Geometry(self._theme, self.drawing.lanes, told.largest, alone=alone)
        room = self.viewport().width() - self._graph.width
        shown = {Column.GRAPH: self._graph.width, **fitted(natural(told, self._theme), room, self._parts, self._theme)}
        for column in Column:
            self.setColumnHidden(column, column not in shown)
            if column in shown:
                self.setColumnWidth(column, shown[column])

    # --- painting -------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        before = self._drawing
        if self.drawing is not before:
            self._fit_columns()
        super().paintEvent(event)
        if self.rows.xray is not None and self._parts is Parts.XRAY:
            self._paint_xray(self.rows.xray)

    def _paint_xray(self, shown: Shown) -> None:
        """Both plots over their columns, down to the last row, and around the selected row a frame."""
        painter = QPainter(self.viewport())
        points = list(self._points())
        top, height = self._rows_at()
        bottom = min(self.viewport().height(), top + height * len(self.drawing.rows))
        for column, side in SIDES.items():
            area = QRectF(self.columnViewportPosition(column), 0, self.columnWidth(column), bottom)
            self._xray.plot(painter, area, side, shown, points)
        row = self._row_of.get(self.currentIndex().internalId(), -1) if self.currentIndex().isValid() else -1
        if row >= 0:
            left = self.columnViewportPosition(Column.SIGNAL)
            width = self.columnWidth(Column.SIGNAL) + self.columnWidth(Column.GRADIENT) - 1
            painter.setPen(self._theme.colour("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(left + 0.5, top + row * height + 0.5, width - 1, height - 1))
        painter.end()

    def _rows_at(self) -> tuple[int, int]:
        """Where the first row begins, in view or above it, and how high each is."""
        return self.visualRect(self.rows.index_of(self.drawing.rows[0])).top(), self._heights.height

    def _points(self) -> Iterator[Point]:
        """The rows in view, with some above and below, so that lines go on out of sight."""
        top, height = self._rows_at()
        first = max(0, -top // height - _BEYOND)
        last = (self.viewport().height() - top) // height + _BEYOND
        current = self.currentIndex()
        for place, number in enumerate(self.drawing.rows[first:last], first):
            chosen = current.isValid() and current.internalId() == number
            layer = last_layer(self.rows.tree[number].part)
            yield Point(top + (place + 0.5) * height, layer, chosen, opened=number in self._opened)

    def drawRow(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """In place of Qt's own: one row of the graph and of the table."""
        rect: QRect = option.rect
        row = self._row(index.internalId())
        left = self.columnViewportPosition(Column.LAYER)
        right = self.viewport().width()
        if self._parts is Parts.XRAY:
            right = self.columnViewportPosition(Column.SIGNAL)
        ground = QRect(left, rect.top(), max(0, right - left), rect.height())
        self._painter.ground(painter, ground, selected=row.selected, focused=row.selected and self.hasFocus())
        start = self.columnViewportPosition(Column.GRAPH)
        self._painter.graph(painter, QRect(start, rect.top(), self._graph.width, rect.height()), row, self._graph)
        self._name(painter, rect, row)
        for column in Column:
            if column > Column.LAYER and column not in SIDES and not self.isColumnHidden(column):
                pad = self._theme.px(PAD)
                place = QRect(self.columnViewportPosition(column), rect.top(), self.columnWidth(column), rect.height())
                self._cell(painter, place.adjusted(pad, 0, -pad, 0), row, column)

    def _cell(self, painter: QPainter, place: QRect, row: Row, column: Column) -> None:
        text, dead = self.rows.text(row.node, column), self.rows.dead(row.node)
        if column is not Column.DEAD:
            self._painter.cell(painter, place, text, row, right=column in NUMBERS)
        elif dead is not None:
            stale = self.rows.xray is not None and self.rows.xray.stale
            self._painter.dead(painter, place, dead, text, selected=row.selected, stale=stale)

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
        left_out = {Column.GRAPH} if self.rows.xray is not None else {Column.GRAPH, Column.DEAD, *SIDES}
        columns = [column for column in Column if column not in left_out]
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
