"""From a run's journal into its event files. Each poll takes what is new there: live and afterwards are the same call.

What a later attempt supersedes is superseded in the files too, by a session's start at the step it went on from; so the
files say what every other reader of the journal says, the latest attempt of each step. The clock of all lines is that of
the run: the moment its first engine took it, and run time since, without pauses and without the time between attempts.

Texts stand at the number of their attempt and stay: how each ended is history, not a curve. (Some readers of such files purge
numbers only.) Of a recipe that was changed to train longer, the latest is all that is known afterwards.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from workbench import events
from workbench.errors import RecipeError
from workbench.events import State, StepBlock
from workbench.export.logs.event_files import OF_EPOCHS, STEPS, TRAIN, EventFiles, line_of
from workbench.journal import Journal, Run, Said, Steps
from workbench.spec import recipe as recipes

#: Step blocks that are taken at a time: a moment's work, and little memory.
MOST_BLOCKS = 64


@dataclass
class Position:
    """How far a run's journal is written down. Whoever goes on from here with new files doubles nothing."""

    #: the last event and the last step block that were taken, by their ids
    event: int = 0
    block: int = 0
    #: when that event was said, and where that block begins: a journal that was mended gives ids anew
    event_time: float = 0.0
    block_step: int = 0
    block_begin: float = 0.0
    #: the attempt whose steps were taken last, and the last of these steps
    attempt: int = 0
    step: int = 0
    #: when the first engine took the run, in wall-clock time
    began: float = 0.0
    #: the step after which each attempt went on
    starts: dict[int, int] = field(default_factory=dict)

    def tree(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    @staticmethod
    def from_tree(tree: Any) -> Position:
        """Raises ValueError, TypeError or AttributeError for what is none."""
        starts = {int(attempt): int(step) for attempt, step in tree["starts"].items()}
        return Position(**{**tree, "starts": starts})

    def fits(self, journal: Journal, run: str) -> bool:
        """Whether the journal has just what was taken last under these ids. Raises WorkspaceError."""
        event = next(iter(journal.events(run, self.event - 1)), None) if self.event else None
        block = next(iter(journal.steps(run, self.block - 1, most=1)), None) if self.block else None
        taken = (event.id, event.time) if event else (0, 0.0)
        begun = (block.id, block.block.first_step, block.block.begin) if block else (0, 0, 0.0)
        return (self.event, self.event_time, self.block, self.block_step, self.block_begin) == (*taken, *begun)


class Follower:
    """Takes one run from the journal into its files."""

    def __init__(self, journal: Journal, run: str, files: EventFiles, position: Position | None = None) -> None:
        self._journal = journal
        self._run = run
        self._files = files
        self.position = position or Position()
        #: The run has ended, and all it said is in the files.
        self.done = False
        #: the run as the last poll saw it
        self.seen: Run | None = None
        #: how many texts were written
        self.texts = 0

    def poll(self) -> bool:
        """Take what is new; whether there was anything. Raises WorkspaceError."""
        # The row first: once it says "ended", all that the run will ever say is there to be read. The blocks before the
        # events: then the start of each block's attempt is among those.
        run = self.seen = self._journal.run(self._run)
        blocks = self._journal.steps(self._run, self.position.block, most=MOST_BLOCKS)
        said = self._journal.events(self._run, self.position.event)
        for each in said:
            if isinstance(each.event, events.AttemptStarted):
                self.position.starts[each.attempt] = each.event.step
                self.position.began = self.position.began or each.time
        for block in blocks:
            self._take_block(block)
        whole = len(blocks) < MOST_BLOCKS
        newest = max(self.position.starts, default=0)
        if whole and newest > self.position.attempt:
            # It has said no step yet, and has superseded those past its start all the same.
            self._begin(newest)
        for event in said:
            self._take_event(run, event)
        self._files.flush()
        self.done = whole and run.state is State.ENDED
        return bool(blocks or said)

    def take_all(self) -> None:
        """Take all that there is now."""
        while self.poll():
            pass

    # --- steps ------------------------------------------------------------------------------------------

    def _begin(self, attempt: int) -> None:
        place = self.position
        start = place.starts.get(attempt, place.step)
        if place.step > start:
            self._files.supersede(STEPS, start + 1, place.began)
        place.attempt, place.step = attempt, min(place.step, start)

    def _take_block(self, steps: Steps) -> None:
        place, block = self.position, steps.block
        place.block, place.block_step, place.block_begin = steps.id, block.first_step, block.begin
        if steps.attempt > place.attempt:
            self._begin(steps.attempt)
        late = steps.attempt < place.attempt  # an engine that is gone may be read after the next one has begun
        last = min(block.last_step, place.starts.get(place.attempt, 0)) if late else block.last_step
        first = max(block.first_step, place.step + 1)
        if first <= last:
            self._write(block, first, last)
            place.step = last

    def _write(self, block: StepBlock, first: int, last: int) -> None:
        seconds = (block.end - block.begin) / block.steps
        rates = block.column("learning_rate")
        penalized = bool(np.any(block.column("penalty") != 0))
        for step in range(first, last + 1):
            at = step - block.first_step
            loss, rate, norm, accuracy, penalty = block.numbers[at].tolist()
            values = {"loss/step": loss, "accuracy/step": accuracy, "gradient_norm/step": norm}
            # A rate that stays is told at both ends of a block: told each time it would be a quarter of the file.
            if step in {block.first_step, block.last_step} or rates[at] != rates[at - 1]:
                values["learning_rate/step"] = rate
            if penalized:
                values["penalty/step"] = penalty
            time = self.position.began + block.begin + seconds * (at + 1)
            self._files.scalars(STEPS, step, time, values)

    # --- epochs and texts ---------------------------------------------------------------------------------

    def _take_event(self, run: Run, said: Said) -> None:
        self.position.event, self.position.event_time = said.id, said.time
        match said.event:
            case events.AttemptStarted(epoch=epoch):
                if said.attempt > 1:
                    for line in OF_EPOCHS:
                        self._files.supersede(line, epoch + 1, said.time)
                self._tell_recipe(run, said)
            case events.EpochEnded():
                self._tell_epoch(said.event)
            case events.AttemptEnded():
                self._tell_ending(said.event, said)
            case _:
                pass

    def _tell_recipe(self, run: Run, said: Said) -> None:
        self.texts += 1
        # Indented, so that nothing in a name or a path can end the block.
        listing = "\n".join(f"    {line}" for line in run.recipe_toml.splitlines())
        grown = f" It grew from epoch {run.parent_epoch} of run {run.parent}." if run.parent else ""
        self._files.text(
            said.attempt, said.time, "recipe", f"Run {run.number} of Keras Workbench, id {run.id}.{grown}\n\n{listing}"
        )
        try:
            settings = recipes.values(run.recipe)
        except RecipeError:
            return  # written by another version: it can be read by people all the same
        told = {path: value for path, value in settings.items() if value is not None}
        self._files.settings(said.attempt, self.position.began, run.id, told)

    def _tell_epoch(self, event: events.EpochEnded) -> None:
        lines: dict[str, dict[str, float]] = {TRAIN: {"images_per_second/epoch": event.images_per_second}}
        for metric, value in event.metrics.items():
            line, name = line_of(metric)
            lines.setdefault(line, {})[f"{name}/epoch"] = value
        for line, values in lines.items():
            self._files.scalars(line, event.epoch, self.position.began + event.seconds, values)

    def _tell_ending(self, event: events.AttemptEnded, said: Said) -> None:
        self.texts += 1
        reason = event.reason.split("\n", 1)[0]
        ending = event.ending.value.replace("_", " ")
        self._files.text(said.attempt, said.time, "ending", f"**{ending}**, {event.epochs} epochs: {reason}")
