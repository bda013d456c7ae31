"""The status bar: the last thing that happened at left; GPU, memory and disk at right."""

from __future__ import annotations

import shutil
from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from workbench.gui import words
from workbench.gui.text import Elided, Text
from workbench.gui.theme import Theme
from workbench.gui.widgets.button import FlatButton
from workbench.paths import Workspace

HEIGHT = 25
REFRESH_MS = 3000


class StatusBar(QWidget):
    """One line at the bottom of the window."""

    def __init__(self, theme: Theme, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._home = workspace.home
        self._gpu = ""
        self._icon_name, self._icon_tone = "completed", "ok"
        self.setAutoFillBackground(True)
        self.setAccessibleName("Status")
        self._icon = QLabel()
        self._event = Elided(theme, "Ready", "secondary", "text2")
        self._event.setObjectName("statusText")
        self._deed: Callable[[], object] | None = None
        self.offered = FlatButton(theme, "", height=HEIGHT - 1)
        self.offered.setObjectName("statusButton")
        self.offered.hide()
        self._machine = Text(theme, "", "secondary", "text2")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 1, 12, 0)
        row.setSpacing(6)
        row.addWidget(self._icon)
        row.addWidget(self._event, 1)
        row.addWidget(self.offered)
        row.addWidget(self._machine)
        self.offered.clicked.connect(self._take_offer)
        self._timer = QTimer(self, interval=REFRESH_MS)
        self._timer.setObjectName("machineClock")
        self._timer.timeout.connect(self._measure)
        theme.changed.connect(self._dress)
        self._dress()

    @property
    def text(self) -> str:
        return self._event.whole

    def say(self, sentence: str, icon: str = "completed", tone: str = "ok") -> None:
        """Show the last thing that happened."""
        if sentence:
            self._event.say(sentence.split("\n", 1)[0])
            self._icon_name, self._icon_tone = icon, tone
            self.offered.hide()
            self._dress()

    def offer(self, sentence: str, button: str, deed: Callable[[], object], icon: str = "delete") -> None:
        """Show what was done with a button for what can be done about it, until the next thing happens."""
        self.say(sentence, icon, "text2")
        self._deed = deed
        self.offered.setText(button)
        self.offered.show()

    def _take_offer(self) -> None:
        self.offered.hide()
        if self._deed is not None:
            self._deed()

    def show_gpu(self, words_of_gpu: str) -> None:
        self._gpu = words_of_gpu
        self._measure()

    def start(self) -> None:
        """Begin to measure memory and disk."""
        self._measure()
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _measure(self) -> None:
        import psutil  # noqa: PLC0415 - not before the first paint

        memory = psutil.virtual_memory()
        used = f"Memory {words.size(memory.total - memory.available).split(words.NO_BREAK)[0]} / {words.size(memory.total)}"
        try:
            disk = f"Disk {words.size(shutil.disk_usage(self._home).free)} free"
        except OSError:
            disk = ""
        self._machine.say("  ·  ".join(part for part in (self._gpu, used, disk) if part))

    def _dress(self) -> None:
        self.setFixedHeight(self._theme.px(HEIGHT))
        self._icon.setPixmap(self._theme.pixmap(self._icon_name, self._icon_tone, 13))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("panel"))
        painter.fillRect(0, 0, self.width(), 1, self._theme.colour("line"))
        painter.end()
