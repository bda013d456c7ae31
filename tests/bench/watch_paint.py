"""Watches a window's first paint; imports nothing that the window would not import anyway."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QWidget

#: What must not be loaded before the first paint.
LATE = ("tensorflow", "keras", "jax", "torch", "sklearn", "pyqtgraph")


class Watcher(QObject):
    """Tells of the first painted window and closes it."""

    def __init__(self, _home: Path) -> None:
        super().__init__()
        self._seen = False
        # Only the window itself is listened to: a look at every event of the application would be measured too.
        for each in QApplication.topLevelWidgets():
            each.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not self._seen and event.type() == QEvent.Type.Paint and isinstance(watched, QWidget):
            self._seen = True
            self._loaded = [name for name in LATE if name in sys.modules]
            # Delivered as soon as this paint and its children's are done, before whatever waits for the first paint.
            QCoreApplication.postEvent(self, QEvent(QEvent.Type.User), Qt.EventPriority.HighEventPriority.value)
        return False

    def customEvent(self, _event: QEvent) -> None:
        self._painted()

    def _painted(self) -> None:
        sys.stdout.write(json.dumps({"painted": time.monotonic(), "loaded": self._loaded}) + "\n")
        sys.stdout.flush()
        QTimer.singleShot(0, QApplication.closeAllWindows)
        QTimer.singleShot(200, QApplication.quit)
