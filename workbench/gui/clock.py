"""The window's own clock: when anything may be drawn again.

However often something changes, pictures are drawn at most 30 times and words at most twice a second, and
neither when nothing changed. Where drawing is dear (a slow machine, a great window, a training on the same cores)
frames come further apart, so that the curves take no more than their share from the training. Knows nothing of
what is drawn.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal

FRAME_MS = 33
WORDS_MS = 500
#: The window's thread may take about this share of a core while curves grow by themselves.
SHARE = 0.035
#: However dear a frame was, the next one comes after so long.
LONGEST_MS = 250


class Clock(QObject):
    """Turns any number of touches into a bounded number of frames."""

    #: Something changed since the last frame; draw it.
    frame_due = Signal()
    #: Something changed since words were last set; set them.
    words_due = Signal()

    def __init__(self, parent: QObject | None = None, spent: Callable[[], float] = time.thread_time) -> None:
        """`spent`: seconds of processor time that this thread has taken so far."""
        super().__init__(parent)
        self._spent = spent
        self._spent_before = spent()
        self._since_frame = QElapsedTimer()
        self._since_words = QElapsedTimer()
        self._frame = QTimer(self, singleShot=True, interval=FRAME_MS, timerType=Qt.TimerType.PreciseTimer)
        self._frame.setObjectName("frameClock")
        self._words = QTimer(self, singleShot=True)
        self._words.setObjectName("wordsClock")
        self._frame.timeout.connect(self._draw)
        self._words.timeout.connect(self._set_words)

    def touch(self) -> None:
        """Something to be drawn has changed."""
        if not self._frame.isActive():
            self._frame.start(self._pause())
        if not self._words.isActive():
            passed = self._since_words.elapsed() if self._since_words.isValid() else WORDS_MS
            self._words.start(max(0, WORDS_MS - passed))

    def stop(self) -> None:
        self._frame.stop()
        self._words.stop()

    def _pause(self) -> int:
        """Milliseconds until the next frame: what came since the last one has to be worth its share of the time."""
        if not self._since_frame.isValid():
            return FRAME_MS
        dear = min(LONGEST_MS, 1000 * (self._spent() - self._spent_before) / SHARE)
        return max(FRAME_MS, round(dear) - self._since_frame.elapsed())

    def _draw(self) -> None:
        self._since_frame.start()
        self._spent_before = self._spent()
        self.frame_due.emit()

    def _set_words(self) -> None:
        self._since_words.start()
        self.words_due.emit()
