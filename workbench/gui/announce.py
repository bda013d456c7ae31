"""Says aloud, for screen readers, what happened to a run: politely, and never every epoch.

A new best is told at most every ten seconds. The same sentences stand in the status bar.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget

from workbench.events import (
    AttemptEnded,
    AttemptStarted,
    BestSoFar,
    CheckpointSaved,
    Continued,
    Ending,
    Event,
    Paused,
    RateChanged,
    Resumed,
    StepsSkipped,
    StoppedEarly,
    Warned,
)
from workbench.gui import words
from workbench.journal import Run, Said

#: A new best is told at most this often.
BEST_SECONDS = 10.0


def say(widget: QWidget, sentence: str) -> None:
    """Tell a screen reader politely."""
    event = QAccessibleAnnouncementEvent(widget, sentence)
    event.setPoliteness(QAccessible.AnnouncementPoliteness.Polite)
    QAccessible.updateAccessibility(event)


def sentence(run: Run, event: Event) -> str:  # noqa: C901, PLR0911 - one line an event
    """An event of a run for the status bar; empty when it is not worth a line."""
    match event:
        case AttemptStarted():
            return f"{run.name} started."
        case BestSoFar():
            return f"{run.name}: best {'validation loss' if event.metric == 'val_loss' else 'loss'} {words.loss(event.value)} at epoch {event.epoch}."
        case CheckpointSaved():
            return f"{run.name}: saved after step {words.count(event.step)} · {words.size(event.size)}"
        case Resumed():
            return f"{run.name}: {event.sentence}"
        case Paused():
            return f"{run.name} is paused after step {words.count(event.step)}."
        case Continued():
            return f"{run.name} goes on."
        case RateChanged():
            return f"{run.name}: learning rate {words.rate(event.old)} → {words.rate(event.new)}."
        case StepsSkipped():
            noun = "step was" if event.count == 1 else "steps were"
            return (
                f"{run.name}: {event.count} {noun} not finite and changed nothing ({words.count(event.total)} in all)."
            )
        case StoppedEarly() | Warned():
            text = event.reason if isinstance(event, StoppedEarly) else event.message
            return f"{run.name}: {text}"
        case AttemptEnded():
            first = event.reason.strip().split("\n", 1)[0] or words.state(run.state, event.ending)
            return f"{run.name}: {first}"
        case _:
            return ""


class Announcer:
    """Chooses which of a run's events are spoken."""

    def __init__(self, speak: Callable[[str], None], now: Callable[[], float] = time.monotonic) -> None:
        self._speak = speak
        self._now = now
        self._last_best = float("-inf")

    def tell(self, run: Run, said: Sequence[Said]) -> None:
        """Speak of what a run has just said."""
        for each in said:
            match each.event:
                case AttemptStarted() | StoppedEarly() | Resumed() | Paused() | Continued():
                    self._speak(sentence(run, each.event))
                case AttemptEnded() as ended if ended.ending is not Ending.EARLY_STOPPED:
                    self._speak(sentence(run, ended))
                case BestSoFar() if self._now() - self._last_best >= BEST_SECONDS:
                    self._last_best = self._now()
                    self._speak(sentence(run, each.event))
                case _:
                    pass
