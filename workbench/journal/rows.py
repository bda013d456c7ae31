"""What the journal hands out: frozen snapshots of its rows. They know no database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workbench.events import Command, Ending, Event, State, StepBlock
from workbench.spec import presets
from workbench.spec.recipe import Recipe


@dataclass(frozen=True)
class Run:
    """One row of the table of runs: a frozen snapshot."""

    id: str
    number: int
    name: str
    preset: str
    recipe_toml: str
    created: float
    state: State
    ending: Ending | None
    reason: str
    reserved: float
    process: int | None
    started: float | None
    ended: float | None
    epochs_planned: int
    epochs: int
    seconds: float
    images_per_second: float
    best_epoch: int | None
    best: dict[str, float]
    last: dict[str, float]
    weights_sha256: str | None
    last_weights_sha256: str | None
    device: str

    @property
    def recipe(self) -> Recipe:
        """The recipe the run was started with. Raises RecipeError if it cannot be read any more."""
        return presets.loads(self.recipe_toml).recipe


@dataclass(frozen=True)
class Said:
    """An event with its place in the journal."""

    id: int
    attempt: int
    time: float
    event: Event


@dataclass(frozen=True)
class Steps:
    """A step block with its place in the journal."""

    id: int
    attempt: int
    block: StepBlock


@dataclass(frozen=True)
class Asked:
    """A command with its place in the journal."""

    id: int
    command: Command
    asked: float
    taken: float | None


def run_of(row: Sequence[Any]) -> Run:
    """A row of the table of runs, all its columns in their order."""
    fields = list(row)
    fields[6] = State(fields[6])
    fields[7] = Ending(fields[7]) if fields[7] else None
    fields[18] = json.loads(fields[18])
    fields[19] = json.loads(fields[19])
    return Run(*fields)
