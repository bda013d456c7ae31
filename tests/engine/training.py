"""Trains in this process, as the engine does, for tests that look inside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.events import Ending
from workbench.journal import Journal, Run, Said
from workbench.paths import Workspace
from workbench.spec.recipe import Recipe, changed


def recipe(**settings: Any) -> Recipe:
    """The default recipe with settings changed, such as recipe(training__epochs=2)."""
    made = Recipe()
    for name, value in settings.items():
        made = changed(made, name.replace("__", "."), value)
    return made


@dataclass(frozen=True)
class Trained:
    """A run that was trained to its ending, with everything it said."""

    ending: Ending
    run: Run
    said: list[Said]
    losses: list[float]
    norms: list[float]

    def events(self, kind: type) -> list[Any]:
        return [each.event for each in self.said if isinstance(each.event, kind)]


def train(workspace: Workspace, wanted: Recipe) -> Trained:
    """Train a recipe in this process."""
    from workbench.engine import backends
    from workbench.engine import train as engine
    from workbench.engine.recorder import Recorder

    with Journal(workspace) as journal:
        run = journal.create_run(wanted)
        attempt = journal.begin_attempt(run.id)
        assert attempt is not None
        recorder = Recorder(workspace, run.id, attempt)
        try:
            backends.prepare(wanted.training)
            ending = engine.run(workspace, recorder, wanted)
        finally:
            recorder.close()
        losses, norms = (
            [float(number) for each in journal.steps(run.id) for number in each.block.column(name)]
            for name in ("loss", "gradient_norm")
        )
        return Trained(ending, journal.run(run.id), journal.events(run.id), losses, norms)
