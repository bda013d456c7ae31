"""The toolbar: Start with the verdict on memory, Stop with its menu, the probes, the device chooser and the three panel switches.

It shows what it is told (which comes from the journal) and says what was pressed; it decides nothing.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Signal
from PySide6.QtGui import QAction, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QWidget

from workbench.gui.device_menu import DeviceChooser
from workbench.gui.runs.card import Rule
from workbench.gui.text import plain_tip
from workbench.gui.theme import Theme
from workbench.gui.widgets.badge import Badge
from workbench.gui.widgets.button import Button, FlatButton
from workbench.gui.widgets.paint import box, ring

HEIGHT = 50
BUTTON = 34
#: Below this width, at 100 %, the probes and the verdict have no room for their words.
NARROW = 1240
#: What gives room to the rest where there is still too little, in this order: words, at last the panel switches, which the
#: menu has too, and the word of Start. With the width at 100 % that a word gets; None: as it needs.
GIVING_WAY = (("queue", None), ("pause", 104), ("stop", 79), ("device", None), ("switches", None), ("start", 148))


class _Half(Button):
    """One half of a split button: the corners where the halves meet are square."""

    def __init__(self, theme: Theme, text: str, icon: str, *, left: bool) -> None:
        super().__init__(theme, text, icon, height=BUTTON, icon_token="err" if left else "text2")
        self._left = left

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(self.rect())
        rect = QRectF(self.rect())
        fill, edge = self._surface()
        box(painter, rect.adjusted(0, 0, 8, 0) if self._left else rect.adjusted(-8, 0, 0, 0), fill, edge)
        if not self._left and edge is not None:
            painter.fillRect(QRectF(0, 1, 1, rect.height() - 2), edge)
        if self.hasFocus():
            ring(painter, rect, self._theme)
        self._paint_content(painter)
        painter.end()


class PanelSwitch(FlatButton):
    """Shows or hides one panel; down while it is shown."""

    def __init__(self, theme: Theme, icon: str, action: QAction) -> None:
        super().__init__(theme, "", icon, height=BUTTON)
        self.setCheckable(True)
        keys = action.shortcut().toString(action.shortcut().SequenceFormat.NativeText)
        self.setAccessibleName(f"{action.text()} panel" if "panel" not in action.text() else action.text())
        self.setToolTip(f"{action.text()} ({keys})")
        self.setChecked(action.isChecked())
        self.clicked.connect(action.trigger)
        action.toggled.connect(self.setChecked)


class Toolbar(QWidget):
    """One row of buttons under the menu bar."""

    #: Start (or add to the queue) was pressed.
    start_pressed = Signal()
    #: Pause, or Continue, was pressed.
    pause_pressed = Signal()
    #: The learning rate is to be searched.
    rate_pressed = Signal()
    #: The overfit check is to be made.
    overfit_pressed = Signal()
    #: The queue is to be shown.
    queue_pressed = Signal()
    #: Stop was pressed: finish the epoch and keep.
    stop_pressed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName("Toolbar")
        self.setAutoFillBackground(True)
        self.start = Button(theme, "Start", "play", "primary", height=BUTTON)
        self.start.setObjectName("startButton")
        self.fit = Badge(theme)
        self.fit.setObjectName("fitBadge")
        self.fit.hide()
        self.pause = Button(theme, "Pause", "pause", height=BUTTON)
        self.pause.setObjectName("pauseButton")
        self.stop = _Half(theme, "Stop", "stop", left=True)
        self.stop.setObjectName("stopButton")
        self.stop_more = _Half(theme, "", "chevron-down", left=False)
        self.stop_more.setAccessibleName("Ways to stop")
        self.rate = Button(theme, "LR finder", "curve", "flat", height=BUTTON)
        self.rate.setObjectName("rateButton")
        self.rate.setToolTip("Find the learning rate by experiment (Ctrl+L)")
        self.overfit = Button(theme, "Overfit check", "target", "flat", height=BUTTON)
        self.overfit.setObjectName("overfitButton")
        self.overfit.setToolTip("Can this network learn a few pictures by heart? (Ctrl+Shift+O)")
        self.queue = Button(theme, "Queue", "queue", "flat", height=BUTTON)
        self.queue.setObjectName("queueButton")
        self.device = DeviceChooser(theme)
        self._switches: list[PanelSwitch] = []
        #: what the words were fitted to
        self._fitted: tuple[object, ...] = ()
        self._line, self._before_queue, self._before_probes = (Rule(theme, upright=True) for _ in range(3))
        self._lay_out()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.start.clicked.connect(self.start_pressed)
        self.pause.clicked.connect(self.pause_pressed)
        self.stop.clicked.connect(self.stop_pressed)
        self.rate.clicked.connect(self.rate_pressed)
        self.overfit.clicked.connect(self.overfit_pressed)
        self.queue.clicked.connect(self.queue_pressed)
        theme.changed.connect(self._dress)
        self._dress()

    def _lay_out(self) -> None:
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 0, 12, 0)
        self._row.setSpacing(8)
        self._row.addWidget(self.start)
        self._row.addWidget(self.fit)
        self._row.addWidget(self.pause)
        halves = QHBoxLayout()
        halves.setSpacing(0)
        halves.addWidget(self.stop)
        halves.addWidget(self.stop_more)
        self._row.addLayout(halves)
        for part in (self._before_probes, self.rate, self.overfit):
            self._row.addWidget(part)
        self._row.addWidget(self._before_queue)
        self._row.addWidget(self.queue)
        self._row.addStretch(1)
        self._row.addWidget(self.device)
        self._row.addWidget(self._line)

    def _dress(self) -> None:
        px = self._theme.px
        self.setFixedHeight(px(HEIGHT))
        self.stop_more.setFixedWidth(px(25))
        for line in (self._line, self._before_queue, self._before_probes):
            line.setFixedHeight(px(18))
        self._fit_words()

    def event(self, event: QEvent) -> bool:
        """Words change and parts come and go, not only the width."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit_words()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_words()

    def _fit_words(self) -> None:
        """Where the window is narrow, or its text large, icons stand for words: first the probes', last that of Start."""
        words = tuple(part.text() for part in (self.start, self.pause, self.queue, self.device))
        fitted = self.width(), self._theme.px(NARROW), words, self.fit.isHidden(), len(self._switches)
        if fitted == self._fitted:
            return
        self._fitted = fitted
        roomy = self.width() >= self._theme.px(NARROW)
        for part in (self.rate, self.overfit, self.fit):
            part.show_word(roomy)
        for giving in range(len(GIVING_WAY) + 1):
            for place, (name, width) in enumerate(GIVING_WAY):
                self._give(name, width, roomy=place >= giving)
            if self._row.sizeHint().width() <= self.width():
                break

    def _give(self, name: str, width: int | None, *, roomy: bool) -> None:
        if name == "switches":
            for switch in self._switches:
                switch.setVisible(roomy)
            self._line.setVisible(roomy)
            return
        button: Button = getattr(self, name)
        button.show_word(roomy)
        if width is not None:
            button.setFixedWidth(self._theme.px(width if roomy else BUTTON))

    def set_stop_menu(self, *actions: QAction | None) -> None:
        """The ways to stop; None draws a line."""
        self._menu = QMenu(self)
        for action in actions:
            if action is None:
                self._menu.addSeparator()
            else:
                self._menu.addAction(action)
        self.stop_more.clicked.connect(self._show_menu)

    def add_switch(self, icon: str, action: QAction) -> PanelSwitch:
        switch = PanelSwitch(self._theme, icon, action)
        self._switches.append(switch)
        self._row.addWidget(switch)
        return switch

    def show_start(self, *, busy: bool, blocked: str, primary: bool) -> None:
        """`busy`: a run has not ended, so the next one waits. `blocked`: why nothing can be started, in a sentence."""
        self.start.setText("Add to queue" if busy else "Start")
        self.start.set_icon("add-to-queue" if busy else "play")
        self.start.set_kind("primary" if primary else "plain")
        tip = "Train this recipe after the runs before it" if busy else "Train this recipe"
        self.start.setToolTip(blocked or f"{tip} (Ctrl+Return)")
        self.start.setAccessibleDescription(blocked)

    def show_fit(self, word: str, tone: str, said: str) -> None:
        """Whether the recipe fits into memory, in a word, and how that is known; nothing while it is not."""
        self.fit.setVisible(bool(word))
        if word:
            self.fit.show_verdict(word, tone)
            self.fit.setAccessibleDescription(said)
            self.fit.setToolTip(plain_tip(said))

    def show_pause(self, name: str, *, paused: bool) -> None:
        """`name` of the run that would pause or go on; empty when there is none."""
        self.pause.setText("Continue" if paused else "Pause")
        self.pause.set_icon("play" if paused else "pause")
        self.pause.set_kind("tonal" if paused else "plain")
        self.pause.setEnabled(bool(name))
        verb = "Let it go on" if paused else "Pause after the steps it is at"
        self.pause.setToolTip(f"{verb}: {name} (F8)" if name else "No run is at work")

    def show_queue(self, waiting: int, *, paused: bool) -> None:
        """How many runs wait, and whether the line stands still."""
        self.queue.setText(f"Queue {waiting}" if waiting else "Queue")
        self.queue.set_icon("pause" if paused else "queue", "warn" if paused else "")
        state = "The queue is paused. " if paused else ""
        self.queue.setToolTip(f"{state}Show the runs that wait")
        self.queue.setAccessibleDescription(state)

    def show_stop(self, name: str, *, stopping: bool) -> None:
        """`name` of the run that Stop would stop; empty when there is none. `stopping`: it has been asked to already."""
        self.stop.setEnabled(bool(name) and not stopping)
        self.stop_more.setEnabled(bool(name))
        self.stop.setToolTip(
            f"Finish the epoch of {name} and keep its weights (Ctrl+.)" if name else "No run is at work"
        )

    def _show_menu(self) -> None:
        self._menu.popup(self.stop.mapToGlobal(self.stop.rect().bottomLeft()))
