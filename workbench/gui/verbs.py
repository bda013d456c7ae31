"""The ways in which the window changes the world, one short function each.

Verbs ask nobody and open nothing: dialogs ask, then call these. All of them raise WorkbenchError with a
sentence for the person when the world does not let them.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from workbench.errors import WorkspaceError
from workbench.events import Command, State
from workbench.journal import Journal, Run
from workbench.paths import explain
from workbench.spec import Recipe

#: For how long only the warm engine may take a new run before the keeper starts another engine.
RESERVE_SECONDS = 3.0


def create_run(journal: Journal, recipe: Recipe, preset: str, *, for_warm_engine: bool) -> Run:
    """A new run of the recipe, queued; reserved for the warm engine if it is to be offered to one."""
    return journal.create_run(recipe, preset=preset, reserve_seconds=RESERVE_SECONDS if for_warm_engine else 0.0)


def stop(journal: Journal, run: str) -> None:
    """Ask a run to finish its epoch and keep its weights."""
    journal.ask(run, Command.STOP)


def stop_now(journal: Journal, run: str) -> None:
    """Ask a run to stop at once and keep what is best so far."""
    journal.ask(run, Command.STOP_NOW)


def discard(journal: Journal, run: str) -> None:
    """Stop a run at once and delete it; one that has ended meanwhile is deleted."""
    if not journal.ask(run, Command.DISCARD):
        delete(journal, journal.run(run))


def rename(journal: Journal, run: str, name: str) -> None:
    """Give a run another name; an empty one is refused."""
    name = " ".join(name.split())
    if not name:
        raise WorkspaceError("A run needs a name. Type one, or keep the old name.")
    journal.rename_run(run, name)


def delete(journal: Journal, run: Run) -> None:
    """Delete an ended run: its folder with recipe, log and weights, and its row in the table."""
    if run.state is not State.ENDED:
        raise WorkspaceError(f"{run.name} has not ended. Stop it first, or discard it.")
    folder = journal.workspace.run_folder(run.id)
    try:
        if folder.exists():
            shutil.rmtree(folder)
    except OSError as error:
        raise WorkspaceError(explain(error, folder)) from error
    journal.discard_ended(run.id)


def open_folder(journal: Journal, run: str) -> None:
    """Show a run's folder in the system's file manager."""
    open_path(str(journal.workspace.run_folder(run)))


def open_path(path: str) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(path))


@dataclass(frozen=True)
class Loss:
    """What is lost when a run is deleted."""

    epochs: int
    checkpoints: int
    size: int


def what_is_lost(journal: Journal, run: Run) -> Loss:
    """What deleting a run would take away."""
    folder = journal.workspace.run_folder(run.id)
    files = [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []
    weights = [path for path in files if path.name == "weights.safetensors"]
    return Loss(run.epochs, len(weights), sum(path.stat().st_size for path in files))
