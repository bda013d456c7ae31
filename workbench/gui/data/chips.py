"""The choice of a class: All, then as many classes as have room, the others behind More…; arrows move between them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QMenu, QSizePolicy, QWidget

from workbench.gui.theme import Theme
from workbench.gui.widgets.paint import box, ring

GAP = 6
#: A class's name takes at most so many pixels.
_MOST = 140
ALL = -1


class _Chip(QAbstractButton):
    def __init__(self, theme: Theme, words: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.words = words
        self.setAccessibleName(words)
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        self.setFont(self._theme.font("secondary"))
        wide = min(self.fontMetrics().horizontalAdvance(self.words), self._theme.px(_MOST))
        return QSize(wide + 22, max(24, self._theme.px(24)))

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, rect = self._theme, QRectF(self.rect())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill = theme.colour("sel" if self.isChecked() else "hover" if self.underMouse() else "field")
        box(painter, rect, fill, theme.colour("accent" if self.isChecked() else "line2"), radius=rect.height() / 2)
        if self.hasFocus():
            ring(painter, rect, theme, rect.height() / 2)
        painter.setFont(theme.font("secondary", 600 if self.isChecked() else None))
        painter.setPen(theme.colour("text" if self.isChecked() else "text2"))
        words = painter.fontMetrics().elidedText(self.words, Qt.TextElideMode.ElideRight, self.width() - 14)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, words)
        painter.end()


class ClassChips(QWidget):
    """One of the classes, or all."""

    #: A class was chosen (its number, or ALL).
    chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("classChips")
        self.setAccessibleName("Class")
        self._theme = theme
        self._classes: tuple[str, ...] = ()
        self._chips: list[_Chip] = []
        self._fitting = 0
        self.label = ALL
        self.more = _Chip(theme, "More…", self)
        self.more.setObjectName("moreClassesButton")
        self.more.setAccessibleName("More classes")
        self.more.setCheckable(False)
        self.more.clicked.connect(self._open_menu)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._fit)

    def sizeHint(self) -> QSize:
        return QSize(200, max(24, self._theme.px(24)))

    def show_classes(self, classes: Sequence[str], *, keep: bool) -> None:
        """Offer other classes; all are chosen, or with `keep` the class of the same name as before if there still is one."""
        names = tuple(classes)
        name = self._classes[self.label] if keep and self.label != ALL else None
        self.label = names.index(name) if name in names else ALL
        if names != self._classes or not self._chips:
            self._make(names)
        self._fit()

    def _make(self, classes: tuple[str, ...]) -> None:
        self._classes = classes
        for chip in self._chips:
            chip.hide()
            chip.deleteLater()
        self._chips = [_Chip(self._theme, words, self) for words in ("All", *classes[:40])]
        for number, chip in enumerate(self._chips):
            chip.clicked.connect(lambda _checked=False, label=number - 1: self._choose(label))

    def choose(self, label: int) -> None:
        """Show a choice without saying so."""
        self.label = label
        self._fit()

    def _choose(self, label: int) -> None:
        self.choose(label)
        self.chosen.emit(label)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        left, more = 0, self.more.sizeHint().width()
        self._fitting = 0
        for number, chip in enumerate(self._chips):
            size = chip.sizeHint()
            last = number + 1 == len(self._classes) + 1
            fits = left + size.width() + (0 if last else GAP + more) <= self.width() and self._fitting == number
            chip.setVisible(fits)
            chip.setChecked(number - 1 == self.label)
            if fits:
                chip.setGeometry(left, 0, size.width(), size.height())
                chip.update()
                left += size.width() + GAP
                self._fitting = number + 1
        hidden = self._fitting < len(self._classes) + 1
        self.more.setVisible(bool(self._chips) and hidden)
        beyond = self.label + 1 >= self._fitting and hidden
        self.more.words = self._classes[self.label] if beyond and self.label >= 0 else "More…"
        size = self.more.sizeHint()
        self.more.setGeometry(left, 0, min(size.width(), max(0, self.width() - left)), size.height())
        self.more.update()

    def menu(self) -> QMenu:
        """The classes that have no chip in view."""
        menu = QMenu(self)
        for label in range(max(0, self._fitting - 1), len(self._classes)):
            # An ampersand in a name is no shortcut.
            action = QAction(self._classes[label].replace("&", "&&"), menu)
            action.setCheckable(True)
            action.setChecked(label == self.label)
            action.triggered.connect(lambda _checked=False, label=label: self._choose(label))
            menu.addAction(action)
        return menu

    def _open_menu(self) -> None:
        menu = self.menu()
        menu.exec(self.more.mapToGlobal(self.more.rect().bottomLeft()))
        menu.deleteLater()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None or not self._fitting:
            super().keyPressEvent(event)
            return
        place = (min(self.label + 1, self._fitting - 1) + step) % self._fitting
        self._chips[place].setFocus(Qt.FocusReason.OtherFocusReason)
        self._choose(place - 1)
