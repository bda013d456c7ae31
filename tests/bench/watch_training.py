"""Watches one training from inside the window: how smooth it stays, how soon it says and shows something."""

from __future__ import annotations

import gc
import json
import sys
import time
from pathlib import Path
from typing import Any

import psutil
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from workbench.events import State
from workbench.journal import Journal
from workbench.launch.warm import WarmEngine
from workbench.paths import Workspace

TICK_MS = 16
GIVE_UP_SECONDS = 240
#: Once training is under way the journal is looked at every so many ticks.
LOOK_EVERY = 12


class Watcher(QObject):
    """Looks every 16 ms, which is also what is measured."""

    def __init__(self, home: Path) -> None:
        super().__init__()
        self.journal = Journal(Workspace(home))
        self.me = psutil.Process()
        self.window = next(
            each for each in QApplication.topLevelWidgets() if each.findChild(QPushButton, "startButton")
        )
        self.window.resize(1440, 900)
        self.began = self.last = time.perf_counter()
        self.gaps: list[float] = []
        self.pressed = 0.0
        self.run = ""
        self.seen: dict[str, Any] = {}
        self.cpu = 0.0
        self.running = 0.0
        self.points = False
        self.ticks = 0
        self.plots_since = 0.0
        self.engine: WarmEngine | None = None
        self.ready_since = self.began
        self.timer = QTimer(self, interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self.timer.timeout.connect(self.tick)
        self.timer.start()

    def tick(self) -> None:
        now = time.perf_counter()
        # Counted from when the plots have stood for a second: the engine's warming up is part of it, the window's own is not.
        if self.pressed or self.plots_stand(now):
            self.gaps.append(now - self.last)
        self.ticks += 1
        self.last = now
        if not self.pressed:
            if self.warm():
                self.press()
        else:
            self.follow(now)
        if now - self.began > GIVE_UP_SECONDS:
            self.seen["gave_up"] = True
            self.finish()

    def plots_stand(self, now: float) -> bool:
        if not self.plots_since and self.window.findChild(QWidget, "lossPlot"):
            self.plots_since = now
        return bool(self.plots_since) and now - self.plots_since > 1

    def warm(self) -> bool:
        """Whether the engine behind the window has been ready for two seconds (it is asked for the form's numbers first)."""
        if self.engine is None and self.ticks % 30 == 0:
            # The window keeps it for itself; looking for it costs nothing that is measured, which begins with Start.
            self.engine = next((each for each in gc.get_objects() if isinstance(each, WarmEngine)), None)
        if self.engine is None or not self.engine.ready:
            self.ready_since = time.perf_counter()
        return time.perf_counter() - self.ready_since > 2

    def press(self) -> None:
        QApplication.instance().installEventFilter(self)
        self.pressed = time.perf_counter()
        self.window.findChild(QPushButton, "startButton").click()
        self.last = time.perf_counter()
        self.gaps.append(self.last - self.pressed)

    def follow(self, now: float) -> None:
        if self.points and self.running and self.ticks % LOOK_EVERY:
            return  # the watcher's own reading must not be taken for the window's work
        runs = self.journal.runs() if self.journal.changed() or not self.run else None
        if not runs:
            return
        self.run = runs[0].id
        if not self.points and self.journal.steps(self.run):
            self.points = True  # from now on a painted plot shows them
        if runs[0].state is State.RUNNING and not self.running:
            self.running, self.cpu = now, sum(self.me.cpu_times()[:2])
        if runs[0].state is State.ENDED and "ended" not in self.seen:
            self.seen |= {
                "ended": now - self.pressed,
                "ending": runs[0].ending,
                "images_per_second": runs[0].images_per_second,
                "window_share": (sum(self.me.cpu_times()[:2]) - self.cpu) / max(now - self.running, 1e-9),
            }
            QTimer.singleShot(1000, self.finish)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and isinstance(watched, QWidget):
            since = time.perf_counter() - self.pressed
            if "preparing" not in self.seen and watched.objectName() == "statePill":
                self.seen["preparing"] = since
            if self.points and "first_point" not in self.seen and _inside(watched, "lossPlot"):
                self.seen["first_point"] = since
            if {"preparing", "first_point"} <= self.seen.keys():
                # Looking at every event costs more than the window itself; what it looked for is there.
                QApplication.instance().removeEventFilter(self)
        return False

    def finish(self) -> None:
        self.timer.stop()
        QApplication.instance().removeEventFilter(self)
        self.journal.close()
        ordered = sorted(self.gaps)
        self.seen |= {
            "ticks": len(ordered),
            "median_ms": 1000 * ordered[len(ordered) // 2],
            "p99_ms": 1000 * ordered[int(len(ordered) * 0.99)],
            "longest_ms": 1000 * ordered[-1],
        }
        sys.stdout.write(json.dumps(self.seen) + "\n")
        sys.stdout.flush()
        QApplication.closeAllWindows()
        QTimer.singleShot(500, QApplication.quit)


def _inside(widget: Any, name: str) -> bool:
    while widget is not None:
        if widget.objectName() == name:
            return True
        widget = widget.parentWidget()
    return False
