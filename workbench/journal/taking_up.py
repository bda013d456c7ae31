"""How a run is taken up again: back into the queue, and what its earlier attempts wrote down of the steps to come."""

from __future__ import annotations

import contextlib

import numpy as np

from workbench.errors import RecipeError, WorkspaceError
from workbench.events import COLUMNS, Ending, Floats, RateChanged, State
from workbench.journal.rows import Run
from workbench.journal.store import Journal
from workbench.paths import write_atomic
from workbench.spec import presets
from workbench.spec.recipe import changed

#: So many recorded steps are read at once for comparing.
MOST_STEPS = 4096


def requeue(journal: Journal, run: Run, epochs: int | None = None, *, pictures: str = "", weights: str = "") -> Run:
    """Put an ended run back into the queue, to go on from its newest checkpoint.

    With `epochs`, it trains until then; `pictures` is the path where its pictures are now, `weights` that of the file that it
    started from. Raises WorkspaceError with a sentence when there is nothing to go on with, RecipeError for a path that is no text.
    """
    reason = why_not(run, epochs)
    if reason:
        raise WorkspaceError(reason)
    text, planned = run.recipe_toml, run.epochs_planned
    if epochs is not None or pictures or weights:
        try:
            recipe = run.recipe
            if pictures:
                recipe = changed(recipe, "data.path", pictures)
            if weights:
                recipe = changed(recipe, "initializer.file", weights)
            if epochs is not None:
                recipe = changed(recipe, "training.epochs", epochs)
        except RecipeError as error:
            raise WorkspaceError("; ".join(str(problem) for problem in error.problems)) from error
        text, planned = presets.dump(recipe, run.name), recipe.training.epochs
    content = presets.encoded(text)
    path, written = journal.workspace.run_folder(run.id) / "recipe.toml", False
    try:
        # All before the commit: who is told that it failed must not have a run that goes on all the same.
        with journal.transaction():
            taken_up = _queue(journal, run, text, planned)
            if text != run.recipe_toml:
                written = True
                write_atomic(path, content)
    except WorkspaceError:
        if written:
            with contextlib.suppress(WorkspaceError):  # the journal is what counts; the file is for people and rescues
                write_atomic(path, run.recipe_toml.encode())
        raise
    return taken_up


def _queue(journal: Journal, run: Run, text: str, planned: int) -> Run:
    queued = journal.write(
        "UPDATE runs SET state = ?, ending = NULL, reason = '', ended = NULL, reserved = 0, recipe = ?, epochs_planned = ?"
        " WHERE id = ? AND state = ? AND ending IS NOT ? AND trashed IS NULL",
        State.QUEUED, text, planned, run.id, State.ENDED, Ending.DISCARDED,
    )  # fmt: skip
    if not queued:
        raise WorkspaceError(f"{run.name} is no longer at its end: somebody else took it up, or deleted it.")
    return journal.run(run.id)


def why_not(run: Run, epochs: int | None = None) -> str:
    """Why a run cannot be taken up again, as a sentence; empty when it can."""
    if run.state is not State.ENDED:
        return f"{run.name} is {run.state}; only a run that has ended can be taken up again."
    if run.ending is Ending.DISCARDED:
        return f"{run.name} was discarded; nothing of it is left."
    if run.trashed is not None:
        return f"{run.name} is in the trash. Restore it first, then take it up again."
    try:
        _ = run.recipe
    except RecipeError:
        return f"The recipe of {run.name} cannot be read any more by this version; start a new run instead."
    return _why_done(run) if epochs is None else _why_not_longer(run, epochs)


def _why_done(run: Run) -> str:
    if run.epochs >= run.epochs_planned and run.ending is Ending.COMPLETED:
        return f"All {run.epochs} epochs of {run.name} are done. To train longer, say until which epoch."
    if run.ending is Ending.EARLY_STOPPED:
        return f"Early stopping ended {run.name} after epoch {run.epochs}. To train longer, say until which epoch."
    return ""


def _why_not_longer(run: Run, epochs: int) -> str:
    # A fork has its parent's epochs from the start, also before its own first one is over.
    done = max(run.epochs, run.parent_epoch)
    return f"{run.name} has {done} epochs already; train it until a later one." if epochs <= done else ""


def attempts(journal: Journal, run: str) -> int:
    """How many engines have taken a run so far."""
    (count,) = journal.query("SELECT COUNT(*) FROM events WHERE run = ? AND kind = 'AttemptStarted'", run)[0]
    return int(count)


def recorded(journal: Journal, run: str, after: int) -> Floats:
    """The numbers of the steps after step `after`, as the newest attempt that did them wrote them down.

    Shape (steps, len(COLUMNS)), without gaps, possibly none, at most MOST_STEPS.
    """
    rows: dict[int, Floats] = {}
    for each in journal.steps(run):
        block = each.block
        if block.last_step <= after or block.first_step > after + MOST_STEPS:
            continue
        # In the order of the journal: a later attempt writes over an earlier one.
        rows |= {block.first_step + at: numbers for at, numbers in enumerate(block.numbers)}
    found: list[Floats] = []
    while len(found) < MOST_STEPS and after + len(found) + 1 in rows:
        found.append(rows[after + len(found) + 1])
    return np.array(found, dtype=np.float32).reshape(len(found), len(COLUMNS))


def rates_set_by_hand(journal: Journal, run: str) -> list[RateChanged]:
    """Every learning rate that was set by hand, in order: part of what the run is, wherever it is taken up again."""
    found: dict[RateChanged, None] = {}
    for said in journal.events(run):
        if isinstance(said.event, RateChanged) and said.event.share is not None:
            found.setdefault(said.event)  # an attempt that passes the place again says it again
    return sorted(found, key=lambda event: event.step)
