"""Makes the labels in the loss lane reachable: Tab stops at each, a screen reader says it, Enter goes to its epoch.

The labels themselves are painted by the lane; a stop lies over each and paints nothing but the focus ring.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from workbench.gui.curves.labels import Marker
from workbench.gui.curves.loss_lane import LossLane
from workbench.gui.widgets.paint import ring


class MarkerStop(QAbstractButton):
    """One label as a stop of the focus."""

    #: Enter was pressed on it (the epoch it tells of).
    chosen = Signal(int)

    def __init__(self, lane: LossLane) -> None:
        super().__init__(lane)
        self._lane = lane
        self._epoch = 0
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.clicked.connect(self._choose)

    def show_marker(self, marker: Marker, corner: QPointF) -> None:
        """Lie over a label whose lane's plot begins at this corner."""
        self._epoch = marker.epoch
        self.setGeometry(marker.rect.translated(corner).toAlignedRect())
        if self.accessibleName() != marker.sentence:
            self.setAccessibleName(marker.sentence)

    def _choose(self) -> None:
        self.chosen.emit(self._epoch)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            ring(painter, QRectF(self.rect()), self._lane.shown.inks.theme, 5)
            painter.end()


class MarkerStops:
    """The stops over the labels of a loss lane."""

    def __init__(self, lane: LossLane) -> None:
        self._lane = lane
        self._stops: list[MarkerStop] = []
        self._seen: list[Marker] = []

    @property
    def stops(self) -> list[MarkerStop]:
        """Those in use, from the best epoch on."""
        return [stop for stop in self._stops if not stop.isHidden()]

    def arrange(self, after: QWidget) -> list[MarkerStop]:
        """Follow the labels; new stops come after this widget in the walk of Tab. The new ones are returned."""
        markers = self._lane.markers(self._lane.frame())
        if markers is self._seen:
            return []
        self._seen = markers
        new: list[MarkerStop] = []
        while len(self._stops) < len(markers):
            stop = MarkerStop(self._lane)
            QWidget.setTabOrder(self._stops[-1] if self._stops else after, stop)
            self._stops.append(stop)
            new.append(stop)
        corner = QPointF(self._lane.mapFromScene(self._lane.box.mapToScene(QPointF(0, 0))))
        for stop, marker in zip(self._stops, markers, strict=False):
            stop.show_marker(marker, corner)
            stop.show()
        for stop in self._stops[len(markers) :]:
            stop.hide()
        return new
