"""Trains in this process, dies where it is told to, and is taken up again: for tests that look inside.

A death is an exception that nothing in the engine catches, raised before or after something was written. Real kills of a
real engine are in `tests/kills`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workbench.engine import backends, checkpoint
from workbench.engine import train as engine
from workbench.engine.recorder import Recorder
from workbench.events import Ending, Resumed
from workbench.journal import Journal, taking_up
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
