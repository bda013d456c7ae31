"""The window's own clock: when anything may be drawn again.

However often something changes, pictures are drawn at most 30 times and words at most twice a second, and
neither when nothing changed. Knows nothing of what is drawn.
"""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal

FRAME_MS = 33
WORDS_MS = 500


class Clock(QObject):
    """Turns any number of touches into a bounded number of frames."""

    #: Something changed since the last frame; draw it.
    frame_due = Signal()
    #: Something changed since words were last set; set them.
    words_due = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._since_words = QElapsedTimer()
        self._frame = QTimer(self, singleShot=True, interval=FRAME_MS, timerType=Qt.TimerType.PreciseTimer)
        self._frame.setObjectName("frameClock")
        self._words = QTimer(self, singleShot=True)
        self._words.setObjectName("wordsClock")
        self._frame.timeout.connect(self.frame_due)
        self._words.timeout.connect(self._set_words)

    def touch(self) -> None:
        """Something to be drawn has changed."""
        if not self._frame.isActive():
            self._frame.start()
        if not self._words.isActive():
            passed = self._since_words.elapsed() if self._since_words.isValid() else WORDS_MS
            self._words.start(max(0, WORDS_MS - passed))

    def stop(self) -> None:
        self._frame.stop()
        self._words.stop()

    def _set_words(self) -> None:
        self._since_words.start()
        self.words_due.emit()
