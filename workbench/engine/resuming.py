"""Taking a run up again from a checkpoint, with a certificate: is it the same run, bit for bit?

Two things are asked. The network, with the checkpoint's values in it, must say of a fixed batch of pictures what it said
when the checkpoint was written. And steps whose numbers the journal has must come out as they were written down: those
that followed the checkpoint, else those that followed an older one, else the very first. After that everything is put to
the checkpoint's values once more, and training goes on.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workbench.engine import checkpoint, keeping, snapshot
from workbench.engine.checkpoint import Checkpoint, Manifest
from workbench.engine.keeping import Parts
from workbench.engine.recorder import Recorder
from workbench.engine.standing import Standing
from workbench.errors import EngineError
from workbench.events import COLUMNS, AttemptEnded, Ending, Floats, Resumed, Warned
from workbench.journal import taking_up
from workbench.journal.kept import describe_kept
from workbench.spec.recipe import Recipe, changed

#: At most so many recorded steps are done again, and none is begun after so many seconds.
REPLAYED, REPLAY_SECONDS = 8, 1.0

#: Does one step again, the one after `standing`, with the rate it had; gives its numbers.
Replay = Callable[[Standing, float], Floats]


def settle(folder: Path, start: Checkpoint | None) -> Manifest | None:
    """Make a run's checkpoints what they were at `start`: those past it are damaged. The best until there, if there is one."""
    for each in checkpoint.manifests(folder):
        if start is None or each.key > start.manifest.key:
            checkpoint.remove(folder, each)
    if start is None:
        checkpoint.point(folder, "")
        return None
    best = start.manifest.best
    checkpoint.point(folder, best if (folder / best / checkpoint.MANIFEST).is_file() else "")
    return checkpoint.manifest(folder, "best")


def with_threads(recipe: Recipe, start: Checkpoint | None) -> Recipe:
    """The recipe with the threads that the run has had, where it names none: another number gives other last digits."""
    threads = start.manifest.facts["setup"].get("threads", "") if start else ""
    if recipe.training.threads is not None or not threads.isdecimal():
        return recipe
    return changed(recipe, "training.threads", int(threads))


def stopped_before(recorder: Recorder, recipe: Recipe, start: Checkpoint | None, ending: Ending) -> tuple[Ending, str]:
    """The ending of a run that was stopped before its first step of this attempt."""
    standing = Standing.from_tree(start.manifest.facts["standing"]) if start else Standing()
    standing.best = checkpoint.manifest(recorder.folder / "checkpoints", "best")
    describe_kept(recorder.journal, recorder.run)
    standing.stop(ending, keeps_best=recipe.keeps_best)
    return standing.ending, standing.reason


def has_recorded(recorder: Recorder) -> bool:
    """Whether an earlier attempt wrote down what its first steps were."""
    return recorder.attempt > 1 and len(taking_up.recorded(recorder.journal, recorder.run, 0)) > 0


def waits_anew(recorder: Recorder, epoch: int) -> bool:
    """Whether early stopping has ended the run after this epoch before, and somebody asked for more."""
    said = (each.event for each in recorder.journal.events(recorder.run))
    ends = (each for each in said if isinstance(each, AttemptEnded))
    return any(each.ending is Ending.EARLY_STOPPED and each.epochs == epoch for each in ends)


def is_fork(start: Checkpoint | None) -> bool:
    """Whether a checkpoint came from another run, whose settings may have been others."""
    return start is not None and "fork_of" in start.manifest.facts


def grow(parts: Parts, start: Checkpoint) -> Warned:
    """Begin a fork: with all that its parent's checkpoint has, if the optimizer is the same, else with its weights."""
    facts = start.manifest.facts
    where = f"Grows from {facts['fork_of']} after epoch {start.manifest.epoch}"
    was, now = facts["optimizer"], keeping.optimizer_name(parts.recipe)
    if was == now:
        try:
            snapshot.restore(parts.model, parts.optimizer, parts.loop, start)
        except EngineError:  # other settings of the same rule, such as momentum, need other memory
            was = f"{was} with other settings"
        else:
            return Warned(f"{where}; the optimizer goes on as well.")
    snapshot.restore_weights(parts.model, parts.loop, start)
    return Warned(f"{where}; the optimizer starts afresh: it was {was} there and is {now} here.")


@dataclass(frozen=True)
class _Base:
    """A place whose next step is in the journal."""

    kept: Checkpoint
    standing: Standing
    recorded: Floats


class Certificate:
    """Compares, and says what came of it."""

    def __init__(self, recorder: Recorder, parts: Parts, replay: Replay, steps_per_epoch: int) -> None:
        self._recorder = recorder
        self._folder = recorder.folder / "checkpoints"
        self._parts = parts
        self._replay = replay
        self._steps = steps_per_epoch
        self._beginning = self._fresh()
        self._why: list[str] = []
        self._replayed = 0

    def compare(self, start: Checkpoint | None, same_loop: Callable[[Standing], bool]) -> Resumed:
        """Compare, and leave everything as it is at `start` (as it is now, when that is None).

        `same_loop` says whether a standing's next step is done by the loop at hand: frozen layers may have thawed since.
        """
        now = start or self._beginning
        position = Standing.from_tree(now.manifest.facts["standing"])
        base = next((each for each in self._bases(now) if same_loop(each.standing)), None)
        if base is None:
            self._why.append("no step had been recorded to compare with")
        else:
            self._put(base.kept)
            self._compare_steps(base)
        self._put(now)
        if start is not None:
            self._compare_setup(start.manifest.facts["setup"])
            self._compare_probe(np.array(start.manifest.facts["probe"]))
        return Resumed(position.epoch, position.step, not self._why, self._replayed, tuple(self._why))

    def _put(self, kept: Checkpoint) -> None:
        snapshot.restore(self._parts.model, self._parts.optimizer, self._parts.loop, kept)

    def _fresh(self) -> Checkpoint:
        """What was built, before its first step."""
        weights, state = snapshot.take(self._parts.model, self._parts.optimizer, self._parts.loop)
        return Checkpoint(Manifest("", 0, 0, 0, "", "", facts={"standing": Standing().tree()}), weights, state)

    def _bases(self, now: Checkpoint) -> Iterator[_Base]:
        """Places with recorded steps after them, the nearest first: the start itself, older checkpoints, the beginning."""
        older = (
            each for each in checkpoint.good(self._folder) if each.manifest.key < now.manifest.key and not is_fork(each)
        )
        for kept in itertools.chain([now], older, [self._beginning]):
            standing = Standing.from_tree(kept.manifest.facts["standing"])
            if standing.step - standing.epoch_begin == self._steps:
                standing.epoch, standing.epoch_begin = standing.epoch + 1, standing.step
            recorded = taking_up.recorded(self._recorder.journal, self._recorder.run, standing.step)
            if len(recorded):
                yield _Base(kept, standing, recorded)

    def _compare_steps(self, base: _Base) -> None:
        standing, began = base.standing, 0.0
        rate = COLUMNS.index("learning_rate")
        for was in base.recorded[:REPLAYED]:
            if self._replayed and self._recorder.clock() - began > REPLAY_SECONDS:
                return
            found = self._replay(standing, float(was[rate]))
            standing.step += 1
            if not np.array_equal(found, was, equal_nan=True):
                self._why.append(f"step {standing.step:,} came out otherwise: {_differences(found, was)}")
                return
            began = began or self._recorder.clock()  # the first one traces
            self._replayed += 1
            if standing.step - standing.epoch_begin == self._steps:
                return

    def _compare_setup(self, was: dict[str, str]) -> None:
        now = keeping.setup(self._parts)
        if was.get("data") != now["data"]:
            self._why.append("the data or their split have changed")
        self._why += [
            f"the {name} was {was.get(name, 'not known')} and is {value}"
            for name, value in now.items()
            if name != "data" and was.get(name) != value
        ]

    def _compare_probe(self, was: Any) -> None:
        found = keeping.probe(self._parts)
        if found.shape != was.shape or not np.array_equal(found, was, equal_nan=True):
            self._why.append("the network answers the checkpoint's probe otherwise than when it was written")


def _differences(found: Floats, was: Floats) -> str:
    pairs = zip(COLUMNS, found, was, strict=True)
    return ", ".join(
        f"{name.replace('_', ' ')} {new:.9g} instead of {old:.9g}" for name, new, old in pairs if new != old
    )
