"""What went wrong, as a card a person can act on: what happened, what was seen, what is safe, and ways out."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import math
import shutil
import sqlite3
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from workbench.engine import shortage
from workbench.engine.recorder import Recorder
from workbench.errors import (
    DataError,
    DownloadError,
    EngineError,
    ErrorCard,
    RecipeError,
    Way,
    WayKind,
    WorkbenchError,
    WorkspaceError,
)
from workbench.events import DataReady, Ending, Failed
from workbench.journal.kept import describe_kept
from workbench.journal.of_kind import newest
from workbench.network.plan import Plan
from workbench.network.plan import plan as plan_network
from workbench.paths import size_words
from workbench.spec import ways
from workbench.spec.recipe import Recipe

_SAFE = "The recipe and all other runs are as they were."


class DivergedError(Exception):
    """The loss or the gradient stopped being a number; the weights in memory are the last good ones."""

    def __init__(
        self, step: int, epoch: int, rate: float, *, loss: float, norm_before: float | None, bad_steps: int
    ) -> None:
        super().__init__(f"not finite at step {step}")
        self.step = step
        self.epoch = epoch
        self.rate = rate
        self.loss = loss
        self.norm_before = norm_before
        self.bad_steps = bad_steps


@dataclass(frozen=True)
class Scene:
    """What is known of the run that failed."""

    recipe: Recipe | None = None
    #: its network, if its pictures had been read
    plan: Plan | None = None
    folder: Path | None = None

    @staticmethod
    def of(recorder: Recorder, recipe: Recipe | None) -> Scene:
        """What the recorder's run has come to; what cannot be read any more is left out."""
        plan = None
        with contextlib.suppress(WorkbenchError):
            ready = newest(recorder.journal, recorder.run, DataReady)
            if recipe is not None and ready is not None:
                plan = plan_network(recipe, ready.shape, len(ready.classes))
        return Scene(recipe, plan, recorder.folder)


def end(recorder: Recorder, error: BaseException, recipe: Recipe | None = None) -> Ending:
    """End a run as failed, with the card for what ended it. Raises WorkspaceError when that cannot be written."""
    recorder.drop_ballast()
    told = card(error, Scene.of(recorder, recipe))
    try:
        _write(recorder, told)
    except WorkspaceError:
        # What was busy or full a moment ago may not be any more; if it is, whoever notices the death writes the ending.
        _write(recorder, told)
    return Ending.FAILED


def _write(recorder: Recorder, told: ErrorCard) -> None:
    epoch = describe_kept(recorder.journal, recorder.run)
    if epoch:
        told = dataclasses.replace(told, what_is_safe=f"{told.what_is_safe} The weights of epoch {epoch} are kept.")
    recorder.journal.end(recorder.run, Ending.FAILED, told.title, Failed(told))


def card(error: BaseException, scene: Scene | None = None) -> ErrorCard:
    """The card for whatever ended a run."""
    scene = scene or Scene()
    if isinstance(error, DivergedError):
        return _diverged(error, scene)
    told = _memory(error, scene) if shortage.is_shortage(error) else _known(error, scene) or _unknown(error)
    return dataclasses.replace(
        told, what_is_safe=told.what_is_safe or _SAFE, details="".join(traceback.format_exception(error))
    )


def _known(error: BaseException, scene: Scene) -> ErrorCard | None:
    """The card for a failure of the world, told by its class."""
    match error:
        case DownloadError():
            tries = ("Connect to the network and start again.", "Choose Digits or Shapes: they need no download.")
            again = Way(WayKind.AGAIN, "Try the download again", "What had come already is not fetched twice.")
            return ErrorCard("The data set could not be fetched", str(error), what_to_try=tries, ways=(again,))
        case DataError():
            return _data(error, scene)
        case RecipeError():
            return ErrorCard(
                "The recipe does not fit",
                "Some settings cannot be used together or with these pictures.",
                evidence=tuple(str(problem) for problem in error.problems),
                what_to_try=("Change the settings named here and start again.",),
            )
        case WorkspaceError():
            return _full(error, scene) if _is_full(error) else _unwritable(error)
        case EngineError():
            return ErrorCard("The engine could not start", str(error))
        case _:
            return None


def _unknown(error: BaseException) -> ErrorCard:
    return ErrorCard(
        "The engine failed",
        "Something went wrong that the workbench does not know: a defect of ours.",
        evidence=(f"{type(error).__name__}: {_first_line(error)}",),
        what_to_try=("Copy the report and send it to us.", "Try a smaller batch, or another backend."),
    )


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), "")[:300]


# --- the pictures ---------------------------------------------------------------------------------------


def _data(error: DataError, scene: Scene) -> ErrorCard:
    path = getattr(scene.recipe.data, "path", "") if scene.recipe else ""
    if not path:
        return ErrorCard("The pictures cannot be used as they are", str(error))
    again = Way(
        WayKind.AGAIN, "Read them again", "Once they are back in their place, or what is named above is put right."
    )
    if Path(path).exists():
        return ErrorCard("The pictures cannot be used as they are", str(error), ways=(again,))
    moved = Way(
        WayKind.MOVED, "Choose where they are now…",
        "The run goes on with them, and says whether they are the pictures it has had before.",
    )  # fmt: skip
    return ErrorCard(
        "The pictures are not there any more", str(error), evidence=(f"{path} was not found.",), ways=(again, moved)
    )


# --- the disk -------------------------------------------------------------------------------------------


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__


def _is_full(error: BaseException) -> bool:
    """Whether the system or SQLite has said that there is no room."""
    return any(
        (isinstance(each, OSError) and each.errno in {errno.ENOSPC, errno.EDQUOT})
        or (isinstance(each, sqlite3.Error) and "full" in str(each))
        for each in _causes(error)
    )


def _full(error: WorkspaceError, scene: Scene) -> ErrorCard:
    evidence = []
    with contextlib.suppress(OSError):
        if scene.folder is not None:
            evidence.append(f"{size_words(shutil.disk_usage(scene.folder).free)} are free on that disk.")
            mine = sum(path.stat().st_size for path in scene.folder.rglob("*") if path.is_file())
            evidence.append(f"This run takes {size_words(mine)}, most of it checkpoints.")
    return ErrorCard(
        "The disk is full", str(error), evidence=tuple(evidence),
        what_to_try=("Free some space on that disk: delete runs, or files that are not the workbench's.",),
        what_is_safe="What was written before is kept.",
        ways=(
            Way(WayKind.TRASH, "Empty the trash", "Runs that were deleted take room until it is emptied."),
            Way(WayKind.AGAIN, "Take the run up again", "Once there is room; it goes on from its newest checkpoint."),
        ),
    )  # fmt: skip


def _unwritable(error: WorkspaceError) -> ErrorCard:
    return ErrorCard(
        "The workspace could not be written",
        str(error),
        what_to_try=("Free some space or choose another workspace, then start again.",),
        what_is_safe="What was written before is kept.",
        ways=(Way(WayKind.AGAIN, "Take the run up again", "Once the workspace can be written to."),),
    )


# --- the loss -------------------------------------------------------------------------------------------


def _diverged(error: DivergedError, scene: Scene) -> ErrorCard:
    evidence = [f"Step {error.step:,} in epoch {error.epoch}, learning rate {error.rate:g}."]
    if error.norm_before is not None:
        evidence.append(f"The gradient norm in the step before was {error.norm_before:.3g}.")
    happened = "The loss or its gradient was no longer a finite number, so the step was not applied and training ended."
    what = "The gradient became infinite" if math.isfinite(error.loss) else "The loss became NaN"
    if error.bad_steps > 1:
        happened = f"{error.bad_steps} steps in a row had a loss or gradient that was not finite; none was applied, and training ended."
    found = ways.calmer(scene.recipe, first_epoch=error.epoch == 1) if scene.recipe else ()
    tries = ("Add batch normalization, or scale the starting weights down.",)
    return ErrorCard(
        f"{what} in epoch {error.epoch}", happened, tuple(evidence), tries,
        "The last weights are those of the last good step.", ways=found,
    )  # fmt: skip


# --- memory ---------------------------------------------------------------------------------------------


def _memory(error: BaseException, scene: Scene) -> ErrorCard:
    asked = shortage.read(error)
    where = like = ""
    if scene.plan is not None:
        where = shortage.layer_of(asked, scene.plan)
        like = "" if where else shortage.layer_like(asked, scene.plan)
    what = size_words(asked.size) if asked.size else "more than there was"
    of = f" for the layer {where}" if where else f" for numbers of the shape of {like}'s output" if like else ""
    batch = f" at a batch of {scene.recipe.training.batch_size:,} pictures" if scene.recipe else ""
    evidence = []
    if asked.shape is not None:
        evidence.append(f"A block of numbers of shape {' × '.join(f'{side:,}' for side in asked.shape)} found no room.")
    if not asked.gpu:
        memory = psutil.virtual_memory()
        evidence.append(f"{size_words(memory.available)} of {size_words(memory.total)} of memory were free.")
    evidence.append(shortage.first_words(error))
    return ErrorCard(
        "Not enough GPU memory" if asked.gpu else "Not enough memory",
        f"A step asked for {what}{of}{batch}, and the device could not give it.",
        evidence=tuple(evidence),
        what_to_try=("Take a smaller network or smaller pictures.",),
        ways=ways.smaller(scene.recipe) if scene.recipe else (),
    )
