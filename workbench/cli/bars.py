"""Progress of a run in the terminal: bars where there is one, a line an epoch where there is none."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from workbench import events
from workbench.cli.follow import Heard
from workbench.cli.output import count, metrics_words
from workbench.events import Event, Live, Phase


class RunBars:
    """Two bars, the phase at hand and the run; entered while a run is followed."""

    def __init__(self, console: Console, epochs: int) -> None:
        self._console = console
        self._epochs = epochs
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[words]}", markup=False),
            TimeRemainingColumn(compact=True),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._phase: TaskID = self._bars.add_task("Waiting in the queue", total=None, words="")
        self._run: TaskID = self._bars.add_task("Run", total=epochs, words="")

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def hear(self, heard: Heard) -> None:
        for event in heard.said:
            self._tell(event)
        if heard.live:
            self._show(heard.live)

    def say(self, text: str) -> None:
        """A line above the bars."""
        self._console.print(text)

    def _show(self, live: Live) -> None:
        words = live.note
        if live.images_per_second and live.phase is Phase.TRAINING:
            words = f"{live.images_per_second:,.0f} pictures/s"
        self._bars.update(self._phase, description=live.phase.words, completed=live.done, total=live.total, words=words)

    def _tell(self, event: Event) -> None:
        match event:
            case events.DataReady():
                parts = (
                    f"{event.training:,} for training, {event.validation:,} for validation, {event.test:,} for testing"
                )
                self.say(f"{len(event.classes)} classes; pictures: {parts}")
                for sentence in event.left_out:
                    self.say(f"  left out: {sentence}")
            case events.ModelReady():
                self.say(f"{count(event.parameters, 'parameter')}, {event.backend} on {event.device}")
            case events.EpochEnded():
                self._bars.update(self._run, completed=event.epoch, words=metrics_words(event.metrics))
                self.say(f"Epoch {event.epoch}/{self._epochs}: {metrics_words(event.metrics)}")
            case events.Warned():
                self.say(f"Note: {event.message}")
            case events.Resumed():
                self.say(event.sentence)
            case events.RateChanged():
                self.say(f"Learning rate {event.old:g} → {event.new:g}: {event.why}")
            case events.Paused():
                self.say(f"Paused in epoch {event.epoch} after step {event.step:,}")
            case _:
                pass
