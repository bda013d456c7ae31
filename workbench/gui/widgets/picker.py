"""A combo box that leaves the wheel to the form and shows its words as plain text."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPaintEvent, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

from workbench.gui.theme import Theme


class Picker(QComboBox):
    """One of several named choices."""

    #: The list is about to open: now is the time to bring it up to date.
    opening = Signal()
    #: The person chose (the key).
    value_edited = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._delegate: QStyledItemDelegate | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumContentsLength(4)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.activated.connect(self._activated)

    def add(self, key: str, label: str, tip: str = "") -> None:
        self.addItem(label, key)
        if tip:
            self.setItemData(self.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)

    def show_value(self, key: object) -> None:
        """Show a choice without saying so."""
        self.setCurrentIndex(self.findData(key))

    def _activated(self, place: int) -> None:
        self.value_edited.emit(self.itemData(place))

    def showPopup(self) -> None:
        self.opening.emit()
        if self._delegate is None:
            # The default delegate of combo boxes ignores the style sheet's item heights. Made when it is needed: it
            # makes the list, which costs as much as the rest of the box.
            self._delegate = QStyledItemDelegate(self)
            self.setItemDelegate(self._delegate)
        self.view().setMinimumWidth(self.view().sizeHintForColumn(0) + 24)
        super().showPopup()

    def paintEvent(self, _event: QPaintEvent) -> None:
        # With a style sheet Qt cuts words off in the middle of a letter instead of eliding them.
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        part = QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, self).width() - 4
        if option.currentIcon.isNull():
            option.currentText = self.fontMetrics().elidedText(option.currentText, Qt.TextElideMode.ElideRight, room)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()
