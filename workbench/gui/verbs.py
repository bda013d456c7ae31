"""The ways in which the window changes the world, one short function each.

Verbs ask nobody and open nothing: dialogs ask, then call these. All of them raise WorkbenchError with a
sentence for the person when the world does not let them.
"""

from __future__ import annotations

from collections.abc import Sequence

from workbench.errors import WorkspaceError
from workbench.events import Command
from workbench.gui.file_manager import open_path
from workbench.journal import Journal, Run, shown, trash
from workbench.spec import Recipe

#: For how long only the warm engine may take a new run before the keeper starts another engine.
RESERVE_SECONDS = 3.0


def create_run(journal: Journal, recipe: Recipe, preset: str, name: str = "", *, for_warm_engine: bool) -> Run:
    """A new run of the recipe, queued; reserved for the warm engine if it is to be offered to one."""
    return journal.create_run(recipe, name, preset, reserve_seconds=RESERVE_SECONDS if for_warm_engine else 0.0)


def stop(journal: Journal, run: str) -> None:
    """Ask a run to finish its epoch and keep its weights."""
    journal.ask(run, Command.STOP)


def stop_now(journal: Journal, run: str) -> None:
    """Ask a run to stop at once and keep what is best so far."""
    journal.ask(run, Command.STOP_NOW)


def discard(journal: Journal, run: str) -> None:
    """Stop a run at once and delete it for good; one that has ended meanwhile is deleted as well."""
    if journal.ask(run, Command.DISCARD):
        return
    left = trash.destroy(journal, run).left
    if left:
        raise WorkspaceError(left)


def rename(journal: Journal, run: str, name: str) -> None:
    """Give a run another name; an empty one is refused."""
    name = " ".join(name.split())
    if not name:
        raise WorkspaceError("A run needs a name. Type one, or keep the old name.")
    journal.rename_run(run, name)


def show_in_plots(journal: Journal, runs: Sequence[str]) -> None:
    """Open the eyes of runs: their curves are drawn beside the others."""
    shown.show(journal, runs)


def hide_in_plots(journal: Journal, runs: Sequence[str]) -> None:
    """Close the eyes of runs."""
    shown.hide(journal, runs)


def compare(journal: Journal, runs: Sequence[str]) -> None:
    """Open the eyes of these runs and close all others."""
    shown.show_only(journal, runs)


def set_baseline(journal: Journal, run: str) -> None:
    """Measure the others against this run; against none when it is empty."""
    shown.set_baseline(journal, run)


def delete(journal: Journal, run: Run) -> None:
    """Put an ended run into the trash; nothing of it is lost until that is emptied."""
    trash.put(journal, run.id)


def open_folder(journal: Journal, run: str) -> None:
    """Show a run's folder in the system's file manager."""
    open_path(str(journal.workspace.run_folder(run)))
