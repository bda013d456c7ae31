"""Watches, from inside the window, a run that writes 100,000 steps a second: smoothness, memory, and that it is drawn."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import psutil
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from workbench.events import State
from workbench.journal import Journal
from workbench.paths import Workspace

TICK_MS = 16
SETTLE_SECONDS = 3.0
GIVE_UP_SECONDS = 400


class Watcher(QObject):
    """Looks every 16 ms, which is also what is measured."""

    def __init__(self, home: Path) -> None:
        super().__init__()
        self.home = home
        self.journal = Journal(Workspace(home))
        self.me = psutil.Process()
        self.window = next(
            each for each in QApplication.topLevelWidgets() if each.findChild(QPushButton, "startButton")
        )
        self.window.resize(1440, 900)
        self.gaps: list[float] = []
        self.painted = self.ticks = self.peak = self.before = 0
        self.began = self.last = time.perf_counter()
        self.plot_since = 0.0
        self.timer = QTimer(self, interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self.timer.timeout.connect(self.tick)
        self.timer.start()

    def tick(self) -> None:
        now = time.perf_counter()
        self.ticks += 1
        if self.before:
            self.gaps.append(now - self.last)
            if self.ticks % 60 == 0:
                self.peak = max(self.peak, self.me.memory_info().rss)
                if self.journal.runs()[0].state is State.ENDED:
                    self.finish()
        elif self.stands(now):
            self.before = self.peak = self.me.memory_info().rss
            (self.home / "go").touch()
        if now - self.began > GIVE_UP_SECONDS:
            self.finish()
        self.last = time.perf_counter()

    def stands(self, now: float) -> bool:
        """Whether the plots have been there for some seconds."""
        plot = self.window.findChild(QWidget, "lossPlot")
        if plot is not None and not self.plot_since:
            self.plot_since = now
            plot.viewport().installEventFilter(self)
        return bool(self.plot_since) and now - self.plot_since > SETTLE_SECONDS

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and self.before:
            self.painted += 1
        return False

    def finish(self) -> None:
        self.timer.stop()
        after = self.me.memory_info().rss
        self.journal.close()
        ordered = sorted(self.gaps) or [0.0]
        seen = {
            "ticks": len(ordered), "p99_ms": 1000 * ordered[int(len(ordered) * 0.99)], "longest_ms": 1000 * ordered[-1],
            "grown": after - self.before, "peak": self.peak - self.before, "painted": self.painted,
            "seconds": sum(self.gaps),
        }  # fmt: skip
        sys.stdout.write(json.dumps(seen) + "\n")
        sys.stdout.flush()
        QApplication.closeAllWindows()
        QTimer.singleShot(500, QApplication.quit)
