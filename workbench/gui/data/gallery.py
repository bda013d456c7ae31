"""The pictures of a data set in rows, of which only those in view are ever drawn; with the keys of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QMenu, QToolTip, QWidget

from workbench.gui.data.tiles import Tiles
from workbench.gui.text import plain_tip
from workbench.gui.theme import Theme
from workbench.gui.widgets.paint import box

if TYPE_CHECKING:
    from workbench.data.pictures import Rows
    from workbench.gui.data.shown import DataShown

#: What is written below a picture.
Caption = Literal["class", "file", "part"]
#: A picture takes at most so many pixels, a cell that and the room around it; names are written below.
SIDE, GAP, LABEL = 64, 8, 18
#: Rows beyond the view are not drawn; a wheel's notch moves by half a row.
_NOTCH = 3


class Gallery(QAbstractScrollArea):
    """Pictures in rows."""

    #: Another picture is the current one (its place).
    current_changed = Signal(int)
    #: Other pictures are in view (how many).
    scrolled = Signal(int)
    #: A picture's file is to be opened, shown in the file manager, or its path copied (the place).
    open_asked = Signal(int)
    reveal_asked = Signal(int)
    copy_asked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dataGallery")
        self.setAccessibleName("Pictures")
        self._theme = theme
        self._tiles = Tiles(theme)
        self._shown: DataShown | None = None
        self._places: Rows | None = None
        self._caption_by: Caption = "class"
        self._masks = True
        self._current = 0
        self._waiting = False
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setAutoFillBackground(False)
        self.verticalScrollBar().valueChanged.connect(self._scroll)
        theme.changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        self._tiles.forget()
        self.setMinimumHeight(self._row() + 4)
        self._measure()
        self.viewport().update()

    # --- what is shown ----------------------------------------------------------------------------------

    def show_pictures(self, shown: DataShown | None, places: Rows | None, *, caption: Caption, masks: bool) -> None:
        """Show these pictures, with their class, file or part below."""
        if shown is not self._shown or masks != self._masks:
            self._tiles.show(shown, masks=masks)
        self._shown, self._places, self._caption_by, self._masks = shown, places, caption, masks
        self._current = 0
        self.verticalScrollBar().setValue(0)
        self._measure()
        self._tell()
        self.viewport().update()

    def refresh(self) -> None:
        """More small pictures have come: draw again if one in view was missing."""
        if self._waiting:
            self.viewport().update()

    @property
    def count(self) -> int:
        return 0 if self._places is None else len(self._places)

    @property
    def current(self) -> int | None:
        """The place of the current picture."""
        return None if self._places is None or not self.count else int(self._places[self._current])

    # --- where things are -------------------------------------------------------------------------------

    def _row(self) -> int:
        return SIDE + GAP + self._theme.px(LABEL)

    def _columns(self) -> int:
        return max(1, (self.viewport().width() + GAP) // self._column())

    def _column(self) -> int:
        return max(SIDE, self._theme.px(SIDE)) + GAP

    def _measure(self) -> None:
        rows = -(-self.count // self._columns())
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, rows * self._row() - GAP // 2 - self.viewport().height()))
        bar.setPageStep(max(self._row(), self.viewport().height() - self._row()))
        bar.setSingleStep(self._row() // _NOTCH)
        self.scrolled.emit(self.in_view())

    def in_view(self) -> int:
        """How many pictures are wholly in view."""
        rows = max(1, (self.viewport().height() + GAP // 2) // self._row())
        return min(self.count, rows * self._columns())

    def cell(self, number: int) -> QRect:
        """Where the picture of this number in the order stands in the viewport, with its name."""
        row, column = divmod(number, self._columns())
        wide = self._column()
        # What is left over stands between the columns.
        spare = max(0, self.viewport().width() + GAP - self._columns() * wide) // max(1, self._columns())
        return QRect(
            column * (wide + spare), row * self._row() - self.verticalScrollBar().value(), wide - GAP, self._row() - GAP
        )

    def _number_at(self, point: QPoint) -> int | None:
        row = (point.y() + self.verticalScrollBar().value()) // self._row()
        for column in range(self._columns()):
            number = row * self._columns() + column
            if 0 <= number < self.count and self.cell(number).contains(point):
                return number
        return None

    # --- painting ----------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._places is None or self._shown is None:
            return
        painter = QPainter(self.viewport())
        painter.setFont(self._theme.font("caption"))
        first = max(0, (event.rect().top() + self.verticalScrollBar().value()) // self._row()) * self._columns()
        last = ((event.rect().bottom() + self.verticalScrollBar().value()) // self._row() + 1) * self._columns()
        self._waiting = False
        for number in range(first, min(last, self.count)):
            self._paint_cell(painter, number)
        painter.end()

    def _paint_cell(self, painter: QPainter, number: int) -> None:
        assert self._places is not None
        assert self._shown is not None
        theme, place, cell = self._theme, int(self._places[number]), self.cell(number)
        frame = QRect(cell.left() + (cell.width() - SIDE) // 2, cell.top(), SIDE, SIDE)
        pixmap = self._tiles.pixmap(place, SIDE)
        if pixmap is None:
            self._waiting = self._waiting or not self._shown.unreadable(place)
            painter.fillRect(frame, theme.colour("field"))
            if self._shown.unreadable(place):
                painter.drawPixmap(frame.center() - QPoint(10, 10), theme.pixmap("warning", "warn", 20))
        else:
            painter.fillRect(frame, theme.colour("plot"))
            painter.drawPixmap(
                frame.left() + (SIDE - pixmap.width()) // 2, frame.top() + (SIDE - pixmap.height()) // 2, pixmap
            )
        if number == self._current and self.hasFocus():
            box(painter, QRectF(frame).adjusted(-2, -2, 2, 2), None, theme.colour("accent"), radius=4, width=2)
        painter.setPen(theme.colour("text2"))
        words = QRect(cell.left(), frame.bottom() + 2, cell.width(), cell.bottom() - frame.bottom() - 1)
        painter.drawText(
            words, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop,
            painter.fontMetrics().elidedText(self._caption(place), Qt.TextElideMode.ElideMiddle, cell.width()),
        )  # fmt: skip

    def _caption(self, place: int) -> str:
        assert self._shown is not None
        if self._caption_by == "part":
            return self._shown.part_of(place)
        if self._caption_by == "file" or self._shown.masked:
            return self._shown.name(place).rsplit("/", 1)[-1]
        return self._shown.class_of(place)

    # --- Qt's events -------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._measure()

    def _scroll(self) -> None:
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        columns = self._columns()
        page = columns * max(1, self.viewport().height() // self._row())
        steps = {
            Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -columns, Qt.Key.Key_Down: columns,
            Qt.Key.Key_PageUp: -page, Qt.Key.Key_PageDown: page, Qt.Key.Key_Home: -self.count, Qt.Key.Key_End: self.count,
        }  # fmt: skip
        key = Qt.Key(event.key())
        if key in steps and self.count:
            self._go_to(min(max(0, self._current + steps[key]), self.count - 1))
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.current is not None and self._has_file():
            self.open_asked.emit(self.current)
        else:
            super().keyPressEvent(event)

    def _go_to(self, number: int) -> None:
        self._current = number
        cell, bar = self.cell(number), self.verticalScrollBar()
        if cell.top() < 0:
            bar.setValue(bar.value() + cell.top() - 2)
        elif cell.bottom() > self.viewport().height():
            bar.setValue(bar.value() + cell.bottom() - self.viewport().height())
        self._tell()
        self.viewport().update()

    def _tell(self) -> None:
        """Say which picture is the current one."""
        place = self.current
        said = "" if place is None or self._shown is None else self._shown.about(place).replace("\n", ", ")
        self.setAccessibleDescription(said)
        if place is not None:
            self.current_changed.emit(place)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self._number_at(event.position().toPoint())
        if number is not None:
            self._go_to(number)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        number = self._number_at(event.position().toPoint())
        if number is not None and self._has_file() and self.current is not None:
            self.open_asked.emit(self.current)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            number = self._number_at(event.pos())
            if number is not None and self._shown is not None and self._places is not None:
                QToolTip.showText(event.globalPos(), plain_tip(self._shown.about(int(self._places[number]))), self)
            else:
                QToolTip.hideText()
            return True
        return super().viewportEvent(event)

    def _has_file(self) -> bool:
        return self._shown is not None and self._shown.files

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            number = self._number_at(event.pos())
            if number is not None:
                self._go_to(number)
        menu = self.menu()
        if menu is not None:
            menu.exec(event.globalPos())
            menu.deleteLater()

    def menu(self) -> QMenu | None:
        """What can be done with the current picture's file; None where there is none."""
        place = self.current
        if place is None or not self._has_file():
            return None
        menu = QMenu(self)
        for words, name, signal in (
            ("Open", "openPictureAction", self.open_asked),
            ("Show in file manager", "revealPictureAction", self.reveal_asked),
            ("Copy path", "copyPictureAction", self.copy_asked),
        ):
            action = QAction(words, menu)
            action.setObjectName(name)
            action.setData(place)
            action.triggered.connect(lambda _checked=False, ask=signal, place=place: ask.emit(place))
            menu.addAction(action)
        return menu
