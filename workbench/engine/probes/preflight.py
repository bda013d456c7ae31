"""The pre-flight: what a run would do until its first checkpoint, cut short, with its memory and its times.

The peak is that of a process which has imported, read, built, trained three steps, judged a batch and written a checkpoint,
as a run's has. Then larger batches are tried as long as that is safe (smaller ones when this one did not fit), so that
the largest that fits can be told.
"""

from __future__ import annotations

import gc
import shutil
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from workbench import data
from workbench.data.pictures import DataSet
from workbench.engine import checkpoint, keeping, snapshot
from workbench.engine.backends import PartName
from workbench.engine.feeding import Feed, Indices
from workbench.engine.judging import remeasured
from workbench.engine.probes import memory
from workbench.engine.probes.asked import Asked
from workbench.engine.probes.rehearsal import Rehearsal
from workbench.network.plan import Plan
from workbench.probing.preflight import (
    FULL,
    TIGHT_FROM,
    Fit,
    Preflight,
    fit_of,
    kept_checkpoints,
    largest_fitting,
    sentence,
)
from workbench.rates import rates
from workbench.spec.recipe import changed

STEPS = 3
#: Quick steps are timed once more in a chunk of about so many seconds, as a run does them.
CHUNK_SECONDS = 0.1
#: Each batch that is tried is so many times the one before.
JUMP = 4
#: No further batch is tried after so long.
TRYING_SECONDS = 60.0
#: Bytes of a number, and how many of them a picture is taken to need for each that a layer gives, while nothing is
#: measured: itself, its gradient, and as much in between.
_BYTES, _COPIES = 4, 3


@dataclass(frozen=True)
class _Flown:
    """What the first steps took: seconds and bytes."""

    device: str
    peak: memory.Peak
    first_step: float
    step: float
    judging: float
    saving: float
    checkpoint: int


def preflight(asked: Asked) -> dict[str, Any]:
    """Answer "preflight". Raises WorkbenchError.

    With the option `largest` false no other batches are tried; `host_limit` pretends that the machine has so many bytes.
    """
    recipe = asked.recipe
    host_total = int(asked.options.get("host_limit", memory.available()))
    loaded = data.load(recipe.data, recipe.training.seed, asked.workspace, asked.reading)
    rehearsal = Rehearsal(asked, recipe, loaded)
    plan, steps = rehearsal.plan, rehearsal.steps
    batch = recipe.training.batch_of(len(loaded.training))
    flown = None
    with memory.Trying():
        if not _hopeless(batch, plan, host_total):
            flown = _fly(asked, rehearsal)
    del rehearsal
    peak = flown.peak if flown else memory.peak()
    total = (peak.device_total or 0) if peak.device is not None else host_total
    largest = 0
    if asked.options.get("largest", True):
        largest = _Largest(asked, loaded, plan, total).found(batch, _matters(peak) if flown else None)
    training = recipe.training
    kept = kept_checkpoints(
        training.epochs, training.keep_every, within=flown is not None and _epoch(flown, steps) >= 60 * training.save_minutes,
        best=len(loaded.validation) > 0,
    )  # fmt: skip
    found = Preflight(
        device=flown.device if flown else "", batch_size=batch,
        host_bytes=peak.host if flown else None, host_total=host_total,
        device_bytes=peak.device if flown else None, device_total=peak.device_total,
        first_step_seconds=flown.first_step if flown else None, step_seconds=flown.step if flown else None,
        steps_per_epoch=steps, epochs=training.epochs,
        total_seconds=_total(flown, steps, training.epochs) if flown else None,
        checkpoint_bytes=flown.checkpoint if flown else None, disk_bytes=kept * flown.checkpoint if flown else None,
        disk_free=shutil.disk_usage(asked.workspace.home).free, largest_batch=largest or None,
        fit=fit_of(_matters(peak), total) if flown else Fit.TOO_LARGE, sentence="",
    )  # fmt: skip
    return found.tree() | {"sentence": sentence(found)}


def _total(flown: _Flown, steps: int, epochs: int) -> float:
    return flown.first_step + epochs * (_epoch(flown, steps) + flown.saving)


def _epoch(flown: _Flown, steps: int) -> float:
    """Seconds from one epoch's checkpoint to the next epoch's."""
    return steps * flown.step + flown.judging


def _matters(peak: memory.Peak) -> int:
    """The peak of the memory that runs out first: the GPU's, where there is one."""
    return peak.host if peak.device is None else peak.device


def _hopeless(batch: int, plan: Plan, host_total: int) -> bool:
    """Whether a batch's own numbers are more than there is: on the CPU the system would kill the process for trying."""
    least = _BYTES * plan.activation_numbers * batch
    return memory.peak().device is None and memory.peak().host + least > FULL * host_total


def _fly(asked: Asked, rehearsal: Rehearsal) -> _Flown:
    first, step = _steps(asked, rehearsal)
    asked.progress(STEPS, STEPS, "Judging and saving")
    judging = _judging(rehearsal)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="probe-", dir=asked.workspace.home) as folder:
        weights, state = snapshot.take(rehearsal.model, rehearsal.optimizer, rehearsal.loop)
        size = checkpoint.save(Path(folder), 1, rehearsal.steps, weights, state).size
    saving = time.perf_counter() - began
    return _Flown(rehearsal.loop.device(), memory.peak(), first, step, judging, saving, size)


def _steps(asked: Asked, rehearsal: Rehearsal) -> tuple[float, float]:
    """Seconds of the first step, with tracing, and of one after it."""
    seconds = []
    with closing(rehearsal.chunks(1)) as chunks:
        for number, chunk in enumerate(islice(chunks, STEPS)):
            asked.progress(number, STEPS, "First step" if not number else f"Step {number + 1}")
            began = time.perf_counter()
            rehearsal.loop.train(chunk, rates(rehearsal.recipe, number + 1, 1, rehearsal.steps))
            seconds.append(time.perf_counter() - began)
    step = min(seconds[1:])
    # Half an epoch at most: its last batch may be a smaller one, for which some backends compile a program of its own.
    many = min(int(CHUNK_SECONDS / step), rehearsal.steps // 2)
    if many > 1:
        with closing(rehearsal.chunks(many)) as chunks:
            chunk = next(chunks)
            began = time.perf_counter()
            rehearsal.loop.train(chunk, rates(rehearsal.recipe, 1, chunk.steps, rehearsal.steps))
            step = (time.perf_counter() - began) / chunk.steps
    return seconds[0], step


def _judging(rehearsal: Rehearsal) -> float:
    """Seconds that judging takes at each epoch's end, from a few batches."""
    recipe, loaded = rehearsal.recipe, rehearsal.data
    everything = np.arange(len(loaded.validation), dtype=np.int32)
    seconds = _judging_part(rehearsal, "validation", everything)
    return seconds + _judging_part(rehearsal, "training", remeasured(recipe, loaded))


def _judging_part(rehearsal: Rehearsal, part: PartName, order: Indices) -> float:
    if not len(order):
        return 0.0
    feed = Feed(getattr(rehearsal.data, part), rehearsal.recipe.training.batch_size)
    try:
        with rehearsal.loop.judged():
            sums = keeping.nothing(rehearsal.data)
            rehearsal.loop.evaluate(feed.some(order, None, 0, 1), sums, part)  # traces
            chunk = feed.some(order, None, 0, 4)
            began = time.perf_counter()
            rehearsal.loop.evaluate(chunk, sums, part)
            return (time.perf_counter() - began) * len(order) / chunk.samples
    finally:
        feed.close()


class _Largest:
    """Looks for the largest batch that fits: the peak of some batches, and a straight line through them."""

    def __init__(self, asked: Asked, loaded: DataSet, plan: Plan, total: int) -> None:
        self._asked, self._data, self._total = asked, loaded, total
        self._pictures = len(loaded.training)
        self._each = _COPIES * _BYTES * plan.activation_numbers
        self._ends = time.perf_counter() + TRYING_SECONDS

    def found(self, batch: int, peak: int | None) -> int:
        """The largest batch, 0 for none; `peak` is that of the recipe's own batch, None when that did not fit."""
        if peak is None:
            return self._smaller(batch)
        peaks = [(batch, peak)]
        while batch < self._pictures and time.perf_counter() < self._ends:
            following = min(JUMP * batch, self._pictures)
            if peak + (following - batch) * max(self._each, _slope(peaks)) > TIGHT_FROM * self._total:
                break
            more = self._peak(following)
            if more is None:
                break
            batch, peak = following, max(peak, more)
            peaks.append((batch, peak))
        if len(peaks) == 1:  # there was no room for a second
            peaks.append((batch + 1, peak + self._each))
        return largest_fitting(peaks, self._total, self._pictures)

    def _smaller(self, batch: int) -> int:
        while batch > 1:
            batch //= 2
            needs = memory.peak().host + batch * self._each
            if (memory.peak().device is not None or needs < FULL * self._total) and self._peak(batch) is not None:
                return batch
        return 0

    def _peak(self, batch: int) -> int | None:
        """The peak after two steps with such a batch; None when it did not fit."""
        self._asked.progress(0, 0, f"Trying a batch of {batch:,}")
        gc.collect()
        recipe = changed(self._asked.recipe, "training.batch_size", batch)
        with memory.Trying() as trying:
            rehearsal = Rehearsal(self._asked, recipe, self._data)
            with closing(rehearsal.chunks(1)) as chunks:
                for chunk in islice(chunks, 2):
                    rehearsal.loop.train(chunk, rates(recipe, 1, 1, rehearsal.steps))
        return None if trying.short else _matters(memory.peak())


def _slope(peaks: list[tuple[int, int]]) -> float:
    """Bytes a picture by the last two batches; 0 while there is only one."""
    if len(peaks) == 1:
        return 0.0
    (few, low), (many, high) = peaks[-2:]
    return (high - low) / (many - few)
