"""Trains in this process, dies where it is told to, and is taken up again: for tests that look inside.

A death is an exception that nothing in the engine catches, raised before or after something was written. Real kills of a
real engine are in `tests/kills.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.engine import backends, checkpoint
from workbench.engine import train as engine
from workbench.engine.recorder import Recorder
from workbench.events import Ending, EpochEnded, RateChanged, Resumed, StoppedEarly
from workbench.journal import Journal, taking_up
from workbench.journal.rows import effective
from workbench.paths import Workspace
from workbench.spec.recipe import Recipe

FOREVER = 1 << 40
#: Called with the recorder each time before something is written.
Watch = Callable[[Recorder], None]


class Killed(BaseException):
    """The engine went away."""


class Mortal(Recorder):
    """Dies at its so-many-th word."""

    left = FOREVER
    watch: Watch | None = None

    def _count(self) -> None:
        if self.watch:
            self.watch(self)
        self.left -= 1
        if self.left <= 0:
            raise Killed

    def progress(self, *arguments: Any, **more: Any) -> None:
        self._count()
        super().progress(*arguments, **more)

    def commit(self, *arguments: Any, **more: Any) -> None:
        self._count()
        super().commit(*arguments, **more)

    def say(self, *said: Any) -> None:
        super().say(*said)
        self._count()


def create(workspace: Workspace, recipe: Recipe) -> str:
    with Journal(workspace) as journal:
        return journal.create_run(recipe).id


def attempt(workspace: Workspace, run: str, left: int = FOREVER, watch: Watch | None = None) -> Mortal:
    """One engine's work on a queued run, to its end or its death."""
    with Journal(workspace) as journal:
        start = next(checkpoint.good(workspace.run_folder(run) / "checkpoints"), None)
        place = (start.manifest.epoch, start.manifest.step) if start else (0, 0)
        number = journal.begin_attempt(run, *place)
        assert number is not None
        recipe = journal.run(run).recipe
        recorder = Mortal(workspace, run, number)
        recorder.left, recorder.watch = left, watch
        try:
            backends.prepare(recipe.training)
            engine.run(workspace, recorder, recipe, start)
        except Killed:
            journal.end(run, Ending.INTERRUPTED, "The engine went away.")
        finally:
            recorder.close()
    return recorder


def take_up(workspace: Workspace, run: str, epochs: int | None = None, **more: Any) -> Resumed | None:
    """Train an ended run on; what it said of being the same."""
    with Journal(workspace) as journal:
        taking_up.requeue(journal, journal.run(run), epochs)
    attempt(workspace, run, **more)
    with Journal(workspace) as journal:
        said = [each.event for each in journal.events(run) if isinstance(each.event, Resumed)]
    return said[-1] if said else None


@dataclass(frozen=True)
class Outcome:
    """What must be the same, whatever happened on the way."""

    ending: Ending | None
    weights: str | None
    last_weights: str | None
    epochs: list[tuple[int, int, dict[str, float], int | None]]
    best: tuple[int | None, dict[str, float]]
    rates: list[RateChanged]
    stop: list[StoppedEarly]
    numbers: bytes


def outcome(workspace: Workspace, run: str) -> Outcome:
    with Journal(workspace) as journal:
        row = journal.run(run)
        said = effective(journal.events(run))
        numbers = taking_up.recorded(journal, run, 0)
    assert not np.isnan(numbers).any()
    return Outcome(
        row.ending, row.weights_sha256, row.last_weights_sha256,
        [(each.epoch, each.step, each.metrics, each.waited) for each in said if isinstance(each, EpochEnded)],
        (row.best_epoch, row.best),
        sorted({each for each in said if isinstance(each, RateChanged)}, key=lambda each: each.step),
        [each for each in said if isinstance(each, StoppedEarly)],
        numbers.tobytes(),
    )  # fmt: skip
