"""What the journal hands out: frozen snapshots of its rows. They know no database."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from workbench.events import (
    AttemptStarted,
    Command,
    Ending,
    EpochEnded,
    Event,
    Failed,
    State,
    StepBlock,
    StoppedEarly,
)
from workbench.spec import presets
from workbench.spec.recipe import Recipe


class WatchedKind(StrEnum):
    """What is watched of a run at an epoch's end; watched.py says what each holds."""

    SAMPLES = "samples"
    ANSWERS = "answers"
    MASKS = "masks"
    SIGNAL = "signal"


@dataclass(frozen=True)
class Watched:
    """Something to look at, of the end of an epoch (0: of all of them). Like a step block it is no event; it comes before EpochEnded."""

    epoch: int
    kind: WatchedKind
    body: bytes


#: A run that grew from another: its name, and after which epoch of that one.
Fork = tuple[str, int]


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
    #: of a fork: the id of the run it grew from, and after which of its epochs
    parent: str = ""
    parent_epoch: int = 0
    #: in the queue: the smaller comes first, and then the older
    place: float = 0.0
    #: whether the last resume was exact; None when it never was resumed
    exact: bool | None = None
    tags: tuple[str, ...] = ()
    note: str = ""
    pinned: bool = False
    #: when it was put into the trash
    trashed: float | None = None
    #: how often it was judged on its test pictures; see tested.py
    tested: int = 0

    @property
    def recipe(self) -> Recipe:
        """The recipe the run was started with. Raises RecipeError if it cannot be read any more."""
        return presets.loads(self.recipe_toml).recipe

    @property
    def best_value(self) -> float | None:
        """The loss of the best epoch, on the validation pictures where there are any: what runs are ranked by.

        Never the last epoch's; None while no epoch had a finite one.
        """
        if self.best_epoch is None:
            return None
        value = self.best.get("val_loss", self.best.get("loss"))
        return value if value is not None and math.isfinite(value) else None


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
    value: float | None = None


def run_of(row: Sequence[Any]) -> Run:
    """A row of the table of runs, all its columns in their order."""
    fields = list(row)
    fields[6] = State(fields[6])
    fields[7] = Ending(fields[7]) if fields[7] else None
    fields[18] = json.loads(fields[18])
    fields[19] = json.loads(fields[19])
    fields[26] = None if fields[26] is None else bool(fields[26])
    fields[27] = tuple(json.loads(fields[27]))
    fields[29] = bool(fields[29])
    fields[31] = len(json.loads(fields[31]))
    return Run(*fields)


def effective(said: Sequence[Said], epoch: int | None = None) -> list[Event]:
    """What a run said, without what a later attempt has superseded; with `epoch`, what would be left if one began after it."""
    left: list[Event] = []
    starts = _starts(said)
    if epoch is not None:
        starts.append(Start(epoch, 0, within=False))
    # What an attempt said counts unless a later one began before its place; why it ended, if it was the last.
    begun = 0
    for each in said:
        begun += isinstance(each.event, AttemptStarted)
        over = isinstance(each.event, StoppedEarly | Failed) and begun < len(starts)
        passed = all(start.leaves(each.event) for start in starts[begun:])
        if isinstance(each.event, AttemptStarted) or (passed and not over):
            left.append(each.event)
    return left


@dataclass(frozen=True)
class Start:
    """Where an attempt went on: after `step` steps, `within` the epoch that follows `epoch` or at that one's end."""

    epoch: int
    step: int
    within: bool

    def leaves(self, event: object) -> bool:
        """Whether what an earlier attempt said lies before this place. What has no place is left."""
        if getattr(event, "epoch", 0) <= self.epoch:
            return True
        # The running epoch's: a rate that fell as it began has been gone through if some of its steps were. Its end has not,
        # also where all of its steps are done: validation is to come.
        step = None if isinstance(event, EpochEnded) else getattr(event, "step", None)
        return step is not None and (step < self.step or (step == self.step and self.within))


def _starts(said: Sequence[Said]) -> list[Start]:
    found, ends = [], {0: 0}
    for event in (each.event for each in said):
        if isinstance(event, EpochEnded):
            ends[event.epoch] = event.step
        elif isinstance(event, AttemptStarted):
            # A fork's first epochs are its parent's: where they ended is not said here.
            found.append(Start(event.epoch, event.step, within=event.step > ends.get(event.epoch, event.step)))
    return found


def forks_of(run: Run, runs: Iterable[Run]) -> tuple[Fork, ...]:
    """Those among the runs that grew from this one."""
    return tuple((each.name, each.parent_epoch) for each in runs if each.parent == run.id)
