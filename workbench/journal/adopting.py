"""Gives a run that only its folder knows a row in the journal again, as one that was interrupted."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

from workbench import events
from workbench.errors import WorkspaceError
from workbench.events import AttemptEnded, Ending, Event, RunCreated, State
from workbench.journal import kept
from workbench.journal.rows import Run
from workbench.journal.store import Journal
from workbench.paths import explain
from workbench.spec import presets

REASON = "The journal had lost this run. Its recipe and {weights} were found in its folder; its curves are gone."


def adopt(journal: Journal, folder: Path) -> Run:
    """Put a run's folder into the journal as an ended run; what it trained is told by its checkpoints.

    A run that is there already stays as it is. Raises RecipeError or WorkspaceError when its recipe cannot be read.
    """
    try:
        text = (folder / "recipe.toml").read_bytes().decode("utf-8", errors="replace")
    except OSError as error:
        raise WorkspaceError(explain(error, folder / "recipe.toml")) from error
    preset = presets.loads(text)
    places = kept.manifests(folder / "checkpoints")
    last = next(iter(places), None)
    best = kept.pointed(folder / "checkpoints")
    keep = ((best or last) if preset.recipe.keeps_best else (last or best)) or {}
    weights = f"{len(places)} checkpoints" if len(places) != 1 else "1 checkpoint"
    reason = REASON.format(weights=weights if places else "no checkpoint")
    epochs = int((last or best or {}).get("epoch", 0))
    with journal.transaction():
        ((number,),) = journal.query("SELECT COALESCE(MAX(number), 0) + 1 FROM runs")
        name = preset.title or f"Run {number}"
        made = journal.write(
            "INSERT OR IGNORE INTO runs (id, number, name, preset, recipe, created, started, ended, state, ending, reason,"
            " epochs_planned, epochs, best_epoch, weights_sha256, last_weights_sha256)"
            " VALUES (?, ?, ?, '', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            folder.name, number, name, text, _began(folder), _began(folder), _changed(folder), State.ENDED,
            Ending.INTERRUPTED, reason, preset.recipe.training.epochs, epochs, int(best["epoch"]) if best else None,
            keep.get("weights_sha256"), (last or keep).get("weights_sha256"),
        )  # fmt: skip
        if made:
            for event in (RunCreated(name), AttemptEnded(Ending.INTERRUPTED, reason, epochs)):
                _say(journal, folder.name, event)
        return journal.run(folder.name)


def _say(journal: Journal, run: str, event: Event) -> None:
    journal.write(
        "INSERT INTO events (run, attempt, time, kind, body) VALUES (?, 0, ?, ?, ?)",
        run, time.time(), *events.encode(event),
    )  # fmt: skip


def _began(folder: Path) -> float:
    """When a run was made: its id begins with it."""
    with contextlib.suppress(ValueError, OverflowError):
        return time.mktime(time.strptime(folder.name[:15], "%Y%m%d-%H%M%S"))
    return (folder / "recipe.toml").stat().st_mtime


def _changed(folder: Path) -> float:
    """When something was written last into a run's folder."""
    return max(path.stat().st_mtime for path in (folder, *folder.glob("*"), *folder.glob("checkpoints/*")))
