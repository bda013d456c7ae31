"""What went wrong, as a card a person can act on."""

from __future__ import annotations

import dataclasses
import math
import traceback

from workbench.engine.recorder import Recorder
from workbench.errors import DataError, DownloadError, EngineError, RecipeError, WorkspaceError
from workbench.events import Ending, ErrorCard, Failed
from workbench.journal.kept import describe_kept

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


def end(recorder: Recorder, error: BaseException) -> Ending:
    """End a run as failed, with the card for what ended it. Raises WorkspaceError when that cannot be written."""
    recorder.drop_ballast()
    told = card(error)
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


def card(error: BaseException) -> ErrorCard:
    """The card for whatever ended a run."""
    if isinstance(error, DivergedError):
        return _diverged(error)
    told = _memory(error) if _is_memory(error) else _known(error) or _unknown(error)
    return dataclasses.replace(
        told, what_is_safe=told.what_is_safe or _SAFE, details="".join(traceback.format_exception(error))
    )


def _known(error: BaseException) -> ErrorCard | None:
    """The card for a failure of the world, told by its class."""
    match error:
        case DownloadError():
            tries = ("Connect to the network and start again.", "Choose Digits or Shapes: they need no download.")
            return ErrorCard("The data set could not be fetched", str(error), what_to_try=tries)
        case DataError():
            return ErrorCard("The pictures cannot be used as they are", str(error))
        case RecipeError():
            return ErrorCard(
                "The recipe does not fit",
                "Some settings cannot be used together or with these pictures.",
                evidence=tuple(str(problem) for problem in error.problems),
                what_to_try=("Change the settings named here and start again.",),
            )
        case WorkspaceError():
            return ErrorCard(
                "The workspace could not be written",
                str(error),
                what_to_try=("Free some space or choose another workspace, then start again.",),
                what_is_safe="What was written before is kept.",
            )
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


def _diverged(error: DivergedError) -> ErrorCard:
    evidence = [f"Step {error.step:,} in epoch {error.epoch}, learning rate {error.rate:g}."]
    if error.norm_before is not None:
        evidence.append(f"The gradient norm in the step before was {error.norm_before:.3g}.")
    happened = "The loss or its gradient was no longer a finite number, so the step was not applied and training ended."
    what = "The gradient became infinite" if math.isfinite(error.loss) else "The loss became NaN"
    tries = [f"Lower the learning rate, for example to {error.rate / 10:g}."]
    if error.bad_steps > 1:
        happened = f"{error.bad_steps} steps in a row had a loss or gradient that was not finite; none was applied, and training ended."
    else:
        tries.append("Turn on gradient clipping: single bad steps are then skipped.")
    tries.append("Add warm-up, or batch normalization.")
    return ErrorCard(
        f"{what} in epoch {error.epoch}", happened, tuple(evidence), tuple(tries),
        "The last weights are those of the last good step.",
    )  # fmt: skip


def _is_memory(error: BaseException) -> bool:
    names = {"ResourceExhaustedError", "OutOfMemoryError", "MemoryError"}
    return type(error).__name__ in names or "RESOURCE_EXHAUSTED" in str(error)[:500]


def _memory(error: BaseException) -> ErrorCard:
    return ErrorCard(
        "Not enough memory",
        "The device could not hold what the next step needs.",
        evidence=(_first_line(error) or type(error).__name__,),
        what_to_try=("Halve the batch size.", "Take a smaller network or smaller pictures."),
    )
