"""All that a report tells of a run, read from the journal and the run's folder. No engine is started for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from workbench.curves.run_curves import RunCurves
from workbench.errors import ErrorCard, ResultsError, WorkspaceError
from workbench.events import AttemptStarted, DataReady, EpochEnded, Event, Failed, ModelReady, Resumed, Warned
from workbench.journal import Journal, Run, judged
from workbench.journal.rows import Fork, effective, forks_of
from workbench.journal.tested import Tested, looks_at_test
from workbench.results import through
from workbench.results.answers import Whole
from workbench.results.look import ClassLook, MaskLook, look
from workbench.spec.recipe import Recipe

_FILE = re.compile(r"(\d+)-(\d+)-(validation|test)-([0-9a-f]{12})\.npz")
E = TypeVar("E", bound=Event)


@dataclass(frozen=True)
class AtEpoch:
    """What was said of the watched validation pictures at the end of an epoch."""

    epoch: int
    classes: tuple[str, ...]
    matrix: Whole
    #: how many validation pictures there are in all
    of: int


@dataclass(frozen=True)
class Gathered:
    """See the module."""

    run: Run
    recipe: Recipe
    curves: RunCurves
    #: what each epoch's end gave, by its number; the curves have NaN where a metric was not given too
    measured: Mapping[int, Mapping[str, float]]
    #: the last step of each epoch that ended, by its number; none is taken before the first
    ends: Mapping[int, int]
    #: the run that it grew from, by its name; empty where it began afresh or that run is gone
    parent: str
    forks: tuple[Fork, ...]
    ready: DataReady | None
    model: ModelReady | None
    #: why it failed, if it did
    card: ErrorCard | None
    #: when an engine took it up, in seconds since 1970, and from where
    attempts: tuple[tuple[float, AttemptStarted], ...]
    resumed: tuple[Resumed, ...]
    warnings: tuple[str, ...]
    tests: tuple[Tested, ...]
    #: of each part of the data that weights were judged on, what they said
    looks: tuple[ClassLook | MaskLook, ...]
    #: where the validation pictures were not judged, what was watched of them
    watched: AtEpoch | None
    #: what of it could not be read
    lost: tuple[str, ...]


def gather(journal: Journal, run: Run) -> Gathered:
    """Raises WorkbenchError when the journal or the run's recipe cannot be read."""
    said, runs = journal.events(run.id), journal.runs()
    curves = RunCurves()
    curves.feed(said, journal.steps(run.id))
    left = effective(said)
    failed, ready = _last(left, Failed), _last(left, DataReady)
    ended = [each for each in left if isinstance(each, EpochEnded)]
    looks, lost = _judged(journal.workspace.run_folder(run.id), run)
    watched = None
    if ready is not None and not any(each.about.part == "validation" for each in looks):
        try:
            watched = _watched(journal, run, curves)
        except (WorkspaceError, ResultsError) as error:
            lost = (*lost, str(error))
    return Gathered(
        run, run.recipe, curves, {each.epoch: each.metrics for each in ended}, {0: 0} | {each.epoch: each.step for each in ended},
        next((each.name for each in runs if each.id == run.parent), ""), forks_of(run, runs),
        ready, _last(left, ModelReady), failed.card if failed is not None else None,
        tuple((each.time, each.event) for each in said if isinstance(each.event, AttemptStarted)),
        tuple(each for each in left if isinstance(each, Resumed)),
        tuple(dict.fromkeys(each.message for each in left if isinstance(each, Warned))),
        looks_at_test(journal, run.id), looks, watched, lost,
    )  # fmt: skip


def _last(said: list[Event], kind: type[E]) -> E | None:
    return next((each for each in reversed(said) if isinstance(each, kind)), None)


def _judged(folder: Path, run: Run) -> tuple[tuple[ClassLook | MaskLook, ...], tuple[str, ...]]:
    """Of each part the answers of the weights that the run keeps, else of those that have come furthest."""
    chosen: dict[str, tuple[tuple[bool, int, int], Path]] = {}
    for path in folder.glob(f"{judged.FOLDER}/*.npz"):
        named = _FILE.fullmatch(path.name)
        if named is not None:
            rank = (run.weights_sha256 or "").startswith(named[4]), int(named[1]), int(named[2])
            chosen[named[3]] = max(chosen.get(named[3], (rank, path)), (rank, path))
    looks: list[ClassLook | MaskLook] = []
    lost: list[str] = []
    for part in ("validation", "test"):
        if part in chosen:
            try:
                found = look(judged.read(chosen[part][1]))
            except (WorkspaceError, ResultsError):  # its sentence names a path of the person's
                lost.append(f"What was said of the {part} pictures cannot be read any more. Judge the run again.")
            else:
                looks.append(found)
    return tuple(looks), tuple(lost)


def _watched(journal: Journal, run: Run, curves: RunCurves) -> AtEpoch | None:
    """At the best epoch, where that was watched; else at the last one that was."""
    found = through.read(journal, run.id)
    if found is None or found.with_masks:
        return None
    best = curves.best.epoch if curves.best is not None else 0
    at = found.epochs.index(best) if best in found.epochs else len(found.epochs) - 1
    return AtEpoch(found.epochs[at], found.classes, found.matrix(at), found.samples.of)
